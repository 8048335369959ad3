"""Rows are seen by their own tenants: the catalogue of the database, real scopes, and what happens without them."""

import contextlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import NORTH_POWER, RED_RIVER, REGION

from tonnebook.compliance.models import Allocation
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.journal import guards, tenancy
from tonnebook.journal.models import JournalSecret
from tonnebook.journal.tenancy import NOBODY, PUBLIC, Reach, Scope, Shared, Tenant, Through, Why
from tonnebook.registry.models import Account, Balance, Posting, Transfer

RED = Scope(Reach.ORGANISATION, REGION, "", RED_RIVER, "P-1")
NORTH = Scope(Reach.ORGANISATION, REGION, "", NORTH_POWER, "P-2")
OFFICER = Scope(Reach.REGION, REGION, "", "BUREAU", "P-3")
ELSEWHERE = Scope(Reach.REGION, "tianjin", "", "BUREAU", "P-4")
DISTRICT = Scope(Reach.DISTRICT, REGION, "Baoshan", "BUREAU", "P-5")
TENANTS = {table: rule for table, rule in tenancy.rules().items() if not isinstance(rule, Shared)}


@pytest.fixture
def staged(db: None) -> stages.Stage:
    """Two companies with allowances, and everything that led there."""
    stage = stages.open_stage()
    stage.first_batch()
    return stage


