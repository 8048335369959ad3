"""The page of people, from the proposal over two codes to the first sign-in; and the first people of a region."""

import re

import pytest
from django.test import Client
from tests.unit.web.town import REGION, TRUE_MEASURE, Town
from typer.testing import CliRunner

from tonnebook import cli
from tonnebook.core import identity
from tonnebook.core.invitations import PersonState
from tonnebook.members import queries
from tonnebook.members.models import Person

PEOPLE, FIRST = "/members/people", "/sign-in/first"
PASSWORD = "a password of my own"
FORM = {"organisation": TRUE_MEASURE, "username": "wu2", "name_zh": "吴二", "name_en": "Wu Er", "roles": ["VERIFIER"]}


def second_agrees(town: Town) -> None:
    (row,) = queries.open_approvals(REGION)
    sent = {"decision": "approve", "digest": row.digest}
    assert town.browser("zhou").post(f"/approvals/{row.number}", sent).status_code == 302


def code_of(browser: Client, number: str) -> str:
    page = browser.post(f"{PEOPLE}/{number}/code")
    assert page.status_code == 200
    (code,) = re.findall(r"<code>([0-9a-f-]{24})</code>", page.content.decode())
    return str(code)


def row_of(browser: Client, words: str) -> queries.AccessRow:
    (row,) = browser.get(PEOPLE, {"q": words}).context["page"].rows
    assert isinstance(row, queries.AccessRow)
    return row


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_somebody_is_proposed_approved_given_two_codes_and_signs_in(town: Town, language: str) -> None:
    keeper, zhou, stranger = town.browser("keeper", language), town.browser("zhou"), town.browser()
    assert keeper.post(PEOPLE, FORM).status_code == 302
    assert not Person.objects.filter(username="wu2").exists()
    second_agrees(town)
    row = row_of(keeper, "wu2")
    assert (row.state, row.drawn_by) == (PersonState.AWAITED, ())
    codes = [code_of(browser, row.number) for browser in (keeper, zhou)]
    assert keeper.post(f"{PEOPLE}/{row.number}/code").status_code == 403
    sent = {"username": "wu2", "code": codes, "new": PASSWORD, "again": PASSWORD}
    assert stranger.post(FIRST, {**sent, "code": [codes[0], codes[0]]}).status_code == 422
    assert stranger.post(FIRST, {**sent, "again": "another one"}).status_code == 422
    assert stranger.post(FIRST, {**sent, "new": "short", "again": "short"}).status_code == 422
    assert stranger.post(FIRST, sent)["Location"] == "/sign-in"
    assert stranger.post("/sign-in", {"username": "wu2", "password": PASSWORD}).status_code == 302
    assert stranger.get("/board").status_code == 200
    assert row_of(keeper, "wu2").state is PersonState.IN


def test_what_does_not_fit_is_told_beside_its_field_before_anybody_approves(town: Town) -> None:
    keeper = town.browser("keeper")
    for change, field in (
        ({"organisation": "X"}, "organisation"),
        ({"username": "red"}, "username"),
        ({"roles": ["OFFICER"]}, "roles"),
    ):
        page = keeper.post(PEOPLE, {**FORM, **change})
        assert page.status_code in (404, 409, 422)
        assert list(page.context["form"].errors) == [field]
    assert queries.open_approvals(REGION) == ()


def test_an_ended_access_ends_the_session_and_two_people_open_it_anew(town: Town) -> None:
    keeper, north = town.browser("keeper"), town.browser("north")
    number = town.actor("north").person
    assert keeper.post(f"{PEOPLE}/{number}/end", {"reason": "left"}).status_code == 302
    assert north.get("/company/reports").status_code == 302
    assert (
        town.browser().post("/sign-in", {"username": "north", "password": "correct horse battery"}).status_code == 422
    )
    assert row_of(keeper, number).state is PersonState.ENDED
    assert keeper.post(f"{PEOPLE}/{number}/readmit", {"reason": "back"}).status_code == 302
    second_agrees(town)
    assert row_of(keeper, number).state is PersonState.AWAITED


def test_two_people_register_an_organisation(town: Town) -> None:
    body = "91310000000000777"
    told = {
        "uscc": body + identity.uscc_check_sign(body),
        "name_zh": "新行",
        "name_en": "New",
        "organisation_kind": "SETTLEMENT_BANK",
    }
    keeper = town.browser("keeper")
    assert keeper.post("/members/organisations", {**told, "uscc": body + "?"}).status_code == 422
    assert keeper.post("/members/organisations", told).status_code == 302
    assert told["uscc"] not in queries.organisations_named([told["uscc"]])
    second_agrees(town)
    assert keeper.post("/members/organisations", told).status_code == 409
    assert queries.organisation(told["uscc"]).name_zh == "新行"


def test_two_people_at_the_keyboard_begin_a_region_once(fresh_database: str) -> None:
    body = "91310000000000888"
    line = ["found", "--region", "shanghai", "--authority", body + identity.uscc_check_sign(body)]
    line += ["--name-zh", "市局", "--name-en", "Bureau"]
    typed = "".join(f"{name}\n{name}\n{name}\n{PASSWORD}\n{PASSWORD}\n" for name in ("one", "two"))
    assert CliRunner().invoke(cli.app, line, input=typed).exit_code == 0
    assert Client().post("/sign-in", {"username": "two", "password": PASSWORD}).status_code == 302
    assert CliRunner().invoke(cli.app, line, input=typed).exit_code == 1
    assert Person.objects.count() == 2
