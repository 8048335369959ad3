"""Remind whoever has something left to do, once per task and threshold day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction

from tonnebook.compliance.queries import standing
from tonnebook.compliance.queries.positions import positions
from tonnebook.compliance.queries.tasks import TaskRow, task_list
from tonnebook.core import periods, tasks
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.tasks import TASKS, Task, TaskState
from tonnebook.members import queries as members
from tonnebook.members import services as membership


def remind(*, region: str, now: datetime) -> int:
    """Send the reminders of a region that are due, and a warning instead where a shortfall is expected; run by a job.

    A row per organisation, task, last day and threshold is written with the notice: whoever runs at the same time, or
    again, finds it and sends nothing.

    Args:
        region: region code.
        now: when.

    Returns:
        How many notices were sent.

    Source: design choice, no legal source; thresholds as `reminder.days_before`.
    """
    today = periods.day_of(now)
    return sum(_remind_of(region, year, today, now) for year in (today.year - 1, today.year))


def _remind_of(region: str, year: int, today: date, now: datetime) -> int:
    try:
        rules = standing.rules(region, year, today)
        due = _due(rules, today)
    except Refused:
        # A year without rules, or without thresholds, reminds nobody.
        return 0
    if not due:
        return 0
    whose = {kind: _codes(region, kind) for kind in {TASKS[task].whose for task in due}}
    rows = [row for row in task_list(region, year, today, whose=whose, only=due) if row.state is TaskState.OPEN]
    with transaction.atomic():
        new = _first_time(rows, due, region=region, year=year, now=now)
        for kind, ones in _by_notice(new, region=region, year=year, today=today).items():
            membership.notify(kind, [_draft(row, year) for row in ones], now=now)
    return len(new)


# By task whose threshold has come: how many days before its last day that was.
def _due(rules: RulesAt, today: date) -> dict[Task, int]:
    days_before = [int(word) for word in rules.words("reminder.days_before")]
    found = {}
    for task, kind in TASKS.items():
        path = f"deadline.{kind.deadline}"
        if rules.has(path):
            days = tasks.reminder_due(deadline=rules.day(path), days_before=days_before, today=today)
            if days is not None:
                found[task] = days
    return found


def _codes(region: str, kind: OrganisationKind) -> list[str]:
    return [one.uscc for one in members.organisations(region, kind)]


# Two processes at once meet at the constraint: the second waits there and inserts nothing.
def _first_time(
    rows: Sequence[TaskRow], due: dict[Task, int], *, region: str, year: int, now: datetime
) -> list[TaskRow]:
    columns = (
        [row.organisation for row in rows],
        [row.task.value for row in rows],
        [row.due_on for row in rows],
        [due[row.task] for row in rows],
    )
    with connection.cursor() as cursor:
        cursor.execute(_ONCE, [region, year, now, *columns])
        written = set(cursor.fetchall())
    return [row for row in rows if (row.organisation, row.task.value) in written]


_ONCE = """
INSERT INTO compliance_reminder (region, year, sent_at, entity_id, task, due_on, days_before)
SELECT %s, %s, %s, row.* FROM unnest(%s::text[], %s::text[], %s::date[], %s::int[]) AS row
ON CONFLICT (entity_id, year, task, due_on, days_before) DO NOTHING
RETURNING entity_id, task
"""


def _by_notice(rows: Sequence[TaskRow], *, region: str, year: int, today: date) -> dict[NoticeKind, list[TaskRow]]:
    owing = [row.organisation for row in rows if row.task is Task.SURRENDER]
    places = positions(owing, region=region, year=year, today=today) if owing else {}
    found: dict[NoticeKind, list[TaskRow]] = defaultdict(list)
    for row in rows:
        is_short = row.task is Task.SURRENDER and places[row.organisation].gap_t > 0
        found[NoticeKind.SHORTFALL_EXPECTED if is_short else NoticeKind.TASK_DUE].append(row)
    return found


def _draft(row: TaskRow, year: int) -> membership.NoticeDraft:
    told: dict[str, Json] = {"year": year, "deadline_zh": row.zh, "deadline_en": row.en}
    return membership.NoticeDraft(row.organisation, {**told, "due_on": row.due_on.isoformat()})
