"""Consumers, family, insurance, partners, owners of one house: small rules of one article each."""

from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.utils.translation import gettext as _

from mumian.systems.guidance.calculators.lines import (
    Lines,
    Unfit,
    Unit,
    above_zero,
    line,
    not_below_zero,
    per_cent,
)
from mumian.systems.guidance.parameters import Figures


def consumer(
    figures: Figures, *, on: date, price: Decimal, case: str = "fraud", loss: Decimal = Decimal(0)
) -> Lines:
    """The price back, and damages on top: three times for fraud, ten times (or three times the loss) for unsafe food.

    `case`: `fraud`, `food` (the seller knew, or it is the maker) or `fault`: then the price alone.
    """
    above_zero(price=price)
    not_below_zero(loss=loss)
    back = line("退还价款", "Price to be given back", price, ("{p} 元", "{p} yuan"), ("con 52",), p=price)
    if case == "fraud":
        law, cites = figures.table("fraud-on-consumer", on)
        more = max(law["times"] * price, law["least"])
        how = ("{p} 元 × {t}，不足 {l} 元的为 {l} 元", "{p} yuan × {t}, at least {l} yuan")
        said: dict[str, Any] = {"p": price, "t": law["times"], "l": law["least"]}
    elif case == "food":
        law, cites = figures.table("unsafe-food", on)
        more = max(law["price-times"] * price, law["loss-times"] * loss, law["least"])
        how = (
            "{p} 元 × {t} 或损失 {s} 元 × {u}，不足 {l} 元的为 {l} 元",
            "{p} yuan × {t} or the loss of {s} yuan × {u}, at least {l} yuan",
        )
        said = {"p": price, "t": law["price-times"], "s": loss, "u": law["loss-times"], "l": law["least"]}
    else:
        return (back,)
    return (back, line("惩罚性赔偿", "Damages on top", more, how, cites, **said))


def child_maintenance(
    figures: Figures, *, on: date, income: Decimal, share: Decimal, children: int = 1
) -> Lines:
    """What a parent with a regular income generally pays a month: 20 to 30 %, for several children up to 50 %."""
    above_zero(income=income, children=Decimal(children))
    law, cites = figures.table("child-maintenance", on)
    most = law["most"] if children == 1 else law["several-most"]
    if not law["least"] <= share <= most:
        raise Unfit(
            "share", _("it is outside what is usual"), _("Enter 0.2 to 0.3; 0.5 at most for several children")
        )
    return (
        line(
            "每月抚养费",
            "Maintenance a month",
            income * share,
            ("月总收入 {i} 元 × {s}", "Monthly income of {i} yuan × {s}"),
            ("cc 1085", *cites),
            unit=Unit.MONTHLY,
            i=income,
            s=per_cent(share),
        ),
    )


def child_maintenance_most(figures: Figures, *, on: date, income: Decimal, children: int = 1) -> Lines:
    """The most that is generally paid."""
    law, _cites = figures.table("child-maintenance", on)
    share = law["most"] if children == 1 else law["several-most"]
    return child_maintenance(figures, on=on, income=income, share=share, children=children)


def inheritance(
    figures: Figures,
    *,
    common: Decimal = Decimal(0),
    own: Decimal = Decimal(0),
    debts: Decimal = Decimal(0),
    heirs: int,
) -> Lines:
    """One heir's share by law: half of what was the couple's, and the dead person's own, less debts, by heads.

    `heirs`: those of the first order (spouse, children, parents) who take part; shares are generally equal.
    """
    not_below_zero(common=common, own=own, debts=debts)
    above_zero(heirs=Decimal(heirs))
    estate = common / 2 + own
    return (
        line(
            "一位继承人的份额",
            "One heir's share",
            max(estate - debts, Decimal(0)) / heirs,
            (
                "（共同财产 {c} 元 ÷ 2 + 个人财产 {o} 元 − 债务 {d} 元）÷ {n} 人",
                "(common property {c} yuan ÷ 2 + own {o} yuan − debts {d} yuan) ÷ {n} heirs",
            ),
            ("cc 1127", "cc 1130", "cc 1153", "cc 1161"),
            c=common,
            o=own,
            d=debts,
            n=heirs,
        ),
    )


def insured_loss(figures: Figures, *, loss: Decimal, insured: Decimal, value: Decimal) -> Lines:
    """What an insurer of property pays: the loss, by the part of the value that was insured, within the sum."""
    above_zero(loss=loss, insured=insured, value=value)
    part = min(Decimal(1), insured / value)
    return (
        line(
            "保险赔偿",
            "Insurance payment",
            min(loss * part, insured),
            ("损失 {l} 元 × {s}，以保险金额 {i} 元为限", "Loss of {l} yuan × {s}, at most {i} yuan"),
            ("ins 55",),
            l=loss,
            s=per_cent(part),
            i=insured,
        ),
    )


def partners_share(figures: Figures, *, amount: Decimal, mine: Decimal, together: Decimal) -> Lines:
    """One's part of a profit by what each has paid in, where nothing else was agreed."""
    above_zero(amount=amount, together=together)
    not_below_zero(mine=mine)
    if mine > together:
        raise Unfit("mine", _("it is more than all paid in together"), _("Look at both sums again"))
    return (
        line(
            "按实缴出资比例的份额",
            "Part by what was paid in",
            amount * mine / together,
            ("{a} 元 × {m} 元 ÷ {t} 元", "{a} yuan × {m} yuan ÷ {t} yuan"),
            ("cc 972", "pe 33", "co 210"),
            a=amount,
            m=mine,
            t=together,
        ),
    )


def owners_vote(figures: Figures, *, on: date, owners: Decimal, area: Decimal) -> Lines:
    """How many owners, and with how much floor area, must take part and agree if just those take part."""
    above_zero(owners=owners, area=area)
    law, cites = figures.table("owners-vote", on)
    agree = law["agree-of-4"] / 4
    there = (owners * law["take-part-of-3"] / 3).to_integral_value(ROUND_CEILING)
    floor = area * law["take-part-of-3"] / 3
    yes = (there * agree).to_integral_value(ROUND_CEILING)
    heads, metres = ("{a} × {s}，向上取整", "{a} × {s}, rounded up"), ("{a} 平方米 × {s}", "{a} m² × {s}")
    rows = (
        ("参与表决的最少户数", "Owners who must take part", there, heads, Unit.VOTES, owners, "2/3"),
        (
            "参与表决的最小面积（平方米）",
            "Floor area that must take part, m²",
            floor,
            metres,
            Unit.AREA,
            area,
            "2/3",
        ),
        ("其中同意的最少户数", "Of these, owners who must agree", yes, heads, Unit.VOTES, there, "3/4"),
        (
            "其中同意的最小面积（平方米）",
            "Of this, area that must agree, m²",
            floor * agree,
            metres,
            Unit.AREA,
            floor,
            "3/4",
        ),
    )
    return tuple(
        line(zh, en, amount, how, cites, unit=unit, a=of.quantize(Decimal("0.01")), s=share)
        for zh, en, amount, how, unit, of, share in rows
    )
