"""Injury to a person, on the road or elsewhere (人身损害赔偿解释 6–17; 民法典 1179, 1213)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from mumian.engine.definition import Words
from mumian.systems.guidance.calculators.lines import (
    CENT,
    Line,
    Lines,
    Unfit,
    above_zero,
    line,
    not_below_zero,
    per_cent,
    plain,
    total,
)
from mumian.systems.guidance.parameters import Figures, Table

NONE = Decimal(0)
TREATMENT = "pi 6"
"""The article of what treatment costs: the insurance has a limit of its own for it."""


def personal_injury(
    figures: Figures,
    *,
    on: date,
    age: int,
    outcome: str = "healed",
    grade: int = 10,
    medical: Decimal = NONE,
    lost: Decimal = NONE,
    care: Decimal = NONE,
    dependant_years: Decimal = NONE,
    supporters: Decimal = Decimal(1),
    share: Decimal = Decimal(1),
) -> Lines:
    """Heads of damage, each by the share the other side answers for.

    `outcome`: `healed`, `disabled` (with `grade` 1 to 10) or `died`; `lost`: earnings lost to the day before
    the assessment; `dependant_years`: years a dependant must still be supported, by `supporters` people.
    `on`: the day of the judgment or, before it, today. Mental harm is not reckoned.
    """
    not_below_zero(age=Decimal(age), medical=medical, lost=lost, care=care, dependant_years=dependant_years)
    above_zero(supporters=supporters)
    if not 1 <= grade <= 10:
        raise Unfit("grade", _("there is no such grade"), _("Enter 1 to 10"))
    _share(share)
    law, _cites = figures.table("personal-injury", on)
    treated = _plain("医疗费", "Treatment", medical, share, TREATMENT)
    bodily = [
        *_plain("误工费", "Earnings lost", lost, share, "pi 7"),
        *_plain("护理费", "Care", care, share, "pi 8"),
    ]
    capacity = Decimal(1)
    if outcome == "disabled":
        coefficient = figures.on(f"disability-share-{grade}", on)
        capacity = coefficient.value
        income = figures.on("disposable-income", on)
        bodily.append(
            line(
                "残疾赔偿金",
                "Compensation for disability",
                income.value * _years(law, age) * capacity * share,
                ("{i} 元 × {y} 年 × {c} × {s}", "{i} yuan × {y} years × {c} × {s}"),
                ("pi 12",),
                income,
                coefficient,
                i=income.value,
                y=_years(law, age),
                c=per_cent(capacity),
                s=per_cent(share),
            )
        )
    if outcome == "died":
        bodily += _death(figures, on, law, age, share)
    if dependant_years and outcome != "healed":
        spent = figures.on("consumption", on)
        years = min(dependant_years, law["years"])
        bodily.append(
            line(
                "被扶养人生活费",
                "Living costs of a dependant",
                spent.value * years / max(supporters, Decimal(1)) * capacity * share,
                ("{c} 元 × {y} 年 ÷ {n} 人 × {k} × {s}", "{c} yuan × {y} years ÷ {n} people × {k} × {s}"),
                ("pi 17",),
                spent,
                c=spent.value,
                y=years,
                n=supporters,
                k=per_cent(capacity),
                s=per_cent(share),
            )
        )
    return (*bodily, *treated)


def traffic(
    figures: Figures,
    *,
    on: date,
    accident: date,
    age: int,
    outcome: str = "healed",
    grade: int = 10,
    medical: Decimal = NONE,
    lost: Decimal = NONE,
    care: Decimal = NONE,
    goods: Decimal = NONE,
    dependant_years: Decimal = NONE,
    supporters: Decimal = Decimal(1),
    share: Decimal = Decimal(1),
) -> Lines:
    """The compulsory insurance within its limits first, then the rest by the driver's share (民法典 1213).

    `share` 0: the driver bears no fault, and the lower limits apply. Other inputs as `personal_injury`.
    """
    _share(share)
    not_below_zero(goods=goods)
    heads = personal_injury(
        figures, on=on, age=age, outcome=outcome, grade=grade, medical=medical, lost=lost, care=care,
        dependant_years=dependant_years, supporters=supporters,
    )  # fmt: skip
    spent = tuple(head for head in heads if TREATMENT in head.cites)
    bodily = tuple(head for head in heads if head not in spent)
    limits, cites = figures.table("compulsory-insurance", accident)
    damage = (line("财产损失", "Damage to property", goods, ("{p} 元", "{p} yuan"), ("cc 1184",), p=goods),)
    lines: list[Line] = []
    rest = NONE
    for kind, zh, en, group in (
        ("medical", "交强险：医疗费用", "Compulsory insurance: treatment", spent),
        ("injury", "交强险：死亡伤残", "Compulsory insurance: injury and death", bodily),
        ("property", "交强险：财产损失", "Compulsory insurance: property", damage if goods else ()),
    ):
        loss = total(group)
        if not loss:
            continue
        limit = limits[kind if share else f"no-fault-{kind}"]
        covered = min(loss, limit)
        rest += loss - covered
        lines.append(
            line(
                zh,
                en,
                covered,
                ("{parts}{l} 元，限额 {m} 元", "{parts}{l} yuan, limit {m} yuan"),
                (*cites, *dict.fromkeys(cite for head in group for cite in head.cites)),
                parts=f"{' + '.join(plain(head.amount) for head in group)} = " if len(group) > 1 else "",
                l=loss,
                m=limit,
            )
        )
    lines.append(
        line(
            "商业险或对方承担",
            "Commercial insurance or the other side",
            rest * share,
            ("{r} 元 × {s}", "{r} yuan × {s}"),
            ("cc 1213", "cc 1179"),
            r=rest.quantize(CENT),
            s=per_cent(share),
        )
    )
    used: list[tuple[Words, Words]] = []
    for head in (*spent, *bodily):
        used += [each for each in head.inputs if each not in used]
    return (*lines[:-1], replace(lines[-1], inputs=tuple(used)))


def _death(figures: Figures, on: date, law: Table, age: int, share: Decimal) -> Lines:
    income, wage = figures.on("disposable-income", on), figures.on("funeral-wage", on)
    return (
        line(
            "死亡赔偿金",
            "Compensation for death",
            income.value * _years(law, age) * share,
            ("{i} 元 × {y} 年 × {s}", "{i} yuan × {y} years × {s}"),
            ("pi 15",),
            income,
            i=income.value,
            y=_years(law, age),
            s=per_cent(share),
        ),
        line(
            "丧葬费",
            "Funeral",
            wage.value * law["funeral-months"] * share,
            ("{w} 元 × {m} 个月 × {s}", "{w} yuan × {m} months × {s}"),
            ("pi 14",),
            wage,
            w=wage.value,
            m=law["funeral-months"],
            s=per_cent(share),
        ),
    )


def _years(law: Table, age: int) -> Decimal:
    """20; one less for each year over 60; five from 75."""
    if age >= law["few-from-age"]:
        return law["few-years"]
    return law["years"] - max(age - law["less-from-age"], NONE)


def _plain(zh: str, en: str, amount: Decimal, share: Decimal, cite: str) -> Lines:
    if not amount:
        return ()
    how = ("{a} 元 × {s}", "{a} yuan × {s}")
    return (line(zh, en, amount * share, how, (cite, "cc 1179"), a=amount, s=per_cent(share)),)


def _share(share: Decimal) -> None:
    if not 0 <= share <= 1:
        raise Unfit("share", _("it is no share"), _("Enter 0 to 1"))
