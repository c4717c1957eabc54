"""The one door by which matters are written: a batch of acts, decided and stored in one transaction.

A click is a batch of one, an import a batch of ten thousand. Acts on the same matter follow one another in
the order given. Concurrency is optimistic: a matter is stored only if its `seq` is still what was loaded; an
act that loses is decided again on what is there now, unless it says which `seq` its actor saw.
"""

import gc
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import uuid_utils.compat as uuid7s
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from mumian.engine import live, queueing, rules, storing
from mumian.engine.compiled import Compiled, Decision, Reason, Refusal
from mumian.engine.counting import next_number
from mumian.engine.decide import decide
from mumian.engine.matter import Matter
from mumian.engine.storing import Work
from mumian.engine.world import City, city
from mumian.people.actor import SYSTEM, Actor
from mumian.record.canonical import canonical
from mumian.record.chain import Entry, link_body
from mumian.record.models import Entry as Row

TRIES = 4
MANY = 200
"""From how many acts on the garbage collector keeps still."""
PORTION = 2000
"""So many acts are stored at a time, while the next are decided; fewer at first, so that storing begins soon."""
DEPTH = 8
"""How far effects may lead to further acts before it is taken for a circle."""
SKEW = timedelta(minutes=2)
"""By so much a client's clock may differ from ours."""
OLDEST_CLAIM = timedelta(days=7)
"""What a client says was done longer ago is not believed."""


class Act(NamedTuple):
    """One thing somebody wants done. Acts and what becomes of them are tuples, because many are made at once."""

    action: str
    actor: Actor
    data: Mapping[str, Any] = MappingProxyType({})
    matter: UUID | None = None
    """The matter; none opens a new one. An id with `opens` opens one under that id."""
    opens: str | None = None
    """The procedure of the matter to be opened."""
    key: str | None = None
    """The client's own key: the same key twice is one act."""
    seen: int | None = None
    """The `seq` the actor saw; if the matter has moved on, the act is refused and says what changed."""
    at: datetime | None = None
    """When it was done, if not now: imports and field work done offline."""
    claimed: bool = False
    """Whether `at` is what a client says: believed only within bounds, and put right by no more than `SKEW`."""
    channel: str = ""
    parent: UUID | None = None
    version: int | None = None
    """The version to go over to, for `migrate`; to open in, for replays."""


class Done(NamedTuple):
    """An act that is stored."""

    matter: UUID
    number: str
    seq: int
    state: str
    repeated: bool = False
    """Whether it had been done before under the same key."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that is not done, and why."""

    matter: UUID | None
    reasons: tuple[Reason, ...]


Result = Done | Refused


def new_id() -> UUID:
    """A fresh id for a matter (UUIDv7)."""
    return uuid7s.uuid7()


def keyed_id(*parts: str) -> UUID:
    """The id of the matter that a client's key names: always the same (UUIDv8, RFC 9562)."""
    digest = hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).digest()
    return UUID(int=int.from_bytes(digest[:16], "big") & _FREE | _VERSION_8)


_VERSION_8 = 0x8 << 76 | 0x2 << 62
_FREE = (1 << 128) - 1 ^ (0xF << 76 | 0x3 << 62)


def perform(acts: Sequence[Act], *, now: datetime | None = None, quiet: bool = False) -> list[Result]:
    """Does the acts and returns what became of each, in their order, once they are stored.

    An act that is refused does not hold up the others, but those after it on the same new matter. `quiet`
    sends no notices: for imports of what is long past. Raises only where nothing at all was stored.
    """
    acts = [_named(act) for act in acts]
    now = now or timezone.now()
    careful = False
    for _ in range(TRIES):
        try:
            return _perform(acts, now, careful=careful, quiet=quiet)
        except storing.Overtaken:
            continue
        except _LookCloser:
            careful = True
        except OperationalError as error:
            if not storing.is_deadlock(error):
                raise
        except IntegrityError as error:
            if not storing.is_repetition(error):
                raise
            careful = True
    return [_too_busy(act) for act in acts]


def _perform(acts: Sequence[Act], now: datetime, *, careful: bool, quiet: bool) -> list[Result]:
    """One try. What many acts lead to is stored in portions, so they have one transaction from the first."""
    whole = transaction.atomic() if len(acts) > PORTION else nullcontext()
    with _uncollected(len(acts)), whole, storing.Behind() as behind:
        batch = _Batch(city(), now, careful=careful, behind=behind)
        results = batch.run(acts)
        if not careful and _perhaps_done_before(acts, results):
            raise _LookCloser
        batch.store(quiet=quiet)
    return results


class _LookCloser(Exception):
    """What was to be opened may be there already: nothing is stored, and all is decided again with a look."""


