"""What the court costs (诉讼费用交纳办法 13–18; 民诉法解释 206), and until when one can go there."""

from datetime import date
from decimal import Decimal

from mumian.engine.clocks import WorkingCalendar
from mumian.systems.guidance.calculators.lines import (
    Line,
    Lines,
    Unit,
    add_months,
    bracketed,
    line,
    not_below_zero,
    per_cent,
)
from mumian.systems.guidance.parameters import Figures


def court_fee(
    figures: Figures, *, on: date, claim: Decimal = Decimal(0), kind: str = "property", half: str = "no"
) -> Lines:
    """The fee of a suit: `property`, `labour`, `divorce`, `personality` or `other`, the last three a least sum.

    `half`: `no`, `settled` (settled, withdrawn or summary procedure) or `counterclaim`; halved once only.
    For `divorce` the claim is the property to divide, for `personality` the damages.
    """
    not_below_zero(claim=claim)
    fee = _fee(figures, on, claim, kind)
    if half == "no":
        return (fee,)
    halved = figures.on("court-fee-half" if half == "settled" else "counterclaim-half", on)
    return (
        line(
            "案件受理费（减半）",
            "Court fee, halved",
            fee.amount * halved.value,
            ("{f} 元 × {h}", "{f} yuan × {h}"),
            (*fee.cites, *halved.cites),
            f=fee.amount,
            h=per_cent(halved.value),
        ),
    )


def court_fee_most(
    figures: Figures, *, on: date, claim: Decimal = Decimal(0), kind: str = "property"
) -> Lines:
    """The same where the fee by the case is set between two sums: at most."""
    not_below_zero(claim=claim)
    return (_fee(figures, on, claim, kind, "most"),)


def enforcement_fee(figures: Figures, *, on: date, claim: Decimal) -> Lines:
    """The fee for enforcing a sum; the debtor bears it in the end."""
    not_below_zero(claim=claim)
    return (_by_brackets(figures, on, claim, "enforcement-fee", "申请执行费", "Fee for enforcement"),)


def preservation_fee(figures: Figures, *, on: date, claim: Decimal) -> Lines:
    """The fee for keeping the other side's property as it is."""
    not_below_zero(claim=claim)
    return (_by_brackets(figures, on, claim, "preservation-fee", "申请保全费", "Fee for preservation"),)


LIMITS = {
    "labour": ("最晚在这一天之前申请劳动仲裁", "Apply for labour arbitration by"),
    "land": ("最晚在这一天之前申请土地承包仲裁", "Apply for land arbitration by"),
    "works": ("最晚在这一天之前行使优先受偿权", "Use the first claim on the works by"),
}


def limitation(figures: Figures, *, rule: str, known: date, calendar: WorkingCalendar | None = None) -> Lines:
    """The last day of a term that runs from the day one knew, or had to know, of the harm and by whom.

    A last day on which nobody works is followed by the next working day (民法典 203), as far as the calendar
    reaches. Whether the term was interrupted is not looked at.
    """
    months = figures.on(f"limitation-{rule}", known)
    last = add_months(known, int(months.value))
    over = last
    if calendar and calendar.first <= last <= calendar.last:
        over = calendar.working_day_after(last, 0)
    zh, en = LIMITS.get(rule, ("最晚在这一天之前主张", "Press the claim by"))
    how, cites = ("{k} 起 {m} 个月", "{k} plus {m} months"), months.cites
    if over != last:
        moved = ("；{l} 为休息日，顺延至下一工作日", "; {l} is a day off, so the next working day counts")
        how, cites = (how[0] + moved[0], how[1] + moved[1]), (*months.cites, "cc 203")
    if calendar and calendar.known and over > calendar.known:
        unknown = (
            "（当年放假安排尚未公布，只计周末）",
            " (holidays of that year are not announced: weekends alone count)",
        )
        how = (how[0] + unknown[0], how[1] + unknown[1])
    return (
        line(
            zh, en, Decimal(over.toordinal()), how, cites, unit=Unit.DAY, k=known, m=months.value, l=last,
        ),
    )  # fmt: skip


def _fee(figures: Figures, on: date, claim: Decimal, kind: str, end: str = "least") -> Line:
    if kind == "property":
        return _by_brackets(figures, on, claim, "court-fee", "案件受理费", "Court fee")
    fixed, cites = figures.table("court-fee-fixed", on)
    base = fixed["labour"] if kind == "labour" else fixed[f"{kind}-{end}"]
    more = Decimal(0)
    if kind == "divorce":
        more = max(claim - fixed["divorce-free"], Decimal(0)) * fixed["divorce-rate"]
    if kind == "personality":
        rows, _cites = figures.brackets("court-fee-personality", on)
        rate, plus = bracketed(rows, claim)
        more = claim * rate + plus
    return line(
        "案件受理费",
        "Court fee",
        base + more,
        ("每件 {b} 元 + {m} 元", "{b} yuan a case + {m} yuan"),
        cites,
        b=base,
        m=more,
    )


def _by_brackets(figures: Figures, on: date, claim: Decimal, name: str, zh: str, en: str) -> Line:
    rows, cites = figures.brackets(name, on)
    rate, plus = bracketed(rows, claim)
    sign = "+" if plus >= 0 else "−"
    return line(
        zh,
        en,
        claim * rate + plus,
        ("{x} 元 × {r} {g} {p} 元", "{x} yuan × {r} {g} {p} yuan"),
        cites,
        x=claim,
        r=per_cent(rate),
        g=sign,
        p=abs(plus),
    )
