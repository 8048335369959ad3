"""The pages of applications: ask, follow, check, refuse; and nobody else's are seen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.faces import files
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, Town

from tonnebook.core.applications import ApplicationState
from tonnebook.core.ledger import AccountState, AccountType
from tonnebook.core.roles import SYSTEM, Role
from tonnebook.members import queries as members
from tonnebook.members import services
from tonnebook.registry import queries


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


@pytest.fixture
def red_units(town: Town) -> str:
    return queries.account_of(RED_RIVER, AccountType.HOLDING)


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("申请书.pdf", files.pdf())


def ask(browser: Client, address: str, **told: object) -> str:
    """Send an application; gives its number."""
    answer = browser.post(address, {**told, "paper": paper()})
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer["Location"]).rsplit("/", 1)[-1]


def approve(town: Town, username: str) -> None:
    (row,) = members.open_approvals(towns.REGION)
    told = {"decision": "approve", "digest": row.digest}
    assert town.browser(username).post(f"/approvals/{row.number}", told).status_code == 302


def appoint_another(town: Town, account: str) -> None:
    """Appoint a colleague of Red River's representative to an account, and nobody else."""
    draft = services.PersonDraft("hong", "张红", "Zhang Hong", RED_RIVER, (Role.REPRESENTATIVE,))
    services.register_people(SYSTEM, drafts=[draft], key="hong", now=towns.NOW)
    person = members.actor_named("hong").person
    address = f"/registry/accounts/{account}/apply/APPOINT"
    number = ask(town.browser("red"), address, person=person, rights=["READ"])
    town.browser("keeper").post(f"/registry/applications/{number}/check")
    approve(town, "zhou")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_account_is_opened_from_the_question_to_the_second_signature(town: Town, language: str) -> None:
    browser = town.browser("red", language)
    assert browser.get("/registry/applications/new").status_code == 200
    number = ask(browser, "/registry/applications/new", type="TRADING", bank="工商银行", bank_account="6222")
    account = queries.application(number).account
    assert queries.account(account).state is AccountState.PENDING
    page = f"/registry/applications/{number}"
    assert "工商银行" in browser.get(page).content.decode()
    assert number in browser.get("/registry/applications").content.decode()
    keeper = town.browser("keeper", language)
    assert number in keeper.get("/registry/applications").content.decode()
    assert keeper.post(f"{page}/check").status_code == 302
    assert "工商银行" in town.browser("zhou", language).get("/approvals").content.decode()
    approve(town, "zhou")
    assert queries.account(account).state is AccountState.OPEN
    assert browser.get(page).context["row"].state is ApplicationState.GRANTED


def test_a_refusal_is_read_by_whoever_asked(town: Town) -> None:
    browser = town.browser("red")
    number = ask(browser, "/registry/applications/new", type="TRADING")
    page = f"/registry/applications/{number}"
    town.browser("keeper").post(f"{page}/refuse", {"reason": "The letter is not sealed."})
    assert "The letter is not sealed." in browser.get(page).content.decode()


def test_who_asked_takes_it_back_and_nobody_else_sees_it(town: Town) -> None:
    number = ask(town.browser("red"), "/registry/applications/new", type="TRADING")
    page = f"/registry/applications/{number}"
    assert town.browser("north").get(page).status_code == 404
    assert town.browser("north").post(f"{page}/withdraw").status_code == 404
    assert town.browser("red").post(f"{page}/withdraw").status_code == 302
    assert queries.application(number).state is ApplicationState.WITHDRAWN
    assert number not in town.browser("north").get("/registry/applications").content.decode()


def test_what_is_left_in_an_account_that_shall_close_is_listed(town: Town, red_units: str) -> None:
    town.stage.first_batch()
    browser = town.browser("red")
    number = ask(browser, f"/registry/accounts/{red_units}/apply/CLOSE")
    text = browser.get(f"/registry/applications/{number}").content.decode()
    assert "What is still in the account" in text
    assert "SHEA-2026" in text


@pytest.mark.parametrize("kind", ["APPOINT", "REMOVE", "RENAME", "CHANGE_HOLDER", "MERGE", "CLOSE"])
def test_every_kind_of_change_has_its_form_and_only_for_the_holder(town: Town, red_units: str, kind: str) -> None:
    address = f"/registry/accounts/{red_units}/apply/{kind}"
    assert town.browser("red").get(address).status_code == 200
    assert town.browser("north").get(address).status_code == 404
    assert town.browser("keeper").get(address).status_code == 403
    assert town.browser("red").get(f"/registry/accounts/{red_units}/apply/OPEN").status_code == 404


def test_a_refused_question_stands_beside_its_field(town: Town, red_units: str) -> None:
    told = {"organisation": RED_RIVER, "paper": paper()}
    answer = town.browser("red").post(f"/registry/accounts/{red_units}/apply/MERGE", told)
    assert "SAME_HOLDER" in answer.context["form"].errors["organisation"][0]


def test_a_paper_that_cannot_be_taken_is_told_beside_its_field(town: Town) -> None:
    told = {"type": "TRADING", "paper": SimpleUploadedFile("letter.pdf", b"no pdf at all")}
    answer = town.browser("red").post("/registry/applications/new", told)
    assert answer.status_code == 422
    assert answer.context["form"].errors["paper"]


@pytest.mark.parametrize("page", ["", "/statement", "/statement?format=csv&from_on=2026-01-01&to_on=2026-12-31"])
def test_whoever_is_not_appointed_sees_no_page_of_the_account_but_may_ask(
    town: Town, red_units: str, page: str
) -> None:
    browser, address = town.browser("red"), f"/registry/accounts/{red_units}"
    assert browser.get(address + page).status_code == 200
    appoint_another(town, red_units)
    assert browser.get(address + page).status_code == 403
    assert browser.get(f"{address}/apply/APPOINT").status_code == 200
    assert town.browser("keeper").get(address + page).status_code == 200
    text = browser.get("/registry/").content.decode()
    assert f'href="{address}"' not in text
    assert f'href="{address}/apply/APPOINT"' in text


def test_representatives_are_shown_on_the_page_of_the_account(town: Town, red_units: str) -> None:
    browser, person = town.browser("red"), town.actor("red").person
    number = ask(browser, f"/registry/accounts/{red_units}/apply/APPOINT", person=person, rights=["READ", "APPROVE"])
    town.browser("keeper").post(f"/registry/applications/{number}/check")
    approve(town, "zhou")
    text = browser.get(f"/registry/accounts/{red_units}").content.decode()
    assert person in text
    assert "approve" in text
