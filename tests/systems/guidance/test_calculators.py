"""Calculators at the borders of their formulas, by hand-worked cases, and by property."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mumian.systems.guidance.calculators import CALCULATORS, Lines, Unfit, Unit, total
from mumian.systems.guidance.citing import article
from mumian.systems.guidance.parameters import UnknownFigure, figures
from mumian.systems.guidance.reckoning import weight
from tests.engine.city import china

D = Decimal
DAY = date(2023, 6, 30)
KNOWN = figures()
FEW = settings(max_examples=30, deadline=None)
YUAN = st.decimals(min_value=1, max_value=10**8, places=2)


def reckon(name: str, **inputs: object) -> Lines:
    lines = CALCULATORS[name](KNOWN, **inputs)
    for line in lines:
        assert line.title["zh"]
        assert line.title["en"]
        assert line.formula["zh"]
        assert line.formula["en"]
        assert line.cites, f"{line.title} cites nothing"
        for cited in line.cites:
            assert article(cited).since
    return lines


def amount(name: str, **inputs: object) -> Decimal:
    return total(reckon(name, **inputs))


# --- court fees -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "fee"),
    [
        (0, "50"), (10_000, "50"), (10_001, "50.03"), (100_000, "2300"), (100_001, "2300.02"),
        (200_000, "4300"), (200_001, "4300.02"), (500_000, "8800"), (500_001, "8800.01"),
        (1_000_000, "13800"), (2_000_000, "22800"), (5_000_000, "46800"), (10_000_000, "81800"),
        (20_000_000, "141800"), (20_000_001, "141800.01"), (30_000_000, "191800"),
    ],
)  # fmt: skip
def test_the_fee_of_a_suit_at_the_borders_of_its_brackets(claim: int, fee: str) -> None:
    assert amount("court-fee", on=DAY, claim=D(claim)) == D(fee)


@pytest.mark.parametrize(
    ("claim", "fee"),
    [
        (10_000, "50"), (10_001, "50.02"), (500_000, "7400"), (500_001, "7400.01"), (5_000_000, "52400"),
        (10_000_000, "77400"), (10_000_001, "77400"), (20_000_000, "87400"),
    ],
)  # fmt: skip
def test_the_fee_for_enforcement_at_its_borders(claim: int, fee: str) -> None:
    assert amount("enforcement-fee", on=DAY, claim=D(claim)) == D(fee)


@pytest.mark.parametrize(
    ("claim", "fee"),
    [
        (1_000, "30"), (1_001, "30.01"), (100_000, "1020"), (100_001, "1020.01"), (896_000, "5000"),
        (896_001, "5000"), (9_000_000, "5000"),
    ],
)  # fmt: skip
def test_the_fee_for_preservation_at_its_borders(claim: int, fee: str) -> None:
    assert amount("preservation-fee", on=DAY, claim=D(claim)) == D(fee)


@pytest.mark.parametrize("name", ["court-fee", "enforcement-fee", "preservation-fee"])
@FEW
@given(one=YUAN, more=YUAN)
def test_a_fee_never_falls_and_never_jumps(name: str, one: Decimal, more: Decimal) -> None:
    less, great = (amount(name, on=DAY, claim=claim) for claim in (one, one + more))
    assert less <= great
    assert amount(name, on=DAY, claim=one + D("0.01")) - less <= D("0.01")


def test_fees_by_the_case_and_halves() -> None:
    assert amount("court-fee", on=DAY, kind="labour") == 10
    assert amount("court-fee", on=DAY, kind="divorce", claim=D(200_000)) == 50
    assert amount("court-fee-most", on=DAY, kind="divorce", claim=D(300_000)) == 300 + 500
    assert amount("court-fee", on=DAY, kind="personality", claim=D(50_000)) == 100
    assert amount("court-fee", on=DAY, kind="personality", claim=D(100_000)) == 600
    assert amount("court-fee", on=DAY, kind="personality", claim=D(200_000)) == 1_100
    assert amount("court-fee", on=DAY, claim=D(100_000), half="settled") == 1_150
    assert amount("court-fee", on=DAY, claim=D(100_000), half="counterclaim") == 1_150


# --- labour -----------------------------------------------------------------------------------------

START = date(2022, 1, 1)


@pytest.mark.parametrize(
    ("end", "months"),
    [
        (date(2022, 1, 1), "0.5"),  # one day
        (date(2022, 6, 29), "0.5"),  # 5 months and 29 days
        (date(2022, 6, 30), "1"),  # 6 months
        (date(2022, 12, 31), "1"),  # a year and nothing over
        (date(2023, 1, 1), "1.5"),  # a year and a day
        (date(2023, 6, 29), "1.5"),
        (date(2023, 6, 30), "2"),
    ],
)
def test_severance_by_the_time_worked(end: date, months: str) -> None:
    assert amount("severance", start=START, end=end, wage=D(8000)) == D(months) * 8000
    assert amount("unlawful-dismissal", start=START, end=end, wage=D(8000)) == D(months) * 16000


def test_severance_of_a_month_that_ends_short() -> None:
    assert amount("severance", start=date(2021, 8, 31), end=date(2022, 2, 27), wage=D(8000)) == 8000
    assert amount("severance", start=date(2021, 8, 31), end=date(2022, 2, 26), wage=D(8000)) == 4000


def test_severance_at_three_times_the_average() -> None:
    cap, long = 3 * D(12694), {"start": date(2008, 1, 1), "end": date(2023, 12, 31)}
    assert amount("severance", wage=cap, **long) == 16 * cap
    assert amount("severance", wage=cap + D("0.01"), **long) == 12 * cap
    assert amount("severance", wage=2 * cap, **long) == 12 * cap
    short = {"start": date(2018, 1, 1), "end": date(2023, 12, 31)}
    assert amount("severance", wage=2 * cap, **short) == 6 * cap


def test_severance_is_reckoned_by_no_less_than_the_minimum_wage_and_from_2008() -> None:
    assert amount("severance", start=START, end=DAY, wage=D(1)) == 2 * 2300
    assert amount("severance", start=date(2000, 1, 1), end=date(2023, 12, 31), wage=D(5000)) == 16 * 5000
    assert (
        amount("unlawful-dismissal", start=date(2000, 1, 1), end=date(2023, 12, 31), wage=D(5000)) == 240_000
    )


@FEW
@given(
    start=st.dates(date(2008, 1, 1), date(2023, 1, 1)),
    days=st.integers(0, 363),
    wage=st.decimals(2300, 38081, places=2),  # below three times the average, where the law jumps
)
def test_severance_grows_with_time_and_wage_and_only_by_half_months(
    start: date, days: int, wage: Decimal
) -> None:
    end = date(2023, 1, 1) + timedelta(days=days)
    now = amount("severance", start=start, end=end, wage=wage)
    step = amount("severance", start=start, end=end + timedelta(days=1), wage=wage) - now
    assert D(0) <= step <= (wage / 2).quantize(D("0.01")) + D("0.01")
    assert amount("severance", start=start, end=end, wage=wage + 1) >= now


def test_a_second_wage_for_want_of_a_contract() -> None:
    def of(end: date) -> Decimal:
        return amount("no-contract", start=START, end=end, wage=D(8700))

    assert of(date(2022, 1, 31)) == 0
    assert of(date(2022, 2, 28)) == 8700
    assert of(date(2022, 3, 1)) == 8700 + 400  # one working day at 8700 ÷ 21.75
    assert of(date(2022, 12, 31)) == 11 * 8700
    assert of(date(2023, 6, 30)) == 11 * 8700


@FEW
@given(days=st.integers(0, 500))
def test_a_second_wage_never_falls_and_never_passes_eleven_months(days: int) -> None:
    end = START + timedelta(days=days)
    one, next_day = (
        amount("no-contract", start=START, end=each, wage=D(8700)) for each in (end, end + timedelta(1))
    )
    assert one <= next_day <= 11 * 8700


def test_overtime_on_each_sort_of_day() -> None:
    hours = {"workday": D(10), "restday": D(8), "holiday": D(8)}
    lines = reckon("overtime", on=DAY, wage=D("8700"), **hours)
    assert [line.amount for line in lines] == [750, 800, 1200]
    assert "day08" in lines[0].cites[1]
    assert "day25" in reckon("overtime", on=date(2025, 1, 1), wage=D(8700), workday=D(1))[0].cites[1]


def test_wages_owed_and_the_addition_where_payment_was_ordered() -> None:
    assert amount("unpaid-wages", wage=D(6000), months=D("2.5"), paid=D(1000)) == 14_000
    assert amount("ordered-unpaid", on=DAY, owed=D(14_000), share=D("0.5")) == 7_000
    assert amount("ordered-unpaid", on=DAY, owed=D(14_000), share=D(1)) == 14_000
    with pytest.raises(Unfit):
        reckon("ordered-unpaid", on=DAY, owed=D(14_000), share=D("1.01"))


@pytest.mark.parametrize(
    ("grade", "months"),
    [(1, 27), (2, 25), (3, 23), (4, 21), (5, 18), (6, 16), (7, 13), (8, 11), (9, 9), (10, 7)],
)
def test_the_lump_sum_of_each_grade(grade: int, months: int) -> None:
    assert amount("work-injury", on=DAY, grade=grade, wage=D(10_000)) == months * 10_000


def test_own_wage_is_held_between_60_and_300_per_cent_of_the_average() -> None:
    assert amount("work-injury", on=DAY, grade=10, wage=D(3000)) == 7 * D("7616.4")
    assert amount("work-injury", on=DAY, grade=10, wage=D(99_999)) == 7 * D(38_082)


def test_what_is_paid_monthly_is_no_part_of_the_total() -> None:
    lines = reckon("work-injury", on=DAY, grade=1, wage=D(10_000), care="full")
    assert {line.unit for line in lines} == {Unit.YUAN, Unit.MONTHLY}
    assert [line.amount for line in lines] == [270_000, 9_000, 6_347]
    assert total(lines) == 270_000


def test_death_at_work() -> None:
    assert amount("death-at-work", on=DAY) == 6 * 12_694 + 20 * 49_283


# --- injury -----------------------------------------------------------------------------------------

HURT = KNOWN.stating({"disability-share-10": D("0.1"), "funeral-wage": D(9000)})


def hurt(name: str = "personal-injury", **inputs: object) -> Lines:
    return CALCULATORS[name](HURT, on=DAY, **inputs)


@pytest.mark.parametrize(("age", "years"), [(0, 20), (60, 20), (61, 19), (74, 6), (75, 5), (99, 5)])
def test_years_of_compensation_by_age(age: int, years: int) -> None:
    assert total(hurt(age=age, outcome="disabled")) == D(56_905) * years / 10
    assert total(hurt(age=age, outcome="died")) == D(56_905) * years + 54_000


def test_heads_by_the_share_of_fault_and_for_dependants() -> None:
    lines = hurt(
        age=40, outcome="disabled", medical=D(20_000), lost=D(9_000), care=D(3_000),
        dependant_years=D(10), supporters=D(2), share=D("0.7"),
    )  # fmt: skip
    assert [line.amount for line in lines] == [
        D("6300"), D("2100"), D("79667"), D("12927.60"), D("14000"),
    ]  # fmt: skip


def test_the_compulsory_insurance_pays_first() -> None:
    lines = hurt(
        "traffic", accident=date(2022, 5, 1), age=40, medical=D(30_000), goods=D(5_000), share=D("0.5")
    )
    assert [line.amount for line in lines] == [18_000, 2_000, 7_500]
    before = hurt("traffic", accident=date(2020, 9, 18), age=40, medical=D(30_000), share=D("0.5"))
    assert [line.amount for line in before] == [10_000, 10_000]
    unguilty = hurt("traffic", accident=date(2022, 5, 1), age=40, medical=D(30_000), share=D(0))
    assert [line.amount for line in unguilty] == [1_800, 0]


@FEW
@given(medical=YUAN, lost=YUAN, more=YUAN, share=st.decimals(0, 1, places=2))
def test_more_harm_is_never_less_money(
    medical: Decimal, lost: Decimal, more: Decimal, share: Decimal
) -> None:
    def of(medical: Decimal) -> Decimal:
        return total(hurt("traffic", accident=START, age=30, medical=medical, lost=lost, share=share))

    assert of(medical) <= of(medical + more) <= of(medical) + more + D("0.01")


# --- loans and contracts ----------------------------------------------------------------------------


def test_a_private_loan_is_capped_at_four_times_the_prime_rate() -> None:
    year = {"principal": D(100_000), "start": date(2022, 9, 1), "until": date(2023, 9, 1)}
    cap = D("0.146")
    assert amount("private-loan", rate=cap, **year) == 114_600
    assert amount("private-loan", rate=cap + D("0.0001"), **year) == 114_600
    assert amount("private-loan", rate=D("0.10"), **year) == 110_000
    assert amount("private-loan", **year) == 100_000


def test_interest_kept_back_reduces_the_principal() -> None:
    lines = reckon(
        "private-loan", principal=D(100_000), kept_back=D(10_000), rate=D("0.1"),
        start=date(2022, 9, 1), until=date(2023, 9, 1),
    )  # fmt: skip
    assert [line.amount for line in lines] == [90_000, 9_000]


def test_overdue_with_nothing_agreed_is_the_prime_rate_then() -> None:
    loan = {"principal": D(100_000), "start": date(2022, 1, 1), "due": date(2022, 9, 1)}
    assert amount("private-loan", until=date(2022, 9, 1), **loan) == 100_000
    assert amount("private-loan", until=date(2023, 9, 1), **loan) == 103_650


def test_a_loan_from_before_the_new_cap_is_split_on_its_day() -> None:
    lines = reckon(
        "private-loan", principal=D(100_000), rate=D("0.36"), start=date(2019, 8, 21), until=date(2021, 8, 20)
    )
    assert [line.amount for line in lines] == [D(100_000), D(24_000), D("15400")]
    assert lines[1].cites == ("pl 31",)


@FEW
@given(rate=st.decimals(0, 1, places=4), principal=YUAN)
def test_interest_grows_with_the_rate_up_to_the_cap_without_a_jump(rate: Decimal, principal: Decimal) -> None:
    def of(rate: Decimal) -> Decimal:
        return amount(
            "private-loan", principal=principal, rate=rate, start=date(2022, 9, 1), until=date(2023, 9, 1)
        )

    assert principal <= of(rate) <= of(rate + D("0.0001")) <= principal * D("1.146") + D("0.01")


def test_late_payment_and_construction_pay() -> None:
    sale = {"owed": D(100_000), "due": date(2022, 9, 1), "until": date(2023, 9, 1)}
    assert amount("late-payment", times=D("1.3"), **sale) == D("104745")
    assert amount("late-payment", times=D("1.5"), **sale) == D("105475")
    # 292 days at 3.65 %, 62 at 3.55 %, 11 at 3.45 %
    interest = D(100_000) * (292 * D("0.0365") + 62 * D("0.0355") + 11 * D("0.0345")) / 365
    assert amount("construction-pay", **sale) == 100_000 + interest.quantize(D("0.01"))


def test_a_judgment_debt_a_day() -> None:
    day = {"debt": D(1_000_000), "due": date(2022, 9, 1)}
    assert amount("judgment-debt", until=date(2022, 9, 1), **day) == 0
    assert amount("judgment-debt", until=date(2022, 9, 11), **day) == 1750


def test_earnest_money_is_capped_at_a_fifth_of_the_price() -> None:
    assert amount("earnest-money", on=DAY, paid=D(20_000), price=D(100_000), broke="taker") == 40_000
    assert amount("earnest-money", on=DAY, paid=D(30_000), price=D(100_000), broke="taker") == 50_000
    assert amount("earnest-money", on=DAY, paid=D(30_000), price=D(100_000), broke="giver") == 10_000
    assert amount("earnest-money", on=DAY, paid=D(20_000), price=D(100_000), broke="giver") == 0


def test_a_penalty_far_above_the_loss() -> None:
    on = date(2024, 1, 1)
    assert amount("agreed-penalty", on=on, penalty=D(13_000), loss=D(10_000)) == 13_000
    assert amount("agreed-penalty", on=on, penalty=D(13_001), loss=D(10_000)) == 13_000


# --- others -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "price", "more"),
    [
        ("fraud", "166.66", "500"),
        ("fraud", "166.67", "500.01"),
        ("food", "100", "1000"),
        ("food", "100.01", "1000.10"),
    ],
)
def test_damages_of_consumers_at_their_least(case: str, price: str, more: str) -> None:
    assert amount("consumer", on=DAY, case=case, price=D(price)) == D(price) + D(more)


def test_unsafe_food_by_the_loss_where_that_is_more() -> None:
    assert amount("consumer", on=DAY, case="food", price=D(10), loss=D(5_000)) == 15_010
    assert amount("consumer", on=DAY, case="fault", price=D(10)) == 10


def test_small_rules_by_hand() -> None:
    assert amount("inheritance", common=D(1_000_000), own=D(100_000), debts=D(60_000), heirs=3) == 180_000
    assert amount("insured-loss", loss=D(50_000), insured=D(80_000), value=D(100_000)) == 40_000
    assert amount("insured-loss", loss=D(90_000), insured=D(80_000), value=D(60_000)) == 80_000
    assert amount("partners-share", amount=D(90_000), mine=D(1), together=D(3)) == 30_000
    [maintenance] = reckon("child-maintenance", on=DAY, income=D(10_000), share=D("0.2"))
    assert maintenance.amount == 2_000
    assert maintenance.unit is Unit.MONTHLY
    [most] = reckon("child-maintenance-most", on=DAY, income=D(10_000), children=2)
    assert most.amount == 5_000
    votes = reckon("owners-vote", on=DAY, owners=D(20), area=D(1800))
    assert [line.amount for line in votes] == [14, 1200, 11, 900]


def test_until_when_a_claim_can_be_pressed() -> None:
    def last(rule: str, known: date) -> date:
        return reckon("limitation", rule=rule, known=known)[0].day

    assert last("civil", date(2024, 2, 29)) == date(2027, 2, 28)
    assert last("labour", date(2024, 3, 31)) == date(2025, 3, 31)
    assert last("life-insurance", date(2020, 1, 1)) == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("rule", "known", "ends"),
    [
        ("labour", date(2024, 1, 28), date(2025, 2, 5)),  # New Year's Eve is a holiday, until 4 February
        ("labour", date(2024, 1, 26), date(2025, 1, 26)),  # a Sunday that is worked: it ends there
        ("labour", date(2024, 3, 2), date(2025, 3, 3)),  # an ordinary Sunday
        ("civil", date(2023, 10, 1), date(2026, 10, 8)),  # National Day, until the 7th
        ("works", date(2024, 8, 16), date(2026, 2, 24)),  # 16 February 2026 lies in the Spring Festival
        ("insurance", date(2022, 5, 6), date(2024, 5, 6)),
    ],
)
def test_a_term_that_ends_on_a_day_off_ends_on_the_next_working_day(
    rule: str, known: date, ends: date
) -> None:
    [line] = CALCULATORS["limitation"](KNOWN, rule=rule, known=known, calendar=china())
    assert line.day == ends
    moved = ends != CALCULATORS["limitation"](KNOWN, rule=rule, known=known)[0].day
    assert ("cc 203" in line.cites) is moved
    assert ("顺延" in line.formula["zh"]) is moved


def test_a_term_beyond_what_is_announced_says_so() -> None:
    [line] = CALCULATORS["limitation"](KNOWN, rule="civil", known=date(2025, 5, 3), calendar=china())
    assert line.day == date(2028, 5, 3)
    assert "尚未公布" in line.formula["zh"]


# --- more gives more, without a jump ----------------------------------------------------------------

YEAR: dict[str, object] = {"due": date(2022, 9, 1), "until": date(2023, 9, 1)}
GROWING: list[tuple[str, str, int, dict[str, object]]] = [
    ("overtime", "wage", 1, {"on": DAY, "workday": D(20), "holiday": D(8)}),
    ("notice-pay", "last_wage", 1, {"end": DAY}),
    ("unpaid-wages", "wage", 3, {"months": D(3)}),
    ("ordered-unpaid", "owed", 1, {"on": DAY, "share": D(1)}),
    ("work-injury", "wage", 27, {"on": DAY, "grade": 1}),
    ("personal-injury", "lost", 1, {"on": DAY, "age": 30, "share": D("0.7")}),
    ("personal-injury", "care", 1, {"on": DAY, "age": 30, "share": D("0.7")}),
    *(
        ("traffic", growing, 1, {"on": DAY, "accident": START, "age": 30, "share": D(share)})
        for growing in ("medical", "lost", "care", "goods")
        for share in (0, 1)
    ),
    ("late-payment", "owed", 2, {**YEAR, "times": D("1.5")}),
    ("construction-pay", "owed", 2, YEAR),
    ("judgment-debt", "debt", 1, YEAR),
    ("earnest-money", "paid", 2, {"on": DAY, "price": D(100_000), "broke": "taker"}),
    ("earnest-money", "price", 1, {"on": DAY, "paid": D(50_000), "broke": "taker"}),
    ("agreed-penalty", "loss", 2, {"on": date(2024, 1, 1), "penalty": D(50_000)}),
    ("sum-owed", "each", 5, {"count": D(5)}),
    ("to-give-back", "paid", 1, {"deducted": D(500)}),
    ("loss-made-good", "loss", 1, {"share": D("0.3")}),
    ("consumer", "price", 4, {"on": DAY, "case": "fraud"}),
    ("consumer", "price", 11, {"on": DAY, "case": "food"}),
    ("consumer", "loss", 3, {"on": DAY, "case": "food", "price": D(10)}),
    ("inheritance", "common", 1, {"heirs": 3, "debts": D(100_000)}),
    ("insured-loss", "loss", 1, {"insured": D(50_000), "value": D(80_000)}),
    ("insured-loss", "insured", 1, {"loss": D(60_000), "value": D(80_000)}),
    ("partners-share", "amount", 1, {"mine": D(1), "together": D(3)}),
    ("court-fee", "claim", 1, {"on": DAY, "kind": "personality"}),
    ("court-fee-most", "claim", 1, {"on": DAY, "kind": "divorce"}),
    ("child-maintenance", "income", 1, {"on": DAY, "share": D("0.3")}),
]


@pytest.mark.parametrize(("name", "growing", "slope", "others"), GROWING)
@FEW
@given(value=YUAN, more=YUAN)
def test_more_gives_more_without_a_jump(
    name: str, growing: str, slope: int, others: dict[str, object], value: Decimal, more: Decimal
) -> None:
    def of(value: Decimal) -> Decimal:
        return weight(CALCULATORS[name](KNOWN, **{growing: value}, **others))

    cent, rounding = D("0.01"), D("0.03")
    assert of(value) <= of(value + more)
    assert of(value + cent) - of(value) <= slope * cent + rounding


@pytest.mark.parametrize("name", ["late-payment", "construction-pay", "judgment-debt", "private-loan"])
@FEW
@given(days=st.integers(0, 700))
def test_a_day_more_is_a_days_interest_more(name: str, days: int) -> None:
    given_ = {
        "late-payment": {"owed": D(100_000), "due": START, "times": D("1.5")},
        "construction-pay": {"owed": D(100_000), "due": START},
        "judgment-debt": {"debt": D(100_000), "due": START},
        "private-loan": {"principal": D(100_000), "start": START, "rate": D("0.36")},
    }[name]
    one, next_day = (amount(name, until=START + timedelta(days=each), **given_) for each in (days, days + 1))
    assert D(0) <= next_day - one <= D(100_000) * D("0.16") / 365


# --- what cannot be ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("severance", {"start": DAY, "end": START, "wage": D(5000)}),
        ("severance", {"start": START, "end": DAY, "wage": D(0)}),
        ("private-loan", {"principal": D(0), "start": START, "until": DAY}),
        ("private-loan", {"principal": D(10), "kept_back": D(10), "start": START, "until": DAY}),
        ("earnest-money", {"on": DAY, "paid": D(0), "price": D(1), "broke": "taker"}),
        ("work-injury", {"on": DAY, "grade": 11, "wage": D(5000)}),
        ("inheritance", {"heirs": 0}),
        ("court-fee", {"on": DAY, "claim": D(-1)}),
    ],
)
def test_what_cannot_be_is_said(name: str, inputs: dict[str, object]) -> None:
    with pytest.raises(Unfit) as said:
        reckon(name, **inputs)
    assert said.value.field in inputs
    assert said.value.cure


@pytest.mark.parametrize(
    ("name", "inputs", "figure"),
    [
        ("severance", {"start": START, "end": date(2030, 1, 1), "wage": D(5000)}, "average-wage"),
        ("severance", {"start": date(2001, 1, 1), "end": date(2007, 12, 31), "wage": D(5000)}, "severance"),
        ("court-fee", {"on": date(2007, 3, 31), "claim": D(1)}, "court-fee"),
        (
            "late-payment",
            {"owed": D(1), "due": date(2019, 8, 19), "until": DAY, "times": D("1.3")},
            "late-payment",
        ),
        ("construction-pay", {"owed": D(1), "due": date(2025, 1, 1), "until": date(2030, 1, 1)}, "lpr"),
        ("traffic", {"on": DAY, "accident": date(2008, 1, 31), "age": 3}, "compulsory-insurance"),
    ],
)
def test_a_day_without_a_figure_is_an_error_that_names_it(
    name: str, inputs: dict[str, object], figure: str
) -> None:
    with pytest.raises(UnknownFigure) as said:
        reckon(name, **inputs)
    assert said.value.name == figure
    assert said.value.title


def test_what_one_states_fills_a_gap_but_replaces_nothing() -> None:
    stated = KNOWN.stating({"average-wage": D(15_000), "minimum-wage": D(2_500)})
    severance = CALCULATORS["severance"]
    late = severance(stated, start=START, end=date(2030, 12, 31), wage=D(99_999))
    assert total(late) == 9 * 45_000
    assert any("as you stated" in said["en"] for _title, said in late[0].inputs)
    assert total(severance(stated, start=START, end=DAY, wage=D(99_999))) == 2 * 38_082


def test_the_prime_rate_has_no_gap_and_no_overlap() -> None:
    rates = KNOWN.values["lpr"]
    assert all(
        one.until is not None and one.until + timedelta(1) == after.since for one, after in pairwise(rates)
    )
