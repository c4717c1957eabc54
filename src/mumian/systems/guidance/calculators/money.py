"""Debts and contracts: private loans, late payment, judgment debts, earnest money, penalties, sums owed.

Sources: 民间借贷规定 24–31; 买卖合同解释 18; 建设工程解释（一） 26; 法释〔2014〕8号 1; 民法典 585–587.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from mumian.systems.guidance.calculators.lines import (
    YEAR,
    Line,
    Lines,
    Unfit,
    above_zero,
    in_order,
    left_to_pay,
    line,
    not_below_zero,
    per_cent,
)
from mumian.systems.guidance.parameters import Figures, Found

NEW_CAP = date(2020, 8, 20)
"""Since when the cap on private lending is a multiple of the loan prime rate (民间借贷规定 31)."""


def private_loan(
    figures: Figures,
    *,
    principal: Decimal,
    start: date,
    until: date,
    rate: Decimal | None = None,
    due: date | None = None,
    kept_back: Decimal = Decimal(0),
    suit: date | None = None,
) -> Lines:
    """Principal and interest to `until`, nothing having been paid back.

    `rate` is the yearly rate agreed, as a share; none agreed: no interest in the term, the prime rate after
    `due`. All overdue charges together count as the rate. `suit`: the day of the suit, for loans made
    before 20 August 2020; the same as `until` if unsaid. Interest is simple, a year of 365 days.
    """
    above_zero(principal=principal)
    not_below_zero(kept_back=kept_back, **({"rate": rate} if rate is not None else {}))
    in_order("start", start, "until", until)
    lent = principal - kept_back
    if lent <= 0:
        raise Unfit("kept_back", _("it is not less than the sum lent"), _("Look at both sums again"))
    lines = [
        line(
            "借款本金",
            "Principal",
            lent,
            ("{p} 元 − 预先扣除 {k} 元", "{p} yuan − {k} yuan kept back"),
            ("cc 670", "pl 26") if kept_back else ("cc 675",),
            p=principal,
            k=kept_back,
        )
    ]
    if rate:
        lines += _agreed(figures, lent, rate, start, until, suit or until)
    elif due is not None and due < until:
        in_order("start", start, "due", due)
        lines.append(_overdue(figures, lent, due, until))
    return tuple(lines)


def _agreed(
    figures: Figures, lent: Decimal, rate: Decimal, start: date, until: date, suit: date
) -> Iterator[Line]:
    """The agreed rate runs on after the term (28); never above the cap."""
    if start >= NEW_CAP:
        yield _interest(figures, lent, rate, start, until, start, ("pl 25", "pl 28", "pl 29"))
        return
    old = figures.table("loan-cap", start)[0]["rate"]
    last = min(until, NEW_CAP)
    yield _charge(lent, rate, old, start, last, ("pl 31",))
    if until > NEW_CAP:
        yield _interest(figures, lent, rate, NEW_CAP, until, suit, ("pl 31",))


def _interest(
    figures: Figures,
    lent: Decimal,
    rate: Decimal,
    start: date,
    until: date,
    lpr_on: date,
    cites: tuple[str, ...],
) -> Line:
    rule, _articles = figures.table("loan-cap", max(lpr_on, NEW_CAP))
    lpr = figures.on("lpr", lpr_on)
    return _charge(lent, rate, rule["lpr-times"] * lpr.value, start, until, cites, lpr)


def _charge(
    lent: Decimal,
    rate: Decimal,
    cap: Decimal,
    start: date,
    until: date,
    cites: tuple[str, ...],
    *used: Found,
) -> Line:
    days = (until - start).days
    lower = min(rate, cap)
    return line(
        "利息",
        "Interest",
        lent * lower * days / YEAR,
        (
            "{p} 元 × {r} × {d} 天 ÷ 365（约定 {g}，上限 {c}）",
            "{p} yuan × {r} × {d} days ÷ 365 (agreed {g}, cap {c})",
        ),
        cites,
        *used,
        p=lent,
        r=per_cent(lower),
        d=days,
        g=per_cent(rate),
        c=per_cent(cap),
    )


def _overdue(figures: Figures, lent: Decimal, due: date, until: date) -> Line:
    lpr = figures.on("lpr", due)
    days = (until - due).days
    return line(
        "逾期利息",
        "Interest since it was due",
        lent * lpr.value * days / YEAR,
        ("{p} 元 × {r} × {d} 天 ÷ 365", "{p} yuan × {r} × {d} days ÷ 365"),
        ("pl 24", "pl 28"),
        lpr,
        p=lent,
        r=per_cent(lpr.value),
        d=days,
    )


def late_payment(figures: Figures, *, owed: Decimal, due: date, until: date, times: Decimal) -> Lines:
    """What is owed under a sale, and the loss by late payment: the prime rate at the breach × 1.3 to 1.5."""
    above_zero(owed=owed)
    in_order("due", due, "until", until)
    law, cites = figures.table("late-payment", due)
    if not law["least"] <= times <= law["most"]:
        raise Unfit("times", _("it is outside what the law allows"), _("Enter 1.3 to 1.5"))
    lpr, days = figures.on("lpr", due), (until - due).days
    return (
        _owed(owed, ("cc 579", "cc 626")),
        line(
            "逾期付款损失",
            "Loss by late payment",
            owed * lpr.value * times * days / YEAR,
            ("{o} 元 × {r} × {t} × {d} 天 ÷ 365", "{o} yuan × {r} × {t} × {d} days ÷ 365"),
            cites,
            lpr,
            o=owed,
            r=per_cent(lpr.value),
            t=times,
            d=days,
        ),
    )


def construction_pay(figures: Figures, *, owed: Decimal, due: date, until: date) -> Lines:
    """Pay for building work and its interest at the prime rate of each time, where no rate was agreed."""
    above_zero(owed=owed)
    in_order("due", due, "until", until)
    cites = figures.on("lpr-interest", due).cites
    spans = list(figures.spans("lpr", due, until - timedelta(days=1))) if until > due else []
    interest = sum(
        (owed * rate * ((last - first).days + 1) / YEAR for first, last, rate in spans), Decimal(0)
    )
    rates = " + ".join(f"{per_cent(rate)} × {(last - first).days + 1}" for first, last, rate in spans)
    return (
        _owed(owed, ("cc 579", "cc 807")),
        line(
            "欠付工程款利息",
            "Interest on the pay",
            interest,
            ("{o} 元 ×（{r}）天 ÷ 365", "{o} yuan × ({r}) days ÷ 365"),
            (*cites, "build 27"),
            o=owed,
            r=rates or "0",
        ),
    )


def _owed(owed: Decimal, cites: tuple[str, ...]) -> Line:
    return line("欠款", "Sum owed", owed, ("{o} 元", "{o} yuan"), cites, o=owed)


def judgment_debt(figures: Figures, *, debt: Decimal, due: date, until: date) -> Lines:
    """The doubled part of interest for days after the term of a judgment, on the debt without its general interest.

    Days on which enforcement was suspended by no fault of the debtor are to be left out beforehand (3).
    """
    above_zero(debt=debt)
    in_order("due", due, "until", until)
    daily, days = figures.on("judgment-debt", due), (until - due).days
    return (
        line(
            "加倍部分债务利息",
            "Doubled part of the interest",
            debt * daily.value * days,
            ("{b} 元 × {r} × {d} 天", "{b} yuan × {r} × {d} days"),
            daily.cites,
            b=debt,
            r=per_cent(daily.value),
            d=days,
        ),
    )


def earnest_money(figures: Figures, *, on: date, paid: Decimal, price: Decimal, broke: str) -> Lines:
    """What the giver of earnest money gets back: twice where the taker (`taker`) broke the contract, else what is over.

    Only up to 20 % of the price has the effect of earnest money; the rest was paid in advance.
    """
    above_zero(paid=paid, price=price)
    law, cites = figures.table("earnest", on)
    earnest = min(paid, law["most"] * price)
    times = law["times"] if broke == "taker" else Decimal(0)
    return (
        line(
            "可要求返还的定金",
            "Earnest money to be returned",
            earnest * times,
            ("{e} 元 × {t}（定金以 {p} 元的 {m} 为限）", "{e} yuan × {t} (at most {m} of {p} yuan)"),
            cites,
            e=earnest,
            t=times,
            p=price,
            m=per_cent(law["most"]),
        ),
        line(
            "超出定金限额的预付款",
            "Paid in advance, above earnest money",
            paid - earnest,
            ("{p} 元 − {e} 元", "{p} yuan − {e} yuan"),
            cites[:1],
            p=paid,
            e=earnest,
        ),
    )


def agreed_penalty(figures: Figures, *, on: date, penalty: Decimal, loss: Decimal) -> Lines:
    """What generally remains of an agreed penalty that is far above the loss: 30 % above the loss."""
    not_below_zero(penalty=penalty, loss=loss)
    most = figures.on("penalty", on)
    return (
        line(
            "一般可支持的违约金",
            "Penalty that generally stands",
            min(penalty, loss * most.value),
            ("约定 {p} 元；损失 {l} 元 × {m}", "{p} yuan agreed; loss of {l} yuan × {m}"),
            most.cites,
            p=penalty,
            l=loss,
            m=per_cent(most.value),
        ),
    )


def sum_owed(figures: Figures, *, each: Decimal, count: Decimal, paid: Decimal = Decimal(0)) -> Lines:
    """So much for each month, square metre or piece, less what was paid."""
    above_zero(each=each, count=count)
    not_below_zero(paid=paid)
    how = ("{each} 元 × {count} − 已付 {paid} 元", "{each} yuan × {count} − {paid} yuan paid")
    return left_to_pay("欠款", "Sum owed", each=each, count=count, paid=paid, how=how, cites=("cc 579",))


def to_give_back(figures: Figures, *, paid: Decimal, deducted: Decimal = Decimal(0)) -> Lines:
    """What was paid or deposited, less what may rightly be kept."""
    above_zero(paid=paid)
    not_below_zero(deducted=deducted)
    return (
        line(
            "应退还的款项",
            "Sum to be given back",
            max(paid - deducted, Decimal(0)),
            ("{p} 元 − 可扣除 {d} 元", "{p} yuan − {d} yuan rightly kept"),
            ("cc 577", "cc 579"),
            p=paid,
            d=deducted,
        ),
    )


def loss_made_good(figures: Figures, *, loss: Decimal, share: Decimal = Decimal(1)) -> Lines:
    """A loss, by the share the other side answers for."""
    above_zero(loss=loss)
    if not 0 <= share <= 1:
        raise Unfit("share", _("it is no share"), _("Enter 0 to 1"))
    return (
        line(
            "可要求赔偿的损失",
            "Loss to be made good",
            loss * share,
            ("{l} 元 × {s}", "{l} yuan × {s}"),
            ("cc 584", "cc 1165"),
            l=loss,
            s=per_cent(share),
        ),
    )
