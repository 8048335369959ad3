"""What one person alone cannot have done, the database refuses by itself: every such constraint, and none forgotten."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

# Of each constraint: what a row says besides its two people, and the columns of the two.
GUARDS: Mapping[str, tuple[Mapping[str, str | bool], str, str]] = {
    "emissions_waiver_two_people": ({}, "initiator", "approver"),
    "market_break_two_people": ({"state": "RESOLVED"}, "explained_by", "resolved_by"),
    "market_bust_two_people": ({}, "initiator", "approver"),
    "market_exemption_two_people": ({}, "granted_by", "approved_by"),
    "members_approval_two_people": ({"state": "EXECUTED"}, "initiator", "approver"),
    "members_paper_two_people": ({}, "initiator", "approver"),
    "registry_bank_account_two_people": (
        {"state": "CONFIRMED", "asked_at": "2026-01-01", "ready_at": "2026-01-08"},
        "initiator",
        "approver",
    ),
    "registry_entry_two_people": ({"state": "ASSIGNED"}, "initiator", "approver"),
    "registry_pending_two_people": ({"state": "DONE", "needs_approval": True}, "asked_by", "approved_by"),
    "registry_settlement_bank_two_people": ({}, "initiator", "approver"),
    "registry_state_change_two_people": ({}, "initiator", "approver"),
    "registry_transfer_two_people": ({}, "initiator", "approver"),
}
_CHECKS = """
SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conname LIKE '%two\\_people' AND contype = 'c'
"""


def checks() -> dict[str, tuple[str, str]]:
    """Table and text of each such constraint, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECKS)
        return {name: (table, text) for name, table, text in cursor.fetchall()}


@contextmanager
def bare(name: str, *, is_guarded: bool = True) -> Iterator[str]:
    """A table with the columns of the guarded one, that constraint and no other."""
    table, text = checks()[name]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bare ON COMMIT DROP AS TABLE {table} WITH NO DATA")
        if is_guarded:
            cursor.execute(f"ALTER TABLE bare ADD CONSTRAINT {name} {text}")
        yield "bare"
        cursor.execute("DROP TABLE bare")


def put(table: str, row: Mapping[str, str | bool]) -> None:
    """Write a row."""
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", tuple(row.values()))


@pytest.mark.django_db
def test_every_constraint_of_two_people_is_tried_here() -> None:
    assert set(checks()) == set(GUARDS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(GUARDS))
def test_one_person_for_two_is_refused_and_only_by_this_constraint(name: str) -> None:
    terms, first, second = GUARDS[name]
    alone = {**terms, first: "P-1", second: "P-1"}
    with bare(name) as table:
        with pytest.raises(IntegrityError) as refused:
            put(table, alone)
        cause = refused.value.__cause__
        assert isinstance(cause, psycopg.errors.CheckViolation)
        assert cause.diag.constraint_name == name
        put(table, {**terms, first: "P-1", second: "P-2"})
    with bare(name, is_guarded=False) as table:
        put(table, alone)
