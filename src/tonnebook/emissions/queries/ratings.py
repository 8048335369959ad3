"""What is published of verification bodies and draws, and what speaks for a closer look at companies."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.core import laboratories, ratings
from tonnebook.core.canonical import Json
from tonnebook.core.draw import DrawKind, DrawRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ratings import Record
from tonnebook.core.risks import Signs
from tonnebook.core.trace import Traced
from tonnebook.emissions.models import Draw, EmissionReport, Redetermination, Sample, Verification
from tonnebook.emissions.queries.bodies import BodyRow, bodies
from tonnebook.emissions.queries.checks import anomalies
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw as everybody may know it; `drawn` is None before it is held."""

    number: str
    year: int
    kind: DrawKind
    commitment: str
    receipt: str
    announced_at: datetime
    held_at: datetime | None
    drawn: int | None


@dataclass(frozen=True, slots=True)
class RatedBody:
    """A firm of the register with what it signed in a year and, for verification bodies, its rating."""

    body: BodyRow
    record: Record
    rating: Traced


@tenancy.everywhere(Why.DISCLOSURE)
def rated_bodies(region: str, year: int, today: date) -> tuple[RatedBody, ...]:
    """List the register of a region with ratings by what was signed for a compliance year, by kind and code."""
    rules = rulebook.at(region, on=today, year=year)
    opinions = Verification.objects.filter(report__region=region, report__year=year)
    signed = list(opinions.values_list("verifier__uscc", "report__entity__uscc", "signed_at"))
    last_on = rules.day("deadline.verification_on") if rules.has("deadline.verification_on") else None
    changed = set(Redetermination.objects.filter(region=region, year=year).values_list("entity__uscc", flat=True))
    done = Counter(body for body, _, _ in signed)
    late = Counter(body for body, _, at in signed if last_on is not None and at.date() > last_on)
    overturned = Counter(body for body, entity, _ in signed if entity in changed)
    found = []
    for row in bodies(region):
        is_suspended = row.suspended_until_on is not None and today <= row.suspended_until_on
        code = row.organisation
        record = Record(done[code], late[code], overturned[code], is_suspended)
        found.append(RatedBody(row, record, ratings.rating(record, rules)))
    return tuple(found)


@tenancy.everywhere(Why.DISCLOSURE)
def draws(region: str) -> tuple[DrawRow, ...]:
    """List the draws of a region, newest first; seeds stay out of sight until a draw is held."""
    rows = Draw.objects.filter(region=region).order_by("-id").defer("seed")
    return tuple(
        DrawRow(
            number=row.number,
            year=row.year,
            kind=DrawKind(row.kind),
            commitment=row.commitment,
            receipt=row.receipt,
            announced_at=row.announced_at,
            held_at=row.held_at,
            drawn=len(row.published["result"]) if row.published else None,
        )
        for row in rows
    )


@tenancy.everywhere(Why.DISCLOSURE)
def published_draw(number: str) -> Mapping[str, Json]:
    """Give the file of a draw that was held, for anybody to repeat it.

    Raises:
        Refused: NO_SUCH_DRAW when there is none, or it is not held yet.
    """
    row = Draw.objects.filter(number=number).exclude(held_at=None).first()
    if row is None:
        raise Refused(DrawRefusal.NO_SUCH_DRAW, draw=number)
    published: Mapping[str, Json] = row.published or {}
    return published


def signs_of(region: str, year: int, today: date) -> dict[str, Signs]:
    """Give what speaks for a closer look at each company whose latest report of a year has an opinion, by code."""
    reports = EmissionReport.objects.filter(region=region, year=year).order_by("entity_id", "-version")
    latest = {row.pk: row for row in reports.distinct("entity_id").only("entity", "is_late", "total_t")}
    verified = set(Verification.objects.filter(report__in=latest).values_list("report_id", flat=True))
    odd = Counter(row.entity for row in anomalies(region, year, today) if not row.finding.is_waived)
    material: Counter[str] = Counter()
    entities = [row.entity_id for row in latest.values()]
    earlier = Verification.objects.filter(report__entity__uscc__in=entities)
    for entity, findings in earlier.values_list("report__entity__uscc", "findings"):
        material[entity] += sum(bool(one.get("is_material")) for one in findings)
    return {
        row.entity_id: Signs(material[row.entity_id], odd[row.entity_id], int(row.is_late), row.total_t)
        for pk, row in latest.items()
        if pk in verified
    }


def months_on_default(facility: str, parameter: str, year: int) -> tuple[int, ...]:
    """Give the months of a year for which a facility has no good sample of a parameter."""
    rows = Sample.objects.filter(facility__number=facility, parameter=parameter, year=year)
    told = rows.values_list("month", "false_report__id")
    return laboratories.months_on_default((month, flagged is not None) for month, flagged in told)
