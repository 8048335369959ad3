"""Forced surrender (强制履约): what the authority takes towards a duty that was not met by its last day.

Only where the rule book provides for it, only what is missing, and only allowances the entity has in its registry and
trading accounts: what was kept back from an entity at risk first, then what is free, then what rests in orders, which
give way. What is pledged, frozen or submitted stays where it is, and credits are left to their holder. The module
decides which tonnes; moving them is the room's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tonnebook.core import surrender
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Lot

_ACCOUNTS = (AccountType.HOLDING, AccountType.TRADING)
_LIMITS = ("kept_t", "free_t", "resting_t")


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


class RiskGround(StrEnum):
    """Why an entity may fail to surrender (our list; the plan speaks of risk alone)."""

    BANKRUPTCY = "BANKRUPTCY"
    CLOSURE = "CLOSURE"
    RELOCATION = "RELOCATION"
    DEBT = "DEBT"


class RiskRefusal(Refusal):
    """Why nothing is kept back, or not set free, in order of precedence."""

    NOT_KEPT_BACK = Sentence(
        "{region} {year} 年度的规则没有规定风险单位配额由主管部门保管。",
        "The rules of {region} for {year} do not let the authority keep allowances of entities at risk.",
        "S07, at-risk units",
    )
    DOCUMENT_NEEDED = Sentence(
        "须写明认定所依据的文件。", "Name the document it rests on.", "design choice", status=422
    )
    ALREADY_AT_RISK = Sentence(
        "{entity} 已认定为风险单位（{mark}）。", "{entity} is at risk already ({mark}).", "design choice"
    )
    NOT_AT_RISK = Sentence("{entity} 不是风险单位。", "{entity} is not at risk.", "design choice")


@dataclass(frozen=True, slots=True)
class Reach:
    """What can be taken of one asset in one account of an entity.

    Attributes:
        type: of the account.
        asset: which units.
        free_t: set aside for nobody, tonnes.
        resting_t: in orders and transfers that wait, tonnes; they give way.
        kept_t: kept back by the authority, tonnes.
    """

    type: AccountType
    asset: AssetKey
    free_t: int
    resting_t: int = 0
    kept_t: int = 0


@dataclass(frozen=True, slots=True)
class Taking:
    """Tonnes taken from one account and asset; `resting_t` make orders give way, `kept_t` had been kept back."""

    type: AccountType
    asset: AssetKey
    quantity_t: int
    resting_t: int
    kept_t: int = 0


def takings(missing_t: int, within: Sequence[Reach], rules: RulesAt) -> tuple[Taking, ...]:
    """Choose what is taken towards what is missing.

    Args:
        missing_t: tonnes not surrendered, >= 0.
        within: what the entity has.
        rules: rules of the compliance year; `surrender.order` ranks what is taken, credits are passed over.

    Returns:
        Whole tonnes, no more than is missing: first what was kept back, then what is free, then what rests in orders;
        each in the order in which units are surrendered, out of the registry account before the trading account.

    Source: S07, at-risk units (that it is done, and that what was kept back goes first); the order otherwise: design
        choice, no legal source.
    """
    usable = [
        one
        for one in within
        if one.asset.kind is AssetKind.ALLOWANCE and surrender.ineligible(one.asset, rules) is None
    ]
    ranked = sorted(usable, key=lambda one: (surrender.rank(Lot(one.asset, 0), rules), _ACCOUNTS.index(one.type)))
    left_t = missing_t
    taken = {one: dict.fromkeys(_LIMITS, 0) for one in ranked}
    for limit in _LIMITS:
        for one in ranked:
            taken[one][limit] = min(left_t, getattr(one, limit))
            left_t -= taken[one][limit]
    return tuple(
        Taking(one.type, one.asset, sum(parts.values()), parts["resting_t"], parts["kept_t"])
        for one, parts in taken.items()
        if any(parts.values())
    )


def keeps_back(rules: RulesAt) -> bool:
    """Say whether the authority keeps what is issued to entities at risk.

    Args:
        rules: rules of the compliance year; `allocation.at_risk.to_provincial_account`.

    Source: S07, S08 (draft): at-risk units.
    """
    path = "allocation.at_risk.to_provincial_account"
    return rules.has(path) and rules.flag(path)


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
