"""Ask for an account or a change of one, and decide on it: one registrar checks and proposes, another approves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from tonnebook.core import applications, identity, roles
from tonnebook.core.applications import ApplicationKind, ApplicationRefusal, ApplicationState
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType
from tonnebook.core.representation import Right, RightRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.models import Account, Application
from tonnebook.registry.queries import AccountRow, ApplicationRow
from tonnebook.registry.services import changes, numbers
from tonnebook.registry.services.accounts import AccountDraft, open_accounts, set_state
from tonnebook.registry.services.rights import require_right

# Whoever asks these decides over what is in the account; people are appointed by the holder whoever was before.
_ASKED_BY_RIGHT = frozenset(
    {ApplicationKind.RENAME, ApplicationKind.CHANGE_HOLDER, ApplicationKind.MERGE, ApplicationKind.CLOSE}
)


@journal.command("registry.apply_for_account")
def apply_for_account(
    actor: Actor, *, type: AccountType, details: Mapping[str, Json], documents: Sequence[str], key: str, now: datetime
) -> Answer:
    """Ask for an account; it stands there as pending until two people have agreed.

    Args:
        actor: representative of the organisation.
        type: HOLDING, TRADING, PROJECT or CLIENT_CASH.
        details: `name`, `bank` and `bank_account`, each optional; `person` and `rights` of a first representative.
        documents: numbers of the organisation's documents, at least one.
        key: idempotency key.
        now: when.

    Returns:
        `application` and `account`, both numbers.

    Raises:
        Refused: NOT_PERMITTED; TYPE_NOT_ON_REQUEST; DOCUMENTS_MISSING, NO_SUCH_DOCUMENT; ACCOUNT_EXISTS;
            NOT_OF_THE_HOLDER, NO_RIGHT_NAMED.

    Source: design choice, no legal source.
    """
    del key
    region = members.require(actor, Act.ASK_ACCOUNT, organisation=actor.organisation)
    if type not in applications.OPENED_ON_REQUEST:
        raise Refused(ApplicationRefusal.TYPE_NOT_ON_REQUEST, type=type.value)
    members.require_documents(actor.organisation, documents)
    name = str(details.get("name", ""))
    draft = AccountDraft(type, region, actor.organisation, name, AccountState.PENDING)
    (account,) = open_accounts([draft], now=now)
    row = queries.account(account)
    if details.get("person"):
        _check_appointment(row, details)
    return _ask(actor, ApplicationKind.OPEN, row, details, documents, now=now)


@journal.command("registry.apply_for_change")
def apply_for_change(
    actor: Actor,
    *,
    account: str,
    kind: ApplicationKind,
    details: Mapping[str, Json],
    documents: Sequence[str],
    key: str,
    now: datetime,
) -> Answer:
    """Ask for a change of an account: its people, name or holder, a merger, or its end.

    An account that its holder wants closed is closing from now on: it gives, and receives nothing more.

    Args:
        actor: representative of the holder.
        account: number; for a merger any account of the organisation that ends.
        kind: all but OPEN.
        details: `person` and `rights` (APPOINT), `person` (REMOVE), `name` (RENAME), `organisation` (CHANGE_HOLDER,
            MERGE: who takes over).
        documents: numbers of the organisation's documents, at least one.
        key: idempotency key.
        now: when.

    Returns:
        `application` and `account`, both numbers.

    Raises:
        Refused: ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_ORGANISATION; RIGHT_MISSING; DOCUMENTS_MISSING,
            NO_SUCH_DOCUMENT; DETAIL_MISSING; NOT_OF_THE_HOLDER, NO_RIGHT_NAMED, NOT_APPOINTED; SAME_HOLDER,
            NO_SUCH_ORGANISATION; ALREADY_ASKED; STATE_CHANGE_NOT_ALLOWED when a restricted account is to be closed.

    Source: design choice, no legal source.
    """
    del key
    row = queries.account(account)
    members.require(actor, Act.ASK_ACCOUNT, organisation=row.organisation)
    if kind in _ASKED_BY_RIGHT:
        require_right(actor, Act.ASK_ACCOUNT, account=account, right=Right.INITIATE)
    members.require_documents(actor.organisation, documents)
    _CHECKS[kind](row, details)
    same = Application.objects.filter(account__number=account, kind=kind, state__in=_LIVE)
    with tenancy.everywhere(Why.UNIQUENESS):
        waiting = None if kind in _PEOPLE else same.first()  # whoever held the account when it was asked
    if waiting is not None:
        raise Refused(ApplicationRefusal.ALREADY_ASKED, account=account, application=waiting.number)
    answer = _ask(actor, kind, row, details, documents, now=now)
    if kind is ApplicationKind.CLOSE:
        reason = str(answer["application"])
        set_state(account, state=AccountState.CLOSING, reason=reason, initiator=actor.person, now=now)
    return answer


@journal.command("registry.withdraw_application")
def withdraw_application(actor: Actor, *, application: str, key: str, now: datetime) -> Answer:
    """Take an application back.

    Args:
        actor: representative of the organisation that asked.
        application: number.
        key: idempotency key.
        now: when.

    Returns:
        `application` and `state`.

    Raises:
        Refused: NO_SUCH_APPLICATION; NOT_PERMITTED, NOT_YOUR_ORGANISATION; APPLICATION_DECIDED.

    Source: design choice, no legal source.
    """
    del key
    row = _locked(application)
    members.require(actor, Act.ASK_ACCOUNT, organisation=row.organisation_id)
    return _end(row, ApplicationState.WITHDRAWN, actor, reason="", now=now)


@journal.command("registry.refuse_application")
def refuse_application(actor: Actor, *, application: str, reason: str, key: str, now: datetime) -> Answer:
    """Refuse an application with a reason that whoever asked will read.

    Args:
        actor: registrar or officer of the region.
        application: number.
        reason: why, and what to do about it.
        key: idempotency key.
        now: when.

    Returns:
        `application` and `state`.

    Raises:
        Refused: NO_SUCH_APPLICATION; NOT_PERMITTED, NOT_YOUR_REGION; DETAIL_MISSING without a reason;
            APPLICATION_DECIDED.

    Source: design choice, no legal source.
    """
    del key
    row = _locked(application)
    roles.check(actor, Act.OPEN_ACCOUNT, region=row.region)
    if not reason.strip():
        raise Refused(ApplicationRefusal.DETAIL_MISSING, detail="reason")
    return _end(row, ApplicationState.REFUSED, actor, reason=reason.strip(), now=now)


@journal.command("registry.check_application")
def check_application(actor: Actor, *, application: str, key: str, now: datetime) -> Answer:
    """Find an application in order and propose to grant it; a second person approves.

    Args:
        actor: registrar or officer of the region.
        application: number.
        key: idempotency key.
        now: when.

    Returns:
        `application`, and `approval`: number of the proposal.

    Raises:
        Refused: NO_SUCH_APPLICATION; NOT_PERMITTED, NOT_YOUR_REGION; APPLICATION_DECIDED; SECOND_FACTOR_NEEDED.

    Source: design choice, no legal source (invariant A13).
    """
    row = _locked(application)
    roles.check(actor, Act.OPEN_ACCOUNT, region=row.region)
    applications.check_next(application, ApplicationState(row.state), ApplicationState.CHECKED)
    payload = _payload(queries.application_row(row))
    proposed = members.propose(actor, kind="registry.grant_application", payload=payload, key=f"{key}:propose", now=now)
    row.state, row.checked_by, row.approval = ApplicationState.CHECKED.value, actor.person, str(proposed["approval"])
    row.save(update_fields=["state", "checked_by", "approval"])
    _log(row, "checked", actor, now=now)
    return {"application": application, "approval": row.approval}


@journal.command("registry.grant_application")
def grant_application(
    actor: Actor,
    *,
    region: str,
    application: str,
    application_kind: ApplicationKind,
    account: str,
    details: Mapping[str, Json],
    documents: Sequence[str],
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Do what an application asks, approved by two people who saw all of it.

    Args:
        actor: registrar or officer of the region.
        region: of the application.
        application: number.
        application_kind: what is asked.
        account: about which account.
        details: what exactly.
        documents: on what grounds.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `application`, `account`, and for a merger `transfers`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NO_SUCH_APPLICATION;
            APPLICATION_DECIDED; APPLICATION_DIFFERS; what the change itself refuses: ACCOUNT_EXISTS, ACCOUNT_NOT_EMPTY,
            INSUFFICIENT_FREE, NOT_APPOINTED, NOT_OF_THE_HOLDER.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    roles.check(actor, Act.OPEN_ACCOUNT, region=region)
    row = _locked(application)
    asked = queries.application_row(row)
    payload = {
        "region": region,
        "application": application,
        "application_kind": application_kind,
        "account": account,
        "details": details,
        "documents": list(documents),
    }
    approved = members.use_approval(approval, kind="registry.grant_application", payload=payload, now=now)
    if payload != _payload(asked):
        raise Refused(ApplicationRefusal.APPLICATION_DIFFERS, application=application)
    applications.check_next(application, asked.state, ApplicationState.GRANTED)
    transfers = changes.make(asked, approved, now=now)
    row.state, row.decided_by, row.decided_at = ApplicationState.GRANTED.value, approved.approver, now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    _log(row, "granted", actor, now=now)
    return {"application": application, "account": account, "transfers": list(transfers)}


def _ask(
    actor: Actor,
    kind: ApplicationKind,
    account: AccountRow,
    details: Mapping[str, Json],
    documents: Sequence[str],
    *,
    now: datetime,
) -> Answer:
    row = Application.objects.create(
        number=numbers.take_numbers(numbers.APPLICATION, "AA", 1)[0],
        region=account.region,
        kind=kind,
        organisation_id=account.organisation,
        account=Account.objects.get(number=account.number),
        details=dict(details),
        documents=list(documents),
        state=ApplicationState.ASKED.value,
        asked_by=actor.person,
        asked_at=now,
    )
    _log(row, "asked", actor, now=now)
    return {"application": row.number, "account": account.number}


def _end(row: Application, state: ApplicationState, actor: Actor, *, reason: str, now: datetime) -> Answer:
    applications.check_next(row.number, ApplicationState(row.state), state)
    row.state, row.reason, row.decided_by, row.decided_at = state.value, reason, actor.person, now
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    account = queries.account(row.account.number)
    # An account that was to be opened never is, and one that was to be closed goes on.
    undone = {ApplicationKind.OPEN: AccountState.CLOSED, ApplicationKind.CLOSE: AccountState.OPEN}.get(
        ApplicationKind(row.kind)
    )
    if undone and account.state in (AccountState.PENDING, AccountState.CLOSING):
        set_state(account.number, state=undone, reason=row.number, initiator=actor.person, now=now)
    _log(row, state.value.lower(), actor, now=now)
    return {"application": row.number, "state": state.value}


def _payload(row: ApplicationRow) -> dict[str, object]:
    return {
        "region": row.region,
        "application": row.number,
        "application_kind": row.kind,
        "account": row.account,
        "details": row.details,
        "documents": list(row.documents),
    }


def _locked(number: str) -> Application:
    row = Application.objects.select_for_update(of=("self",)).select_related("account").filter(number=number).first()
    if row is None:
        raise Refused(ApplicationRefusal.NO_SUCH_APPLICATION, application=number)
    return row


def _log(row: Application, step: str, actor: Actor, *, now: datetime) -> None:
    facts = {"application": row.number, "kind": row.kind, "digest": queries.application_row(row).digest}
    sealed = {"account": row.account.number, "organisation": row.organisation_id, "by": actor.person}
    journal.append(journal.Entry(f"registry.application.{step}", facts, {**sealed, "reason": row.reason}), now=now)


def _check_appointment(account: AccountRow, details: Mapping[str, Json]) -> None:
    person = _needed(details, "person")
    if person not in {one.number for one in members_queries.people(account.organisation)}:
        raise Refused(RightRefusal.NOT_OF_THE_HOLDER, person=person, account=account.number)
    rights = details.get("rights")
    if not isinstance(rights, list) or not rights or not set(rights) <= {right.value for right in Right}:
        raise Refused(RightRefusal.NO_RIGHT_NAMED)


def _check_removal(account: AccountRow, details: Mapping[str, Json]) -> None:
    person = _needed(details, "person")
    if person not in queries.rights_at(account.number):
        raise Refused(RightRefusal.NOT_APPOINTED, person=person, account=account.number)


def _check_name(account: AccountRow, details: Mapping[str, Json]) -> None:
    del account
    _needed(details, "name")


def _check_holder(account: AccountRow, details: Mapping[str, Json]) -> None:
    taker = members_queries.organisation(_needed(details, "organisation"))
    if taker.uscc == account.organisation:
        raise Refused(ApplicationRefusal.SAME_HOLDER, organisation=taker.uscc)
    if taker.region != account.region or not identity.is_organisation_code(taker.uscc, region=account.region):
        raise Refused(roles.MemberRefusal.NO_SUCH_ORGANISATION, uscc=taker.uscc)


def _check_nothing(account: AccountRow, details: Mapping[str, Json]) -> None:
    del account, details


def _needed(details: Mapping[str, Json], name: str) -> str:
    value = details.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(ApplicationRefusal.DETAIL_MISSING, detail=name)
    return value


_LIVE = (ApplicationState.ASKED.value, ApplicationState.CHECKED.value)
_PEOPLE = frozenset({ApplicationKind.APPOINT, ApplicationKind.REMOVE})
_CHECKS: Mapping[ApplicationKind, Callable[[AccountRow, Mapping[str, Json]], None]] = MappingProxyType(
    {
        ApplicationKind.APPOINT: _check_appointment,
        ApplicationKind.REMOVE: _check_removal,
        ApplicationKind.RENAME: _check_name,
        ApplicationKind.CHANGE_HOLDER: _check_holder,
        ApplicationKind.MERGE: _check_holder,
        ApplicationKind.CLOSE: _check_nothing,
    }
)
