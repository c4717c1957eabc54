"""What can be wrong with a row of a file: a closed list, each with reason and cure in both languages."""

from dataclasses import dataclass
from enum import StrEnum

from mumian.engine.compiled import Reason
from mumian.engine.definition import Words


class Fault(StrEnum):
    """What is wrong."""

    TOO_FEW_CELLS = "too-few-cells"
    TOO_MANY_CELLS = "too-many-cells"
    OPEN_QUOTE = "open-quote"
    STRAY_QUOTE = "stray-quote"
    NUL = "nul"
    BAD_BYTES = "bad-bytes"
    EMPTY = "empty"
    UNKNOWN_WORD = "unknown-word"
    REFUSED_WORD = "refused-word"
    NO_MATCH = "no-match"
    BAD_TIME = "bad-time"
    BAD_NUMBER = "bad-number"
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"
    OUT_OF_ORDER = "out-of-order"
    HALF_A_POINT = "half-a-point"
    BAD_DEGREES = "bad-degrees"
    OUTSIDE = "outside"
    NO_PLACE = "no-place"
    CLOSED_WITHOUT_TIME = "closed-without-time"
    OPEN_WITH_TIME = "open-with-time"
    ON_TIME_DIFFERS = "on-time-differs"
    CUT = "cut"
    NOT_ALLOWED = "not-allowed"
    KEY_REPEATED = "key-repeated"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a row. `column` is empty where the row as a whole is concerned."""

    fault: Fault
    column: str
    value: str
    reason: Words
    cure: Words

    @classmethod
    def refused(cls, action: str, reason: Reason) -> "Problem":
        """What the engine says of an act that a row leads to."""
        cure = {"zh": "请检查映射文件与流程是否相符", "en": "Hold the mapping against the procedure"}
        return cls(Fault.NOT_ALLOWED, reason.field or action, "", {"zh": reason.zh, "en": reason.en}, cure)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that cannot go in: its first line, and everything that is wrong with it."""

    line: int
    problems: tuple[Problem, ...]


class Found:
    """What was found in reading a row: what keeps it out, and what is only odd about it."""

    __slots__ = ("notes", "wrong")

    def __init__(self) -> None:
        self.wrong: list[Problem] = []
        self.notes: list[Problem] = []


def problem(fault: Fault, column: str, value: str, **said: object) -> Problem:
    """A problem in the words of its fault. `said` fills what the words leave open."""
    zh, en, cure_zh, cure_en = _WORDS[fault]
    return Problem(
        fault,
        column,
        value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…",
        {"zh": zh.format(**said), "en": en.format(**said)},
        {"zh": cure_zh.format(**said), "en": cure_en.format(**said)},
    )


_SHOWN = 200  # characters of a value in a report of rejections

