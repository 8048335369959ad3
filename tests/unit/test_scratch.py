"""Databases for one use: quick to make, under the app's role, gone afterwards."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import ProgrammingError, connection, connections
from pytest_django.fixtures import Settings

from tonnebook import scratch
from tonnebook.journal import queries as journal


def current(expression: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_tests_connect_as_the_app() -> None:
    assert current("current_user") == "tonnebook_app"


@pytest.mark.django_db
def test_app_may_not_change_the_schema() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE extra (id int)")


def test_fresh_database_is_a_demo(fresh_database: str) -> None:
    assert current("current_database()") == fresh_database
    assert journal.clock().is_demo


def test_fresh_database_serves_other_threads_too(fresh_database: str) -> None:
    seen: list[object] = []

    def look() -> None:
        seen.append(current("current_database()"))
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [fresh_database]


def test_scratch_database_is_dropped_and_the_former_one_is_back(fresh_database: str) -> None:
    with scratch.scratch_database(f"{fresh_database}_inner") as inner:
        assert current("current_database()") == inner
    assert current("current_database()") == fresh_database
    assert current(f"count(*) FROM pg_database WHERE datname = '{inner}'") == 0


def test_prepare_does_nothing_the_second_time(fresh_database: str) -> None:
    assert scratch.prepare_database()  # a copy does not carry the mark of its template
    assert not scratch.prepare_database()


@pytest.fixture
def lost(worker_label: str) -> Iterator[str]:
    """A role as that of the app in a data folder of an older version: it may take on no other."""
    password = scratch._superuser_password()
    if not password:
        pytest.skip("needs the embedded server, whose superuser is ours")
    owner, role = connections["owner"].settings_dict, f"tonnebook_lost_{worker_label}"
    address = {"host": owner["HOST"], "port": owner["PORT"] or 5432, "dbname": owner["NAME"], "autocommit": True}
    with psycopg.connect(**address, user=scratch.SUPERUSER, password=password) as connection:
        connection.execute(f"CREATE ROLE {role}".encode())
        yield role
        connection.execute(f"DROP ROLE {role}".encode())


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_role_that_lost_its_memberships_gets_them_back_once(lost: str) -> None:
    assert scratch.heal_memberships(lost) == ("tonnebook_engine", "tonnebook_public_ro")
    assert current(f"pg_has_role('{lost}', 'tonnebook_public_ro', 'SET')") is True
    assert scratch.heal_memberships(lost) == ()


@pytest.mark.django_db(databases=["default", "owner"])
def test_on_a_server_of_somebody_else_nothing_is_granted(lost: str, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"postgres": "x", "owner": "another password"}')
    for home in (tmp_path, tmp_path / "empty"):
        settings.HOME = home
        assert scratch.heal_memberships(lost) == ()
    assert current(f"pg_has_role('{lost}', 'tonnebook_public_ro', 'SET')") is False
