"""Calling help: an incident is looked at and what is due is done, as often as one likes, each thing once.

Whatever happens – raised, answered, missed, on the scene, a server that was away – leads to `go_on`. It holds the
incident, reads where it stands from the record, opens rings whose time has come, calls units, lets those go who did
not answer, and says when it must be looked at next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from mumian.engine.looking import look
from mumian.engine.matter import Matter
from mumian.engine.models import Matter as Row
from mumian.engine.perform import Act, Refused, keyed_id, perform
from mumian.engine.rules import FOLLOWING
from mumian.engine.visible import visible
from mumian.errors import MumianError
from mumian.people.actor import SYSTEM
from mumian.place.loading import current_atlas
from mumian.record.models import Entry
from mumian.systems.response.models import Alert, Position
from mumian.systems.response.nearest import Chosen, Spot, nearest
from mumian.systems.response.rings import Ring, answer_within, rings
from mumian.systems.response.rules import ALERT, GO_ON, INCIDENT

LONGEST_TITLE = 1000
GRAVE, USUAL = "01", "serious"


def go_on(incident: UUID, now: datetime, *, quiet: bool = False) -> datetime | None:
    """Does what is due at an incident; says when it must be looked at again, if ever.

    Looks at the same incident wait for one another, so that nothing is done twice. `quiet` tells nobody and queues
    nothing: for what is long past.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(incident.bytes[:8], signed=True)]
            )
        at = _Incident.load(incident, now, quiet)
        if at is None:
            return None
        at.settle()
        if at.over:
            at.call_back()
            return None
        at.let_go()
        at.greet()
        at.call()
        wake = at.next_look()
        if wake and not quiet:
            _look_again(incident, wake)
        return wake


def open_incidents() -> list[UUID]:
    """Incidents that are not over, oldest first."""
    rows = visible(SYSTEM).filter(procedure=INCIDENT, closed_at=None).order_by("opened_at")
    return list(rows.values_list("pk", flat=True))


def unsettled() -> list[UUID]:
    """Incidents that are over though somebody is still called to them."""
    called = Alert.objects.filter(ended_at=None).values_list("incident", flat=True).distinct()
    ended = visible(SYSTEM).filter(pk__in=list(called)).exclude(closed_at=None)
    return list(ended.values_list("pk", flat=True))


def spot_of(matter: Matter) -> tuple[float, float]:
    """Where it is: its point, else the middle of its place. Degrees."""
    if matter.lon is not None and matter.lat is not None:
        return matter.lon, matter.lat
    centre = current_atlas()[matter.place].centre
    if centre is None:
        raise MumianError(
            f"incident {matter.number}",
            reason="its place has no point and no outline",
            cure="Give it a point on the map",
        )
    return centre


def gravity_of(matter: Matter | Row) -> str:
    """How grave it is; where nobody has said so, violence is taken for grave and the rest for serious."""
    said = matter.data.get("gravity")
    return str(said) if said else "grave" if matter.category.startswith(GRAVE) else USUAL


def _look_again(incident: UUID, wake: datetime) -> None:
    """Has a job look again at the very second, once."""
    lock = f"{GO_ON} {incident.hex} {wake.isoformat(timespec='seconds')}"
    try:
        with transaction.atomic():
            task = app.configure_task(GO_ON, schedule_at=wake, queueing_lock=lock)
            task.defer(incident=incident.hex)
    except AlreadyEnqueued:
        pass


_TIMES = {
    "acknowledge": "acknowledged_at",
    "set-out": "under_way_at",
    "arrive": "on_scene_at",
    "hand-over": "handed_over_at",
}
_LET_GO = {"missed", "declined"}


