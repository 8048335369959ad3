"""The audit by night: what it finds is kept, stops the regions, and calls somebody."""

import pytest
from tests.unit.registry.desk import Desk

from tonnebook.core.errors import Refused
from tonnebook.journal import queries as journal
from tonnebook.members import queries as members
from tonnebook.registry import jobs, queries
from tonnebook_audit import auditor
from tonnebook_audit.report import AuditReport, Break


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = journal.signer().keys
    report = AuditReport(breaks=[Break("balance", "SH-1", "1", "2")], log_size=1, log_root="ab")
    monkeypatch.setattr(auditor, "audit", lambda _url, **given: report if given == keys else AuditReport())


def test_books_that_do_not_hold_stand_still_and_call_somebody(desk: Desk, broken: None) -> None:
    desk.allocate(desk.north, 10)
    jobs.audit.func(0)
    kept = journal.latest_audit()
    assert kept is not None
    assert (kept.breaks, kept.log_root) == (("B02 balance: SH-1",), "ab")
    (alert,) = members.alerts(10)
    assert alert.facts == {"breaks": ["B02 balance: SH-1"]}
    assert [row.reason for row in queries.freezes("shanghai", limit=5)] == [alert.number]
    with pytest.raises(Refused, match="FREEZE_IN_FORCE"):
        desk.trade(1)
    desk.surrender(desk.north, 1)


def test_the_same_break_found_again_neither_calls_nor_stops_twice(desk: Desk, broken: None) -> None:
    jobs.audit.func(0)
    jobs.audit.func(0)
    assert members.open_alerts() == len(queries.freezes("shanghai", limit=5)) == 1


def test_books_that_hold_stop_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditor, "audit", lambda _url, **_keys: AuditReport(log_root="cd"))
    jobs.audit.func(0)
    assert members.open_alerts() == 0
    assert queries.freezes("shanghai", limit=5) == ()
