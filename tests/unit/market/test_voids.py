"""What a court takes away stops being for sale at the next step of the market."""

from datetime import time

import pytest
from django.db import connection
from tests.market_stage import FREE, MONDAY, Stage

from tonnebook.core.auction import AuctionKind, BidState
from tonnebook.core.book import MarketRefusal, OrderState, Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, HoldReason
from tonnebook.market import models
from tonnebook.market import services as market
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry
from tonnebook_audit import market as auditor
from tonnebook_audit.report import AuditReport


@pytest.fixture
def seller(stage: Stage) -> Stage:
    """North Power has two orders in the book; Red River Steel has money."""
    stage.issue("North Power", 1_000)
    stage.fund("Red River Steel", 10_000_000)
    for _ in range(2):
        stage.order("North Power", Side.SELL, 7500, 400)
    return stage


def freeze(stage: Stage, name: str, type_: AccountType, quantity: int) -> None:
    asset = FREE.code if type_ is AccountType.HOLDING else "CNY"
    draft = registry.HoldDraft(stage.account(name, type_), asset, quantity, HoldReason.COURT, "2026-1", owner="Court")
    registry.place_holds([draft], now=stage.now)


def states() -> list[str]:
    return list(models.Order.objects.order_by("seq").values_list("state", flat=True))


def test_an_order_resting_on_frozen_units_is_met_by_nobody(seller: Stage) -> None:
    freeze(seller, "North Power", AccountType.HOLDING, 600)
    buy = seller.order("Red River Steel", Side.BUY, 7500, 500)
    assert (buy["filled_t"], buy["rest_t"]) == (400, 100)
    assert states() == [OrderState.FILLED, OrderState.CANCELLED, OrderState.OPEN]
    assert seller.units("North Power") == (600, 600)


def test_a_court_that_takes_a_part_voids_the_newest_orders_and_no_more(seller: Stage) -> None:
    seller.issue("North Power", 100)
    seller.order("North Power", Side.SELL, 7600, 300)
    freeze(seller, "North Power", AccountType.HOLDING, 300)
    market.cancel_order(
        seller.cast["North Power"],
        order=models.Order.objects.order_by("seq").values_list("number", flat=True)[0],
        key=seller.key(),
        now=seller.now,
    )
    assert states() == [OrderState.CANCELLED, OrderState.OPEN, OrderState.CANCELLED]
    assert seller.units("North Power") == (1_100, 700)
    standing = holdings.standing_holds(seller.account("North Power", AccountType.HOLDING))
    (reserve,) = (row for row in standing if row.is_reserve)
    assert (reserve.remaining, holdings.holds_that_gave_way()) == (400, {})


def test_a_buyer_whose_money_is_frozen_buys_nothing(seller: Stage) -> None:
    seller.order("Red River Steel", Side.BUY, 7300, 100)
    freeze(seller, "Red River Steel", AccountType.CLIENT_CASH, 10_000_000)
    seller.issue("North Power", 200)
    assert seller.order("North Power", Side.SELL, 7300, 100)["rest_t"] == 100
    assert seller.cash("Red River Steel") == (10_000_000, 10_000_000)


def test_a_void_order_cannot_be_cancelled_again_and_the_day_still_closes(seller: Stage) -> None:
    freeze(seller, "North Power", AccountType.HOLDING, 1_000)
    number = models.Order.objects.order_by("seq").values_list("number", flat=True)[0]
    with pytest.raises(Refused) as refused:
        market.cancel_order(seller.cast["North Power"], order=number, key=seller.key(), now=seller.now)
    assert refused.value.code is MarketRefusal.ORDER_NOT_OPEN
    seller.at(time(15, 30))
    assert seller.close_day(MONDAY)["expired"] == 0
    assert states() == [OrderState.CANCELLED] * 2


def test_a_bid_whose_money_is_frozen_is_void_and_the_next_one_gets_the_units(stage: Stage) -> None:
    for name in ("Red River Steel", "North Power"):
        stage.fund(name, 10_000_000_000)
    stage.at(time(9))
    auction = str(stage.announce(AuctionKind.EARLY, 1_000)["auction"])
    stage.at(time(10))
    bids = [stage.bid("Red River Steel", auction, 9000, 1_000), stage.bid("North Power", auction, 8000, 1_000)]
    freeze(stage, "Red River Steel", AccountType.CLIENT_CASH, 10_000_000_000)
    stage.at(time(11, 30))
    assert stage.close_auction(auction)["price_fen_per_t"] == 8000
    found = dict(models.Bid.objects.values_list("number", "state"))
    assert [found[bid] for bid in bids] == [BidState.VOID, BidState.FILLED]
    assert stage.cash("Red River Steel") == (10_000_000_000, 10_000_000_000)


def restrict(stage: Stage, name: str, type_: AccountType, state: AccountState, *barred: str) -> None:
    registry.restrict_account(
        stage.cast["Authority"],
        account=stage.account(name, type_),
        state=state,
        barred=barred,
        reason="inquiry",
        key=stage.key(),
        now=stage.now,
    )


@pytest.mark.parametrize(
    ("type_", "state", "barred"),
    [
        (AccountType.HOLDING, AccountState.ALL_RESTRICTED, ()),
        (AccountType.HOLDING, AccountState.SOME_RESTRICTED, ("DELIVER_TRADE",)),
        # The money account gives nothing for a sale, but it can no longer be paid.
        (AccountType.CLIENT_CASH, AccountState.SUSPENDED, ()),
    ],
)
def test_orders_of_a_stopped_seller_are_void_and_the_market_goes_on(
    seller: Stage, type_: AccountType, state: AccountState, barred: tuple[str, ...]
) -> None:
    restrict(seller, "North Power", type_, state, *barred)
    assert seller.order("Red River Steel", Side.BUY, 7500, 500)["rest_t"] == 500
    assert states() == [OrderState.CANCELLED, OrderState.CANCELLED, OrderState.OPEN]
    assert seller.units("North Power") == (1_000, 0)


def test_a_buyer_whose_units_cannot_arrive_is_met_by_nobody(seller: Stage) -> None:
    seller.order("Red River Steel", Side.BUY, 7300, 100)
    restrict(seller, "Red River Steel", AccountType.HOLDING, AccountState.SUSPENDED)
    seller.issue("North Power", 200)
    assert seller.order("North Power", Side.SELL, 7300, 100)["rest_t"] == 100
    assert seller.cash("Red River Steel") == (10_000_000, 0)


def test_orders_that_a_state_leaves_open_stay(seller: Stage) -> None:
    restrict(seller, "North Power", AccountType.HOLDING, AccountState.SOME_RESTRICTED, "RETIRE", "PLACE_ORDER")
    assert seller.order("Red River Steel", Side.BUY, 7500, 500)["filled_t"] == 500


def test_the_auditor_misses_no_reserve_that_a_court_took(seller: Stage) -> None:
    freeze(seller, "North Power", AccountType.HOLDING, 600)
    report = AuditReport()
    auditor._check_holds(connection.connection, report)
    assert report.breaks == []
    assert report.checks["reserved"] == 1
