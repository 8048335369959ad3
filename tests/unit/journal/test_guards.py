"""The guards in the database: each one holds, and without it the fault it stands against gets through."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from tonnebook.journal import guards
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
