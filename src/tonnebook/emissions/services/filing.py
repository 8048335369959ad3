"""File months: one facility at a time by its company, or a whole batch that a district's platform hands over.

A region files thousands of months a year, so both ask the database twice, whatever their number: once what is known
about the facilities, once to store. A month filed by two people at the same moment meets the unique constraint.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from tonnebook import rulebook
from tonnebook.core import canonical, periods, reporting, roles
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import Act, Actor, Role
from tonnebook.emissions.services.drafts import MonthDraft, ParameterRow
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry


@journal.command("emissions.file_month")
def file_month(
    actor: Actor,
    *,
    facility: str,
    year: int,
    month: int,
    parameters: Sequence[ParameterRow],
    evidence_digest: str,
    reason: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """File the key parameters of one month of a facility.

    Args:
        actor: representative of the entity.
        facility: number.
        year: calendar year.
        month: 1 to 12.
        parameters: what was measured.
        evidence_digest: SHA-256 (hex) over the evidence files.
        reason: why it is late; needed only then.
        key: idempotency key.
        now: when.

    Returns:
        {"receipt": leaf hash, "late": whether, "due_on": ISO day}.

    Raises:
        Refused: NO_SUCH_FACILITY; NOT_PERMITTED or NOT_YOUR_ORGANISATION; FACILITY_NOT_ACTIVE, MONTH_NOT_OVER,
            MONTH_ALREADY_FILED or LATE_WITHOUT_REASON as `core.reporting.check_filing`.

    Source: S10, monthly evidence.
    """
    del key
    draft = MonthDraft(facility, parameters, evidence_digest, reason)
    (filed,) = _file(actor, Act.FILE_MONTH, year, month, [draft], now)
    return {"receipt": filed.receipt, "late": filed.is_late, "due_on": filed.due_on.isoformat()}


@journal.command("emissions.file_months")
def file_months(
    actor: Actor, *, year: int, month: int, filings: Sequence[MonthDraft], key: str, now: datetime
) -> Answer:
    """File one month of many facilities at once; all of them or none.

    Args:
        actor: representative of the one entity they belong to, or an officer or registrar who takes over the batch of
            a district's platform.
        year: calendar year.
        month: 1 to 12.
        filings: one per facility.
        key: idempotency key.
        now: when.

    Returns:
        {"receipts": leaf hash by facility, "late": count}.

    Raises:
        Refused: as `file_month`, for the first filing in the order given.

    Source: S10, monthly evidence (companies, districts, city).
    """
    del key
    act = Act.FILE_MONTH if Role.REPRESENTATIVE in actor.roles else Act.IMPORT
    filed = _file(actor, act, year, month, filings, now)
    return {
        "receipts": {one.draft.facility: one.receipt for one in filed},
        "late": sum(one.is_late for one in filed),
    }


@dataclass(slots=True)
class _Filed:
    draft: MonthDraft
    place: "_Place"
    due_on: date
    is_late: bool
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    number: str
    pk: int
    entity: str
    region: str
    from_on: date
    is_filed: bool


def _file(actor: Actor, act: Act, year: int, month: int, drafts: Sequence[MonthDraft], now: datetime) -> list[_Filed]:
    places = _places([draft.facility for draft in drafts], year, month)
    filed = [_checked(actor, act, year, month, draft, places.get(draft.facility), now) for draft in drafts]
    receipts = journal.append_many([_entry(one, year, month, actor) for one in filed], now=now)
    for one, receipt in zip(filed, receipts, strict=True):
        one.receipt = receipt
    _store(filed, year, month, now)
    return filed


def _places(numbers: Sequence[str], year: int, month: int) -> dict[str, _Place]:
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [year, month, list(numbers)])
        return {row[0]: _Place(*row) for row in cursor.fetchall()}


def _checked(
    actor: Actor, act: Act, year: int, month: int, draft: MonthDraft, place: _Place | None, now: datetime
) -> _Filed:
    if place is None:
        raise Refused(ReportingRefusal.NO_SUCH_FACILITY, facility=draft.facility)
    roles.check(actor, act, organisation=place.entity, region=place.region)
    days = rulebook.at(place.region, on=date(year, month, 1), year=year).integer("filing.monthly_days")
    facts = reporting.Filing(
        draft.facility, year, month, periods.day_of(now), place.from_on, place.is_filed, draft.reason, days
    )
    is_late = reporting.check_filing(facts)
    return _Filed(draft, place, reporting.monthly_due_on(year, month, days), is_late)


def _entry(one: _Filed, year: int, month: int, actor: Actor) -> Entry:
    facts = {"entity": one.place.entity, "facility": one.place.number, "year": year, "month": month}
    sealed = {
        "parameters": one.draft.parameters,
        "evidence_digest": one.draft.evidence_digest,
        "reason": one.draft.reason,
        "by": actor.person,
    }
    return Entry("emissions.month.filed", {**facts, "late": one.is_late}, sealed)


def _store(filed: Sequence[_Filed], year: int, month: int, now: datetime) -> None:
    columns: tuple[list[object], ...] = (
        [one.place.pk for one in filed],
        [one.due_on for one in filed],
        [one.is_late for one in filed],
        [one.draft.reason for one in filed],
        [json.dumps(canonical.plain(one.draft.parameters), ensure_ascii=False) for one in filed],
        [one.draft.evidence_digest for one in filed],
        [one.receipt for one in filed],
    )
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [year, month, now, *columns])
        stored = {row[0] for row in cursor.fetchall()}
    # What the constraint passed over was filed meanwhile, or stands twice in the batch.
    for one in filed:
        if one.receipt not in stored:
            facts = {"facility": one.place.number, "year": year, "month": month}
            raise Refused(ReportingRefusal.MONTH_ALREADY_FILED, **facts)


_PLACES = """
SELECT place.number, place.id, place.entity_id, place.region, place.from_on, EXISTS (
    SELECT FROM emissions_monthlyfiling filed
    WHERE filed.facility_id = place.id AND filed.year = %s AND filed.month = %s
)
FROM emissions_facility place
WHERE place.number = ANY(%s)
"""

_STORE = """
INSERT INTO emissions_monthlyfiling
    (year, month, filed_at, facility_id, due_on, is_late, reason, parameters, evidence_digest, receipt)
SELECT %s, %s, %s, row.*
FROM unnest(%s::bigint[], %s::date[], %s::boolean[], %s::text[], %s::jsonb[], %s::text[], %s::text[]) AS row
ON CONFLICT (facility_id, year, month) DO NOTHING
RETURNING receipt
"""
