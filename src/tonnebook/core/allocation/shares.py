"""Free and paid: which part of an annual allowance is given, which part has to be bought.

Paid tonnes are rounded down, so the paid part never passes the ceiling of the rule, and free and paid add up to the
annual allowance exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

PAID_INCENTIVE = "allocation.paid_incentive"


@dataclass(frozen=True, slots=True)
class Split:
    """The free and the paid part of an annual allowance, whole tonnes each; they add up to it."""

    free: Traced
    paid: Traced


def split(allowance: Traced, share: Traced) -> Split:
    """Split an annual allowance.

    Args:
        allowance: whole tonnes.
        share: paid share, 0 to 1.

    Returns:
        Free and paid tonnes with `free + paid = allowance`.

    Source: S01 (四); rounding in favour of the entity: design choice.
    """
    exact = trace.product([allowance, share], "t", zh="配额×有偿比例", en="allowance × paid share")
    paid = trace.floor(exact, zh="有偿发放部分（舍去小数）", en="paid part, rounded down")
    return Split(trace.difference(allowance, paid, "t", zh="免费发放部分", en="free part"), paid)


def paid_share(sector: str, coefficient: Decimal, rules: RulesAt, *, grounds: Iterable[str] = ()) -> Traced:
    """Compute the paid share of an entity: the sector's share times its coefficient, kept under the ceiling.

    Args:
        sector: sector code.
        coefficient: the entity's own coefficient, >= 0; 1 where it has none.
        grounds: grounds found for it; each that `allocation.paid_incentive` names multiplies the coefficient.
        rules: rules of the compliance year; `allocation.paid_share_max` is the ceiling while it is in force.

    Returns:
        A share between 0 and the ceiling; zero where the rule book has no paid share for the sector.

    Source: S01 (四): at most 8 % of an entity's allowance through 2027; a coefficient by fall of emission or intensity,
        co-reduction and metering; that grounds multiply: design choice.
    """
    path = f"allocation.paid_share.{sector}"
    if not rules.has(path):
        return trace.given(0, "", zh="该行业无有偿比例", en="no paid share for this sector")
    own = trace.given(coefficient, "", zh="激励调节系数", en="incentive coefficient")
    named = [rules.number(f"{PAID_INCENTIVE}.{ground}") for ground in sorted(grounds) if has_incentive(ground, rules)]
    factors = [rules.number(path), own, *named]
    share = trace.product(factors, "", zh="行业比例×系数", en="share of the sector × coefficient")
    if not rules.has("allocation.paid_share_max"):
        return share
    ceiling = rules.number("allocation.paid_share_max")
    return trace.smallest([share, ceiling], "", zh="不超过上限的有偿比例", en="paid share, kept under the ceiling")


def has_incentive(ground: str, rules: RulesAt) -> bool:
    """Say whether a ground changes the paid share.

    Source: S01 (四), by `allocation.paid_incentive`.
    """
    return rules.has(f"{PAID_INCENTIVE}.{ground}")
