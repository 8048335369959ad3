"""Movements posted by the ten thousand: balances, proofs, refusals and the number of statements."""

import hmac
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.bench import crowd
from tonnebook.core import canonical, merkle, periods
from tonnebook.core.errors import Fault, Refused
from tonnebook.core.ledger import AccountState, AccountType, HoldReason, Leg, Movement, TransferType
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.services import bulk
from tonnebook_audit.auditor import AuditReport, audit


@pytest.fixture
def paid(desk: Desk) -> Desk:
    desk.pay_in(desk.north_cash, 1_000, "B-1")
    return desk


def post(movements: list[Movement], *, leaf_each: bool = True, asset: str = "CNY") -> registry.Posted:
    draft = registry.BulkDraft(TransferType.DELIVER_TRADE, asset, movements, "P-ZHOU", leaf_each=leaf_each)
    with transaction.atomic():
        return registry.post_bulk(draft, now=NOW)


def cash(account: str) -> int:
    return sum(holding.total for holding in queries.holdings(account))


def test_movements_build_on_each_other_and_stand_in_the_statement(paid: Desk) -> None:
    posted = post([(paid.north_cash, paid.red_cash, 700), (paid.red_cash, paid.north_cash, 100)])
    assert (cash(paid.north_cash), cash(paid.red_cash)) == (400, 600)
    lines = queries.statement(paid.red_cash, from_at=NOW, to_at=desks.LATER)
    assert [(line.change, line.balance, line.transfer) for line in lines] == [
        (700, 700, posted.number),
        (-100, 600, posted.number),
    ]


def test_all_movements_or_none(paid: Desk) -> None:
    with pytest.raises(Refused, match="INSUFFICIENT_FREE") as refused:
        post([(paid.north_cash, paid.red_cash, 600), (paid.north_cash, paid.red_cash, 401)])
    assert refused.value.facts["account"] == paid.north_cash
    assert cash(paid.north_cash) == 1_000


def test_what_is_held_stays(paid: Desk) -> None:
    paid.hold(paid.north_cash, 500, HoldReason.BID, "CNY")
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"):
        post([(paid.north_cash, paid.red_cash, 501)])
    post([(paid.north_cash, paid.red_cash, 500)])
    assert [holding.free for holding in queries.holdings(paid.north_cash)] == [0]


def test_what_comes_in_bulk_goes_to_the_court_that_waits_for_it(paid: Desk) -> None:
    hold = paid.hold(paid.red_cash, 500, HoldReason.COURT, "CNY")
    post([(paid.north_cash, paid.red_cash, 700), (paid.north_cash, paid.red_cash, 100)])
    row = queries.hold(hold)
    assert (row.remaining, row.waiting) == (500, 0)
    assert [(one.total, one.free) for one in queries.holdings(paid.red_cash)] == [(800, 300)]


def test_a_frozen_account_gives_nothing_in_bulk(paid: Desk) -> None:
    with transaction.atomic():
        registry.set_state(paid.north_cash, state=AccountState.FROZEN, reason="court", initiator="P-ZHOU", now=NOW)
    with pytest.raises(Refused, match="ACCOUNT_FROZEN"):
        post([(paid.north_cash, paid.red_cash, 1)])


def test_what_is_barred_for_an_account_is_barred_in_bulk(paid: Desk) -> None:
    barred = [TransferType.DELIVER_TRADE, TransferType.CASH_OUT]
    some = AccountState.SOME_RESTRICTED
    with transaction.atomic():
        registry.set_state(paid.red_cash, state=some, barred=barred, reason="doubt", initiator="P-ZHOU", now=NOW)
    with pytest.raises(Refused, match="ACCOUNT_RESTRICTED"):
        post([(paid.north_cash, paid.red_cash, 1)])


