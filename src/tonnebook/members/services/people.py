"""Register organisations and people, and approve by two people what must not be done by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.auth.hashers import make_password
from django.db import transaction

from tonnebook.core import approvals, canonical, identity, roles
from tonnebook.core.approvals import ApprovalRefusal, ApprovalState
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal, Act, Actor, Ask, MemberRefusal, OrganisationKind, Role
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import Approval, Organisation, Person


@dataclass(frozen=True, slots=True)
class OrganisationDraft:
    """An organisation to be registered."""

    uscc: str
    name_zh: str
    name_en: str
    kind: OrganisationKind
    region: str
    district: str = ""
    sector: str = ""


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person to be registered; `organisation` is a unified social credit code, an empty password lets nobody in."""

    username: str
    name_zh: str
    name_en: str
    organisation: str
    roles: tuple[Role, ...]
    password: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ApprovedBy:
    """The two people behind a command."""

    initiator: str
    approver: str


def require(actor: Actor, act: Act, *, organisation: str | None = None) -> str:
    """Refuse what an actor may not do; every service calls this first.

    Args:
        actor: who asks.
        act: what they want to do.
        organisation: for whom (unified social credit code), None when for nobody in particular.

    Returns:
        The region of whom it is done for, the actor's own when for nobody in particular.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_ORGANISATION or NOT_YOUR_DISTRICT, as `core.roles.check`;
            NO_SUCH_ORGANISATION when a public role acts on an organisation that is not registered.

    Source: design choice, no legal source.
    """
    region, district = actor.region, None
    if organisation not in (None, actor.organisation) and roles.is_public(actor):
        row = queries.organisation(organisation)
        region, district = row.region, row.district
    roles.check(actor, act, organisation=organisation, region=region, district=district)
    return region


def require_signed(actor: Actor, act: Act, *, now: datetime, ask: Ask | None = None) -> None:
    """Refuse an act that is signed when its doer has not just proved a second factor.

    On a database marked demo, a person who has enrolled no factor counts as signed, and the page says so.

    Args:
        actor: who asks.
        act: what they want to do.
        now: when.
        ask: the command and exactly its arguments, for the page that shows what is signed.

    Raises:
        Refused: SECOND_FACTOR_NEEDED as `core.roles.check_signed`.

    Source: design choice, no legal source (invariant A13, feature O2).
    """
    if act in roles.SIGNED_ACTS and not queries.is_excused(actor.person):
        roles.check_signed(actor, act, now=now, ask=ask)


@journal.command("members.register_organisations")
def register_organisations(actor: Actor, *, drafts: Sequence[OrganisationDraft], key: str, now: datetime) -> Answer:
    """Register organisations, any number at once, where nobody is there yet to do it: a founding, an import.

    Every one after them is registered by two people (`access.register_organisation`).

    Args:
        actor: the system.
        drafts: what to register.
        key: idempotency key.
        now: when.

    Returns:
        {"organisations": count}.

    Raises:
        Refused: NOT_PERMITTED when a person asks; what `check_organisations` refuses.

    Source: design choice, no legal source (invariant A13: the kind of an organisation decides what its people may do).
    """
    del key
    _require_system(actor)
    keep_organisations(actor, drafts, now=now, by=actor.person)
    return {"organisations": len(drafts)}


def keep_organisations(actor: Actor, drafts: Sequence[OrganisationDraft], *, now: datetime, **by: str) -> None:
    """Keep new organisations, inside the caller's command.

    Args:
        actor: officer or registrar of the organisations' regions.
        drafts: which.
        now: when.
        by: who stands behind it, for the log.

    Raises:
        Refused: what `check_organisations` refuses.

    Source: design choice, no legal source.
    """
    check_organisations(actor, drafts)
    Organisation.objects.bulk_create(
        Organisation(
            uscc=draft.uscc,
            name_zh=draft.name_zh,
            name_en=draft.name_en,
            kind=draft.kind.value,
            region=draft.region,
            district=draft.district,
            sector=draft.sector,
        )
        for draft in drafts
    )
    kind = "members.organisation.registered"
    journal.append_many([Entry(kind, {"organisation": draft, **by}) for draft in drafts], now=now)


