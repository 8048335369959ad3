"""Figures: what was determined for a year, and what stands in its place since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from django.db.models import F, QuerySet

from tonnebook.core import determination, mrv, redetermination, trace
from tonnebook.core.reporting import DeterminationSource
from tonnebook.core.trace import Traced
from tonnebook.emissions.models import Determination, EmissionReport, Facility, Redetermination
from tonnebook.journal import stored_traces

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class DeterminedRow:
    """The final figure of an entity and year: tonnes, output by product, MWh; `report` is empty when imported."""

    entity: str
    year: int
    determined_t: int
    direct_t: int
    outputs: Mapping[str, Decimal]
    purchased_mwh: Decimal
    green_mwh: Decimal
    non_fossil_mwh: Decimal
    source: DeterminationSource
    report: str


def determined(region: str, year: int) -> dict[str, DeterminedRow]:
    """Give the figures of a region and year that count now, by entity."""
    rows = _as_replaced(Determination.objects.filter(region=region, year=year))
    return {row.entity: row for row in rows}


def statuses(region: str, year: int) -> tuple[str, ...]:
    """Say how sure the parameters are that the reports of a region and year were computed with, each status once."""
    return stored_traces.statuses(EmissionReport.objects.filter(region=region, year=year), "traces")


def history(usccs: Sequence[str], years: Sequence[int]) -> dict[str, dict[int, DeterminedRow]]:
    """Give the figures of many entities and years that count now, by entity and year; what there is not is left out."""
    found: dict[str, dict[int, DeterminedRow]] = {}
    for row in _as_replaced(Determination.objects.filter(entity__uscc__in=usccs, year__in=years)):
        found.setdefault(row.entity, {})[row.year] = row
    return found


@dataclass(frozen=True, slots=True)
class NewFacilities:
    """Facilities an entity added in a year: their numbers, and what they emitted by the determined report, tonnes."""

    numbers: frozenset[str]
    emission_t: int = 0


def new_facilities(usccs: Sequence[str], year: int) -> dict[str, NewFacilities]:
    """Give the facilities that began in a year, by entity; they have an emission where a report was determined.

    Args:
        usccs: unified social credit codes.
        year: compliance year.
    """
    numbers: dict[str, set[str]] = {}
    began = Facility.objects.filter(entity__uscc__in=usccs, from_on__year=year)
    for entity, number in began.values_list("entity__uscc", "number"):
        numbers.setdefault(entity, set()).add(number)
    found = {entity: NewFacilities(frozenset(own)) for entity, own in numbers.items()}
    rows = Determination.objects.filter(entity__uscc__in=list(numbers), year=year, report__isnull=False)
    for entity, lines, traces in rows.values_list("entity__uscc", "report__lines", "report__traces"):
        places, total = [line["facility"] for line in lines], trace.from_json(traces["total"])
        emission = mrv.of_facilities(total, places, numbers[entity])
        found[entity] = replace(found[entity], emission_t=emission.whole)
    return found


def determination_trace(entity: str, year: int) -> Traced | None:
    """Explain the figure of an entity and year that counts now; None before there is one."""
    of_year = {"entity__uscc": entity, "year": year}
    first = Determination.objects.filter(**of_year).select_related("report").first()
    if first is None:
        return None
    later = Redetermination.objects.filter(**of_year).order_by("count").last()
    return determination.explained(
        later.determined_t if later else first.determined_t,
        reported=trace.from_json(first.report.traces["total"]) if first.report else None,
        source=DeterminationSource(first.source),
        is_replaced=later is not None,
    )


def figures(usccs: Sequence[str], year: int) -> dict[str, list[tuple[datetime, int]]]:
    """List the figures entities have had for a year, the determined one first, each with its instant and tonnes."""
    of_year = {"entity__uscc__in": usccs, "year": year}
    found: dict[str, list[tuple[datetime, int]]] = {}
    first = Determination.objects.filter(**of_year).values_list("entity__uscc", "determined_at", "determined_t")
    later = Redetermination.objects.filter(**of_year).order_by("count")
    for uscc, at, determined_t in (*first, *later.values_list("entity__uscc", "redetermined_at", "determined_t")):
        found.setdefault(uscc, []).append((at, determined_t))
    return found


def require_replaceable(
    entity: str, year: int, *, determined_t: int, direct_t: int, reason: str, evidence: str
) -> DeterminedRow:
    """Give the figure that another one would replace.

    Raises:
        Refused: as `core.redetermination.check`.
    """
    row = history([entity], (year,)).get(entity, {}).get(year)
    redetermination.check(
        entity,
        year,
        before_t=row.determined_t if row else None,
        determined_t=determined_t,
        direct_t=direct_t,
        reason=reason,
        evidence=evidence,
    )
    assert row is not None
    return row


def _as_replaced(rows: QuerySet[Determination]) -> Iterator[DeterminedRow]:
    # What was determined, with the latest figure that stands in its place.
    years = {row.pk: row for row in rows.order_by("entity_id", "year").annotate(number=F("report__number"))}
    places = {(row.entity_id, row.year) for row in years.values()}
    entities, of_years = {entity for entity, _ in places}, {year for _, year in places}
    later = Redetermination.objects.filter(entity__uscc__in=entities, year__in=of_years).order_by("count")
    replaced = {(row.entity_id, row.year): row for row in later}
    for row in years.values():
        found, other = _determined_row(row), replaced.get((row.entity_id, row.year))
        yield replace(found, determined_t=other.determined_t, direct_t=other.direct_t) if other else found


def _determined_row(row: Determination) -> DeterminedRow:
    power = {name: Decimal(text) for name, text in row.electricity.items()}
    return DeterminedRow(
        entity=row.entity_id,
        year=row.year,
        determined_t=row.determined_t,
        direct_t=row.direct_t,
        outputs={product: Decimal(text) for product, text in row.outputs.items()},
        purchased_mwh=power.get("purchased_mwh", _NOTHING),
        green_mwh=power.get("green_mwh", _NOTHING),
        non_fossil_mwh=power.get("non_fossil_mwh", _NOTHING),
        source=DeterminationSource(row.source),
        report=cast("str | None", getattr(row, "number", None)) or "",
    )
