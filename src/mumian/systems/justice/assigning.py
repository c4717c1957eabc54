"""Which lawyer is next for legal aid: by field, place and language, room, turn and load, each with its reason. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from mumian.place.codes import within

FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lawyer:
    """One on the roster, as the turn sees him or her."""

    person: UUID
    name: str
    firm: str
    fields: tuple[str, ...]
    languages: tuple[str, ...]
    place: str
    capacity: int
    load: int
    turn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked for: the kind of offence, where, in which language; who has defended or refused it before."""

    offence: str
    place: str
    language: str = ""
    before: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may be named, with the reasons in each language, the best first among all."""

    lawyer: Lawyer
    zh: tuple[str, ...]
    en: tuple[str, ...]

    @property
    def why(self) -> dict[str, str]:
        """The reasons in one sentence."""
        return {"zh": "，".join(self.zh), "en": ", ".join(self.en)}


def ranked(lawyers: Iterable[Lawyer], case: Case) -> list[Candidate]:
    """Those who may be named, whoever is next first: one's field, then who has waited longest, then the least load.

    Not named is who works elsewhere, has no room, does not speak the language, or has had the case before.
    """
    fitting = [lawyer for lawyer in lawyers if _may(lawyer, case)]
    fitting.sort(
        key=lambda each: (not _in_field(each, case), each.turn_at or FIRST, each.load, each.person.int)
    )
    return [_with_reasons(lawyer, case) for lawyer in fitting]


def _may(lawyer: Lawyer, case: Case) -> bool:
    return (
        lawyer.load < lawyer.capacity
        and within(case.place, lawyer.place)
        and (not case.language or case.language in lawyer.languages)
        and lawyer.person not in case.before
    )


def _in_field(lawyer: Lawyer, case: Case) -> bool:
    return any(case.offence == each or case.offence.startswith(f"{each}.") for each in lawyer.fields)


def _with_reasons(lawyer: Lawyer, case: Case) -> Candidate:
    zh, en = [], []
    if _in_field(lawyer, case):
        zh.append("专长对口")
        en.append("the field fits")
    if lawyer.turn_at is None:
        zh.append("尚未轮到过")
        en.append("has had no turn yet")
    else:
        zh.append(f"上次轮到：{lawyer.turn_at:%Y-%m-%d}")
        en.append(f"last turn on {lawyer.turn_at:%Y-%m-%d}")
    zh.append(f"在办 {lawyer.load} 件，可办 {lawyer.capacity} 件")
    en.append(f"{lawyer.load} of at most {lawyer.capacity} in hand")
    return Candidate(lawyer, tuple(zh), tuple(en))
