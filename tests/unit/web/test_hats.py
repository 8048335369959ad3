"""What the hats of a market see: a district its own companies, finance the proceeds, the bank the clients' money."""

import re

import pytest
from django.test import Client
from tests.unit.members import cast
from tests.unit.web.town import DISTRICT, INDUSTRY, NORTH_POWER, NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.compliance.models import Coverage
from tonnebook.core.ledger import AccountType
from tonnebook.emissions import queries as emissions_queries
from tonnebook.journal import tenancy
from tonnebook.members import queries
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


@pytest.fixture
def department(town: Town) -> Client:
    """The browser of a department that looks after Red River's sector and not after North Power's."""
    cast.remit_set(town.actor("zhou"), town.actor("keeper"), INDUSTRY, "industry", now=NOW)
    town.stage.cover()
    return town.browser("maker")


def test_a_department_lists_the_companies_of_its_sectors_and_reads_where_they_stand(department: Client) -> None:
    page = department.get("/", {"year": YEAR}).content.decode()
    assert RED_RIVER in page
    assert NORTH_POWER not in page
    for path in (f"/entity/{RED_RIVER}", f"/entity/{RED_RIVER}/file", f"/explain/coverage/{RED_RIVER}:{YEAR}"):
        assert department.get(path, {"year": YEAR}).status_code == 200
    for path in (f"/entity/{NORTH_POWER}", f"/entity/{NORTH_POWER}/file", f"/explain/coverage/{NORTH_POWER}:{YEAR}"):
        assert department.get(path, {"year": YEAR}).status_code == 404


def test_the_database_itself_shows_a_department_no_other_sector(town: Town, department: Client) -> None:
    del department
    with tenancy.acting(tenancy.scope_of(town.actor("maker"))):
        seen = set(Coverage.objects.values_list("entity__uscc", flat=True))
    assert RED_RIVER in seen
    assert NORTH_POWER not in seen


def test_a_draft_goes_round_on_the_pages_and_its_approver_sees_what_is_open(town: Town) -> None:
    officer, department = town.browser("zhou"), town.browser("maker")
    year = YEAR + 1
    shown = officer.get(f"/coverage/{year}/draft").content.decode()
    assert "Ask departments about this draft" in shown
    sent = {"subject": "COVERAGE", "department": [INDUSTRY], "words": "Look closely."}
    assert officer.post(f"/year/{year}/circulate", sent).status_code == 302
    (row,) = compliance.consultations_in(REGION, NOW.date())
    assert "draft waits for your opinion" in department.get("/inbox").content.decode()
    path = f"/sector/drafts/{row.number}"
    assert "Look closely." in department.get(path).content.decode()
    assert department.post(path, {"kind": "SUGGESTS", "words": ""}).status_code == 422
    officer.post(f"/coverage/{year}/draft", {"digest": row.digest})
    approving = town.browser("chen").get("/approvals").content.decode()
    assert "1 opinion open" in approving
    assert "exactly this draft" in approving
    assert department.post(path, {"kind": "SUGGESTS", "words": "Mind the new kiln."}).status_code == 302
    assert "opinion of a department waits for your answer" in officer.get("/inbox").content.decode()
    answer = {"decision": "decline", "reason": "It opens too late."}
    assert officer.post(f"/consultations/{row.number}/{INDUSTRY}", answer).status_code == 302
    assert "It opens too late." in department.get(path).content.decode()
    approving = town.browser("chen").get("/approvals").content.decode()
    assert "opinion open" not in approving
    assert "Mind the new kiln." in approving


def test_a_plan_is_circulated_from_its_page_and_a_changed_one_is_told_from_it(town: Town) -> None:
    officer, year = town.browser("zhou"), YEAR + 1
    text = rulebook.overlay(REGION, YEAR).replace("CY2026", f"CY{year}")
    checked = officer.post(f"/year/{year}/plan", {"overlay": text, "decision": "check"}).content.decode()
    assert "Ask departments about this draft" in checked
    sent = {"subject": "PLAN", "department": [INDUSTRY], "overlay": text}
    assert officer.post(f"/year/{year}/circulate", sent).status_code == 302
    changed = text.replace('"79000000"', '"78000000"')
    assert changed != text
    again = officer.post(f"/year/{year}/plan", {"overlay": changed, "decision": "check"}).content.decode()
    assert "the draft has changed since" in again


def test_the_authority_says_on_the_page_who_looks_after_which_sector(town: Town) -> None:
    officer = town.browser("zhou")
    assert officer.post(f"/consultations/departments/{INDUSTRY}", {"sector": ["shipping"]}).status_code == 302
    assert "shipping" not in town.actor("maker").remit
    (row,) = queries.open_approvals(REGION)
    sent = {"decision": "approve", "digest": row.digest}
    assert town.browser("chen").post(f"/approvals/{row.number}", sent).status_code == 302
    assert town.actor("maker").remit == {"shipping"}


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
