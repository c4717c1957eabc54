"""What the reader can do with a matter of response, each act with its form, on the page of the matter itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from mumian.engine.compiled import Reason
from mumian.engine.looking import Look, look
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.engine.visible import visible
from mumian.people.actor import Actor
from mumian.web import presenting, words
from mumian.web.forms import Form, Sent
from mumian.web.matters import key_sent
from mumian.web.shown import Field, Option
from mumian.web.words import Text

Choices = Mapping[str, Sequence[Option]]
"""By field, what is offered in place of what the form would offer."""


@dataclass(frozen=True, slots=True)
class Doing:
    """An action the reader may take, with its form."""

    name: str
    title: Text
    tone: str
    fields: list[Field]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Failed:
    """A form that was sent and not taken."""

    action: str
    sent: Sent
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Again:
    """Why a page is shown again after something was sent that could not be done; nothing where it is shown first."""

    problem: str = ""
    failed: Failed | None = None
    status: int = 200


FIRST_SHOWN = Again()
Page = Callable[[HttpRequest, Actor, str, Again], HttpResponse]
"""The page of a matter by its number."""


def seen(actor: Actor, procedure: str, number: str) -> Look:
    """The matter of a number, as the reader may see it. Raises `Http404`."""
    key = visible(actor).filter(procedure=procedure, number=number).values_list("pk", flat=True).first()
    found = look(actor, key) if key else None
    if found is None:
        raise Http404
    return found


def doings(
    found: Look, failed: Failed | None = None, *, order: Sequence[str] = (), choices: Choices | None = None
) -> list[Doing]:
    """What the reader may do now, in an order; with what was sent and what was wrong with it."""
    listed = []
    for name, spec in found.possible(timezone.now()).items():
        form = Form(found.compiled, name, found.actor, found.matter)
        again = failed if failed and failed.action == name else None
        fields = form.fields(again.sent, again.reasons) if again else form.fields()
        problems = form.others(again.reasons) if again else []
        listed.append(
            Doing(name, presenting.titled(spec, name), spec.tone, offering(fields, choices or {}), problems)
        )
    return sorted(listed, key=lambda each: order.index(each.name) if each.name in order else len(order))


def offering(fields: Sequence[Field], choices: Choices) -> list[Field]:
    """Fields that offer what they are told to."""
    return [
        replace(field, choices=choices[field.name], groups=()) if field.name in choices else field
        for field in fields
    ]


def do(
    request: HttpRequest, actor: Actor, procedure: str, number: str, action: str, page: Page
) -> Done | HttpResponse:
    """Takes an action on a matter as it was sent; where that is not possible, its page again with the reasons."""
    found = seen(actor, procedure, number)
    if action not in found.possible(timezone.now()):
        return page(request, actor, number, Again(_("This is not possible any more."), status=409))
    sent = Form(found.compiled, action, actor, found.matter).read(request)
    [result] = perform([Act(action, actor, sent.data, found.matter.id, key=key_sent(request))])
    if isinstance(result, Refused):
        return page(request, actor, number, Again(failed=Failed(action, sent, result.reasons), status=422))
    title = words.in_words(presenting.titled(found.compiled.definition.actions[action], action))
    messages.success(request, _("Done: %(action)s") % {"action": title})
    return result
