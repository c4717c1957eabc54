"""Times as files write them: a function for each set of formats, from text to UTC."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import lru_cache, partial
from zoneinfo import ZoneInfo


def time_parser(formats: list[str], zone: ZoneInfo, at: time = time.min) -> Callable[[str], datetime]:
    """A function from text to UTC. It tries the formats in turn, then ISO 8601, and raises `ValueError`.

    A time that does not say its zone is of `zone`; a date alone is that day at `at`. Of an hour that the
    clock shows twice, the first is taken; one that it leaves out is counted on from before the change.
    """
    parsers: list[_Parser] = [*(_format(form, at) for form in formats), partial(_iso, at)]

    @lru_cache(maxsize=4096)
    def parse(text: str) -> datetime:
        for parser in parsers:
            try:
                moment = parser(text)
                return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise ValueError(text)

    return parse


_Parser = Callable[[str], datetime]

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?")
_FIELDS = {
    "%Y": r"(?P<year>\d{4})",
    "%m": r"(?P<month>\d{1,2})",
    "%d": r"(?P<day>\d{1,2})",
    "%H": r"(?P<hour>\d{1,2})",
    "%I": r"(?P<hour>0?[1-9]|1[0-2])",
    "%M": r"(?P<minute>\d{1,2})",
    "%S": r"(?P<second>\d{1,2})",
    "%p": r"(?P<half>[AaPp][Mm]|上午|下午)",
}


def _iso(at: time, text: str) -> datetime:
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return datetime.combine(moment, at) if len(text) == len("2026-11-22") else moment


def _format(form: str, at: time) -> _Parser:
    """A parser for one format: by a pattern, several times as fast as `strptime`, which does the rest."""
    parts = re.split("(%.)", form)
    if not _FIELDS.keys() >= set(parts[1::2]) or len(set(parts[1::2])) < len(parts[1::2]):
        return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 – given its zone by the caller
    pattern = re.compile("".join(_FIELDS.get(part, re.escape(part)) for part in parts))
    dated_only, twelve = "hour" not in pattern.groupindex, "%I" in parts

    def parse(text: str) -> datetime:
        match = pattern.fullmatch(text)
        if not match:
            raise ValueError(text)
        got = match.groupdict()
        half = got.pop("half", None)
        fields = {name: int(digits) for name, digits in got.items()}
        if twelve:
            fields["hour"] = fields["hour"] % 12 + 12 * (half in _AFTERNOON)
        moment = datetime(**fields)  # type: ignore[arg-type]  # noqa: DTZ001 – given its zone by the caller
        return datetime.combine(moment, at) if dated_only else moment

    return parse


_AFTERNOON = {"PM", "pm", "Pm", "pM", "下午"}
