"""Worked examples of trading: what a listed order and an agreement transfer may be, and limits of transfers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from tonnebook.core import book, deals, limits, one_way, standing
from tonnebook.core.book import Conditions, Side, Ticket
from tonnebook.core.examples import parameters as sheet
from tonnebook.core.units import decimal_of

_DAY = date(2026, 3, 2)
_UNITS = "CEA-2025"


def listed(
    *,
    parameters: Mapping[str, str],
    price_fen: str,
    quantity_t: str,
    previous_close_fen: str,
    sellable_t: str = "",
    headroom_t: str = "",
) -> dict[str, str]:
    """Let a listed order in, which may be refused; it sells where it is asked what may be sold, else it buys."""
    terms = book.terms(sheet.rules(parameters))
    ticket = _ticket(price_fen, quantity_t, terms, is_sale=bool(sellable_t))
    book.check_ticket(ticket, terms, _conditions(previous_close_fen, sellable_t, headroom_t))
    return {"accepted": "yes"}


def agreement(
    *, parameters: Mapping[str, str], price_fen: str, quantity_t: str, previous_close_fen: str
) -> dict[str, str]:
    """Let an agreement transfer in, which may be refused."""
    terms = deals.terms(sheet.rules(parameters))
    ticket = _ticket(price_fen, quantity_t, terms.listed, is_sale=False)
    deals.check_deal(ticket, terms, _conditions(previous_close_fen))
    return {"accepted": "yes"}


def one_way_bid(
    *, parameters: Mapping[str, str], offered_t: str, floor_drop: str, price_fen: str, previous_close_fen: str
) -> dict[str, str]:
    """Let the offer of a one-way auction and one bid for all of it in, either of which may be refused."""
    terms, drop = one_way.terms(sheet.rules(parameters)), decimal_of(floor_drop)
    one_way.check_offer(terms, quantity_t=int(offered_t), floor_drop=drop, pricing=one_way.Pricing.PAY_AS_BID)
    band = one_way.limits(int(previous_close_fen), terms, floor_drop=drop)
    one_way.check_bid(band, price_fen_per_t=int(price_fen), quantity_t=int(offered_t), offered_t=int(offered_t))
    return {"accepted": "yes"}


def holding_limit(*, parameters: Mapping[str, str], initial_t: str, covered: str) -> dict[str, str]:
    """Give the largest holding of one vintage; empty where there is none."""
    found = standing.read(sheet.rules(parameters))
    if found is None:
        return {"limit_t": ""}
    return {"limit_t": str(standing.limit_t(found, is_covered=covered == "yes", initial_t=int(initial_t)))}


def transfer(*, parameters: Mapping[str, str], quantity_t: str, account_t: str, region_t: str) -> dict[str, str]:
    """Say how much may leave beside what leaves on the day already; a quantity above it is refused."""
    found = limits.read(sheet.rules(parameters), _UNITS)
    used = limits.Used(int(account_t), int(region_t))
    limits.check(int(quantity_t), account="1", asset=_UNITS, limits=found, used=used)
    left = limits.room(found, used)
    return {"room_t": str(left.quantity), "by": left.by.value}


def _ticket(price_fen: str, quantity_t: str, terms: book.Terms, *, is_sale: bool) -> Ticket:
    side, asset = (Side.SELL, _UNITS) if is_sale else (Side.BUY, "")
    unsigned = Ticket("CEA", side, int(price_fen), int(quantity_t), asset, 0)
    return replace(unsigned, shown_total_fen=book.total_fen(unsigned, terms).whole)


def _conditions(previous_close_fen: str, sellable_t: str = "", headroom_t: str = "") -> Conditions:
    return Conditions(
        day=_DAY,
        is_day_closed=False,
        is_open=True,
        opens_at=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
        is_halted=False,
        previous_close_fen_per_t=int(previous_close_fen),
        tradable=frozenset({_UNITS}),
        sellable_t=int(sellable_t) if sellable_t else None,
        headroom_t=int(headroom_t) if headroom_t else None,
    )
