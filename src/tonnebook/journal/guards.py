"""Guards in the database itself: what may be written by whom, and that no book changes without a leaf.

`install` runs after every migration, as the owner of the tables, while the version before may be serving; it may run
any number of times. Models declare themselves by inheriting `InsertOnly` or `Book`.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly

# Made by the launcher, or by whoever keeps the server; where they are missing nothing is granted.
_PUBLIC_ROLE = "tonnebook_public_ro"

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION journal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted (A9)', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- A leaf that is there already cannot be rolled back without the change that comes after it: nothing to remember then.
CREATE OR REPLACE FUNCTION journal_mark_touched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed)
       AND NOT EXISTS (SELECT FROM journal_leaf WHERE txid = pg_current_xact_id()::text::bigint) THEN
        INSERT INTO journal_touched (txid) VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION journal_check_touched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM journal_leaf WHERE txid = NEW.txid) THEN
        RAISE EXCEPTION 'a book was changed without a leaf in the log (D1)' USING ERRCODE = 'restrict_violation';
    END IF;
    DELETE FROM journal_touched WHERE txid = NEW.txid;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION journal_check_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_demo AND EXISTS (SELECT FROM journal_leaf)
       AND (TG_OP = 'INSERT' OR NOT OLD.is_demo) THEN
        RAISE EXCEPTION 'a database with leaves cannot become a demo (O2)' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

_TOUCHED = """
DROP TRIGGER IF EXISTS journal_touched_checked ON journal_touched;
CREATE CONSTRAINT TRIGGER journal_touched_checked AFTER INSERT ON journal_touched
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_check_touched();
"""

_CLOCK = """
CREATE OR REPLACE TRIGGER journal_clock_checked BEFORE INSERT OR UPDATE ON journal_clock
    FOR EACH ROW EXECUTE FUNCTION journal_check_clock();
"""

_INSERT_ONLY = """
CREATE OR REPLACE TRIGGER journal_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_change();
"""

_BOOK = """
CREATE OR REPLACE TRIGGER journal_book_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_mark_touched();
CREATE OR REPLACE TRIGGER journal_book_update AFTER UPDATE ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_mark_touched();
CREATE OR REPLACE TRIGGER journal_book_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION journal_mark_touched();
CREATE OR REPLACE TRIGGER journal_book_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_change();
"""


def insert_only_tables() -> tuple[str, ...]:
    """List the tables whose rows are written once, sorted."""
    return _tables(InsertOnly)


def book_tables() -> tuple[str, ...]:
    """List the tables whose change needs a leaf, sorted."""
    return _tables(Book)


def install(connection: BaseDatabaseWrapper) -> None:
    """Bring triggers, policies and grants of a database to this version.

    A table that has its guards already is left alone. Any other gets them in a transaction of its own, so that nobody
    ever meets it without, and gives way when pages would have to wait for it.

    Args:
        connection: a connection as owner of the tables.
    """
    owner, app, audit = _roles(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(_FUNCTIONS)
        cursor.execute(tenancy.FUNCTIONS)
    guarded = _guarded(connection)
    for table, statements in _wanted(connection, owner, app, audit).items():
        mark = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        needs = sum("TRIGGER journal_" in line and "CREATE" in line for one in statements for line in one.splitlines())
        policies = sum(one.startswith("CREATE POLICY") for one in statements)
        if guarded.get(table) != (mark, needs, policies, policies > 0):
            comment = f"COMMENT ON TABLE {connection.ops.quote_name(table)} IS '{mark}'"
            giving_way(partial(_run, connection, [*statements, comment]))
    _run(connection, _grants(connection, owner, app, audit))


# Below the three seconds that pages wait for a lock: whoever queues behind this one is still served.
GIVES_WAY_AFTER, _TRIES = "2s", 60


def giving_way(change: Callable[[], object]) -> None:
    """Make a change of tables that lets go when somebody keeps it waiting, and try it again until it is through.

    Args:
        change: runs under `GIVES_WAY_AFTER` and leaves nothing behind when it is refused a lock.

    Raises:
        OperationalError: when it was kept waiting sixty times.
    """
    for left in reversed(range(_TRIES)):
        try:
            change()
            return
        except OperationalError as error:
            waited = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
            if not left or not isinstance(error.__cause__, waited):
                raise


def _run(connection: BaseDatabaseWrapper, statements: Sequence[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{GIVES_WAY_AFTER}'")
        for statement in statements:
            cursor.execute(statement)


def _roles(connection: BaseDatabaseWrapper) -> tuple[str, str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = str(cursor.fetchone()[0])
    app, audit = (settings.DATABASES[name]["USER"] for name in ("default", "audit"))
    return owner, app, audit


_GUARDED = """
SELECT relname, obj_description(oid, 'pg_class'),
       (SELECT count(*) FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname LIKE 'journal\\_%' AND tgenabled = 'O'),
       (SELECT count(*) FROM pg_policy WHERE polrelid = pg_class.oid AND polname LIKE 'tenant\\_%'),
       relrowsecurity
FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""


# By table: the mark of what was put there, and what is still there of it.
def _guarded(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, int, int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_GUARDED)
        return {table: (mark, *rest) for table, mark, *rest in cursor.fetchall()}


def _wanted(connection: BaseDatabaseWrapper, owner: str, app: str, audit: str) -> dict[str, list[str]]:
    quote = connection.ops.quote_name
    wanted: dict[str, list[str]] = defaultdict(list)
    wanted["journal_touched"].append(_TOUCHED)
    wanted["journal_clock"].append(_CLOCK)
    for table in insert_only_tables():
        wanted[table].append(_INSERT_ONLY.format(table=quote(table)))
    for table in book_tables():
        wanted[table].append(_BOOK.format(table=quote(table)))
    for table, statements in _policies(connection, owner, app, audit):
        wanted[table].extend(statements)
    return dict(sorted(wanted.items()))


def _grants(connection: BaseDatabaseWrapper, owner: str, app: str, audit: str) -> list[str]:
    quote = connection.ops.quote_name
    grants: list[str] = []
    if app and app != owner:
        grants += _grants_for_app(quote(app), [quote(table) for table in insert_only_tables()])
    if audit and audit not in (owner, app):
        grants += _grants_for_audit(quote(audit))
    if app in ("", owner):
        return grants
    if _has_role(connection, _PUBLIC_ROLE):
        _require_member(connection, app, _PUBLIC_ROLE)
        grants.append(f"GRANT USAGE ON SCHEMA public TO {_PUBLIC_ROLE}")
    if _has_role(connection, tenancy.ENGINE_ROLE):
        grants.append(f"GRANT USAGE ON SCHEMA public TO {tenancy.ENGINE_ROLE}")
        books = ", ".join(map(quote, book_tables()))
        grants.append(f"GRANT SELECT, INSERT ON {books} TO {tenancy.ENGINE_ROLE}")
    return grants


def _policies(connection: BaseDatabaseWrapper, owner: str, app: str, audit: str) -> Iterator[tuple[str, Iterator[str]]]:
    # Who owns the tables sees every row: on a server with a single role there is nothing to separate.
    if app in ("", owner):
        return
    quote = connection.ops.quote_name
    found = set(connection.introspection.table_names())
    roles = {
        "app": quote(app),
        "public": _PUBLIC_ROLE if _has_role(connection, _PUBLIC_ROLE) else "",
        "audit": quote(audit) if audit not in (owner, app) else "",
    }
    for table, rule in tenancy.rules().items():
        if table in found:
            yield table, tenancy.statements(quote(table), rule, **roles)


def _has_role(connection: BaseDatabaseWrapper, role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
        return bool(cursor.fetchone()[0])


# Only a superuser can say that one role may take on another; without it every page of the public would fail.
def _require_member(connection: BaseDatabaseWrapper, app: str, public: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(%s, %s, 'SET')", [app, public])
        if not cursor.fetchone()[0]:
            grant = f"GRANT {public} TO {app}"
            raise RuntimeError(f"请由数据库超级用户执行：{grant}。 Have a superuser of the database run: {grant}.")


def _grants_for_app(app: str, insert_only: list[str]) -> list[str]:
    return [
        f"GRANT USAGE ON SCHEMA public TO {app}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(insert_only)} FROM {app}",
    ]


def _grants_for_audit(audit: str) -> list[str]:
    return [
        f"GRANT USAGE ON SCHEMA public TO {audit}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {audit}",
    ]


def _tables(marker: type[models.Model]) -> tuple[str, ...]:
    marked = (model for model in apps.get_models(include_auto_created=True) if issubclass(model, marker))
    return tuple(sorted(model._meta.db_table for model in marked if model._meta.managed))
