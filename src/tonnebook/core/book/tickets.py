"""A ticket: what a trader asks for, today's band, the total it comes to, and whether it may enter the book.

The book does *not* know balances, holds or fees; `check_ticket` says whether an order may enter at all.
"""

import functools
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from tonnebook.core import periods, sessions, trace, units
from tonnebook.core.book.orders import Band, Mode, Side
from tonnebook.core.book.refusals import MarketRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rule book says about listed trading.

    Attributes:
        price_limit_share: daily price limit as a share of the previous close.
        tick_fen: smallest price step, fen per tonne.
        lot_t: smallest quantity step, tonnes.
        listed_max_t: listed orders must be smaller than this, tonnes.
        fee_share: fee of each side as a share of the amount.
        sessions: when the market is open.
        same_day_resale: whether what was bought today may be sold today.
        mode: how listed orders meet.
        is_price_free: whether there is no price limit, as for the largest agreement transfers.
    """

    price_limit_share: Decimal
    tick_fen: int
    lot_t: int
    listed_max_t: int
    fee_share: Decimal
    sessions: tuple[sessions.Session, ...]
    same_day_resale: bool
    mode: Mode = Mode.AUTOMATIC
    is_price_free: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a trader asks for.

    Attributes:
        instrument: instrument code.
        side: buy or sell.
        price_fen_per_t: limit price, fen per tonne, > 0.
        quantity_t: tonnes, > 0.
        asset: what a seller delivers; empty for a buyer.
        shown_total_fen: the total the trader confirmed, fen: with fee for a buyer, after fee for a seller.
    """

    instrument: str
    side: Side
    price_fen_per_t: int
    quantity_t: int
    asset: str
    shown_total_fen: int

    def __post_init__(self) -> None:
        """Refuse what is not an order at all with a `ValueError`."""
        check_wanted(self.side, self.price_fen_per_t, self.quantity_t, self.asset)


