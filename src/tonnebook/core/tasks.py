"""What must be done by when (任务与期限): the work of a compliance year, whose it is, its last day, what is left of it.

A task is a deadline of the rule book seen from the side of whoever works towards it. Nothing is ticked off: what is
left of a task follows from the books, so a task is done when its work is done, and open again when a figure changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.roles import OrganisationKind


class Task(StrEnum):
    """The work of a compliance year, in its order."""

    PUBLISH_COVERAGE = "PUBLISH_COVERAGE"
    SUBMIT_PLAN = "SUBMIT_PLAN"
    ADOPT_PLAN = "ADOPT_PLAN"
    ISSUE_FIRST_BATCH = "ISSUE_FIRST_BATCH"
    HOLD_EARLY_AUCTION = "HOLD_EARLY_AUCTION"
    SUBMIT_REPORT = "SUBMIT_REPORT"
    SIGN_OPINIONS = "SIGN_OPINIONS"
    DETERMINE = "DETERMINE"
    ISSUE_SECOND_BATCH = "ISSUE_SECOND_BATCH"
    HOLD_LAST_AUCTION = "HOLD_LAST_AUCTION"
    SURRENDER = "SURRENDER"
    CARRY_OVER = "CARRY_OVER"


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "OPEN"
    OVERDUE = "OVERDUE"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class Kind:
    """Whose task it is, and the name of its deadline below `deadline` in the rule book."""

    whose: OrganisationKind
    deadline: str


_AUTHORITY, _EXCHANGE = OrganisationKind.AUTHORITY, OrganisationKind.EXCHANGE
_ENTITY, _VERIFIER = OrganisationKind.ENTITY, OrganisationKind.VERIFIER

TASKS: Mapping[Task, Kind] = MappingProxyType(
    {
        Task.PUBLISH_COVERAGE: Kind(_AUTHORITY, "coverage_list_on"),
        Task.SUBMIT_PLAN: Kind(_ENTITY, "data_quality_plan_on"),
        Task.ADOPT_PLAN: Kind(_AUTHORITY, "plan_on"),
        Task.ISSUE_FIRST_BATCH: Kind(_AUTHORITY, "first_batch_on"),
        Task.HOLD_EARLY_AUCTION: Kind(_EXCHANGE, "early_auction_on"),
        Task.SUBMIT_REPORT: Kind(_ENTITY, "report_on"),
        Task.SIGN_OPINIONS: Kind(_VERIFIER, "verification_on"),
        Task.DETERMINE: Kind(_AUTHORITY, "determination_on"),
        Task.ISSUE_SECOND_BATCH: Kind(_AUTHORITY, "second_batch_on"),
        Task.HOLD_LAST_AUCTION: Kind(_EXCHANGE, "last_resort_auction_on"),
        Task.SURRENDER: Kind(_ENTITY, "surrender_on"),
        Task.CARRY_OVER: Kind(_AUTHORITY, "carry_over_on"),
    }
)


def state_of(*, due_on: date, left: int, today: date) -> TaskState:
    """Say where a task stands.

    Args:
        due_on: its last day.
        left: how much of it is not done: plans, reports, opinions, entities; 0 when nothing is.
        today: the day.

    Returns:
        OVERDUE from the day after the last one.

    Source: design choice, no legal source.
    """
    if not left:
        return TaskState.DONE
    return TaskState.OVERDUE if today > due_on else TaskState.OPEN


def reminder_due(*, deadline: date, days_before: Iterable[int], today: date) -> int | None:
    """Say which reminder of a deadline is due.

    Args:
        deadline: the last day.
        days_before: on how many days before it somebody is reminded; 0 is the day itself.
        today: the day.

    Returns:
        The smallest number of days before whose day has come, None before the first and after the deadline. A day that
        nobody was there to remind is not made up for once the next one has come.

    Source: design choice, no legal source.

    Example:
        >>> reminder_due(deadline=date(2027, 6, 30), days_before=(30, 10, 3), today=date(2027, 6, 22))
        10
    """
    if today > deadline:
        return None
    return min((days for days in days_before if deadline - timedelta(days=days) <= today), default=None)
