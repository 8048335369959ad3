"""The page on which an account is stopped at once, or proposed to go on, and what its holder reads of it."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, Town

from tonnebook.core.ledger import AccountState, AccountType, HoldType, TransferType
from tonnebook.registry import queries
from tonnebook.registry.models import Account

SUSPENDED: dict[str, Any] = {"state": "SUSPENDED", "reason": "inquiry 7"}
LISTED: dict[str, Any] = {"state": "SOME_RESTRICTED", "barred": ["PLACE_ORDER", "RETIRE"], "reason": "inquiry 7"}


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    opened = towns.open_town()
    opened.stage.first_batch()
    return opened


@pytest.fixture
def number(town: Town) -> str:
    return queries.account_of(RED_RIVER, AccountType.HOLDING)


def confirmed(browser: Client, number: str, told: dict[str, Any]) -> str:
    """Fill the form in, look at what will happen, confirm it; gives what was shown in between."""
    address = f"/registry/accounts/{number}/state"
    shown = browser.post(address, told)
    assert shown.status_code == 200
    assert browser.post(address, {**told, "shown": shown.context["shown"]}).status_code == 302
    return shown.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_registrar_stops_an_account_at_once_and_two_people_let_it_go_on(
    town: Town, number: str, language: str
) -> None:
    keeper, address = town.browser("keeper", language), f"/registry/accounts/{number}"
    assert f"{address}/state" in keeper.get(address).content.decode()
    confirmed(keeper, number, SUSPENDED)
    assert queries.account(number).state is AccountState.SUSPENDED
    confirmed(keeper, number, {"state": "OPEN", "reason": "inquiry 7 is over"})
    assert queries.account(number).state is AccountState.SUSPENDED
    zhou = town.browser("zhou", language)
    page = zhou.get("/approvals")
    assert "inquiry 7 is over" in page.content.decode()
    (proposal,) = page.context["proposals"]
    told = {"decision": "approve", "digest": proposal.row.digest}
    assert zhou.post(f"/approvals/{proposal.row.number}", told).status_code == 302
    assert queries.account(number).state is AccountState.OPEN


def test_what_is_restricted_is_chosen_confirmed_in_words_and_named_on_the_page(town: Town, number: str) -> None:
    shown = confirmed(town.browser("keeper"), number, LISTED)
    assert "place an order · retired for good" in shown
    assert queries.account(number).barred == (TransferType.RETIRE, HoldType.PLACE_ORDER)
    page = town.browser("keeper").get(f"/registry/accounts/{number}/state").content.decode()
    assert page.count("checked") == 2
    # What is ticked for one state means nothing for another.
    confirmed(town.browser("keeper"), number, {**LISTED, "state": "SUSPENDED"})
    assert queries.account(number).barred == ()


def test_its_holder_reads_state_and_reason_and_finds_no_way_that_is_closed(town: Town, number: str) -> None:
    red, address = town.browser("red"), f"/registry/accounts/{number}"
    assert f"{address}/retire" in red.get(address).content.decode()
    confirmed(town.browser("keeper"), number, LISTED)
    page = red.get(address).content.decode()
    assert "some transactions restricted" in page
    assert "place an order" in page
    assert "inquiry 7" in page
    assert f"{address}/retire" not in page
    assert f'{address}/state"' not in page
    # Who of the registry decided is for the registry to know.
    keeper = town.actor("keeper").person
    assert keeper not in page
    assert keeper in town.browser("zhou").get(address).content.decode()
    assert "inquiry 7" in red.get(f"{address}/statement").content.decode()
    assert number in red.get("/notices").content.decode()


def test_a_list_that_does_not_fit_is_told_beside_the_field_before_anybody_confirms(town: Town, number: str) -> None:
    answer = town.browser("keeper").post(
        f"/registry/accounts/{number}/state", {"state": "SOME_RESTRICTED", "reason": "x"}
    )
    assert answer.status_code == 422
    assert "BARRED_MISSING" in answer.context["form"].errors["barred"][0]


def test_an_account_that_only_its_holder_ends_has_no_such_page(town: Town, number: str) -> None:
    Account.objects.filter(number=number).update(state="CLOSED")
    assert town.browser("keeper").get(f"/registry/accounts/{number}/state").status_code == 404


@pytest.mark.parametrize("username", ["red", "north", "bell", "eye"])
def test_nobody_else_sets_a_state(town: Town, number: str, username: str) -> None:
    assert town.browser(username).get(f"/registry/accounts/{number}/state").status_code == 403
