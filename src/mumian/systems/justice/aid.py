"""Naming a lawyer for legal aid: who is next on the roster, with reasons, and the act itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from mumian.engine.decide import may
from mumian.engine.looking import Look, look
from mumian.engine.numbers import read_number
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import SYSTEM, Actor
from mumian.place.codes import Level, cut
from mumian.systems.justice.assigning import Candidate, Case, Lawyer, ranked
from mumian.systems.justice.models import Counsel
from mumian.web import presenting, words
from mumian.web.shown import Panel

LEGAL_AID = "legal-aid"
SHOWN = 5


def panels(seen: Look) -> list[Panel]:
    """On a matter of legal aid: who is next where a lawyer is to be named; for the lawyer, the way to the mandate."""
    if seen.compiled.definition.procedure != LEGAL_AID:
        return []
    own = seen.actor.person is not None and seen.matter.data.get("lawyer") == seen.actor.person.hex
    if own and seen.matter.state == "assigned":
        url = f"{reverse('justice:mandate-new')}?about={seen.matter.id.hex}"
        return [Panel("justice/part_to_mandate.html", {"url": url})]
    if not may_name(seen):
        return []
    url = reverse("justice:name-lawyer", args=[seen.matter.number])
    found = candidates(seen)
    return [Panel("justice/part_aid.html", {"candidates": found[:SHOWN], "all": len(found), "url": url})]


def may_name(seen: Look) -> bool:
    """Whether the actor may name a lawyer now."""
    now, world = timezone.now(), city().world
    return may(seen.compiled, seen.matter, "assign", actor=seen.actor, now=now, world=world) is None


def candidates(seen: Look) -> list[Candidate]:
    """Those on the roster who may be named for it, whoever is next first."""
    matter, data = seen.matter, seen.matter.data
    here = cut(matter.place, Level.DISTRICT)
    roster = Counsel.objects.filter(active=True, aid=True, place__in=_above(here, matter.place))
    loads = _loads(matter.unit)
    lawyers = [
        Lawyer(
            person=each.person_id, name=each.person.name, firm=each.firm, fields=tuple(each.fields),
            languages=tuple(each.languages), place=each.place, capacity=each.capacity,
            load=loads.get(each.person_id.hex, 0), turn_at=each.turn_at,
        )
        for each in roster.select_related("person")
    ]  # fmt: skip
    before = {holder.person for holder in matter.holders if holder.party == "lawyer" and holder.person}
    case = Case(matter.category, matter.place, str(data.get("language") or ""), frozenset(before))
    return ranked(lawyers, case)


def _above(district: str, place: str) -> list[str]:
    """The places one in which a lawyer takes cases has this one in it."""
    return sorted({place[:n] for n in (2, 4, 6, 9, 12, len(place)) if n <= len(place)} | {district})


def _loads(unit: int | None) -> dict[str, int]:
    open_ = visible(SYSTEM).filter(unit_id=unit, state="assigned", closed_at=None, procedure=LEGAL_AID)
    return dict(open_.values_list("data__lawyer").annotate(count=Count("pk")))


@never_cache
@require_POST
def name_lawyer(request: HttpRequest, number: str) -> HttpResponse:
    """Names the lawyer who was chosen; the reasons are kept with the act."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.person is None:
        return redirect_to_login(reverse("web:matter", args=[number]))
    normal = read_number(number)
    rows = visible(actor).filter(number=normal, procedure=LEGAL_AID) if normal else visible(actor).none()
    key = rows.values_list("pk", flat=True).first()
    seen = look(actor, key) if key else None
    if seen is None:
        raise Http404
    chosen = next((each for each in candidates(seen) if each.lawyer.person.hex == _chosen(request)), None)
    if chosen is None:
        messages.error(request, _("This lawyer cannot be named now. Choose another."))
        return redirect("web:matter", seen.matter.number)
    data: dict[str, Any] = {"lawyer": chosen.lawyer.person.hex, "why": words.in_words(chosen.why)}
    [result] = perform([Act("assign", actor, data, seen.matter.id)])
    if isinstance(result, Refused):
        messages.error(request, " ".join(presenting.said(result.reasons)))
    else:
        messages.success(request, _("%(lawyer)s was named.") % {"lawyer": chosen.lawyer.name})
    return redirect("web:matter", seen.matter.number)


def _chosen(request: HttpRequest) -> str:
    try:
        return UUID(request.POST.get("lawyer", "")).hex
    except ValueError:
        return ""
