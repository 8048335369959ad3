"""What the database refuses by itself, even to the owner with every trigger off; without the constraint it passes."""

import psycopg
import pytest
from tests.unit.audit import owner

_ONE = "(SELECT min(uscc) FROM members_organisation)"
_AGAIN = "SELECT size, root_hash, frontier, note, at FROM journal_checkpoint"


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("registry_posting_positive", "UPDATE registry_posting SET quantity = 0"),
        ("registry_posting_two_accounts", "UPDATE registry_posting SET credit_account_id = debit_account_id"),
        ("registry_posting_once", "UPDATE registry_posting SET index = 0"),
        ("registry_transfer_two_people", "UPDATE registry_transfer SET approver = initiator"),
        ("registry_transfer_paid_once", "UPDATE registry_transfer SET subject = 'X' WHERE type = 'CASH_IN'"),
        ("registry_transfer_correction_names", "UPDATE registry_transfer SET type = 'CORRECTION'"),
        ("registry_balance_covered", "UPDATE registry_balance SET held = total + 1 WHERE NOT is_source"),
        ("registry_balance_covered", "UPDATE registry_balance SET held = -1 WHERE NOT is_source"),
        ("registry_hold_within", "UPDATE registry_hold SET quantity = 0"),
        ("registry_hold_one_reserve", "UPDATE registry_hold SET state = 'ACTIVE', remaining = 1, is_reserve = true"),
        (
            "registry_hold_gives_way",
            "UPDATE registry_hold SET given_way = 1, is_reserve = false, quantity = 1 + remaining",
        ),
        ("registry_hold_state_says", "UPDATE registry_hold SET state = 'WAITING'"),
        ("registry_balance_queue_first", "UPDATE registry_balance SET waiting = 1 WHERE held < total"),
        ("registry_block_not_empty", "UPDATE registry_serialblock SET serial_to = serial_from"),
        ("compliance_coverage_once", f"UPDATE compliance_coverage SET entity_id = {_ONE}"),
        ("compliance_allocation_once", "UPDATE compliance_allocation SET batch = 'FIRST'"),
        ("compliance_allocation_adds_up", "UPDATE compliance_allocation SET base_t = base_t + 1"),
        ("compliance_surrender_positive", "UPDATE compliance_surrender SET credits_t = total_t + 1"),
        ("compliance_surrender_line_one_hold", "UPDATE compliance_surrenderline SET hold = 'H-0'"),
        ("compliance_status_once", f"UPDATE compliance_compliancestatus SET entity_id = {_ONE}"),
        ("compliance_status_short_or_surplus", "UPDATE compliance_compliancestatus SET shortfall_t = 1, surplus_t = 1"),
        ("compliance_carry_over_once", f"UPDATE compliance_carryover SET entity_id = {_ONE}"),
        ("emissions_filing_once", "UPDATE emissions_monthlyfiling SET month = 1"),
        ("emissions_report_version", f"UPDATE emissions_emissionreport SET entity_id = {_ONE}"),
        ("emissions_assignment_independent", "UPDATE emissions_verifierassignment SET verifier_id = entity_id"),
        ("emissions_determination_once", "UPDATE emissions_determination SET year = 2020"),
        ("market_order_seq", "UPDATE market_order SET seq = 1"),
        ("market_order_within", "UPDATE market_order SET filled_t = quantity_t + 1, state = 'EXPIRED'"),
        ("market_order_filled", "UPDATE market_order SET filled_t = 0 WHERE state = 'FILLED'"),
        ("market_trade_seq", "UPDATE market_trade SET seq = 1"),
        ("market_close_once", "UPDATE market_dayclose SET day = '2026-01-05'"),
        ("market_bid_within", "UPDATE market_bid SET awarded_t = quantity_t + 1"),
        ("market_auction_sold_out", "UPDATE market_auction SET sold_t = sold_t + 1 WHERE cleared_at IS NOT NULL"),
        ("members_approval_two_people", "UPDATE members_approval SET approver = initiator"),
        ("journal_leaf_hash_of_payload", "UPDATE journal_leaf SET payload = payload || ' '"),
        ("journal_key_once", "UPDATE journal_key SET actor = 'P-0', key = 'the same'"),
        (
            "journal_checkpoint_size_key",
            f"INSERT INTO journal_checkpoint (size, root_hash, frontier, note, at) {_AGAIN}",
        ),
        ("journal_seq_leaf_id_key", "UPDATE journal_seq SET leaf_id = (SELECT min(leaf_id) FROM journal_seq)"),
    ],
)
def test_a_constraint_holds_against_the_owner_and_only_it_does(constraint: str, statement: str) -> None:
    with owner.altering() as connection:
        with pytest.raises(psycopg.errors.IntegrityError) as caught, connection.transaction():
            connection.execute(statement.encode())
        assert caught.value.diag.constraint_name == constraint
        table = caught.value.diag.table_name
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}".encode())
        connection.execute(f"DROP INDEX IF EXISTS {constraint}".encode())
        assert connection.execute(statement.encode()).rowcount > 0