class _Incident:
    """One incident as it stands, with all who were called to it."""

    def __init__(self, matter: Matter, now: datetime, quiet: bool) -> None:
        self.matter, self.now, self.quiet = matter, now, quiet
        self.alerts = list(Alert.objects.filter(incident=matter.id).order_by("alerted_at", "seconds"))

    @classmethod
    def load(cls, incident: UUID, now: datetime, quiet: bool) -> "_Incident | None":
        seen = look(SYSTEM, incident)
        return cls(seen.matter, now, quiet) if seen and seen.matter.procedure == INCIDENT else None

    @property
    def over(self) -> bool:
        return self.matter.closed_at is not None

    @property
    def live(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.ended_at is None]

    @property
    def attended(self) -> bool:
        """Whether anybody is, or was, on the scene."""
        return any(alert.on_scene_at for alert in self.alerts) or self.matter.state not in ("raised", "")

    @property
    def opened(self) -> int:
        """How many rings are open."""
        return int(self.matter.data.get("ring") or 0)

    @property
    def drill(self) -> bool:
        return bool(self.matter.data.get("drill"))

    def _do(self, acts: Sequence[Act]) -> None:
        perform(acts, now=self.now, quiet=self.quiet)
        self._again()

    def _again(self) -> None:
        seen = look(SYSTEM, self.matter.id)
        assert seen is not None
        self.matter = seen.matter
        self.settle()

    # What the record says

    def settle(self) -> None:
        """Brings the alerts that have not ended in step with the record; who is done is free again."""
        live = {alert.matter: alert for alert in self.live}
        if not live:
            return
        rows = visible(SYSTEM).filter(pk__in=live).values_list("pk", "state", "closed_at")
        for key, state, closed_at in rows:
            live[key].state, live[key].ended_at = state, closed_at
        done = Entry.objects.filter(subject__in=live, action__in=_TIMES).order_by("seq")
        for subject, action, at in done.values_list("subject", "action", "at"):
            setattr(live[subject], _TIMES[action], at)
        Alert.objects.bulk_update(live.values(), ["state", "ended_at", *_TIMES.values()])
        if ended := [alert.matter for alert in live.values() if alert.ended_at]:
            Position.objects.filter(alert__in=ended).delete()

    # What is due

    def call_back(self) -> None:
        """It is over: all who are still called are free again."""
        if live := self.live:
            perform(
                [Act("recall", SYSTEM, {}, alert.matter) for alert in live], now=self.now, quiet=self.quiet
            )
            self.settle()

    def let_go(self) -> None:
        """Those who did not answer in time are no longer waited for."""
        late = [alert for alert in self.live if alert.state == "alerted" and alert.answer_by <= self.now]
        if late:
            self._do([Act("ring", SYSTEM, {"clock": "acknowledge"}, alert.matter) for alert in late])

    def greet(self) -> None:
        """The first on the scene is noted with the incident."""
        if self.matter.state == "raised" and any(alert.on_scene_at for alert in self.alerts):
            self._do([Act("attend", SYSTEM, {}, self.matter.id)])

    def call(self) -> None:
        """Opens rings whose time has come and calls units in them, until enough are called or nobody is left."""
        while (
            (coming := self._coming())
            and (due := self._due(coming))
            and due <= self.now
            and not self.attended
        ):
            self._widen(coming, "time")
        while self._fill() and (coming := self._coming()) and not self.live and not self.attended:
            self._widen(coming, "nobody")

    def next_look(self) -> datetime | None:
        """The second at which something falls due."""
        moments = [alert.answer_by for alert in self.live if alert.state == "alerted"]
        if not self.attended and (coming := self._coming()) and (due := self._due(coming)):
            moments.append(due)
        return min((moment for moment in moments if moment > self.now), default=None)

    def _coming(self) -> Ring | None:
        """The ring that is opened next, if there is one."""
        return next((ring for ring in rings() if ring.number > self.opened), None)

    def _due(self, ring: Ring) -> datetime | None:
        after, raised = ring.after[gravity_of(self.matter)], self.matter.opened_at
        return None if after is None or raised is None else raised + timedelta(seconds=after)

    def _widen(self, ring: Ring, why: str) -> None:
        self._do([Act("widen", SYSTEM, {"ring": ring.number, "why": why}, self.matter.id)])

    def _fill(self) -> bool:
        """Calls units in the open rings as far as they are wanted; whether there are still too few."""
        if self.attended and self.matter.data.get("why") != "more":
            return False
        wanted = self._wanted()
        while need := sum(wanted.values()):
            farthest = max(ring.minutes for ring in wanted) * 60
            lon, lat = spot_of(self.matter)
            tried = [alert.unit_id for alert in self.alerts]
            spot = Spot(lon, lat, self.matter.category, self.drill)
            found = nearest(spot, self.now, within=farthest, most=need, without=tried)
            if not found or not (taken := self._take(_shared_out(found, wanted))):
                return True
            self._alert(taken)
            wanted = self._wanted()
        return False

    def _wanted(self) -> dict[Ring, int]:
        """How many more each open ring wants."""
        called = [alert.ring for alert in self.alerts if alert.state not in _LET_GO]
        open_rings = rings()[: self.opened]
        return {
            ring: ring.units - called.count(ring.number)
            for ring in open_rings
            if ring.units > called.count(ring.number)
        }

    def _take(self, chosen: Sequence[tuple[Chosen, Ring]]) -> list[tuple[Chosen, Ring, Alert]]:
        """Takes units for this incident; one that another incident has just taken stays with that."""
        by = self.now + timedelta(seconds=answer_within())
        taken = []
        with connection.cursor() as cursor:
            for each, ring in sorted(
                chosen, key=lambda one: one[0].unit
            ):  # in one order, so that none waits in a circle
                alert = Alert(
                    matter=keyed_id(ALERT, self.matter.id.hex, str(each.unit)), incident=self.matter.id,
                    unit_id=each.unit, ring=ring.number, seconds=each.seconds, drill=self.drill,
                    alerted_at=self.now, answer_by=by,
                )  # fmt: skip
                cursor.execute(
                    "INSERT INTO response_alert (matter, incident, unit_id, ring, seconds, drill, state, alerted_at, answer_by)"
                    " VALUES (%s, %s, %s, %s, %s, %s, 'alerted', %s, %s) ON CONFLICT DO NOTHING",
                    [
                        alert.matter,
                        alert.incident,
                        each.unit,
                        ring.number,
                        each.seconds,
                        self.drill,
                        self.now,
                        by,
                    ],
                )
                if cursor.rowcount:
                    taken.append((each, ring, alert))
        return taken

    def _alert(self, taken: Sequence[tuple[Chosen, Ring, Alert]]) -> None:
        data, where = self.matter.data, self.matter.data["where"]
        shared = {
            "what": data.get("what") or self.matter.title,
            "where": where,
            "gravity": gravity_of(self.matter),
        }
        if self.matter.category:
            shared["category"] = self.matter.category
        acts = [
            Act(
                "alert", SYSTEM,
                {
                    **shared, "unit": each.unit, "ring": ring.number, "seconds": each.seconds,
                    "chosen": each.because, "drill": self.drill, "answer_by": alert.answer_by,
                },
                alert.matter, opens=ALERT, key="alert", channel=FOLLOWING, parent=self.matter.id,
            )
            for each, ring, alert in taken
        ]  # fmt: skip
        results = perform(acts, now=self.now, quiet=self.quiet)
        refused = [result for result in results if isinstance(result, Refused)]
        if refused:
            raise RuntimeError(f"an alert was refused: {refused[0].reasons[0].en}")
        self.alerts += [alert for _each, _ring, alert in taken]


def _shared_out(found: Sequence[Chosen], wanted: dict[Ring, int]) -> list[tuple[Chosen, Ring]]:
    """Each unit to the nearest ring it can be in that wants one."""
    left, shared = dict(wanted), list[tuple[Chosen, Ring]]()
    for each in found:
        ring = next((ring for ring, n in left.items() if n and each.seconds <= ring.minutes * 60), None)
        if ring is not None:
            left[ring] -= 1
            shared.append((each, ring))
    return shared
