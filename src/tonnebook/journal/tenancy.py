"""Whose rows a statement may see: the reach of whoever acts, told to the database before every statement.

PostgreSQL's row-level security keeps each table to its tenants; what a row belongs to stands with its model as a
`tenancy_rule`. Whoever acts has a *scope*: nobody's shows no row at all, an organisation's its own rows, a district's,
a sector department's and a region's those of theirs. What must see both sides of a matter (a transfer, a match, a
published total) says so with `everywhere` and a reason out of a closed list. The scope follows the flow of the program
(a context variable); `journal.postgresql` carries it to the server.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from django.apps import apps
from django.db import models

from tonnebook.core import periods
from tonnebook.core.roles import SYSTEM, Actor, Role


class Reach(StrEnum):
    """How far somebody sees."""

    NOTHING = ""
    PUBLIC = "PUBLIC"
    ORGANISATION = "ORGANISATION"
    DISTRICT = "DISTRICT"
    SECTOR = "SECTOR"
    REGION = "REGION"
    EVERYWHERE = "EVERYWHERE"


class Why(StrEnum):
    """Why a part of the program sees every row, whoever asked; each member says what is checked instead."""

    SYSTEM = "a job, an import or a command of the operator, which has no person behind it"
    SIGNING_IN = "who somebody is must be known before their reach can be"
    BOOKS = (
        "a transfer and a hold touch accounts of both sides; core decides by the matrix, members.require by the actor"
    )
    MARKET = "an order meets those of others; pages get prices and sums without names"
    DISCLOSURE = "the public tables and totals, whose columns are fixed by the disclosure matrix"
    LOG = "leaves, secrets and events are written for whoever acts and opened for whoever is entitled"
    INDEPENDENCE = "whoever signs may not be related to whoever wrote, whom they need not see"
    UNIQUENESS = "a number, a name or a file is taken or free, whoever has it"


@dataclass(frozen=True, slots=True)
class Scope:
    """A reach and what it is of; the person tells whose idempotency keys are meant."""

    reach: Reach
    region: str = ""
    district: str = ""
    organisation: str = ""
    person: str = ""


# Passes the policies by, and reaches books only: for rows that are written by the ten thousand.
ENGINE_ROLE = "tonnebook_engine"

NOBODY = Scope(Reach.NOTHING)
PUBLIC = Scope(Reach.PUBLIC)
EVERYWHERE = Scope(Reach.EVERYWHERE)

# Those who act on the organisations of their whole region; a door still decides what of it they are shown.
_WIDE = frozenset(
    {
        Role.OFFICER,
        Role.REGISTRAR,
        Role.EXCHANGE_STAFF,
        Role.AUDITOR,
        Role.FINANCE_OFFICER,
        Role.BANK_CLERK,
    }
)

_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)
_process = [NOBODY]


def current() -> Scope:
    """Give the scope of the next statement: that of this flow, else that of the process, at first nobody's."""
    return _scope.get() or _process[0]


def serve_as(scope: Scope) -> None:
    """Set the scope of everything in this process that has none of its own; the command line and the worker call it.

    Args:
        scope: `EVERYWHERE` for the operator's own programs; the web process leaves it at nobody's.
    """
    _process[0] = scope


@contextmanager
def acting(scope: Scope) -> Iterator[None]:
    """Run a block in a scope.

    Args:
        scope: of the actor.
    """
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def everywhere(why: Why) -> Iterator[None]:
    """Run a block, or as a decorator a function, that must see the rows of all tenants.

    Args:
        why: the reason, which says what is checked instead; a new reason is a new member.
    """
    assert why in Why
    with acting(EVERYWHERE):
        yield


def scope_of(actor: Actor | None) -> Scope:
    """Give the scope of an actor: the system's is everywhere, the public's only what is public."""
    if actor is None:
        return PUBLIC
    if actor is SYSTEM:
        return EVERYWHERE
    reach = Reach.ORGANISATION
    if actor.roles & _WIDE:
        reach = Reach.REGION
    elif Role.DISTRICT_OFFICER in actor.roles:
        reach = Reach.DISTRICT
    elif Role.SECTOR_OFFICER in actor.roles:
        reach = Reach.SECTOR
    return Scope(reach, actor.region, actor.district, actor.organisation, actor.person)


