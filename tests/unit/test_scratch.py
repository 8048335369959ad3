"""Databases for one use: quick to make, under the app's role, gone afterwards."""

import threading

import pytest
from django.db import ProgrammingError, connection

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
