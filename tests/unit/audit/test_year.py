"""A played year in which one row is altered: the auditor finds it, by the check that is there for it and no other."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.audit import owner

from tonnebook.journal import queries as journal
from tonnebook.journal.signing import Signer
from tonnebook_audit import auditor, log
from tonnebook_audit.auditor import AuditReport


def found_after(statement: str, key: str) -> set[str]:
    """Alter rows with every guard off, audit inside the same transaction, and undo it."""
    report = AuditReport()
    with owner.altering() as connection:
        changed = connection.execute(statement.encode())
        assert changed.rowcount > 0, "nothing was altered"
        auditor.check(connection, report, trusted_key=key, second_key=journal.signer().sm2_key)
    return {one.check for one in report.breaks}


def test_a_year_in_order_has_no_breaks_and_every_check_has_looked(year: str) -> None:
    report = auditor.audit(journal.audit_url(), **journal.signer().keys)
    assert report.breaks == []
    looked = {
        "signature",
        "second signature",
        "trade",
        "order",
        "close",
        "award",
        "auction",
        "offer",
        "unsold",
        "carried",
        "proceeds",
        "payment notice",
        "treasury receipt",
        "use of proceeds",
        "plan",
        "cap",
        "trace",
    }
    looked |= {"issued as computed", "allocation", "report digest", "opinion", "determined", "carry-over"}
    looked |= {"status credits", "credit limit", "list version", "list digest", "list line", "list reason"}
    assert looked <= set(report.checks)


_REPORT = "UPDATE emissions_emissionreport SET"
_STATUS = "UPDATE compliance_compliancestatus SET"
_ONE_TRADE = "WHERE id = (SELECT min(id) FROM market_trade)"
_ONE_BID = "WHERE id = (SELECT min(id) FROM market_bid WHERE awarded_t > 0)"
_LIMIT = (
    f"{_STATUS} traces = jsonb_set(traces, '{{credit_limit,inputs,0,inputs,%d,value}}', '\"%s\"') WHERE credits_t > 0"
)


@pytest.mark.parametrize(
    ("checks", "statement"),
    [
        ("plan", "UPDATE compliance_allocationplan SET overlay = overlay || '# more'"),
        (
            "allocation, issued as computed",
            "UPDATE compliance_allocation SET issue_t = issue_t + 1 WHERE batch = 'SECOND'",
        ),
        ("trace", "UPDATE compliance_allocation SET base_t = base_t + 1, paid_t = paid_t + 1"),
        ("status credits", f"{_STATUS} credits_t = credits_t + 1"),
        ("credit limit", _LIMIT % (0, "0")),
        ("credit limit", _LIMIT % (1, "123456789")),
        ("credit limit", f"{_STATUS} traces = jsonb_set(traces, '{{credit_limit}}', '\"much\"') WHERE credits_t = 0"),
        ("carry-over", "UPDATE compliance_carryover SET returned_t = returned_t + 1"),
        (
            "carry-over, lane, second person, transfer, unsold",
            "UPDATE registry_transfer SET type = 'CANCEL', subject = 'shanghai-2026-CARRY_OVER' "
            "WHERE type = 'RETURN_UNSOLD'",
        ),
        ("trace", f"{_REPORT} traces = jsonb_set(traces, '{{total,value}}', '\"1\"')"),
        ("report digest, trace", f"{_REPORT} total_t = total_t + 1"),
        ("report digest", f"{_REPORT} lines = '[]'"),
        ("opinion", "UPDATE emissions_verification SET report_digest = 'another version'"),
        ("determined", "UPDATE emissions_verification SET verified_t = verified_t + 1"),
        ("trade, trade leaf", f"UPDATE market_trade SET transfer = 'T-0' {_ONE_TRADE}"),
        ("member net, order, trade", f"UPDATE market_trade SET buyer_fee_fen = buyer_fee_fen + 1 {_ONE_TRADE}"),
        ("member net, trade", f"UPDATE market_trade SET asset = 'SHEA-2025' {_ONE_TRADE}"),
        ("order", "UPDATE market_order SET turnover_fen = turnover_fen + 1"),
        ("trade price", "UPDATE market_order SET price_fen_per_t = 1 WHERE side = 'BUY' AND filled_t > 0"),
        ("close", "UPDATE market_dayclose SET volume_t = volume_t + 1"),
        ("trace", "UPDATE market_dayclose SET close_fen_per_t = close_fen_per_t + 1"),
        ("award", f"UPDATE market_bid SET transfer = '' {_ONE_BID}"),
        ("auction, award, payment notice", f"UPDATE market_bid SET awarded_t = awarded_t - 1 {_ONE_BID}"),
        ("auction", f"UPDATE market_bid SET price_fen_per_t = 1 {_ONE_BID}"),
        ("auction, unsold", "UPDATE market_auction SET sold_t = sold_t - 1, unsold_t = unsold_t + 1 WHERE sold_t > 0"),
        ("carried, offer", "UPDATE market_auction SET carried_t = 1"),
        ("proceeds", "UPDATE market_auction SET proceeds_fen = proceeds_fen + 1 WHERE sold_t > 0"),
        ("payment notice, treasury receipt", "UPDATE market_paymentnotice SET amount_fen = amount_fen + 1"),
        ("treasury receipt", "UPDATE market_treasuryreceipt SET amount_fen = amount_fen + 1"),
        ("use of proceeds", "UPDATE market_useofproceeds SET amount_fen = amount_fen * 100"),
        ("offer", "UPDATE registry_transfer SET subject = 'X' WHERE type = 'ISSUE_TO_AUCTION'"),
        ("unsold", "UPDATE registry_transfer SET subject = 'X' WHERE type = 'RETURN_UNSOLD'"),
        ("hold, hold end, reserved", "UPDATE registry_hold SET state = 'ACTIVE', remaining = 1 WHERE reason = 'BID'"),
    ],
)
def test_an_altered_row_is_found_by_the_check_for_it(year: str, checks: str, statement: str) -> None:
    assert sorted(found_after(statement, year)) == checks.split(", ")


@pytest.mark.parametrize(
    ("changed", "check"), [({"seed": b"\x07" * 32}, "signature"), ({"sm2_private": 7}, "second signature")]
)
def test_a_checkpoint_signed_by_somebody_else_is_found(year: str, changed: dict[str, Any], check: str) -> None:
    last = journal.latest_checkpoint()
    assert last is not None
    forger: Signer = replace(journal.signer(), **changed)
    forged = forger.checkpoint(size=last.size, root_hash=bytes.fromhex(last.root))
    statement = f"UPDATE journal_checkpoint SET note = '{forged}' WHERE size = {last.size}"
    assert found_after(statement, year) == {check}


@pytest.mark.parametrize("computed", [200, 0])
def test_a_checkpoint_without_its_second_signature_is_found_however_old(
    year: str, computed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_COMPUTED", computed)
    last_line = "regexp_replace(note, '\u2014 [^\n]*\n$', '')"
    assert found_after(f"UPDATE journal_checkpoint SET note = {last_line} WHERE size > 0", year) == {"second signature"}