# --- Rules: what a row belongs to -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shared:
    """A table without tenants.

    Attributes:
        reason: why everybody may read it.
        is_public: whether public pages read it with the role of the public.
    """

    reason: str
    is_public: bool = False


Written = Literal["own", "everywhere", "any"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """A table whose rows belong to somebody.

    Conditions are SQL about one row. In them `{mine}` compares a credit code with the own organisation, or with those
    of the own district or the own sectors; `{organisation}`, `{region}` and `{person}` are the scope's.

    Attributes:
        own: whose row it is; uses `{mine}`.
        region: which region it belongs to.
        guests: which other organisations may read it, such as the verifier assigned to it; uses `{organisation}`.
        written: from which scope a row is written: its own, everywhere only (the books), or any (what is noted down for
            whoever acts).
    """

    own: str = "false"
    region: str = "false"
    guests: str = ""
    written: Written = "own"


@dataclass(frozen=True, slots=True)
class Through:
    """A table whose rows belong to others' rows: whoever sees those sees them.

    Attributes:
        seen: SQL about one row that asks for a row of the other table, whose own rule decides.
        guests: as with `Tenant`.
        written: as with `Tenant`.
    """

    seen: str
    guests: str = ""
    written: Written = "own"


@dataclass(frozen=True, slots=True)
class AnyReach:
    """A table that whoever has a reach at all may use, the public too.

    Attributes:
        reason: why.
    """

    reason: str


# The day of the one clock in its zone, for rules of rows that hold until a day.
TODAY = f"""(SELECT ((clock_timestamp() + coalesce((SELECT "offset" FROM journal_clock), interval '0'))
 AT TIME ZONE '{periods.ZONE.key}')::date)"""  # noqa: S608  our own words only


def entity_rows(*, region: str = "region = {region}", guests: str = "") -> Tenant:
    """Make the rule of rows with the column `entity_id`."""
    return Tenant("entity_id {mine}", region, guests)


def account_rows(*columns: str, guests: str = "", written: Written = "everywhere") -> Through:
    """Make the rule of rows that belong to accounts, and to every one of several; written by the books alone."""
    seen = " OR ".join(f"{column} IN (SELECT tenancy_accounts())" for column in columns)
    return Through(seen, guests, written)


def organisation_rows(column: str) -> Tenant:
    """Make the rule of rows that refer to their organisation by its key."""
    mine, here = (
        f"{column} IN (SELECT id FROM members_organisation WHERE {condition})"  # noqa: S608  our own names only
        for condition in ("uscc {mine}", "region = {region}")
    )
    return Tenant(mine, here)


def rows_through(column: str, table: str) -> Through:
    """Make the rule of rows that are seen by whoever sees the row they refer to."""
    return Through(f"{column} IN (SELECT id FROM {table})")  # noqa: S608  our own names only


Rule = Shared | Tenant | Through | AnyReach

_DJANGO = Shared("Django's own list of tables and rights, the same on every machine")
_SESSIONS = Shared("a session is found by a key that only its browser has, before anybody is known")
_ATTEMPTS = Shared("failed sign-ins are counted before anybody is known")
_FACTORS = AnyReach("a second factor is checked before its person is signed in")
_QUEUE = Shared("the queue holds names of jobs and instants")

# Tables of packages, whose models carry no rule of ours.
FOREIGN: Mapping[str, Rule] = MappingProxyType(
    {
        "django_migrations": _DJANGO,
        "django_content_type": _DJANGO,
        "auth_permission": _DJANGO,
        "auth_group": _DJANGO,
        "auth_group_permissions": _DJANGO,
        "members_person_groups": _DJANGO,
        "members_person_user_permissions": _DJANGO,
        "django_session": _SESSIONS,
        "account_emailaddress": _FACTORS,
        "account_emailconfirmation": _FACTORS,
        "mfa_authenticator": _FACTORS,
        "axes_accessattempt": _ATTEMPTS,
        "axes_accessattemptexpiration": _ATTEMPTS,
        "axes_accessfailurelog": _ATTEMPTS,
        "axes_accesslog": _ATTEMPTS,
        "procrastinate_jobs": _QUEUE,
        "procrastinate_events": _QUEUE,
        "procrastinate_periodic_defers": _QUEUE,
        "procrastinate_workers": _QUEUE,
    }
)


def rules() -> dict[str, Rule]:
    """Give the rule of every table that has one, by name: of our models and of the packages' tables."""
    ours = {model._meta.db_table: rule for model in apps.get_models() if (rule := _rule_of(model)) is not None}
    return {**FOREIGN, **ours}


# What policies ask for all the rows of a statement at once, as functions: a sub-select of a policy is planned with each
# statement, and its cost charged to each look into an index, so that locking two balances would read all there are.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION tenancy_accounts() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 ROWS 10 AS $$
BEGIN
    RETURN QUERY SELECT id FROM public.registry_account;
END $$;

CREATE OR REPLACE FUNCTION tenancy_part() RETURNS SETOF varchar
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 ROWS 10 AS $$
BEGIN
    IF current_setting('tonnebook.reach', true) = 'DISTRICT' THEN
        RETURN QUERY SELECT uscc FROM public.members_organisation
            WHERE region = current_setting('tonnebook.region', true)
            AND district = current_setting('tonnebook.district', true);
    ELSE
        RETURN QUERY SELECT one.uscc FROM public.members_organisation AS one
            WHERE one.region = current_setting('tonnebook.region', true)
            AND (one.uscc = current_setting('tonnebook.organisation', true) OR one.sector IN (
                SELECT unnest(remit.sectors) FROM public.members_remit AS remit
                WHERE remit.department_id = current_setting('tonnebook.organisation', true)));
    END IF;
END $$;
"""


def statements(table: str, rule: Rule, *, app: str, public: str, audit: str) -> Iterator[str]:
    """Write the statements that keep a table to its rule.

    Args:
        table: quoted name.
        rule: of the table.
        app: quoted name of the role of pages, jobs and commands.
        public: quoted name of the role of public pages; empty where there is none.
        audit: quoted name of the role that reads everything; empty where there is none.
    """
    for name in ("tenant_app", "tenant_public", "tenant_audit"):
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
    if isinstance(rule, Shared):
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        if public and rule.is_public:
            yield f"GRANT SELECT ON {table} TO {public}"
        return
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    seen, written = _conditions(rule)
    yield f"CREATE POLICY tenant_app ON {table} FOR ALL TO {app} USING ({seen}) WITH CHECK ({written})"
    if public:
        yield f"CREATE POLICY tenant_public ON {table} FOR SELECT TO {public} USING (false)"
    if audit:
        yield f"CREATE POLICY tenant_audit ON {table} FOR SELECT TO {audit} USING (true)"


def _rule_of(model: type[models.Model]) -> Rule | None:
    rule: Rule | None = getattr(model, "tenancy_rule", None)
    return rule


# A sub-select without a reference to the row is computed once per statement; and as a truth value it is assumed to
# hold for half the rows, where a comparison inside the policy would have every plan expect hardly any.
def _setting(name: str) -> str:
    return f"(SELECT current_setting('tonnebook.{name}', true))"


def _reaches(*reaches: Reach) -> str:
    listed = ", ".join(f"'{reach.value}'" for reach in reaches)
    return f"(SELECT current_setting('tonnebook.reach', true) IN ({listed}))"


def _conditions(rule: Tenant | Through | AnyReach) -> tuple[str, str]:
    if isinstance(rule, AnyReach):
        return _ANY, _ANY
    always = _reaches(Reach.EVERYWHERE)
    guests = f"({_reaches(Reach.ORGANISATION)} AND ({_filled(rule.guests)}))" if rule.guests else ""
    seen = " OR ".join(filter(None, (always, *_members(rule), guests)))
    return seen, {"own": seen, "everywhere": always, "any": _ANY}[rule.written]


def _members(rule: Tenant | Through) -> Iterator[str]:
    if isinstance(rule, Through):
        yield rule.seen
        return
    own, part = f"= {_setting('organisation')}", "IN (SELECT tenancy_part())"
    yield f"({_reaches(Reach.ORGANISATION)} AND ({_filled(rule.own, own)}))"
    yield f"({_reaches(Reach.DISTRICT, Reach.SECTOR)} AND ({_filled(rule.own, part)}))"
    yield f"({_reaches(Reach.REGION)} AND ({_filled(rule.region)}))"


_ANY = _reaches(*(reach for reach in Reach if reach is not Reach.NOTHING))


def _filled(condition: str, mine: str = "") -> str:
    names = {name: _setting(name) for name in ("organisation", "region", "person")}
    return condition.format(mine=mine, **names)
