"""The pages of the market: what everybody sees, what a trader does in two steps, and what stays secret."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django.fixtures import Settings
from tests.market_stage import OPENING_KEY, SHARES
from tests.unit.web import program as programs
from tests.unit.web import town as towns
from tests.unit.web.town import LOTUS, NORTH_POWER, RED_RIVER, REGION, Town

from tonnebook.core import canonical, periods, sealed_bids, throttle, units
from tonnebook.core.api_keys import Scope
from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import CommandKind, Instruction, OrderType, Side
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.roles import SYSTEM
from tonnebook.core.sealed_bids import Offer
from tonnebook.journal import services as journal
from tonnebook.market import queries, services
from tonnebook.market.services import commands, leases
from tonnebook.market.services.kept import KeptBooks
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries as registry_queries
from tonnebook.registry import services as registry
from tonnebook_audit import auction_file

TRADING_DAY = date(2027, 6, 10)
BUY = {"side": "BUY", "price": "75.00", "quantity_t": "100", "asset": ""}
SELL = {"side": "SELL", "price": "75.00", "quantity_t": "40", "asset": "SHEA-2026"}


def at(hour: int, minute: int = 0) -> datetime:
    return periods.instant(TRADING_DAY, time(hour, minute))


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    town.stage.first_batch()
    journal.set_clock(at=at(10))
    for uscc in (RED_RIVER, LOTUS):
        source = registry_queries.system_account(REGION, AccountType.BANK)
        target = registry_queries.account_of(uscc, AccountType.CLIENT_CASH)
        leg = Leg(source, target, "CNY", 500_000_000)
        draft = registry.TransferDraft(TransferType.CASH_IN, (leg,), "P-1", subject=f"bank-{uscc}")
        registry.post([draft], now=at(9))
    return town


def send(client: Client, ticket: dict[str, str], *, instrument: str = "SHEA") -> tuple[int, str]:
    """Send a ticket twice, as a trader does: counted up, then confirmed with the total that was shown."""
    address = f"/market/{instrument}/orders"
    shown = client.post(address, ticket)
    if shown.status_code != 200:
        return shown.status_code, shown.content.decode()
    total = shown.context["total"].whole
    answer = client.post(address, {**ticket, "shown_total_fen": str(total)})
    return answer.status_code, answer.content.decode()


def announce(town: Town, *, quantity_t: int = 1000) -> str:
    """Announce a last-resort auction that takes bids from ten to twelve."""
    payload: dict[str, canonical.Json] = {
        "region": REGION,
        "kind": "LAST_RESORT",
        "year": 2026,
        "quantity_t": quantity_t,
        "opens_at": periods.iso(at(9, 30)),
        "closes_at": periods.iso(at(12)),
        "opening_key": OPENING_KEY,
    }
    approval = town.stage.approved("market.announce_auction", payload, now=at(9))
    answer = services.announce_auction(
        town.actor("zhou"),
        region=REGION,
        kind=AuctionKind.LAST_RESORT,
        year=2026,
        quantity_t=quantity_t,
        opens_at=at(9, 30),
        closes_at=at(12),
        opening_key=OPENING_KEY,
        approval=approval,
        key=town.stage.key(),
        now=at(9),
    )
    return str(answer["auction"])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("page", ["/market/", "/market/?instrument=SHCER", "/market/SHEA/board", "/market/auctions"])
def test_the_market_is_open_to_everybody_in_both_languages(town: Town, page: str, language: str) -> None:
    answer = town.browser(language=language).get(page)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "SHEA" in text or "auctions" in page
    assert 'name="price"' not in text


def test_a_region_without_market_says_what_to_wait_for(town: Town) -> None:
    browser = town.browser()
    browser.post("/switch/region", {"region": "tianjin"})
    answer = browser.get("/market/")
    assert answer.status_code == 200
    assert "The market is not open yet" in answer.content.decode()


def test_an_order_is_placed_with_the_total_that_was_shown(town: Town) -> None:
    status, text = send(town.browser("red"), BUY)
    assert status == 200
    assert "Order accepted" in text
    (order,) = queries.open_orders(RED_RIVER)
    assert (order.price_fen_per_t, order.quantity_t, order.side) == (7500, 100, "BUY")
    page = town.browser("red").get("/market/").content.decode()
    assert order.number in page
    assert order.number not in town.browser("lotus").get("/market/").content.decode()


def test_an_order_that_waits_for_the_engine_leads_to_the_page_of_its_state(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PATIENCE", timedelta(0))
    lease = leases.take(REGION, "first")
    status, _ = send(town.browser("red"), BUY)
    assert status == 302
    (sent,) = queries.commands(RED_RIVER, REGION, on=TRADING_DAY)
    page = town.browser("red").get(f"/market/commands/{sent.number}").content.decode()
    assert "waits for the engine" in page
    assert 'hx-trigger="every 2s"' in page
    commands.work_off(lease, KeptBooks(is_compiled=False), now=at(10))
    leases.give_back(lease)
    (order,) = queries.open_orders(RED_RIVER)
    page = town.browser("red").get(f"/market/commands/{sent.number}").content.decode()
    assert order.number in page
    ((answer,),) = [row.answers for row in queries.commands(RED_RIVER, REGION, on=TRADING_DAY) if row.answers]
    assert reverse("portal:leaf", args=[answer["receipt"]]) in page
    assert "every 2s" not in page


def test_what_was_sent_today_is_listed_with_its_refusals_for_its_own_organisation_alone(town: Town) -> None:
    red = town.actor("red")
    fine, dear = (
        Instruction(CommandKind.PLACE, "SHEA", Side.BUY, OrderType.LIMIT, price, 10, price * 10 + 60)
        for price in (7500, 9999)
    )
    sent = services.send_orders(red, region=REGION, told=[fine, dear], key=town.stage.key(), now=at(10))
    page = town.browser("red").get("/market/commands").content.decode()
    assert str(sent["command"]) in page
    assert "refused in part" in page
    assert "and 1 more" in page
    page = town.browser("red").get(f"/market/commands/{sent['command']}").content.decode()
    assert "outside" in page
    assert town.browser("lotus").get(f"/market/commands/{sent['command']}").status_code == 404
    assert str(sent["command"]) not in town.browser("lotus").get("/market/commands").content.decode()
    assert queries.commands(RED_RIVER, REGION, on=date(2027, 6, 11)) == ()


def test_a_trader_who_sends_too_fast_is_told_so_beside_the_ticket(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "messages_max", lambda rules: 1)
    assert send(town.browser("red"), BUY)[0] == 200
    status, text = send(town.browser("red"), BUY)
    assert status == 429
    assert "may send 1 requests a second" in text


def test_an_order_with_another_total_is_shown_again_and_not_placed(town: Town) -> None:
    answer = town.browser("red").post("/market/SHEA/orders", {**BUY, "shown_total_fen": "1"})
    assert "Confirm the order" in answer.content.decode()
    assert queries.open_orders(RED_RIVER) == ()


def test_a_sale_meets_a_purchase_and_both_see_their_trade(town: Town) -> None:
    send(town.browser("red"), BUY)
    status, text = send(town.browser("north"), SELL)
    assert status == 200
    assert "Order accepted" in text
    (trade,) = queries.own_trades(NORTH_POWER)
    assert trade.quantity_t == 40
    for username in ("red", "north"):
        assert trade.transfer in town.browser(username).get("/market/SHEA/board").content.decode()
    assert trade.transfer not in town.browser().get("/market/SHEA/board").content.decode()


@pytest.mark.parametrize(
    ("ticket", "field", "code"),
    [
        ({**BUY, "price": "200.00"}, "price", "PRICE_OUTSIDE_BAND"),
        ({**BUY, "quantity_t": "90000000"}, "quantity_t", "QUANTITY_ABOVE_LISTED_MAX"),
        ({**BUY, "quantity_t": "99000"}, "quantity_t", "INSUFFICIENT_FREE"),
    ],
)
def test_a_refusal_stands_beside_its_field_in_both_languages(
    town: Town, ticket: dict[str, str], field: str, code: str
) -> None:
    sentences = []
    for language in ("en", "zh-hans"):
        browser = town.browser("red", language)
        total = browser.post("/market/SHEA/orders", ticket).context["total"].whole
        answer = browser.post("/market/SHEA/orders", {**ticket, "shown_total_fen": str(total)})
        assert answer.status_code in (409, 422)
        (sentence,) = answer.context["form"].errors[field]
        assert code in sentence
        assert escape(sentence) in answer.content.decode()
        sentences.append(sentence)
    assert sentences[0] != sentences[1]
    assert queries.orders(RED_RIVER) == ()


def test_a_seller_is_asked_which_units_are_sold(town: Town) -> None:
    answer = town.browser("north").post("/market/SHEA/orders", {**SELL, "asset": ""})
    assert answer.status_code == 422
    assert answer.context["form"].errors["asset"]


def test_an_order_is_withdrawn_by_its_owner_only(town: Town) -> None:
    send(town.browser("red"), BUY)
    (order,) = queries.open_orders(RED_RIVER)
    assert town.browser("lotus").post(f"/market/orders/{order.number}/cancel").status_code == 404
    assert town.browser("red").post(f"/market/orders/{order.number}/cancel").status_code == 302
    assert queries.open_orders(RED_RIVER) == ()


@pytest.mark.parametrize("address", ["/market/SHEA/orders", "/market/auctions/X/bids", "/market/orders/X/cancel"])
def test_only_traders_trade(town: Town, address: str) -> None:
    assert town.browser().post(address, BUY)["Location"].startswith("/sign-in")
    assert town.browser("zhou").post(address, BUY).status_code == 403


def sealed(number: str, *, deposit: str = "53280.00") -> dict[str, str]:
    """What a browser sends for 333 t at 160.00 yuan."""
    mark = "0f" * 16
    deposit_fen = units.fen_of_yuan(units.decimal_of(deposit))
    envelope = sealed_bids.seal(
        Offer(16_000, 333),
        sealed_bids.context(number, mark=mark, deposit_fen=deposit_fen),
        opening_key=OPENING_KEY,
        ephemeral=bytes(31) + b"\x01",
    )
    return {"envelope": envelope.hex(), "mark": mark, "deposit": deposit}


def test_a_bid_is_secret_until_two_officers_open_the_auction(town: Town) -> None:
    number = announce(town)
    page, browser = f"/market/auctions/{number}", town.browser("red")
    assert "Bid taken" in browser.post(f"{page}/bids", sealed(number)).content.decode()
    for username in ("", "red", "north", "zhou", "bell"):
        text = town.browser(username).get(page).content.decode()
        assert "160.00" not in text
        assert ("53,280.00" in text) is (username == "red")
    journal.set_clock(at=at(13))
    services.count_bids(SYSTEM, auction=number, key=town.stage.key(), now=at(13))
    journal.integrate(now=at(13))
    journal.publish_checkpoint(now=at(13))
    for username, words in zip(("zhou", "bell"), SHARES, strict=False):
        desk = town.browser(username)
        assert desk.post(f"{page}/shares", {"words": "no share"}).status_code == 422
        assert desk.post(f"{page}/shares", {"words": words}).status_code == 302
    services.close_auction(town.actor("bell"), auction=number, key=town.stage.key(), now=at(13))
    assert "160.00" in town.browser().get(page).content.decode()


def hold(town: Town) -> str:
    """Hold an auction that Red River wins."""
    number = announce(town)
    town.browser("red").post(f"/market/auctions/{number}/bids", sealed(number))
    assert town.browser().get(f"/market/auctions/{number}/file.json").status_code == 409
    services.count_bids(SYSTEM, auction=number, key=town.stage.key(), now=at(13))
    journal.integrate(now=at(13))
    journal.publish_checkpoint(now=at(13))
    for username, words in zip(("zhou", "bell"), SHARES, strict=False):
        services.hand_in_share(town.actor(username), auction=number, words=words, key=town.stage.key(), now=at(13))
    services.close_auction(town.actor("bell"), auction=number, key=town.stage.key(), now=at(13))
    journal.set_clock(at=at(14))
    return number


def test_anyone_checks_the_published_file_without_the_books(town: Town) -> None:
    number = hold(town)
    text = town.browser().get(f"/market/auctions/{number}/file.json").content.decode()
    assert auction_file.check(text) == []
    assert RED_RIVER not in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_finance_bureau_records_receipts_and_use_and_everybody_sees_them(town: Town, language: str) -> None:
    number, desk, page = hold(town), town.browser("purse", language=language), "/market/auctions/proceeds"
    assert desk.get("/").headers["Location"] == page
    receipts = f"/market/auctions/{number}/receipts"
    wrong = desk.post(receipts, {"first": "A", "received_on": TRADING_DAY.isoformat()})
    assert (wrong.status_code, "RECEIPT_NUMBER_WRONG" in wrong.content.decode()) == (422, True)
    assert desk.post(receipts, {"first": "000123", "received_on": TRADING_DAY.isoformat()}).status_code == 302
    used = {"year": "2027", "purpose": "绿色改造", "amount": "90000000.00"}
    assert "BEYOND_RECEIVED" in desk.post(f"{page}/use", used).content.decode()
    assert desk.post(f"{page}/use", {**used, "amount": "0"}).status_code == 422
    assert desk.post(f"{page}/use", {**used, "amount": "1000.00"}).status_code == 302
    text = town.browser(language=language).get(page).content.decode()
    assert all(one in text for one in ("53,280.00", "1,000.00", "绿色改造"))
    assert "000123" not in text
    assert "000123" in town.browser("red", language=language).get(f"/market/auctions/{number}").content.decode()
    assert "000123" not in town.browser("north", language=language).get(f"/market/auctions/{number}").content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_calendar_shows_what_is_announced_and_what_is_planned(town: Town, language: str) -> None:
    number, browser = announce(town), town.browser(language=language)
    text = browser.get("/market/auctions/calendar").content.decode()
    assert number in text
    file = browser.get("/market/auctions/calendar.ics")
    assert file.headers["Content-Type"].startswith("text/calendar")
    assert f"UID:{number}@tonnebook" in file.content.decode()
    planned = queries.planned_auctions(REGION, today=TRADING_DAY)
    assert all(f"{one.on:%Y%m%d}" in file.content.decode() for one in planned)


def test_each_body_proposes_its_own_papers_of_an_auction(town: Town) -> None:
    number = announce(town)
    page = f"/market/auctions/{number}"
    assert town.browser("zhou").post(f"{page}/papers", {"kind": "ANNOUNCEMENT"}).status_code == 302
    assert town.browser("zhou").post(f"{page}/papers", {"kind": "AUCTION_NOTICE"}).status_code == 404
    assert town.browser("bell").post(f"{page}/papers", {"kind": "AUCTION_RESULT"}).status_code == 404
    (waiting,) = members_queries.open_approvals(REGION)
    assert waiting.payload["paper_kind"] == "ANNOUNCEMENT"
    assert town.browser().get(f"{page}/papers/announcement.pdf").status_code == 404


def test_a_program_bids_sees_its_own_bids_and_takes_them_back(town: Town) -> None:
    number = announce(town)
    red, north = (programs.program_of(town, name, Scope.READ_ORDERS, Scope.WRITE_ORDERS) for name in ("red", "north"))
    shown = programs.told(red.get(f"/auctions/{number}"))
    assert (shown["opening_key"], shown["state"], shown["result"]) == (OPENING_KEY, "OPEN", None)
    assert [row["number"] for row in programs.told(red.get("/auctions"))] == [number]
    given = sealed(number)
    body = {"envelope": given["envelope"], "mark": given["mark"], "deposit_fen": 5_328_000}
    taken = programs.told(red.send("POST", f"/auctions/{number}/bids", body, key="bid-1"))
    (bid,) = programs.told(red.get(f"/auctions/{number}/bids"))
    assert (bid["number"], bid["price_fen_per_t"], bid["deposit_fen"]) == (taken["bid"], None, 5_328_000)
    assert programs.told(north.get(f"/auctions/{number}/bids")) == []
    assert north.send("DELETE", f"/bids/{taken['bid']}", key="back-1").status_code == 404
    assert programs.told(red.send("DELETE", f"/bids/{taken['bid']}", key="back-2"))["bid"] == taken["bid"]
    short = {**body, "envelope": "00"}
    assert red.send("POST", f"/auctions/{number}/bids", short, key="bid-2").status_code == 422


def test_a_bid_is_withdrawn_and_its_money_is_free(town: Town) -> None:
    number = announce(town)
    browser = town.browser("red")
    browser.post(f"/market/auctions/{number}/bids", sealed(number))
    (placed,) = queries.bids(number, organisation=RED_RIVER)
    assert browser.post(f"/market/bids/{placed.number}/withdraw", {"auction": number}).status_code == 302
    account = registry_queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)
    assert [held.held for held in registry_queries.holdings(account)] == [0]


def test_what_is_no_sealed_bid_or_has_no_money_is_refused_in_the_form(town: Town) -> None:
    number = announce(town)
    address, browser = f"/market/auctions/{number}/bids", town.browser("red")
    answer = browser.post(address, {**sealed(number), "envelope": "00"})
    assert (answer.status_code, "NOT_AN_ENVELOPE" in answer.content.decode()) == (422, True)
    answer = browser.post(address, sealed(number, deposit="9999999999.00"))
    assert "INSUFFICIENT_FREE" in answer.context["form"].errors["deposit"][0]
    assert browser.post(address, {"deposit": "1.00"}).status_code == 422


@pytest.mark.parametrize("username", ["bell", "zhou"])
def test_an_auction_is_proposed_to_a_second_person(town: Town, username: str) -> None:
    told = {"kind": "EARLY", "year": "2027", "quantity_t": "5000", "opening_key": OPENING_KEY}
    window = {"opens_at": "2027-06-11T09:30", "closes_at": "2027-06-11T11:30"}
    answer = town.browser(username).post("/market/auctions/announce", {**told, **window})
    assert answer.status_code == 302
    (proposed,) = members_queries.open_approvals(REGION)
    assert proposed.payload["opens_at"] == "2027-06-11T01:30:00Z"
    assert queries.auctions(REGION, now=at(10)) == ()
    second = town.actor("chen" if username == "zhou" else "zhou")
    members.approve(second, approval=proposed.number, digest=proposed.digest, key=town.stage.key(), now=at(10))
    executed = town.browser(username).post(f"/approvals/{proposed.number}", {"decision": "execute"})
    assert executed.status_code == 302
    assert [row.quantity_t for row in queries.auctions(REGION, now=at(10))] == [5000]


def test_an_auction_in_the_past_is_refused_beside_its_opening(town: Town) -> None:
    told = {"kind": "EARLY", "year": "2027", "quantity_t": "5000", "opening_key": OPENING_KEY}
    window = {"opens_at": "2027-06-01T09:30", "closes_at": "2027-06-01T11:30"}
    answer = town.browser("bell").post("/market/auctions/announce", {**told, **window})
    assert answer.status_code == 422
    assert "WINDOW_NOT_AHEAD" in answer.context["form"].errors["opens_at"][0]


def test_an_auction_is_cancelled_by_two_people_with_a_reason_everybody_reads(town: Town) -> None:
    number = announce(town)
    browser = town.browser("zhou")
    address = f"/market/auctions/{number}/cancel"
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "wrong floor price"}).status_code == 302
    (proposed,) = members_queries.open_approvals(REGION)
    members.approve(
        town.actor("chen"), approval=proposed.number, digest=proposed.digest, key=town.stage.key(), now=at(10)
    )
    assert browser.post(f"/approvals/{proposed.number}", {"decision": "execute"}).status_code == 302
    page = town.browser().get(f"/market/auctions/{number}").content.decode()
    assert "This auction was cancelled" in page
    assert "wrong floor price" in page
    assert "Cancel this auction" not in browser.get(f"/market/auctions/{number}").content.decode()


def test_the_bulletin_tells_everybody_a_closed_day_by_vintage(town: Town) -> None:
    send(town.browser("red"), BUY)
    send(town.browser("north"), SELL)
    journal.set_clock(at=at(15, 5))
    services.close_day(town.actor("bell"), region=REGION, day=TRADING_DAY, key=town.stage.key(), now=at(15, 5))
    page = town.browser().get("/market/bulletin").content.decode()
    assert "2027-06-10" in page
    assert "SHEA-2026" in page
    assert "nothing was traded" not in page
    lines = town.browser().get("/market/bulletin.csv?day=2027-06-10").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1:5] + line.split(",")[-3:] for line in lines[1:]] == [
        ["SHEA", "LISTED", "", "7500", "40", "300000", "1"],
        ["SHEA", "LISTED", "SHEA-2026", "7500", "40", "300000", "1"],
        ["SHCER", "LISTED", "", "6800", "0", "0", "0"],
    ]
    assert town.browser().get("/market/bulletin?day=2027-06-09").status_code == 200


@pytest.mark.parametrize(
    "ticket",
    [
        BUY,
        SELL,
        {**BUY, "price": "200.00"},
        {**BUY, "quantity_t": "99000"},
        {**SELL, "quantity_t": "90000"},
        {**SELL, "price": "0.01"},
    ],
)
def test_what_is_said_beside_the_ticket_is_what_placing_would_answer(town: Town, ticket: dict[str, str]) -> None:
    user = "red" if ticket["side"] == "BUY" else "north"
    checked = town.browser(user).post("/market/SHEA/check", ticket)
    assert checked.status_code == 200
    assert queries.orders(RED_RIVER) == queries.orders(NORTH_POWER) == ()
    total = town.browser(user).post("/market/SHEA/orders", ticket).context["total"].whole
    placed = town.browser(user).post("/market/SHEA/orders", {**ticket, "shown_total_fen": str(total)})
    if placed.status_code == 200:
        assert f'name="shown_total_fen" value="{total}"' in checked.content.decode()
    else:
        ((sentence,),) = placed.context["form"].errors.values()
        assert escape(checked.context["refusal"].message) in escape(sentence)


def test_an_unfinished_ticket_is_said_nothing_about(town: Town) -> None:
    answer = town.browser("red").post("/market/SHEA/check", {**BUY, "quantity_t": ""})
    assert (answer.status_code, answer.content.strip()) == (200, b"")


def test_whoever_wants_to_see_an_order_once_more_is_shown_it(town: Town) -> None:
    total = town.browser("red").post("/market/SHEA/orders", BUY).context["total"].whole
    ticket = {**BUY, "shown_total_fen": str(total), "confirm": "1"}
    answer = town.browser("red").post("/market/SHEA/orders", ticket)
    assert "Confirm the order" in answer.content.decode()
    assert queries.open_orders(RED_RIVER) == ()


def test_an_order_is_withdrawn_without_leaving_the_page(town: Town) -> None:
    send(town.browser("red"), BUY)
    (order,) = queries.open_orders(RED_RIVER)
    answer = town.browser("red").post(f"/market/orders/{order.number}/cancel", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.count('id="board"') == text.count('id="quote"') == 1
    assert "Withdrawn from the book" in text
    assert order.number not in text


def test_the_colours_of_prices_are_kept(town: Town) -> None:
    browser = town.browser()
    assert 'class="green-up"' not in browser.get("/market/").content.decode()
    browser.post("/market/colours", {"rising": "green"})
    assert 'class="green-up"' in browser.get("/market/").content.decode()
    browser.post("/market/colours", {"rising": "anything"})
    assert 'class="green-up"' not in browser.get("/market/").content.decode()


def test_a_page_knows_the_stream_where_there_is_one(town: Town, settings: Settings) -> None:
    assert "data-stream" not in town.browser().get("/market/").content.decode()
    settings.STREAM_URL = "/stream"
    page = town.browser().get("/market/").content.decode()
    assert 'data-stream="/stream/shanghai?instrument=SHEA"' in page
    assert "every 30s" in page
