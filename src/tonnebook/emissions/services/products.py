"""Footprints of products: submit a version, end one, take a supplier's record; and publish factors of products."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tonnebook.core import canonical, roles, trace
from tonnebook.core.errors import Refused
from tonnebook.core.footprints import factors, record_rules, study
from tonnebook.core.footprints.factors import ProductFactor
from tonnebook.core.footprints.refusals import FootprintRefusal
from tonnebook.core.footprints.study import (
    DeclaredUnit,
    Footprint,
    GwpSet,
    Input,
    LifeFactor,
    LifeStage,
    Rating,
    Study,
    SystemBoundary,
)
from tonnebook.core.methods import Boundary
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions import queries
from tonnebook.emissions.models import FootprintEnd, FootprintVersion, ProductFactorVersion, SupplierRecord
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members

# Ids of footprints are made from their number, so that the same story gives the same ids.
_IDS = uuid.UUID("6b1f7a52-4f0c-5d0e-9a35-3f2d6f0c8b11")


@dataclass(frozen=True, slots=True)
class InputDraft:
    """One input as somebody types it; `factor` is a code of the table of product factors or of a supplier's record."""

    stage: LifeStage
    name: str
    quantity: Decimal
    unit: str
    factor: str
    is_primary: bool
    ratings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FootprintDraft:
    """A footprint as somebody types it; fields as in `core.footprints.study.Study`."""

    product: str
    name: str
    description: str
    declared_unit: DeclaredUnit
    unitary_amount: Decimal
    made: Decimal
    boundary: SystemBoundary
    from_on: date
    to_on: date
    inputs: Sequence[InputDraft]
    fossil_carbon_kg: Decimal
    biogenic_carbon_kg: Decimal
    mass_kg: Decimal | None
    exempted_percent: Decimal
    exempted_reason: str
    gwp_sets: Sequence[GwpSet]


@journal.command("emissions.submit_footprint")
def submit_footprint(actor: Actor, *, draft: FootprintDraft, key: str, now: datetime) -> Answer:
    """Submit the footprint of an own product, or a new version that takes the place of the last.

    Args:
        actor: representative of the company.
        draft: what it is computed from.
        key: idempotency key.
        now: when.

    Returns:
        {"footprint": id, "version", "excluding_kg": decimal text, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_FACTOR; FACTOR_YEAR_MISSING; what `core.footprints.study.footprint` refuses.

    Source: S97 and S96, as the core computes it.
    """
    del key
    entity = actor.organisation
    region = members.require(actor, Act.SUBMIT_FOOTPRINT, organisation=entity)
    lock_years(region, [draft.from_on.year])
    asked = _study(draft, entity, region)
    found = study.footprint(asked)
    version = 1 + FootprintVersion.objects.filter(entity__uscc=entity, product=draft.product).count()
    row = FootprintVersion(
        number=str(uuid.uuid5(_IDS, f"{entity}/{draft.product}/{version}")),
        entity_id=entity,
        region=region,
        product=draft.product,
        name=draft.name,
        description=draft.description,
        version=version,
        study=canonical.plain(asked),
        traces=_traces(found),
        submitted_by=actor.person,
        submitted_at=now,
    )
    row.digest = canonical.digest({"study": asked, "product": draft.product, "version": version})
    row.save(force_insert=True)
    told = {"footprint": row.number, "entity": entity, "version": version, "digest": row.digest}
    excluding = format(found.excluding.value, "f")
    sealed = {"product": draft.product, "name": draft.name, "excluding_kg": excluding, "by": actor.person}
    receipt = journal.append(Entry("emissions.footprint.submitted", told, sealed), now=now)
    return {"footprint": row.number, "version": version, "excluding_kg": excluding, "receipt": receipt}


