"""Every rule of every way to trade just below, at and just above its limit, in every phase, for every region.

The limits are read from the rule book, so that a rule that changes brings its own triple with it (invariant B7).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import product

import pytest

from tonnebook import rulebook
from tonnebook.core import book, deals, one_way, periods, phases, sessions
from tonnebook.core.book import Band, Conditions, MarketRefusal, Side, Terms, Ticket
from tonnebook.core.deals import DealRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.one_way import OneWayTerms, SaleRefusal
from tonnebook.core.phases import Hours, Phase

DAY, CLOSE_FEN = date(2026, 3, 2), 7363
# What may still be sold or bought in the cases about that, tonnes.
STOCK_T = 1_000
REGIONS = ("national", "shanghai", "tianjin")
CONDITIONS = Conditions(
    day=DAY,
    is_day_closed=False,
    is_open=True,
    opens_at=datetime(2026, 3, 3, 1, 30, tzinfo=UTC),
    is_halted=False,
    previous_close_fen_per_t=CLOSE_FEN,
    tradable=frozenset({"UNITS"}),
    sellable_t=None,
)


@dataclass(frozen=True)
class Case:
    """A ticket one step from a limit: which, how far, and what the rule says to it, None when it lets it in."""

    name: str
    act: Callable[[Conditions], None]
    code: Refusal | None


def ticket(side: Side, price_fen_per_t: int, quantity_t: int, terms: Terms) -> Ticket:
    asked = Ticket("X", side, price_fen_per_t, quantity_t, "UNITS" if side is Side.SELL else "", 0)
    return replace(asked, shown_total_fen=book.total_fen(asked, terms).whole)


def triple(limit: int) -> tuple[int, int, int]:
    return limit - 1, limit, limit + 1


def listed(region: str, side: Side) -> Iterator[Case]:
    stated = book.terms(rulebook.at(region, on=DAY))
    # The smallest steps are one fen and one tonne everywhere, beside which nothing lies: coarser ones show the rule.
    for terms in (stated, replace(stated, tick_fen=5, lot_t=10)):
        name = f"{region} listed {side} by {terms.lot_t}"
        yield from _prices(name, side, terms, terms.lot_t, partial(_by_ticket, terms))
        for quantity_t in triple(2 * terms.lot_t):
            code: Refusal | None = MarketRefusal.QUANTITY_OFF_LOT if quantity_t % terms.lot_t else None
            yield Case(f"{name} lot {quantity_t}", _by_ticket(terms, ticket(side, _at(terms), quantity_t, terms)), code)
    for quantity_t in triple(stated.listed_max_t):
        code = MarketRefusal.QUANTITY_ABOVE_LISTED_MAX if quantity_t >= stated.listed_max_t else None
        asked = ticket(side, CLOSE_FEN, quantity_t, stated)
        yield Case(f"{region} listed {side} max {quantity_t}", _by_ticket(stated, asked), code)
    more, exceeded = _stock(side)
    for quantity_t in triple(STOCK_T):
        act = _by_ticket(stated, ticket(side, CLOSE_FEN, quantity_t, stated))
        code = exceeded if quantity_t > STOCK_T else None
        yield Case(f"{region} listed {side} stock {quantity_t}", partial(_under, more, act), code)


def blocks(region: str, side: Side) -> Iterator[Case]:
    terms = deals.terms(rulebook.at(region, on=DAY))

    def by_deal(asked: Ticket) -> Callable[[Conditions], None]:
        return partial(deals.check_deal, asked, terms)

    rules = terms.of(terms.min_t)
    yield from _prices(f"{region} block {side}", side, rules, terms.min_t, by_deal)
    for quantity_t in triple(terms.min_t):
        code = DealRefusal.QUANTITY_BELOW_BLOCK_MIN if quantity_t < terms.min_t else None
        yield Case(f"{region} block {side} min {quantity_t}", by_deal(ticket(side, CLOSE_FEN, quantity_t, rules)), code)
    far_fen = book.band(CLOSE_FEN, rules).high_fen_per_t + terms.listed.tick_fen
    for quantity_t in triple(terms.free_from_t) if terms.free_from_t else ():
        is_free = quantity_t >= (terms.free_from_t or 0)
        asked = ticket(side, far_fen, quantity_t, rules)
        yield Case(
            f"{region} block {side} free {quantity_t}",
            by_deal(asked),
            None if is_free else MarketRefusal.PRICE_OUTSIDE_BAND,
        )


def one_way_bids(region: str) -> Iterator[Case]:
    rules = rulebook.at(region, on=DAY)
    if not one_way.has(rules):
        return
    terms = one_way.terms(rules)
    for drop in terms.floor_drops:
        band = one_way.limits(CLOSE_FEN, terms, floor_drop=drop)
        for fen in (*triple(band.low_fen_per_t), *triple(band.high_fen_per_t)):
            is_in = band.low_fen_per_t <= fen <= band.high_fen_per_t
            yield Case(
                f"{region} one-way {drop} price {fen}",
                partial(_bid, band, fen),
                None if is_in else SaleRefusal.BID_OUTSIDE_LIMITS,
            )
    for quantity_t in triple(terms.min_t):
        yield Case(
            f"{region} one-way min {quantity_t}",
            partial(_offer, terms, quantity_t),
            SaleRefusal.QUANTITY_BELOW_SALE_MIN if quantity_t < terms.min_t else None,
        )


def _by_ticket(terms: Terms, asked: Ticket) -> Callable[[Conditions], None]:
    return partial(book.check_ticket, asked, terms)


# The same under conditions in which the stock is what decides.
def _under(more: dict[str, int], act: Callable[[Conditions], None], told: Conditions) -> None:
    act(replace(told, **more))  # type: ignore[arg-type]


def _bid(band: Band, fen: int, _: Conditions) -> None:
    one_way.check_bid(band, price_fen_per_t=fen, quantity_t=1, offered_t=1)


def _offer(terms: OneWayTerms, quantity_t: int, _: Conditions) -> None:
    chosen = {"floor_drop": terms.floor_drops[0], "pricing": terms.pricings[0]}
    one_way.check_offer(terms, quantity_t=quantity_t, **chosen)  # type: ignore[arg-type]


# The close, down to the tick.
def _at(terms: Terms) -> int:
    return CLOSE_FEN // terms.tick_fen * terms.tick_fen


# Both ends of the band, step by step, and prices beside the tick where there are any.
def _prices(
    name: str, side: Side, terms: Terms, quantity_t: int, by: Callable[[Ticket], Callable[[Conditions], None]]
) -> Iterator[Case]:
    low, high = CLOSE_FEN * (1 - terms.price_limit_share), CLOSE_FEN * (1 + terms.price_limit_share)
    for fen in sorted({near + step for near in (_at(terms), int(low), int(high)) for step in range(-5, 6)}):
        code: Refusal | None = None
        if not low <= fen <= high:
            code = MarketRefusal.PRICE_OUTSIDE_BAND
        if fen % terms.tick_fen:
            code = MarketRefusal.PRICE_OFF_TICK
        yield Case(f"{name} price {fen}", by(ticket(side, fen, quantity_t, terms)), code)


def _stock(side: Side) -> tuple[dict[str, int], Refusal]:
    if side is Side.SELL:
        return {"sellable_t": STOCK_T}, MarketRefusal.BOUGHT_TODAY
    return {"headroom_t": STOCK_T}, MarketRefusal.ABOVE_HOLDING_LIMIT


TICKETS = [
    case
    for region, side in product(REGIONS, Side)
    for way in (listed, blocks)
    for case in way(region, side)
]  # fmt: skip
CASES = TICKETS + [case for region in REGIONS for case in one_way_bids(region)]


def refusal(act: Callable[[], None]) -> Refusal | None:
    try:
        act()
    except Refused as refused:
        return refused.code
    return None


def test_the_rules_of_every_region_and_way_are_among_the_cases() -> None:
    names = {" ".join(case.name.split()[:2]) for case in CASES}
    assert names == {f"{region} {way}" for region in REGIONS for way in ("listed", "block")} | {"national one-way"}
    assert {case.code for case in CASES} >= {
        None,
        MarketRefusal.PRICE_OUTSIDE_BAND,
        MarketRefusal.QUANTITY_ABOVE_LISTED_MAX,
        MarketRefusal.BOUGHT_TODAY,
        MarketRefusal.ABOVE_HOLDING_LIMIT,
        DealRefusal.QUANTITY_BELOW_BLOCK_MIN,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_step_decides(case: Case) -> None:
    assert refusal(partial(case.act, CONDITIONS)) is case.code


# What a phase makes of the conditions, and the refusal that then outranks every other; None where trading goes on.
PHASES = {
    Phase.PRE_OPEN: ({"is_open": False}, MarketRefusal.MARKET_CLOSED),
    Phase.CALL: ({"is_open": False}, MarketRefusal.MARKET_CLOSED),
    Phase.CONTINUOUS: ({}, None),
    Phase.BREAK: ({"is_open": False}, MarketRefusal.MARKET_CLOSED),
    Phase.CLOSED: ({"is_day_closed": True, "is_open": False}, MarketRefusal.DAY_ALREADY_CLOSED),
    Phase.HALTED: ({"is_halted": True}, MarketRefusal.INSTRUMENT_HALTED),
}


@pytest.mark.parametrize("phase", list(Phase))
def test_no_ticket_enters_in_a_phase_without_trading(phase: Phase) -> None:
    more, code = PHASES[phase]
    told = replace(CONDITIONS, **more)  # type: ignore[arg-type]
    # Too small a block is told first: that is so whatever the hour.
    small = DealRefusal.QUANTITY_BELOW_BLOCK_MIN
    for case in TICKETS:
        wanted = case.code if code is None or case.code is small else code
        assert refusal(partial(case.act, told)) is wanted, case.name


@pytest.mark.parametrize("region", REGIONS)
def test_a_session_begins_at_its_first_instant_and_ends_before_its_last(region: str) -> None:
    rules, calendar = rulebook.at(region, on=DAY), rulebook.calendar(region)
    for hours in (book.terms(rules).sessions, deals.terms(rules).sessions):
        for session in hours:
            for edge, is_in in ((session.opens, (False, True, True)), (session.closes, (True, False, False))):
                instants = [periods.instant(DAY, edge) + timedelta(microseconds=step) for step in (-1, 0, 1)]
                assert tuple(sessions.is_open(hours, calendar, at) for at in instants) == is_in


@pytest.mark.parametrize("region", REGIONS)
def test_the_phase_turns_with_the_session(region: str) -> None:
    calendar, hours = rulebook.calendar(region), Hours(book.terms(rulebook.at(region, on=DAY)).sessions)
    for session in hours.sessions:
        opens, closes = (periods.instant(DAY, edge) for edge in (session.opens, session.closes))
        step = timedelta(microseconds=1)
        around = [phases.by_clock(hours, calendar, at) for at in (opens - step, opens, closes - step, closes)]
        assert [phase is Phase.CONTINUOUS for phase in around] == [False, True, True, False]
