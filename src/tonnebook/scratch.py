"""Databases brought to this version of the source, and databases made for one use and dropped after it.

A template database is migrated once for each state of the source; a copy of it takes a fraction of a second, so that a
whole compliance year, or a test that must commit, gets a database of its own.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tonnebook.journal import guards, remembered, tenancy
from tonnebook.journal import services as journal

TEMPLATE = "tonnebook_template"
# A migration gives way rather than stop a running system, and is tried again; and it works no longer than that.
MIGRATION_LIMITS = f"SET lock_timeout = '{guards.GIVES_WAY_AFTER}'; SET statement_timeout = '15min';\n"
# The superuser of the embedded server, and the roles that the one of the app takes on.
SUPERUSER = "postgres"
_TAKEN_ON = ("tonnebook_public_ro", tenancy.ENGINE_ROLE)
_LACKING = """
SELECT role.rolname FROM pg_roles AS role, pg_roles AS app
WHERE role.rolname = ANY(%s) AND app.rolname = %s AND app.rolname <> current_user
AND NOT pg_has_role(app.oid, role.oid, 'SET') ORDER BY role.rolname
"""
# Two processes that find the template stale at the same time take turns on this advisory lock.
TEMPLATE_LOCK = 7_205_001


def schema_digest() -> str:
    """Name the state of everything that shapes the tables: migrations, models, guards and locked packages."""
    sources = sorted(
        path
        for pattern in ("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/guards.py", "*/tenancy.py")
        for path in settings.PACKAGE.glob(pattern)
    )
    lock = settings.REPOSITORY / "requirements" / "runtime.txt"
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in [*sources, *lock.parent.glob(lock.name)]]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def prepare_database() -> bool:
    """Migrate the database of the `owner` connection and install its guards, unless it already is at this version.

    Returns:
        Whether there was anything to do.
    """
    heal_memberships(settings.DATABASES["default"]["USER"])
    connection, digest = connections["owner"], schema_digest()
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() == (digest,):
            return False
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION_LIMITS)
    guards.giving_way(lambda: call_command("migrate", database="owner", interactive=False, verbosity=0))
    guards.install(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(digest)))
    return True


def heal_memberships(app: str) -> tuple[str, ...]:
    """Let a role take on those of public pages and of bulk work, where the server is our own.

    A data folder of an older version lacks this, and only a superuser can grant it. The keys of the embedded server lie
    in the data folder; on any other server `guards` says what its superuser has to run.

    Args:
        app: role of pages, jobs and commands.

    Returns:
        The roles it may take on only now.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(_LACKING, [list(_TAKEN_ON), app])
        lacking = tuple(role for (role,) in cursor.fetchall())
    password = _superuser_password()
    if lacking and password:
        owner = connections["owner"].settings_dict
        address = {"host": owner["HOST"], "port": owner["PORT"] or 5432, "dbname": owner["NAME"]}
        with psycopg.connect(**address, user=SUPERUSER, password=password) as connection:
            roles = sql.SQL(", ").join(map(sql.Identifier, lacking))
            connection.execute(sql.SQL("GRANT {} TO {}").format(roles, sql.Identifier(app)))
    return lacking if password else ()


def reset_database() -> None:
    """Drop a demo database and make it again, empty.

    Raises:
        RuntimeError: when the database is not marked as demo, because its books cannot be made again.
    """
    owner = connections["owner"]
    if "journal_clock" in owner.introspection.table_names():
        with owner.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM journal_clock WHERE is_demo), EXISTS (SELECT FROM journal_leaf)")
            is_demo, has_leaves = cursor.fetchone()
        if has_leaves and not is_demo:
            raise RuntimeError("这不是演示数据库，不能重置。 This is not a demo database; it cannot be reset.")
    name = owner.settings_dict["NAME"]
    _forget_connections()
    with _administration() as connection:
        _drop(connection, name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    remembered.forget()
    prepare_database()


def template_database() -> str:
    """Make the migrated template, or make it again when the source has changed; return its name."""
    with _administration() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [TEMPLATE]
        ).fetchone()
        if found == (schema_digest(),):
            return TEMPLATE
        _drop(connection, TEMPLATE)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        with _pointing_to(TEMPLATE):
            prepare_database()
    return TEMPLATE


def create_copy(name: str) -> None:
    """Make a database from the template."""
    template = template_database()
    with _administration() as connection:
        # PostgreSQL copies a template only while nobody is connected to it and nobody else copies it.
        connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        _drop(connection, name)
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(command.format(sql.Identifier(name), sql.Identifier(template)))


def drop_copy(name: str) -> None:
    """Drop a database and whoever is still connected to it."""
    with _administration() as connection:
        _drop(connection, name)


@contextmanager
def scratch_database(label: str) -> Iterator[str]:
    """Point this process to a fresh demo database for the length of a `with` block, then drop it.

    Args:
        label: what it is for, a part of its name: letters, digits, underscores.

    Yields:
        The name of the database.
    """
    name = f"tonnebook_{label}"
    create_copy(name)
    try:
        with _pointing_to(name):
            journal.mark_demo()
            yield name
    finally:
        drop_copy(name)


@contextmanager
def _pointing_to(name: str) -> Iterator[None]:
    # Every alias moves together: a page, the owner and the auditor look at the same database.
    before = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    _rename(dict.fromkeys(before, name))
    try:
        yield
    finally:
        _rename(before)


def _rename(names: dict[str, str]) -> None:
    _forget_connections()
    for alias, name in names.items():
        connections[alias].settings_dict["NAME"] = name


# Nothing for a server whose owner has another password than the data folder says: those keys are of another server.
def _superuser_password() -> str:
    path = settings.HOME / "secrets.json"
    keys = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    is_ours = keys.get("owner") == connections["owner"].settings_dict["PASSWORD"]
    return str(keys.get(SUPERUSER, "")) if is_ours else ""


def _forget_connections() -> None:
    for alias in connections:
        connections[alias].close()


def _administration() -> psycopg.Connection[tuple[object, ...]]:
    # Databases are created and dropped from outside them, and never inside a transaction.
    owner = connections["owner"].settings_dict
    return psycopg.connect(
        dbname="postgres",
        host=owner["HOST"] or None,
        port=owner["PORT"] or None,
        user=owner["USER"] or None,
        password=owner["PASSWORD"] or None,
        autocommit=True,
    )


def _drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    # DROP … WITH (FORCE) may not end a worker of autovacuum, which belongs to the superuser; a plain DROP ends those
    # by itself, and the clients are sent away before it.
    clients = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND backend_type = %s"
    connection.execute(clients, [name, "client backend"])
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
