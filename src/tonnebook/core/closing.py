"""The close of a day: what each member bought, sold and owes, and whether registry, market and bank say the same.

Three books tell of one day. The registry has moved units and money, the market has made trades, the banks keep the
money. Whatever one of them has and another has not is a break; a day with a break that two people have not resolved
does not close.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from tonnebook.core import units
from tonnebook.core.errors import Fault, Refusal, Refused, Sentence

# An account and an asset, or the name of a bank and money.
Position: TypeAlias = tuple[str, str]


class DayStep(StrEnum):
    """The steps of a close, in order; each can be done again until the last has been."""

    EXPIRE_ORDERS = "EXPIRE_ORDERS"
    NET_MEMBERS = "NET_MEMBERS"
    CLOSE_PRICES = "CLOSE_PRICES"
    RECONCILE = "RECONCILE"
    PUBLISH = "PUBLISH"


class BreakKind(StrEnum):
    """Which two books differ."""

    REGISTRY_MARKET = "REGISTRY_MARKET"
    REGISTRY_SERIALS = "REGISTRY_SERIALS"
    REGISTRY_BANK = "REGISTRY_BANK"


class BreakState(StrEnum):
    """Where a break stands."""

    OPEN = "OPEN"
    EXPLAINED = "EXPLAINED"
    RESOLVED = "RESOLVED"
    # It was gone when the books were compared again.
    GONE = "GONE"


# What keeps a day from closing.
BLOCKING = frozenset({BreakState.OPEN, BreakState.EXPLAINED})


class ClosingRefusal(Refusal):
    """Why a break is not explained or resolved, in order of precedence."""

    NO_SUCH_BREAK = Sentence(
        zh="没有差异 {number}。", en="There is no break {number}.", article="design choice", status=404
    )
    BREAK_NOT_OPEN = Sentence(
        zh="差异 {number} 已有说明或已处理，不能再作说明。",
        en="Break {number} is explained or settled already.",
        article="design choice",
    )
    BREAK_NOT_EXPLAINED = Sentence(
        zh="差异 {number} 尚无待复核的说明。",
        en="Break {number} has no explanation that waits for a second person.",
        article="design choice",
    )
    BREAK_NEEDS_ANOTHER_PERSON = Sentence(
        zh="差异 {number} 的说明须由另一人复核。",
        en="Break {number} is resolved by somebody other than who explained it.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class ClearedTrade:
    """One trade as the close sees it: who sold to whom, for how much, and what fee each side paid."""

    seller: str
    buyer: str
    asset: str
    quantity_t: int
    price_fen_per_t: int
    buyer_fee_fen: int
    seller_fee_fen: int


@dataclass(frozen=True, slots=True)
class MemberTotals:
    """What a member bought and sold of one asset on a day: gross both ways, tonnes and fen, and what is left net.

    Fees are fen on top of what was bought and out of what was sold.
    """

    bought_t: int = 0
    sold_t: int = 0
    bought_fen: int = 0
    sold_fen: int = 0
    fee_fen: int = 0

    @property
    def net_t(self) -> int:
        """Tonnes that came in, or went out below zero."""
        return self.bought_t - self.sold_t

    @property
    def net_fen(self) -> int:
        """Fen that came in after the fee, or went out below zero."""
        return self.sold_fen - self.bought_fen - self.fee_fen


@dataclass(frozen=True, slots=True)
class Difference:
    """What one book has and another has not: tonnes or fen of an asset in an account, or at a bank."""

    kind: BreakKind
    subject: str
    asset: str
    registry: int
    other: int


def net_members(trades: Iterable[ClearedTrade]) -> dict[Position, MemberTotals]:
    """Add up a day by member and asset.

    Args:
        trades: of one day.

    Returns:
        By member and asset; the services do the same in SQL, and a test holds both equal.

    Source: design choice, no legal source (netting by member).

    Example:
        >>> totals = net_members([ClearedTrade("north", "red", "SHEA-2026", 10, 7500, 60, 60)])
        >>> totals["red", "SHEA-2026"].net_t, totals["red", "SHEA-2026"].net_fen
        (10, -75060)
    """
    sums: Counter[tuple[str, str, str]] = Counter()
    for one in trades:
        amount_fen = units.amount_fen(price_fen_per_t=one.price_fen_per_t, quantity_t=one.quantity_t)
        sums[one.buyer, one.asset, "bought_t"] += one.quantity_t
        sums[one.buyer, one.asset, "bought_fen"] += amount_fen
        sums[one.buyer, one.asset, "fee_fen"] += one.buyer_fee_fen
        sums[one.seller, one.asset, "sold_t"] += one.quantity_t
        sums[one.seller, one.asset, "sold_fen"] += amount_fen
        sums[one.seller, one.asset, "fee_fen"] += one.seller_fee_fen
    named: dict[Position, dict[str, int]] = {}
    for (member, asset, name), amount in sums.items():
        named.setdefault((member, asset), {})[name] = amount
    return {place: MemberTotals(**amounts) for place, amounts in named.items()}


def check_nets(totals: Mapping[Position, MemberTotals]) -> None:
    """Check that what members bought is what members sold: net units and net money sum up to nothing but the fees.

    Args:
        totals: of all members, by member (or account) and asset.

    Raises:
        Fault: B5 when they do not.

    Source: design choice, no legal source (invariants A2 and B14).
    """
    net_t: Counter[str] = Counter()
    for (_, asset), one in totals.items():
        net_t[asset] += one.net_t
    net_fen = sum(one.net_fen + one.fee_fen for one in totals.values())
    if any(net_t.values()) or net_fen:
        raise Fault("B5", net_t={asset: tonnes for asset, tonnes in net_t.items() if tonnes}, net_fen=net_fen)


def differences(
    kind: BreakKind, registry: Mapping[Position, int], other: Mapping[Position, int]
) -> tuple[Difference, ...]:
    """Compare two books position by position; what one does not name counts as nothing.

    Args:
        kind: which books they are.
        registry: tonnes or fen by account and asset, as the registry has them.
        other: the same as the other book has them.

    Returns:
        What differs, in order of account and asset.

    Source: design choice, no legal source (invariant A14).

    Example:
        >>> differences(BreakKind.REGISTRY_MARKET, {("A-1", "CNY"): 5}, {("A-1", "CNY"): 5, ("A-2", "CNY"): 7})[0].other
        7
    """
    found = (
        Difference(kind, *place, registry.get(place, 0), other.get(place, 0)) for place in sorted({*registry, *other})
    )
    return tuple(one for one in found if one.registry != one.other)


def check_explains(number: str, state: BreakState) -> None:
    """Check that a break may be explained.

    Raises:
        Refused: BREAK_NOT_OPEN.
    """
    if state is not BreakState.OPEN:
        raise Refused(ClosingRefusal.BREAK_NOT_OPEN, number=number)


def check_resolves(number: str, state: BreakState, *, explained_by: str, person: str) -> None:
    """Check that somebody may resolve a break: it has been explained, and by somebody else.

    Raises:
        Refused: BREAK_NOT_EXPLAINED, BREAK_NEEDS_ANOTHER_PERSON.
    """
    if state is not BreakState.EXPLAINED:
        raise Refused(ClosingRefusal.BREAK_NOT_EXPLAINED, number=number)
    if explained_by == person:
        raise Refused(ClosingRefusal.BREAK_NEEDS_ANOTHER_PERSON, number=number)
