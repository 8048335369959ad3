"""Which pages stand in the left rail of each role: at most seven, and only those that exist."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from tonnebook.core.roles import Actor, OrganisationKind, Role

ENTRIES_MAX = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail."""

    label: str
    address: str


_HOME = (gettext_noop("Home"), "web:home")
_MARKET = (gettext_noop("Market"), "market:market")
_TABLES = (gettext_noop("Public tables"), "portal:tables")
_HOLDINGS = (gettext_noop("Holdings"), "registry:holdings")
_ACCOUNTS = (gettext_noop("Accounts"), "registry:holdings")
_LOG = (gettext_noop("Public log"), "portal:log")
_RULES = (gettext_noop("Rules"), "portal:rules")
_PAPERS = (gettext_noop("Official papers"), "web:papers")
_BARRED = (gettext_noop("Who must not trade"), "members:barred")
_PEOPLE = (gettext_noop("People"), "members:people")

_PUBLIC = (
    _HOME,
    _TABLES,
    _MARKET,
    (gettext_noop("Check a receipt"), "portal:receipt"),
    _LOG,
    _RULES,
    (gettext_noop("Check it yourself"), "portal:instructions"),
)
_OFFICER = (
    _HOME,
    (gettext_noop("The year"), "web:year"),
    (gettext_noop("Approvals"), "web:approvals"),
    (gettext_noop("Surrenders"), "web:surrenders"),
    (gettext_noop("Register and draws"), "web:kept_bodies"),
    _ACCOUNTS,
    _TABLES,
    _MARKET,
    (gettext_noop("Large holders"), "market:holders"),
)
_ENTITY = (
    _HOME,
    (gettext_noop("Surrender"), "web:surrender"),
    (gettext_noop("Allocation"), "web:allocation"),
    (gettext_noop("Filings"), "web:filings"),
    (gettext_noop("Reports"), "web:reports"),
    _HOLDINGS,
    _MARKET,
)
_REGISTRAR = (_HOME, (gettext_noop("Approvals"), "web:approvals"), _ACCOUNTS, _PEOPLE, _PAPERS, _BARRED, _TABLES)
_EXCHANGE = (
    _HOME,
    (gettext_noop("Trading day"), "web:trading_day"),
    _MARKET,
    (gettext_noop("Supervision"), "market:supervision"),
    (gettext_noop("Approvals"), "web:approvals"),
    _ACCOUNTS,
    _BARRED,
    _TABLES,
)
_VERIFIER = (_HOME, (gettext_noop("Board"), "web:board"), (gettext_noop("Who verifies"), "web:bodies"), _TABLES, _LOG)
_INVESTOR = (_HOME, _MARKET, _HOLDINGS, _TABLES)
_AUDITOR = (_HOME, (gettext_noop("Audit"), "web:audit"), _ACCOUNTS, _PAPERS, _LOG, _TABLES)
_DISTRICT = (_HOME, (gettext_noop("Early warning"), "web:outlooks"), _TABLES, _LOG)
_FINANCE = (
    (gettext_noop("Auction proceeds"), "market:proceeds"),
    (gettext_noop("Auctions"), "market:auctions"),
    _TABLES,
    _LOG,
)
_BANK = (_HOME, (gettext_noop("Pledged to you"), "registry:pledges"), _TABLES, _LOG)
_SECTOR = (_HOME, _TABLES, _LOG, _RULES)
_WRITER = (_HOME, (gettext_noop("Reports to write"), "web:writing"), _TABLES, _LOG)
_WITHOUT_A_ROOM = (_HOME, _TABLES, _MARKET, _LOG)

# The first role a person has, in this order, decides.
_BY_ROLE = (
    (Role.OFFICER, _OFFICER),
    (Role.REGISTRAR, _REGISTRAR),
    (Role.EXCHANGE_STAFF, _EXCHANGE),
    (Role.VERIFIER, _VERIFIER),
    (Role.AUDITOR, _AUDITOR),
    (Role.DISTRICT_OFFICER, _DISTRICT),
    (Role.FINANCE_OFFICER, _FINANCE),
    (Role.BANK_CLERK, _BANK),
    (Role.REPORT_WRITER, _WRITER),
    (Role.SECTOR_OFFICER, _SECTOR),
    *((role, _WITHOUT_A_ROOM) for role in (Role.INCLUSION_STAFF, Role.REVIEWER, Role.ANALYST)),
)


def rail_of(actor: Actor | None) -> tuple[Entry, ...]:
    """List the rail of an actor, or of the public."""
    return tuple(entry for entry in map(_entry, _chosen(actor)) if entry is not None)[:ENTRIES_MAX]


def address_of(name: str) -> str:
    """Give the address of a page, or nothing where its room has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _chosen(actor: Actor | None) -> tuple[tuple[str, str], ...]:
    if actor is None:
        return _PUBLIC
    for role, entries in _BY_ROLE:
        if role in actor.roles:
            return entries
    return _ENTITY if actor.kind is OrganisationKind.ENTITY else _INVESTOR


def _entry(described: tuple[str, str]) -> Entry | None:
    label, name = described
    address = address_of(name)
    return Entry(gettext(label), address) if address else None
