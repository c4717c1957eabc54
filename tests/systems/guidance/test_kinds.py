"""The data of guidance: proved as shipped, and each fault told by file, line and cure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from typer.testing import CliRunner

from mumian.systems.guidance import saying
from mumian.systems.guidance.asking import Misread, kept, next_question, path, read
from mumian.systems.guidance.citing import HERE
from mumian.systems.guidance.commands import app
from mumian.systems.guidance.kinds import UNSURE, BrokenKind, Kind, Question, common, kinds
from mumian.systems.guidance.kinds import read as read_kind
from mumian.systems.guidance.parameters import check as check_figures
from mumian.systems.guidance.parameters import figures
from mumian.systems.guidance.proving import check, prove
from mumian.systems.guidance.reckoning import Reckoned, reckon
from mumian.systems.guidance.showing import deadlines, open_to
from tests.engine.city import china

DAY = date(2023, 6, 30)
D = Decimal
TEXT = (HERE / "kinds" / "severance.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def test_the_25_kinds_are_proved() -> None:
    assert check() == []
    assert len(kinds()) == 25


@pytest.mark.parametrize(
    ("old", "new", "line_of", "what"),
    [
        ("when: {ended: [dismissed]}\n", "when: {ended: [sacked]}\n", "  reason:", "no answer sacked"),
        ("when: {ended: [dismissed]}\n", "when: {start: [dismissed]}\n", "  reason:", "no earlier question"),
        ("when: {reason: [fault]}\n", "when: {reason: [fault], ended: [own]}\n", "  proved:", "never asked"),
        (
            "inputs: {end: end, last_wage: last_wage}",
            "inputs: {end: end}",
            "notice-pay",
            "`last_wage` is not given",
        ),
        (
            "inputs: {end: end, last_wage: last_wage}",
            "inputs: {end: end, last_wage: pay}",
            "notice-pay",
            "no question `pay`",
        ),
        (
            '{calculator: notice-pay, when: {notice: ["no"]}, inputs: {end: end',
            "{calculator: notice-pay, inputs: {end: end",
            "notice-pay",
            "last_wage, which is not asked",
        ),
        ("calculator: notice-pay", "calculator: notice", "calculator: notice,", "no calculator `notice`"),
        ("cites: [lcl 40]", "cites: [xyz 40]", "cites: [xyz", "is not an article of a law"),
        ("ways: [talk,", "ways: [walk,", "ways:", "no `walk`"),
        (
            "limits: [{rule: labour, known: end}]",
            "limits: [{rule: labour, known: wage}]",
            "limits:",
            "no day",
        ),
        ("short: {zh: 结束方式,", "short: {zh: Ended,", "    short: {zh: Ended", "no Chinese in it"),
        (
            "{calculator: severance, when: {ended: [agreed, expired, forced]}",
            "{calculator: severance, when: {ended: [agreed, expired, forced, dismissed]}",
            "when: {ended: [dismissed], reason",
            "used twice",
        ),
    ],
)
def test_a_fault_is_told_by_line(old: str, new: str, line_of: str, what: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    found = prove(*read_kind(text, "mine.yaml"))
    lines = text.splitlines()
    assert any(what in problem.what and line_of in lines[problem.line - 1] for problem in found), found
    assert all(problem.cure for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("title: {zh: 被辞退、离职补偿, en:", "title: {zh: '', en:", "not said in: zh"),
        ("group: work", "group: work\ncolour: red", "colour"),
        ("lead:", "lead", "YAML"),
    ],
)
def test_what_cannot_be_read_names_its_line(old: str, new: str, what: str) -> None:
    with pytest.raises(BrokenKind) as broken:
        read_kind(TEXT.replace(old, new, 1), "mine.yaml")
    assert what in str(broken.value)
    assert "mine.yaml:" in str(broken.value)


def test_a_file_of_figures_is_checked(tmp_path: Path, settings: Any) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(
        """area: "4401"
