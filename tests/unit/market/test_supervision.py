"""The switch that stops a member: its orders leave the book at once, and two people allow it again."""

from dataclasses import replace
from datetime import time

import pytest
from tests.market_stage import REGION, Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.market.services import standing
from tonnebook.members import services as members

BUY, SELL = Side.BUY, Side.SELL


def refused(code: Refusal, act: object) -> None:
    with pytest.raises(Refused) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code is code


def stop(stage: Stage, by: str, name: str = "Red River Steel") -> Answer:
    return market.stop_trading(
        stage.cast[by],
        organisation=stage.cast[name].organisation,
        reason="失控的程序",
        key=stage.key(),
        now=stage.now,
    )


def allow(stage: Stage, name: str = "Red River Steel") -> Answer:
    payload: dict[str, Json] = {"organisation": stage.cast[name].organisation, "reason": "已修复"}
    staff = stage.cast["Exchange"]
    proposed = members.propose(staff, kind="market.allow_trading", payload=payload, key=stage.key(), now=stage.now)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    second = replace(staff, person="P-999999-99")
    members.approve(second, approval=approval, digest=digest, key=stage.key(), now=stage.now)
    return market.allow_trading(
        staff,
        organisation=stage.cast[name].organisation,
        reason="已修复",
        approval=approval,
        key=stage.key(),
        now=stage.now,
    )


@pytest.fixture
def busy(stage: Stage) -> Stage:
    """Red River Steel has three orders in two books, and East Chemicals one."""
    stage.issue("Red River Steel", 1_000)
    stage.issue("East Chemicals", 1_000)
    stage.fund("Red River Steel", 10_000_000)
    stage.order("Red River Steel", SELL, 7500, 100)
    stage.order("Red River Steel", BUY, 7300, 100)
    stage.order("Red River Steel", BUY, 6800, 10, instrument="SHCER")
    stage.order("East Chemicals", SELL, 7600, 100)
    return stage


@pytest.mark.parametrize("by", ["Exchange", "Red River Steel"])
def test_the_switch_cancels_what_rests_and_sets_all_of_it_free(busy: Stage, by: str) -> None:
    before = models.Instrument.objects.get(code="SHEA").command_seq
    assert stop(busy, by)["cancelled"] == 3
    # Whoever keeps the book in memory sees that it has changed.
    assert models.Instrument.objects.get(code="SHEA").command_seq == before + 2
    assert queries.open_orders(busy.cast["Red River Steel"].organisation) == ()
    assert busy.units("Red River Steel") == (1_000, 0)
    assert busy.cash("Red River Steel") == (10_000_000, 0)
    assert len(queries.open_orders(busy.cast["East Chemicals"].organisation)) == 1


def test_nothing_of_a_stopped_member_trades_until_two_allow_it(busy: Stage) -> None:
    busy.at(time(9))
    auction = str(busy.announce(AuctionKind.EARLY, 1_000)["auction"])
    busy.at(time(10))
    stop(busy, "Red River Steel")
    code = SupervisionRefusal.TRADING_STOPPED
    refused(code, lambda: busy.order("Red River Steel", BUY, 7500, 10))
    refused(code, lambda: busy.bid("Red River Steel", auction, 7500, 10))
    laid_out = standing.columns(REGION, [busy.cast["Red River Steel"].organisation], now=busy.now)
    assert laid_out.is_refused.all()
    refused(SupervisionRefusal.ALREADY_STOPPED, lambda: stop(busy, "Exchange"))
    busy.order("East Chemicals", SELL, 7500, 10)
    allow(busy)
    assert busy.order("Red River Steel", BUY, 7500, 10)["state"] == "FILLED"
    refused(SupervisionRefusal.NOT_STOPPED, lambda: allow(busy))


def test_a_member_stops_itself_only(busy: Stage) -> None:
    refused(AccessRefusal.NOT_YOUR_ORGANISATION, lambda: stop(busy, "East Chemicals"))
