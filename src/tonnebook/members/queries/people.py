"""What members can tell: who somebody is, which organisations there are, what waits for approval."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Exists, F, OuterRef

from tonnebook.core import notices
from tonnebook.core.alerts import AlertKind
from tonnebook.core.api_keys import KeyKind, Scope
from tonnebook.core.approvals import ApprovalRefusal, ApprovalState, Standing
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Actor, MemberRefusal, OrganisationKind, Role, looks_after
from tonnebook.core.seals import SealKind
from tonnebook.core.second_factor import FactorKind
from tonnebook.core.trail import LookKind
from tonnebook.journal import queries as journal
from tonnebook.journal import trail
from tonnebook.members.models import (
    Acknowledgement,
    Alert,
    ApiKey,
    Approval,
    Notice,
    Organisation,
    Person,
    Seal,
    SignIn,
)
from tonnebook.members.queries.remits import remits

FACTOR_KINDS = {
    Authenticator.Type.TOTP.value: FactorKind.CODE,
    Authenticator.Type.WEBAUTHN.value: FactorKind.PASSKEY,
    Authenticator.Type.RECOVERY_CODES.value: FactorKind.RECOVERY,
}


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation as the rooms above see it."""

    uscc: str
    name_zh: str
    name_en: str
    kind: OrganisationKind
    region: str
    district: str
    sector: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as pages show them."""

    number: str
    username: str
    name_zh: str
    name_en: str
    organisation: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A second factor as its owner sees it.

    Attributes:
        place: by which it is removed.
        kind: what it is.
        name: what the owner calls it; empty for codes.
        enrolled_at: since when.
        used_at: when it was last proved, on the wall; None before the first time.
    """

    place: int
    kind: FactorKind
    name: str
    enrolled_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal under the digest of a submission; `document` is the scan of a stamped print."""

    organisation: str
    kind: SealKind
    signature: str
    document: str
    person: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class SignInRow:
    """A place where somebody is signed in; instants on the wall.

    Attributes:
        session_digest: by which the own session is told from the others.
        started_at: since when.
        seen_at: when somebody last came, to the minute.
        address: from where; empty when not known.
        browser: as it calls itself.
    """

    session_digest: str
    started_at: datetime
    seen_at: datetime
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """An approval as pages show it and as commands are run from it."""

    number: str
    region: str
    kind: str
    payload: dict[str, Json]
    digest: str
    state: ApprovalState
    initiator: str
    approver: str
    reason: str
    proposed_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    executed_at: datetime | None

    @property
    def standing(self) -> Standing:
        """The part of it that core decides on."""
        return Standing(self.number, self.kind, self.state, self.digest, self.initiator, self.expires_at)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice in both languages; `read_at` is None until somebody confirmed its receipt."""

    number: str
    kind: NoticeKind
    text_zh: str
    text_en: str
    sent_at: datetime
    read_at: datetime | None
    read_by: str


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key of a program as its person sees it; the secret is kept nowhere."""

    number: str
    label: str
    kind: KeyKind
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert; `acknowledged_by`, `words` and `acknowledged_at` are empty while nobody has answered it."""

    number: str
    kind: AlertKind
    subject: str
    facts: dict[str, Json]
    raised_at: datetime
    passed_on_at: datetime | None
    acknowledged_by: str
    words: str
    acknowledged_at: datetime | None


def actor_of(person_pk: int) -> Actor:
    """Give the actor a signed-in person is.

    Args:
        person_pk: primary key of the person, as the session keeps it.

    Raises:
        Refused: NO_SUCH_PERSON when there is none, or none with an organisation.
    """
    return _actor(Person.objects.select_related("organisation").filter(pk=person_pk).first(), str(person_pk))


def actor_named(username: str) -> Actor:
    """Give the actor with a sign-in name.

    Raises:
        Refused: NO_SUCH_PERSON when there is none, or none with an organisation.
    """
    return _actor(Person.objects.select_related("organisation").filter(username=username).first(), username)


def actors_named(usernames: Sequence[str]) -> dict[str, Actor]:
    """Give many actors at once, by sign-in name; unknown names are left out."""
    rows = Person.objects.select_related("organisation").filter(username__in=usernames, organisation__isnull=False)
    return {row.username: _actor(row, row.username) for row in rows.filter(is_active=True)}


