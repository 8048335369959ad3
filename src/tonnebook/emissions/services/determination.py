"""Determine: the authority fixes the figure of each entity and year, once; or takes over figures of years before."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from tonnebook.core import canonical, reporting, roles
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.reporting import DeterminationSource, ReportingRefusal, Verdict
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.emissions.models import Determination, EmissionReport, Verification
from tonnebook.emissions.services.drafts import HistoryRow
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import rows as table_rows
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members.services import NoticeDraft, notify, use_approval

_ROWS_PER_INSERT = 5000


@journal.command("emissions.determine")
def determine(
    actor: Actor, *, region: str, year: int, entities: Sequence[str], approval: str, key: str, now: datetime
) -> Answer:
    """Determine the emissions of many entities from their verified reports; two officers approve.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        entities: unified social credit codes.
        approval: number of the approval over region, year and entities.
        key: idempotency key.
        now: when.

    Returns:
        {"determined": count, "determined_t": sum of tonnes}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; what `members.use_approval` refuses; ALREADY_DETERMINED or
            NO_POSITIVE_OPINION as `core.reporting.check_determination`, for the first entity in the order given.

    Source: design choice, after the order of the Shanghai and Tianjin calendars.
    """
    del key
    roles.check(actor, Act.DETERMINE, region=region)
    payload = {"region": region, "year": year, "entities": list(entities)}
    approved = use_approval(approval, kind="emissions.determine", payload=payload, now=now)
    lock_years(region, [year])
    opinions = _opinions(region, year, entities)
    determined = set(_determined_before(entities, [year]))
    for entity in entities:
        opinion = opinions.get(entity)
        verdict = Verdict(opinion.verdict) if opinion else None
        reporting.check_determination(entity, year, verdict=verdict, is_determined=(entity, year) in determined)
    rows = [_from_opinion(opinions[entity], now) for entity in entities]
    people = {"initiator": approved.initiator, "approver": approved.approver}
    _store(rows, people, now)
    # Each company is told its figure; from that day it may ask for a re-check.
    notify(NoticeKind.DETERMINED, [NoticeDraft(entity, {"year": year}) for entity in entities], now=now)
    return {"determined": len(rows), "determined_t": sum(row.determined_t for row in rows)}


@journal.command("emissions.import_history")
def import_history(actor: Actor, *, region: str, rows: Sequence[HistoryRow], key: str, now: datetime) -> Answer:
    """Take over determined figures of years before this system, any number at once.

    Args:
        actor: registrar or officer of the region.
        region: region code.
        rows: one per entity and year.
        key: idempotency key.
        now: when.

    Returns:
        {"imported": count, "receipt": leaf hash}; one leaf seals the whole batch.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION when an entity is not registered in the region;
            ALREADY_DETERMINED when a figure exists already or is given twice.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.IMPORT, region=region)
    years = sorted({row.year for row in rows})
    lock_years(region, years)
    entities = sorted({row.entity for row in rows})
    known = members.organisations_named(entities)
    if missing := [uscc for uscc in entities if uscc not in known or known[uscc].region != region]:
        raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=missing[0])
    taken = set(_determined_before(entities, years))
    for row in rows:
        if (row.entity, row.year) in taken:
            raise Refused(ReportingRefusal.ALREADY_DETERMINED, entity=row.entity, year=row.year)
        taken.add((row.entity, row.year))
    table_rows.copy_in(Determination, _HISTORY, (_from_history(row, region, now) for row in rows))
    facts = {"region": region, "years": years, "rows": len(rows), "by": actor.person}
    sealed = {"rows": canonical.digest(rows)}
    return {
        "imported": len(rows),
        "receipt": journal.append(Entry("emissions.history.imported", facts, sealed), now=now),
    }


def _opinions(region: str, year: int, entities: Sequence[str]) -> dict[str, Verification]:
    # The opinion on the latest version of each entity's report; entities whose latest version has none are left out.
    latest = (
        EmissionReport.objects.filter(region=region, year=year, entity__uscc__in=entities)
        .order_by("entity_id", "-version")
        .distinct("entity_id")
    )
    opinions = (
        Verification.objects.filter(report_id__in=latest.values("pk")).select_related("report").defer("report__traces")
    )
    return {opinion.report.entity_id: opinion for opinion in opinions}


def _determined_before(entities: Sequence[str], years: Sequence[int]) -> list[tuple[str, int]]:
    rows = Determination.objects.filter(entity__uscc__in=entities, year__in=years)
    return list(rows.values_list("entity__uscc", "year"))


def _from_opinion(opinion: Verification, now: datetime) -> Determination:
    report = opinion.report
    return Determination(
        entity_id=report.entity_id,
        region=report.region,
        year=report.year,
        report=report,
        determined_t=opinion.verified_t,
        direct_t=reporting.determined_direct_t(
            reported_t=report.total_t, direct_t=report.direct_t, determined_t=opinion.verified_t
        ),
        outputs={row["product"]: row["quantity"] for row in report.outputs},
        electricity=report.electricity,
        source=DeterminationSource.SYSTEM.value,
        determined_at=now,
    )


# Many years of a whole registry come at once, so they are copied, column by column as named here.
_HISTORY = (
    "entity_id",
    "region",
    "year",
    "determined_t",
    "direct_t",
    "outputs",
    "electricity",
    "source",
    "determined_at",
)


def _from_history(row: HistoryRow, region: str, now: datetime) -> tuple[object, ...]:
    outputs, source = json.dumps(canonical.plain(row.outputs)), DeterminationSource.IMPORTED.value
    return row.entity, region, row.year, row.emissions_t, row.direct_t, outputs, "{}", source, now


def _store(rows: Sequence[Determination], people: Mapping[str, str], now: datetime) -> None:
    Determination.objects.bulk_create(rows, _ROWS_PER_INSERT)
    kind = "emissions.determined"
    entries = [
        Entry(
            kind,
            {"entity": row.entity_id, "year": row.year, "report": row.report.number if row.report else "", **people},
            {"determined_t": row.determined_t, "direct_t": row.direct_t, "outputs": row.outputs},
        )
        for row in rows
    ]
    journal.append_many(entries, now=now)
