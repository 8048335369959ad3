"""The pages and the API of agreement transfers: from a proposal to its acceptance, and who reads what."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.web import program as programs
from tests.unit.web import town as towns
from tests.unit.web.town import LOTUS, NORTH_POWER, RED_RIVER, REGION, Town

from tonnebook.core import book, periods
from tonnebook.core.api_keys import Scope
from tonnebook.core.book import Mode
from tonnebook.core.deals import DealState
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.journal import services as journal
from tonnebook.market import queries
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

TRADING_DAY = date(2027, 6, 10)
SELL = {"side": "SELL", "price": "75.00", "quantity_t": "100000", "asset": "SHEA-2026"}
BUY = {"side": "BUY", "price": "70.00", "quantity_t": "100000", "asset": ""}


def at(hour: int, minute: int = 0) -> datetime:
    return periods.instant(TRADING_DAY, time(hour, minute))


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    """North Power holds a block more than it needs; Red River and Lotus have the money for one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    town.stage.first_batch()
    journal.set_clock(at=at(14, 30))
    issuance, bank = (accounts.system_account(REGION, type_) for type_ in (AccountType.ISSUANCE, AccountType.BANK))
    holding = accounts.account_of(NORTH_POWER, AccountType.HOLDING)
    drafts = [
        registry.TransferDraft(TransferType.ALLOCATE, (Leg(issuance, holding, "SHEA-2026", 300_000),), "P-1", "P-2")
    ]
    for uscc in (RED_RIVER, LOTUS):
        paid = Leg(bank, accounts.account_of(uscc, AccountType.CLIENT_CASH), "CNY", 2_000_000_000)
        drafts.append(registry.TransferDraft(TransferType.CASH_IN, (paid,), "P-1", subject=f"bank-{uscc}"))
    registry.post(drafts, now=at(9))
    return town


def propose(browser: Client, ticket: dict[str, str]) -> str:
    """Send a proposal twice, as a trader does, and give its number."""
    address = "/market/blocks/SHEA/proposals"
    shown = browser.post(address, ticket)
    assert shown.status_code == 200, shown.content.decode()
    answer = browser.post(address, {**ticket, "shown_total_fen": str(shown.context["total"].whole)}, follow=True)
    assert "Your proposal stands" in answer.content.decode()
    return str(answer.context["deal"].number)


def accept(browser: Client, deal: str, **told: str) -> str:
    total = browser.get(f"/market/deals/{deal}").context["total"].whole
    answer = browser.post(f"/market/deals/{deal}/accept", {"shown_total_fen": str(total), **told}, follow=True)
    return str(answer.content.decode())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_reads_what_was_agreed_and_nobody_who_did(town: Town, language: str) -> None:
    deal = propose(town.browser("north"), {**SELL, "counterparty": RED_RIVER})
    assert "Agreed" in accept(town.browser("red"), deal)
    text = town.browser(language=language).get("/market/blocks").content.decode()
    assert "100,000" in text
    assert 'name="price"' not in text
    assert NORTH_POWER not in text


def test_a_proposal_is_accepted_by_whom_it_is_for(town: Town) -> None:
    deal = propose(town.browser("north"), {**SELL, "counterparty": RED_RIVER})
    assert town.browser("lotus").get(f"/market/deals/{deal}").status_code == 404
    assert deal in town.browser("red").get("/market/blocks").content.decode()
    assert "agreed and settled" in accept(town.browser("red"), deal)
    assert accounts.account_of(RED_RIVER, AccountType.HOLDING)
    assert queries.deal(deal, organisation=RED_RIVER).state is DealState.SETTLED


def test_a_buyers_proposal_is_answered_with_another_price(town: Town) -> None:
    deal = propose(town.browser("red"), {**BUY, "counterparty": NORTH_POWER})
    page = town.browser("north").get(f"/market/deals/{deal}").content.decode()
    assert "Answer with another price" in page
    answer = propose(town.browser("north"), {**SELL, "answers": deal})
    assert "answered by another proposal" in town.browser("red").get(f"/market/deals/{deal}").content.decode()
    assert "agreed and settled" in accept(town.browser("red"), answer)


def test_a_proposal_is_declined_or_withdrawn(town: Town) -> None:
    north, red = town.browser("north"), town.browser("red")
    declined = propose(north, {**SELL, "counterparty": RED_RIVER})
    withdrawn = propose(north, {**SELL, "counterparty": RED_RIVER})
    assert red.post(f"/market/deals/{declined}/decline").status_code == 422
    red.post(f"/market/deals/{declined}/decline", {"reason": "Our price is 70"})
    page = north.get(f"/market/deals/{declined}").content.decode()
    assert "declined" in page
    assert "Our price is 70" in page
    assert "withdrawn" in north.post(f"/market/deals/{withdrawn}/withdraw", follow=True).content.decode()


