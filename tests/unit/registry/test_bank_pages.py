"""The pages of money at the banks: a client signs and sees three balances, the desk loads, orders and works off."""

from collections.abc import Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns
from tests.unit.web.town import BANK, RED_RIVER, REGION, Town

from tonnebook import commands
from tonnebook.core import periods
from tonnebook.core.bank_entries import ContractState, EntryState
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.demo import bank
from tonnebook.demo.bank import BankDay, Mischief, Movement
from tonnebook.journal import services as journal
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries

ACCOUNT, OWNED = "310066661234", "6222021001112233"
PATH = "/registry/banks"


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    town.stage.first_batch()
    return town


def propose_and_approve(kind: str, payload: Mapping[str, Json]) -> None:
    bell, keeper, now = members_queries.actor_named("bell"), members_queries.actor_named("keeper"), journal.now()
    told = members.propose(bell, kind=kind, payload=payload, key=f"propose-{kind}", now=now)
    members.approve(keeper, approval=str(told["approval"]), digest=str(told["digest"]), key=f"approve-{kind}", now=now)
    commands.execute(bell, approval=str(told["approval"]), key=f"execute-{kind}", now=now)


def open_bank() -> str:
    told: dict[str, Json] = {"region": REGION, "organisation": BANK, "account_number": ACCOUNT, "opening_fen": 0}
    propose_and_approve("registry.open_settlement_bank", told)
    (row,) = queries.settlement_banks(REGION)
    return row.number


def sign(town: Town) -> str:
    """Register a bank account by the page, have it confirmed, and sign with the bank by the page."""
    red = town.browser("red", "en")
    assert red.post("/registry/bank-accounts", {"bank": "ICBC", "account_number": OWNED}).status_code == 302
    (owned,) = queries.bank_accounts(RED_RIVER, region=REGION)
    told: dict[str, Json] = {"region": REGION, "bank_account": owned.number, "bank": "ICBC", "ending": owned.ending}
    propose_and_approve("registry.confirm_bank_account", told)
    (settlement,) = queries.settlement_banks(REGION)
    form = {"bank_account": owned.number, "settlement_bank": settlement.number}
    assert red.post("/registry/cash", form).status_code == 302
    contract = queries.contract_of(queries.account_of(RED_RIVER, AccountType.CLIENT_CASH))
    assert contract is not None
    return contract.number


def statement(*movements: Movement, mischief: Mischief | None = None) -> SimpleUploadedFile:
    day = BankDay(ACCOUNT, periods.day_of(journal.now()), 0, movements)
    return SimpleUploadedFile("day.xml", bank.statement(day, mischief=mischief))


def load(browser: Client, number: str, file: SimpleUploadedFile) -> int:
    return browser.post(f"{PATH}/statements", {"settlement_bank": number, "file": file}).status_code


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_client_sees_what_is_missing_before_money_can_come(town: Town, language: str) -> None:
    red = town.browser("red", language)
    assert "No settlement bank" in red.get("/registry/cash").content.decode() or language != "en"
    open_bank()
    page = red.get("/registry/cash").content.decode()
    assert "/registry/bank-accounts" in page
    assert 'name="settlement_bank"' not in page


def test_a_client_signs_the_bank_confirms_and_money_comes_by_the_file(town: Town) -> None:
    number = open_bank()
    contract = sign(town)
    teller = town.browser("bank", "en")
    assert "Confirm as the bank" in teller.get(PATH).content.decode()
    assert teller.post(f"{PATH}/contracts", {"contract": contract}).status_code == 302
    money = queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)
    before_fen = sum(held.total for held in queries.holdings(money))
    page = town.browser("red", "en").get("/registry/cash").content.decode()
    assert ACCOUNT in page
    assert money in page
    deposit, stray = Movement(500_00, money, "Red River", OWNED), Movement(7_00, "?", "Nobody", "1")
    spoilt = statement(deposit, stray, mischief=Mischief.WRONG_AMOUNT)
    told = teller.post(f"{PATH}/statements", {"settlement_bank": number, "file": spoilt})
    assert told.status_code == 422
    assert "BANK_FILE_BALANCE_DIFFERS" in told.content.decode()
    assert load(teller, number, statement(deposit, stray)) == 302
    assert sum(held.total for held in queries.holdings(money)) == before_fen + 500_00
    desk = town.browser("bell", "en").get(PATH).content.decode()
    assert "Suspense list" in desk
    (row,) = queries.bank_statements(number, limit=9)
    assert "Nobody" in town.browser("eye", "en").get(f"{PATH}?statement={row.number}").content.decode()


def test_the_desk_proposes_orders_and_hands_the_file_out(town: Town) -> None:
    number = open_bank()
    bell = town.browser("bell", "en")
    assert load(bell, number, statement(Movement(7_00, "?", "Nobody", "62227777"))) == 302
    (stray,) = queries.suspense(REGION)
    assert "nobody" in bell.get("/inbox").content.decode()
    unsaid = bell.post(f"{PATH}/suspense", {"entry": stray.number, "how": "ASSIGNED"}, follow=True).content.decode()
    assert "Say what becomes of the entry" in unsaid
    form = {"entry": stray.number, "how": "RETURNED", "target": ""}
    assert "Proposed" in bell.post(f"{PATH}/suspense", form, follow=True).content.decode()
    propose_and_approve("registry.work_off_bank_entry", {"region": REGION, **form})
    assert queries.bank_entry(stray.number).state is EntryState.RETURNED
    assert (
        "Ordered: 1 payments" in bell.post(f"{PATH}/orders", {"settlement_bank": number}, follow=True).content.decode()
    )
    assert "There is nothing" in bell.post(f"{PATH}/orders", {"settlement_bank": number}, follow=True).content.decode()
    (file,) = queries.payment_files(number, limit=9)
    sent = bell.get(f"{PATH}?orders={file.number}")
    assert sent["Content-Type"] == "application/xml"
    assert bank.paid(sent.content)[0].amount_fen == -7_00
    assert bell.get(f"{PATH}?orders=PF-0").status_code == 404
    with pytest.raises(Refused, match="PAYMENT_FILE_UNKNOWN"):
        queries.payment_file("PF-0")


def test_a_settlement_bank_is_proposed_by_the_page_of_the_body_that_settles(town: Town) -> None:
    form = {"organisation": BANK, "account_number": ACCOUNT, "opening": "0"}
    bell = town.browser("bell", "en")
    assert "Enter a settlement bank" in bell.get(PATH).content.decode()
    assert "Proposed" in bell.post(f"{PATH}/open", form, follow=True).content.decode()
    assert bell.post(f"{PATH}/open", {**form, "account_number": "1"}).status_code == 422
    assert "Enter a settlement bank" not in town.browser("keeper", "en").get(PATH).content.decode()


def test_a_client_ends_the_contract_by_the_page(town: Town) -> None:
    open_bank()
    contract = sign(town)
    red = town.browser("red", "en")
    assert red.post("/registry/cash/end", {"contract": contract}).status_code == 302
    assert queries.contract_of(queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)) is None
    assert ContractState.ENDED.value not in red.get("/registry/cash").content.decode()
