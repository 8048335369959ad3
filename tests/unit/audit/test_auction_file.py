"""The public file of an auction: whoever puts in, changes, drops or dates back a bid is named by whoever checks it."""

import copy
import json
from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from tests.market_stage import OPENING_KEY, SECRET, Stage

from tonnebook.core import sealed_bids
from tonnebook.core.auction import AuctionKind
from tonnebook.core.sealed_bids import Offer
from tonnebook.journal import queries as log
from tonnebook.journal import services as journal
from tonnebook.market import queries
from tonnebook.market import services as market
from tonnebook_audit import auction_file

Document = dict[str, Any]


@pytest.fixture
def stage(db: None) -> Stage:
    stage = Stage()
    stage.open()
    for name in ("Red River Steel", "North Power", "East Chemicals"):
        stage.fund(name, 1_000_000_000)
    return stage


@pytest.fixture
def held(stage: Stage) -> tuple[Document, str]:
    """The file of an auction with four bids, one withdrawn, and the receipt of the first bid."""
    stage.at(time(9))
    number = str(stage.announce(AuctionKind.EARLY, 1_000)["auction"])
    stage.at(time(10))
    stage.bid("Red River Steel", number, 8000, 600)
    gone = stage.bid("North Power", number, 9000, 500)
    stage.bid("North Power", number, 7900, 300)
    stage.bid("East Chemicals", number, 7800, 300)
    market.withdraw_bid(stage.cast["North Power"], bid=gone, key=stage.key(), now=stage.now)
    stage.at(time(11, 30))
    stage.close_auction(number)
    document: Any = queries.auction_file(number, now=stage.now)
    leaf = queries.bids(number, organisation="")[0].receipt
    return document, json.dumps(log.receipt(leaf))


def found(document: Document, receipt: str | None = None) -> list[str]:
    return [one.en for one in auction_file.check(json.dumps(document), receipts=[receipt] if receipt else ())]


def test_an_honest_file_holds(held: tuple[Document, str]) -> None:
    document, receipt = held
    assert found(document, receipt) == []
    assert [bid["awarded_t"] for bid in document["bids"]] == [600, 0, 300, 100]


def put_in(document: Document, bid: Document, offer: Offer) -> None:
    """Replace what a bid says, as an operator can who has the opening key, and everything that follows from it."""
    bound_to = sealed_bids.context(document["auction"], mark=bid["mark"], deposit_fen=bid["deposit_fen"])
    bid["envelope"] = sealed_bids.seal(offer, bound_to, opening_key=OPENING_KEY, ephemeral=b"\2" * 32).hex()
    bid["price_fen_per_t"], bid["quantity_t"] = offer.price_fen_per_t, offer.quantity_t


def insert(document: Document) -> None:
    late = copy.deepcopy(document["bids"][0])
    late["seq"], late["bid"], late["awarded_t"], late["bidder"] = 5, "late", 0, 9
    put_in(document, late, Offer(7400, 1))
    late["placed"]["leaf"]["facts"] |= {"bid": "late", "seq": "5"}
    document["bids"].append(late)


def edit(document: Document) -> None:
    put_in(document, document["bids"][0], Offer(8001, 600))


def date_back(document: Document) -> None:
    insert(document)
    document["bids"][-1]["placed"]["leaf"]["at"] = document["bids"][0]["placed"]["leaf"]["at"]


def outside(document: Document) -> None:
    facts = document["announced"]["leaf"]["facts"]
    facts["closes_at"] = facts["opens_at"]


def drop(document: Document) -> None:
    del document["bids"][0]


def drop_last(document: Document) -> None:
    del document["bids"][-1]


def miscount(document: Document) -> None:
    document["counted"]["leaf"]["facts"]["bids"] = "3"
    del document["bids"][-1]


def withdraw(document: Document) -> None:
    document["bids"][3]["state"] = "WITHDRAWN"


def revive(document: Document) -> None:
    document["bids"][1] |= {"state": "STANDING", "withdrawn": None}


def reorder(document: Document) -> None:
    first, third = document["bids"][0], document["bids"][2]
    first["seq"], third["seq"] = third["seq"], first["seq"]


def another_key(document: Document) -> None:
    document["opened_with"] = (SECRET[:-1] + b"\0").hex()


def award(document: Document) -> None:
    document["bids"][3]["awarded_t"] = 101


def price(document: Document) -> None:
    document["result"]["price_fen_per_t"] = 7799


def void(document: Document) -> None:
    document["bids"][0]["void_reason"] = "ABOVE_LIMIT"


def raise_limit(document: Document) -> None:
    document["bids"][0]["limit_t"] = 1_000_000


def part_from_group(document: Document) -> None:
    document["bids"][2]["group"] = 3


def lower_floor(document: Document) -> None:
    document["announced"]["leaf"]["facts"]["floor_price_fen_per_t"] = "7399"


def unsigned(document: Document) -> None:
    document["checkpoint"] = document["checkpoint"].replace("\n", "1\n", 1)


ATTACKS: dict[Callable[[Document], None], str] = {
    insert: "Bid late was not in the log at the close.",
    date_back: "Bid late was not in the log at the close.",
    edit: "is not the one logged.",
    outside: "was placed outside the time for bids.",
    drop: "Bid number 1 is missing.",
    drop_last: "Bid number 4 is missing.",
    miscount: "does not stand in the log after the close.",
    withdraw: "The withdrawal of bid",
    revive: "comes out differently.",
    reorder: "The order of the bids is not that of the log.",
    another_key: "does not belong to the announced opening key.",
    award: "comes out differently.",
    price: "The published result is not what the bids come to.",
    void: "comes out differently.",
    raise_limit: "is not the one logged.",
    part_from_group: "is not the one logged.",
    lower_floor: "What was announced does not stand in the log.",
    unsigned: "is not signed by the log's key",
}


@pytest.mark.parametrize(("attack", "words"), ATTACKS.items())
def test_the_verifier_names_what_was_done(
    held: tuple[Document, str], attack: Callable[[Document], None], words: str
) -> None:
    document, _ = held
    attack(document)
    assert any(words in one for one in found(document)), found(document)


def test_a_bidder_learns_from_the_receipt_that_the_bid_was_left_out(held: tuple[Document, str]) -> None:
    document, receipt = held
    del document["bids"][0]
    assert "The bid of a receipt that was given is not in the file." not in found(document)
    assert "The bid of a receipt that was given is not in the file." in found(document, receipt)


def test_a_checkpoint_must_be_by_the_trusted_key_and_the_witnesses_asked_for(held: tuple[Document, str]) -> None:
    document, _ = held
    text = json.dumps(document)
    assert auction_file.check(text, trusted_key=document["log_key"]) == []
    assert auction_file.check(text, trusted_key="other") == [auction_file.NOTE_WRONG]
    assert auction_file.check(text, witnesses=["w+00000000+AA=="]) == [auction_file.WITNESS_MISSING]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "tonnebook-auction-2"}', '{"format": "x", "bids": []}'])
def test_what_is_no_such_file_is_said_to_be_none(text: str) -> None:
    assert auction_file.check(text) == [auction_file.NOT_A_FILE]


def test_an_auction_without_bids_has_a_file_that_holds(stage: Stage) -> None:
    stage.at(time(9))
    number = str(stage.announce(AuctionKind.EARLY, 1_000)["auction"])
    stage.at(time(11, 30))
    stage.close_auction(number)
    journal.integrate(now=stage.now)
    assert found(queries.auction_file(number, now=stage.now)) == []
