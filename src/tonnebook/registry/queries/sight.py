"""Which accounts somebody may look into: the one place that pages, exports and programs ask."""

from collections.abc import Sequence

from tonnebook.core import representation
from tonnebook.core.applications import ApplicationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal
from tonnebook.core.representation import Right
from tonnebook.core.roles import Actor, Role
from tonnebook.core.trail import LookKind
from tonnebook.journal import trail
from tonnebook.registry.models import Representative
from tonnebook.registry.queries.applications import (
    ApplicationRow,
    application,
    applications_of,
    open_applications,
    rights_at,
)
from tonnebook.registry.queries.books import CASH_TYPES, KEEPERS, AccountRow, account, accounts, directory


def account_within(actor: Actor, number: str) -> AccountRow:
    """Find an account that an actor may look into.

    Keepers see all of their region, the exchange the money, and the people of a holder what is theirs; once people are
    appointed to an account, only these of the holder's.

    Raises:
        Refused: ACCOUNT_UNKNOWN when there is none or the actor may not know of it, in the same words; RIGHT_MISSING
            when it is the actor's organisation's and others are appointed to it.

    Source: design choice, no legal source.
    """
    row = account_known_to(actor, number)
    if row.organisation != actor.organisation:
        trail.looked(LookKind.ACCOUNT, number)
    else:
        representation.check_right(rights_at(number), actor.person, Right.READ, account=number)
    return row


def account_known_to(actor: Actor, number: str) -> AccountRow:
    """Find an account about which an actor may apply: as `account_within`, whoever is appointed.

    Raises:
        Refused: ACCOUNT_UNKNOWN when there is none or the actor may not know of it, in the same words.
    """
    row = account(number)
    is_own = bool(row.organisation) and row.organisation == actor.organisation
    is_money = Role.EXCHANGE_STAFF in actor.roles and row.type in CASH_TYPES
    if row.region != actor.region or not (is_own or is_money or actor.roles & KEEPERS):
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=number)
    return row


def application_within(actor: Actor, number: str) -> ApplicationRow:
    """Find an application that an actor may read: one of the own organisation, to keepers any of their region.

    Raises:
        Refused: NO_SUCH_APPLICATION when there is none or it is not theirs to read, in the same words.
    """
    row = application(number)
    if row.organisation != actor.organisation:
        if not actor.roles & KEEPERS or row.region != actor.region:
            raise Refused(ApplicationRefusal.NO_SUCH_APPLICATION, application=number)
        trail.looked(LookKind.APPLICATION, number)
    return row


def applications_within(actor: Actor) -> tuple[ApplicationRow, ...]:
    """List the applications of an actor's organisation, newest first; to keepers, what of the region is undecided."""
    if not actor.roles & KEEPERS:
        return applications_of(actor.organisation)
    rows = open_applications(actor.region)
    trail.listed("applications", rows=len(rows))
    return rows


def accounts_within(actor: Actor) -> tuple[AccountRow, ...]:
    """List the accounts that an actor may look into, in order of number, by the rule of `account_within`."""
    if actor.roles & KEEPERS:
        return directory(actor.region, types=tuple(AccountType))
    if Role.EXCHANGE_STAFF in actor.roles:
        return directory(actor.region, types=CASH_TYPES)
    rows = [row for row in accounts(actor.organisation) if row.region == actor.region]
    closed = _closed_to(actor, rows)
    return tuple(row for row in rows if row.number not in closed)


def accounts_of_others(actor: Actor) -> tuple[AccountRow, ...]:
    """List the accounts of an actor's organisation that only others are appointed to, in order of number."""
    rows = [row for row in accounts(actor.organisation) if row.region == actor.region]
    closed = _closed_to(actor, rows)
    return tuple(row for row in rows if row.number in closed)


def _closed_to(actor: Actor, rows: Sequence[AccountRow]) -> set[str]:
    numbers = [row.number for row in rows]
    appointed: dict[str, dict[str, frozenset[Right]]] = {}
    for one in Representative.objects.filter(account__number__in=numbers, ended_at=None).select_related("account"):
        rights = frozenset(Right(right) for right in one.rights)
        appointed.setdefault(one.account.number, {})[one.person] = rights
    return {
        number for number, rights in appointed.items() if not representation.has_right(rights, actor.person, Right.READ)
    }
