"""What the national formula of carry-over starts from, read for many entities at once, and what was stored with it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Q, Sum

from tonnebook.compliance.models import CarryOver, SurrenderLine
from tonnebook.compliance.queries import books, histories
from tonnebook.core import carry_over, periods, trace
from tonnebook.core.carry_over import Dealings
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
    held_at = _end(rules.day("carry_over.calendar.held_at_on"))
    had, pending = registry.turnovers(usccs, to_at=held_at), _pending(usccs, held_at)
    years = _years(usccs, rules, now)
    found = {}
    for uscc in usccs:
        held = had[uscc].came.copy()
        held.subtract(had[uscc].went)
        held.subtract({asset: pending[uscc][asset.code] for asset in held})
        found[uscc] = Dealings(
            sold_t=carry_over.old_t(traded[uscc].went, rules),
            bought_t=carry_over.old_t(traded[uscc].came, rules),
            holding_t=carry_over.old_t(held, rules),
            is_on_time=carry_over.is_on_time(years[uscc]),
        )
    return found


def carry_over_traces(entity: str, year: int) -> list[Traced]:
    """Give the derivations stored with the carry-over of an entity's year; none where everything was kept."""
    row = CarryOver.objects.filter(entity__uscc=entity, year=year).first()
    return [trace.from_json(one) for one in row.traces.values()] if row else []


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
        for uscc, standing in histories.standings(listed, region=rules.region, year=year, now=now).items():
            found[uscc].append(standing)
    return found


def _begin(day: date) -> datetime:
    return periods.instant(day, time.min)


def _end(day: date) -> datetime:
    return _begin(day + timedelta(days=1))
