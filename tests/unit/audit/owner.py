"""The owner of the tables, with every trigger off: what somebody with the keys of the server could do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo

from tonnebook_audit import auditor
from tonnebook_audit.auditor import AuditReport

_GUARDS_OFF = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables
        WHERE tablename ~ '^(journal|members|registry|market|emissions|compliance)_' LOOP
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name);
    END LOOP;
END $$
"""


@contextmanager
def altering() -> Iterator[psycopg.Connection[Any]]:
    """Give a transaction in which anything may be altered; it is undone at the end."""
    owner = connections["owner"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    with psycopg.connect(make_conninfo("", **{name: owner[setting] or None for name, setting in names.items()})) as it:
        it.execute(_GUARDS_OFF)
        yield it
        it.rollback()


def found_after(*statements: str) -> set[str]:
    """Alter rows with every guard off, audit inside the same transaction, and undo it; the checks that found it."""
    report = AuditReport()
    with altering() as connection:
        for statement in statements:
            changed = connection.execute(statement.encode())
        assert changed.rowcount > 0, "nothing was altered"
        auditor.check(connection, report)
    return {one.check for one in report.breaks}