def check_organisations(actor: Actor, drafts: Sequence[OrganisationDraft]) -> None:
    """Refuse organisations that could not be registered; a page asks before it proposes one.

    Args:
        actor: officer or registrar of the organisations' regions.
        drafts: which.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; USCC_MALFORMED when a code's check sign is wrong; NAME_UNFIT when a
            name reads otherwise than it is; ORGANISATION_EXISTS when a code is registered or stands twice in the
            drafts.

    Source: GB 32100-2015 (unified social credit code); the rest is a design choice.
    """
    for region in sorted({draft.region for draft in drafts}):
        roles.check(actor, Act.REGISTER, region=region)
    seen = set(queries.organisations_named([draft.uscc for draft in drafts]))
    for draft in drafts:
        if not identity.is_organisation_code(draft.uscc, region=draft.region):
            raise Refused(MemberRefusal.USCC_MALFORMED, uscc=draft.uscc)
        _check_names(draft.name_zh, draft.name_en, draft.district, region=draft.region)
        if draft.uscc in seen:
            raise Refused(MemberRefusal.ORGANISATION_EXISTS, uscc=draft.uscc)
        seen.add(draft.uscc)


@journal.command("members.register_people")
def register_people(actor: Actor, *, drafts: Sequence[PersonDraft], key: str, now: datetime) -> Answer:
    """Register people, any number at once, where nobody is there yet to admit them: a founding, an import.

    Everybody after them is admitted by two people (`access.admit_person`).

    Args:
        actor: the system.
        drafts: whom to register.
        key: idempotency key.
        now: when.

    Returns:
        {"people": numbers in the order of the drafts}.

    Raises:
        Refused: NOT_PERMITTED when a person asks; what `keep_people` refuses.

    Source: design choice, no legal source (invariant A13: whoever registers people alone is two people).
    """
    del key
    _require_system(actor)
    return {"people": cast(list[Json], keep_people(actor, drafts, now=now, by=actor.person))}


def keep_people(actor: Actor, drafts: Sequence[PersonDraft], *, now: datetime, **by: str) -> list[str]:
    """Keep new people, inside the caller's command; names and sign-in names enter the log sealed.

    Args:
        actor: officer or registrar of the organisations' region.
        drafts: whom.
        now: when.
        by: who stands behind it, for the log.

    Returns:
        Numbers in the order of the drafts.

    Raises:
        Refused: what `check_people` refuses.

    Source: design choice, no legal source.
    """
    organisations = check_people(actor, drafts)
    # Hashing is slow by design, so each distinct password is hashed once.
    hashes = {password: make_password(password or None) for password in {draft.password for draft in drafts}}
    numbers = [identity.numbered("P", count) for count in journal.next_counts("members_person_number", len(drafts))]
    Person.objects.bulk_create(
        Person(
            number=number,
            username=draft.username,
            password=hashes[draft.password],
            email=draft.email,
            organisation=organisations[draft.organisation],
            name_zh=draft.name_zh,
            name_en=draft.name_en,
            roles=[role.value for role in draft.roles],
            date_joined=now,
        )
        for number, draft in zip(numbers, drafts, strict=True)
    )
    entries = [_person_entry(number, draft, by) for number, draft in zip(numbers, drafts, strict=True)]
    journal.append_many(entries, now=now)
    return numbers


def check_people(actor: Actor, drafts: Sequence[PersonDraft]) -> dict[str, Organisation]:
    """Refuse people who could not be registered; a page asks before it proposes one.

    Args:
        actor: officer or registrar of the organisations' region.
        drafts: whom.

    Returns:
        Their organisations, by code.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; NAME_UNFIT when a name reads otherwise than it
            is; USERNAME_TAKEN when a sign-in name exists or stands twice; ROLE_DOES_NOT_FIT when the kind of
            organisation has no such role.

    Source: design choice, no legal source.
    """
    roles.check(actor, Act.REGISTER)
    organisations = {
        row.uscc: row for row in Organisation.objects.filter(uscc__in={one.organisation for one in drafts})
    }
    taken = set(Person.objects.filter(username__in=[one.username for one in drafts]).values_list("username", flat=True))
    for draft in drafts:
        _check_person(actor, draft, organisations.get(draft.organisation), taken)
        taken.add(draft.username)
    return organisations


