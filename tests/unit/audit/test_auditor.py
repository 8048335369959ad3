"""The auditor finds nothing in books that are in order, and every single figure that somebody has altered."""

from datetime import UTC, datetime

import pytest
from django.db import connections, transaction

from tonnebook.core import identity
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, HoldReason, Leg, TransferType
from tonnebook.core.roles import SYSTEM, OrganisationKind, Role
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.members.services import OrganisationDraft, PersonDraft
from tonnebook.registry import services as registry
from tonnebook.registry.services import AccountDraft, HoldDraft, TransferDraft
from tonnebook_audit.auditor import AuditReport, audit

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ASSET = AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE")
CASH = AssetKey("CNY", AssetKind.CASH, "CNY")


def uscc(count: int) -> str:
    """A unified social credit code with its check sign."""
    body = f"91310000{count:09d}"
    return body + identity.uscc_check_sign(body)


@pytest.fixture
def books(fresh_database: str) -> str:
    """Two companies with allowances that were issued, traded, held and surrendered, all under a checkpoint."""
    kinds = (OrganisationKind.AUTHORITY, OrganisationKind.ENTITY, OrganisationKind.ENTITY)
    drafts = [OrganisationDraft(uscc(i), "x", "x", kind, "shanghai") for i, kind in enumerate(kinds)]
    members.register_organisations(SYSTEM, drafts=drafts, key="organisations", now=NOW)
    officers = [PersonDraft(name, name, name, uscc(0), (Role.OFFICER,)) for name in ("zhou", "chen")]
    members.register_people(SYSTEM, drafts=officers, key="people", now=NOW)
    zhou, chen = (members_queries.actor_named(name) for name in ("zhou", "chen"))
    payload = {"region": "shanghai", "year": 2026}
    answer = members.propose(zhou, kind="compliance.cover", payload=payload, key="propose", now=NOW)
    approval, digest = str(answer["approval"]), str(answer["digest"])
    members.approve(chen, approval=approval, digest=digest, key="approve", now=NOW)
    with transaction.atomic():
        _trade()
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return fresh_database


def _trade() -> None:
    system = registry.open_region("shanghai", now=NOW)
    registry.ensure_assets([ASSET, CASH], now=NOW)
    steel, power, steel_cash, power_cash = registry.open_accounts(
        [
            AccountDraft(type_, "shanghai", uscc(i))
            for type_ in (AccountType.HOLDING, AccountType.CLIENT_CASH)
            for i in (1, 2)
        ],
        now=NOW,
    )

    def post(type_: TransferType, *legs: Leg) -> None:
        registry.post([TransferDraft(type_, legs, "P-1", "P-2")], now=NOW)

    issuance, bank = system[AccountType.ISSUANCE], system[AccountType.BANK]
    post(TransferType.ALLOCATE, Leg(issuance, steel, "SHEA-2026", 1000), Leg(issuance, power, "SHEA-2026", 500))
    post(TransferType.CASH_IN, Leg(bank, power_cash, "CNY", 900_000))
    handed_on = (Leg(steel, power, "SHEA-2026", 100), Leg(power_cash, steel_cash, "CNY", 800_000))
    post(TransferType.RETURN_LOAN, *handed_on)
    registry.place_holds([HoldDraft(steel, "SHEA-2026", 50, HoldReason.PLEDGE, "P-1")], now=NOW)
    wrong = TransferDraft(TransferType.CASH_IN, (Leg(bank, steel_cash, "CNY", 70),), "P-1", subject="B-2")
    back = (Leg(steel_cash, bank, "CNY", 70),)
    (paid,) = registry.post([wrong], now=NOW)
    correction = TransferDraft(TransferType.CORRECTION, back, "P-1", "P-2", corrects=paid.number)
    registry.post([correction], now=NOW)
    post(TransferType.RETIRE, Leg(power, system[AccountType.RETIREMENT], "SHEA-2026", 20))


# What the owner of the tables can switch off before altering a row.
_GUARDS_OFF = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE tablename ~ '^(journal|registry|members)_' LOOP
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name);
    END LOOP;
