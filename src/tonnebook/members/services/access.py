"""Who gets in: bodies and people come in by two, people with two codes; one person keeps somebody out at once."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tonnebook.core import invitations, periods
from tonnebook.core.errors import Refused
from tonnebook.core.invitations import InvitationRefusal, PersonState
from tonnebook.core.roles import SYSTEM, Act, Actor, Ask, MemberRefusal, OrganisationKind, Role, check
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import ApiKey, FactorTrials, FirstCode, IdentityLink, Person, SignIn
from tonnebook.members.services.people import (
    OrganisationDraft,
    PersonDraft,
    keep_organisations,
    keep_people,
    register_organisations,
    require_signed,
    use_approval,
)

# What the first two people of a region may do: admit the others, and everything the authority does.
FOUNDERS = (Role.OFFICER, Role.REGISTRAR)


def found_region(body: OrganisationDraft, people: Sequence[PersonDraft], *, now: datetime) -> list[str]:
    """Register the authority of a region and its first two people, where there is nobody yet to admit them.

    Whoever runs the system does this once, with both beside them; each types a password of their own.

    Args:
        body: the authority.
        people: two people of it, each with a password.
        now: when.

    Returns:
        Numbers of the two.

    Raises:
        Refused: REGION_FOUNDED when the region has people; TWO_FOUNDERS; PASSWORD_WEAK; what
            `members.register_organisations` and `check_people` refuse.

    Source: design choice, no legal source (invariant A13).
    """
    with transaction.atomic():
        if Person.objects.filter(organisation__region=body.region).exists():
            raise Refused(InvitationRefusal.REGION_FOUNDED, region=body.region)
        if len({one.username for one in people}) != invitations.CODES_NEEDED:
            raise Refused(InvitationRefusal.TWO_FOUNDERS)
        for one in people:
            _check_strength(one)
        register_organisations(SYSTEM, drafts=[body], key=f"found-{body.region}", now=now)
        return keep_people(SYSTEM, people, now=now, by=SYSTEM.person)


@journal.command("members.register_organisation")
def register_organisation(
    actor: Actor,
    *,
    region: str,
    uscc: str,
    name_zh: str,
    name_en: str,
    organisation_kind: OrganisationKind,
    district: str,
    sector: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Register an organisation by two people: its kind decides which roles its people may have.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        uscc: unified social credit code.
        name_zh: in Chinese.
        name_en: in English.
        organisation_kind: what it is.
        district: where it lies; may be empty.
        sector: code of the rule book; may be empty.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"organisation": code}.

    Raises:
        Refused: what `members.use_approval` and `members.check_organisations` refuse.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    told = {
        "region": region,
        "uscc": uscc,
        "name_zh": name_zh,
        "name_en": name_en,
        "organisation_kind": organisation_kind,
        "district": district,
        "sector": sector,
    }
    people = use_approval(approval, kind="members.register_organisation", payload=told, now=now)
    draft = OrganisationDraft(uscc, name_zh, name_en, organisation_kind, region, district, sector)
    keep_organisations(actor, [draft], now=now, **asdict(people))
    return {"organisation": uscc}


@journal.command("members.admit_person")
def admit_person(
    actor: Actor,
    *,
    region: str,
    organisation: str,
    username: str,
    name_zh: str,
    name_en: str,
    email: str,
    roles: Sequence[str],
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Admit a person by two people; in gets who shows the two codes that two people drew, or is linked to a provider.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        organisation: to which the person belongs (unified social credit code).
        username: sign-in name.
        name_zh: in Chinese.
        name_en: in English.
        email: where notices to the organisation go; may be empty.
        roles: codes of roles that the kind of organisation has.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"person": number}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NO_SUCH_ORGANISATION, NAME_UNFIT,
            USERNAME_TAKEN and ROLE_DOES_NOT_FIT as `members.register_people`.

    Source: design choice, no legal source (invariant A13: whoever registers people alone is two people).
    """
    del key
    told = {
        "region": region,
        "organisation": organisation,
        "username": username,
        "name_zh": name_zh,
        "name_en": name_en,
        "email": email,
        "roles": list(roles),
    }
    people = use_approval(approval, kind="members.admit_person", payload=told, now=now)
    own = tuple(Role(role) for role in roles)
    draft = PersonDraft(username, name_zh, name_en, organisation, own, email=email)
    (number,) = keep_people(actor, [draft], now=now, **asdict(people))
    return {"person": number}


@journal.command("members.readmit_person")
def readmit_person(
    actor: Actor, *, region: str, person: str, reason: str, approval: str, key: str, now: datetime
) -> Answer:
    """Let a person in anew by two people: whose access had ended, or who lost password or second factor.

    Everything by which the person got in before counts no more: password, factors, sessions, keys of programs, links.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        person: number.
        reason: why; sealed in the log.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"person": number}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NO_SUCH_PERSON.

    Source: design choice, no legal source (invariants A13 and E10).
    """
    del key
    told = {"region": region, "person": person, "reason": reason}
    people = use_approval(approval, kind="members.readmit_person", payload=told, now=now)
    row = _locked(actor, person)
    _forget_ways_in(row, now)
    row.is_active = True
    row.set_unusable_password()
    row.save(update_fields=["is_active", "password"])
    facts = {"person": person, **asdict(people)}
    journal.append(Entry("members.person.readmitted", facts, {"reason": reason}), now=now)
    return {"person": person}


