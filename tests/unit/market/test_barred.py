"""Neither orders nor bids nor accounts for who must not trade."""

from dataclasses import replace
from datetime import time

import pytest
from tests.market_stage import Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.barred import BarRefusal
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, OrganisationKind
from tonnebook.members import services as members
from tonnebook.registry import services as registry


def test_a_barred_trader_places_neither_order_nor_bid(stage: Stage) -> None:
    stage.fund("Red River Steel", 10_000_000)
    stage.at(time(9))
    auction = str(stage.announce(AuctionKind.EARLY, 1_000)["auction"])
    stage.at(time(10))
    stage.order("Red River Steel", Side.BUY, 7500, 100)
    trader = stage.cast["Red River Steel"]
    members.bar_from_trading(SYSTEM, subject=trader.organisation, ground="x", key=stage.key(), now=stage.now)
    for act in (
        lambda: stage.order("Red River Steel", Side.BUY, 7500, 100),
        lambda: stage.bid("Red River Steel", auction, 7500, 100),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code is BarRefusal.BARRED_BY_NAME


def test_staff_of_a_barred_kind_place_nothing_whatever_their_role_says(stage: Stage) -> None:
    stage.fund("Red River Steel", 10_000_000)
    trader = stage.cast["Red River Steel"]
    stage.cast["Red River Steel"] = replace(trader, kind=OrganisationKind.EXCHANGE)
    with pytest.raises(Refused) as refused:
        stage.order("Red River Steel", Side.BUY, 7500, 100)
    assert refused.value.code is BarRefusal.BARRED_KIND


@pytest.mark.parametrize("type_", [AccountType.HOLDING, AccountType.TRADING, AccountType.CLIENT_CASH])
def test_a_barred_kind_gets_no_account_to_trade_from(stage: Stage, type_: AccountType) -> None:
    exchange = next(actor for actor in stage.cast.values() if actor.kind is OrganisationKind.EXCHANGE)
    draft = registry.AccountDraft(type_, exchange.region, exchange.organisation)
    with pytest.raises(Refused) as refused:
        registry.open_books(SYSTEM, region=exchange.region, drafts=[draft], key=stage.key(), now=stage.now)
    assert refused.value.code is BarRefusal.BARRED_KIND
