"""What the hats of a market see: a district its own companies, finance the proceeds, the bank the clients' money."""

import re

import pytest
from django.test import Client
from tests.unit.web.town import DISTRICT, NORTH_POWER, NOW, RED_RIVER, YEAR, Town

from tonnebook.core.ledger import AccountType
from tonnebook.emissions import queries as emissions_queries
from tonnebook.members.models import Organisation
from tonnebook.registry import queries as registry_queries
from tonnebook.registry import services as registry

ELSEWHERE = "Baoshan"
# What differs between two answers of the same page: the token of its forms, and the moment.
TOKEN = re.compile(r'value="[\w-]{36,}"|datetime="[^"]+"')


@pytest.fixture
def district(town: Town) -> Client:
    """The browser of a district to which Red River belongs and North Power does not."""
    Organisation.objects.filter(uscc=NORTH_POWER).update(district=ELSEWHERE)
    town.stage.cover()
    return town.browser("borough")


def test_a_district_lists_its_own_companies_and_no_others(district: Client) -> None:
    page = district.get("/", {"year": YEAR}).content.decode()
    assert RED_RIVER in page
    assert NORTH_POWER not in page
    assert district.get(f"/entity/{RED_RIVER}", {"year": YEAR}).status_code == 200


def test_a_company_of_another_district_answers_like_one_that_does_not_exist(district: Client) -> None:
    unknown = NORTH_POWER[::-1]
    answers = [district.get(f"/entity/{uscc}") for uscc in (NORTH_POWER, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404]
    pages = [
        TOKEN.sub("", answer.content.decode()).replace(uscc, "")
        for answer, uscc in zip(answers, (NORTH_POWER, unknown), strict=True)
    ]
    assert pages[0] == pages[1]


def test_a_first_check_is_done_on_the_page_and_seen_by_company_and_authority(town: Town, district: Client) -> None:
    number = town.reported()
    assert (
        district.post(f"/district/reports/{number}/check", {"is_complete": "no", "note": "no meter"}).status_code == 302
    )
    found = emissions_queries.first_check_of(number)
    assert found is not None
    assert (found.bureau, found.note) == (DISTRICT, "no meter")
    for username, page in (("red", "/"), ("zhou", f"/entity/{RED_RIVER}")):
        assert "no meter" in town.browser(username).get(page, {"year": YEAR}).content.decode()


def test_the_bank_sees_every_clients_money_and_downloads_it(town: Town) -> None:
    account = registry_queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)
    registry.cash_in(
        town.actor("bell"), account=account, amount_fen=12_345, bank_reference="B-1", key=town.stage.key(), now=NOW
    )
    browser = town.browser("bank")
    assert "123.45" in browser.get("/").content.decode()
    lines = browser.get("/client-money", {"form": "csv"}).content.decode().splitlines()
    assert f"{account},{RED_RIVER},12345,0,12345" in lines
    assert len(lines) == 1 + len(registry_queries.client_money("shanghai"))


def test_a_hat_without_a_room_reads_what_the_public_reads(town: Town) -> None:
    for username in ("rider", "second", "flask", "pen"):
        browser = town.browser(username)
        assert browser.get("/public/tables").status_code == 200
        assert browser.get("/coverage").status_code == 403