def organisation(uscc: str) -> OrganisationRow:
    """Give one organisation.

    Raises:
        Refused: NO_SUCH_ORGANISATION when there is none.
    """
    row = Organisation.objects.filter(uscc=uscc).first()
    if row is None:
        raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=uscc)
    return _organisation_row(row)


def organisation_within(actor: Actor, uscc: str) -> OrganisationRow:
    """Give an organisation that an actor may look at.

    A public role looks at those of its region, a district officer at those of the own district, an officer of a sector
    department at those of its sectors, everybody else at the own alone.

    Raises:
        Refused: NO_SUCH_ORGANISATION when there is none or it lies outside, in the same words.
    """
    row = Organisation.objects.filter(uscc=uscc, region=actor.region).first()
    is_own = uscc == actor.organisation
    if row is None or not (is_own or looks_after(actor, district=row.district, sector=row.sector)):
        raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=uscc)
    if not is_own:
        trail.looked(LookKind.ORGANISATION, uscc)
    return _organisation_row(row)


def organisations(region: str, kind: OrganisationKind | None = None) -> tuple[OrganisationRow, ...]:
    """List the organisations of a region, by code; all kinds or one."""
    rows = Organisation.objects.filter(region=region)
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    return tuple(_organisation_row(row) for row in rows.order_by("uscc"))


def organisations_named(usccs: Sequence[str]) -> dict[str, OrganisationRow]:
    """Give many organisations at once, by code; unknown codes are left out."""
    return {row.uscc: _organisation_row(row) for row in Organisation.objects.filter(uscc__in=usccs)}


def people(*usccs: str) -> tuple[PersonRow, ...]:
    """List the people of an organisation, or of several, by number."""
    rows = Person.objects.filter(organisation__uscc__in=usccs).order_by("number")
    named = rows.annotate(uscc=F("organisation__uscc"))
    return tuple(_person_row(row, row.uscc) for row in named)


def employers(persons: Iterable[str]) -> dict[str, str]:
    """Give the organisation each person belongs to (unified social credit code), by number of the person.

    Args:
        persons: numbers; who is unknown or belongs nowhere is left out.
    """
    rows = Person.objects.filter(number__in=set(persons), organisation__isnull=False)
    return dict(rows.values_list("number", "organisation__uscc"))


def notices_of(organisation: str) -> tuple[NoticeRow, ...]:
    """List the notices to an organisation, those not received first, then newest first."""
    rows = Notice.objects.filter(organisation__uscc=organisation)
    return tuple(_notice_row(row) for row in rows.order_by(F("read_at").desc(nulls_first=True), "-id"))


def unread_notices(organisation: str) -> int:
    """Count the notices to an organisation whose receipt nobody has confirmed."""
    return Notice.objects.filter(organisation__uscc=organisation, read_at=None).count()


def factors(person: str) -> tuple[FactorRow, ...]:
    """List the second factors of a person, recovery codes among them, oldest first."""
    rows = Authenticator.objects.filter(user__number=person).order_by("id")
    return tuple(
        FactorRow(row.pk, FACTOR_KINDS[row.type], row.data.get("name", ""), row.created_at, row.last_used_at)
        for row in rows
    )


def seals(digest: str) -> tuple[SealRow, ...]:
    """List the seals under the digest of a submission, oldest first."""
    rows = Seal.objects.select_related("organisation").filter(digest=digest).order_by("id")
    return tuple(
        SealRow(row.organisation.uscc, SealKind(row.kind), row.signature, row.document, row.person, row.sealed_at)
        for row in rows
    )


def sign_ins(person: str) -> tuple[SignInRow, ...]:
    """List where a person is signed in, newest first."""
    rows = SignIn.objects.filter(person__number=person).order_by("-started_at")
    return tuple(
        SignInRow(row.session_digest, row.started_at, row.seen_at, row.address or "", row.browser) for row in rows
    )


