"""What a granted application does: open, appoint, remove, rename, pass on, merge, close."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from tonnebook.core.applications import ApplicationKind
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, LedgerRefusal, Leg, TransferType
from tonnebook.core.representation import Right, RightRefusal
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members_queries
from tonnebook.members.services import ApprovedBy
from tonnebook.registry import queries
from tonnebook.registry.models import Account, Representative
from tonnebook.registry.queries import AccountRow, ApplicationRow
from tonnebook.registry.services.accounts import set_state
from tonnebook.registry.services.transfers import TransferDraft, post


def make(application: ApplicationRow, approved: ApprovedBy, *, now: datetime) -> tuple[str, ...]:
    """Do what an application asks, inside the command that grants it.

    Args:
        application: locked by the caller.
        approved: the two people.
        now: when.

    Returns:
        Numbers of the transfers it took; empty but for a merger.

    Raises:
        Refused: what the change refuses: ACCOUNT_EXISTS, ACCOUNT_NOT_EMPTY, INSUFFICIENT_FREE, NOT_APPOINTED,
            NOT_OF_THE_HOLDER, ACCOUNT_CLOSED.

    Source: design choice, no legal source.
    """
    return _CHANGES[application.kind](application, approved, now)


def _open(application: ApplicationRow, approved: ApprovedBy, now: datetime) -> tuple[str, ...]:
    _bring(application.account, AccountState.OPEN, application, approved, now)
    return _appoint(application, approved, now) if application.details.get("person") else ()


def _appoint(application: ApplicationRow, approved: ApprovedBy, now: datetime) -> tuple[str, ...]:
    del approved
    person, rights = str(application.details["person"]), application.details["rights"]
    account = queries.account(application.account)
    if person not in {one.number for one in members_queries.people(account.organisation)}:
        raise Refused(RightRefusal.NOT_OF_THE_HOLDER, person=person, account=account.number)
    assert isinstance(rights, list)
    # Who is appointed anew has the new rights and no others.
    _end_rights(application.account, now, person)
    Representative.objects.create(
        account=Account.objects.get(number=application.account),
        person=person,
        rights=sorted(Right(str(right)).value for right in rights),
        appointed_at=now,
    )
    _log(application, "registry.representative.appointed", {"person": person, "rights": rights}, now)
    return ()


def _remove(application: ApplicationRow, approved: ApprovedBy, now: datetime) -> tuple[str, ...]:
    del approved
    person = str(application.details["person"])
    if not _end_rights(application.account, now, person):
        raise Refused(RightRefusal.NOT_APPOINTED, person=person, account=application.account)
    _log(application, "registry.representative.removed", {"person": person}, now)
    return ()


def _rename(application: ApplicationRow, approved: ApprovedBy, now: datetime) -> tuple[str, ...]:
    del approved
    name = str(application.details["name"])
    with tenancy.everywhere(Why.BOOKS):
        Account.objects.filter(number=application.account).update(name=name)
    _log(application, "registry.account.renamed", {"name": name}, now)
    return ()


def _change_holder(application: ApplicationRow, approved: ApprovedBy, now: datetime) -> tuple[str, ...]:
    del approved
    row, taker = queries.account(application.account), str(application.details["organisation"])
    if row.type is not AccountType.PROJECT and queries.accounts_of([taker], row.type):
        facts = {"organisation": taker, "region": row.region, "type": row.type.value}
        raise Refused(LedgerRefusal.ACCOUNT_EXISTS, **facts)
    _pass_on([row], application, now)
    return ()


def _merge(application: ApplicationRow, approved: ApprovedBy, now: datetime) -> tuple[str, ...]:
    taker = str(application.details["organisation"])
    live = [row for row in queries.accounts(application.organisation) if row.state is not AccountState.CLOSED]
    mine = [row for row in live if row.region == application.region]
    into = {row.number: number for row in mine if (number := _twin(row, taker))}
    drafts = [
        TransferDraft(TransferType.MERGE, legs, approved.initiator, approved.approver, subject=application.number)
        for account, twin in into.items()
        if (legs := tuple(Leg(account, twin, one.asset.code, one.total) for one in queries.holdings(account)))
    ]
    posted = post(drafts, now=now)
    for row in mine:
        # One that is not open yet, or is closing already, is decided on by its own application.
        if row.number in into and row.state not in (AccountState.PENDING, AccountState.CLOSING):
            _bring(row.number, AccountState.CLOSING, application, approved, now)
    # What the other organisation has no account for passes to it as it is.
    _pass_on([row for row in mine if row.number not in into], application, now)
    return tuple(one.number for one in posted)


def _close(application: ApplicationRow, approved: ApprovedBy, now: datetime) -> tuple[str, ...]:
    if queries.closing_obstacles(application.account):
        raise Refused(LedgerRefusal.ACCOUNT_NOT_EMPTY, account=application.account)
    _bring(application.account, AccountState.CLOSED, application, approved, now)
    _end_rights(application.account, now)
    return ()


def _bring(account: str, state: AccountState, application: ApplicationRow, approved: ApprovedBy, now: datetime) -> None:
    reason, initiator, approver = application.number, approved.initiator, approved.approver
    set_state(account, state=state, reason=reason, initiator=initiator, approver=approver, now=now)


def _twin(row: AccountRow, taker: str) -> str:
    return "" if row.type is AccountType.PROJECT else queries.accounts_of([taker], row.type).get(taker, "")


def _pass_on(accounts: Sequence[AccountRow], application: ApplicationRow, now: datetime) -> None:
    # The people appointed by the old holder have no right to what is another's now.
    taker = str(application.details["organisation"])
    for row in accounts:
        with tenancy.everywhere(Why.BOOKS):
            Account.objects.filter(number=row.number).update(organisation=taker)
        _end_rights(row.number, now)
        _log(application, "registry.account.passed_on", {"number": row.number, "organisation": taker}, now)


def _end_rights(account: str, now: datetime, person: str = "") -> int:
    rows = Representative.objects.filter(account__number=account, ended_at=None)
    return (rows.filter(person=person) if person else rows).update(ended_at=now)


def _log(application: ApplicationRow, kind: str, sealed: Mapping[str, object], now: datetime) -> None:
    entry = journal.Entry(kind, {"application": application.number}, {"account": application.account, **sealed})
    journal.append(entry, now=now)


_CHANGES: Mapping[ApplicationKind, Callable[[ApplicationRow, ApprovedBy, datetime], tuple[str, ...]]] = (
    MappingProxyType(
        {
            ApplicationKind.OPEN: _open,
            ApplicationKind.APPOINT: _appoint,
            ApplicationKind.REMOVE: _remove,
            ApplicationKind.RENAME: _rename,
            ApplicationKind.CHANGE_HOLDER: _change_holder,
            ApplicationKind.MERGE: _merge,
            ApplicationKind.CLOSE: _close,
        }
    )
)
