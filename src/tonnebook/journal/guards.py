"""Guards in the database itself: what may be written by whom, and that no book changes without a leaf.

`install` runs after every migration, as the owner of the tables; it may run any number of times. Models declare
themselves by inheriting `InsertOnly` or `Book`.
"""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import models
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

DROP TRIGGER IF EXISTS journal_touched_checked ON journal_touched;
CREATE CONSTRAINT TRIGGER journal_touched_checked AFTER INSERT ON journal_touched
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_check_touched();
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
    """Put triggers and grants into a database.

    Args:
        connection: a connection as owner of the tables.
    """
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTIONS)
        cursor.execute(tenancy.FUNCTIONS)
        for table in insert_only_tables():
            cursor.execute(_INSERT_ONLY.format(table=quote(table)))
        for table in book_tables():
            cursor.execute(_BOOK.format(table=quote(table)))
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
        app, audit = (settings.DATABASES[name]["USER"] for name in ("default", "audit"))
        if app and app != owner:
            for statement in _grants_for_app(quote(app), [quote(table) for table in insert_only_tables()]):
                cursor.execute(statement)
        if audit and audit not in (owner, app):
            for statement in _grants_for_audit(quote(audit)):
                cursor.execute(statement)
        for statement in _policies(connection, owner, app, audit):
            cursor.execute(statement)


def _policies(connection: BaseDatabaseWrapper, owner: str, app: str, audit: str) -> Iterator[str]:
    # Who owns the tables sees every row: on a server with a single role there is nothing to separate.
    if app in ("", owner):
        return
    quote = connection.ops.quote_name
    found = set(connection.introspection.table_names())
    public = _PUBLIC_ROLE if _has_role(connection, _PUBLIC_ROLE) else ""
    for table, rule in sorted(tenancy.rules().items()):
        if table in found:
            yield from tenancy.statements(
                quote(table),
                rule,
                app=quote(app),
                public=public,
                audit=quote(audit) if audit not in (owner, app) else "",
            )
    if public:
        _require_member(connection, app, public)
        yield f"GRANT USAGE ON SCHEMA public TO {public}"
    if _has_role(connection, tenancy.ENGINE_ROLE):
        yield f"GRANT USAGE ON SCHEMA public TO {tenancy.ENGINE_ROLE}"
        yield f"GRANT SELECT, INSERT ON {', '.join(map(quote, book_tables()))} TO {tenancy.ENGINE_ROLE}"


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