def has_factor(person: str) -> bool:
    """Say whether somebody has enrolled a second factor; recovery codes alone are none."""
    rows = Authenticator.objects.filter(user__number=person)
    return bool(rows.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def has_password(person: str) -> bool:
    """Say whether somebody signs in with a password; others come through an identity provider."""
    row = Person.objects.filter(number=person).first()
    return row is not None and row.has_usable_password()


def is_excused(person: str) -> bool:
    """Say whether somebody signs without a second factor: people of a demo who have enrolled none."""
    return journal.clock().is_demo and not has_factor(person)


def api_keys(person: str) -> tuple[ApiKeyRow, ...]:
    """List the keys of a person, newest first, also those taken back."""
    return tuple(
        ApiKeyRow(
            number=row.number,
            label=row.label,
            kind=KeyKind(row.kind),
            scopes=tuple(Scope(scope) for scope in row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        for row in ApiKey.objects.filter(person__number=person).order_by("-id")
    )


def alerts(limit: int) -> tuple[AlertRow, ...]:
    """List the latest alerts, those nobody has answered first.

    Args:
        limit: how many at most.
    """
    is_answered = Exists(Acknowledgement.objects.filter(alert=OuterRef("pk")))
    rows = list(Alert.objects.annotate(is_answered=is_answered).order_by("is_answered", "-id")[:limit])
    answers = {answer.alert_id: answer for answer in Acknowledgement.objects.filter(alert__in=rows)}
    return tuple(_alert_row(row, answers.get(row.pk)) for row in rows)


def open_alerts() -> int:
    """Count the alerts that nobody has answered."""
    return Alert.objects.exclude(pk__in=Acknowledgement.objects.values("alert")).count()


def approval(number: str) -> ApprovalRow:
    """Give one approval.

    Raises:
        Refused: NO_SUCH_APPROVAL when there is none.
    """
    row = Approval.objects.filter(number=number).first()
    if row is None:
        raise Refused(ApprovalRefusal.NO_SUCH_APPROVAL, approval=number)
    return approval_row(row)


def open_approvals(region: str) -> tuple[ApprovalRow, ...]:
    """List what waits for a decision or for its execution in a region, oldest first."""
    states = [ApprovalState.OPEN.value, ApprovalState.APPROVED.value]
    rows = Approval.objects.filter(region=region, state__in=states).order_by("id")
    return tuple(approval_row(row) for row in rows)


def rejected_approvals(initiator: str, kind: str) -> tuple[ApprovalRow, ...]:
    """List what somebody proposed and got back, of one kind of command, newest first."""
    rows = Approval.objects.filter(initiator=initiator, kind=kind, state=ApprovalState.REJECTED.value)
    return tuple(approval_row(row) for row in rows.order_by("-id"))


def approval_row(row: Approval) -> ApprovalRow:
    """Turn a stored approval into its plain form."""
    return ApprovalRow(
        number=row.number,
        region=row.region,
        kind=row.kind,
        payload=row.payload,
        digest=row.digest,
        state=ApprovalState(row.state),
        initiator=row.initiator,
        approver=row.approver,
        reason=row.reason,
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        executed_at=row.executed_at,
    )


def _actor(person: Person | None, asked: str) -> Actor:
    if person is None or person.organisation is None or not person.is_active:
        raise Refused(MemberRefusal.NO_SUCH_PERSON, username=asked)
    own = person.organisation
    roles = frozenset(Role(role) for role in person.roles)
    kind = OrganisationKind(own.kind)
    remit = frozenset(remits(own.uscc).get(own.uscc, ()) if kind is OrganisationKind.SECTOR_DEPARTMENT else ())
    return Actor(person.number, own.uscc, kind, roles, own.region, own.district, remit=remit)


def _alert_row(row: Alert, answer: Acknowledgement | None) -> AlertRow:
    return AlertRow(
        row.number,
        AlertKind(row.kind),
        row.subject,
        row.facts,
        row.raised_at,
        row.passed_on_at,
        answer.person if answer else "",
        answer.words if answer else "",
        answer.at if answer else None,
    )


def _organisation_row(row: Organisation) -> OrganisationRow:
    kind = OrganisationKind(row.kind)
    return OrganisationRow(row.uscc, row.name_zh, row.name_en, kind, row.region, row.district, row.sector)


def _notice_row(row: Notice) -> NoticeRow:
    kind = NoticeKind(row.kind)
    zh, en = notices.words(kind, row.facts)
    return NoticeRow(row.number, kind, zh, en, row.sent_at, row.read_at, row.read_by)


def _person_row(row: Person, uscc: str) -> PersonRow:
    roles = tuple(Role(role) for role in row.roles)
    return PersonRow(row.number, row.username, row.name_zh, row.name_en, uscc, roles)