Sheets = storing.Sheets


class Prepared(NamedTuple):
    """Acts decided in one process, to be stored by another."""

    results: list[Result]
    rows: Sheets


def prepare(acts: Sequence[Act]) -> Prepared | None:
    """What `perform` would do with acts that open matters and go on with them, for `keep` to store.

    So that large imports are decided by several processes and stored by one, in order. Nobody is told anything.
    Gives nothing where the acts lead to more than new rows.
    """
    acts = [_named(act) for act in acts]
    with _uncollected(len(acts)):
        batch = _Batch(city(), timezone.now(), careful=False)
        results = batch.run(acts)
        rows = storing.written_out(batch.changes, batch.turned())
    return None if rows is None else Prepared(results, rows)


def keep(rows: Sheets) -> bool:
    """Stores what was prepared, unless one of its matters has been opened meanwhile: then nothing is stored."""
    try:
        with transaction.atomic():
            storing.store_written(rows)
            live.tell_of_many_after_commit()
    except IntegrityError as error:
        if not storing.is_repetition(error):
            raise
        return False
    return True


def opened(matters: Collection[UUID]) -> set[UUID]:
    """Of these matters, those that have been opened."""
    return storing.known(matters)


@contextmanager
def _uncollected(acts: int) -> Iterator[None]:
    """Keeps the garbage collector still during a large batch, which makes no circles but very many objects."""
    still = acts > MANY and gc.isenabled()
    if still:
        gc.disable()
    try:
        yield
    finally:
        if still:
            gc.enable()


def rehearse(acts: Sequence[Act], *, now: datetime | None = None) -> list[Result]:
    """What `perform` would return, with nothing stored: dry runs and replays."""
    return _Batch(city(), now or timezone.now(), careful=True).run([_named(act) for act in acts])


def _named(act: Act) -> Act:
    """Gives an act that opens a matter the matter's id, from its key if it has one; others a key that can be kept."""
    if act.opens is None:
        return act if act.key is None or _can_be_kept(act.key) else act._replace(key=_digest(act.key))
    if act.matter is not None:
        return act
    if not act.key:
        return act._replace(matter=new_id())
    who = act.actor.person or act.actor.post or act.actor.name  # a post's name depends on the language
    return act._replace(matter=keyed_id(str(who), act.opens, act.key))


def _portions(acts: Sequence[Act]) -> Iterator[Sequence[Act]]:
    """Parts of many acts: at first a quarter of a portion, then a half, then whole ones."""
    start, length = 0, PORTION if len(acts) <= PORTION else PORTION // 4
    while start < len(acts):
        yield acts[start : start + length]
        start, length = start + length, min(2 * length, PORTION)


def _perhaps_done_before(acts: Sequence[Act], results: Sequence[Result]) -> bool:
    """Whether what was refused as new may be a repetition: the same key is answered as it was the first time."""
    return any(
        isinstance(result, Refused) and act.opens and act.key
        for act, result in zip(acts, results, strict=True)
    )


def _can_be_kept(key: str) -> bool:
    return len(key) <= 128 and key.isprintable()


def _digest(key: str) -> str:
    return "sha256:" + hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _too_busy(act: Act) -> Refused:
    words = Reason(
        "busy", "此事项正被多人同时办理，请稍后再试", "Many are working on this at once; try again shortly"
    )
    return Refused(act.matter, (words,))


