"""The calculators by name. Each is a pure function of figures and inputs that gives lines; see `lines.py`.

A date outside the figures raises `parameters.UnknownFigure`, an input that cannot be so `lines.Unfit`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from mumian.systems.guidance.calculators import court, injury, labour, money, others
from mumian.systems.guidance.calculators.lines import Calculator, Line, Lines, Unfit, Unit, total

CALCULATORS: Mapping[str, Calculator] = {
    "severance": labour.severance,
    "unlawful-dismissal": labour.unlawful_dismissal,
    "notice-pay": labour.notice_pay,
    "no-contract": labour.no_contract,
    "overtime": labour.overtime,
    "unpaid-wages": labour.unpaid_wages,
    "ordered-unpaid": labour.ordered_unpaid,
    "work-injury": labour.work_injury,
    "death-at-work": labour.death_at_work,
    "personal-injury": injury.personal_injury,
    "traffic": injury.traffic,
    "private-loan": money.private_loan,
    "late-payment": money.late_payment,
    "construction-pay": money.construction_pay,
    "judgment-debt": money.judgment_debt,
    "earnest-money": money.earnest_money,
    "agreed-penalty": money.agreed_penalty,
    "sum-owed": money.sum_owed,
    "to-give-back": money.to_give_back,
    "loss-made-good": money.loss_made_good,
    "court-fee": court.court_fee,
    "court-fee-most": court.court_fee_most,
    "enforcement-fee": court.enforcement_fee,
    "preservation-fee": court.preservation_fee,
    "limitation": court.limitation,
    "consumer": others.consumer,
    "child-maintenance": others.child_maintenance,
    "child-maintenance-most": others.child_maintenance_most,
    "inheritance": others.inheritance,
    "insured-loss": others.insured_loss,
    "partners-share": others.partners_share,
    "owners-vote": others.owners_vote,
}

PEAKS: Mapping[tuple[str, str], Callable[..., list[Decimal]]] = {
    ("severance", "wage"): labour.severance_peaks,
    ("unlawful-dismissal", "wage"): labour.severance_peaks,
}
"""Where a result is greatest or least inside a range of an input, not at its ends."""

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "traffic": ("medical", "lost", "care", "goods"),
    "personal-injury": ("medical", "lost", "care"),
}
"""Inputs of which more is never less, whatever the others: the ends of their ranges are tried together."""

__all__ = ["CALCULATORS", "PEAKS", "TOGETHER", "Calculator", "Line", "Lines", "Unfit", "Unit", "total"]
