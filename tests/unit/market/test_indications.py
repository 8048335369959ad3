"""The board of surplus and shortfall: names for traders, quantities for everybody, and deals that come of it."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from tests.market_stage import MONDAY, Stage

from tonnebook.core.barred import BarRefusal
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.indications import Audience, IndicationRefusal
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.market import models, queries
from tonnebook.market import services as market

BUY, SELL = Side.BUY, Side.SELL


def give(
    stage: Stage,
    name: str,
    side: Side,
    *,
    audience: Audience = Audience.PUBLIC,
    until_on: date = MONDAY,
    instrument: str = "SHEA",
    quantity_t: int = 100_000,
) -> str:
    answer = market.give_indication(
        stage.cast[name],
        instrument=instrument,
        side=side,
        quantity_t=quantity_t,
        until_on=until_on,
        audience=audience,
        vintage=2026,
        key=stage.key(),
        now=stage.now,
    )
    return str(answer["indication"])


def withdraw(stage: Stage, name: str, indication: str) -> None:
    market.withdraw_indication(stage.cast[name], indication=indication, key=stage.key(), now=stage.now)


def propose(stage: Stage, name: str, side: Side, indication: str) -> str:
    answer = market.propose_deal(
        stage.cast[name],
        instrument="SHEA",
        side=side,
        price_fen_per_t=7500,
        quantity_t=100_000,
        shown_total_fen=queries.total_fen("SHEA", side=side, price_fen_per_t=7500, quantity_t=100_000, on=MONDAY).whole,
        asset="SHEA-2026" if side is SELL else "",
        indication=indication,
        key=stage.key(),
        now=stage.now,
    )
    return str(answer["deal"])


def shown() -> list[str]:
    return [row.number for row in queries.indications("SHEA", on=MONDAY)]


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code


@pytest.fixture
def desk(stage: Stage) -> Stage:
    """In the hours of agreement transfers, with a seller's units and a buyer's money."""
    stage.at(time(14, 30))
    stage.issue("North Power", 200_000)
    stage.fund("Red River Steel", 2_000_000_000)
    return stage


def test_the_public_reads_what_is_meant_for_it_and_no_name(stage: Stage) -> None:
    surplus = give(stage, "North Power", SELL)
    gap = give(stage, "Red River Steel", BUY, audience=Audience.MEMBERS)
    assert shown() == [gap, surplus]
    assert {row.organisation for row in queries.indications("SHEA", on=MONDAY)} == {
        stage.cast["North Power"].organisation,
        stage.cast["Red River Steel"].organisation,
    }
    (row,) = queries.public_indications("SHEA", on=MONDAY)
    assert (row.number, row.organisation, row.side, row.quantity_t, row.vintage) == (surplus, "", SELL, 100_000, 2026)


def test_an_indication_is_withdrawn_by_who_gave_it_and_once(stage: Stage) -> None:
    number = give(stage, "North Power", SELL)
    refused(IndicationRefusal.NO_SUCH_INDICATION, lambda: withdraw(stage, "Red River Steel", number))
    withdraw(stage, "North Power", number)
    assert shown() == []
    refused(IndicationRefusal.INDICATION_ENDED, lambda: withdraw(stage, "North Power", number))


def test_one_stands_for_each_side_until_its_last_day(stage: Stage) -> None:
    give(stage, "North Power", SELL)
    give(stage, "North Power", BUY)
    refused(IndicationRefusal.INDICATION_STANDS, lambda: give(stage, "North Power", SELL))
    tuesday = MONDAY + timedelta(days=1)
    stage.at(time(10), tuesday)
    assert queries.indications("SHEA", on=tuesday) == ()
    give(stage, "North Power", SELL, until_on=tuesday)


def test_a_deal_that_takes_an_indication_up_goes_to_who_gave_it_and_ends_it(desk: Stage) -> None:
    surplus = give(desk, "North Power", SELL)
    refused(IndicationRefusal.INDICATION_SAME_SIDE, lambda: propose(desk, "Red River Steel", SELL, surplus))
    refused(IndicationRefusal.NO_SUCH_INDICATION, lambda: propose(desk, "Red River Steel", BUY, "SHEA-N-0"))
    deal = propose(desk, "Red River Steel", BUY, surplus)
    assert shown() == [surplus]
    desk.accept("North Power", deal, asset="SHEA-2026")
    assert models.Indication.objects.get(number=surplus).state == "MATCHED"
    refused(IndicationRefusal.INDICATION_ENDED, lambda: propose(desk, "Red River Steel", BUY, surplus))


def test_what_came_of_an_answer_ends_the_indication_as_well(desk: Stage) -> None:
    surplus = give(desk, "North Power", SELL)
    deal = propose(desk, "Red River Steel", BUY, surplus)
    answer = desk.propose("North Power", SELL, 7600, 100_000, answers=deal)
    desk.accept("Red River Steel", answer)
    assert shown() == []


def test_an_indication_withdrawn_meanwhile_does_not_hold_up_the_deal(desk: Stage) -> None:
    surplus = give(desk, "North Power", SELL)
    deal = propose(desk, "Red River Steel", BUY, surplus)
    withdraw(desk, "North Power", surplus)
    desk.accept("North Power", deal, asset="SHEA-2026")
    assert models.Indication.objects.get(number=surplus).state == "WITHDRAWN"


def test_only_who_may_trade_speaks_on_the_board(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(AccessRefusal.NOT_PERMITTED, lambda: give(stage, "Exchange", SELL))
    market.stop_trading(
        stage.cast["Exchange"],
        organisation=stage.cast["East Chemicals"].organisation,
        reason="a doubt",
        key=stage.key(),
        now=stage.now,
    )
    refused(SupervisionRefusal.TRADING_STOPPED, lambda: give(stage, "East Chemicals", SELL))
    bar = Refused(BarRefusal.BARRED_BY_NAME, subject="North Power", ground="a judge")

    def barred(_: object) -> None:
        raise bar

    monkeypatch.setattr("tonnebook.members.services.require_may_trade", barred)
    refused(BarRefusal.BARRED_BY_NAME, lambda: give(stage, "North Power", SELL))


def test_an_indication_is_of_something_that_is_traded(stage: Stage) -> None:
    refused(MarketRefusal.NO_SUCH_INSTRUMENT, lambda: give(stage, "North Power", SELL, instrument="X"))
    with pytest.raises(ValueError, match="positive"):
        give(stage, "North Power", SELL, quantity_t=0)
