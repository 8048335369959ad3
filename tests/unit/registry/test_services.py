"""What the registry does: open, post, hold, and the commands of people."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from tests.signing import make_real, signed
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core import identity
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, AssetKey, AssetKind, Block, HoldReason, Leg, TransferType
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.services import locks


def free(account: str, asset: str = "SHEA-2026") -> int:
    return sum(holding.free for holding in queries.holdings(account) if holding.asset.code == asset)


def test_a_region_has_each_system_account_once(desk: Desk) -> None:
    assert registry.open_region("shanghai", now=NOW) == desk.system
    assert queries.system_account("shanghai", AccountType.RESERVE) == desk.system[AccountType.RESERVE]
    assert all(number.startswith(f"SH-{type_}-") for type_, number in desk.system.items())
    assert all(map(identity.is_numbered, desk.system.values()))


def test_an_organisation_has_one_account_of_a_type_and_must_be_registered(desk: Desk) -> None:
    twice = registry.AccountDraft(AccountType.HOLDING, "shanghai", desks.RED)
    with pytest.raises(Refused, match="ACCOUNT_EXISTS"):
        registry.open_accounts([twice], now=NOW)
    unknown = registry.AccountDraft(AccountType.HOLDING, "shanghai", desks.uscc(99))
    with pytest.raises(Refused, match="NO_SUCH_ORGANISATION"):
        registry.open_accounts([unknown], now=NOW)
    projects = [registry.AccountDraft(AccountType.PROJECT, "shanghai", desks.RED)] * 2
    assert len(set(registry.open_accounts(projects, now=NOW))) == 2


def test_an_asset_that_exists_is_left_as_it_is(desk: Desk) -> None:
    registry.ensure_assets([AssetKey("SHEA-2026", AssetKind.CASH, "other")], now=NOW)
    assert queries.asset("SHEA-2026") == desks.ASSETS[0]


def test_posting_moves_balances_and_serial_blocks_together(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    desk.allocate(desk.red, 50)
    desk.trade(30)
    assert (free(desk.north), free(desk.red)) == (70, 80)
    assert queries.blocks_of(desk.north, "SHEA-2026") == (Block(31, 101),)
    assert queries.blocks_of(desk.red, "SHEA-2026") == (Block(1, 31), Block(101, 151))
    desk.surrender(desk.red, 31)
    assert queries.blocks_of(desk.system[AccountType.SURRENDER], "SHEA-2026") == (Block(1, 31), Block(101, 102))
    assert queries.blocks_of(desk.red, "SHEA-2026") == (Block(102, 151),)


def test_drafts_of_one_post_may_build_on_each_other(desk: Desk) -> None:
    issue = Leg(desk.system[AccountType.ISSUANCE], desk.north, "SHEA-2026", 10)
    deliver = Leg(desk.north, desk.red, "SHEA-2026", 10)
    drafts = [
        registry.TransferDraft(TransferType.ALLOCATE, (issue,), "P-ZHOU", "P-CHEN"),
        registry.TransferDraft(TransferType.DELIVER_TRADE, (deliver,), "P-ZHOU"),
        registry.TransferDraft(TransferType.SURRENDER, (desk.surrender_leg(desk.red, 4),), "P-ZHOU", "P-CHEN"),
    ]
    posted = registry.post(drafts, now=NOW)
    assert len({one.number for one in posted}) == 3
    assert queries.blocks_of(desk.red, "SHEA-2026") == (Block(5, 11),)


def test_a_lower_serial_that_arrives_in_the_same_post_goes_first(desk: Desk) -> None:
    desk.allocate(desk.north, 10)
    desk.allocate(desk.red, 10)
    deliver = Leg(desk.north, desk.red, "SHEA-2026", 10)
    drafts = [
        registry.TransferDraft(TransferType.DELIVER_TRADE, (deliver,), "P-ZHOU"),
        registry.TransferDraft(TransferType.SURRENDER, (desk.surrender_leg(desk.red, 12),), "P-ZHOU", "P-CHEN"),
    ]
    registry.post(drafts, now=NOW)
    assert queries.blocks_of(desk.red, "SHEA-2026") == (Block(13, 21),)


def test_one_refused_draft_leaves_nothing_of_the_others(desk: Desk) -> None:
    desk.allocate(desk.north, 10)
    drafts = [
        registry.TransferDraft(TransferType.DELIVER_TRADE, (Leg(desk.north, desk.red, "SHEA-2026", q),), "P-ZHOU")
        for q in (6, 6)
    ]
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"), transaction.atomic():
        registry.post(drafts, now=NOW)
    assert (free(desk.north), free(desk.red)) == (10, 0)


def test_unknown_accounts_and_assets_are_refused_by_name(desk: Desk) -> None:
    with pytest.raises(Refused, match="There is no account SH-HOLDING-0"):
        desk.post(TransferType.DELIVER_TRADE, Leg("SH-HOLDING-0", desk.red, "SHEA-2026", 1))
    with pytest.raises(Refused, match="There is no asset GOLD"):
        desk.post(TransferType.DELIVER_TRADE, Leg(desk.north, desk.red, "GOLD", 1))


def test_a_transfer_without_legs_is_no_transfer() -> None:
    with pytest.raises(ValueError, match="at least one leg"):
        registry.TransferDraft(TransferType.CASH_IN, (), "P-ZHOU")


def test_a_transfer_of_two_people_is_not_posted_by_one(desk: Desk) -> None:
    leg = Leg(desk.system[AccountType.ISSUANCE], desk.red, "SHEA-2026", 1)
    draft = registry.TransferDraft(TransferType.ALLOCATE, (leg,), "P-ZHOU")
    with pytest.raises(Refused, match="SECOND_PERSON_NEEDED"), transaction.atomic():
        registry.post([draft], now=NOW)


def test_nobody_approves_their_own_transfer(desk: Desk) -> None:
    desk.allocate(desk.north, 1)
    leg = Leg(desk.north, desk.red, "SHEA-2026", 1)
    draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU", approver="P-ZHOU")
    with pytest.raises(IntegrityError, match="registry_transfer_two_people"), transaction.atomic():
        registry.post([draft], now=NOW)


def test_a_hold_sets_aside_and_a_leg_may_draw_on_it(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    hold = desk.hold(desk.north, 80, HoldReason.ORDER)
    assert free(desk.north) == 20
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"):
        desk.surrender(desk.north, 21)
    desk.trade(50, hold=hold)
    (row,) = queries.standing_holds(desk.north)
    assert (row.number, row.quantity, row.remaining, row.subject) == (hold, 80, 30, "O-1")
    registry.release_holds([hold, hold], now=NOW)
    assert free(desk.north) == 50
    assert queries.standing_holds(desk.north) == ()
    with pytest.raises(Refused, match="HOLD_NOT_ACTIVE"):
        registry.release_holds([hold], now=NOW)
    with pytest.raises(Refused, match="HOLD_UNKNOWN"):
        registry.release_holds(["H-999999-00"], now=NOW)


def test_a_surrender_hold_cannot_be_sold(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    hold = desk.hold(desk.north, 80, HoldReason.SURRENDER)
    with pytest.raises(Refused, match="HOLD_DIFFERS"):
        desk.trade(10, hold=hold)
    desk.surrender(desk.north, 80, hold=hold)
    assert queries.holdings(desk.north)[0].total == 20


def test_only_an_empty_account_is_closed_and_for_good(desk: Desk) -> None:
    told: dict[str, Any] = {"reason": "left", "initiator": "P-WANG", "approver": "P-ZHOU", "now": NOW}
    desk.allocate(desk.north, 10)
    with pytest.raises(Refused, match="STATE_CHANGE_NOT_ALLOWED"):
        registry.set_state(desk.north, state=AccountState.CLOSED, **told)
    registry.set_state(desk.north, state=AccountState.CLOSING, **told)
    with pytest.raises(Refused, match="ACCOUNT_NOT_EMPTY"):
        registry.set_state(desk.north, state=AccountState.CLOSED, **told)
    desk.trade(10)
    registry.set_state(desk.north, state=AccountState.CLOSED, **told)
    with pytest.raises(Refused, match="ACCOUNT_CLOSED"):
        registry.set_state(desk.north, state=AccountState.OPEN, **told)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        registry.set_state("nobody", state=AccountState.OPEN, **told)


def test_cash_in_books_a_bank_reference_once(desk: Desk) -> None:
    pay: dict[str, Any] = {"account": desk.red_cash, "amount_fen": 5_000, "bank_reference": "B-1", "now": NOW}
    answer = registry.cash_in(desks.CLERK, **pay, key="k1")
    assert registry.cash_in(desks.CLERK, **pay, key="k1") == answer
    with pytest.raises(Refused, match="BANK_REFERENCE_USED"):
        registry.cash_in(desks.CLERK, **pay, key="k2")
    assert free(desk.red_cash, "CNY") == 5_000
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        registry.cash_in(desks.WANG, **{**pay, "bank_reference": "B-2"}, key="k3")
    with pytest.raises(Refused, match="TRANSFER_NOT_ALLOWED"):
        registry.cash_in(desks.CLERK, **{**pay, "account": desk.red, "bank_reference": "B-3"}, key="k4")


def test_money_is_booked_by_hand_on_real_data_with_a_second_factor_only(desk: Desk) -> None:
    make_real()
    pay: dict[str, Any] = {"account": desk.red_cash, "amount_fen": 1, "bank_reference": "B-1", "now": NOW}
    with pytest.raises(Refused, match="SECOND_FACTOR_NEEDED"):
        registry.cash_in(desks.CLERK, **pay, key="unsigned")
    registry.cash_in(signed(desks.CLERK, NOW), **pay, key="signed-1")


def test_on_real_books_whoever_retires_proves_a_second_factor(desk: Desk) -> None:
    desk.allocate(desk.red, 10, "SHCER-2025")
    make_real()
    ask: dict[str, Any] = {"account": desk.red, "asset": "SHCER-2025", "quantity_t": 3, "now": NOW}
    ask |= {"beneficiary": "Lin", "purpose": "a quiet birthday"}
    with pytest.raises(Refused, match="SECOND_FACTOR_NEEDED"):
        registry.retire(desks.WANG, **ask, key="alone")
    registry.retire(signed(desks.WANG, NOW), **ask, key="signed")
    assert free(desk.red, "SHCER-2025") == 7


def test_retire_is_public_final_and_the_holders_own_act(desk: Desk) -> None:
    desk.allocate(desk.red, 10, "SHCER-2025")
    ask: dict[str, Any] = {
        "account": desk.red,
        "asset": "SHCER-2025",
        "quantity_t": 4,
        "beneficiary": "Lin",
        "purpose": "wedding",
    }
    answer = registry.retire(desks.WANG, **ask, key="k1", now=NOW)
    assert answer["serials"] == [[1, 5]]
    assert queries.totals("shanghai").retired_t == 4
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        registry.retire(desks.STRANGER, **ask, key="k2", now=NOW)
    desk.allocate(desk.red, 10, "SHEA-2026-OWN")
    with pytest.raises(Refused, match="RESTRICTED_USE"):
        registry.retire(desks.WANG, **{**ask, "asset": "SHEA-2026-OWN"}, key="k3", now=NOW)


def test_issue_credits_needs_two_people_over_exactly_these_arguments(desk: Desk) -> None:
    ask: dict[str, Any] = {
        "region": "shanghai",
        "account": desk.red,
        "asset": "SHCER-2025",
        "quantity_t": 7,
        "project": "Bike lanes",
    }
    proposed = members.propose(desks.ZHOU, kind="registry.issue_credits", payload=ask, key="p", now=NOW)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    with pytest.raises(Refused, match="NOT_APPROVED"):
        registry.issue_credits(desks.ZHOU, **ask, approval=approval, key="k1", now=NOW)
    members.approve(desks.CHEN, approval=approval, digest=digest, key="a", now=NOW)
    with pytest.raises(Refused, match="DIGEST_DIFFERS"):
        registry.issue_credits(desks.ZHOU, **{**ask, "quantity_t": 8}, approval=approval, key="k2", now=NOW)
    answer = registry.issue_credits(desks.ZHOU, **ask, approval=approval, key="k3", now=NOW)
    assert answer["serials"] == [[1, 8]]
    with pytest.raises(Refused, match="NOT_APPROVED"):
        registry.issue_credits(desks.ZHOU, **ask, approval=approval, key="k4", now=NOW)
    assert free(desk.red, "SHCER-2025") == 7


def count_queries(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        work()
    return len(captured)


def test_the_number_of_statements_does_not_grow_with_the_number_of_drafts(desk: Desk) -> None:
    desk.allocate(desk.north, 100_000)
    desk.trade(1)

    def trades(quantity: int) -> list[registry.TransferDraft]:
        leg = Leg(desk.north, desk.red, "SHEA-2026", 3)
        return [registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU")] * quantity

    def holds(quantity: int) -> list[registry.HoldDraft]:
        return [registry.HoldDraft(desk.north, "SHEA-2026", 1, HoldReason.ORDER, "O")] * quantity

    # Two of each count are the savepoint's.
    few, many = (count_queries(partial(registry.post, trades(quantity), now=NOW)) for quantity in (60, 600))
    assert few == many <= 11
    assert count_queries(partial(registry.post, trades(1), now=NOW)) <= 10
    few, many = (count_queries(partial(registry.place_holds, holds(quantity), now=NOW)) for quantity in (60, 600))
    assert few == many <= 5


def test_a_payment_is_locked_numbered_and_written_with_one_statement_each(desk: Desk) -> None:
    desk.pay_in(desk.north_cash, 100, "B-1")
    desk.pay_in(desk.red_cash, 100, "B-2")
    leg = Leg(desk.north_cash, desk.red_cash, "CNY", 60)
    draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU")
    assert count_queries(partial(registry.post, [draft], now=NOW)) == 3 + 2


# Accounts and balances as of a large registry, made without any of its services.
_LARGE = """
ALTER TABLE registry_account DISABLE TRIGGER USER;
ALTER TABLE registry_balance DISABLE TRIGGER USER;
INSERT INTO registry_account (number, type, region, name, state, opened_at)
SELECT 'SH-PROJECT-' || n, 'PROJECT', 'shanghai', '', 'OPEN', now() FROM generate_series(1, 10000) AS n;
INSERT INTO registry_asset (code, kind, scheme, origin, use_restriction) VALUES ('CNY', 'CASH', 'CNY', '', '');
INSERT INTO registry_balance (account_id, asset_id, is_source, total, held)
SELECT account.id, asset.id, false, 100, 0 FROM registry_account AS account, registry_asset AS asset;
ANALYZE registry_account, registry_balance, registry_asset;
"""


def test_locking_and_writing_two_balances_reads_them_by_index_among_ten_thousand(fresh_database: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(_LARGE)
    assert "Scan using registry_balance_once" in kept_plan(locks._LOCK)
    assert "Scan using registry_balance_pkey" in kept_plan(locks._SAVE_BALANCES)
    for sql in (locks._LOCK, locks._SAVE_BALANCES):
        assert not re.search("Seq Scan on registry_(account|balance) (account|balance)", kept_plan(sql))


def kept_plan(sql: str) -> str:
    """The plan that a connection keeps for a statement, whatever its values are."""
    places = iter(range(1, 9))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("PREPARE kept AS " + re.sub("%s", lambda _: f"${next(places)}", sql))
        cursor.execute(f"EXPLAIN EXECUTE kept ({', '.join(['NULL'] * sql.count('%s'))})")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE kept")
    return plan
