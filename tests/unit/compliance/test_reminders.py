"""Tasks follow from the books, and each reminder of one goes out once per threshold day."""

from datetime import UTC, date, datetime

import pytest
from tests.unit.compliance.stage import BUREAU, LITTLE_MILL, NORTH_POWER, RED_RIVER, REGION, YEAR, Stage

from tonnebook.compliance import jobs, queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import Reminder
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.tasks import Task, TaskState
from tonnebook.journal import services as journal
from tonnebook.members import queries as members

WHOSE = {OrganisationKind.ENTITY: [RED_RIVER, LITTLE_MILL], OrganisationKind.AUTHORITY: [BUREAU]}


def _at(month: int, day: int) -> datetime:
    return datetime(2027, month, day, 2, tzinfo=UTC)


def _told(entity: str) -> list[NoticeKind]:
    kinds = (NoticeKind.TASK_DUE, NoticeKind.SHORTFALL_EXPECTED)
    return [row.kind for row in members.notices_of(entity) if row.kind in kinds]


@pytest.fixture
def due(stage: Stage) -> Stage:
    """Red River holds 70,000 t for 60,000 t, North Power 35,000 t for 40,000 t; neither has surrendered."""
    stage.first_batch()
    stage.determine(red_t=60_000)
    return stage


def _states(organisation: str) -> dict[Task, tuple[int, TaskState]]:
    rows = queries.task_list(REGION, YEAR, date(2027, 6, 10), whose=WHOSE)
    assert list(rows) == sorted(rows, key=lambda row: row.due_on)
    return {row.task: (row.left, row.state) for row in rows if row.organisation == organisation}


def test_tasks_are_done_open_or_overdue_as_the_books_say(due: Stage) -> None:
    assert _states(RED_RIVER) == {
        Task.SUBMIT_PLAN: (1, TaskState.OVERDUE),
        Task.SUBMIT_REPORT: (1, TaskState.OVERDUE),
        Task.SURRENDER: (1, TaskState.OPEN),
    }
    of_bureau = _states(BUREAU)
    assert of_bureau[Task.PUBLISH_COVERAGE] == of_bureau[Task.ISSUE_FIRST_BATCH] == (0, TaskState.DONE)
    assert of_bureau[Task.ADOPT_PLAN] == (0, TaskState.DONE)
    assert of_bureau[Task.ISSUE_SECOND_BATCH] == (2, TaskState.OVERDUE)
    due.submit({"SHEA-2026": 60_000})
    assert _states(RED_RIVER)[Task.SURRENDER] == (0, TaskState.DONE)


def test_before_anybody_is_covered_nothing_is_done_for_them(stage: Stage) -> None:
    of_bureau = _states(BUREAU)
    undone = (Task.ADOPT_PLAN, Task.ISSUE_FIRST_BATCH, Task.DETERMINE)
    assert {of_bureau[task] for task in undone} == {(1, TaskState.OVERDUE)}


def test_who_is_not_covered_has_no_task(due: Stage) -> None:
    assert _states(LITTLE_MILL) == {}


def test_a_reminder_goes_out_once_per_threshold_however_often_the_job_runs(due: Stage) -> None:
    for month, day in ((5, 30), (5, 31), (5, 31), (6, 19), (6, 20), (6, 20), (6, 21)):
        compliance.remind(region=REGION, now=_at(month, day))
    assert _told(RED_RIVER) == [NoticeKind.TASK_DUE] * 2
    sent = Reminder.objects.filter(entity__uscc=RED_RIVER).order_by("id")
    assert list(sent.values_list("days_before", "sent_at")) == [(30, _at(5, 31)), (10, _at(6, 20))]


def test_the_authority_is_reminded_of_its_own_tasks(due: Stage) -> None:
    assert compliance.remind(region=REGION, now=_at(7, 13)) == 1
    assert _told(BUREAU) == [NoticeKind.TASK_DUE]
    assert _told(RED_RIVER) == []


def test_who_will_be_short_is_warned_and_who_has_surrendered_is_left_alone(due: Stage) -> None:
    due.submit({"SHEA-2026": 60_000})
    compliance.remind(region=REGION, now=_at(6, 27))
    assert (_told(RED_RIVER), _told(NORTH_POWER)) == ([], [NoticeKind.SHORTFALL_EXPECTED])
    (row,) = [one for one in members.notices_of(NORTH_POWER) if one.kind is NoticeKind.SHORTFALL_EXPECTED]
    # A notice passes through the hands of others and holds no figure of the company.
    assert "5" not in row.text_zh.replace("2026", "")
    assert "2027-06-30" in row.text_en


def test_the_job_asks_every_region(due: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, datetime]] = []
    monkeypatch.setattr(compliance, "remind", lambda *, region, now: asked.append((region, now)))
    monkeypatch.setattr(journal, "now", lambda: _at(6, 20))
    jobs.remind.func(0)
    assert asked == [(REGION, _at(6, 20))]