@journal.command("members.end_person")
def end_person(actor: Actor, *, person: str, reason: str, key: str, now: datetime) -> Answer:
    """End a person's access, at once: sessions, keys of programs and codes open nothing any more.

    Args:
        actor: officer or registrar of the person's region.
        person: number.
        reason: why; sealed in the log.
        key: idempotency key.
        now: when.

    Returns:
        {"person": number}.

    Raises:
        Refused: NO_SUCH_PERSON, also for one whose access has ended; NOT_PERMITTED, NOT_YOUR_REGION;
            SECOND_FACTOR_NEEDED.

    Source: design choice, no legal source (GB/T 22239-2019 asks that accounts nobody needs be ended in time).
    """
    del key
    row = _locked(actor, person)
    if not row.is_active:
        raise Refused(MemberRefusal.NO_SUCH_PERSON, username=person)
    told = {"person": person, "reason": reason}
    require_signed(actor, Act.CHANGE_SIGN_IN, now=now, ask=Ask("members.end_person", told))
    _forget_ways_in(row, now)
    row.is_active = False
    row.save(update_fields=["is_active"])
    facts = {"person": person, "by": actor.person}
    journal.append(Entry("members.person.ended", facts, {"reason": reason}), now=now)
    return {"person": person}


@journal.command("members.draw_code")
def draw_code(actor: Actor, *, person: str, digest: str, key: str, now: datetime) -> Answer:
    """Draw one of the two codes by which an admitted person gets in for the first time.

    Args:
        actor: officer or registrar of the person's region, who hands the code over.
        person: number.
        digest: of the code, as `core.invitations.digest` gives it; the code itself is kept nowhere.
        key: idempotency key.
        now: when.

    Returns:
        {"person": number, "ends_at": instant from which it opens nothing}.

    Raises:
        Refused: NO_SUCH_PERSON; NOT_PERMITTED, NOT_YOUR_REGION; SECOND_FACTOR_NEEDED; NOT_AWAITED, CODE_DRAWN and
            CODES_COMPLETE as `core.invitations.check_draw`.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    row = _locked(actor, person)
    require_signed(actor, Act.CHANGE_SIGN_IN, now=now, ask=Ask("members.draw_code", {"person": person}))
    FirstCode.objects.filter(person=row, ends_at__lte=now).delete()
    drawn_by = FirstCode.objects.filter(person=row).values_list("drawn_by", flat=True)
    state = queries.person_states([row.pk])[row.pk]
    invitations.check_draw(person, state=state, drawn_by=tuple(drawn_by), drawer=actor.person)
    ends_at = now + invitations.LIFETIME
    FirstCode.objects.create(person=row, digest=digest, drawn_by=actor.person, drawn_at=now, ends_at=ends_at)
    journal.append(Entry("members.code.drawn", {"person": person, "by": actor.person}), now=now)
    return {"person": person, "ends_at": periods.iso(ends_at)}


def enter_first(*, username: str, codes: Sequence[str], password: str, now: datetime) -> list[str]:
    """Set the first password of a person who shows both codes; they count no more from then on.

    Args:
        username: sign-in name.
        codes: the two codes, in any order.
        password: the person's own.
        now: when.

    Returns:
        Why the password is too weak, in the current language; empty when the person may sign in with it.

    Raises:
        Refused: INVITATION_WRONG, in the same words whatever does not fit.

    Source: design choice, no legal source (invariants A13 and E10).
    """
    with transaction.atomic():
        row = Person.objects.select_for_update().filter(username=username).first()
        drawn = FirstCode.objects.filter(person=row, ends_at__gt=now).values_list("digest", flat=True)
        invitations.check_codes(codes, drawn=tuple(drawn) if row is not None else ())
        # Who has not been waited for has no codes either; this is a second look, not the first.
        if row is None or queries.person_states([row.pk])[row.pk] is not PersonState.AWAITED:
            raise Refused(InvitationRefusal.INVITATION_WRONG)
        try:
            validate_password(password, row)
        except ValidationError as weak:
            return list(weak.messages)
        row.set_password(password)
        row.save(update_fields=["password"])
        FirstCode.objects.filter(person=row).delete()
        journal.append(Entry("members.person.entered", {"person": row.number}), now=now)
    return []


def check_person(actor: Actor, person: str) -> None:
    """Refuse who may not decide about a person's access; a page asks before it proposes something.

    Raises:
        Refused: NO_SUCH_PERSON; NOT_PERMITTED, NOT_YOUR_REGION.
    """
    row = Person.objects.select_related("organisation").filter(number=person).first()
    if row is None or row.organisation is None:
        raise Refused(MemberRefusal.NO_SUCH_PERSON, username=person)
    check(actor, Act.REGISTER, region=row.organisation.region)


def _check_strength(one: PersonDraft) -> None:
    try:
        validate_password(one.password, Person(username=one.username, name_zh=one.name_zh, name_en=one.name_en))
    except ValidationError as weak:
        raise Refused(InvitationRefusal.PASSWORD_WEAK, username=one.username, why=" ".join(weak.messages)) from None


def _locked(actor: Actor, number: str) -> Person:
    check_person(actor, number)
    return Person.objects.select_for_update(of=("self",)).get(number=number)


def _forget_ways_in(row: Person, now: datetime) -> None:
    for kept in (SignIn, FirstCode, IdentityLink, FactorTrials):
        kept.objects.filter(person=row).delete()
    Authenticator.objects.filter(user=row).delete()
    ApiKey.objects.filter(person=row, revoked_at=None).update(revoked_at=now)
