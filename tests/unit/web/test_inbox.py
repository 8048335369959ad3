"""The inbox tells every role what waits for it, and leads to where it is done."""

from typing import cast

import pytest
from tests.unit.compliance import stage as stages
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, REGION, TRUE_MEASURE, YEAR, Town

from tonnebook.core.canonical import Json
from tonnebook.core.periods import day_of
from tonnebook.emissions import services as emissions
from tonnebook.journal import services as journal
from tonnebook.members import services as members
from tonnebook.members.models import Organisation
from tonnebook.web import inbox as inboxes
from tonnebook.web.inbox import Inbox

EMPTY = {"en": "Your inbox is empty", "zh-hans": "暂无待办事项"}


def inbox(town: Town, username: str) -> Inbox:
    return inboxes.inbox_of(town.actor(username), today=day_of(NOW), now=NOW)


def counted(town: Town, username: str) -> dict[str, int]:
    return {task.page: task.count for task in inbox(town, username).tasks if task.count}


def propose(town: Town, username: str) -> None:
    members.propose(
        town.actor(username),
        kind="compliance.cover",
        payload=cast("dict[str, Json]", {"region": REGION, "year": YEAR}),
        key=town.stage.key(),
        now=NOW,
    )


def test_a_proposal_waits_for_the_second_person_and_not_for_the_first(town: Town) -> None:
    propose(town, "zhou")
    assert "web:approvals" not in counted(town, "zhou")
    assert counted(town, "chen")["web:approvals"] == 1


def test_a_proposal_does_not_wait_for_those_who_may_not_do_the_act(town: Town) -> None:
    propose(town, "zhou")
    assert "web:approvals" not in counted(town, "bell")


def test_an_officer_finds_the_surrenders_to_be_confirmed_and_their_deadline(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    town.stage.submit({"SHEA-2026": 10})
    (task,) = (one for one in inbox(town, "zhou").tasks if one.page == "web:surrenders")
    assert (task.count, task.address) == (1, "/surrenders")
    assert task.deadline is not None
    assert task.deadline.code == "surrender"


def test_a_report_passes_from_the_district_and_the_officer_to_the_verifier(town: Town) -> None:
    Organisation.objects.filter(uscc=NORTH_POWER).update(district="Baoshan")
    town.stage.cover()
    number = town.reported()
    assert counted(town, "borough") == {"web:district": 1}
    assert counted(town, "zhou") == {"web:year": 1}
    assert counted(town, "true") == {}
    emissions.first_check(
        town.actor("borough"), report=number, is_complete=True, note="", key=town.stage.key(), now=NOW
    )
    assigned = {RED_RIVER: TRUE_MEASURE}
    emissions.assign_verifiers(
        town.actor("zhou"), region=REGION, year=YEAR, assignments=assigned, key=town.stage.key(), now=NOW
    )
    assert counted(town, "borough") == {}
    assert counted(town, "zhou") == {}
    assert counted(town, "true") == {"web:board": 1}


def test_a_company_is_told_its_next_step_and_counts_it_only_when_it_is_its_turn(town: Town) -> None:
    town.stage.cover()
    assert counted(town, "red") == {"web:filings": 1, "web:notices": 1}
    town.reported()
    (task,) = (one for one in inbox(town, "red").tasks if one.page != "web:notices")
    assert (task.page, task.count) == ("web:reports", 0)


def test_an_auditor_finds_what_the_night_found(town: Town) -> None:
    journal.note_audit(["A1: something", "A2: something"], log_root="00", now=NOW)
    assert counted(town, "eye") == {"web:audit": 2}


@pytest.mark.parametrize(
    ("username", "codes"), [("true", set()), ("red", {"surrender"}), ("purse", {"surrender"})], ids=str
)
def test_days_ahead_are_those_of_the_role(town: Town, username: str, codes: set[str]) -> None:
    ahead = {one.code for one in inbox(town, username).ahead}
    assert codes <= ahead
    assert bool(ahead) == bool(codes)


@pytest.mark.parametrize(
    ("username", "words"),
    [("zhou", ("issue the second batch", "overdue")), ("red", ("surrender what is due", "to do")), ("lotus", ())],
)
def test_the_work_of_the_year_stands_with_its_last_day_and_where_it_stands(
    town: Town, username: str, words: tuple[str, ...]
) -> None:
    town.stage.first_batch()
    page = town.browser(username, "en").get("/inbox").content.decode()
    assert all(one in page for one in words)
    assert ("What must be done, and by when" in page) is bool(words)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("username", ["zhou", "red", "true", "lotus", "bell", "keeper", "eye", "borough", "pen"])
def test_everybody_has_an_inbox_and_an_empty_one_says_what_comes_next(town: Town, username: str, language: str) -> None:
    page = town.browser(username, language).get("/inbox").content.decode()
    assert EMPTY[language] in page
    assert 'hx-get="/inbox/badge"' in page


def test_the_badge_counts_what_waits_and_is_empty_otherwise(town: Town) -> None:
    chen = town.browser("chen")
    assert chen.get("/inbox/badge").content.strip() == b""
    propose(town, "zhou")
    assert b">1<" in chen.get("/inbox/badge").content


def test_a_stranger_is_asked_to_sign_in(town: Town) -> None:
    for page in ("/inbox", "/inbox/badge"):
        assert town.browser().get(page).status_code == 302


def test_an_expired_proposal_waits_for_nobody(town: Town) -> None:
    proposed = members.propose(
        stages.ZHOU,
        kind="compliance.cover",
        payload={"region": REGION, "year": YEAR},
        key=town.stage.key(),
        now=stages.SPRING,
    )
    assert proposed["approval"]
    assert counted(town, "chen") == {}
