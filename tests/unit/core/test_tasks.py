"""Tasks: where one stands follows from what is left, and a reminder is due on the days of the rules."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import tasks
from tonnebook.core.tasks import TASKS, Task, TaskState

LAST = date(2027, 6, 30)


@pytest.mark.parametrize(
    ("today", "left", "state"),
    [
        (LAST, 1, TaskState.OPEN),
        (date(2027, 7, 1), 1, TaskState.OVERDUE),
        (LAST, 0, TaskState.DONE),
        (date(2027, 7, 1), 0, TaskState.DONE),
    ],
)
def test_a_task_is_overdue_from_the_day_after_its_last_while_something_is_left(
    today: date, left: int, state: TaskState
) -> None:
    assert tasks.state_of(due_on=LAST, left=left, today=today) is state


def test_every_task_belongs_to_somebody_and_has_its_day_in_the_rules_of_both_cities() -> None:
    assert list(TASKS) == list(Task)
    for region in ("shanghai", "tianjin"):
        rules = rulebook.at(region, on=date(2026, 6, 1), year=2026)
        assert all(rules.day(f"deadline.{kind.deadline}") for kind in TASKS.values())


@pytest.mark.parametrize(("day", "due"), [(1, None), (19, None), (20, 10), (26, 10), (27, 3), (28, 3), (30, 3)])
def test_the_nearest_threshold_whose_day_has_come_is_due(day: int, due: int | None) -> None:
    found = tasks.reminder_due(deadline=LAST, days_before=(3, 10), today=date(2027, 6, day))
    assert found == due


def test_nobody_is_reminded_once_the_last_day_is_over() -> None:
    assert tasks.reminder_due(deadline=LAST, days_before=(0, 10), today=LAST) == 0
    assert tasks.reminder_due(deadline=LAST, days_before=(0, 10), today=date(2027, 7, 1)) is None