parameters:
  average-wage:
    values:
      - {from: 2024-01-01, until: 2024-12-31, value: 13000, source: Statistics}
      - {from: 2024-06-01, value: 14000, source: Statistics}
      - {from: 2030-01-01, until: 2029-01-01, value: 0}
  average-rage: {values: []}
""",
        encoding="utf-8",
    )
    said = "\n".join(map(str, check_figures(file)))
    for what in (
        "overlaps",
        "ends before it begins",
        "says no source",
        "no amount above zero",
        "average-rage",
    ):
        assert what in said


def test_a_citys_own_file_takes_the_place_of_the_example(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    assert figures().on("average-wage", DAY).value == 12_694
    (tmp_path / "guidance").mkdir()
    (tmp_path / "guidance" / "ours.yaml").write_text(
        'area: "4401"\nparameters:\n'
        "  average-wage: {values: [{from: 2023-01-01, value: 9000, source: ours}]}\n"
        "  lpr: {values: [{from: 2025-12-22, until: 2026-12-31, value: 0.03, source: ours}]}\n",
        encoding="utf-8",
    )
    assert figures().on("average-wage", DAY).value == 9_000
    assert "minimum-wage" not in figures().values
    assert figures().on("lpr", date(2026, 5, 1)).value == D("0.03")
    assert figures().on("lpr", DAY).value == D("0.0355")


# --- asking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "given", "answer"),
    [
        ("money", {"answer": "5,000"}, "5000"),
        ("money", {"answer": "３万元"}, "30000"),
        ("money", {"answer": "6000-4000"}, "4000..6000"),
        ("money", {"answer": "4000 到 6000"}, "4000..6000"),
        ("percent", {"answer": "1.5%"}, "1.5"),
        ("date", {"year": "2023"}, "2023"),
        ("date", {"year": "2023", "month": "2"}, "2023-02"),
        ("date", {"year": "２０２３", "month": "2", "day": "28"}, "2023-02-28"),
        ("date", {"unsure": "1"}, UNSURE),
        ("yesno", {"answer": "yes"}, "yes"),
    ],
)
def test_an_answer_is_read(sort: Any, given: dict[str, str], answer: str) -> None:
    words = {"zh": "问", "en": "Q"}
    assert read(Question(ask=words, type=sort), given) == answer


@pytest.mark.parametrize(
    ("sort", "given"),
    [
        ("money", {"answer": ""}),
        ("money", {"answer": "viel"}),
        ("money", {"answer": "-5"}),
        ("money", {"answer": "1-2-3"}),
        ("money", {"answer": "1e99"}),
        ("money", {"answer": "nan"}),
        ("date", {"year": "23"}),
        ("date", {"year": "2023", "month": "13"}),
        ("date", {"year": "2023", "month": "2", "day": "30"}),
        ("date", {"year": "2023", "day": "30"}),
        ("yesno", {"answer": "maybe"}),
        ("text", {"answer": "x" * 301}),
    ],
)
def test_what_is_no_answer_is_said(sort: Any, given: dict[str, str]) -> None:
    with pytest.raises(Misread) as said:
        read(Question(ask={"zh": "问", "en": "Q"}, type=sort), given)
    assert str(said.value)


def test_only_what_hangs_on_an_answer_is_asked() -> None:
    kind = kinds()["severance"]
    assert path(kind, {}) == ["ended", "start", "end", "wage", "what", "other", "place"]
    assert "reason" in path(kind, {"ended": "dismissed"})
    assert "reason" in path(kind, {"ended": UNSURE})
    assert next_question(kind, {"ended": "dismissed"}) == "reason"
    assert kept(kind, {"ended": "own", "reason": "none"}) == {"ended": "own"}


@pytest.mark.parametrize("name", sorted(kinds()))
def test_one_who_is_sure_of_nothing_still_gets_an_answer(name: str) -> None:
    kind, answers = kinds()[name], dict[str, str]()
    while (question := next_question(kind, answers)) is not None:
        answers[question] = UNSURE
    reckoned = reckon(kind, answers, figures(), DAY)
    assert saying.law_that_may_apply(kind, answers)
    for letter in kind.letters:
        text = saying.written(common().letters[letter], kind, answers, reckoned)
        assert "{" not in text
        assert saying.as_odt(text).startswith(b"PK")


# --- reckoning a range ------------------------------------------------------------------------------


def likely(name: str, **answers: str) -> Reckoned:
    kind: Kind = kinds()[name]
    return reckon(kind, {**answers, "what": UNSURE}, figures(), DAY)


def test_sure_answers_give_one_sum() -> None:
    sure = likely("severance", ended="agreed", start="2021-07-01", end="2023-06-30", wage="8000")
    assert [sure.low, sure.high] == [16_000, 16_000]
    assert [each.surely for each in sure.outcomes] == [True]


def test_a_rough_answer_gives_a_range() -> None:
    rough = likely("severance", ended="agreed", start="2021", end="2023-06-30", wage="6000..8000")
    assert [rough.low, rough.high] == [2 * 6000, 3 * 8000]  # 1 year 6 months to 2 years 6 months


def test_what_excludes_one_another_is_not_added() -> None:
    given = {"ended": "dismissed", "start": "2021-07-01", "end": "2023-06-30", "wage": "8000"}
    unsure = likely("severance", reason=UNSURE, proved=UNSURE, notice=UNSURE, last_wage="8000", **given)
    assert [unsure.low, unsure.high] == [0, 32_000]
    assert not any(each.surely for each in unsure.outcomes)


def test_a_range_over_the_cap_finds_the_peak_inside() -> None:
    over = likely("severance", ended="agreed", start="2008-01-01", end="2023-12-31", wage="30000..50000")
    assert over.high == 16 * 3 * 12_694
    assert over.low == 12 * 3 * 12_694


def test_what_was_not_known_is_named_or_assumed() -> None:
    unsure = likely("severance", ended="agreed", start=UNSURE, end="2023-06-30", wage=UNSURE)
    assert unsure.outcomes[0].missing == ["start"]
    assert unsure.assumed == (("wage", D(3000), D(10_000)),)
    late = likely("severance", ended="agreed", start="2021-07-01", end="2030-06-30", wage="8000")
    assert late.unknown is not None
    assert late.unknown.name == "average-wage"
    assert late.low is None


def test_dates_the_wrong_way_round_are_said() -> None:
    wrong = likely("severance", ended="agreed", start="2023-07-01", end="2022-06-30", wage="8000")
    assert "lies before" in str(wrong.outcomes[0].wrong)


# --- what hangs on an answer ------------------------------------------------------------------------


def test_ways_and_terms_fit_the_answers() -> None:
    """Work for a private person is no employment: no labour arbitration, and three years instead of one."""
    kind = kinds()["unpaid-wages"]
    employed = {"who": "company", "since": "2023-01-31"}
    private = {"who": "person", "since": "2023-01-31"}
    assert "labour-arbitration" in open_to(kind, employed)
    assert "labour-arbitration" not in open_to(kind, private)
    assert "labour-arbitration" in open_to(kind, {"who": UNSURE})
    assert [each["day"] for each in deadlines(kind, employed, figures(), DAY, china())] == [date(2024, 1, 31)]
    assert [each["day"] for each in deadlines(kind, private, figures(), DAY, china())] == [date(2026, 2, 2)]


def test_the_first_claim_on_works_ends_before_the_limitation() -> None:
    kind = kinds()["construction-pay"]
    answers = {"role": "owner", "due": "2023-01-31"}
    days = [each["day"] for each in deadlines(kind, answers, figures(), DAY, china())]
    assert days == [date(2024, 7, 31), date(2026, 2, 2)]


def test_the_commands_check_what_is_shipped() -> None:
    for command in (["check"], ["parameters", "check"], ["parameters", "template"]):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        assert done.output.strip()


def test_the_command_names_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text("parameters: {average-wage: {values: [{from: 2024-01-01, value: -1}]}}", encoding="utf-8")
    done = CliRunner().invoke(app, ["parameters", "check", str(file)])
    assert done.exit_code == 1
    assert "average-wage" in done.output