@journal.command("emissions.end_footprint")
def end_footprint(actor: Actor, *, footprint: str, reason: str, key: str, now: datetime) -> Answer:
    """Say that a version of a footprint is not to be used any more; it stays to be read.

    Args:
        actor: representative of the company.
        footprint: id.
        reason: in words.
        key: idempotency key.
        now: when.

    Returns:
        {"footprint": id, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_FOOTPRINT; REASON_MISSING; ALREADY_DEPRECATED.

    Source: S96, status and statusComment.
    """
    del key
    roles.check(actor, Act.SUBMIT_FOOTPRINT)
    row = FootprintVersion.objects.filter(number=footprint, entity__uscc=actor.organisation).first()
    if row is None:
        raise Refused(FootprintRefusal.NO_SUCH_FOOTPRINT, footprint=footprint)
    if not reason.strip():
        raise Refused(FootprintRefusal.REASON_MISSING)
    lock_years(row.region, [row.submitted_at.year])
    if FootprintEnd.objects.filter(footprint=row).exists():
        raise Refused(FootprintRefusal.ALREADY_DEPRECATED, footprint=footprint)
    FootprintEnd.objects.create(footprint=row, reason=reason, ended_at=now)
    told = {"footprint": footprint, "entity": row.entity_id}
    sealed = {"reason": reason, "by": actor.person}
    return {
        "footprint": footprint,
        "receipt": journal.append(Entry("emissions.footprint.ended", told, sealed), now=now),
    }


@journal.command("emissions.take_supplier_record")
def take_supplier_record(actor: Actor, *, file: str, text: str, digest: str, key: str, now: datetime) -> Answer:
    """Take in a supplier's footprint record, so that it can be an input of own footprints.

    Args:
        actor: representative of the company.
        file: name of the file.
        text: JSON in it.
        digest: SHA-256 (hex) over the file.
        key: idempotency key.
        now: when.

    Returns:
        {"record": id, "code": by which inputs name it}; a file that was taken before changes nothing.

    Raises:
        Refused: NOT_PERMITTED; RECORD_NOT_READ; RECORD_BREAKS_RULE for the first rule it breaks; RECORD_DEPRECATED.

    Source: S96, data model.
    """
    del key
    entity = actor.organisation
    region = members.require(actor, Act.SUBMIT_FOOTPRINT, organisation=entity)
    content = _content(file, text)
    number = str(content["id"])
    if content["status"] == record_rules.DEPRECATED:
        raise Refused(FootprintRefusal.RECORD_DEPRECATED, record=number)
    answer: Answer = {"record": number, "code": f"pact.{number}"}
    if SupplierRecord.objects.filter(entity__uscc=entity, digest=digest).exists():
        return answer
    SupplierRecord.objects.create(
        entity_id=entity, region=region, record=number, file=file, digest=digest, content=content, taken_at=now
    )
    told = {"entity": entity, "digest": digest}
    journal.append(Entry("emissions.supplier_record.taken", told, {"record": number, "by": actor.person}), now=now)
    return answer


