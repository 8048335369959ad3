"""What everybody has to do by when: the tasks of a year with what is left of each, read off the books."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tonnebook import rulebook
from tonnebook.compliance.queries import annual, books, standing
from tonnebook.compliance.queries.positions import positions
from tonnebook.core import tasks
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.auction import AuctionKind
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.tasks import TASKS, Task, TaskState
from tonnebook.emissions import queries as emissions
from tonnebook.market import queries as market


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of one organisation.

    Attributes:
        organisation: unified social credit code.
        task: what.
        zh: the deadline in words, Chinese.
        en: the same in English.
        due_on: its last day.
        working_days_left: until then; below zero when it is over.
        left: how much of it is not done.
        state: where it stands.
    """

    organisation: str
    task: Task
    zh: str
    en: str
    due_on: date
    working_days_left: int
    left: int
    state: TaskState


@dataclass(frozen=True, slots=True)
class _Desk:
    # Which year is looked at, and of whom.
    region: str
    year: int
    today: date
    whose: Sequence[str]


def task_list(
    region: str,
    year: int,
    today: date,
    *,
    whose: Mapping[OrganisationKind, Sequence[str]],
    only: Collection[Task] = frozenset(Task),
) -> tuple[TaskRow, ...]:
    """List the tasks of organisations for a year, by last day, with queries that do not grow with them.

    Args:
        region: region code.
        year: compliance year.
        today: the day to count from.
        whose: codes by kind of organisation; of companies, those that are not covered have no tasks.
        only: the tasks to look at.
    """
    rules, days = standing.rules(region, year, today), rulebook.calendar(region)
    rows: list[TaskRow] = []
    for task, kind in TASKS.items():
        path = f"deadline.{kind.deadline}"
        if task not in only or not whose.get(kind.whose) or not rules.has(path):
            continue
        leaf, due_on = rules.leaves[path], rules.day(path)
        left_days = days.working_days_between(today, due_on)
        for organisation, left in _LEFT[task](_Desk(region, year, today, whose[kind.whose])).items():
            state = tasks.state_of(due_on=due_on, left=left, today=today)
            rows.append(TaskRow(organisation, task, leaf.zh, leaf.en, due_on, left_days, left, state))
    return tuple(sorted(rows, key=lambda row: (row.due_on, list(Task).index(row.task), row.organisation)))


# What is the same for everybody whose task it is.
def _for_all(desk: _Desk, left: int) -> dict[str, int]:
    return dict.fromkeys(desk.whose, left)


def _covered(desk: _Desk) -> list[str]:
    asked = set(desk.whose)
    return [uscc for uscc in books.covered_codes(desk.region, desk.year) if uscc in asked]


def _coverage(desk: _Desk) -> dict[str, int]:
    return _for_all(desk, int(not annual.year_state(desk.region, desk.year).listed))


def _plans(desk: _Desk) -> dict[str, int]:
    planned = emissions.planned(desk.region, desk.year)
    return {uscc: int(uscc not in planned) for uscc in _covered(desk)}


def _adoption(desk: _Desk) -> dict[str, int]:
    return _for_all(desk, int(books.plan_of(desk.region, desk.year) is None))


def _reports(desk: _Desk) -> dict[str, int]:
    reported = emissions.reported(desk.region, desk.year)
    return {uscc: int(uscc not in reported) for uscc in _covered(desk)}


# Before anybody is on the list, what is done for everybody on it is not done.
def _all_covered(desk: _Desk, done: int) -> dict[str, int]:
    covered = len(books.covered_codes(desk.region, desk.year))
    return _for_all(desk, max(0, covered - done) if covered else 1)


def _batch(batch: Batch) -> Callable[[_Desk], dict[str, int]]:
    def left(desk: _Desk) -> dict[str, int]:
        sums = annual.year_state(desk.region, desk.year).batches.get(batch)
        return _all_covered(desk, sums.issued if sums else 0)

    return left


def _auction(kind: AuctionKind) -> Callable[[_Desk], dict[str, int]]:
    def left(desk: _Desk) -> dict[str, int]:
        return _for_all(desk, int(not market.has_cleared(desk.region, desk.year, kind)))

    return left


def _opinions(desk: _Desk) -> dict[str, int]:
    waiting = emissions.waiting_opinions(desk.region, desk.year)
    return {uscc: waiting[uscc] for uscc in desk.whose}


def _determinations(desk: _Desk) -> dict[str, int]:
    determined = emissions.determined(desk.region, desk.year)
    return _all_covered(desk, len(determined.keys() & set(books.covered_codes(desk.region, desk.year))))


def _surrenders(desk: _Desk) -> dict[str, int]:
    places = positions(_covered(desk), region=desk.region, year=desk.year, today=desk.today)
    return {uscc: int(place.determined_t is None or place.due_t > 0) for uscc, place in places.items()}


def _carry_over(desk: _Desk) -> dict[str, int]:
    return _for_all(desk, int(not annual.year_state(desk.region, desk.year).carried))


_LEFT: Mapping[Task, Callable[[_Desk], dict[str, int]]] = {
    Task.PUBLISH_COVERAGE: _coverage,
    Task.SUBMIT_PLAN: _plans,
    Task.ADOPT_PLAN: _adoption,
    Task.ISSUE_FIRST_BATCH: _batch(Batch.FIRST),
    Task.HOLD_EARLY_AUCTION: _auction(AuctionKind.EARLY),
    Task.SUBMIT_REPORT: _reports,
    Task.SIGN_OPINIONS: _opinions,
    Task.DETERMINE: _determinations,
    Task.ISSUE_SECOND_BATCH: _batch(Batch.SECOND),
    Task.HOLD_LAST_AUCTION: _auction(AuctionKind.LAST_RESORT),
    Task.SURRENDER: _surrenders,
    Task.CARRY_OVER: _carry_over,
}
