"""The market works on the trading account of those who have one."""

from datetime import time

import pytest
from tests.market_stage import FREE, REGION, Stage

from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.registry import services as registry

PAID, OWN = "SHEA-2026-PAID", "SHEA-2026-OWN"


@pytest.fixture
def split(stage: Stage) -> Stage:
    """North Power and Red River Steel have trading accounts; Red River Steel has money."""
    stage.issue("North Power", 1_000)
    stage.fund("Red River Steel", 1_000_000_000)
    names = ("North Power", "Red River Steel")
    drafts = [registry.AccountDraft(AccountType.TRADING, REGION, stage.cast[name].organisation) for name in names]
    registry.open_accounts(drafts, now=stage.now)
    return stage


def trading_t(stage: Stage, name: str, asset: str = FREE.code) -> int:
    return stage.holding(stage.account(name, AccountType.TRADING), asset)[0]


def test_a_sale_draws_on_the_trading_account_and_a_purchase_arrives_there(split: Stage) -> None:
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"):
        split.order("North Power", Side.SELL, 7500, 400)
    registry.move_to_trading(
        split.cast["North Power"],
        debit=split.account("North Power", AccountType.HOLDING),
        credit=split.account("North Power", AccountType.TRADING),
        asset=FREE.code,
        quantity_t=400,
        key=split.key(),
        now=split.now,
    )
    split.order("North Power", Side.SELL, 7500, 400)
    split.order("Red River Steel", Side.BUY, 7500, 400)
    assert (trading_t(split, "North Power"), split.units("North Power")) == (0, (600, 0))
    assert (trading_t(split, "Red River Steel"), split.units("Red River Steel")) == (400, (0, 0))


@pytest.mark.parametrize(
    ("kind", "asset", "price_fen_per_t", "place"),
    [
        (AuctionKind.EARLY, PAID, 7400, AccountType.TRADING),
        (AuctionKind.LAST_RESORT, OWN, 8880, AccountType.HOLDING),
    ],
)
def test_an_auction_delivers_there_too_but_for_units_that_can_only_be_surrendered(
    split: Stage, kind: AuctionKind, asset: str, price_fen_per_t: int, place: AccountType
) -> None:
    split.at(time(9))
    number = str(split.announce(kind, 100)["auction"])
    split.at(time(10))
    split.bid("Red River Steel", number, price_fen_per_t, 100)
    split.at(time(11, 31))
    split.close_auction(number)
    assert split.holding(split.account("Red River Steel", place), asset) == (100, 0)