@journal.command("members.propose")
def propose(actor: Actor, *, kind: str, payload: Mapping[str, object], key: str, now: datetime) -> Answer:
    """Propose a command that two people must approve.

    Args:
        actor: who may do the act themselves.
        kind: the command, such as "compliance.issue_batch".
        payload: exactly its arguments, without actor, approval, key and now.
        key: idempotency key.
        now: when.

    Returns:
        {"approval": number, "digest": what the other person approves}.

    Raises:
        Refused: NOT_FOR_APPROVAL when no such command is approved by two; NOT_PERMITTED; NOT_YOUR_REGION;
            SECOND_FACTOR_NEEDED.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    act = approvals.act_of(kind)
    region = str(payload.get("region", actor.region))
    roles.check(actor, Act.PROPOSE, region=region)
    roles.check(actor, act, region=region)
    require_signed(actor, Act.PROPOSE, now=now, ask=Ask(kind, payload))
    (count,) = journal.next_counts("members_approval_number", 1)
    row = Approval.objects.create(
        number=identity.numbered("AP", count),
        region=region,
        kind=kind,
        payload=canonical.plain(payload),
        digest=_digest(kind, payload),
        state=ApprovalState.OPEN.value,
        initiator=actor.person,
        proposed_at=now,
        expires_at=now + approvals.LIFETIME,
    )
    _log(row, "proposed", actor.person, now)
    return {"approval": row.number, "digest": row.digest}


@journal.command("members.approve")
def approve(actor: Actor, *, approval: str, digest: str, key: str, now: datetime) -> Answer:
    """Approve what somebody else proposed.

    Args:
        actor: who may do the act themselves and is not the one who proposed it.
        approval: number.
        digest: of what was shown, so that nothing else is approved.
        key: idempotency key.
        now: when.

    Returns:
        {"approval": number, "state": "APPROVED"}.

    Raises:
        Refused: NO_SUCH_APPROVAL; NOT_PERMITTED; NOT_YOUR_REGION; SAME_PERSON, NOT_OPEN, APPROVAL_EXPIRED and
            DIGEST_DIFFERS as `core.approvals.check_decision`; SECOND_FACTOR_NEEDED.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    row = _locked(approval)
    roles.check(actor, Act.APPROVE, region=row.region)
    roles.check(actor, approvals.act_of(row.kind), region=row.region)
    approvals.check_decision(queries.approval_row(row).standing, person=actor.person, digest=digest, now=now)
    require_signed(actor, Act.APPROVE, now=now, ask=Ask(row.kind, row.payload))
    row.approver = actor.person
    return _decide(row, ApprovalState.APPROVED, actor.person, now)


