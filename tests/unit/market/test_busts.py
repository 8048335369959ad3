"""A trade is taken back by two people with new entries: units with their lots, amount and fees; nothing is edited."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from tests.market_stage import MONDAY, REGION, Stage

from tonnebook.core.book import CommandKind, Instruction, Side
from tonnebook.core.busts import BustGround, BustRefusal
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal
from tonnebook.core.quotes import Interval
from tonnebook.core.roles import AccessRefusal
from tonnebook.journal.models import JournalLeaf
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.members import models as members_models
from tonnebook.members import services as members
from tonnebook.registry import queries as registry

BUY, SELL = Side.BUY, Side.SELL
WHY = {"ground": "OBVIOUS_ERROR", "reason": "报价多打一位"}


def refused(code: Refusal, act: object) -> None:
    with pytest.raises(Refused) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code is code


def approved(stage: Stage, kind: str, payload: dict[str, Json]) -> str:
    """Have two people of the exchange agree, and give the number of the approval."""
    staff = stage.cast["Exchange"]
    proposed = members.propose(staff, kind=kind, payload=payload, key=stage.key(), now=stage.now)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    second = replace(staff, person="P-999999-99")
    members.approve(second, approval=approval, digest=digest, key=stage.key(), now=stage.now)
    return approval


def bust(stage: Stage, trade: str) -> Answer:
    approval = approved(stage, "market.bust_trade", {"trade": trade, **WHY})
    return market.bust_trade(
        stage.cast["Exchange"],
        trade=trade,
        ground=BustGround.OBVIOUS_ERROR,
        reason=WHY["reason"],
        approval=approval,
        key=stage.key(),
        now=stage.now,
    )


def correct(stage: Stage, trade: str, price_fen_per_t: int, quantity_t: int) -> Answer:
    right: dict[str, Json] = {"trade": trade, "price_fen_per_t": price_fen_per_t, "quantity_t": quantity_t}
    return market.correct_trade(
        stage.cast["Exchange"],
        trade=trade,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        ground=BustGround.OBVIOUS_ERROR,
        reason=WHY["reason"],
        approval=approved(stage, "market.correct_trade", {**right, **WHY}),
        key=stage.key(),
        now=stage.now,
    )


@pytest.fixture
def traded(stage: Stage) -> Stage:
    """100 t at 75.00, of which the seller had been given all for nothing; the buy order went up to 76.00."""
    stage.issue("North Power", 300)
    stage.fund("Red River Steel", 10_000_000)
    stage.order("North Power", SELL, 7500, 100)
    stage.order("Red River Steel", BUY, 7600, 100)
    return stage


def lots(stage: Stage, name: str) -> list[tuple[str, int | None, int]]:
    found = registry.lots(stage.account(name, AccountType.HOLDING), on=MONDAY)
    return [(row.lot.title.value, row.lot.price_fen_per_t, row.lot.quantity_t) for row in found]


def test_everything_returns_with_the_lots_it_came_from_and_the_trade_stays(traded: Stage) -> None:
    (trade,) = queries.trades("SHEA")
    before = models.Trade.objects.values().get()
    order_before = models.Order.objects.values().get(side="BUY")
    answer = bust(traded, trade.number)
    assert (traded.units("North Power"), traded.units("Red River Steel")) == ((300, 0), (0, 0))
    assert (traded.cash("North Power"), traded.cash("Red River Steel")) == ((0, 0), (10_000_000, 0))
    assert traded.system(AccountType.FEES, "CNY") == 0
    assert lots(traded, "North Power") == [("ALLOCATED_FREE", None, 300)]
    assert models.Trade.objects.values().get() == before
    assert models.Order.objects.values().get(side="BUY") == order_before
    row = models.Bust.objects.get()
    assert (row.number, row.transfer) == (answer["bust"], answer["transfer"])
    assert (row.initiator, row.approver) == (traded.cast["Exchange"].person, "P-999999-99")


def test_a_correction_leaves_the_trade_and_puts_another_between_the_same_orders(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    answer = correct(traded, wrong.number, 7600, 40)
    right, first = queries.trades("SHEA")
    assert (first.number, first.bust, right.number, right.bust) == (wrong.number, answer["bust"], answer["trade"], "")
    assert (right.price_fen_per_t, right.quantity_t, right.seq) == (7600, 40, 2)
    assert traded.units("Red River Steel") == (40, 0)
    fee_fen = traded.system(AccountType.FEES, "CNY") // 2
    assert traded.cash("North Power") == (304_000 - fee_fen, 0)
    assert traded.cash("Red River Steel") == (10_000_000 - 304_000 - fee_fen, 0)
    assert lots(traded, "Red River Steel") == [("MARKET", 7600, 40)]
    (row,) = queries.busts_on(REGION, day=MONDAY)
    assert (row.trade, row.replacement, row.right_price_fen_per_t) == (wrong.number, right.number, 7600)
    refused(BustRefusal.ALREADY_BUSTED, lambda: bust(traded, wrong.number))
    bust(traded, right.number)  # what was corrected wrongly is taken back as well
    assert traded.units("North Power") == (300, 0)


def test_nobody_is_given_worse_than_their_order_said(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    refused(BustRefusal.CORRECTION_UNFIT, lambda: correct(traded, wrong.number, 7601, 100))
    refused(BustRefusal.CORRECTION_TOO_LARGE, lambda: correct(traded, wrong.number, 7500, 101))
    refused(BustRefusal.CORRECTION_CHANGES_NOTHING, lambda: correct(traded, wrong.number, 7500, 100))
    assert not models.Bust.objects.exists()


def test_units_that_were_sold_on_cannot_be_taken_back_whatever_else_the_buyer_has(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    traded.issue("Red River Steel", 500)
    # What was bought goes last in the published order, so all of the free allowances have to go before.
    traded.fund("East Chemicals", 100_000_000)
    traded.order("Red River Steel", SELL, 7500, 550)
    traded.order("East Chemicals", BUY, 7500, 550)
    traded.issue("Red River Steel", 500)
    refused(LedgerRefusal.LOT_GONE, lambda: bust(traded, wrong.number))
    assert traded.units("Red River Steel") == (550, 0)


def test_units_that_are_set_aside_and_money_that_is_spent_cannot_be_taken_back(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    traded.order("Red River Steel", SELL, 7600, 100)
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: bust(traded, wrong.number))
    traded.at(time(10, 5))
    market.cancel_order(
        traded.cast["Red River Steel"],
        order=queries.open_orders(traded.cast["Red River Steel"].organisation)[0].number,
        key=traded.key(),
        now=traded.now,
    )
    traded.order("North Power", BUY, 7300, 100)
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: bust(traded, wrong.number))


def test_a_trade_of_a_batch_returns_the_lots_of_its_own_delivery(stage: Stage) -> None:
    stage.fund("North Power", 10_000_000)
    stage.fund("Red River Steel", 100_000_000)
    stage.issue("East Chemicals", 100)
    stage.order("East Chemicals", SELL, 7400, 100)
    stage.order("North Power", BUY, 7400, 100)
    stage.issue("North Power", 100)
    told = [_placing("SHEA", SELL, 7500, quantity_t, stage) for quantity_t in (100, 100)]
    market.send_orders(stage.cast["North Power"], region=REGION, told=told, key=stage.key(), now=stage.now)
    told = [_placing("SHEA", BUY, 7500, 100, stage)] * 2
    market.send_orders(stage.cast["Red River Steel"], region=REGION, told=told, key=stage.key(), now=stage.now)
    second, first, _ = queries.trades("SHEA")
    assert models.Trade.objects.filter(transfer=models.Trade.objects.get(number=first.number).transfer).count() == 2
    bust(stage, second.number)
    assert lots(stage, "North Power") == [("MARKET", 7400, 100)]
    bust(stage, first.number)
    assert lots(stage, "North Power") == [("ALLOCATED_FREE", None, 100), ("MARKET", 7400, 100)]


def _placing(instrument: str, side: Side, price_fen_per_t: int, quantity_t: int, stage: Stage) -> Instruction:
    total = queries.total_fen(
        instrument, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=MONDAY
    ).whole
    asset = "SHEA-2026" if side is SELL else ""
    return Instruction(
        CommandKind.PLACE,
        instrument,
        side,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        shown_total_fen=total,
        asset=asset,
    )


def test_only_two_people_of_the_exchange_of_the_region_take_back_what_there_is(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    refused(BustRefusal.NO_SUCH_TRADE, lambda: bust(traded, "SHEA-T-000009-99"))
    approval = approved(traded, "market.bust_trade", {"trade": wrong.number, **WHY})
    staff = traded.cast["Exchange"]
    others = ((replace(staff, region="tianjin"), "NOT_YOUR_REGION"), (traded.cast["North Power"], "NOT_PERMITTED"))
    for actor, code in others:
        told = {"trade": wrong.number, "ground": BustGround.OBVIOUS_ERROR, "reason": WHY["reason"]}
        refused(
            AccessRefusal[code],
            lambda actor=actor, told=told: market.bust_trade(
                actor, **told, approval=approval, key=traded.key(), now=traded.now
            ),
        )


def test_everything_that_sums_trades_leaves_a_busted_one_out(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    traded.order("North Power", SELL, 7700, 50)
    traded.order("Red River Steel", BUY, 7700, 50)
    bust(traded, wrong.number)
    quote = queries.quote("SHEA", now=traded.now)
    assert (quote.last_fen_per_t, quote.volume_t, quote.turnover_fen) == (7700, 50, 385_000)
    for interval in (Interval.DAY, Interval.WEEK, Interval.MINUTES_1):
        (bar,) = queries.bars("SHEA", interval, from_on=MONDAY, to_on=MONDAY + timedelta(days=1))
        assert (bar.open_fen_per_t, bar.low_fen_per_t, bar.volume_t, bar.trades) == (7700, 7700, 50, 1)
    mean = queries.mean_price("SHEA", from_on=MONDAY, to_on=MONDAY + timedelta(days=1))
    assert mean is not None
    assert mean.whole == 7700
    assert "busts" not in [row.trade for row in queries.busts_of("SHEA", day=MONDAY - timedelta(days=1))]
    traded.at(time(15, 30))
    answer = traded.close_day()
    assert answer["breaks"] == []
    assert answer["closes"] == {"SHEA": 7700, "SHCER": queries.instrument("SHCER").previous_close_fen_per_t}
    assert models.MemberNet.objects.get(bought_t__gt=0).bought_t == 50
    refused(BustRefusal.BUST_TOO_LATE, lambda: bust(traded, queries.trades("SHEA")[0].number))


def test_the_last_trade_and_the_only_one_taken_back_leave_the_close_before(traded: Stage) -> None:
    bust(traded, queries.trades("SHEA")[0].number)
    assert queries.quote("SHEA", now=traded.now).last_fen_per_t is None
    traded.at(time(15, 30))
    before = queries.instrument("SHEA").previous_close_fen_per_t
    answer = traded.close_day()
    assert answer["breaks"] == []
    assert models.DayClose.objects.get(instrument__code="SHEA").close_fen_per_t == before
    assert not models.MemberNet.objects.exists()


def test_a_slip_shows_the_trade_and_its_taking_back_and_both_come_to_nothing(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    answer = bust(traded, wrong.number)
    red = traded.cast["Red River Steel"].organisation
    told = queries.member_day(red, region=REGION, day=MONDAY)
    assert [(row.slip.trade, row.slip.is_back, row.slip.net_fen > 0) for row in told.trades] == [
        (wrong.number, False, False),
        (wrong.number, True, True),
    ]
    assert told.trades[1].transfer == answer["transfer"]
    assert (told.totals.bought_t, told.totals.turnover_fen, told.totals.fee_fen, told.totals.net_fen) == (0, 0, 0, 0)
    assert answer["transfer"] not in [line.transfer for line in told.cash]
    assert queries.own_trades(red)[0].bust == answer["bust"]
    charged = {line.what: line.charged_fen for line in queries.charged(red, region=REGION, month=date(2026, 3, 1))}
    assert charged["DELIVER_TRADE"] == -charged["BUST_TRADE"] > 0


def test_both_parties_are_told_and_the_log_names_who_took_it_back(traded: Stage) -> None:
    (wrong,) = queries.trades("SHEA")
    answer = bust(traded, wrong.number)
    told = members_models.Notice.objects.filter(kind="TRADE_BUSTED").values_list("organisation__uscc", "facts")
    owners = {traded.cast[name].organisation for name in ("North Power", "Red River Steel")}
    assert {uscc: facts["trade"] for uscc, facts in told} == dict.fromkeys(owners, wrong.number)
    payload = JournalLeaf.objects.get(kind="market.trade.busted").payload
    assert str(answer["bust"]) in payload
    assert WHY["reason"] not in payload
