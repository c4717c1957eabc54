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
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.database.rows import prepared_cursor
from mumian.engine.looking import look
from mumian.engine.matter import Matter
from mumian.engine.models import Matter as Row
from mumian.engine.perform import Act, Refused, Result, keyed_id, perform
from mumian.engine.rules import FOLLOWING
from mumian.engine.visible import visible
from mumian.errors import MumianError
from mumian.people.actor import SYSTEM
from mumian.place.loading import current_atlas
from mumian.record.models import Entry
from mumian.systems.response.choosing import Chosen
from mumian.systems.response.models import Alert, Position
from mumian.systems.response.nearest import Spot, array, nearest
from mumian.systems.response.rings import Ring, answer_within, rings
from mumian.systems.response.rules import ALERT, GO_ON, INCIDENT

LONGEST_TITLE = 1000
GRAVE, USUAL = "01", "serious"


class Overtaken(RuntimeError):
    """The incident was ended while units were chosen for it: none of it is stored, and it is looked at again."""


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
            at.look_again(wake)
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


def reserve(
    chosen: Sequence[Chosen], incident: UUID, now: datetime, *, drill: bool = False
) -> list[tuple[Alert, Chosen]]:
    """Takes units for an incident in one statement; those that another has just taken stay with that, and are left out."""
    if not chosen:
        return []
    by = now + timedelta(seconds=answer_within())
    number = {ring.minutes * 60: ring.number for ring in rings()}
    alerts = [
        Alert(
            matter=keyed_id(ALERT, incident.hex, str(each.unit)), incident=incident, unit_id=each.unit,
            ring=number[each.limit], seconds=each.seconds, drill=drill, alerted_at=now, answer_by=by,
        )
        for each in chosen
    ]  # fmt: skip
    columns = zip(*((each.matter, each.unit_id, each.ring, each.seconds) for each in alerts), strict=True)
    with prepared_cursor() as cursor:
        cursor.execute(_RESERVE, [incident, drill, now, by, *map(array, columns)])
        taken = {unit for (unit,) in cursor.fetchall()}
    return [both for both in zip(alerts, chosen, strict=True) if both[1].unit in taken]


_RESERVE = """
    INSERT INTO response_alert (incident, drill, alerted_at, answer_by, matter, unit_id, ring, seconds, state)
    SELECT %s, %s, %s, %s, matter, unit, ring, seconds, 'alerted'
    FROM unnest(%s::uuid[], %s::bigint[], %s::smallint[], %s::integer[]) chosen (matter, unit, ring, seconds)
    ORDER BY unit  -- in one order, so that none waits in a circle
    ON CONFLICT DO NOTHING RETURNING unit_id
"""