def test_unknown_accounts_and_assets_are_refused(paid: Desk) -> None:
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        post([(paid.north_cash, "SH-CLIENT_CASH-999999-00", 1)])
    with pytest.raises(Refused, match="ASSET_UNKNOWN"):
        post([(paid.north_cash, paid.red_cash, 1)], asset="USD")
    with pytest.raises(Refused, match="TRANSFER_NOT_ALLOWED"):
        post([(paid.north_cash, paid.system[AccountType.ISSUANCE], 1)])


def test_units_with_serial_numbers_do_not_go_in_bulk(desk: Desk) -> None:
    desk.allocate(desk.north, 10)
    with pytest.raises(ValueError, match="serial numbers"):
        post([(desk.north, desk.red, 1)], asset="SHEA-2026")


def test_every_movement_has_a_leaf_that_is_canonical(paid: Desk) -> None:
    posted = post([(paid.north_cash, paid.red_cash, 7), (paid.red_cash, paid.north_cash, 3)])
    payloads = payloads_of("registry.movement.posted")
    assert [canonical.text(json.loads(text)) for text in payloads] == payloads
    assert [f'"{posted.number}/{index}"' in text for index, text in enumerate(payloads)] == [True, True]
    assert paid.red_cash not in "".join(payloads)


def test_movements_are_written_as_any_leaf_is_and_as_they_always_were() -> None:
    salt, number = bytes(range(32)), "T-000042-17"
    here, there = "SH-CLIENT_CASH-000001-14", "SH-CLIENT_CASH-000002-11"
    movements = [(here, there, 700), (there, here, 100)]
    texts = bulk.movement_texts(number, movements, salt=salt, at=periods.iso(NOW))
    for index, (debit, credit, quantity) in enumerate(movements):
        own = hmac.digest(salt, f"{number}/{index}".encode(), "sha256")
        sealed = merkle.seal({"debit": debit, "credit": credit, "quantity": str(quantity)}, own)
        facts = {"movement": f"{number}/{index}"}
        leaf = {"kind": "registry.movement.posted", "at": periods.iso(NOW), "facts": facts, "sealed": sealed}
        assert texts[index] == canonical.text(leaf)
    old = bulk.movement_texts(number, movements, salt=salt, at="2026-03-02T02:00:00Z")
    # Of the first version that posted in bulk: what was logged then is proved by what is written now.
    root = "4decd970639be481c1074f5cc50bc7f49157aefc4084f283b9114b6e7493e6a4"
    assert merkle.root([merkle.leaf_hash(text.encode()) for text in old]).hex() == root


def test_the_one_leaf_carries_the_root_over_all_movements(paid: Desk) -> None:
    movements = [(paid.north_cash, paid.red_cash, fen) for fen in (5, 6, 7)]
    posted = post(movements, leaf_each=False)
    (payload,) = payloads_of("registry.bulk.posted")
    assert payloads_of("registry.movement.posted") == []
    salt = bytes.fromhex(sealed_of("registry.bulk.posted")["salt"])
    texts = bulk.movement_texts(posted.number, movements, salt=salt, at=periods.iso(NOW))
    leaves = [merkle.leaf_hash(text.encode()) for text in texts]
    assert f'"root":"{merkle.root(leaves).hex()}"' in payload


def test_the_number_of_statements_does_not_grow_with_the_movements(paid: Desk) -> None:
    def statements(count: int) -> int:
        movements = [(paid.north_cash, paid.red_cash, 1) for _ in range(count)]
        with CaptureQueriesContext(connection) as captured:
            post(movements)
        return len(captured)

    statements(1)
    assert statements(1) == statements(200)


@pytest.mark.parametrize("column", ["transfer_id", "debit_account_id", "credit_account_id", "asset_id"])
def test_a_posting_that_names_nothing_real_is_refused_by_the_database(paid: Desk, column: str) -> None:
    columns = ("transfer_id", "debit_account_id", "credit_account_id", "asset_id")
    chosen = ", ".join("999999" if one == column else one for one in columns)
    copy = (
        f'INSERT INTO registry_posting ({", ".join(columns)}, "index", quantity, debit_after, credit_after) '
        f'SELECT {chosen}, "index" + 1, quantity, debit_after, credit_after FROM registry_posting LIMIT 1'
    )
    with pytest.raises(IntegrityError, match="does not exist"), transaction.atomic():
        connection.cursor().execute(copy)