@pytest.mark.parametrize(
    ("ticket", "told"),
    [
        ({**SELL, "quantity_t": "99999"}, "QUANTITY_BELOW_BLOCK_MIN"),
        ({**SELL, "counterparty": "91310000MA1FL99990"}, "COUNTERPARTY_UNKNOWN"),
        ({**SELL, "price": "200"}, "PRICE_OUTSIDE_BAND"),
    ],
)
def test_what_is_refused_stands_beside_its_field(town: Town, ticket: dict[str, str], told: str) -> None:
    browser, address = town.browser("north"), "/market/blocks/SHEA/proposals"
    total = browser.post(address, ticket).context["total"].whole
    answer = browser.post(address, {**ticket, "shown_total_fen": str(total)})
    assert answer.status_code in (409, 422)
    assert told in answer.content.decode()


def test_an_acceptance_with_another_total_changes_nothing(town: Town) -> None:
    deal = propose(town.browser("north"), SELL)
    answer = town.browser("red").post(f"/market/deals/{deal}/accept", {"shown_total_fen": "1"})
    assert answer.status_code == 422
    assert "TOTAL_DIFFERS" in answer.content.decode()
    assert queries.deal(deal, organisation=NORTH_POWER).state is DealState.PROPOSED


def test_programs_propose_answer_accept_decline_and_withdraw(town: Town) -> None:
    north, red = (programs.program_of(town, name, Scope.READ_ORDERS, Scope.WRITE_ORDERS) for name in ("north", "red"))
    sale = {"instrument": "SHEA", "side": "SELL", "price_fen_per_t": 7500, "quantity_t": 100_000, "asset": "SHEA-2026"}
    sale |= {"shown_total_fen": 749_400_000, "counterparty": RED_RIVER}
    first, second, third = (
        str(programs.told(north.send("POST", "/deals", sale, key=f"p-{one}"))["deal"]) for one in range(3)
    )
    assert [row["number"] for row in programs.told(red.get("/instruments/SHEA/proposals"))] == [first, second, third]
    assert programs.told(red.send("POST", f"/deals/{first}/decline", {"reason": "dear"}, key="d-1"))["deal"] == first
    assert programs.told(north.send("DELETE", f"/deals/{second}", key="w-1"))["deal"] == second
    taken = programs.told(red.send("POST", f"/deals/{third}/accept", {"shown_total_fen": 750_600_000}, key="a-1"))
    assert (taken["turnover_fen"], taken["fee_fen"]) == (750_000_000, 600_000)
    assert programs.told(red.get(f"/deals/{third}"))["transfer"] == taken["transfer"]
    assert {row["state"] for row in programs.told(north.get("/deals"))["rows"]} == {"DECLINED", "WITHDRAWN", "SETTLED"}
    (published,) = programs.told(town.browser().get("/api/v1/instruments/SHEA/blocks"))
    assert (published["quantity_t"], "organisation" in published) == (100_000, False)


@pytest.fixture
def listed(town: Town, monkeypatch: pytest.MonkeyPatch) -> str:
    """North Power's order, resting where orders do not match by themselves."""
    terms = book.terms
    monkeypatch.setattr(book, "terms", lambda rules: replace(terms(rules), mode=Mode.LISTED_AGREEMENT))
    sell = {"side": "SELL", "price": "75.00", "quantity_t": "40", "asset": "SHEA-2026"}
    north = town.browser("north")
    total = north.post("/market/SHEA/orders", sell).context["total"].whole
    north.post("/market/SHEA/orders", {**sell, "shown_total_fen": str(total)})
    (order,) = queries.open_orders(NORTH_POWER)
    return order.number


def test_an_order_is_picked_in_two_steps(town: Town, listed: str) -> None:
    red = town.browser("red")
    assert "Pick an order" in red.get("/market/").content.decode()
    assert f"/market/orders/{listed}/take" in red.get("/market/SHEA/pick").content.decode()
    assert f"/market/orders/{listed}/take" not in town.browser("north").get("/market/SHEA/pick").content.decode()
    address = f"/market/orders/{listed}/take"
    assert red.get(address).status_code == 200
    total = red.post(address, {"quantity_t": "30"}).context["total"].whole
    text = red.post(address, {"quantity_t": "30", "shown_total_fen": str(total)}).content.decode()
    assert "Order accepted" in text
    assert queries.open_orders(NORTH_POWER)[0].filled_t == 30


def test_more_than_is_offered_is_refused_beside_the_quantity(town: Town, listed: str) -> None:
    red, address = town.browser("red"), f"/market/orders/{listed}/take"
    total = red.post(address, {"quantity_t": "41"}).context["total"].whole
    answer = red.post(address, {"quantity_t": "41", "shown_total_fen": str(total)})
    assert answer.status_code == 409
    assert "MORE_THAN_OFFERED" in answer.content.decode()


def test_a_program_picks_an_order(town: Town, listed: str) -> None:
    red = programs.program_of(town, "red", Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    (row,) = programs.told(red.get("/instruments/SHEA/pick"))
    assert (row["number"], row["left_t"], row["is_own"]) == (listed, 40, False)
    body = {"quantity_t": 40, "shown_total_fen": 300_240}
    assert programs.told(red.send("POST", f"/orders/{listed}/take", body, key="t-1"))["filled_t"] == 40
