"""The national formula of carry-over: what it starts from, what a holder may ask for, and what has been asked."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, Sum

from tonnebook.compliance.models import CarryOver, CarryOverRequest, SurrenderLine
from tonnebook.compliance.queries import books, histories, standing
from tonnebook.core import carry_over, periods, trace
from tonnebook.core.carry_over import CarryOverState, Dealings
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced
from tonnebook.core.year_status import YearStanding
from tonnebook.registry import queries as registry


def dealings(usccs: Sequence[str], rules: RulesAt, *, now: datetime) -> dict[str, Dealings]:
    """Give what entities sold, bought and held of the old vintages, and whether they surrendered in time.

    Args:
        usccs: unified social credit codes.
        rules: of the last of the old vintages, with `carry_over`.
        now: the clock.

    Source: S07, annex 5.
    """
    from_on, to_on = rules.day("carry_over.from_on"), rules.day("carry_over.to_on")
    traded = registry.turnovers(usccs, types=carry_over.TRADES, from_at=_begin(from_on), to_at=_end(to_on))
    undone = registry.turnovers(usccs, types=carry_over.UNDOING, from_at=_begin(from_on), to_at=_end(to_on))
    held_at = _end(rules.day("carry_over.calendar.held_at_on"))
    had, pending = registry.turnovers(usccs, to_at=held_at), _pending(usccs, held_at)
    years = _years(usccs, rules, now)
    found = {}
    for uscc in usccs:
        held = had[uscc].came.copy()
        held.subtract(had[uscc].went)
        held.subtract({asset: pending[uscc][asset.code] for asset in held})
        traded[uscc].went.subtract(undone[uscc].came)
        traded[uscc].came.subtract(undone[uscc].went)
        found[uscc] = Dealings(
            sold_t=carry_over.old_t(traded[uscc].went, rules),
            bought_t=carry_over.old_t(traded[uscc].came, rules),
            holding_t=carry_over.old_t(held, rules),
            is_on_time=carry_over.is_on_time(years[uscc]),
        )
    return found


@dataclass(frozen=True, slots=True)
class Claim:
    """What a holder may carry over of a limited year, from what, and by when it is asked for."""

    dealings: Dealings
    limit: Traced
    from_on: date
    to_on: date
    held_on: date
    apply_by: date
    rounds: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class CarryOverRequestRow:
    """A request: what the holder sold, bought and held, might carry over and asked for, and what it got; tonnes."""

    number: str
    entity: str
    name_zh: str
    name_en: str
    round_on: date
    sold_t: int
    bought_t: int
    holding_t: int
    limit_t: int
    quantity_t: int
    granted_t: int | None
    state: CarryOverState
    asked_at: datetime


def claim(entity: str, *, region: str, year: int, now: datetime) -> Claim | None:
    """Say what an entity may carry over of a year; None where the rules of the year do not limit it.

    Args:
        entity: unified social credit code.
        region: region code.
        year: last of the old vintages.
        now: the clock; while the window lasts, what comes later still counts.

    Source: S07, annex 5.
    """
    rules = standing.rules(region, year, periods.day_of(now))
    if not carry_over.is_limited(rules):
        return None
    found = dealings([entity], rules, now=now)[entity]
    return Claim(
        found,
        carry_over.limited(found, rules),
        rules.day("carry_over.from_on"),
        rules.day("carry_over.to_on"),
        rules.day("carry_over.calendar.held_at_on"),
        rules.day("carry_over.apply_by"),
        carry_over.rounds(rules),
    )


def carry_over_requests(region: str, year: int, *, entity: str = "") -> tuple[CarryOverRequestRow, ...]:
    """List the requests of a region's year in order of time, all of them or those of one entity."""
    rows = CarryOverRequest.objects.filter(region=region, year=year).select_related("entity").order_by("id")
    done = CarryOver.objects.filter(region=region, year=year)
    if entity:
        rows, done = rows.filter(entity__uscc=entity), done.filter(entity__uscc=entity)
    granted: dict[str, int] = dict(done.values_list("entity__uscc", "converted_t"))
    return tuple(_request(row, granted.get(row.entity_id)) for row in rows)


def carry_over_traces(entity: str, year: int) -> list[Traced]:
    """Give the derivations stored with the carry-over of an entity's year; none where everything was kept."""
    row = CarryOver.objects.filter(entity__uscc=entity, year=year).first()
    return [trace.from_json(one) for one in row.traces.values()] if row else []


def _request(row: CarryOverRequest, granted_t: int | None) -> CarryOverRequestRow:
    state = CarryOverState.WAITING if granted_t is None else CarryOverState.GRANTED
    if row.withdrawn_at:
        state, granted_t = CarryOverState.WITHDRAWN, None
    return CarryOverRequestRow(
        row.number,
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.round_on,
        row.sold_t,
        row.bought_t,
        row.holding_t,
        row.limit_t,
        row.quantity_t,
        granted_t,
        state,
        row.asked_at,
    )


# What was submitted for surrender at an instant and neither confirmed nor withdrawn then, by asset code.
def _pending(usccs: Sequence[str], at: datetime) -> dict[str, Counter[str]]:
    rows = SurrenderLine.objects.filter(
        Q(surrender__decided_at=None) | Q(surrender__decided_at__gte=at),
        surrender__entity__uscc__in=usccs,
        surrender__submitted_at__lt=at,
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for uscc, asset, total_t in rows.values_list("surrender__entity__uscc", "asset").annotate(Sum("quantity_t")):
        found[uscc][asset] += total_t
    return found


# How the years stand that must have been surrendered, for whoever was on their lists.
def _years(usccs: Sequence[str], rules: RulesAt, now: datetime) -> dict[str, list[YearStanding]]:
    found: dict[str, list[YearStanding]] = defaultdict(list)
    for year in map(int, rules.words("carry_over.calendar.surrendered_years")):
        listed = sorted({*usccs}.intersection(books.covered_codes(rules.region, year)))
        for uscc, where in histories.standings(listed, region=rules.region, year=year, now=now).items():
            found[uscc].append(where)
    return found


def _begin(day: date) -> datetime:
    return periods.instant(day, time.min)


def _end(day: date) -> datetime:
    return _begin(day + timedelta(days=1))
