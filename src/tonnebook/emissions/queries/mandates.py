"""Mandates to write reports, the drafts filed under them, and who has a hand in a report."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from tonnebook.core.errors import Refused
from tonnebook.core.mandates import MandateRefusal
from tonnebook.core.roles import Actor
from tonnebook.emissions.models import EmissionReport, Mandate, ReportDraft


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate of a company to a writer for the years from first to last; it holds to the end of `until_on`."""

    number: str
    entity: str
    writer: str
    first_year: int
    last_year: int
    until_on: date
    given_at: datetime
    withdrawn_at: datetime | None

    def holds(self, today: date) -> bool:
        """Say whether it still lets its writer work."""
        return self.withdrawn_at is None and today <= self.until_on


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft of a report: lines and outputs as a report keeps them, and what they come to."""

    number: str
    entity: str
    year: int
    writer: str
    lines: tuple[Mapping[str, object], ...]
    outputs: tuple[Mapping[str, str], ...]
    total_t: int
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class WritingRow:
    """A company and year somebody writes for: the mandate, the latest draft and the latest version submitted, if any.

    Attributes:
        report: number of the version; empty before one is submitted.
        report_t: its tonnes.
    """

    mandate: MandateRow
    year: int
    draft: DraftRow | None
    report: str
    report_t: int | None


def mandates_of(entity: str) -> tuple[MandateRow, ...]:
    """List the mandates a company has given, newest first."""
    return tuple(_mandate_row(row) for row in Mandate.objects.filter(entity__uscc=entity).order_by("-id"))


def mandates_within(actor: Actor) -> tuple[MandateRow, ...]:
    """List the mandates that an actor's organisation has given or was given, newest first."""
    return tuple(_mandate_row(row) for row in _of(actor).order_by("-id"))


def mandate_within(actor: Actor, number: str) -> MandateRow:
    """Find a mandate that an actor's organisation has given or was given.

    Raises:
        Refused: NO_SUCH_MANDATE when there is none or it is between others, in the same words.
    """
    row = _of(actor).filter(number=number).first()
    if row is None:
        raise Refused(MandateRefusal.NO_SUCH_MANDATE, mandate=number)
    return _mandate_row(row)


def mandate_for(entity: str, writer: str, year: int, today: date) -> MandateRow | None:
    """Give the mandate by which a writer may write a company's report of a year on a day, or None."""
    covering = _holding(today).filter(entity__uscc=entity, first_year__lte=year, last_year__gte=year)
    row = covering.filter(writer__uscc=writer).first()
    return _mandate_row(row) if row else None


def writing(writer: str, today: date) -> tuple[WritingRow, ...]:
    """List what a writer has mandates for on a day, each year by itself, the newest year first, then by company."""
    held = [_mandate_row(row) for row in _holding(today).filter(writer__uscc=writer)]
    entities = [one.entity for one in held]
    drafts = ReportDraft.objects.filter(entity__uscc__in=entities).select_related("mandate").order_by("count")
    filed = {(row.entity_id, row.year): _draft_row(row) for row in drafts}
    versions = EmissionReport.objects.filter(entity__uscc__in=entities).order_by("version")
    told: dict[tuple[str, int], tuple[str, int | None]] = {
        (entity, year): (number, total_t)
        for entity, year, number, total_t in versions.values_list("entity__uscc", "year", "number", "total_t")
    }
    rows = (
        WritingRow(one, year, filed.get((one.entity, year)), *told.get((one.entity, year), ("", None)))
        for one in held
        for year in range(one.first_year, one.last_year + 1)
    )
    return tuple(sorted(rows, key=lambda row: (-row.year, row.mandate.entity)))


def draft_of(entity: str, year: int) -> DraftRow | None:
    """Give the latest draft of a company's report of a year that was filed after its last version, or None."""
    row = (
        ReportDraft.objects.filter(entity__uscc=entity, year=year).select_related("mandate").order_by("-count").first()
    )
    if row is None:
        return None
    newer = EmissionReport.objects.filter(entity__uscc=entity, year=year, submitted_at__gt=row.filed_at)
    return None if newer.exists() else _draft_row(row)


def writers_of(entities: Sequence[str], year: int, today: date) -> dict[str, frozenset[str]]:
    """Give, by company, who has a hand in its report of a year besides itself.

    These are who holds a mandate on a day, who has filed a draft, and whoever a submitted version names as its author.

    Args:
        entities: unified social credit codes.
        year: compliance year.
        today: day in the region's zone.
    """
    of_year = {"entity__uscc__in": entities, "year": year}
    holding = _holding(today).filter(entity__uscc__in=entities, first_year__lte=year, last_year__gte=year)
    found: dict[str, set[str]] = defaultdict(set)
    pairs: Iterable[Sequence[tuple[str, str]]] = (
        list(holding.values_list("entity__uscc", "writer__uscc")),
        list(ReportDraft.objects.filter(**of_year).values_list("entity__uscc", "mandate__writer__uscc").distinct()),
        list(EmissionReport.objects.filter(**of_year).values_list("entity__uscc", "prepared_by").distinct()),
    )
    for entity, writer in (pair for some in pairs for pair in some):
        if writer != entity:
            found[entity].add(writer)
    return {entity: frozenset(writers) for entity, writers in found.items()}


def _of(actor: Actor) -> QuerySet[Mandate]:
    return Mandate.objects.filter(Q(entity__uscc=actor.organisation) | Q(writer__uscc=actor.organisation))


def _holding(today: date) -> QuerySet[Mandate]:
    return Mandate.objects.filter(withdrawn_at=None, until_on__gte=today)


def _mandate_row(row: Mandate) -> MandateRow:
    years = row.first_year, row.last_year
    return MandateRow(row.number, row.entity_id, row.writer_id, *years, row.until_on, row.given_at, row.withdrawn_at)


def _draft_row(row: ReportDraft) -> DraftRow:
    return DraftRow(
        number=row.number,
        entity=row.entity_id,
        year=row.year,
        writer=row.mandate.writer_id,
        lines=tuple(row.lines),
        outputs=tuple(row.outputs),
        total_t=row.total_t,
        filed_at=row.filed_at,
    )