def test_many_postings_are_looked_at_together_whatever_the_session_has_seen(fresh_database: str) -> None:
    accounts = crowd.open_crowd(1_500)
    # A new session, whose first postings come one by one.
    connections.close_all()
    for debit, credit in itertools.pairwise(accounts[:7]):
        leg = Leg(debit, credit, "CNY", 1)
        with transaction.atomic():
            registry.post([registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), "P-ZHOU")], now=NOW)
    with transaction.atomic():
        before = accounts_looked_at()
        post([(debit, credit, 1) for debit, credit in itertools.permutations(accounts[:80], 2)])
        # All of them once to lock and once to check; one by one, 6,320 postings would be 12,640 looks.
        assert accounts_looked_at() - before < 4_000


def test_the_balances_of_a_bulk_are_planned_for_their_number_however_often_it_comes(fresh_database: str) -> None:
    desk = desks.open_desk()
    desk.pay_in(desk.north_cash, 1_000, "B-1")
    for _ in range(15):
        post([(desk.north_cash, desk.red_cash, 1)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custom_plans, generic_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '%FOR UPDATE OF balance%' AND statement LIKE '%string_to_array%'"
        )
        ((anew, kept),) = cursor.fetchall()
    assert anew > 5
    assert kept == 0


@pytest.mark.parametrize("leaf_each", [True, False])
def test_two_bulks_over_accounts_of_their_own_wait_for_nothing(fresh_database: str, leaf_each: bool) -> None:
    first, second, third, fourth = crowd.open_crowd(4)
    with transaction.atomic():
        post([(first, second, 1)], leaf_each=leaf_each)
        with ThreadPoolExecutor(1) as other:
            # The first is not committed; whoever had to wait for it would be refused as busy after three seconds.
            other.submit(elsewhere, [(third, fourth, 1)], leaf_each=leaf_each).result()
    assert (cash(second), cash(fourth)) == (crowd.PURSE_FEN + 1, crowd.PURSE_FEN + 1)


def elsewhere(movements: list[Movement], *, leaf_each: bool) -> None:
    try:
        post(movements, leaf_each=leaf_each)
    finally:
        connections.close_all()


def accounts_looked_at() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'registry_account'"
        )
        return int(cursor.fetchone()[0])


def test_leaves_outside_a_transaction_are_a_fault(fresh_database: str) -> None:
    with pytest.raises(Fault, match="D1"):
        journal.append_texts("test.done", ["{}"], now=NOW)


@pytest.mark.parametrize("leaf_each", [True, False])
def test_the_auditor_writes_every_movement_anew_and_finds_an_altered_one(fresh_database: str, leaf_each: bool) -> None:
    desk = desks.open_desk()
    desk.pay_in(desk.north_cash, 1_000, "B-1")
    post([(desk.north_cash, desk.red_cash, fen) for fen in (3, 4, 5)], leaf_each=leaf_each)
    # No market stands behind these payments, which is all that is wrong with them.
    assert {one.check for one in audited().breaks} == {"trade"}
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE registry_posting DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE registry_posting SET debit_account_id = credit_account_id, credit_account_id = debit_account_id "
            'WHERE "index" = 2'
        )
    assert "movements" in {one.check for one in audited().breaks}


def audited() -> AuditReport:
    return audit(journal_queries.audit_url(), trusted_key=journal_queries.signer().verifier_key)


def payloads_of(kind: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM journal_leaf WHERE kind = %s ORDER BY id", [kind])
        return [row[0] for row in cursor.fetchall()]


def sealed_of(kind: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sealed::json FROM journal_secret JOIN journal_leaf ON journal_leaf.id = leaf_id WHERE kind = %s",
            [kind],
        )
        sealed: dict[str, str] = cursor.fetchone()[0]
        return sealed
