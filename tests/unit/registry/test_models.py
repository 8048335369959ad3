"""What the database itself refuses, whoever asks."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, connections, transaction
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core.ledger import TERMINALS, AccountType, HoldReason
from tonnebook.registry import services as registry


@pytest.fixture
def kept(fresh_database: str) -> Iterator[Desk]:
    """A desk whose rows are committed, so that the owner of the tables sees them on a connection of its own."""
    desk = desks.open_desk()
    desk.allocate(desk.north, 100)
    desk.surrender(desk.north, 40)
    desk.hold(desk.north, 1, HoldReason.COURT)
    yield desk
    connections.close_all()


def run(alias: str, statement: str) -> None:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(statement)


def account_id(desk: Desk, type_: AccountType) -> str:
    return f"(SELECT id FROM registry_account WHERE number = '{desk.system[type_]}')"


@pytest.mark.parametrize("alias", ["default", "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_serialblock SET account_id = 1 WHERE account_id = {final}",
        "DELETE FROM registry_serialblock WHERE account_id = {final}",
        "UPDATE registry_balance SET total = total - 1 WHERE account_id = {final}",
        "DELETE FROM registry_balance WHERE account_id = {final}",
        "UPDATE registry_balance SET is_source = true WHERE account_id = {final}",
        "UPDATE registry_balance SET is_terminal = false WHERE account_id = {final}",
        "UPDATE registry_account SET type = 'HOLDING' WHERE id = {final}",
        "INSERT INTO registry_hold (number, account_id, asset_id, quantity, remaining, reason, subject, state, at,"
        " documents) SELECT 'H-9', {final}, asset_id, 1, 1, 'COURT', '', 'ACTIVE', now(), '[]'"
        " FROM registry_balance WHERE account_id = {final}",
        "UPDATE registry_hold SET account_id = {final}",
        "UPDATE registry_hold SET quantity = quantity + 1",
        "INSERT INTO registry_lot (account_id, asset_id, title, acquired_on, quantity_t)"
        " SELECT {final}, asset_id, 'MARKET', '2026-01-01', 1 FROM registry_balance WHERE account_id = {final}",
        "UPDATE registry_lot SET account_id = {final}",
        "UPDATE registry_lot SET title = 'MARKET'",
        "UPDATE registry_serialmove SET credit_account_id = debit_account_id",
        "DELETE FROM registry_posting",
        "INSERT INTO registry_posting (transfer_id, index, debit_account_id, credit_account_id, asset_id, quantity,"
        " debit_after, credit_after) SELECT transfer_id, 9, {final}, debit_account_id, asset_id, 1, 39, 61"
        " FROM registry_posting WHERE credit_account_id = {final}",
        "INSERT INTO registry_serialmove (transfer_id, debit_account_id, credit_account_id, asset_id, serial_from,"
        " serial_to) SELECT transfer_id, {final}, debit_account_id, asset_id, 1, 2"
        " FROM registry_serialmove WHERE credit_account_id = {final}",
    ],
)
def test_what_was_surrendered_stays_so_even_for_the_owner_of_the_tables(kept: Desk, alias: str, statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"\(A6\)|\(A9\)|permission denied"):
        run(alias, statement.format(final=account_id(kept, AccountType.SURRENDER)))


@pytest.mark.parametrize("type_", sorted(TERMINALS))
def test_no_posting_leaves_an_account_of_any_terminal_type(kept: Desk, type_: AccountType) -> None:
    if type_ not in kept.system:
        with transaction.atomic():
            registry.open_accounts([registry.AccountDraft(type_, "shanghai")], now=NOW)
    posted_out = (
        "INSERT INTO registry_posting (transfer_id, index, debit_account_id, credit_account_id, asset_id, quantity,"
        " debit_after, credit_after) SELECT transfer_id, 9, account.id, credit_account_id, asset_id, 1, 0, 41"
        f" FROM registry_posting, registry_account AS account WHERE account.type = '{type_}' LIMIT 1"
    )
    with pytest.raises(DatabaseError, match=r"\(A6\)"):
        run("owner", posted_out)


@pytest.mark.parametrize("alias", ["default", "owner"])
@pytest.mark.parametrize(
    ("table", "key"), [("registry_transfer", "id"), ("registry_posting", "transfer_id"), ("registry_serialmove", "id")]
)
def test_postings_are_never_changed_or_deleted(kept: Desk, alias: str, table: str, key: str) -> None:
    with pytest.raises(DatabaseError, match=r"\(A9\)|permission denied"):
        run(alias, f"UPDATE {table} SET {key} = {key} + 1000")
    with pytest.raises(DatabaseError, match=r"\(A9\)|permission denied"):
        run(alias, f"DELETE FROM {table}")


@pytest.mark.parametrize("held", [-1, 61])
def test_no_balance_has_more_held_than_there_is(kept: Desk, held: int) -> None:
    with pytest.raises(DatabaseError, match="registry_balance_covered"):
        run("default", f"UPDATE registry_balance SET held = {held} WHERE total = 60")


def test_no_balance_but_a_sources_falls_below_zero(kept: Desk) -> None:
    with pytest.raises(DatabaseError, match="registry_balance_covered"):
        run("default", "UPDATE registry_balance SET total = -1 WHERE total = 60")


def test_no_serial_number_has_two_owners(kept: Desk) -> None:
    copy = (
        "INSERT INTO registry_serialblock (account_id, asset_id, serial_from, serial_to) "
        "SELECT account_id, asset_id, serial_to - 1, serial_to + 5 FROM registry_serialblock LIMIT 1"
    )
    with pytest.raises(DatabaseError, match="registry_block_one_owner"):
        run("default", copy)


def test_a_changed_balance_without_a_leaf_fails_at_commit(kept: Desk) -> None:
    with pytest.raises(DatabaseError, match="without a leaf"):
        run("default", "UPDATE registry_balance SET total = total - 1 WHERE total = 60")


def test_what_the_registry_does_commits(kept: Desk) -> None:
    # The deferred guards look only at commit: every service must have written its leaf.
    hold = kept.hold(kept.north, 5, HoldReason.ORDER)
    with transaction.atomic():
        registry.release_holds([hold], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_touched")
        assert cursor.fetchone() == (0,)
