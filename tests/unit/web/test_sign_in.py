"""Signing in tells strangers nothing, changes the session key, asks for the second factor, and ends by itself."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from tests.signing import WALL, code, enrolled, make_real
from tests.unit.web.town import NOW, PASSWORD, Town

from tonnebook.core.sign_in import ABSOLUTE, IDLE, SESSIONS_MAX
from tonnebook.members import jobs
from tonnebook.members import queries as members
from tonnebook.members.services import sign_ins
from tonnebook.web import sessions

WRONG = "wrong horse battery"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was hashed."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return seen


def without_accidents(page: str) -> str:
    """A page without what differs from one request to the next: tokens, the time, and the name that was typed."""
    return re.sub(r'(csrfmiddlewaretoken" value=|datetime=|name="username"[^>]* value=)"[^"]*"', "", page)


def test_locked_wrong_and_unknown_are_answered_alike_after_the_same_work(town: Town, hashed: list[str]) -> None:
    answers = {}
    for case, username in (("wrong", "zhou"), ("unknown", "nobody")):
        hashed.clear()
        answer = Client().post("/sign-in", {"username": username, "password": WRONG})
        answers[case] = (answer.status_code, without_accidents(answer.content.decode()), hashed.count(WRONG))
    for _ in range(9):
        Client().post("/sign-in", {"username": "chen", "password": WRONG})
    for case, password in (("locked", WRONG), ("locked, right password", PASSWORD)):
        hashed.clear()
        answer = Client().post("/sign-in", {"username": "chen", "password": password})
        answers[case] = (answer.status_code, without_accidents(answer.content.decode()), hashed.count(password))
    assert set(answers.values()) == {answers["wrong"]}
    assert answers["wrong"][2] == 1
    assert Client().post("/sign-in", {"username": "zhou", "password": PASSWORD}).status_code == 302


def test_the_session_key_changes_at_sign_in(town: Town) -> None:
    browser = town.browser()
    browser.post("/switch/region", {"region": "shanghai"})
    planted = browser.cookies["sessionid"].value
    browser.post("/sign-in", {"username": "zhou", "password": PASSWORD})
    assert browser.cookies["sessionid"].value != planted
    attacker = Client()
    attacker.cookies["sessionid"] = planted
    assert attacker.get("/coverage").status_code == 302


def test_whoever_has_a_second_factor_is_in_only_after_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = enrolled(town.actor("zhou"), password=PASSWORD, now=NOW)
    later = WALL + timedelta(minutes=2)
    monkeypatch.setattr(sessions, "wall", lambda: later)
    browser = Client()
    answer = browser.post("/sign-in", {"username": "zhou", "password": PASSWORD, "next": "/approvals"})
    assert answer["Location"] == "/sign-in/second-step?next=%2Fapprovals"
    assert browser.get("/approvals").status_code == 302
    assert browser.get(answer["Location"]).status_code == 200
    form = {"second_factor": "000000", "next": "/approvals"}
    assert browser.post("/sign-in/second-step", form).status_code == 422
    assert browser.get("/approvals").status_code == 302
    right = {**form, "second_factor": code(secret, at=later)}
    assert browser.post("/sign-in/second-step", right)["Location"] == "/approvals"
    assert browser.get("/approvals").status_code == 200


def test_the_second_step_waits_five_minutes_and_only_for_who_knew_the_password(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = enrolled(town.actor("zhou"), password=PASSWORD, now=NOW)
    monkeypatch.setattr(sessions, "wall", lambda: WALL)
    browser = Client()
    browser.post("/sign-in", {"username": "zhou", "password": PASSWORD})
    late = WALL + timedelta(minutes=5)
    monkeypatch.setattr(sessions, "wall", lambda: late)
    form = {"second_factor": code(secret, at=late)}
    assert browser.post("/sign-in/second-step", form)["Location"] == "/sign-in"
    assert Client().post("/sign-in/second-step", form)["Location"] == "/sign-in"


@pytest.mark.parametrize("away", [IDLE, ABSOLUTE])
def test_a_session_ends_by_itself(town: Town, monkeypatch: pytest.MonkeyPatch, away: timedelta) -> None:
    browser, came = town.browser("zhou"), datetime.now(UTC)
    assert browser.get("/coverage").status_code == 200
    monkeypatch.setattr(sessions, "wall", lambda: came + away + timedelta(minutes=1))
    assert browser.get("/coverage").status_code == 302


def test_coming_back_keeps_a_session_up_but_not_for_ever(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, came = town.browser("zhou"), datetime.now(UTC)
    step = IDLE - timedelta(minutes=1)
    for count in range(1, ABSOLUTE // step + 1):
        monkeypatch.setattr(sessions, "wall", lambda count=count: came + count * step)
        assert browser.get("/security").status_code == 200
    monkeypatch.setattr(sessions, "wall", lambda: came + ABSOLUTE + timedelta(minutes=1))
    assert browser.get("/security").status_code == 302


def test_the_other_sessions_are_listed_and_ended(town: Town) -> None:
    here, there = town.browser("zhou"), town.browser("zhou")
    assert len(here.get("/security").context["places"]) == 2
    here.post("/security/sessions/end")
    assert there.get("/coverage").status_code == 302
    assert here.get("/coverage").status_code == 200


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(town: Town) -> None:
    browser = town.browser("zhou")
    thief = Client()
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert thief.get("/coverage").status_code == 200
    browser.post("/sign-out")
    assert thief.get("/coverage").status_code == 302


def test_somebody_is_signed_in_in_a_few_places_at_most(town: Town) -> None:
    make_real()
    browsers = [town.browser("lotus") for _ in range(SESSIONS_MAX + 1)]
    assert browsers[0].get("/security").status_code == 302
    assert all(one.get("/security").status_code == 200 for one in browsers[1:])


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(town: Town) -> None:
    here, there = town.browser("zhou"), town.browser("zhou")
    form = {"old": PASSWORD, "new": "a brand new pass phrase", "again": "a brand new pass phrase"}
    for change in ({"old": "wrong"}, {"again": "another"}, {"new": "short", "again": "short"}):
        assert here.post("/security/password", {**form, **change}).status_code == 422
    assert here.post("/security/password", form).status_code == 302
    assert here.get("/coverage").status_code == 200
    assert there.get("/coverage").status_code == 302
    assert Client().post("/sign-in", {"username": "zhou", "password": PASSWORD}).status_code == 422
    assert Client().post("/sign-in", {"username": "zhou", "password": form["new"]}).status_code == 302


def test_sessions_that_are_over_are_forgotten(town: Town) -> None:
    town.browser("zhou")
    person = town.actor("zhou").person
    (row,) = members.sign_ins(person)
    assert sign_ins.forget(at=row.seen_at + IDLE - timedelta(seconds=1)) == 0
    jobs.forget_sign_ins(0)
    assert len(members.sign_ins(person)) == 1
    assert sign_ins.forget(at=row.seen_at + IDLE) == 1
    assert members.sign_ins(person) == ()
