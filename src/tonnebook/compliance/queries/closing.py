"""What closing an expected shortfall would cost today: market, next paid auction, credits, and the fine otherwise."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.compliance.queries.positions import Position
from tonnebook.core import book, penalty, periods, shortfall, trace
from tonnebook.core.auction import AuctionState
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.shortfall import Choice, Offered, Way
from tonnebook.market import queries as market
from tonnebook.market.queries import InstrumentRow

_TAKES_BIDS = (AuctionState.ANNOUNCED, AuctionState.OPEN)


def ways_to_close(place: Position, region: str, *, now: datetime) -> tuple[Choice, ...]:
    """List the ways to close the shortfall that an entity is expected to have, in the order of `Way`.

    Args:
        place: where the entity stands.
        region: its region.
        now: when; books, auctions and rules of this instant.

    Returns:
        Those that there are: no market before it is open, no auction before one is announced, no credits beyond their
        limit; nothing at all without a shortfall.

    Source: as `core.shortfall`.
    """
    if not place.gap_t:
        return ()
    rules = rulebook.at(region, on=periods.day_of(now))
    instruments = {row.kind: row for row in market.instruments(region)}
    allowances = instruments.get(AssetKind.ALLOWANCE)
    found: list[Choice] = []
    if allowances:
        found.append(_bought(Way.MARKET, allowances, place.gap_t, rules, now))
    found += _auction(place.gap_t, region, now)
    credits_t = min(place.gap_t, place.outlook.credit_room_t)
    if credits_t and AssetKind.CREDIT in instruments:
        found.append(_bought(Way.CREDITS, instruments[AssetKind.CREDIT], credits_t, rules, now))
    return (*found, *_fine(place.gap_t, allowances, rules))


def _bought(way: Way, instrument: InstrumentRow, wanted_t: int, rules: RulesAt, now: datetime) -> Choice:
    asks = market.depth(instrument.code, on=periods.day_of(now)).asks
    return shortfall.by_purchase(
        way,
        instrument.code,
        [Offered(level.price_fen_per_t, level.quantity_t) for level in asks],
        wanted_t=wanted_t,
        close_fen_per_t=instrument.previous_close_fen_per_t,
        fee_share=book.terms(rules).fee_share,
    )


def _auction(wanted_t: int, region: str, now: datetime) -> list[Choice]:
    ahead = [row for row in market.auctions(region, now=now) if row.state in _TAKES_BIDS]
    if not ahead:
        return []
    row = min(ahead, key=lambda row: row.opens_at)
    return [shortfall.by_auction(row.number, row.floor_price, wanted_t=wanted_t, offered_t=row.quantity_t)]


# The mean price of the month before the deadline is not known yet: the last close stands in.
def _fine(gap_t: int, instrument: InstrumentRow | None, rules: RulesAt) -> list[Choice]:
    price = None
    if instrument:
        close = instrument.previous_close_fen_per_t
        price = trace.given(close, "fen/t", zh="上一收盘价（代替均价）", en="previous close, for the mean price")
    try:
        allowed = penalty.surrender_range(rules, shortfall_t=gap_t, mean_price=price)
    except (Refused, ValueError):
        # No rule is known, or its price is not.
        return []
    return [shortfall.by_fine(allowed.smallest, allowed.largest)]