def rows(sql: str, *values: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def owners() -> set[str]:
    """Whose accounts are seen; the system's own count as nobody's."""
    return {str(code or "") for (code,) in rows("SELECT organisation_id FROM registry_account")}


@contextmanager
def as_role(name: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Connect as one of the launcher's other roles to the database of the test."""
    address = settings.ROLE_URLS[name]
    if not address:
        pytest.skip("the server of this run has a single role")
    with psycopg.connect(address, dbname=connection.settings_dict["NAME"], autocommit=True) as session:
        yield session


# --- The catalogue ---


def test_every_table_has_a_rule_and_every_rule_a_table(db: None) -> None:
    tables = {name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables - tenancy.rules().keys() == set(), "give its model a `tenancy_rule`, or name it in tenancy.FOREIGN"
    assert tenancy.rules().keys() - tables == set()


def test_every_table_of_tenants_has_its_policies_and_no_other_table_has_any(db: None) -> None:
    found = rows(
        "SELECT relname, relrowsecurity, array(SELECT polname::text FROM pg_policy WHERE polrelid = pg_class.oid)"
        " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    for name, is_enabled, policies in found:
        expected = {"tenant_app", "tenant_public", "tenant_audit"} if name in TENANTS else set()
        assert (name, is_enabled, set(policies)) == (name, name in TENANTS, expected)  # type: ignore[call-overload]


def test_every_shared_table_says_why(db: None) -> None:
    for rule in tenancy.rules().values():
        assert isinstance(rule, Tenant | Through) or len(rule.reason) > 10


@pytest.mark.parametrize("role", ["app", "public_ro", "audit"])
def test_no_role_of_daily_use_owns_anything_or_passes_the_policies_by(db: None, role: str) -> None:
    ((is_super, bypasses, creates),) = rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = %s",
        f"tonnebook_{role}",
    )
    assert (is_super, bypasses, creates) == (False, False, False)
    owned = "SELECT relname FROM pg_class WHERE relowner = %s::regrole AND relpersistence <> 't'"
    assert rows(owned, f"tonnebook_{role}") == []


def test_no_function_but_guards_lends_the_rights_of_its_owner(db: None) -> None:
    # A trigger's function runs for its trigger only and cannot be called.
    lending = "SELECT proname, prorettype <> 'trigger'::regtype, proconfig::text FROM pg_proc WHERE prosecdef"
    found = rows(f"{lending} AND pronamespace = 'public'::regnamespace")
    assert [name for name, is_callable, _ in found if is_callable] == []
    assert {options for _, _, options in found} == {'{"search_path=public, pg_temp"}'}


# --- Scopes ---


def test_every_tenant_table_that_has_rows_shows_none_to_nobody(staged: stages.Stage) -> None:
    filled = [table for table in TENANTS if rows(f"SELECT FROM {table} LIMIT 1")]
    assert len(filled) >= 12
    with tenancy.acting(NOBODY):
        assert [table for table in filled if rows(f"SELECT FROM {table} LIMIT 1")] == []


def test_the_public_is_served_by_a_role_that_reaches_public_tables_only(staged: stages.Stage) -> None:
    assert rows("SELECT current_user") == [("tonnebook_app",)]
    with tenancy.acting(PUBLIC):
        assert rows("SELECT current_user") == [("tonnebook_public_ro",)]
        for table, rule in tenancy.rules().items():
            query = f"SELECT FROM {connection.ops.quote_name(table)} LIMIT 1"
            if isinstance(rule, Shared) and rule.is_public:
                rows(query)
                continue
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                rows(query)
        with tenancy.everywhere(Why.DISCLOSURE):
            assert rows("SELECT current_user") == [("tonnebook_app",)]
        assert rows("SELECT current_user") == [("tonnebook_public_ro",)]
    assert rows("SELECT current_user") == [("tonnebook_app",)]


def test_the_role_of_the_public_ends_with_its_transaction(fresh_database: str) -> None:
    with tenancy.acting(PUBLIC), transaction.atomic():
        assert rows("SELECT current_user") == [("tonnebook_public_ro",)]
    assert connection.connection.execute("SELECT current_user").fetchone() == ("tonnebook_app",)


def test_an_organisation_sees_its_own_rows_and_no_others(staged: stages.Stage) -> None:
    for scope, own in ((RED, RED_RIVER), (NORTH, NORTH_POWER)):
        with tenancy.acting(scope):
            assert owners() == {own}
            assert set(Balance.objects.values_list("account__organisation__uscc", flat=True)) == {own}
            assert set(Allocation.objects.values_list("entity__uscc", flat=True)) == {own}
            assert Transfer.objects.exists()
            own_accounts = set(Account.objects.values_list("id", flat=True))
            for debit, credit in Posting.objects.values_list("debit_account_id", "credit_account_id"):
                assert own_accounts & {debit, credit}
            assert not JournalSecret.objects.exists()


def test_a_region_sees_its_own_rows_and_another_region_none_of_them(staged: stages.Stage) -> None:
    everything = Account.objects.count(), Balance.objects.count(), Posting.objects.count(), Transfer.objects.count()
    with tenancy.acting(OFFICER):
        seen = Account.objects.count(), Balance.objects.count(), Posting.objects.count(), Transfer.objects.count()
    assert seen == everything
    with tenancy.acting(ELSEWHERE):
        assert not any(model.objects.exists() for model in (Account, Balance, Posting, Transfer, Allocation))


def test_a_district_sees_the_companies_of_its_own_district(staged: stages.Stage) -> None:
    with tenancy.acting(DISTRICT):
        assert not Account.objects.exists()
    connections["default"].cursor().execute(
        "UPDATE members_organisation SET district = 'Baoshan' WHERE uscc = %s", [RED_RIVER]
    )
    with tenancy.acting(DISTRICT):
        assert owners() == {RED_RIVER}
        assert set(Allocation.objects.values_list("entity__uscc", flat=True)) == {RED_RIVER}


def test_the_scope_follows_from_one_statement_to_the_next(staged: stages.Stage) -> None:
    seen = owners
    with tenancy.acting(RED):
        assert seen() == {RED_RIVER}
        with tenancy.acting(NORTH):
            assert seen() == {NORTH_POWER}
        assert seen() == {RED_RIVER}
        # What is told inside a savepoint is forgotten by the server when it is rolled back, and told again.
        with contextlib.suppress(KeyError), transaction.atomic(), tenancy.acting(NORTH):
            assert seen() == {NORTH_POWER}
            raise KeyError
        assert seen() == {RED_RIVER}
        with pytest.raises(DatabaseError), transaction.atomic(), tenancy.acting(NORTH):
            rows("SELECT 1 / 0")
        assert seen() == {RED_RIVER}
    assert len(seen()) > 2


def test_a_committed_transaction_leaves_no_scope_behind(fresh_database: str) -> None:
    with tenancy.acting(RED), transaction.atomic():
        assert rows("SELECT current_setting('tonnebook.organisation')") == [(RED_RIVER,)]
    session = connection.connection
    left = session.execute("SELECT current_setting('tonnebook.organisation', true)").fetchone()
    assert left[0] in ("", None)


def test_a_session_that_knows_the_scope_is_not_told_again(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    connection.ensure_connection()
    execute = connection.connection.execute

    def listen(*args: object, **named: object) -> object:
        told.append(args)
        return execute(*args, **named)

    monkeypatch.setattr(connection.connection, "execute", listen)
    with tenancy.acting(RED):
        assert owners() == set()
        for _ in range(3):
            with transaction.atomic():
                assert rows("SELECT current_setting('tonnebook.organisation')") == [(RED_RIVER,)]
        assert len(told) == 1
        # What a transaction was told beyond that, its end undoes.
        with transaction.atomic(), tenancy.acting(NORTH):
            assert rows("SELECT current_setting('tonnebook.organisation')") == [(NORTH_POWER,)]
        assert rows("SELECT current_setting('tonnebook.organisation')") == [(RED_RIVER,)]
    assert len(told) == 2


def test_a_session_without_a_scope_sees_nothing_whatever_it_asks(fresh_database: str) -> None:
    stages.open_stage()
    assert Account.objects.exists()
    default = connection.settings_dict
    with psycopg.connect(
        dbname=default["NAME"], host=default["HOST"], user=default["USER"], password=default["PASSWORD"]
    ) as session:
        assert session.execute("SELECT count(*) FROM registry_account").fetchone() == (0,)


def test_books_are_written_by_the_books_alone(staged: stages.Stage) -> None:
    first = Posting.objects.order_by("pk").values("debit_account_id", "credit_account_id", "asset_id", "transfer_id")[0]
    insert = (
        "INSERT INTO registry_posting"
        " (debit_account_id, credit_account_id, asset_id, transfer_id, index, quantity, debit_after, credit_after)"
        " VALUES (%s, %s, %s, %s, 999, 1, 0, 0)"
    )
    for scope in (RED, OFFICER):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic(), tenancy.acting(scope):
            connection.cursor().execute(insert, [*map(str, first.values())])
    with tenancy.acting(RED), transaction.atomic():
        assert Account.objects.filter(organisation=None).update(name="mine") == 0


def test_control_without_the_policy_a_company_sees_the_others(fresh_database: str) -> None:
    stages.open_stage()
    with tenancy.acting(RED):
        assert owners() == {RED_RIVER}
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE registry_account DISABLE ROW LEVEL SECURITY")
    with tenancy.acting(RED):
        assert len(owners()) > 2
    guards.install(connections["owner"])
    with tenancy.acting(RED):
        assert owners() == {RED_RIVER}


# --- The other roles ---


def test_the_role_of_public_pages_reads_what_is_public_and_nothing_else(db: None) -> None:
    public = {table for table, rule in tenancy.rules().items() if isinstance(rule, Shared) and rule.is_public}
    with as_role("public_ro") as session:
        for table in tenancy.rules():
            query = f"SELECT FROM {connection.ops.quote_name(table)} LIMIT 1"
            if table in public:
                session.execute(query)
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(query)


def test_the_engine_passes_the_policies_by_but_reads_and_adds_to_books_only(db: None) -> None:
    with as_role("engine") as session:
        assert session.execute("SELECT count(*) >= 0 FROM registry_posting").fetchone() == (True,)
        granted = session.execute(
            "SELECT tablename::text, privilege FROM pg_tables, unnest(%s::text[]) AS privilege"
            " WHERE schemaname = 'public' AND has_table_privilege('public.' || quote_ident(tablename), privilege)",
            [["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"]],
        ).fetchall()
    assert set(granted) == set(itertools.product(guards.book_tables(), ("SELECT", "INSERT")))


# --- Who has which scope ---


@pytest.mark.parametrize(
    ("role", "reach"),
    [
        (Role.OFFICER, Reach.REGION),
        (Role.REGISTRAR, Reach.REGION),
        (Role.EXCHANGE_STAFF, Reach.REGION),
        (Role.AUDITOR, Reach.REGION),
        (Role.FINANCE_OFFICER, Reach.REGION),
        (Role.BANK_CLERK, Reach.REGION),
        (Role.DISTRICT_OFFICER, Reach.DISTRICT),
        (Role.REPRESENTATIVE, Reach.ORGANISATION),
        (Role.TRADER, Reach.ORGANISATION),
        (Role.VERIFIER, Reach.ORGANISATION),
        (Role.INCLUSION_STAFF, Reach.ORGANISATION),
        (Role.REVIEWER, Reach.ORGANISATION),
        (Role.ANALYST, Reach.ORGANISATION),
        (Role.REPORT_WRITER, Reach.ORGANISATION),
        (Role.SECTOR_OFFICER, Reach.SECTOR),
    ],
)
def test_a_role_reaches_as_far_as_its_work(role: Role, reach: Reach) -> None:
    actor = Actor("P-1", RED_RIVER, OrganisationKind.ENTITY, frozenset({role}), REGION, "Baoshan")
    assert tenancy.scope_of(actor) == Scope(reach, REGION, "Baoshan", RED_RIVER, "P-1")


def test_every_role_has_a_reach_that_is_tested() -> None:
    marks = test_a_role_reaches_as_far_as_its_work.pytestmark  # type: ignore[attr-defined]
    assert {role for role, _ in marks[0].args[1]} == set(Role)


def test_the_system_sees_everything_and_the_public_what_is_public() -> None:
    assert tenancy.scope_of(SYSTEM) == tenancy.EVERYWHERE
    assert tenancy.scope_of(None) == PUBLIC
