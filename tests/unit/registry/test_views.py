"""The pages of the registry: own accounts for holders, all of them for their keepers, money for the exchange."""

import io
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook
from pytest_django.fixtures import Settings
from tests.unit.compliance.stage import SPRING
from tests.unit.web import town as towns
from tests.unit.web.town import NORTH_POWER, RED_RIVER, REGION, Town

from tonnebook.core.ledger import AccountType
from tonnebook.registry import queries

RETIRE = {"asset": "SHEA-2026", "quantity_t": "7", "beneficiary": "Lin", "purpose": "a quiet birthday"}


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    town.stage.first_batch()
    return town


@pytest.fixture
def red_units(town: Town) -> str:
    return queries.account_of(RED_RIVER, AccountType.HOLDING)


@pytest.fixture
def red_cash(town: Town) -> str:
    return queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)


def pay_in(browser: Client, account: str, reference: str) -> int:
    told = {"amount": "1234.56", "bank_reference": reference}
    address = f"/registry/accounts/{account}/cash-in"
    shown = browser.post(address, told)
    if shown.status_code != 200:
        return shown.status_code
    return browser.post(address, {**told, "shown_amount_fen": str(shown.context["amount_fen"])}).status_code


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_holder_sees_own_accounts_and_no_others(town: Town, red_units: str, language: str) -> None:
    text = town.browser("red", language).get("/registry/").content.decode()
    assert red_units in text
    assert "SHEA-2026" in text
    assert queries.account_of(NORTH_POWER, AccountType.HOLDING) not in text


@pytest.mark.parametrize("page", ["", "/statement", "/retire"])
def test_the_account_of_somebody_else_is_closed(town: Town, red_units: str, page: str) -> None:
    address = f"/registry/accounts/{red_units}{page}"
    assert town.browser("north").get(address).status_code == 404
    # A trader without the role of a representative does not even reach the question whose account it is.
    assert town.browser("lotus").get(address).status_code == (403 if page == "/retire" else 404)
    assert town.browser("red").get(address).status_code == 200
    assert town.browser().get(address)["Location"].startswith("/sign-in")


@pytest.mark.parametrize("username", ["keeper", "zhou", "eye"])
def test_a_keeper_finds_every_account_of_the_region(town: Town, red_units: str, username: str) -> None:
    browser = town.browser(username)
    assert red_units in browser.get("/registry/", {"q": RED_RIVER}).content.decode()
    assert red_units not in browser.get("/registry/", {"q": NORTH_POWER}).content.decode()
    text = browser.get(f"/registry/accounts/{red_units}").content.decode()
    assert "Serial numbers" in text


def test_serial_numbers_in_use_are_not_shown_to_their_holder(town: Town, red_units: str) -> None:
    assert "Serial numbers" not in town.browser("red").get(f"/registry/accounts/{red_units}").content.decode()


def test_the_exchange_sees_money_and_no_units(town: Town, red_units: str, red_cash: str) -> None:
    browser = town.browser("bell")
    text = browser.get("/registry/").content.decode()
    assert red_cash in text
    assert red_units not in text
    assert browser.get(f"/registry/accounts/{red_cash}").status_code == 200
    assert browser.get(f"/registry/accounts/{red_units}").status_code == 404


def test_an_account_of_another_region_is_closed(town: Town, red_units: str) -> None:
    browser = town.browser("zhou")
    browser.post("/switch/region", {"region": "tianjin"})
    assert browser.get(f"/registry/accounts/{red_units}").status_code == 403


def test_a_payment_is_booked_once(town: Town, red_cash: str) -> None:
    browser = town.browser("bell")
    assert pay_in(browser, red_cash, "bank-1") == 302
    told = {"amount": "1234.56", "bank_reference": "bank-1", "shown_amount_fen": "123456"}
    answer = browser.post(f"/registry/accounts/{red_cash}/cash-in", told)
    assert "BANK_REFERENCE_USED" in answer.context["form"].errors["bank_reference"][0]
    assert [held.total for held in queries.holdings(red_cash)] == [123456]


def test_only_the_exchange_books_payments(town: Town, red_cash: str) -> None:
    assert pay_in(town.browser("red"), red_cash, "bank-1") == 403
    assert pay_in(town.browser("zhou"), red_cash, "bank-1") == 403


def test_units_are_cancelled_only_with_the_quantity_that_was_shown(town: Town, red_units: str) -> None:
    browser, address = town.browser("red"), f"/registry/accounts/{red_units}/retire"
    shown = browser.post(address, {**RETIRE, "shown_quantity_t": "70"})
    assert "This cannot be undone." in shown.content.decode()
    assert queries.totals(REGION).retired_t == 0
    answer = browser.post(address, {**RETIRE, "shown_quantity_t": "7"})
    text = answer.content.decode()
    assert "Cancelled for good" in text
    assert answer.context["answer"]["leaf"] in text
    assert queries.totals(REGION).retired_t == 7
    serial = answer.context["answer"]["serials"][0][0]
    assert town.browser().get(f"/public/unit?serial={serial}").status_code == 200


