"""Labour: severance, pay in lieu of notice, no written contract, overtime, wages owed, work injury.

Sources: 劳动合同法 40, 47, 82, 85, 87; its 实施条例 20, 25, 27; 劳动法 44; 工伤保险条例 33–39, 64.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import chinese_calendar
from django.utils.translation import gettext as _

from mumian.systems.guidance.calculators.lines import (
    Line,
    Lines,
    Unfit,
    Unit,
    above_zero,
    add_months,
    in_order,
    left_to_pay,
    line,
    months_worked,
    not_below_zero,
    per_cent,
    times,
)
from mumian.systems.guidance.parameters import Figures, Table

FIRST = date(2008, 1, 1)
"""Since when the Labour Contract Law reckons service (its article 97)."""


def severance(figures: Figures, *, start: date, end: date, wage: Decimal) -> Lines:
    """N months' pay. `end` is the last day of the employment; `wage` the monthly average of the last 12 months.

    Service before 2008 follows the rules of its time (劳动合同法 97) and is not counted here.
    """
    return (_severance(figures, start=max(start, FIRST), end=end, wage=wage, unlawful=False, given=start),)


def unlawful_dismissal(figures: Figures, *, start: date, end: date, wage: Decimal) -> Lines:
    """Twice the severance, instead of it, from the first day of work (劳动合同法 87; 实施条例 25)."""
    return (_severance(figures, start=start, end=end, wage=wage, unlawful=True, given=start),)


def severance_peaks(figures: Figures, *, start: date, end: date, wage: Decimal) -> list[Decimal]:
    """The wage at which the cap sets in and, with over 12 years, severance falls."""
    law, _cites = figures.table("severance", end)
    return [law["cap-times"] * figures.on("average-wage", end).value]


def _severance(
    figures: Figures, *, start: date, end: date, wage: Decimal, unlawful: bool, given: date
) -> Line:
    above_zero(wage=wage)
    in_order("start", given, "end", end)
    law, cites = figures.table("severance", end)
    average, least = figures.on("average-wage", end), figures.on("minimum-wage", end)
    years = _years(start, end, law)
    most = law["cap-times"] * average.value
    used, counted = max(wage, least.value), years
    if used > most:
        used, counted = most, min(years, law["cap-years"])
    amount = counted * used
    values: dict[str, Any] = {"n": counted, "w": used, "a": start, "b": end}
    if unlawful:
        return line(
            "违法解除或终止的赔偿金",
            "Damages for unlawful dismissal",
            amount * law["unlawful-times"],
            (
                "{n} 个月（{a} 至 {b}）× {w} 元 × {t}",
                "{n} months ({a} to {b}) × {w} yuan × {t}",
            ),
            (*cites, "lcl 87", "lclr 25"),
            average,
            least,
            t=law["unlawful-times"],
            **values,
        )
    return line(
        "经济补偿",
        "Severance",
        amount,
        ("{n} 个月（{a} 至 {b}）× {w} 元", "{n} months ({a} to {b}) × {w} yuan"),
        (*cites, "lclr 27"),
        average,
        least,
        **values,
    )


def _years(start: date, end: date, law: Table) -> Decimal:
    """Full years; one more if the rest is six months or more, a half if it is less, nothing if there is none."""
    if end < start:
        return Decimal(0)
    months, days = months_worked(start, end)
    years, rest = divmod(months, 12)
    if rest >= law["whole-from-months"]:
        return Decimal(years + 1)
    return years + law["half"] if rest or days else Decimal(years)


def notice_pay(figures: Figures, *, end: date, last_wage: Decimal) -> Lines:
    """Last month's wage where the dismissal is one of article 40 and no 30 days' notice was given."""
    above_zero(last_wage=last_wage)
    months = figures.on("notice-pay", end)
    return (
        line(
            "代通知金",
            "Pay in lieu of notice",
            months.value * last_wage,
            ("{n} 个月 × 上月工资 {w} 元", "{n} month × last month's wage of {w} yuan"),
            months.cites,
            n=months.value,
            w=last_wage,
        ),
    )


def no_contract(figures: Figures, *, start: date, end: date, wage: Decimal) -> Lines:
    """One more wage for the second to the twelfth month without a written contract, at most eleven.

    `end` is the last day without one: the day before it was signed, or the last day of work. A part of a
    month is reckoned by its working days, a day at wage ÷ paid days. Raises `Unfit` for years without a calendar.
    """
    above_zero(wage=wage)
    in_order("start", start, "end", end)
    law, cites = figures.table("no-contract", end)
    begins = add_months(start, int(law["from-month"]))
    last = min(end, add_months(start, int(law["until-month"])) - timedelta(days=1))
    if last < begins:
        return ()
    months, days = months_worked(begins, last)
    part = Decimal(0)
    working = 0
    if days:
        pay, more = figures.table("paid-days", last)
        cites = (*cites, "li2 6", *more)
        working = _working_days(add_months(begins, months), last)
        part = min(wage * working / pay["days"], wage)
    return (
        line(
            "未订立书面合同的二倍工资差额",
            "Second wage for want of a written contract",
            months * wage + part,
            (
                "{a} 至 {b}：{m} 个月 × {w} 元 + {d} 个工作日 {p} 元",
                "{a} to {b}: {m} months × {w} yuan + {d} working days, {p} yuan",
            ),
            cites,
            a=begins,
            b=last,
            m=months,
            w=wage,
            d=working,
            p=part.quantize(Decimal("0.01")),
        ),
    )


def _working_days(start: date, end: date) -> int:
    try:
        return len(chinese_calendar.get_workdays(start, end))
    except NotImplementedError:
        raise Unfit(
            "end",
            _("there is no calendar of working days for %(year)s") % {"year": end.year},
            _("Give whole months"),
        ) from None


def overtime(
    figures: Figures,
    *,
    on: date,
    wage: Decimal,
    workday: Decimal = Decimal(0),
    restday: Decimal = Decimal(0),
    holiday: Decimal = Decimal(0),
) -> Lines:
    """Pay for hours beyond the standard: on workdays, on rest days without time off instead, on public holidays."""
    above_zero(wage=wage)
    not_below_zero(workday=workday, restday=restday, holiday=holiday)
    times, cites = figures.table("overtime", on)
    pay, more = figures.table("paid-days", on)
    names = {
        "workday": ("工作日延时", "Overtime on workdays", workday),
        "restday": ("休息日加班", "Work on rest days", restday),
        "holiday": ("法定节假日加班", "Work on public holidays", holiday),
    }
    return tuple(
        line(
            zh,
            en,
            wage / pay["days"] / pay["hours"] * hours * times[kind],
            ("{w} 元 ÷ {d} ÷ {h} × {n} 小时 × {t}", "{w} yuan ÷ {d} ÷ {h} × {n} hours × {t}"),
            (*cites, *more),
            w=wage,
            d=pay["days"],
            h=pay["hours"],
            n=hours,
            t=per_cent(times[kind]),
        )
        for kind, (zh, en, hours) in names.items()
        if hours
    )


def unpaid_wages(figures: Figures, *, wage: Decimal, months: Decimal, paid: Decimal = Decimal(0)) -> Lines:
    """Wages due for months worked, less what was paid for them."""
    above_zero(wage=wage, months=months)
    not_below_zero(paid=paid)
    how = (
        "{each} 元 × {count} 个月 − 已付 {paid} 元",
        "{each} yuan × {count} months − {paid} yuan paid",
    )
    cites = ("ll 50", "lcl 30")
    return left_to_pay("拖欠的工资", "Wages owed", each=wage, count=months, paid=paid, how=how, cites=cites)


def ordered_unpaid(figures: Figures, *, on: date, owed: Decimal, share: Decimal) -> Lines:
    """The addition where the labour authority ordered payment and the term passed: 50 to 100 % of what is owed."""
    above_zero(owed=owed)
    law, cites = figures.table("extra-on-order", on)
    if not law["least"] <= share <= law["most"]:
        raise Unfit(
            "share",
            _("it is outside what the law allows"),
            _("Enter 0.5 to 1"),
        )
    return (
        line(
            "责令后逾期不付的加付赔偿金",
            "Addition where ordered and still unpaid",
            owed * share,
            ("{o} 元 × {s}", "{o} yuan × {s}"),
            cites,
            o=owed,
            s=per_cent(share),
        ),
    )


def work_injury(figures: Figures, *, on: date, grade: int, wage: Decimal, care: str = "none") -> Lines:
    """Lump sum and monthly allowance by grade (1 to 10), and care by dependence (`full`, `most`, `part`, `none`).

    `wage`: own average monthly wage of the 12 months before the accident, held between 60 % and 300 % of the
    local average. What provinces add when the employment ends is not reckoned.
    """
    above_zero(wage=wage)
    months, cites = figures.table("injury-lump", on)
    if str(grade) not in months:
        raise Unfit(
            "grade",
            _("there is no such grade"),
            _("Enter 1 to 10"),
        )
    average, least = figures.on("average-wage", on), figures.on("minimum-wage", on)
    own, bounds = _own_wage(figures, on, wage, average.value)
    lines = [
        line(
            "一次性伤残补助金",
            "Lump sum for disability",
            months[str(grade)] * own,
            ("{g} 级：{m} 个月 × 本人工资 {w} 元", "Grade {g}: {m} months × own wage of {w} yuan"),
            (cites[0] if grade < 5 else cites[1] if grade < 7 else cites[2], *bounds),
            average,
            g=grade,
            m=months[str(grade)],
            w=own,
        )
    ]
    shares, monthly = figures.table("injury-monthly", on)
    if share := shares.get(str(grade)):
        lines.append(
            line(
                "每月伤残津贴" if grade < 5 else "每月伤残津贴（单位难以安排工作时）",
                "Allowance a month" if grade < 5 else "Allowance a month, if no work can be given",
                max(share * own, least.value),
                (
                    "本人工资 {w} 元 × {s}，不低于最低工资",
                    "Own wage of {w} yuan × {s}, not below the minimum wage",
                ),
                (monthly[0] if grade < 5 else monthly[1],),
                least,
                unit=Unit.MONTHLY,
                w=own,
                s=per_cent(share),
            )
        )
    degrees, articles = figures.table("injury-care", on)
    if care in degrees:
        lines.append(
            line(
                "每月生活护理费",
                "Care a month",
                degrees[care] * average.value,
                ("平均工资 {a} 元 × {s}", "Average wage of {a} yuan × {s}"),
                articles,
                average,
                unit=Unit.MONTHLY,
                a=average.value,
                s=per_cent(degrees[care]),
            )
        )
    return tuple(lines)


def _own_wage(figures: Figures, on: date, wage: Decimal, average: Decimal) -> tuple[Decimal, tuple[str, ...]]:
    bounds, cites = figures.table("injury-wage", on)
    return min(max(wage, bounds["least"] * average), bounds["most"] * average), cites


def death_at_work(figures: Figures, *, on: date) -> Lines:
    """Funeral and the lump sum for the family. Allowances of dependants hang on who they are."""
    law, cites = figures.table("injury-death", on)
    average, income = figures.on("average-wage", on), figures.on("national-income", on)
    months, whole = ("{n} 个月 × {f} 元", "{n} months × {f} yuan"), ("{n} × {f} 元", "{n} × {f} yuan")
    return (
        times("丧葬补助金", "Funeral", law["funeral-months"], average, cites, months),
        times("一次性工亡补助金", "Lump sum for the family", law["income-times"], income, cites, whole),
    )
