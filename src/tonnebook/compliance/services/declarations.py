"""Declare facts of an allowance beyond the report, and decide which of them count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.compliance.models import Declaration
from tonnebook.compliance.queries import declarations as declared
from tonnebook.compliance.queries import standing
from tonnebook.core import identity, periods, roles
from tonnebook.core.allocation import declarations
from tonnebook.core.allocation.declarations import DeclarationRefusal, DeclarationState, FactKind, ProductLine
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members import services as membership


@dataclass(frozen=True, slots=True)
class FactDraft:
    """A fact to declare: its year, kind, number (of the certificate, unit or line), values by name, and evidence."""

    year: int
    kind: FactKind
    name: str
    values: Mapping[str, str]
    evidence: str


@journal.command("compliance.declare_facts")
def declare_facts(actor: Actor, *, entity: str, facts: Sequence[FactDraft], key: str, now: datetime) -> Answer:
    """Declare facts of one's own company, of this year or of base years; all or none.

    Args:
        actor: representative of the entity.
        entity: its unified social credit code.
        facts: what is declared.
        key: idempotency key.
        now: when.

    Returns:
        {"declarations": numbers in the order of the facts}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION; FACT_MISSING, FACT_WRONG, UNKNOWN_CLASS, FACILITY_UNKNOWN;
            ALREADY_DECLARED when a certificate was used by anybody, or a unit or line of the year stands declared.

    Source: S15, S07, S08 (what the formulas take), S02 item 6, S28 (certificates of green power).
    """
    del key
    region = membership.require(actor, Act.SUBMIT_REPORT, organisation=entity)
    today, own = periods.day_of(now), {one.number for one in emissions.facilities_of(entity)}
    rules = {year: standing.rules(region, year, today) for year in {one.year for one in facts}}
    for one in facts:
        if not one.name.strip():
            raise Refused(DeclarationRefusal.FACT_MISSING, name="name")
        read = declarations.read(one.kind, one.values)
        declarations.check_class(read, rules[one.year])
        if isinstance(read, ProductLine) and read.facility and read.facility not in own:
            raise Refused(DeclarationRefusal.FACILITY_UNKNOWN, entity=entity, facility=read.facility)
    _check_unused(entity, facts)
    numbers = [
        identity.numbered("DF", count) for count in journal.next_counts("compliance_declaration_number", len(facts))
    ]
    Declaration.objects.bulk_create(
        Declaration(
            number=number,
            entity_id=entity,
            region=region,
            year=one.year,
            kind=one.kind,
            name=one.name.strip(),
            values=dict(one.values),
            evidence=one.evidence,
            state=DeclarationState.DECLARED,
            declared_by=actor.person,
            declared_at=now,
        )
        for number, one in zip(numbers, facts, strict=True)
    )
    told = [[number, one.year, one.kind, one.name, one.values] for number, one in zip(numbers, facts, strict=True)]
    sealed = {"entity": entity, "facts": told, "by": actor.person}
    journal.append(Entry("compliance.facts.declared", {"count": len(facts)}, sealed), now=now)
    return {"declarations": [*numbers]}


@journal.command("compliance.decide_facts")
def decide_facts(
    actor: Actor,
    *,
    region: str,
    declarations: Sequence[str],
    is_accepted: bool,
    reason: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """Accept or reject declared facts; what is rejected may be declared anew.

    Args:
        actor: officer of the region.
        region: region code.
        declarations: their numbers.
        is_accepted: whether they count from now on.
        reason: why they are rejected.
        key: idempotency key.
        now: when.

    Returns:
        {"decided": count}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_DECLARATION, ALREADY_DECIDED, REASON_MISSING.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.COMPUTE_ALLOCATION, region=region)
    found = {
        row.number: row
        for row in Declaration.objects.select_for_update().filter(region=region, number__in=declarations).order_by("id")
    }
    for number in declarations:
        if number not in found:
            raise Refused(DeclarationRefusal.NO_SUCH_DECLARATION, declaration=number)
        if found[number].state != DeclarationState.DECLARED:
            raise Refused(DeclarationRefusal.ALREADY_DECIDED, declaration=number)
    if not is_accepted and not reason.strip():
        raise Refused(DeclarationRefusal.REASON_MISSING)
    state = DeclarationState.ACCEPTED if is_accepted else DeclarationState.REJECTED
    Declaration.objects.filter(number__in=list(found)).update(
        state=state, reason=reason, decided_by=actor.person, decided_at=now
    )
    facts = {"region": region, "state": state, "declarations": sorted(found), "by": actor.person}
    journal.append(Entry("compliance.facts.decided", facts, {"reason": reason}), now=now)
    return {"decided": len(found)}


# Certificates are used once by whoever it is, the other facts once for each entity and year.
def _check_unused(entity: str, facts: Sequence[FactDraft]) -> None:
    with tenancy.everywhere(Why.UNIQUENESS):
        taken = declared.taken([one.name.strip() for one in facts])
    for one in facts:
        name = one.name.strip()
        place = (FactKind.POWER, name) if one.kind is FactKind.POWER else (one.kind, name, entity, one.year)
        if place in taken:
            raise Refused(DeclarationRefusal.ALREADY_DECLARED, number=name)
        taken.add(place)
