"""The factors the authority published: which count, what they are laid over, whom a correction touches."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from tonnebook import rulebook
from tonnebook.core import mrv, periods
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt, Status
from tonnebook.emissions.models import EmissionReport, FactorValue, PowerClaim

# So many years after the last one published a parameter has no value, in place of the one that ships.
_SILENT_YEARS = 10
# What the authority publishes in this system, as docs/sources.md lists it.
_NOTICES = "N00"


@dataclass(frozen=True, slots=True)
class PublishedFactor:
    """A value of the factor store; `is_current` says that no later version covers its first year."""

    path: str
    first_year: int
    last_year: int
    version: int
    value: Decimal
    unit: str
    boundary: str
    document: str
    article: str
    name_zh: str
    name_en: str
    reason: str
    published_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """A stored report that rests on a parameter: its tonnes, and those it would have by the values of now.

    `now_t` is None where the rules of now refuse one of its lines.
    """

    report: str
    entity: str
    year: int
    version: int
    total_t: int
    now_t: int | None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim on green power: number, what for, MWh, and how many proofs it rests on."""

    number: str
    entity: str
    year: int
    kind: str
    quantity_mwh: Decimal
    claimed_at: datetime


def rules_of(region: str, year: int, *, at: datetime | None = None) -> RulesAt:
    """Give the rules a report of a year is computed by: those of its last day, with the factors published.

    Args:
        region: region code.
        year: compliance year.
        at: only what was published by this moment counts, for computing an old report again; None counts all.
    """
    return rulebook.at(region, on=date(year, 12, 31), year=year, overlays=overlays(region, at=at))


def overlays(region: str, *, at: datetime | None = None) -> tuple[str, ...]:
    """Write the published factors of a region as a text to lay over the rule book; none when nothing was published.

    Args:
        region: region code.
        at: only what was published by this moment counts; None counts all.
    """
    rows = FactorValue.objects.filter(region=region)
    rows = rows if at is None else rows.filter(published_at__lte=at)
    by_path: dict[str, list[FactorValue]] = {}
    for row in rows.order_by("path", "version"):
        by_path.setdefault(row.path, []).append(row)
    if not by_path:
        return ()
    return (json.dumps({path: _leaf(found) for path, found in by_path.items()}, ensure_ascii=False),)


def published_factors(region: str) -> tuple[PublishedFactor, ...]:
    """List every version of every published value of a region, by path, the latest first."""
    rows = list(FactorValue.objects.filter(region=region).order_by("path", "-version"))
    latest: dict[tuple[str, int], int] = {}
    for row in rows:
        for year in range(row.first_year, row.last_year + 1):
            latest[row.path, year] = max(latest.get((row.path, year), 0), row.version)
    return tuple(_shown(row, is_current=latest[row.path, row.first_year] == row.version) for row in rows)


def published_value(region: str, path: str, year: int) -> Decimal | None:
    """Give the published value that counts for a year; None when none was published."""
    rows = FactorValue.objects.filter(region=region, path=path, first_year__lte=year, last_year__gte=year)
    row = rows.order_by("-version").first()
    return Decimal(row.value) if row else None


def expired(region: str, year: int) -> tuple[PublishedFactor, ...]:
    """List the parameters with a published value for an earlier year and none for this one: what reports will lack."""
    found = published_factors(region)
    known = {one.path for one in found if one.first_year <= year <= one.last_year}
    newest = {one.path: one for one in reversed(found)}
    return tuple(one for path, one in sorted(newest.items()) if path not in known and one.last_year < year)


def touched(region: str, path: str, years: Iterable[int]) -> tuple[str, ...]:
    """List the numbers of the stored reports whose traces name a parameter.

    Args:
        region: region code.
        path: parameter of the rule book.
        years: compliance years.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"region": region, "years": list(years), "path": path})
        return tuple(number for (number,) in cursor.fetchall())


def impact(region: str, path: str, year: int) -> tuple[Touched, ...]:
    """Compute the reports that rest on a parameter again by the values of now, beside what is stored.

    Args:
        region: region code.
        path: parameter of the rule book.
        year: compliance year.

    Source: design choice, no legal source; nothing is changed by it.
    """
    rows = EmissionReport.objects.filter(number__in=touched(region, path, [year])).order_by("entity_id", "version")
    rules = rules_of(region, year)
    return tuple(
        Touched(row.number, row.entity_id, row.year, row.version, row.total_t, _again(row.lines, rules)) for row in rows
    )


def claims_of(entity: str, year: int) -> tuple[ClaimRow, ...]:
    """List the claims on green power of an entity and year."""
    rows = PowerClaim.objects.filter(entity__uscc=entity, year=year).order_by("number")
    return tuple(
        ClaimRow(row.number, row.entity_id, row.year, row.kind, row.quantity_mwh, row.claimed_at) for row in rows
    )


_TOUCHED = """
SELECT number FROM emissions_emissionreport
WHERE region = %(region)s AND year = ANY(%(years)s)
  AND jsonb_path_exists(traces, '$.**.path ? (@ == $path)', jsonb_build_object('path', %(path)s::text))
ORDER BY number
"""


def _again(lines: Sequence[dict[str, dict[str, object]]], rules: RulesAt) -> int | None:
    try:
        return mrv.emissions([mrv.line_of(line["source"]) for line in lines], rules).total.whole
    except Refused:
        return None


def _leaf(rows: Sequence[FactorValue]) -> dict[str, object]:
    newest = rows[-1]
    first, last = min(row.first_year for row in rows), max(row.last_year for row in rows)
    # A year that was left out, and those after the last, have no value: what ships must not stand in for it unseen.
    values = {f"CY{year}": _dated(newest, None) for year in range(first, last + _SILENT_YEARS + 1)}
    for row in rows:
        values |= {f"CY{year}": _dated(row, row.value) for year in range(row.first_year, row.last_year + 1)}
    described = {"zh": newest.name_zh, "en": newest.name_en}
    return {"description": described, "unit": newest.unit, "boundary": newest.boundary, "values": values}


def _dated(row: FactorValue, value: str | None) -> dict[str, object]:
    on = periods.day_of(row.published_at).isoformat()
    reference = {"source": _NOTICES, "article": f"{row.document} {row.article}".strip()}
    told = {"value": value, "reference": reference, "status": Status.ENACTED.value}
    return {**told, "published_on": on, "last_checked_on": on}


def _shown(row: FactorValue, *, is_current: bool) -> PublishedFactor:
    names = ("path", "first_year", "last_year", "version", "unit", "boundary", "document", "article", "name_zh")
    told = {name: getattr(row, name) for name in (*names, "name_en", "reason", "published_at")}
    return PublishedFactor(value=Decimal(row.value), is_current=is_current, **told)