END $$;
ALTER TABLE journal_leaf DROP CONSTRAINT journal_leaf_hash_of_payload;
ALTER TABLE registry_transfer DROP CONSTRAINT registry_transfer_two_people;
ALTER TABLE members_approval DROP CONSTRAINT members_approval_two_people;
"""


def tampered(*statements: str) -> AuditReport:
    """Run statements with every guard off, as somebody with the keys of the server could, and audit."""
    with connections["owner"].cursor() as cursor:
        for statement in (_GUARDS_OFF, *statements):
            cursor.execute(statement)
    return audit(journal_queries.audit_url())


def test_books_in_order_have_no_breaks_and_every_check_has_looked(books: str) -> None:
    report = audit(journal_queries.audit_url())
    assert report.breaks == []
    last = journal_queries.latest_checkpoint()
    assert last is not None
    assert (report.log_root, report.log_size) == (last.root, last.size)
    looked = {"leaf", "number", "checkpoint", "note", "seal", "posting", "balance", "hold", "zero sum", "transfer"}
    looked |= {"legs", "serial move", "serial line", "serial block", "gapless", "serial sum", "issued", "approval"}
    assert looked <= set(report.checks)


_LAST_LEAF = "(SELECT max(id) FROM journal_leaf)"
_OTHER_ACCOUNT = "(SELECT max(account_id) FROM registry_serialblock)"
_FIRST = "(SELECT min(number) FROM registry_transfer)"
_LAST = "(SELECT max(transfer_id) FROM registry_posting WHERE quantity = 70)"
_BALANCE = "(SELECT min(id) FROM registry_balance WHERE total > 0 AND held > 0)"


@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("leaf", f"UPDATE journal_leaf SET leaf_hash = sha256('x') WHERE id = {_LAST_LEAF}"),
        ("number", "UPDATE journal_seq SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM journal_seq)"),
        ("checkpoint", "DELETE FROM journal_seq WHERE seq = (SELECT max(seq) FROM journal_seq)"),
        ("number", "DELETE FROM journal_seq WHERE seq = 3"),
        ("checkpoint", "UPDATE journal_checkpoint SET root_hash = sha256('x')"),
        ("note", "UPDATE journal_checkpoint SET note = replace(note, E'\\n', E'\\n0')"),
        ("seal", "UPDATE journal_secret SET sealed = replace(sealed, '1000', '9000')"),
        ("posting", "UPDATE registry_posting SET quantity = quantity + 1 WHERE quantity = 100"),
        ("posting", "UPDATE registry_posting SET credit_after = credit_after + 1 WHERE quantity = 100"),
        ("legs", "UPDATE registry_posting SET quantity = quantity + 1 WHERE quantity = 100"),
        ("posting", "DELETE FROM registry_posting WHERE quantity = 100"),
        ("balance", f"UPDATE registry_balance SET total = total + 1 WHERE id = {_BALANCE}"),
        ("zero sum", f"UPDATE registry_balance SET total = total + 1 WHERE id = {_BALANCE}"),
        ("balance", f"DELETE FROM registry_balance WHERE id = {_BALANCE}"),
        ("hold", f"UPDATE registry_balance SET held = held - 1 WHERE id = {_BALANCE}"),
        ("hold", "UPDATE registry_hold SET remaining = remaining - 1"),
        ("transfer", "UPDATE registry_transfer SET type = 'CANCEL' WHERE type = 'RETIRE'"),
        ("transfer", "UPDATE registry_transfer SET number = 'T-X' WHERE type = 'RETIRE'"),
        (
            "correction",
            f"UPDATE registry_posting SET quantity = quantity + 1 WHERE quantity = 70 AND transfer_id = {_LAST}",
        ),
        ("correction", f"UPDATE registry_transfer SET corrects_id = {_FIRST} WHERE corrects_id IS NOT NULL"),
        ("correction", "UPDATE registry_transfer SET corrects_id = NULL, type = 'CANCEL' WHERE type = 'CORRECTION'"),
        ("two people", "UPDATE registry_transfer SET approver = initiator"),
        (
            "serial block",
            "UPDATE registry_serialblock SET account_id = (SELECT max(account_id) FROM registry_serialblock)",
        ),
        ("gapless", "DELETE FROM registry_serialblock WHERE serial_from = 1"),
        ("serial sum", "DELETE FROM registry_serialblock WHERE serial_from = 1"),
        ("serial move", "DELETE FROM registry_serialmove WHERE serial_from = 1 AND serial_to = 101"),
        ("serial line", "UPDATE registry_serialline SET serial_next = serial_next + 1"),
        ("approval", """UPDATE members_approval SET payload = '{"region": "shanghai", "year": 2027}'"""),
        ("two people", "UPDATE members_approval SET approver = initiator"),
    ],
)
def test_an_altered_row_is_found(books: str, check: str, statement: str) -> None:
    found = {one.check for one in tampered(statement).breaks}
    assert check in found


def test_a_consistently_rewritten_leaf_is_found_by_its_checkpoint(books: str) -> None:
    forged = (
        f"UPDATE journal_leaf SET payload = replace(payload, 'registry', 'register') WHERE id = {_LAST_LEAF}",
        "UPDATE journal_leaf SET leaf_hash = sha256('\\x00'::bytea || convert_to(payload, 'UTF8'))",
    )
    assert "checkpoint" in {one.check for one in tampered(*forged).breaks}


def test_a_unit_that_leaves_its_retirement_is_found(books: str) -> None:
    swap = "UPDATE registry_posting SET debit_account_id = credit_account_id, credit_account_id = debit_account_id"
    assert "terminal" in {one.check for one in tampered(f"{swap} WHERE quantity = 20").breaks}


def test_an_erased_seal_is_no_break(books: str) -> None:
    assert tampered("DELETE FROM journal_secret").breaks == []