_WORDS: dict[Fault, tuple[str, str, str, str]] = {
    Fault.KEY_REPEATED: (
        "与本批前面某行的编号相同，未再导入",
        "the same key stands in an earlier row, so it is not taken in again",
        "核对编号；若确为另一件事，请改用不同编号",
        "Check the key; give another one if it is another matter",
    ),
    Fault.TOO_FEW_CELLS: (
        "此行（第 {lines} 行）只有 {cells} 格，表头有 {width} 列",
        "the row (line {lines}) has {cells} cells, the header {width}",
        "检查是否缺少分隔符，或含换行的文字未加引号",
        "Look for a missing delimiter, or for a line break in a text without quotes",
    ),
    Fault.TOO_MANY_CELLS: (
        "此行（第 {lines} 行）有 {cells} 格，表头只有 {width} 列",
        "the row (line {lines}) has {cells} cells, the header {width}",
        "含分隔符的文字须加引号",
        "Put a text that holds the delimiter in quotes",
    ),
    Fault.OPEN_QUOTE: (
        "引号没有闭合",
        "a quotation mark is opened and not closed",
        "整格文字用引号括起，文字中的引号写两次",
        "Close it; write a quotation mark within a text twice",
    ),
    Fault.STRAY_QUOTE: (
        "闭合的引号后还有文字",
        "text follows a closing quotation mark",
        "整格文字用引号括起，文字中的引号写两次",
        "Put the whole text in quotes; write a quotation mark within it twice",
    ),
    Fault.NUL: (
        "含有空字节（NUL）",
        "it holds a NUL character",
        "在原系统中改正后重新导出",
        "Mend it where it comes from and export again",
    ),
    Fault.BAD_BYTES: (
        "含有不是 UTF-8 的字节 {bytes}",
        "it holds bytes that are not UTF-8: {bytes}",
        "在原系统中改正后重新导出",
        "Mend it where it comes from and export again",
    ),
    Fault.EMPTY: (
        "没有内容",
        "it is empty",
        "补上此值",
        "Fill it in",
    ),
    Fault.UNKNOWN_WORD: (
        "不在对照表中；已知：{known}",
        "it is not in the code table, which knows {known}",
        "改正此值，或在映射文件 `{key}` 中补上",
        "Correct it, or add it to `{key}` of the mapping",
    ),
    Fault.REFUSED_WORD: (
        "此值只是占位，不是真实内容",
        "it is a placeholder, not a value",
        "填入真实值，或留空",
        "Fill in the true value, or leave it empty",
    ),
    Fault.NO_MATCH: (
        "格式不符：{pattern}",
        "it does not have the form {pattern}",
        "按此格式改正",
        "Write it in that form",
    ),
    Fault.BAD_TIME: (
        "不是日期时间，或格式不是 {formats}",
        "it is not a date or time written as {formats}",
        "按此格式改正，或在映射文件 `{key}` 中补上它的格式",
        "Write it so, or add its format to `{key}` of the mapping",
    ),
    Fault.BAD_NUMBER: (
        "不是数字",
        "it is not a number",
        "只写数字",
        "Write digits alone",
    ),
    Fault.TOO_EARLY: (
        "{time_zh}早于 {bound}",
        "the {time} time is before {bound}",
        "核对日期，尤其是年份",
        "Check the date, above all the year",
    ),
    Fault.TOO_LATE: (
        "{time_zh}晚于 {bound}",
        "the {time} time is after {bound}",
        "核对日期，尤其是年份；并核对时区",
        "Check the date, above all the year, and the time zone",
    ),
    Fault.OUT_OF_ORDER: (
        "{then_zh}早于{first_zh}（{bound}）",
        "the {then} time is before the {first} time, {bound}",
        "核对两个日期，尤其是月与日的次序",
        "Check both dates, above all the order of day and month",
    ),
    Fault.HALF_A_POINT: (
        "经度、纬度只有其一",
        "of longitude and latitude only one is given",
        "补上另一个，或两者都留空",
        "Fill in the other, or leave both empty",
    ),
    Fault.BAD_DEGREES: (
        "经度应在 ±180、纬度应在 ±90 之间",
        "a longitude lies within ±180 and a latitude within ±90",
        "检查经度与纬度是否颠倒，单位是否为度",
        "See whether the two are exchanged, or not in degrees",
    ),
    Fault.OUTSIDE: (
        "不在 {bounds} 范围内",
        "it lies outside {bounds}",
        "检查经度与纬度是否颠倒、坐标系是否正确",
        "See whether the two are exchanged, and which coordinate system it is",
    ),
    Fault.NO_PLACE: (
        "没有说明地点",
        "it says no place",
        "补上街道、社区或坐标",
        "Fill in the town, the community or the coordinates",
    ),
    Fault.CLOSED_WITHOUT_TIME: (
        "已办结，但没有办结时间，也没有说明是否按期",
        "it is closed, but neither a close time nor whether it was in time is given",
        "补上办结时间，或改正状态",
        "Fill in the close time, or correct the status",
    ),
    Fault.OPEN_WITH_TIME: (
        "有办结时间，但状态不是已办结",
        "it has a close time, but its status is not a closed one",
        "改正状态，或删去办结时间",
        "Correct the status, or remove the close time",
    ),
    Fault.ON_TIME_DIFFERS: (
        "与办结时间、应办结时间不一致；以时间为准",
        "it differs from the close and due times, which count",
        "核对三者",
        "Check the three of them",
    ),
    Fault.CUT: (
        "超过 {max} 字，已截短",
        "it is longer than {max} characters and was cut",
        "全文见原文件",
        "The file has the whole text",
    ),
}
