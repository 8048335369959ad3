"""Agreement transfers on the database: reserved when proposed, delivered when accepted, never in the close."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest
from django.db import IntegrityError, transaction
from tests.market_stage import FREE, MONDAY, OWN, Stage

from tonnebook.core import book
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.deals import DealRefusal, DealState
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, HoldReason, LedgerRefusal
from tonnebook.core.roles import SYSTEM, AccessRefusal
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.members.services import controllers
from tonnebook.registry import services as registry

BUY, SELL = Side.BUY, Side.SELL
BLOCK_T = 100_000
AMOUNT_FEN = BLOCK_T * 7500
FEE_FEN = AMOUNT_FEN * 8 // 10_000


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


@pytest.fixture
def desk(stage: Stage) -> Stage:
    """In the hours of agreement transfers; North Power is long, Red River Steel has money, East Chemicals both."""
    stage.at(time(14, 30))
    stage.issue("North Power", 700_000)
    stage.issue("East Chemicals", 200_000)
    stage.fund("Red River Steel", 10_000_000_000)
    stage.fund("East Chemicals", 10_000_000_000)
    return stage


def state(desk: Stage, name: str, deal: str) -> DealState:
    return queries.deal(deal, organisation=desk.cast[name].organisation).state


def test_a_proposal_reserves_and_its_acceptance_delivers_against_payment(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T, to="Red River Steel")
    assert desk.units("North Power") == (700_000, BLOCK_T)
    answer = desk.accept("Red River Steel", deal)
    assert (answer["turnover_fen"], answer["fee_fen"]) == (AMOUNT_FEN, FEE_FEN)
    assert desk.units("North Power") == (600_000, 0)
    assert desk.units("Red River Steel") == (BLOCK_T, 0)
    assert desk.cash("North Power") == (AMOUNT_FEN - FEE_FEN, 0)
    assert desk.cash("Red River Steel") == (10_000_000_000 - AMOUNT_FEN - FEE_FEN, 0)
    assert desk.system(AccountType.FEES, "CNY") == 2 * FEE_FEN


def test_a_buyer_proposes_and_the_seller_names_what_is_delivered(desk: Stage) -> None:
    deal = desk.propose("Red River Steel", BUY, 7500, BLOCK_T)
    assert desk.cash("Red River Steel") == (10_000_000_000, AMOUNT_FEN + FEE_FEN)
    desk.accept("North Power", deal, asset=FREE.code)
    assert desk.units("Red River Steel") == (BLOCK_T, 0)
    row = queries.deal(deal, organisation=desk.cast["North Power"].organisation)
    assert (row.state, row.asset, row.taker) == (DealState.SETTLED, FREE.code, desk.cast["North Power"].organisation)


def test_a_deal_never_enters_the_close_and_is_published_beside_it(desk: Stage) -> None:
    desk.accept("Red River Steel", desk.propose("North Power", SELL, 9000, BLOCK_T))
    desk.at(time(15))
    closes = desk.close_day()["closes"]
    assert isinstance(closes, dict)
    assert closes["SHEA"] == 7400
    (day,) = queries.block_days("shanghai", from_on=MONDAY, to_on=MONDAY.replace(day=3))
    assert (day.deals, day.volume_t, day.turnover_fen) == (1, BLOCK_T, BLOCK_T * 9000)
    assert (day.low_fen_per_t, day.high_fen_per_t) == (9000, 9000)
    assert [row.price_fen_per_t for row in queries.block_trades("SHEA")] == [9000]
    block = queries.bulletin_rows("shanghai", MONDAY)[-1]
    assert (block["method"], block["volume_t"], block["trades"]) == ("BLOCK", BLOCK_T, 1)


def test_an_answer_takes_the_place_of_a_proposal_made_to_oneself(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T, to="Red River Steel")
    answer = desk.propose("Red River Steel", BUY, 7400, BLOCK_T, answers=deal)
    assert desk.units("North Power") == (700_000, 0)
    assert state(desk, "North Power", deal) is DealState.ANSWERED
    desk.accept("North Power", answer, asset=FREE.code)
    assert desk.units("Red River Steel") == (BLOCK_T, 0)


def test_an_answer_to_a_proposal_made_to_everybody_ends_it_only_when_accepted(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T)
    answer = desk.propose("Red River Steel", BUY, 7400, BLOCK_T, answers=deal)
    assert state(desk, "North Power", deal) is DealState.PROPOSED
    desk.accept("North Power", answer, asset=FREE.code)
    assert state(desk, "North Power", deal) is DealState.ANSWERED
    assert desk.units("North Power") == (600_000, 0)


def test_declining_and_withdrawing_set_the_reserve_free(desk: Stage) -> None:
    red, north = desk.cast["Red River Steel"], desk.cast["North Power"]
    first = desk.propose("North Power", SELL, 7500, BLOCK_T, to="Red River Steel")
    market.decline_deal(red, deal=first, reason="dear", key=desk.key(), now=desk.now)
    second = desk.propose("North Power", SELL, 7500, BLOCK_T, to="Red River Steel")
    market.withdraw_deal(north, deal=second, key=desk.key(), now=desk.now)
    assert desk.units("North Power") == (700_000, 0)
    states = [state(desk, "North Power", deal) for deal in (first, second)]
    assert states == [DealState.DECLINED, DealState.WITHDRAWN]
    refused(DealRefusal.DEAL_DECIDED, lambda: desk.accept("Red River Steel", first))
    refused(DealRefusal.DEAL_DECIDED, lambda: market.withdraw_deal(north, deal=first, key=desk.key(), now=desk.now))
    refused(
        DealRefusal.DEAL_DECIDED,
        lambda: market.decline_deal(red, deal=first, reason="dear", key=desk.key(), now=desk.now),
    )


def test_only_the_parties_read_decline_and_withdraw(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T, to="Red River Steel")
    east, red = desk.cast["East Chemicals"], desk.cast["Red River Steel"]
    refused(DealRefusal.NO_SUCH_DEAL, lambda: queries.deal(deal, organisation=east.organisation))
    assert queries.open_deals("SHEA", organisation=east.organisation) == ()
    for act in (
        lambda: market.accept_deal(east, deal=deal, shown_total_fen=1, key=desk.key(), now=desk.now),
        lambda: market.decline_deal(east, deal=deal, reason="dear", key=desk.key(), now=desk.now),
        lambda: market.withdraw_deal(red, deal=deal, key=desk.key(), now=desk.now),
        lambda: market.withdraw_deal(red, deal="SHEA-D-000009-00", key=desk.key(), now=desk.now),
        lambda: desk.propose("East Chemicals", BUY, 7400, BLOCK_T, answers=deal),
        lambda: desk.propose("East Chemicals", BUY, 7400, BLOCK_T, answers="SHEA-D-000009-00"),
    ):
        refused(DealRefusal.NO_SUCH_DEAL, act)


def test_a_proposal_to_everybody_shows_nobody_who_made_it(desk: Stage) -> None:
    desk.propose("North Power", SELL, 7500, BLOCK_T)
    (row,) = queries.open_deals("SHEA", organisation=desk.cast["Red River Steel"].organisation)
    assert (row.organisation, row.price_fen_per_t) == ("", 7500)
    assert queries.open_deals("SHEA", organisation=desk.cast["North Power"].organisation) == ()


def test_nobody_deals_with_themselves_or_with_a_stranger(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T)
    refused(DealRefusal.OWN_GROUP, lambda: desk.accept("North Power", deal, asset=FREE.code))
    refused(DealRefusal.OWN_GROUP, lambda: desk.propose("North Power", SELL, 7500, BLOCK_T, to="North Power"))
    refused(DealRefusal.COUNTERPARTY_UNKNOWN, lambda: desk.propose("North Power", SELL, 7500, BLOCK_T, to="Exchange"))


def test_rules_of_size_price_hours_and_assets_are_kept_on_both_sides(desk: Stage) -> None:
    refused(DealRefusal.QUANTITY_BELOW_BLOCK_MIN, lambda: desk.propose("North Power", SELL, 7500, BLOCK_T - 1))
    refused(MarketRefusal.PRICE_OUTSIDE_BAND, lambda: desk.propose("North Power", SELL, 9621, BLOCK_T))
    refused(MarketRefusal.ASSET_NOT_TRADABLE, lambda: desk.propose("North Power", SELL, 7500, BLOCK_T, asset=OWN.code))
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: desk.propose("North Power", SELL, 7500, 700_001))
    deal = desk.propose("Red River Steel", BUY, 7500, BLOCK_T)
    refused(MarketRefusal.ASSET_NOT_TRADABLE, lambda: desk.accept("North Power", deal, asset=OWN.code))
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: desk.accept("Lotus Capital", deal, asset=FREE.code))
    desk.at(time(13, 59))
    refused(MarketRefusal.MARKET_CLOSED, lambda: desk.accept("North Power", deal, asset=FREE.code))
    refused(MarketRefusal.MARKET_CLOSED, lambda: desk.propose("North Power", SELL, 7500, BLOCK_T))
    exchange = desk.cast["Exchange"]
    act = lambda: market.withdraw_deal(exchange, deal=deal, key=desk.key(), now=desk.now)  # noqa: E731
    refused(AccessRefusal.NOT_PERMITTED, act)


def test_what_nobody_accepted_expires_at_the_close(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T)
    desk.at(time(15))
    desk.close_day()
    assert state(desk, "North Power", deal) is DealState.EXPIRED
    assert desk.units("North Power") == (700_000, 0)


def test_a_proposal_whose_units_a_court_took_is_void(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, 650_000, to="Red River Steel")
    place = (desk.account("North Power", AccountType.HOLDING), FREE.code)
    registry.place_holds([registry.HoldDraft(*place, 100_000, HoldReason.RECALL, subject="RC-1")], now=desk.now)
    refused(DealRefusal.DEAL_DECIDED, lambda: desk.accept("Red River Steel", deal))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"quantity_t": BLOCK_T - 1}, "market_deal_size"),
        ({"price_fen_per_t": 9621}, "market_deal_price"),
        ({"price_fen_per_t": 5179}, "market_deal_price"),
        ({"state": DealState.SETTLED}, "market_deal_settled"),
    ],
)
def test_the_database_keeps_size_price_and_settlement(desk: Stage, change: dict[str, object], constraint: str) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        models.Deal.objects.filter(number=deal).update(**change)


def test_what_is_proposed_to_be_bought_counts_against_the_largest_holding(desk: Stage) -> None:
    desk.propose("Red River Steel", BUY, 7500, 950_000)
    refused(MarketRefusal.ABOVE_HOLDING_LIMIT, lambda: desk.propose("Red River Steel", BUY, 7500, BLOCK_T))


def test_companies_of_one_owner_make_no_deal_with_each_other(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T)
    north, red = desk.cast["North Power"].organisation, desk.cast["Red River Steel"].organisation
    controllers.enter_controller(SYSTEM, organisation=red, controller=north, key=desk.key(), now=desk.now)
    refused(DealRefusal.OWN_GROUP, lambda: desk.accept("Red River Steel", deal))


def test_what_was_agreed_to_be_bought_today_stays_until_tomorrow_where_the_region_says_so(
    desk: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = book.terms
    monkeypatch.setattr(book, "terms", lambda rules: replace(terms(rules), same_day_resale=False))
    desk.accept("Red River Steel", desk.propose("North Power", SELL, 7500, BLOCK_T))
    refused(MarketRefusal.BOUGHT_TODAY, lambda: desk.propose("Red River Steel", SELL, 7500, BLOCK_T))
    refused(MarketRefusal.BOUGHT_TODAY, lambda: desk.order("Red River Steel", SELL, 7500, 1))
    desk.accept("North Power", desk.propose("East Chemicals", BUY, 7500, BLOCK_T), asset=FREE.code)
    desk.issue("East Chemicals", 10)
    desk.order("East Chemicals", SELL, 7500, 200_010 // 3)
    refused(MarketRefusal.BOUGHT_TODAY, lambda: desk.propose("East Chemicals", SELL, 7500, 150_000))


def test_who_is_stopped_has_nothing_proposed_any_more(desk: Stage) -> None:
    deal = desk.propose("North Power", SELL, 7500, BLOCK_T)
    north = desk.cast["North Power"].organisation
    market.stop_trading(desk.cast["Exchange"], organisation=north, reason="a doubt", key=desk.key(), now=desk.now)
    assert state(desk, "North Power", deal) is DealState.WITHDRAWN
    assert desk.units("North Power") == (700_000, 0)
    refused(SupervisionRefusal.TRADING_STOPPED, lambda: desk.propose("North Power", SELL, 7500, BLOCK_T))
