"""The guards in the database: each one holds, and without it the fault it stands against gets through."""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tonnebook.journal import guards, queries
from tonnebook.journal import services as journal
from tonnebook.journal.models import JournalLeaf
from tonnebook.journal.services import Entry
from tonnebook.members.models import Organisation

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
KEYS = {model._meta.db_table: model._meta.pk_fields[0].column for model in apps.get_models()}


def insert_organisation(uscc: str = "91310000000000001X") -> None:
    """Change a book."""
    Organisation.objects.create(uscc=uscc, name_zh="红河", name_en="Red", kind="ENTITY", region="shanghai")


def run_as_owner(sql: str) -> None:
    """Run a statement as the owner of the tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)


def test_a_change_of_a_book_without_a_leaf_fails_at_commit(fresh_database: str) -> None:
    with pytest.raises(IntegrityError, match="without a leaf"), transaction.atomic():
        insert_organisation()
    assert not Organisation.objects.exists()


def test_control_without_the_trigger_the_change_gets_through(fresh_database: str) -> None:
    run_as_owner("DROP TRIGGER journal_touched_checked ON journal_touched")
    with transaction.atomic():
        insert_organisation()
    assert Organisation.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE members_organisation SET district = 'x'",
        "DELETE FROM members_organisation",
        "INSERT INTO members_organisation (uscc, name_zh, name_en, kind, region, district, sector) "
        "VALUES ('y', '', '', '', '', '', '') ON CONFLICT (uscc) DO UPDATE SET district = 'x'",
    ],
)
def test_every_way_to_change_a_book_needs_a_leaf(fresh_database: str, statement: str) -> None:
    with transaction.atomic():
        insert_organisation()
        journal.append(Entry("trial.changed", {}), now=NOW)
    with pytest.raises(IntegrityError, match="without a leaf"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_statement_that_changes_nothing_needs_no_leaf(fresh_database: str) -> None:
    with transaction.atomic():
        Organisation.objects.filter(uscc="nobody").update(district="x")


def test_a_leaf_of_another_transaction_does_not_count(fresh_database: str) -> None:
    with transaction.atomic():
        journal.append(Entry("trial.changed", {}), now=NOW)
    with pytest.raises(IntegrityError, match="without a leaf"), transaction.atomic():
        insert_organisation()


def leaf_rolled_back() -> None:
    savepoint = transaction.savepoint()
    journal.append(Entry("trial.changed", {}), now=NOW)
    transaction.savepoint_rollback(savepoint)


@pytest.mark.parametrize("steps", list(itertools.permutations([insert_organisation, leaf_rolled_back])))
def test_a_leaf_that_was_rolled_back_does_not_count(fresh_database: str, steps: tuple[Callable[[], None], ...]) -> None:
    def change() -> None:
        for step in steps:
            step()

    with pytest.raises(IntegrityError, match="without a leaf"), transaction.atomic():
        change()


def test_a_leaf_before_the_change_stands_or_falls_with_it(fresh_database: str) -> None:
    with transaction.atomic():
        savepoint = transaction.savepoint()
        journal.append(Entry("trial.changed", {}), now=NOW)
        insert_organisation()
        transaction.savepoint_rollback(savepoint)
    assert not Organisation.objects.exists()
    with transaction.atomic():
        journal.append(Entry("trial.changed", {}), now=NOW)
        insert_organisation()
    assert Organisation.objects.count() == JournalLeaf.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", guards.insert_only_tables())
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_insert_only_rows_are_changed_by_nobody(table: str, verb: str) -> None:
    column = f'"{KEYS[table]}"'
    statement = verb.format(table, column, column)
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_insert_only_rows_are_not_changed_by_the_owner_either(fresh_database: str, verb: str) -> None:
    for table in guards.insert_only_tables():
        with pytest.raises(IntegrityError, match="never changed"):
            run_as_owner(verb.format(table, KEYS[table], KEYS[table]))


def test_control_without_the_trigger_the_owner_changes_a_leaf(fresh_database: str) -> None:
    with transaction.atomic():
        journal.append(Entry("trial.changed", {}), now=NOW)
    run_as_owner("DROP TRIGGER journal_insert_only ON journal_leaf")
    run_as_owner("UPDATE journal_leaf SET kind = 'trial.forged'")
    assert JournalLeaf.objects.get().kind == "trial.forged"


def test_the_auditor_reads_and_writes_nothing(fresh_database: str) -> None:
    with connections["audit"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_leaf")
    with pytest.raises(ProgrammingError, match="permission denied"), connections["audit"].cursor() as cursor:
        cursor.execute("INSERT INTO journal_outbox (topic, payload, created_at) VALUES ('x', '{}', now())")


def test_the_guards_can_be_installed_again(fresh_database: str) -> None:
    guards.install(connections["owner"])
    with pytest.raises(IntegrityError, match="without a leaf"), transaction.atomic():
        insert_organisation()


def test_a_table_that_has_its_guards_is_left_alone(fresh_database: str) -> None:
    before = comments()
    with transaction.atomic():
        # Whoever reads a table keeps it from getting other guards.
        assert JournalLeaf.objects.count() == 0
        guards.install(connections["owner"])
    assert before == comments()
    assert set(guards.book_tables()) <= before.keys()


def test_lost_guards_are_put_there_again(fresh_database: str) -> None:
    run_as_owner("DROP TRIGGER journal_book_insert ON members_organisation")
    guards.install(connections["owner"])
    with pytest.raises(IntegrityError, match="without a leaf"), transaction.atomic():
        insert_organisation()


def test_a_change_of_tables_gives_way_and_is_tried_again(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "GIVES_WAY_AFTER", "20ms")
    run_as_owner("COMMENT ON TABLE journal_leaf IS NULL")
    reader = psycopg.connect(queries.audit_url())
    tried: list[str] = []
    put = guards._run

    def run(owner: BaseDatabaseWrapper, statements: Sequence[str]) -> None:
        tried.append(statements[-1])
        if len(tried) == 3:
            reader.rollback()
        put(owner, statements)

    monkeypatch.setattr(guards, "_run", run)
    reader.execute("SELECT count(*) FROM journal_leaf")
    with reader:
        guards.install(connections["owner"])
    assert ["COMMENT ON TABLE" in one for one in tried] == [True, True, True, False]
    assert comments()["journal_leaf"]


@pytest.mark.parametrize(("error", "times"), [(psycopg.errors.LockNotAvailable, 60), (psycopg.errors.DiskFull, 1)])
def test_a_change_that_never_gets_through_says_so(error: type[psycopg.Error], times: int) -> None:
    tried: list[int] = []

    def change() -> None:
        tried.append(len(tried))
        raise OperationalError("no") from error()

    with pytest.raises(OperationalError):
        guards.giving_way(change)
    assert len(tried) == times


def comments() -> dict[str, str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT relname, obj_description(oid, 'pg_class') FROM pg_class WHERE relkind IN ('r', 'p')")
        return {table: mark for table, mark in cursor.fetchall() if mark}