@journal.command("emissions.publish_factor")
def publish_factor(
    actor: Actor,
    *,
    region: str,
    code: str,
    name_zh: str,
    name_en: str,
    value: Decimal,
    unit: str,
    place: str,
    from_year: int,
    to_year: int | None,
    published_year: int,
    publisher: str,
    note: str,
    boundary: Boundary,
    quality: int,
    uncertainty_percent: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Publish the factor of a product, or a new version beside those before; two officers approve.

    Args:
        actor: officer of the region.
        region: region code.
        code: by which footprints use it.
        name_zh: product, in Chinese.
        name_en: the same in English.
        value: kgCO2e per unit.
        unit: "kgCO2e/" and the unit of the product.
        place: where it holds.
        from_year: first year it applies to.
        to_year: last one, or None.
        published_year: year of publication.
        publisher: who published it.
        note: where it is from.
        boundary: what it counts.
        quality: of its data, 1 to 3.
        uncertainty_percent: decimal text; empty where nobody said.
        approval: number of the approval over all of these.
        key: idempotency key.
        now: when.

    Returns:
        {"factor": code, "version", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; what `members.use_approval` refuses; FACTOR_FIELD_UNFIT or
            FACTOR_UNCHANGED as `core.footprints.factors.check`.

    Source: S98, retrieval template (copy).
    """
    del key
    roles.check(actor, Act.KEEP_INVENTORY, region=region)
    payload = {"region": region, "code": code, "name_zh": name_zh, "name_en": name_en, "value": value, "unit": unit}
    payload |= {"place": place, "from_year": from_year, "to_year": to_year, "published_year": published_year}
    payload |= {"publisher": publisher, "note": note, "boundary": boundary, "quality": quality}
    payload |= {"uncertainty_percent": uncertainty_percent}
    people = members.use_approval(approval, kind="emissions.publish_factor", payload=payload, now=now)
    lock_years(region, [published_year])
    half = Decimal(uncertainty_percent) if uncertainty_percent else None
    fields = {name: payload[name] for name in payload if name not in ("region", "uncertainty_percent")}
    drafted = ProductFactor(**fields, uncertainty_percent=half)  # type: ignore[arg-type]
    before = queries.factor_versions(region, code)
    latest = max(before, key=lambda pair: pair[1], default=None)
    factors.check(drafted, latest)
    row = ProductFactorVersion(
        region=region, version=len(before) + 1, entered_at=now, uncertainty_percent=half, **fields
    )
    row.save(force_insert=True)
    told = {**payload, "version": row.version, "initiator": people.initiator, "approver": people.approver}
    receipt = journal.append(Entry("emissions.factor.published", told), now=now)
    return {"factor": code, "version": row.version, "receipt": receipt}


def _study(draft: FootprintDraft, entity: str, region: str) -> Study:
    year = draft.from_on.year
    known = {
        one.factor: queries.factor_for(one.factor, entity=entity, region=region, year=year) for one in draft.inputs
    }
    return Study(
        declared_unit=draft.declared_unit,
        unitary_amount=draft.unitary_amount,
        made=draft.made,
        boundary=draft.boundary,
        from_on=draft.from_on,
        to_on=draft.to_on,
        inputs=tuple(_input(one, known[one.factor]) for one in draft.inputs),
        fossil_carbon_kg=draft.fossil_carbon_kg,
        biogenic_carbon_kg=draft.biogenic_carbon_kg,
        mass_kg=draft.mass_kg,
        exempted_percent=draft.exempted_percent,
        exempted_reason=draft.exempted_reason,
        gwp_sets=tuple(draft.gwp_sets),
    )


def _input(one: InputDraft, factor: LifeFactor) -> Input:
    ratings = {Rating(name): value for name, value in one.ratings.items()}
    return Input(one.stage, one.name, one.quantity, one.unit, factor, one.is_primary, ratings)


def _traces(found: Footprint) -> dict[str, object]:
    return {
        "excluding": trace.to_json(found.excluding),
        "including": trace.to_json(found.including),
        "primary_percent": trace.to_json(found.primary_percent),
        "coverage_percent": trace.to_json(found.coverage_percent),
        "parts": {part.value: trace.to_json(number) for part, number in found.parts.items()},
        "stages": {stage.value: trace.to_json(number) for stage, number in found.stages.items()},
        "ratings": {rating.value: trace.to_json(number) for rating, number in found.ratings.items()},
    }


def _content(file: str, text: str) -> dict[str, canonical.Json]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise Refused(FootprintRefusal.RECORD_NOT_READ, file=file) from error
    if not isinstance(content, dict):
        raise Refused(FootprintRefusal.RECORD_NOT_READ, file=file)
    for breach in record_rules.breaches(content):
        facts = {"field": breach.field, "rule": breach.rule.name, "want_zh": breach.rule.zh, "want_en": breach.rule.en}
        raise Refused(FootprintRefusal.RECORD_BREAKS_RULE, **facts)
    return content
