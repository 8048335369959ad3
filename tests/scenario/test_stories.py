"""Stories told twice, by core in memory and by the services on PostgreSQL: same refusals, same balances.

Vocabulary: `issue`, `cash_in`, `at` (clock), `order`, `announce`, `bid`, `close_auction`, `expect_refused` (a code and
one step), `expect_holding`, `expect_cash`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.market_stage import REGION, Stage
from tests.scenario.memory_market import MemoryMarket

from tonnebook import golden
from tonnebook.core import units
from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.registry import queries as accounts
from tonnebook.registry.services.accounts import SYSTEM_TYPES

STORIES = golden.entries(Path(__file__).with_name("auction.yaml"))


class Market(Protocol):
    """What a story asks of either market."""

    def at(self, clock: time) -> None:
        """Set the clock."""

    def issue(self, name: str, quantity_t: int) -> None:
        """Give somebody allowances out of nothing."""

    def fund(self, name: str, amount_fen: int) -> None:
        """Book somebody's money as received."""

    def order(self, name: str, side: Side, price_fen_per_t: int, quantity_t: int, *, asset: str) -> None:
        """Place an order."""

    def announce(self, kind: AuctionKind, quantity_t: int) -> None:
        """Announce an auction."""

    def bid(self, name: str, price_fen_per_t: int, quantity_t: int) -> None:
        """Bid in the auction announced last."""

    def close_auction(self) -> None:
        """Clear the auction announced last."""

    def holding(self, account: str, asset: str) -> tuple[int, int]:
        """Total and held of an asset in an account named `name/TYPE`."""


@dataclass
class ServiceMarket:
    """The stage on the database behind the words of a story."""

    stage: Stage = field(default_factory=Stage)
    auction: str = ""

    def at(self, clock: time) -> None:
        """Set the clock."""
        self.stage.at(clock)

    def issue(self, name: str, quantity_t: int) -> None:
        """Give somebody allowances out of nothing."""
        self.stage.issue(name, quantity_t)

    def fund(self, name: str, amount_fen: int) -> None:
        """Book somebody's money as received."""
        self.stage.fund(name, amount_fen)

    def order(self, name: str, side: Side, price_fen_per_t: int, quantity_t: int, *, asset: str) -> None:
        """Place an order."""
        self.stage.order(name, side, price_fen_per_t, quantity_t, asset=asset)

    def announce(self, kind: AuctionKind, quantity_t: int) -> None:
        """Announce an auction."""
        self.auction = str(self.stage.announce(kind, quantity_t)["auction"])

    def bid(self, name: str, price_fen_per_t: int, quantity_t: int) -> None:
        """Bid in the auction announced last."""
        self.stage.bid(name, self.auction, price_fen_per_t, quantity_t)

    def close_auction(self) -> None:
        """Clear the auction announced last."""
        self.stage.close_auction(self.auction)

    def holding(self, account: str, asset: str) -> tuple[int, int]:
        """Total and held of an asset in an account named `name/TYPE`."""
        return self.balances().get((account, asset), (0, 0))

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Total and held by account and asset, wherever there is anything."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        usccs = {self.stage.cast[name].organisation: name for name in self.stage.traders()}
        for type_ in (AccountType.HOLDING, AccountType.CLIENT_CASH):
            for uscc, rows in accounts.holdings_of(list(usccs), type_).items():
                found |= {(f"{usccs[uscc]}/{type_}", row.asset.code): (row.total, row.held) for row in rows}
        for type_ in SYSTEM_TYPES:
            rows = accounts.holdings(accounts.system_account(REGION, type_))
            found |= {(f"/{type_}", row.asset.code): (row.total, row.held) for row in rows}
        return found


def take(market: Market, step: Mapping[str, Any]) -> None:
    ((word, given),) = step.items()
    match word:
        case "at":
            market.at(time.fromisoformat(given))
        case "issue":
            market.issue(given["to"], int(given["t"]))
        case "cash_in":
            market.fund(given["to"], fen(given["yuan"]))
        case "order":
            asset = given.get("asset", "SHEA-2026")
            market.order(given["by"], Side(given["side"]), fen(given["yuan"]), int(given["t"]), asset=asset)
        case "announce":
            market.announce(AuctionKind(given["kind"]), int(given["t"]))
        case "bid":
            market.bid(given["by"], fen(given["yuan"]), int(given["t"]))
        case "close_auction":
            market.close_auction()
        case _:
            expect(market, word, given)


def expect(market: Market, word: str, given: Mapping[str, Any]) -> None:
    match word:
        case "expect_refused":
            with pytest.raises(Refused) as caught:
                take(market, {key: value for key, value in given.items() if key != "code"})
            assert caught.value.code.name == given["code"]
        case "expect_holding":
            assert market.holding(f"{given['of']}/HOLDING", given["asset"])[0] == int(given["t"])
        case "expect_cash":
            expected = (fen(given["yuan"]), fen(given["held_yuan"]))
            assert market.holding(f"{given['of']}/CLIENT_CASH", "CNY") == expected
        case _:
            raise ValueError(f"the vocabulary of stories has no {word}")


def fen(yuan: str) -> int:
    return units.fen_of_yuan(units.decimal_of(yuan))


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story["id"]).replace(" ", "_"))
def test_core_in_memory_and_services_on_postgresql_tell_the_same_story(story: Mapping[str, Any]) -> None:
    memory, services = MemoryMarket(), ServiceMarket()
    services.stage.open()
    for step in story["steps"]:
        take(memory, step)
        take(services, step)
        assert services.balances() == memory.balances(), step


def test_a_word_outside_the_vocabulary_is_an_error() -> None:
    with pytest.raises(ValueError, match="no dance"):
        take(MemoryMarket(), {"dance": {}})