class _Batch:
    """One transaction's work: what was loaded, what was decided, what is to be stored.

    One that is large is stored in portions, each while the next is decided, if there is a `behind` to do it.
    """

    def __init__(
        self, here: City, now: datetime, *, careful: bool, behind: storing.Behind | None = None
    ) -> None:
        self.city, self.now, self.careful, self.behind = here, now, careful, behind
        self.world = replace(here.world, forms={})
        self.works: dict[UUID, Work] = {}
        self.changes = storing.Changes()
        """What is yet to be stored."""
        self.entries: list[Sequence[Any]] = []
        """What has been stored."""
        self.told: list[queueing.Notice] = []
        self.jobs: list[rules.Job] = []
        self.repeated: dict[tuple[UUID, str], int] = {}
        self.last: dict[UUID, datetime] = {}
        """When matters of claimed acts were last acted on."""
        self.undo: list[tuple[Work, Matter | None]] = []

    def run(self, acts: Sequence[Act]) -> list[Result]:
        self._load(acts)
        results: list[Result] = []
        for portion in _portions(acts):
            if self.behind and results:
                self.entries += self.changes.entries
                self.behind.store(self.changes, self.turned())
                self.changes = storing.Changes()
            results += [self._whole(act) for act in portion]
        return results

    def turned(self) -> list[storing.Turned]:
        """The matters that have changed since they were stored, which now count as stored."""
        return [turned for work in self.works.values() if (turned := work.turned())]

    def store(self, *, quiet: bool) -> None:
        """Stores what is yet to be stored, and queues what follows outside: by one statement, or in a transaction."""
        self.settle()
        self.entries += self.changes.entries
        listened = self.city.installation.listened
        told = not quiet and bool(self.told or self.jobs or listened)
        alone = storing.stored_at_once(self.changes) and not told and not connection.in_atomic_block
        with nullcontext() if alone else transaction.atomic():
            storing.store(self.changes, self.turned())
            if told:
                queueing.queue(self.told)
                queueing.queue_jobs(self.jobs)
                if listened:
                    queueing.publish(self.entries)
            live.tell_after_commit([(work.loaded, work.matter) for work in self.works.values()])

    def settle(self) -> None:
        """Waits until the connection is free."""
        if self.behind:
            self.behind.wait()

    def _load(self, acts: Sequence[Act]) -> None:
        """Loads the matters of acts.

        One to be opened is hardly ever there yet: only when its id has turned out to be taken, `careful` looks.
        """
        wanted = {act.matter for act in acts if act.matter is not None and (not act.opens or self.careful)}
        if not self.careful:
            wanted -= {act.matter for act in acts if act.opens and act.matter is not None}
        for key, matter in storing.load(wanted - self.works.keys()).items():
            self.works[key] = Work(matter)
        keyed = [act for act in acts if (act.claimed or act.key) and act.matter in self.works]
        if keyed:
            keys = [(act.matter, act.key) for act in keyed if act.key and not act.opens]
            self.repeated.update(storing.repetitions(keys))
            claimed = {act.matter for act in keyed if act.claimed and act.matter is not None}
            self.last.update(_last_acted(claimed - self.last.keys()))

    def _whole(self, act: Act) -> Result:
        """Does an act with all its effects, or none of it."""
        self.undo.clear()
        mark = self.changes.mark(), len(self.told), len(self.jobs)
        try:
            return self._do(act)
        except EffectRefused as refused:
            for work, before in reversed(self.undo):
                work.matter = before
            self.changes.cut(mark[0])
            del self.told[mark[1] :]
            del self.jobs[mark[2] :]
            if act.matter and act.key:
                self.repeated.pop((act.matter, act.key), None)
            return Refused(act.matter, refused.reasons)

    def _do(self, act: Act, depth: int = 0) -> Result:
        key = act.matter
        work = self.works.get(key) if key else None
        matter = work.matter if work else None
        if key is None or (matter is None and act.opens is None):
            return _absent(act)
        if act.key and (again := self._repeated(act, matter)):
            return again
        if matter is None and act.version is None and act.opens not in self.city.current:
            return _unpublished(act)
        compiled = self._compiled(act, matter)
        if matter is None:
            matter = Matter(key, compiled.definition.procedure, compiled.version, channel=act.channel)
            matter.parent = act.parent
        elif act.seen is not None and work and act.seen != (work.loaded or matter).seq:
            return Refused(key, (_moved_on(compiled, matter),))
        if act.claimed and act.at:
            timely = _timely(act.at, self.now, self.last.get(key))
            if isinstance(timely, Reason):
                return Refused(key, (timely,))
            act = act._replace(at=timely)
        decision = decide(
            compiled,
            matter,
            act.action,
            actor=act.actor,
            data=act.data,
            now=act.at or self.now,
            world=self.world,
        )
        if isinstance(decision, Refusal):
            return Refused(key, decision.reasons)
        if work is None:
            work = self.works[key] = Work(None)
        return self._keep(act, work, matter, decision, depth)

    def _repeated(self, act: Act, matter: Matter | None) -> Done | None:
        """The same act done before: a matter's id comes from the key that opened it, other acts keep theirs."""
        if act.opens:
            return Done(matter.id, matter.number, 1, matter.state, repeated=True) if matter else None
        seq = self.repeated.get((act.matter, act.key))  # type: ignore[arg-type]
        return Done(matter.id, matter.number, seq, matter.state, repeated=True) if matter and seq else None

    def _compiled(self, act: Act, matter: Matter | None) -> Compiled:
        if act.action == "migrate" and matter is not None:
            return self.city.procedure(matter.procedure, act.version)
        if matter is not None:
            return self.city.procedure(matter.procedure, matter.version)
        assert act.opens is not None
        return self.city.procedure(act.opens, act.version)

    def _keep(self, act: Act, work: Work, before: Matter, decision: Decision, depth: int) -> Result:
        after = decision.matter
        if not after.number:
            after.number = next_number(self.city.key, ready=self.settle)
        after.seq = before.seq + 1
        entry = Entry(
            after.id,
            after.seq,
            act.at or self.now,
            decision.action,
            act.actor.person,
            act.actor.post,
            decision.body,
            None if act.opens else act.key,
        )
        if self.last and after.id in self.last:
            self.last[after.id] = entry.at
        body = canonical(decision.body)
        after.head = link_body(entry, body, before.head)
        self.undo.append((work, work.matter))
        work.matter = after
        work.clocks.update(decision.clocks)
        self.changes.add(entry, body, after.head, decision)
        if act.key and not act.opens:
            self.repeated[(after.id, act.key)] = after.seq
        if decision.effects:
            self._cause(act, after, decision.effects, depth)
        return Done(after.id, after.number, after.seq, work.matter.state)

    def _cause(self, act: Act, matter: Matter, effects: Iterable[rules.Effect], depth: int) -> None:
        """Brings about what follows elsewhere. Raises `EffectRefused` where it is not allowed there."""
        if depth > DEPTH:
            words = "此动作引起的后续动作循环不止", f"What follows from {act.action} leads round in a circle"
            raise EffectRefused(matter, (Reason("circle", *words),))
        for number, effect in enumerate(effects):
            match effect:
                case rules.Tell(parties, action):
                    self.told.append(queueing.Notice(matter.id, matter.seq, parties, action))
                    continue
                case rules.Job():
                    self.jobs.append(effect)
                    continue
                case rules.Open(procedure, action, data, unit, part):
                    channel = rules.PART if part else rules.FOLLOWING
                    child = keyed_id(matter.id.hex, str(matter.seq), str(number), str(unit or ""))
                    following = Act(
                        action,
                        SYSTEM,
                        data,
                        child,
                        opens=procedure,
                        at=act.at,
                        channel=channel,
                        parent=matter.id,
                    )
                case rules.Act(other, action, data, at):
                    following = Act(action, SYSTEM, data, other, at=at or act.at)
                    if other not in self.works:
                        self.settle()
                        self._load([following])
            result = self._do(following, depth + 1)
            if isinstance(result, Refused):
                raise EffectRefused(matter, result.reasons)