def test_more_than_is_free_is_refused_beside_the_quantity(town: Town, red_units: str) -> None:
    told = {**RETIRE, "quantity_t": "99999999", "shown_quantity_t": "99999999"}
    answer = town.browser("red").post(f"/registry/accounts/{red_units}/retire", told)
    assert answer.status_code in (409, 422)
    assert "INSUFFICIENT_FREE" in answer.context["form"].errors["quantity_t"][0]


def test_a_statement_of_chosen_days_is_a_page_and_a_file(town: Town, red_units: str) -> None:
    browser, address = town.browser("red"), f"/registry/accounts/{red_units}/statement"
    days = {"from_on": "2026-01-01", "to_on": "2026-12-31"}
    page = browser.get(address, days)
    (line, *_) = queries.statement(red_units, from_at=SPRING, to_at=towns.NOW)
    assert line.transfer in page.content.decode()
    file = browser.get(address, {**days, "format": "csv"})
    assert file["Content-Type"].startswith("text/csv")
    assert line.transfer in file.content.decode()
    assert line.transfer not in browser.get(address, {"from_on": "2027-01-01", "to_on": "2027-02-01"}).content.decode()


def test_an_excel_statement_has_typed_cells(town: Town, red_units: str) -> None:
    days = {"from_on": "2026-01-01", "to_on": "2026-12-31", "format": "xlsx"}
    file = town.browser("red").get(f"/registry/accounts/{red_units}/statement", days)
    sheet = load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    (line, *_) = queries.statement(red_units, from_at=SPRING, to_at=towns.NOW)
    first = dict(zip(head, rows[0], strict=True))
    assert (first["transfer"], first["change"]) == (line.transfer, line.change)
    assert isinstance(first["at"], datetime)


def test_a_statement_shows_what_there_was_before_and_after(town: Town, red_units: str) -> None:
    days = {"from_on": "2026-01-01", "to_on": "2026-12-31"}
    answer = town.browser("red").get(f"/registry/accounts/{red_units}/statement", days)
    (balance,) = answer.context["balances"]
    assert (balance.before, balance.after) == (0, queries.holdings(red_units)[0].total)
    later = {"from_on": "2027-01-01", "to_on": "2027-01-01"}
    (balance,) = town.browser("red").get(f"/registry/accounts/{red_units}/statement", later).context["balances"]
    assert (balance.before, balance.change) == (queries.holdings(red_units)[0].total, 0)


def made_statement(town: Town, account: str, username: str = "red") -> HttpResponse:
    days = {"from_on": "2026-01-01", "to_on": "2026-12-31"}
    answer = town.browser(username).post(f"/registry/accounts/{account}/statement.pdf", days)
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_statement_becomes_a_document_that_anybody_can_check(town: Town, red_units: str) -> None:
    made = made_statement(town, red_units)
    assert made.content.startswith(b"%PDF-1.7")
    anybody = town.browser()
    file = SimpleUploadedFile("statement.pdf", made.content)
    text = anybody.post("/public/document", {"file": file}).content.decode()
    assert "This file is ours, and unchanged" in text
    (copy,) = queries.issued_documents(red_units)
    found = queries.issued_document(copy.number)
    assert found is not None
    assert f"/public/leaf/{found.leaf}" in text
    assert "The number alone proves nothing" in anybody.get("/public/document", {"asked": copy.number}).content.decode()
    assert (
        town.browser("red").get(f"/registry/accounts/{red_units}/documents/{copy.number}.pdf").content == made.content
    )


def test_a_document_with_one_changed_byte_is_not_ours(town: Town, red_units: str) -> None:
    content = made_statement(town, red_units).content
    altered = SimpleUploadedFile("statement.pdf", content[:-1] + b"!")
    answer = town.browser().post("/public/document", {"file": altered})
    assert answer.status_code == 404
    assert "This file is not one we made" in answer.content.decode()


def test_what_the_public_learns_of_a_statement_names_neither_account_nor_holder(town: Town, red_units: str) -> None:
    made_statement(town, red_units)
    (copy,) = queries.issued_documents(red_units)
    found = queries.issued_document(copy.digest)
    assert found is not None
    for address in (f"/public/document?asked={copy.number}", f"/public/leaf/{found.leaf}"):
        text = town.browser().get(address).content.decode()
        assert red_units not in text
        assert RED_RIVER not in text


def test_a_document_of_another_account_is_closed(town: Town, red_units: str) -> None:
    made_statement(town, red_units)
    (copy,) = queries.issued_documents(red_units)
    north = queries.account_of(NORTH_POWER, AccountType.HOLDING)
    browser = town.browser("north")
    assert browser.get(f"/registry/accounts/{red_units}/documents/{copy.number}.pdf").status_code == 404
    assert browser.get(f"/registry/accounts/{north}/documents/{copy.number}.pdf").status_code == 404
    assert made_statement(town, red_units, "north").status_code == 404


def test_a_statement_whose_days_are_the_wrong_way_round_is_asked_for_again(town: Town, red_units: str) -> None:
    days = {"from_on": "2026-12-31", "to_on": "2026-01-01"}
    answer = town.browser("red").get(f"/registry/accounts/{red_units}/statement", days)
    assert answer.status_code == 422
    assert "The last day lies before the first." in answer.content.decode()
