"""Moves of the reserve without a sale of its own: released to be auctioned, or withdrawn into it from what waits there.

What is released lies in the auction account until an auction offers it; what an auction leaves goes where the rule on
unsold allowances says. Only what no announced auction offers is withdrawn. Like every intervention a move follows a
finding, within a limit that is computed and shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.market_stability import interventions
from tonnebook.core.market_stability.interventions import InterventionKind, StabilityRefusal
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class ReserveMoveKind(StrEnum):
    """Which way units go: to an auction, or into the reserve."""

    RELEASE = "RELEASE"
    WITHDRAWAL = "WITHDRAWAL"


MOVED_UPON: Mapping[PriceMove, ReserveMoveKind] = MappingProxyType(
    {PriceMove.RISE: ReserveMoveKind.RELEASE, PriceMove.FALL: ReserveMoveKind.WITHDRAWAL}
)


@dataclass(frozen=True, slots=True)
class Stock:
    """What a move is measured by, tonnes.

    Attributes:
        reserve_t: what the reserve account holds, of all years.
        spare_t: of it, what is of the year in question and not promised to a sale.
        moved_t: what releases of the year have taken, by sale or auction, or may yet.
        waiting_t: what lies in the auction account of the year in question and is not on offer.
    """

    reserve_t: int
    spare_t: int
    moved_t: int
    waiting_t: int


def limit(kind: ReserveMoveKind, rules: RulesAt, stock: Stock) -> Traced:
    """Compute the most that one move may take.

    Args:
        kind: release or withdrawal.
        rules: of the day of the decision.
        stock: what there is.

    Returns:
        Tonnes. Of a release the least of: the limit of one release, what the limit of the year leaves, and what the
        reserve can spare. Of a withdrawal a share of what waits to be auctioned, rounded down. Never below zero.

    Source: design choice, no legal source (`stability.*`, status scenario).
    """
    if kind is ReserveMoveKind.WITHDRAWAL:
        waiting = trace.given(stock.waiting_t, "t", zh="待拍卖配额", en="waiting to be auctioned")
        share = rules.number("stability.withdrawal_share_max")
        exact = trace.product([share, waiting], "t", zh="比例×待拍卖配额", en="share × waiting to be auctioned")
        return trace.floor(exact, zh="单次收回上限", en="limit of one withdrawal")
    bounds = interventions.limits(
        InterventionKind.FIXED_PRICE_SALE, rules, reserve_t=stock.reserve_t, moved_t=stock.moved_t
    )
    moved = trace.given(stock.moved_t, "t", zh="本年已投放", en="released this year")
    left = trace.difference(bounds.year, moved, "t", zh="年度上限余量", en="left of the limit of the year")
    spare = trace.given(stock.spare_t, "t", zh="储备可用数量", en="what the reserve can spare")
    least = trace.smallest([bounds.single, left, spare], "t", zh="各上限中最小者", en="least of the limits")
    nothing = trace.given(0, "t", zh="零", en="zero")
    return trace.largest([least, nothing], "t", zh="投放拍卖上限", en="limit of a release by auction")


def check_move(
    kind: ReserveMoveKind,
    found: PriceMove,
    found_on: date,
    *,
    quantity_t: int,
    limit_t: int,
    act_within_days: int,
    now: datetime,
) -> None:
    """Decide whether a move may be decided upon a finding.

    Args:
        kind: release or withdrawal.
        found: what the finding says.
        found_on: its day.
        quantity_t: tonnes, > 0.
        limit_t: what `limit` says, tonnes.
        act_within_days: how many days a finding may be acted upon.
        now: aware instant.

    Raises:
        Refused: NOT_CALLED_FOR, FINDING_TOO_OLD or ABOVE_SINGLE_LIMIT, the first that applies.
        ValueError: when the quantity is not positive.

    Source: S01 (一), S36 (release from and withdrawal into the reserve are named); numbers are a design choice.
    """
    if quantity_t <= 0:
        raise ValueError("a move of the reserve takes at least one tonne")
    is_called_for = MOVED_UPON.get(found) is kind
    interventions.check_finding(found_on, is_called_for=is_called_for, act_within_days=act_within_days, now=now)
    if quantity_t > limit_t:
        raise Refused(StabilityRefusal.ABOVE_SINGLE_LIMIT, quantity_t=quantity_t, limit_t=limit_t)