@journal.command("members.reject")
def reject(actor: Actor, *, approval: str, reason: str, key: str, now: datetime) -> Answer:
    """Reject a proposal; whoever proposed it may take it back the same way.

    Args:
        actor: who may do the act themselves.
        approval: number.
        reason: shown to whoever proposed it.
        key: idempotency key.
        now: when.

    Returns:
        {"approval": number, "state": "REJECTED"}.

    Raises:
        Refused: NO_SUCH_APPROVAL; NOT_PERMITTED; NOT_YOUR_REGION; NOT_OPEN and APPROVAL_EXPIRED as
            `core.approvals.check_decision`.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    row = _locked(approval)
    roles.check(actor, Act.APPROVE, region=row.region)
    roles.check(actor, approvals.act_of(row.kind), region=row.region)
    approvals.check_decision(queries.approval_row(row).standing, person=actor.person, digest=None, now=now)
    row.approver, row.reason = actor.person, reason
    return _decide(row, ApprovalState.REJECTED, actor.person, now)


def use_approval(approval: str, *, kind: str, payload: Mapping[str, object], now: datetime) -> ApprovedBy:
    """Use an approval up for exactly the command and arguments it covers; called inside the approved service.

    Args:
        approval: number.
        kind: the command that runs.
        payload: exactly its arguments, without actor, approval, key and now.
        now: when.

    Returns:
        The two people.

    Raises:
        Refused: NO_SUCH_APPROVAL; KIND_DIFFERS, NOT_APPROVED, APPROVAL_EXPIRED and DIGEST_DIFFERS as
            `core.approvals.check_use`.

    Source: design choice, no legal source (invariant A13).
    """
    row = _locked(approval)
    approvals.check_use(queries.approval_row(row).standing, kind=kind, digest=_digest(kind, payload), now=now)
    row.state, row.executed_at = ApprovalState.EXECUTED.value, now
    row.save(update_fields=["state", "executed_at"])
    _log(row, "executed", row.approver, now)
    return ApprovedBy(row.initiator, row.approver)


def expire_approvals(*, now: datetime) -> int:
    """Close the approvals whose time is over; run by a job every hour.

    Args:
        now: when.

    Returns:
        How many were closed.

    Source: design choice, no legal source (invariant A13).
    """
    live = [state.value for state, after in approvals.TRANSITIONS.items() if ApprovalState.EXPIRED in after]
    with transaction.atomic():
        rows = list(Approval.objects.select_for_update().filter(state__in=live, expires_at__lte=now).order_by("id"))
        Approval.objects.filter(pk__in=[row.pk for row in rows]).update(state=ApprovalState.EXPIRED.value)
        journal.append_many([_entry(row, "expired", roles.SYSTEM.person) for row in rows], now=now)
    return len(rows)


def _require_system(actor: Actor) -> None:
    if actor is not roles.SYSTEM:
        own, may = ", ".join(sorted(actor.roles)), roles.SYSTEM.person
        raise Refused(AccessRefusal.NOT_PERMITTED, roles=own, act=Act.REGISTER.value, may=may)


def _check_person(actor: Actor, draft: PersonDraft, organisation: Organisation | None, taken: set[str]) -> None:
    if organisation is None:
        raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=draft.organisation)
    roles.check(actor, Act.REGISTER, region=organisation.region)
    _check_names(draft.name_zh, draft.name_en, draft.username, region=organisation.region)
    if draft.username in taken:
        raise Refused(MemberRefusal.USERNAME_TAKEN, username=draft.username)
    for role in draft.roles:
        if role not in roles.ROLES_OF[OrganisationKind(organisation.kind)]:
            raise Refused(MemberRefusal.ROLE_DOES_NOT_FIT, kind=organisation.kind, role=role.value)


def _check_names(*names: str, region: str) -> None:
    for name in names:
        sign = identity.odd_sign(name, region=region)
        if sign is not None:
            # Control signs are told by their code: the sentence must not carry what turns text around.
            shown = "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in name)
            raise Refused(MemberRefusal.NAME_UNFIT, name=shown, sign=sign)


def _person_entry(number: str, draft: PersonDraft, by: Mapping[str, str]) -> Entry:
    facts = {"person": number, "organisation": draft.organisation, "roles": sorted(draft.roles), **by}
    sealed = {"username": draft.username, "name_zh": draft.name_zh, "name_en": draft.name_en}
    return Entry("members.person.registered", facts, sealed)


def _digest(kind: str, payload: Mapping[str, object]) -> str:
    return canonical.digest({"kind": kind, "payload": payload})


def _locked(number: str) -> Approval:
    row = Approval.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise Refused(ApprovalRefusal.NO_SUCH_APPROVAL, approval=number)
    return row


def _decide(row: Approval, state: ApprovalState, person: str, now: datetime) -> Answer:
    row.state, row.decided_at = state.value, now
    row.save(update_fields=["state", "approver", "reason", "decided_at"])
    _log(row, state.value.lower(), person, now)
    return {"approval": row.number, "state": state.value}


def _log(row: Approval, step: str, person: str, now: datetime) -> None:
    journal.append(_entry(row, step, person), now=now)


def _entry(row: Approval, step: str, person: str) -> Entry:
    facts = {"approval": row.number, "command": row.kind, "digest": row.digest, "by": person}
    return Entry(f"members.approval.{step}", facts)
