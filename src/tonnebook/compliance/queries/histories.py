"""What has happened to the years of entities, and where each stands: the events of `core.year_status` from the rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet

from tonnebook.compliance.models import (
    Allocation,
    CarryOver,
    ComplianceStatus,
    Objection,
    PenaltyEntry,
    Surrender,
    TransitionStep,
)
from tonnebook.compliance.queries import standing
from tonnebook.core import periods, year_status
from tonnebook.core.allocation.annual import AllocationState
from tonnebook.core.objections import ObjectionSubject
from tonnebook.core.penalty import PenaltyStep
from tonnebook.core.surrender import SurrenderState
from tonnebook.core.transition import TransitionKind
from tonnebook.core.year_status import Event, EventKind, YearStanding
from tonnebook.emissions import queries as emissions


@dataclass(frozen=True, slots=True)
class YearHistory:
    """The events of an entity's year in order, and where they leave it."""

    entity: str
    year: int
    events: tuple[Event, ...]
    standing: YearStanding


def history(entity: str, *, region: str, year: int, now: datetime) -> YearHistory:
    """Tell what has happened to one entity's year, and where it stands.

    Args:
        entity: unified social credit code.
        region: region code.
        year: compliance year.
        now: what happens later does not count.
    """
    events = histories([entity], region=region, year=year, now=now)[entity]
    return YearHistory(entity, year, events, year_status.standing(events))


def standings(usccs: Sequence[str], *, region: str, year: int, now: datetime) -> dict[str, YearStanding]:
    """Say where the years of many entities stand, with a number of queries that does not grow with them."""
    found = histories(usccs, region=region, year=year, now=now)
    return {uscc: year_status.standing(events) for uscc, events in found.items()}


def histories(usccs: Sequence[str], *, region: str, year: int, now: datetime) -> dict[str, tuple[Event, ...]]:
    """List the events of the years of many entities, each in order.

    Args:
        usccs: unified social credit codes.
        region: region code of them all.
        year: compliance year.
        now: what happens later does not count.
    """
    over_at = _over_at(region, year, periods.day_of(now))
    found: dict[str, list[Event]] = defaultdict(list)
    for uscc, event in (*_figures(usccs, year), *_rechecks(usccs, year), *_dues(usccs, year), *_ends(usccs, year)):
        found[uscc].append(event)
    if over_at is not None:
        for uscc in usccs:
            found[uscc].append(Event(over_at, EventKind.LAST_DAY_OVER))
    return {uscc: year_status.in_order(one for one in found[uscc] if one.at <= now) for uscc in usccs}


def _figures(usccs: Sequence[str], year: int) -> Iterator[tuple[str, Event]]:
    for uscc, figures in emissions.figures(usccs, year).items():
        for place, (at, determined_t) in enumerate(figures):
            yield uscc, Event(at, EventKind.REDETERMINED if place else EventKind.DETERMINED, determined_t)


def _rechecks(usccs: Sequence[str], year: int) -> Iterator[tuple[str, Event]]:
    asked = Objection.objects.filter(entity__uscc__in=usccs, year=year, subject=ObjectionSubject.DETERMINATION)
    for uscc, filed_at, decided_at in asked.values_list("entity__uscc", "filed_at", "decision__decided_at"):
        yield uscc, Event(filed_at, EventKind.RECHECK_ASKED)
        if decided_at is not None:
            yield uscc, Event(decided_at, EventKind.RECHECK_DECIDED)


def _dues(usccs: Sequence[str], year: int) -> Iterator[tuple[str, Event]]:
    of_year = {"entity__uscc__in": usccs, "year": year}
    owed = Allocation.objects.filter(**of_year, state=AllocationState.ISSUED, recall_outstanding_t__gt=0)
    for uscc, at, quantity_t in owed.values_list("entity__uscc", "computed_at", "recall_outstanding_t"):
        yield uscc, Event(at, EventKind.RECALL_OWED, quantity_t)
    done = Surrender.objects.filter(**of_year, state=SurrenderState.CONFIRMED)
    columns = ("entity__uscc", "decided_at", "total_t", "credits_t", "is_forced")
    for uscc, decided_at, total_t, credits_t, is_forced in done.values_list(*columns):
        if decided_at is not None:
            yield uscc, Event(decided_at, EventKind.FORCED if is_forced else EventKind.SURRENDERED, total_t, credits_t)


def _ends(usccs: Sequence[str], year: int) -> Iterator[tuple[str, Event]]:
    of_year = {"entity__uscc__in": usccs, "year": year}
    settled = ComplianceStatus.objects.filter(**of_year).values_list("entity__uscc", "settled_at")
    carried = CarryOver.objects.filter(**of_year).values_list("entity__uscc", "carried_at")
    decided = PenaltyEntry.objects.filter(
        file__entity__uscc__in=usccs, file__year=year, step=PenaltyStep.DECIDED
    ).values_list("file__entity__uscc", "at")
    # A year ends with an exit, and the last year in the region with a hand-over.
    exited = _steps(usccs, TransitionKind.EXIT, date(year, 12, 31))
    handed = _steps(usccs, TransitionKind.HAND_OVER, date(year + 1, 1, 1))
    kinds = (
        (exited, EventKind.EXITED),
        (handed, EventKind.HANDED_OVER),
        (settled, EventKind.SETTLED),
        (carried, EventKind.CARRIED_OVER),
        (decided, EventKind.PENALISED),
    )
    for rows, kind in kinds:
        for uscc, at in rows:
            yield uscc, Event(at, kind)


def _steps(usccs: Sequence[str], kind: TransitionKind, due_on: date) -> QuerySet[TransitionStep, tuple[str, datetime]]:
    rows = TransitionStep.objects.filter(entity__uscc__in=usccs, kind=kind, due_on=due_on)
    return rows.values_list("entity__uscc", "done_at")


# The first instant after the last day for surrender, where the rules name one.
def _over_at(region: str, year: int, today: date) -> datetime | None:
    rules = standing.rules(region, year, today)
    if not rules.has("deadline.surrender_on"):
        return None
    return periods.instant(rules.day("deadline.surrender_on") + timedelta(days=1), time.min)