def check_wanted(side: Side, price_fen_per_t: int, quantity_t: int, asset: str) -> None:
    """Refuse what is not an order at all; arguments as those of `Ticket`.

    Raises:
        ValueError: when price or quantity is not positive, or the asset does not fit the side.
    """
    if price_fen_per_t <= 0 or quantity_t <= 0:
        raise ValueError("price and quantity of an order must be positive")
    if bool(asset) != (side is Side.SELL):
        raise ValueError("a seller names the asset to deliver, a buyer names none")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the market is like when a ticket arrives.

    Attributes:
        day: today, in the region's zone.
        is_day_closed: whether the day has been closed already.
        is_open: whether a session is running.
        opens_at: the next opening.
        is_halted: whether the instrument is halted.
        previous_close_fen_per_t: reference of today's band, fen per tonne.
        tradable: codes of the assets that may be delivered.
        sellable_t: of the seller's free units, those not bought today; None where the rule does not ask.
        headroom_t: what the buyer's ownership group may still buy; None where the rule does not ask.
    """

    day: date
    is_day_closed: bool
    is_open: bool
    opens_at: datetime
    is_halted: bool
    previous_close_fen_per_t: int
    tradable: frozenset[str]
    sellable_t: int | None
    headroom_t: int | None = None


def terms(rules: RulesAt) -> Terms:
    """Read the terms of listed trading from the rule book.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the region has no such rule.

    Source: S39 (national), exchange rules of the region, by `trading.*`.
    """
    return Terms(
        price_limit_share=rules.decimal("trading.price_limit_share"),
        tick_fen=rules.integer("trading.tick_fen"),
        lot_t=rules.integer("trading.lot_t"),
        listed_max_t=rules.integer("trading.listed_max_t"),
        fee_share=rules.decimal("trading.fee_share"),
        sessions=sessions.read(rules.words("trading.sessions")),
        # Where no mode is named, orders meet by themselves.
        mode=Mode[rules.text("trading.listed_mode")] if rules.has("trading.listed_mode") else Mode.AUTOMATIC,
        # A region that states no such rule does not forbid resale.
        same_day_resale=not rules.has("trading.same_day_resale") or rules.flag("trading.same_day_resale"),
    )


def band(previous_close_fen_per_t: int, terms: Terms) -> Band:
    """Work out today's price band from the previous close; both ends are rounded inwards to the tick.

    Args:
        previous_close_fen_per_t: fen per tonne, > 0.
        terms: price limit and tick.

    Returns:
        Lowest and highest price, fen per tonne; never below one tick.

    Source: S39, daily price limit of listed trading.

    Example:
        >>> rule = Terms(Decimal("0.10"), 1, 1, 100000, Decimal("0.0008"), (), True)
        >>> band(7363, rule)
        Band(low_fen_per_t=6627, high_fen_per_t=8099)
    """
    return _band(previous_close_fen_per_t, terms.price_limit_share, terms.tick_fen)


# The same for every order of a day.
@functools.lru_cache(maxsize=100)
def _band(previous_close_fen_per_t: int, share: Decimal, tick: int) -> Band:
    close = Decimal(previous_close_fen_per_t)
    low = units.whole(units.ceil(close * (1 - share) / tick)) * tick
    high = units.whole(units.floor(close * (1 + share) / tick)) * tick
    return Band(max(low, tick), high)


def total_fen(ticket: Ticket, terms: Terms) -> trace.Traced:
    """Work out the total a trader confirms: price times quantity, plus the fee for a buyer, less it for a seller.

    Args:
        ticket: the order.
        terms: fee of each side.

    Returns:
        Fen; for a buyer what is reserved in full, for a seller the least that arrives when all of it is sold.

    Source: design choice, no legal source; fee by `trading.fee_share`.
    """
    price = trace.given(ticket.price_fen_per_t, "fen/t", zh="限价", en="limit price")
    quantity = trace.given(ticket.quantity_t, "t", zh="数量", en="quantity")
    amount = trace.product((price, quantity), "fen", zh="成交金额", en="amount")
    share = trace.given(terms.fee_share, "", zh="手续费率", en="fee share")
    fee = trace.half_up(
        trace.product((amount, share), "fen", zh="手续费（未取整）", en="fee before rounding"), zh="手续费", en="fee"
    )
    if ticket.side is Side.BUY:
        return trace.total((amount, fee), "fen", zh="应付总额", en="total to pay")
    return trace.difference(amount, fee, "fen", zh="应收总额", en="total to receive")


def confirmed_fen(ticket: Ticket, terms: Terms) -> int:
    """Work out `total_fen` without its derivation, for thousands of orders in a second; a test holds both equal."""
    amount_fen = units.amount_fen(price_fen_per_t=ticket.price_fen_per_t, quantity_t=ticket.quantity_t)
    fee_fen = units.fee_fen(amount_fen, terms.fee_share)
    return amount_fen + fee_fen if ticket.side is Side.BUY else amount_fen - fee_fen


def check_ticket(ticket: Ticket, terms: Terms, conditions: Conditions) -> None:
    """Let a ticket into the book or say why not, in one fixed order of precedence.

    Args:
        ticket: what the trader asks for.
        terms: rules of listed trading.
        conditions: what the market is like.

    Raises:
        Refused: DAY_ALREADY_CLOSED after the close of the day; MARKET_CLOSED outside sessions; INSTRUMENT_HALTED;
            ASSET_NOT_TRADABLE when a seller offers units that may not be sold here; PRICE_OFF_TICK;
            PRICE_OUTSIDE_BAND; QUANTITY_OFF_LOT; QUANTITY_ABOVE_LISTED_MAX when the order is for block trading;
            TOTAL_DIFFERS when the confirmed total is not the computed one; BOUGHT_TODAY when the rule forbids resale
            on the day of purchase; ABOVE_HOLDING_LIMIT when the buyer's group might come to hold more than it may.

    Source: S39; exchange rules of the region.
    """
    _check_market(ticket, conditions)
    _check_price(ticket, terms, conditions)
    quantity_t = ticket.quantity_t
    if quantity_t % terms.lot_t:
        raise Refused(MarketRefusal.QUANTITY_OFF_LOT, quantity=quantity_t, lot=terms.lot_t)
    if quantity_t >= terms.listed_max_t:
        raise Refused(MarketRefusal.QUANTITY_ABOVE_LISTED_MAX, quantity=quantity_t, limit=terms.listed_max_t)
    total = confirmed_fen(ticket, terms)
    if ticket.shown_total_fen != total:
        raise Refused(MarketRefusal.TOTAL_DIFFERS, **units.with_yuan(shown=ticket.shown_total_fen, total=total))
    sellable_t = conditions.sellable_t
    if ticket.side is Side.SELL and sellable_t is not None and quantity_t > sellable_t:
        raise Refused(MarketRefusal.BOUGHT_TODAY, sellable=max(sellable_t, 0), quantity=quantity_t)
    headroom_t = conditions.headroom_t
    if ticket.side is Side.BUY and headroom_t is not None and quantity_t > headroom_t:
        raise Refused(MarketRefusal.ABOVE_HOLDING_LIMIT, headroom=headroom_t, quantity=quantity_t)


class Frame(NamedTuple):
    """What tickets of one side and asset must keep to under the same conditions, for thousands in a second."""

    is_buying: bool
    low_fen_per_t: int
    high_fen_per_t: int
    terms: Terms

    def lets_in(self, price_fen_per_t: int, quantity_t: int, shown_total_fen: int) -> bool:
        """Say whether `check_ticket` refuses nothing, what a seller may still sell or a buyer buy left aside.

        Args:
            price_fen_per_t: fen per tonne.
            quantity_t: tonnes.
            shown_total_fen: as of the ticket.

        Source: S39; exchange rules of the region, as for `check_ticket`, which says why; a test holds both equal.
        """
        terms, amount_fen = self.terms, price_fen_per_t * quantity_t
        fee_fen = units.fee_fen(amount_fen, terms.fee_share)
        return (
            self.low_fen_per_t <= price_fen_per_t <= self.high_fen_per_t
            and not price_fen_per_t % terms.tick_fen
            and not quantity_t % terms.lot_t
            and quantity_t < terms.listed_max_t
            and shown_total_fen == (amount_fen + fee_fen if self.is_buying else amount_fen - fee_fen)
        )


def frame(side: Side, asset: str, terms: Terms, conditions: Conditions) -> Frame | None:
    """Give what tickets must keep to, or None where the market takes none of them.

    Args:
        side: of the tickets.
        asset: that sellers deliver.
        terms: rules of listed trading.
        conditions: what the market is like.
    """
    is_tradable = side is Side.BUY or asset in conditions.tradable
    if conditions.is_day_closed or conditions.is_halted or not (conditions.is_open and is_tradable):
        return None
    allowed = Band(0, _ANY_PRICE) if terms.is_price_free else band(conditions.previous_close_fen_per_t, terms)
    return Frame(side is Side.BUY, allowed.low_fen_per_t, allowed.high_fen_per_t, terms)


_ANY_PRICE = 2**63 - 1


def _check_market(ticket: Ticket, conditions: Conditions) -> None:
    if conditions.is_day_closed:
        raise Refused(MarketRefusal.DAY_ALREADY_CLOSED, day=conditions.day)
    if not conditions.is_open:
        raise Refused(MarketRefusal.MARKET_CLOSED, opens=periods.wall_clock(conditions.opens_at))
    if conditions.is_halted:
        raise Refused(MarketRefusal.INSTRUMENT_HALTED, instrument=ticket.instrument)
    if ticket.side is Side.SELL and ticket.asset not in conditions.tradable:
        raise Refused(MarketRefusal.ASSET_NOT_TRADABLE, asset=ticket.asset, instrument=ticket.instrument)


def _check_price(ticket: Ticket, terms: Terms, conditions: Conditions) -> None:
    price = ticket.price_fen_per_t
    if price % terms.tick_fen:
        raise Refused(MarketRefusal.PRICE_OFF_TICK, **units.with_yuan(price=price, tick=terms.tick_fen))
    if terms.is_price_free:
        return
    allowed = band(conditions.previous_close_fen_per_t, terms)
    if not allowed.low_fen_per_t <= price <= allowed.high_fen_per_t:
        facts = units.with_yuan(price=price, low=allowed.low_fen_per_t, high=allowed.high_fen_per_t)
        raise Refused(MarketRefusal.PRICE_OUTSIDE_BAND, **facts)
