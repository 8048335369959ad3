"""Meters: register them, record calibrations, and take their readings into the lake."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import ibis
import pyarrow as pa
from django.conf import settings

from tonnebook import lake
from tonnebook.core import identity, meters, roles
from tonnebook.core.errors import Refused
from tonnebook.core.meters import Calibration, MeterRefusal, RowCode
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions import models, queries
from tonnebook.emissions.models import Facility, Meter, ReadingBatch
from tonnebook.emissions.services.drafts import MeterDraft, SentReading
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.lake.methods import readings

# So many rows that were not taken are named in the answer; the counts by code tell of all.
_NAMED_MAX = 100


@journal.command("emissions.register_meters")
def register_meters(actor: Actor, *, drafts: Sequence[MeterDraft], key: str, now: datetime) -> Answer:
    """Register meters of facilities, any number at once.

    Args:
        actor: representative of the company the facilities belong to, or registrar or officer of their region.
        drafts: what to register.
        key: idempotency key.
        now: when.

    Returns:
        {"meters": count}.

    Raises:
        Refused: NO_SUCH_FACILITY; NOT_PERMITTED, NOT_YOUR_REGION or NOT_YOUR_ORGANISATION; METER_EXISTS.

    Source: S01 item 11 (metering equipment).
    """
    del key
    places = {row.number: row for row in Facility.objects.filter(number__in=[draft.facility for draft in drafts])}
    with tenancy.everywhere(Why.UNIQUENESS):
        taken = set(Meter.objects.filter(number__in=[d.number for d in drafts]).values_list("number", flat=True))
    for draft in drafts:
        place = places.get(draft.facility)
        if place is None:
            raise Refused(ReportingRefusal.NO_SUCH_FACILITY, facility=draft.facility)
        roles.check(actor, Act.REGISTER_FACILITY, organisation=place.entity_id, region=place.region)
        if draft.number in taken:
            raise Refused(MeterRefusal.METER_EXISTS, meter=draft.number)
        taken.add(draft.number)
    Meter.objects.bulk_create(
        Meter(
            number=draft.number,
            entity_id=places[draft.facility].entity_id,
            region=places[draft.facility].region,
            facility=places[draft.facility],
            kind=draft.kind.value,
            unit=draft.unit,
            accuracy_class=draft.accuracy_class,
            is_export=draft.is_export,
            installed_on=draft.installed_on,
        )
        for draft in drafts
    )
    kind = "emissions.meter.registered"
    journal.append_many([Entry(kind, {"meter": draft, "by": actor.person}) for draft in drafts], now=now)
    return {"meters": len(drafts)}


@journal.command("emissions.record_calibration")
def record_calibration(actor: Actor, *, meter: str, calibration: Calibration, key: str, now: datetime) -> Answer:
    """Record a calibration of a meter by its certificate.

    Args:
        actor: representative of the company, or registrar or officer of its region.
        meter: number.
        calibration: its days and the digest of its certificate.
        key: idempotency key.
        now: when.

    Returns:
        {"meter": number, "receipt": leaf hash}.

    Raises:
        Refused: NO_SUCH_METER; NOT_PERMITTED, NOT_YOUR_REGION or NOT_YOUR_ORGANISATION; CALIBRATION_UNFIT.

    Source: S01 item 11 (metering equipment).
    """
    del key
    row = Meter.objects.filter(number=meter).first()
    if row is None:
        raise Refused(MeterRefusal.NO_SUCH_METER, meter=meter)
    roles.check(actor, Act.REGISTER_FACILITY, organisation=row.entity_id, region=row.region)
    meters.check_calibration(calibration)
    models.Calibration.objects.create(meter=row, **asdict(calibration), recorded_by=actor.person, recorded_at=now)
    facts = {"meter": meter, "entity": row.entity_id, "calibration": calibration, "by": actor.person}
    receipt = journal.append(Entry("emissions.meter.calibrated", facts), now=now)
    return {"meter": meter, "receipt": receipt}


@journal.command("emissions.take_readings")
def take_readings(actor: Actor, *, rows: Sequence[SentReading], key: str, now: datetime) -> Answer:
    """Take a batch of readings of a company's meters: every row gets its code, what counts goes into the lake.

    The file is written before the transaction ends, under a number that is never given again; one whose transaction did
    not end is named by no row and read by nobody.

    Args:
        actor: representative of the company.
        rows: in the order sent.
        key: idempotency key.
        now: when.

    Returns:
        {"batch": number, "digest": SHA-256 (hex) of its file, "receipt": leaf hash, "codes": count by code,
        "refused": place and code of the first hundred rows that do not count}.

    Raises:
        Refused: NOT_PERMITTED; BATCH_EMPTY.

    Source: S01 item 11 (connected metering); the codes are a design choice.
    """
    del key
    entity, region = actor.organisation, actor.region
    roles.check(actor, Act.FILE_MONTH, organisation=entity, region=region)
    if not rows:
        raise Refused(MeterRefusal.BATCH_EMPTY)
    # One batch of a region after another: what is known stays true until commit, and a year cannot be closed meanwhile.
    lock_years(region, queries.reading_years([row.hour for row in rows]))
    codes, accepted = _coded(entity, rows)
    (count,) = journal.next_counts("emissions_batch_number", 1)
    number = identity.numbered("RB", count)
    path = lake.write(accepted, settings.HOME / "lake" / "readings" / entity / f"{number}.parquet")
    digest = lake.digest(path)
    told = {"batch": number, "entity": entity, "rows": len(rows), "accepted": accepted.num_rows, "digest": digest}
    ReadingBatch.objects.create(
        number=number,
        entity_id=entity,
        region=region,
        rows=len(rows),
        accepted=accepted.num_rows,
        digest=digest,
        taken_by=actor.person,
        taken_at=now,
    )
    receipt = journal.append(Entry("emissions.readings.taken", {**told, "by": actor.person}), now=now)
    refused = [[place, code.value] for place, code in enumerate(codes) if code is not RowCode.ACCEPTED]
    counts = Counter(code.value for code in codes)
    return {**told, "receipt": receipt, "codes": dict(counts), "refused": refused[:_NAMED_MAX]}


def _coded(entity: str, rows: Sequence[SentReading]) -> tuple[list[RowCode], pa.Table]:
    data = lake.connect(settings.LAKE)
    numbers = queries.meter_keys(entity)
    batch = pa.table(
        {
            "row": pa.array(range(len(rows)), pa.int64()),
            "meter": pa.array([numbers.get(row.meter, 0) for row in rows], pa.int64()),
            "hour": pa.array([row.hour for row in rows], pa.int64()),
            "value": pa.array([row.value for row in rows], pa.int64()),
            "version": pa.array([row.version for row in rows], pa.int64()),
        }
    )
    spans, known = ibis.memtable(queries.meter_spans(entity)), queries.stored_readings(data, entity)
    found = lake.execute(data, readings.coded(ibis.memtable(batch), spans, known).order_by("row"))
    codes = [RowCode(code) for code in found["code"].to_pylist()]
    kept = [place for place, code in enumerate(codes) if code is RowCode.ACCEPTED]
    return codes, batch.take(pa.array(kept, pa.int64())).drop_columns(["row"])
