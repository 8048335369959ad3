"""One-way auctions on the database: a lot set aside, bids that bind, and one delivery for all who got something."""

from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal

import pytest
from tests.market_stage import FREE, MONDAY, Stage

from tonnebook import rulebook
from tonnebook.core import one_way as core
from tonnebook.core import periods
from tonnebook.core.auction import BidState
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.deals import DealRefusal, DealState
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.one_way import Pricing, SaleRefusal, SaleState
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.rules import RulesRefusal
from tonnebook.market import models, queries
from tonnebook.market import services as market

LOT_T, MONEY_FEN = 100_000, 2_000_000_000
NORTH, RED, EAST, LOTUS = "North Power", "Red River Steel", "East Chemicals", "Lotus Capital"


@pytest.fixture
def desk(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The national rules of one-way auctions here; North Power is long, three others have money."""
    terms = core.terms(rulebook.at("national", on=MONDAY))
    monkeypatch.setattr(core, "terms", lambda _: terms)
    stage.issue(NORTH, 150_000)
    for name in (RED, EAST, LOTUS):
        stage.fund(name, MONEY_FEN)
    return stage


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code


def offer(desk: Stage, pricing: Pricing = Pricing.PAY_AS_BID, *, name: str = NORTH, quantity_t: int = LOT_T) -> str:
    answer = market.offer_sale(
        desk.cast[name],
        instrument="SHEA",
        asset=FREE.code,
        quantity_t=quantity_t,
        floor_drop=Decimal("0.10"),
        pricing=pricing,
        key=desk.key(),
        now=desk.now,
    )
    return str(answer["sale"])


def at(hour: int, minute: int = 0) -> datetime:
    return periods.instant(MONDAY, time(hour, minute))


def announce(desk: Stage, sale: str, *, name: str = "Exchange", closes: datetime | None = None) -> None:
    market.announce_sale(
        desk.cast[name], sale=sale, opens_at=at(10, 30), closes_at=closes or at(11), key=desk.key(), now=desk.now
    )


def bid(desk: Stage, name: str, sale: str, price_fen_per_t: int, quantity_t: int) -> str:
    total = queries.total_fen(
        "SHEA", side=Side.BUY, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=MONDAY
    ).whole
    answer = market.bid_in_sale(
        desk.cast[name],
        sale=sale,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        shown_total_fen=total,
        key=desk.key(),
        now=desk.now,
    )
    return str(answer["bid"])


def clear(desk: Stage, sale: str, *, name: str = "Exchange") -> None:
    market.clear_sale(desk.cast[name], sale=sale, key=desk.key(), now=desk.now)


def opened(desk: Stage, pricing: Pricing = Pricing.PAY_AS_BID) -> str:
    sale = offer(desk, pricing)
    announce(desk, sale)
    desk.at(time(10, 30))
    return sale


@pytest.mark.parametrize(
    ("pricing", "prices"), [(Pricing.PAY_AS_BID, (8000, 7000)), (Pricing.UNIFORM_LOWEST_ACCEPTED, (7000, 7000))]
)
def test_the_best_bids_are_delivered_and_everything_else_is_free_again(
    desk: Stage, pricing: Pricing, prices: tuple[int, int]
) -> None:
    sale = opened(desk, pricing)
    assert desk.units(NORTH) == (150_000, LOT_T)
    bid(desk, LOTUS, sale, 6700, LOT_T)
    bid(desk, EAST, sale, 7000, 60_000)
    bid(desk, RED, sale, 8000, 60_000)
    desk.at(time(11))
    clear(desk, sale)
    amounts = (60_000 * prices[0], 40_000 * prices[1])
    fees = [amount * 8 // 10_000 for amount in amounts]
    assert desk.units(NORTH) == (50_000, 0)
    assert desk.units(RED) == (60_000, 0)
    assert desk.units(EAST) == (40_000, 0)
    assert desk.cash(RED) == (MONEY_FEN - amounts[0] - fees[0], 0)
    assert desk.cash(EAST) == (MONEY_FEN - amounts[1] - fees[1], 0)
    assert desk.cash(LOTUS) == (MONEY_FEN, 0)
    assert desk.cash(NORTH) == (sum(amounts) - sum(fees), 0)
    assert desk.system(AccountType.FEES, "CNY") == 2 * sum(fees)
    row = queries.sale(sale)
    assert (row.state, row.sold_t, row.bids, row.organisation) == (SaleState.CLEARED, LOT_T, 3, "")
    assert [(one.price_fen_per_t, one.quantity_t) for one in queries.sale_awards(sale)] == [
        (prices[0], 60_000),
        (prices[1], 40_000),
    ]
    (own,) = queries.own_sale_bids(sale, desk.cast[EAST].organisation)
    assert own.state is BidState.PARTLY_FILLED
    (lost,) = queries.own_sale_bids(sale, desk.cast[LOTUS].organisation)
    assert (lost.state, lost.awarded_t) == (BidState.UNFILLED, 0)
    assert (own.price_fen_per_t, own.quantity_t, own.paid_fen_per_t, own.awarded_t) == (7000, 60_000, prices[1], 40_000)


def test_what_nobody_bids_for_stays_with_the_seller(desk: Stage) -> None:
    sale = opened(desk)
    bid(desk, RED, sale, 7000, 10_000)
    desk.at(time(11))
    clear(desk, sale)
    assert desk.units(NORTH) == (140_000, 0)
    refused(SaleRefusal.SALE_DECIDED, lambda: clear(desk, sale))


def test_a_lot_without_bids_is_cleared_too(desk: Stage) -> None:
    sale = opened(desk)
    desk.at(time(11))
    clear(desk, sale)
    assert desk.units(NORTH) == (150_000, 0)
    assert queries.sale(sale).sold_t == 0


def test_bids_are_taken_in_the_window_and_within_the_limits(desk: Stage) -> None:
    sale = offer(desk)
    refused(SaleRefusal.SALE_DECIDED, lambda: bid(desk, RED, sale, 7000, 1))
    announce(desk, sale)
    refused(SaleRefusal.SALE_NOT_OPEN, lambda: bid(desk, RED, sale, 7000, 1))
    desk.at(time(10, 30))
    refused(SaleRefusal.OWN_SALE, lambda: bid(desk, NORTH, sale, 7000, 1))
    refused(SaleRefusal.BID_OUTSIDE_LIMITS, lambda: bid(desk, RED, sale, 6659, 1))
    refused(SaleRefusal.BID_OUTSIDE_LIMITS, lambda: bid(desk, RED, sale, 8141, 1))
    refused(SaleRefusal.MORE_THAN_SOLD, lambda: bid(desk, RED, sale, 6660, LOT_T + 1))
    bid(desk, RED, sale, 6660, LOT_T)
    refused(SaleRefusal.SALE_STILL_OPEN, lambda: clear(desk, sale))
    desk.at(time(11))
    refused(SaleRefusal.SALE_NOT_OPEN, lambda: bid(desk, RED, sale, 7000, 1))
    refused(SaleRefusal.NO_SUCH_SALE, lambda: bid(desk, RED, "SHEA-S-0", 7000, 1))


def test_an_offer_keeps_to_the_rule_and_to_what_is_there(desk: Stage) -> None:
    refused(SaleRefusal.QUANTITY_BELOW_SALE_MIN, lambda: offer(desk, quantity_t=LOT_T - 1))
    with pytest.raises(Refused):
        offer(desk, quantity_t=150_001)
    refused(MarketRefusal.NO_SUCH_INSTRUMENT, lambda: market.offer_sale(
        desk.cast[NORTH], instrument="X", asset=FREE.code, quantity_t=LOT_T, floor_drop=Decimal(0),
        pricing=Pricing.PAY_AS_BID, key=desk.key(), now=desk.now,
    ))  # fmt: skip


def test_only_the_exchange_announces_declines_and_clears(desk: Stage) -> None:
    sale = offer(desk)
    refused(AccessRefusal.NOT_PERMITTED, lambda: announce(desk, sale, name=NORTH))
    refused(SaleRefusal.WINDOW_OUTSIDE_DAY, lambda: announce(desk, sale, closes=at(15, 1)))
    market.decline_sale(desk.cast["Exchange"], sale=sale, reason="papers missing", key=desk.key(), now=desk.now)
    assert desk.units(NORTH) == (150_000, 0)
    own = queries.sale(sale, organisation=desk.cast[NORTH].organisation)
    assert (own.state, own.reason) == (SaleState.DECLINED, "papers missing")
    refused(SaleRefusal.NO_SUCH_SALE, lambda: queries.sale(sale, organisation=desk.cast[RED].organisation))


def test_a_seller_withdraws_until_bids_are_taken(desk: Stage) -> None:
    first, second = offer(desk), None
    refused(SaleRefusal.NO_SUCH_SALE, lambda: withdraw(desk, RED, first))
    announce(desk, first)
    withdraw(desk, NORTH, first)
    assert desk.units(NORTH) == (150_000, 0)
    second = opened(desk)
    refused(SaleRefusal.SALE_HAS_OPENED, lambda: withdraw(desk, NORTH, second))


def withdraw(desk: Stage, name: str, sale: str) -> None:
    market.withdraw_sale(desk.cast[name], sale=sale, key=desk.key(), now=desk.now)


def test_a_bid_is_no_proposal_that_somebody_reads_accepts_or_withdraws(desk: Stage) -> None:
    sale = opened(desk)
    number = bid(desk, RED, sale, 7000, 10)
    for name in (NORTH, EAST, RED):
        assert queries.open_deals("SHEA", organisation=desk.cast[name].organisation) == ()
        assert queries.own_deals(desk.cast[name].organisation) == ()
    refused(DealRefusal.NO_SUCH_DEAL, lambda: desk.accept(NORTH, number, asset=FREE.code))
    red = desk.cast[RED]
    refused(DealRefusal.NO_SUCH_DEAL, lambda: market.withdraw_deal(red, deal=number, key=desk.key(), now=desk.now))
    desk.at(time(11))
    clear(desk, sale)
    assert queries.block_trades("SHEA") == ()


def test_the_close_of_the_day_clears_what_is_over_and_counts_it_beside_the_close(desk: Stage) -> None:
    sale = opened(desk)
    bid(desk, RED, sale, 8000, LOT_T)
    desk.at(time(15))
    closes = desk.close_day()["closes"]
    assert isinstance(closes, dict)
    assert closes["SHEA"] == 7400
    assert queries.sale(sale).state is SaleState.CLEARED
    (net,) = queries.member_nets("shanghai", MONDAY, organisation=desk.cast[RED].organisation)
    assert (net.totals.bought_t, net.totals.bought_fen) == (LOT_T, LOT_T * 8000)


def test_who_is_stopped_leaves_with_bids_and_lots(desk: Stage) -> None:
    sale = opened(desk)
    number = bid(desk, RED, sale, 7000, 10)
    stop = desk.cast["Exchange"]
    for name in (RED, NORTH):
        uscc = desk.cast[name].organisation
        market.stop_trading(stop, organisation=uscc, reason="a doubt", key=desk.key(), now=desk.now)
    assert models.Deal.objects.get(number=number).state == DealState.WITHDRAWN
    assert models.Sale.objects.get(number=sale).state == SaleState.WITHDRAWN
    assert (desk.cash(RED), desk.units(NORTH)) == ((MONEY_FEN, 0), (150_000, 0))


def test_a_region_without_the_rule_has_no_one_way_auction(stage: Stage) -> None:
    assert queries.sale_terms("shanghai", on=MONDAY) is None
    stage.issue(NORTH, 150_000)
    refused(RulesRefusal.NO_SUCH_PARAMETER, lambda: offer(stage))