def gravity_of(matter: Matter | Row) -> str:
    """How grave it is; where nobody has said so, violence is taken for grave and the rest for serious."""
    said = matter.data.get("gravity")
    return str(said) if said else "grave" if matter.category.startswith(GRAVE) else USUAL


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
        self.opened = int(matter.data.get("ring") or 0)
        """How many rings are open."""
        self.new = not self.opened
        """Whether nobody was called before this look."""
        rows = Alert.objects.filter(incident=matter.id).order_by("alerted_at", "seconds")
        self.alerts = [] if self.new else list(rows)

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
    def drill(self) -> bool:
        return bool(self.matter.data.get("drill"))

    def _do(self, acts: Sequence[Act]) -> list[Result]:
        return perform(acts, now=self.now, quiet=self.quiet)

    # What the record says

    def settle(self) -> None:
        """Brings the alerts that have not ended in step with the record; who is done is free again."""
        live = {alert.matter: alert for alert in self.live}
        if not live:
            return
        rows = visible(SYSTEM).filter(pk__in=live).values_list("pk", "state", "closed_at")
        moved = {}
        for key, state, closed_at in rows:
            if live[key].state != state:
                moved[key] = live[key]
                moved[key].state, moved[key].ended_at = state, closed_at
        if not moved:
            return
        done = Entry.objects.filter(subject__in=moved, action__in=_TIMES).order_by("seq")
        for subject, action, at in done.values_list("subject", "action", "at"):
            setattr(moved[subject], _TIMES[action], at)
        Alert.objects.bulk_update(moved.values(), ["state", "ended_at", *_TIMES.values()])
        if ended := [alert.matter for alert in moved.values() if alert.ended_at]:
            Position.objects.filter(alert__in=ended).delete()

    # What is due

    def call_back(self) -> None:
        """It is over: all who are still called are free again."""
        if live := self.live:
            self._do([Act("recall", SYSTEM, {}, alert.matter) for alert in live])
            self.settle()

    def let_go(self) -> None:
        """Those who did not answer in time are no longer waited for."""
        late = [alert for alert in self.live if alert.state == "alerted" and alert.answer_by <= self.now]
        if late:
            self._do([Act("ring", SYSTEM, {"clock": "acknowledge"}, alert.matter) for alert in late])
            self.settle()

    def greet(self) -> None:
        """The first on the scene is noted with the incident."""
        if self.matter.state == "raised" and any(alert.on_scene_at for alert in self.alerts):
            self._do([Act("attend", SYSTEM, {}, self.matter.id)])

    def call(self) -> None:
        """Opens rings whose time has come and calls units in them, until enough are called or nobody is left.

        What is opened and who is called at once is stored together.
        """
        acts: list[Act] = []
        while (coming := self._coming()) and self._is_due(coming) and not self.attended:
            acts.append(self._widen(coming, "time"))
        called, too_few = self._fill()
        while too_few and not self.live and (coming := self._coming()) and not self.attended:
            acts.append(self._widen(coming, "nobody"))
            called, too_few = self._fill()
        acts += [self._alert(alert, each) for alert, each in called]
        refused = [each for each in self._do(acts) if isinstance(each, Refused)] if acts else []
        if called and refused:
            raise Overtaken(refused[0].reasons[0].en)

    def next_look(self) -> datetime | None:
        """The second at which something falls due."""
        moments = [alert.answer_by for alert in self.live if alert.state == "alerted"]
        if not self.attended and (coming := self._coming()) and (due := self._due(coming)):
            moments.append(due)
        return min((moment for moment in moments if moment > self.now), default=None)

    def look_again(self, wake: datetime) -> None:
        """Has a job look again at the very second; once, for whoever looks holds the incident."""
        lock = f"{GO_ON} {self.matter.id.hex} {wake.isoformat(timespec='seconds')}"
        task = app.configure_task(GO_ON, schedule_at=wake, queueing_lock=lock)
        queued = ProcrastinateJob.objects.filter(queueing_lock=lock, status="todo")
        if (self.new and self.opened) or not queued.exists():
            task.defer(incident=self.matter.id.hex)

    def _coming(self) -> Ring | None:
        """The ring that is opened next, if there is one."""
        return next((ring for ring in rings() if ring.number > self.opened), None)

    def _due(self, ring: Ring) -> datetime | None:
        after, raised = ring.after[gravity_of(self.matter)], self.matter.opened_at
        return None if after is None or raised is None else raised + timedelta(seconds=after)

    def _is_due(self, ring: Ring) -> bool:
        due = self._due(ring)
        return due is not None and due <= self.now

    def _widen(self, ring: Ring, why: str) -> Act:
        self.opened = ring.number
        return Act("widen", SYSTEM, {"ring": ring.number, "why": why}, self.matter.id)

    def _fill(self) -> tuple[list[tuple[Alert, Chosen]], bool]:
        """Takes units in the open rings as far as they are wanted; whether there are still too few."""
        taken: list[tuple[Alert, Chosen]] = []
        if self.attended and self.matter.data.get("why") != "more":
            return taken, False
        lon, lat = spot_of(self.matter)
        spot = Spot(lon, lat, self.matter.category, self.drill)
        while wanted := self._wanted():
            tried = [alert.unit_id for alert in self.alerts]
            found = nearest(
                spot,
                self.now,
                {ring.minutes * 60: n for ring, n in wanted.items()},
                without=tried,
                only=self.matter.data.get("taking_part") or (),
            )
            new = reserve(found, self.matter.id, self.now, drill=self.drill)
            self.alerts += [alert for alert, _each in new]
            taken += new
            if len(new) == len(found):  # else another incident was quicker, and others may be nearest now
                return taken, len(found) < sum(wanted.values())
        return taken, False

    def _wanted(self) -> dict[Ring, int]:
        """How many more each open ring wants."""
        called = [alert.ring for alert in self.alerts if alert.state not in _LET_GO]
        open_rings = rings()[: self.opened]
        return {
            ring: ring.units - called.count(ring.number)
            for ring in open_rings
            if ring.units > called.count(ring.number)
        }

    def _alert(self, alert: Alert, each: Chosen) -> Act:
        data = self.matter.data
        said = {
            "what": data.get("what") or self.matter.title, "where": data["where"], "gravity": gravity_of(self.matter),
            "unit": each.unit, "ring": alert.ring, "seconds": each.seconds, "chosen": each.because,
            "drill": self.drill, "answer_by": alert.answer_by,
        }  # fmt: skip
        if self.matter.category:
            said["category"] = self.matter.category
        return Act(
            "alert", SYSTEM, said, alert.matter,
            opens=ALERT, key="alert", channel=FOLLOWING, parent=self.matter.id,
        )  # fmt: skip