class EffectRefused(Exception):
    """What an action was to bring about elsewhere is not allowed there, so neither is the action."""

    def __init__(self, matter: Matter, reasons: tuple[Reason, ...]) -> None:
        self.matter, self.reasons = matter, reasons
        super().__init__(f"{matter.number}: " + "; ".join(reason.en for reason in reasons))


def _last_acted(matters: set[UUID]) -> dict[UUID, datetime]:
    """When each was last acted on. A clock that rang since does not make untrue what had been done before."""
    if not matters:
        return {}
    rows = Row.objects.filter(subject__in=matters).exclude(action="ring").order_by("subject", "-seq")
    return dict(rows.distinct("subject").values_list("subject", "at"))


def _timely(at: datetime, now: datetime, last: datetime | None) -> datetime | Reason:
    """The time a client gives for what was done, put right where clocks differ a little, or why it cannot be."""
    if at > now + SKEW:
        words = (
            "办理时间在将来；请核对手机时钟",
            "The time it was done lies ahead; look at the device's clock",
        )
        return Reason("untimely", *words)
    if at < now - OLDEST_CLAIM:
        days = OLDEST_CLAIM.days
        words = (
            f"办理时间早于 {days} 天前，请按现在的时间重新办理",
            f"It was done more than {days} days ago; do it again as of now",
        )
        return Reason("untimely", *words)
    if last and at < last - SKEW:
        words = (
            "办理时间早于此事项的最近一次办理；请看过最新经过再办",
            "It was done before the last thing that happened to this matter; look at what happened and act again",
        )
        return Reason("untimely", *words)
    return min(max(at, last) if last else at, now)


def _absent(act: Act) -> Refused:
    words = Reason("missing", "没有这个事项，或您无权查看", "There is no such matter, or you may not see it")
    return Refused(act.matter, (words,))


def _unpublished(act: Act) -> Refused:
    words = f"没有已发布的流程 {act.opens}", f"No procedure {act.opens} is published here"
    return Refused(act.matter, (Reason("procedure", *words),))


def _moved_on(compiled: Compiled, matter: Matter) -> Reason:
    title = compiled.states[matter.state].title
    return Reason(
        "changed",
        f"此事项刚被他人办理，现为“{title.get('zh', matter.state)}”；请看过最新经过再办",
        f"Somebody else has just acted on this; it is now “{title.get('en', matter.state)}”. "
        "Look at what happened and act again",
    )
