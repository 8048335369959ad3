"""Forced surrender (强制履约): what the authority takes towards a duty that was not met by its last day.

Only where the rule book provides for it, only what is missing, and only allowances the entity has in its registry and
trading accounts: what is free first, then what rests in orders, which give way. What is pledged, frozen or submitted
stays where it is, and credits are left to their holder. The module decides which tonnes; moving them is the room's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tonnebook.core import surrender
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Lot

_ACCOUNTS = (AccountType.HOLDING, AccountType.TRADING)


class EnforcementRefusal(Refusal):
    """Why nothing is taken by force, in order of precedence."""

    NOT_PROVIDED = Sentence(
        "{region} {year} 年度的规则没有规定强制履约。",
        "The rules of {region} for {year} do not provide for forced surrender.",
        "S07, at-risk units",
    )
    TOO_EARLY = Sentence(
        "{year} 年度的清缴截止日为 {deadline}，当日结束后才能强制履约。",
        "Surrenders of {year} are due on {deadline}; nothing is taken by force before that day is over.",
        "S05 Art. 24",
        transient=True,
    )
    NOTHING_MISSING = Sentence(
        "{entity} 的 {year} 年度没有未清缴的数量。",
        "{entity} has nothing missing for {year}.",
        "S05 Art. 24",
    )
    NOTHING_WITHIN_REACH = Sentence(
        "{entity} 没有可以扣缴的配额。",
        "{entity} has no allowance that can be taken.",
        "design choice",
    )
    QUANTITY_CHANGED = Sentence(
        "批准扣缴 {approved_t} 吨，现可扣缴 {found_t} 吨；请重新提出。",
        "{approved_t} t were approved and {found_t} t can be taken now; propose it again.",
        "design choice",
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """What can be taken of one asset in one account of an entity.

    Attributes:
        type: of the account.
        asset: which units.
        free_t: set aside for nobody, tonnes.
        resting_t: in orders and transfers that wait, tonnes; they give way.
    """

    type: AccountType
    asset: AssetKey
    free_t: int
    resting_t: int = 0


@dataclass(frozen=True, slots=True)
class Taking:
    """Tonnes taken from one account and asset; `resting_t` of them make orders give way."""

    type: AccountType
    asset: AssetKey
    quantity_t: int
    resting_t: int


def takings(missing_t: int, within: Sequence[Reach], rules: RulesAt) -> tuple[Taking, ...]:
    """Choose what is taken towards what is missing.

    Args:
        missing_t: tonnes not surrendered, >= 0.
        within: what the entity has.
        rules: rules of the compliance year; `surrender.order` ranks what is taken, credits are passed over.

    Returns:
        Whole tonnes, no more than is missing: first what is free, in the order in which units are surrendered, out of
        the registry account before the trading account; then, in the same order, what rests in orders.

    Source: S07, at-risk units (that it is done); the order: design choice, no legal source.
    """
    usable = [
        one
        for one in within
        if one.asset.kind is AssetKind.ALLOWANCE and surrender.ineligible(one.asset, rules) is None
    ]
    ranked = sorted(usable, key=lambda one: (surrender.rank(Lot(one.asset, 0), rules), _ACCOUNTS.index(one.type)))
    left_t, free, resting = missing_t, dict.fromkeys(ranked, 0), dict.fromkeys(ranked, 0)
    for taken, limit in ((free, "free_t"), (resting, "resting_t")):
        for one in ranked:
            taken[one] = min(left_t, getattr(one, limit))
            left_t -= taken[one]
    return tuple(
        Taking(one.type, one.asset, free[one] + resting[one], resting[one])
        for one in ranked
        if free[one] + resting[one]
    )


def check(
    entity: str, *, missing_t: int, found: Sequence[Taking], approved_t: int | None, is_over: bool, rules: RulesAt
) -> None:
    """Decide whether the authority may take by force.

    Args:
        entity: unified social credit code.
        missing_t: tonnes not surrendered nor submitted.
        found: what would be taken.
        approved_t: tonnes that two people approved; None when it is only proposed.
        is_over: whether the last day for surrender is over.
        rules: rules of the compliance year.

    Raises:
        Refused: NOT_PROVIDED, TOO_EARLY, NOTHING_MISSING, NOTHING_WITHIN_REACH or QUANTITY_CHANGED, the first that
            applies.

    Source: S07, at-risk units; S05 Art. 24; the check of the approved quantity: design choice.
    """
    facts = {"entity": entity, "year": rules.year, "region": rules.region}
    if not (rules.has("surrender.forced.allowed") and rules.flag("surrender.forced.allowed")):
        raise Refused(EnforcementRefusal.NOT_PROVIDED, **facts)
    if not is_over:
        raise Refused(EnforcementRefusal.TOO_EARLY, **facts, deadline=rules.day("deadline.surrender_on"))
    if missing_t <= 0:
        raise Refused(EnforcementRefusal.NOTHING_MISSING, **facts)
    found_t = sum(one.quantity_t for one in found)
    if not found_t:
        raise Refused(EnforcementRefusal.NOTHING_WITHIN_REACH, **facts)
    if approved_t is not None and approved_t != found_t:
        raise Refused(EnforcementRefusal.QUANTITY_CHANGED, approved_t=approved_t, found_t=found_t)
