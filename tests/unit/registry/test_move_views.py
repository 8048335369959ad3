"""The pages of what leaves an account: two steps each, both languages, closed to everybody else."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.registry import union as unions
from tests.unit.registry.union import ASKED, EUA, Union
from tests.unit.web import town as towns
from tests.unit.web.town import NORTH_POWER, PASSWORD, RED_RIVER, REGION, Town

from tonnebook.core.ledger import AccountType
from tonnebook.core.moves import BankAccountState, PendingState
from tonnebook.core.roles import SYSTEM, Role
from tonnebook.journal import services as journal
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

BANK = {"bank": "ICBC Shanghai", "account_number": "6222 0210 0111 2233"}


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    town.stage.first_batch()
    registry.open_accounts([registry.AccountDraft(AccountType.TRADING, REGION, RED_RIVER)], now=towns.NOW)
    return town


def account(type_: AccountType, uscc: str = RED_RIVER) -> str:
    return queries.account_of(uscc, type_)


def page(number: str, name: str) -> str:
    return f"/registry/accounts/{number}/{name}"


def in_two_steps(browser: Client, address: str, form: dict[str, str]) -> int:
    shown = browser.post(address, form)
    assert shown.status_code == 200, shown.content.decode()[:3000]
    return browser.post(address, {**form, "shown": shown.context["shown"]}).status_code


def held_t(number: str) -> int:
    return sum(held.total for held in queries.holdings(number))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_holder_moves_units_to_the_trading_account_and_back(town: Town, language: str) -> None:
    holding, trading = account(AccountType.HOLDING), account(AccountType.TRADING)
    browser, before_t = town.browser("red", language), held_t(holding)
    assert page(holding, "move") in browser.get("/registry/").content.decode()
    form = {"asset": queries.holdings(holding)[0].asset.code, "quantity_t": "40"}
    assert in_two_steps(browser, page(holding, "move"), form) == 302
    assert (held_t(holding), held_t(trading)) == (before_t - 40, 40)
    assert in_two_steps(browser, page(trading, "move"), {**form, "quantity_t": "15"}) == 302
    assert held_t(trading) == 25


def test_where_there_is_nothing_to_choose_the_page_says_what_comes_first(town: Town) -> None:
    browser = town.browser("red")
    empty = browser.get(page(account(AccountType.TRADING), "move")).content.decode()
    assert "No units are free in this account" in empty
    assert 'name="quantity_t"' not in empty
    unnamed = browser.get(page(account(AccountType.CLIENT_CASH), "withdraw")).content.decode()
    assert "No bank account can be used yet" in unnamed
    assert 'href="/registry/bank-accounts"' in unnamed


def test_what_was_not_shown_is_not_moved(town: Town) -> None:
    holding = account(AccountType.HOLDING)
    browser, asset = town.browser("red"), queries.holdings(holding)[0].asset.code
    shown = browser.post(page(holding, "move"), {"asset": asset, "quantity_t": "40"}).context["shown"]
    answer = browser.post(page(holding, "move"), {"asset": asset, "quantity_t": "41", "shown": shown})
    assert answer.status_code == 200
    assert held_t(account(AccountType.TRADING)) == 0
    too_much = {"asset": asset, "quantity_t": "999999999"}
    shown = browser.post(page(holding, "move"), too_much).context["shown"]
    assert browser.post(page(holding, "move"), {**too_much, "shown": shown}).status_code == 409


def test_money_goes_from_the_holder_s_form_over_two_people_to_the_list_of_what_waits(town: Town) -> None:
    cash = account(AccountType.CLIENT_CASH)
    registry.cash_in(town.actor("bell"), account=cash, amount_fen=500_00, bank_reference="B-1", key="in", now=towns.NOW)
    red, bell = town.browser("red"), town.browser("bell")
    assert red.post("/registry/bank-accounts", BANK).status_code == 302
    (row,) = queries.bank_accounts(RED_RIVER, region=REGION)
    text = bell.get("/registry/bank-accounts").content.decode()
    assert "··2233" in text
    assert "6222" not in text
    assert bell.post(f"/registry/bank-accounts/{row.number}/confirm").status_code == 302
    (proposal,) = members_queries.open_approvals(REGION)
    second = town.browser("keeper").post(
        f"/approvals/{proposal.number}", {"decision": "approve", "digest": proposal.digest}
    )
    assert second.status_code == 302
    confirmed = queries.bank_account(row.number)
    assert confirmed.state is BankAccountState.CONFIRMED
    form = {"bank_account": row.number, "amount": "123.45"}
    early = red.post(page(cash, "withdraw"), form)
    assert red.post(page(cash, "withdraw"), {**form, "shown": early.context["shown"]}).status_code == 409
    assert confirmed.ready_at is not None
    journal.set_clock(at=confirmed.ready_at + timedelta(minutes=1))
    red = town.browser("red")
    assert in_two_steps(red, page(cash, "withdraw"), form) == 302
    (waiting,) = queries.pending_of(RED_RIVER, region=REGION)
    for username in ("red", "bell", "zhou", "eye"):
        for language in ("en", "zh-hans"):
            assert waiting.number in town.browser(username, language).get("/registry/waiting").content.decode()
    assert waiting.number not in town.browser("north").get("/registry/waiting").content.decode()
    assert red.post(f"/registry/waiting/{waiting.number}/cancel").status_code == 302
    assert queries.pending(waiting.number).state is PendingState.CANCELLED


def test_a_bank_account_leaves_by_its_holder_s_hand(town: Town) -> None:
    red = town.browser("red")
    assert red.post("/registry/bank-accounts", {**BANK, "account_number": "no"}).status_code == 422
    red.post("/registry/bank-accounts", BANK)
    assert red.post("/registry/bank-accounts", BANK).status_code == 409
    (row,) = queries.bank_accounts(RED_RIVER, region=REGION)
    assert town.browser("north").post(f"/registry/bank-accounts/{row.number}/remove").status_code == 404
    assert red.post(f"/registry/bank-accounts/{row.number}/remove").status_code == 302
    assert queries.bank_accounts(RED_RIVER, region=REGION) == ()


def test_a_transfer_without_a_trade_is_proposed_by_the_registrar_only(town: Town) -> None:
    holding, keeper = account(AccountType.HOLDING), town.browser("keeper")
    form = {
        "type": "MERGE",
        "credit": account(AccountType.HOLDING, NORTH_POWER),
        "asset": queries.holdings(holding)[0].asset.code,
        "quantity_t": "40",
        "documents": "D-000001-10 D-000002-20",
    }
    assert page(holding, "hand-on") in keeper.get(f"/registry/accounts/{holding}").content.decode()
    assert in_two_steps(keeper, page(holding, "hand-on"), form) == 302
    (proposal,) = members_queries.open_approvals(REGION)
    assert proposal.payload["documents"] == ["D-000001-10", "D-000002-20"]
    assert town.browser("red").get(page(holding, "hand-on")).status_code == 403


@pytest.mark.parametrize("name", ["move", "transfer", "trusted", "withdraw"])
def test_the_ways_out_of_an_account_are_closed_to_others(town: Town, name: str) -> None:
    type_ = AccountType.CLIENT_CASH if name == "withdraw" else AccountType.HOLDING
    address = page(account(type_), name)
    assert town.browser("north").get(address).status_code == 404
    assert town.browser("bell").get(address).status_code == 403


def test_in_china_no_page_leads_from_holder_to_holder(town: Town) -> None:
    holding, browser = account(AccountType.HOLDING), town.browser("red")
    text = browser.get(f"/registry/accounts/{holding}").content.decode()
    for address in (page(holding, "transfer"), page(holding, "trusted")):
        assert address not in text
        assert browser.get(address).status_code == browser.post(address, {}).status_code == 404


@pytest.fixture
def union(db: None) -> Union:
    union = unions.open_union()
    anna = members.PersonDraft("anna", "安娜", "Anna", unions.HOLDER, (Role.REPRESENTATIVE, Role.TRADER), PASSWORD)
    members.register_people(SYSTEM, drafts=[anna], key="anna", now=ASKED)
    journal.set_clock(at=ASKED)
    return union


def test_where_holders_may_transfer_the_list_and_the_form_are_theirs(union: Union) -> None:
    browser = Client(headers={"accept-language": "en"})
    browser.post("/sign-in", {"username": "anna", "password": PASSWORD})
    trusted = page(union.holding, "trusted")
    assert browser.post(trusted, {"trusted": "EU-NONE"}).status_code == 404
    assert browser.post(trusted, {"trusted": union.other}).status_code == 302
    assert union.other in browser.get(trusted).content.decode()
    form = {"credit": union.other, "asset": EUA.code, "quantity_t": "1000"}
    assert in_two_steps(browser, page(union.holding, "transfer"), form) == 302
    (waiting,) = queries.pending_of(unions.HOLDER, region="eu")
    assert (waiting.state, waiting.quantity) == (PendingState.WAITING, 1000)
    assert browser.post(page(union.holding, "distrust"), {"trusted": union.other}).status_code == 302
    assert queries.trusted_accounts(union.holding) == ()
