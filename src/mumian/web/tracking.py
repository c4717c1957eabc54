"""How a matter stands, by its number: for anyone its state and dates, for the holder of its link the whole of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.looking import Look, look
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor
from mumian.web import presenting
from mumian.web.history import told_openly


@never_cache
@require_GET
def track(request: HttpRequest) -> HttpResponse:
    """Asks for a number, or tells how the matter with this number stands."""
    asked = request.GET.get("number", "").strip()
    if not asked:
        return render(request, "web/track.html", {"number": ""})
    number = read_number(asked)
    if number is None:
        problem = _("This is not a number, or a character of it is wrong.")
        return render(request, "web/track.html", {"number": asked, "problem": problem}, status=422)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.person is not None and visible(actor).filter(number=number).exists():
        return redirect("web:matter", number)
    found = _open_to_all(number)
    if found is None:
        problem = _("No matter has this number.")
        return render(request, "web/track.html", {"number": asked, "problem": problem}, status=404)
    return render(request, "web/track.html", _openly(found))


def _open_to_all(number: str) -> Look | None:
    """The matter, unless it is confidential: of such a number alone tells nothing, not even that there is one."""
    key = visible(SYSTEM).filter(number=number).values_list("pk", flat=True).first()
    found = look(SYSTEM, key) if key else None
    return None if found is None or found.compiled.definition.confidential else found


def _openly(found: Look) -> dict[str, object]:
    """State, dates and what is due: no words, no place, no names."""
    matter, compiled, now = found.matter, found.compiled, timezone.now()
    events, visited = told_openly(found)
    return {
        "matter": {
            "number": matter.number,
            "procedure": compiled.definition.title,
            "title": compiled.definition.title,
            "state": presenting.state_of(compiled, matter),
        },
        "next": {"acts": [], "said": presenting.what_next(found, now, openly=True)},
        "steps": presenting.steps(compiled, matter, visited),
        "clocks": presenting.clocks(found, now, openly=True),
        "events": events,
    }
