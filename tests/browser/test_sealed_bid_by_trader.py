"""A trader's browser seals a bid that two officers open, and anybody's browser checks the result from its file."""

import copy
import json
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.db import transaction
from playwright.sync_api import Page, Request, expect
from tests.browser.acting import become
from tests.market_stage import OPENING_KEY, SHARES
from tests.unit.audit import test_auction_file as forgeries
from tests.unit.web.town import NOW, RED_RIVER, REGION, Town

from tonnebook.core import periods, sealed_bids
from tonnebook.core.auction import AuctionKind
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.roles import SYSTEM
from tonnebook.core.sealed_bids import Offer
from tonnebook.journal import services as journal
from tonnebook.market import queries, services
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry
from tonnebook_audit import auction_file

pytestmark = pytest.mark.browser


@pytest.fixture
def auction(town: Town) -> str:
    """An auction that is open now and an hour long, and a trader with money."""
    leg = Leg(
        accounts.system_account(REGION, AccountType.BANK),
        accounts.account_of(RED_RIVER, AccountType.CLIENT_CASH),
        "CNY",
        500_000_000,
    )
    with transaction.atomic():
        registry.post([registry.TransferDraft(TransferType.CASH_IN, (leg,), "P-1", subject="bank-1")], now=NOW)
    opens_at = periods.instant(periods.day_of(NOW) + timedelta(days=1), time(9, 30))
    closes_at = opens_at + timedelta(hours=1)
    payload: dict[str, Json] = {
        "region": REGION,
        "kind": "LAST_RESORT",
        "year": 2026,
        "quantity_t": 1000,
        "opens_at": periods.iso(opens_at),
        "closes_at": periods.iso(closes_at),
        "opening_key": OPENING_KEY,
    }
    announced = services.announce_auction(
        town.actor("zhou"),
        region=REGION,
        kind=AuctionKind.LAST_RESORT,
        year=2026,
        quantity_t=1000,
        opens_at=opens_at,
        closes_at=closes_at,
        opening_key=OPENING_KEY,
        approval=town.stage.approved("market.announce_auction", payload, now=NOW),
        key=town.stage.key(),
        now=NOW,
    )
    journal.set_clock(at=opens_at + timedelta(minutes=1))
    return str(announced["auction"])


def clear(town: Town, auction: str, now: datetime) -> None:
    """Have the bids counted, two shares handed in, and the auction opened."""
    services.count_bids(SYSTEM, auction=auction, key=town.stage.key(), now=now)
    journal.integrate(now=now)
    journal.publish_checkpoint(now=now)
    for username, words in zip(("zhou", "bell"), SHARES, strict=False):
        services.hand_in_share(town.actor(username), auction=auction, words=words, key=town.stage.key(), now=now)
    services.close_auction(town.actor("bell"), auction=auction, key=town.stage.key(), now=now)


_DRAWN = {"envelope", "mark", "csrfmiddlewaretoken", "key"}


def test_a_bid_is_sealed_in_the_browser_and_opens_to_what_was_typed(page: Page, town: Town, auction: str) -> None:
    become(page, "Zhang Hong")
    sent: list[str] = []

    def listen(request: Request) -> None:
        sent.append(request.post_data or "")

    page.on("request", listen)
    page.goto(f"/market/auctions/{auction}")
    page.get_by_label("Price (yuan per tonne)").fill("123.45")
    page.get_by_label("Quantity (t)").fill("777")
    page.get_by_label("Set aside at most (yuan)").fill("100")
    page.get_by_role("button", name="Seal the bid").click()
    expect(page.get_by_text("The deposit is less than price times quantity")).to_be_visible()
    page.get_by_label("Set aside at most (yuan)").fill("100000.50")
    page.get_by_role("button", name="Seal the bid").click()
    expect(page.get_by_text("Sealed. Keep the copy")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save my copy").click()
    copy = json.loads(download.value.path().read_text(encoding="utf-8"))
    page.get_by_role("button", name="Place the sealed bid").click()
    expect(page.get_by_role("heading", name="Bid taken")).to_be_visible()
    assert sum("envelope" in body for body in sent) == 1
    # What is drawn by chance may hold any digits; every other word that was sent is looked at.
    told = [value for body in sent for name, value in parse_qsl(body) if name not in _DRAWN]
    assert "100000.50" in told
    assert not any(secret in value for value in told for secret in ("123.45", "12345", "777"))
    row = queries.auction(auction, now=NOW)
    clear(town, auction, row.closes_at)
    (bid,) = queries.bids(auction, organisation=RED_RIVER)
    assert (bid.price_fen_per_t, bid.quantity_t, bid.deposit_fen) == (12_345, 777, 10_000_050)
    assert (copy["price_fen_per_t"], copy["quantity_t"]) == ("12345", "777")


def held(town: Town, auction: str) -> dict[str, Any]:
    """Give the file of an auction with four bids, one withdrawn."""
    now = queries.auction(auction, now=NOW).opens_at + timedelta(minutes=1)
    trader, placed = town.actor("red"), []
    for place, (price, quantity_t) in enumerate(((12_000, 600), (13_000, 500), (11_900, 300), (11_800, 300))):
        mark, deposit_fen = f"{place:032x}", price * quantity_t
        envelope = sealed_bids.seal(
            Offer(price, quantity_t),
            sealed_bids.context(auction, mark=mark, deposit_fen=deposit_fen),
            opening_key=OPENING_KEY,
            ephemeral=bytes([place + 1]) * 32,
        )
        answer = services.place_bid(
            trader,
            auction=auction,
            envelope=envelope.hex(),
            mark=mark,
            deposit_fen=deposit_fen,
            key=town.stage.key(),
            now=now,
        )
        placed.append(str(answer["bid"]))
    services.withdraw_bid(trader, bid=placed[1], key=town.stage.key(), now=now)
    closes_at = queries.auction(auction, now=NOW).closes_at
    clear(town, auction, closes_at)
    file: Any = queries.auction_file(auction, now=closes_at)
    return dict(file)


def test_a_browser_says_of_every_forged_file_what_the_verifier_says(page: Page, town: Town, auction: str) -> None:
    honest = held(town, auction)
    page.goto("/market/auctions/check")
    upload(page, honest)
    expect(page.get_by_role("heading", name="The result holds")).to_be_visible()
    for attack in forgeries.ATTACKS:
        forged = copy.deepcopy(honest)
        attack(forged)
        expected = [one.en for one in auction_file.check(json.dumps(forged))]
        assert expected, attack
        upload(page, forged)
        expect(page.locator('[data-check="findings"] li')).to_have_text(expected)


def upload(page: Page, file: dict[str, Any]) -> None:
    """Hand a file to the page."""
    text = json.dumps(file).encode()
    page.get_by_label("File of the auction (JSON)").set_input_files(
        {"name": "auction.json", "mimeType": "application/json", "buffer": text}
    )
