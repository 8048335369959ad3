"""Keep the register: firms apply, two people admit and remove, one suspends, and firms declare their interests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from tonnebook.core import bodies, canonical, independence, periods, roles
from tonnebook.core.bodies import Application, BodyRefusal, BodyState, InterestKind
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor, OrganisationKind
from tonnebook.core.verification import Duty
from tonnebook.emissions import queries
from tonnebook.emissions.models import BodyPerson, Interest, RegisteredBody, VerifierAssignment
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members import services as membership


@journal.command("emissions.apply_for_register")
def apply_for_register(
    actor: Actor,
    *,
    certificate: str,
    scope: Sequence[str],
    from_on: date,
    until_on: date,
    people: Mapping[str, Sequence[Duty]],
    key: str,
    now: datetime,
) -> Answer:
    """Ask to be admitted to the register, or admitted anew with another certificate, scope or people.

    A firm that asks anew is off the register until two people have admitted what it asks for now.

    Args:
        actor: of the verification body, laboratory or report writer.
        certificate: number of the accreditation.
        scope: sector codes of a verification body or writer, parameters of a laboratory.
        from_on: first day of the accreditation.
        until_on: last day of the accreditation.
        people: what each person of the firm is qualified for, by number; laboratories and writers name none.
        key: idempotency key.
        now: when.

    Returns:
        {"body": code, "digest": of the application}.

    Raises:
        Refused: NOT_PERMITTED; NOT_FOR_REGISTER, APPLICATION_UNFIT or PERSON_OF_ANOTHER as
            `core.bodies.check_application`.

    Source: S02 item 15; the form of the register is a design choice.
    """
    del key
    own = members.organisation(actor.organisation)
    roles.check(actor, Act.APPLY_FOR_REGISTER, organisation=own.uscc)
    staff = _staff(own.uscc, people)
    days = {"from_on": from_on, "until_on": until_on}
    told = {one: tuple(sorted(duty.value for duty in duties)) for one, duties in sorted(people.items())}
    bodies.check_application(
        Application(own.uscc, own.kind, certificate, tuple(scope), from_on, until_on, told, staff, periods.day_of(now))
    )
    asked = {"certificate": certificate.strip(), "scope": sorted(set(scope)), **days}
    named = {one: list(duties) for one, duties in told.items()}
    digest = canonical.digest({"body": own.uscc, **asked, "people": named})
    row, _ = RegisteredBody.objects.update_or_create(
        organisation_id=own.uscc,
        defaults={
            "region": own.region,
            "kind": own.kind.value,
            "state": BodyState.APPLIED.value,
            **asked,
            "digest": digest,
            "applied_at": now,
        },
    )
    BodyPerson.objects.filter(body=row).delete()
    BodyPerson.objects.bulk_create(
        BodyPerson(body=row, person=person, duty=duty) for person, duties in told.items() for duty in duties
    )
    facts = {"body": own.uscc, "kind": own.kind.value, "certificate": row.certificate, "digest": digest}
    journal.append(
        Entry("emissions.body.applied", facts, {"people": canonical.plain(told), "by": actor.person}), now=now
    )
    return {"body": own.uscc, "digest": digest}


@journal.command("emissions.admit_body")
def admit_body(actor: Actor, *, region: str, body: str, digest: str, approval: str, key: str, now: datetime) -> Answer:
    """Admit by two people exactly what a firm has applied for.

    Args:
        actor: officer of the region.
        region: region code.
        body: unified social credit code.
        digest: of the application.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"body": code, "state": code}.

    Raises:
        Refused: what `members.use_approval` refuses; NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_BODY;
            ALREADY_ADMITTED; OTHER_APPLICATION; HOUSE_ON_REGISTER as `core.bodies.check_house`.

    Source: S02 item 15; that two people admit is a design choice.
    """
    del key
    told = {"region": region, "body": body, "digest": digest}
    people = membership.use_approval(approval, kind="emissions.admit_body", payload=told, now=now)
    row = _kept(actor, region, body)
    if row.state == BodyState.ADMITTED.value:
        raise Refused(BodyRefusal.ALREADY_ADMITTED, body=body)
    if row.digest != digest:
        raise Refused(BodyRefusal.OTHER_APPLICATION, body=body)
    others = [(one.organisation, one.kind) for one in queries.bodies(region) if one.state is BodyState.ADMITTED]
    ties = dict(members.ties([body, *(other for other, _ in others)]))
    bodies.check_house(body, OrganisationKind(row.kind), others, ties)
    row.state, row.admitted_at, row.ground = BodyState.ADMITTED.value, now, ""
    row.save(update_fields=["state", "admitted_at", "ground"])
    facts = {"body": body, "kind": row.kind, "digest": digest, **asdict(people)}
    journal.append(Entry("emissions.body.admitted", facts), now=now)
    return {"body": body, "state": row.state}


@journal.command("emissions.remove_body")
def remove_body(actor: Actor, *, region: str, body: str, ground: str, approval: str, key: str, now: datetime) -> Answer:
    """Remove a firm from the register by two people; its open assignments end and wait for another body.

    Args:
        actor: officer of the region.
        region: region code.
        body: unified social credit code.
        ground: why.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"body": code, "state": code, "ended": assignments that ended}.

    Raises:
        Refused: what `members.use_approval` refuses; NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_BODY; NO_GROUND.

    Source: S02 item 15; design choice for the rest.
    """
    del key
    told = {"region": region, "body": body, "ground": ground}
    people = membership.use_approval(approval, kind="emissions.remove_body", payload=told, now=now)
    row = _kept(actor, region, body)
    if not ground.strip():
        raise Refused(BodyRefusal.NO_GROUND)
    row.state, row.ground = BodyState.REMOVED.value, ground.strip()
    row.save(update_fields=["state", "ground"])
    ended = _end_assignments(body, ground.strip(), now)
    facts = {"body": body, "kind": row.kind, "ground": ground.strip(), "ended": ended, **asdict(people)}
    journal.append(Entry("emissions.body.removed", facts), now=now)
    return {"body": body, "state": row.state, "ended": ended}


@journal.command("emissions.suspend_body")
def suspend_body(actor: Actor, *, body: str, until_on: date, ground: str, key: str, now: datetime) -> Answer:
    """Suspend a firm until a day; its open assignments end, and what it has signed stands.

    Args:
        actor: officer of the region.
        body: unified social credit code.
        until_on: last day of the suspension.
        ground: why; published.
        key: idempotency key.
        now: when.

    Returns:
        {"body": code, "until_on", "ended": assignments that ended}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_BODY; SUSPENSION_OVER; NO_GROUND.

    Source: S02 item 15; that one person may suspend, since it ends by itself, is a design choice.
    """
    del key
    row = _kept(actor, actor.region, body)
    if until_on < periods.day_of(now):
        raise Refused(BodyRefusal.SUSPENSION_OVER, until_on=until_on)
    if not ground.strip():
        raise Refused(BodyRefusal.NO_GROUND)
    row.suspended_until_on, row.ground = until_on, ground.strip()
    row.save(update_fields=["suspended_until_on", "ground"])
    ended = _end_assignments(body, ground.strip(), now)
    facts = {"body": body, "until_on": until_on.isoformat(), "ground": row.ground, "ended": ended}
    journal.append(Entry("emissions.body.suspended", {**facts, "by": actor.person}), now=now)
    return {"body": body, "until_on": until_on.isoformat(), "ended": ended}


@journal.command("emissions.declare_interest")
def declare_interest(
    actor: Actor,
    *,
    entity: str,
    kind: InterestKind,
    year: int,
    person: str = "",
    note: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """Declare that one's firm advised a company in a year, or that one of its people has a conflict with it.

    Args:
        actor: of a firm that a register is kept of.
        entity: the company (unified social credit code).
        kind: advice of the firm, or conflict of a person.
        year: of the advice; of the declaration for a conflict.
        person: number of the person with the conflict; empty for advice.
        note: what it is about; enters the log sealed.
        key: idempotency key.
        now: when.

    Returns:
        {"entity": code, "kind": code, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_ORGANISATION; PERSON_OF_ANOTHER when a conflict names nobody of the firm.

    Source: S65 (independence); invariant C4.
    """
    del key
    roles.check(actor, Act.APPLY_FOR_REGISTER, organisation=actor.organisation)
    region = members.organisation(entity).region
    staff = _staff(actor.organisation, [person])
    if (kind is InterestKind.CONFLICT and person not in staff) or (kind is InterestKind.ADVISED and person):
        raise Refused(BodyRefusal.PERSON_OF_ANOTHER, person=person or "—", body=actor.organisation)
    Interest.objects.create(
        body_id=actor.organisation,
        region=region,
        entity_id=entity,
        kind=kind.value,
        year=year,
        person=person,
        note=note.strip(),
        declared_by=actor.person,
        declared_at=now,
    )
    facts = {"body": actor.organisation, "entity": entity, "kind": kind.value, "year": year}
    sealed = {"person": person, "note": note.strip(), "by": actor.person}
    receipt = journal.append(Entry("emissions.interest.declared", facts, sealed), now=now)
    return {"entity": entity, "kind": kind.value, "receipt": receipt}


def is_on_register(body: str, kind: OrganisationKind, today: date) -> bool:
    """Say whether a firm may work as something on a day: admitted, accredited and not suspended."""
    standing = queries.standings([body], kind).get(body)
    task = independence.Task("", today.year, "", body, frozenset(), today)
    return independence.is_fit(task, standing)


def _staff(body: str, people: Iterable[str]) -> frozenset[str]:
    return frozenset(person for person, employer in members.employers(people).items() if employer == body)


def _kept(actor: Actor, region: str, body: str) -> RegisteredBody:
    roles.check(actor, Act.KEEP_REGISTER, region=region)
    row = RegisteredBody.objects.select_for_update().filter(organisation__uscc=body, region=region).first()
    if row is None:
        raise Refused(BodyRefusal.NO_SUCH_BODY, body=body)
    return row


def _end_assignments(body: str, ground: str, now: datetime) -> int:
    # What the body has signed stays with it; only what still waits for it goes back to be drawn again.
    live = VerifierAssignment.objects.filter(verifier__uscc=body, ended_at=None)
    waiting = queries.unsigned_assignments(live)
    return VerifierAssignment.objects.filter(pk__in=waiting).update(ended_at=now, ground=ground)
