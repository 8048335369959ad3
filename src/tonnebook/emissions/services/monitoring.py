"""Monitor: register facilities, submit and approve data quality plans."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tonnebook.core import canonical, roles
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import PlanState, ReportingRefusal
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.emissions.models import DataQualityPlan, Facility
from tonnebook.emissions.services.drafts import FacilityDraft
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members
from tonnebook.members.services import require


@journal.command("emissions.register_facilities")
def register_facilities(actor: Actor, *, drafts: Sequence[FacilityDraft], key: str, now: datetime) -> Answer:
    """Register facilities, any number at once.

    Args:
        actor: registrar or officer of the entities' region, or a representative of the one entity.
        drafts: what to register.
        key: idempotency key.
        now: when.

    Returns:
        {"facilities": count}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION or NOT_YOUR_ORGANISATION; NO_SUCH_ORGANISATION; FACILITY_EXISTS.

    Source: design choice, no legal source.
    """
    del key
    entities = members.organisations_named([draft.entity for draft in drafts])
    for uscc in dict.fromkeys(draft.entity for draft in drafts):
        if uscc not in entities:
            raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=uscc)
        roles.check(actor, Act.REGISTER_FACILITY, organisation=uscc, region=entities[uscc].region)
    with tenancy.everywhere(Why.UNIQUENESS):
        taken = set(Facility.objects.filter(number__in=[d.number for d in drafts]).values_list("number", flat=True))
    for draft in drafts:
        if draft.number in taken:
            raise Refused(ReportingRefusal.FACILITY_EXISTS, facility=draft.number)
        taken.add(draft.number)
    Facility.objects.bulk_create(
        Facility(
            number=draft.number,
            entity_id=draft.entity,
            region=entities[draft.entity].region,
            name_zh=draft.name_zh,
            name_en=draft.name_en,
            sector=draft.sector,
            from_on=draft.from_on,
        )
        for draft in drafts
    )
    kind = "emissions.facility.registered"
    journal.append_many([Entry(kind, {"facility": draft, "by": actor.person}) for draft in drafts], now=now)
    return {"facilities": len(drafts)}


@journal.command("emissions.submit_data_quality_plan")
def submit_data_quality_plan(
    actor: Actor, *, entity: str, year: int, sections: Mapping[str, str], key: str, now: datetime
) -> Answer:
    """Submit a data quality control plan, or a new version of it.

    Args:
        actor: representative of the entity.
        entity: unified social credit code.
        year: the year it is for.
        sections: text by section.
        key: idempotency key.
        now: when.

    Returns:
        {"version": number, "digest": hex, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_ORGANISATION; NO_SUCH_ORGANISATION.

    Source: S02 item 11 (yearly plan); that a new version supersedes the last is a design choice.
    """
    del key
    region = require(actor, Act.SUBMIT_PLAN, organisation=entity)
    lock_years(region, [year])
    plans = DataQualityPlan.objects.filter(entity__uscc=entity, year=year)
    version = plans.count() + 1
    plans.filter(state=PlanState.SUBMITTED.value).update(state=PlanState.SUPERSEDED.value)
    digest = canonical.digest(sections)
    DataQualityPlan.objects.create(
        entity_id=entity,
        region=region,
        year=year,
        version=version,
        state=PlanState.SUBMITTED.value,
        sections=canonical.plain(sections),
        digest=digest,
        submitted_at=now,
    )
    facts = {"entity": entity, "year": year, "version": version, "digest": digest, "by": actor.person}
    receipt = journal.append(Entry("emissions.plan.submitted", facts), now=now)
    return {"version": version, "digest": digest, "receipt": receipt}


@journal.command("emissions.approve_data_quality_plans")
def approve_data_quality_plans(
    actor: Actor, *, region: str, year: int, entities: Sequence[str], key: str, now: datetime
) -> Answer:
    """Approve the submitted plans of many entities; a plan approved before is superseded.

    Args:
        actor: officer of the region.
        region: region code.
        year: the year the plans are for.
        entities: unified social credit codes.
        key: idempotency key.
        now: when.

    Returns:
        {"approved": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUBMITTED_PLAN for the first entity without one.

    Source: S02 item 11 (yearly plan); approval in bulk is a design choice.
    """
    del key
    roles.check(actor, Act.APPROVE_PLAN, region=region)
    lock_years(region, [year])
    plans = DataQualityPlan.objects.filter(region=region, year=year, entity__uscc__in=entities)
    submitted = {plan.entity_id: plan for plan in plans.filter(state=PlanState.SUBMITTED.value)}
    for uscc in entities:
        if uscc not in submitted:
            raise Refused(ReportingRefusal.NO_SUBMITTED_PLAN, entity=uscc, year=year)
    plans.filter(state=PlanState.APPROVED.value).update(state=PlanState.SUPERSEDED.value)
    chosen = DataQualityPlan.objects.filter(pk__in=[plan.pk for plan in submitted.values()])
    chosen.update(state=PlanState.APPROVED.value, approved_at=now)
    entries = [_plan_entry(submitted[uscc], actor) for uscc in sorted(submitted)]
    journal.append_many(entries, now=now)
    return {"approved": len(entries)}


def _plan_entry(plan: DataQualityPlan, actor: Actor) -> Entry:
    facts = {"entity": plan.entity_id, "year": plan.year, "version": plan.version, "digest": plan.digest}
    return Entry("emissions.plan.approved", {**facts, "by": actor.person})
