"""Freeze switches: each altered row, and each transfer that a switch should have stopped, is found by its own check."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker
from tests.unit.audit import owner
from tests.unit.registry import desk as desks
from tests.unit.registry import test_freezes as switches
from tests.unit.registry.desk import CHEN, NOW, ZHOU, Desk

from tonnebook import scratch
from tonnebook.core.ledger import STAYS_OPEN, FreezeScope, TransferType, checks
from tonnebook.journal import queries as journal
from tonnebook.members import services as members
from tonnebook.registry import services as registry
from tonnebook_audit import auditor, freezes, proposals
from tonnebook_audit.auditor import AuditReport


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[Desk]:
    """A switch that was lifted, one that is on, and an allocation, which stays open, during each."""
    with django_db_blocker.unblock(), scratch.scratch_database(f"freezes_{worker_label}"):
        desk = desks.open_desk()
        desk.pay_in(desk.north_cash, 1, "before")
        freeze = switches.stop(FreezeScope.REGION, "shanghai")
        desk.allocate(desk.red, 5)
        lift(freeze)
        desk.pay_in(desk.north_cash, 1, "between")
        switches.stop(FreezeScope.ACCOUNT, desk.north_cash)
        desk.pay_in(desk.red_cash, 1, "elsewhere")
        yield desk


def lift(freeze: str) -> None:
    told = members.propose(ZHOU, kind="registry.lift_freeze", payload={"freeze": freeze}, key="p", now=NOW)
    approval, digest = str(told["approval"]), str(told["digest"])
    members.approve(CHEN, approval=approval, digest=digest, key="a", now=NOW)
    registry.lift_freeze(ZHOU, freeze=freeze, approval=approval, key="l", now=NOW)


@pytest.mark.usefixtures("desk")
def test_switches_in_order_have_no_breaks_and_every_check_has_looked() -> None:
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert {"switch", "lifted", "frozen"} <= set(report.checks)


_SWITCH = "UPDATE registry_freezeswitch SET"
_LIFTED = "WHERE lifted_at IS NOT NULL"


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("switch", f"{_SWITCH} reason = 'another'"),
        ("switch", f"{_SWITCH} subject = 'SHCER', scope = 'ASSET' WHERE scope = 'ACCOUNT'"),
        ("switch", "DELETE FROM registry_freezeswitch WHERE lifted_at IS NULL"),
        ("lifted", f"{_SWITCH} lifted_by = set_by {_LIFTED}"),
        ("lifted", f"{_SWITCH} lifted_by = '', lifted_at = NULL {_LIFTED}"),
        ("lifted", f"{_SWITCH} lifted_by = 'P-9', lifted_at = set_at WHERE lifted_at IS NULL"),
        ("lifted", "UPDATE members_approval SET state = 'OPEN' WHERE kind = 'registry.lift_freeze'"),
        ("lifted", "DELETE FROM members_approval WHERE kind = 'registry.lift_freeze'"),
    ],
)
def test_an_altered_switch_is_found_by_its_own_check_and_no_other(check: str, statement: str) -> None:
    report = AuditReport()
    with owner.altering() as altered:
        assert altered.execute(statement.encode()).rowcount > 0
        auditor.check(altered, report)
    assert {one.check for one in report.breaks} == {check}


def test_what_is_posted_while_a_switch_is_on_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard of the books is off, and the second ledger is not asked: money reaches an account that stands still."""
    monkeypatch.setattr(checks, "check_freezes", lambda *_arguments, **_options: None)
    monkeypatch.setattr(proposals, "check", lambda *_arguments: [])
    report = AuditReport()
    with transaction.atomic():
        posted = desk.pay_in(desk.north_cash, 1, "during")
        auditor.check(connection.connection, report)
        transaction.set_rollback(True)
    assert [(one.check, one.subject) for one in report.breaks] == [("frozen", f"{posted.number} CASH_IN")]


def test_the_auditor_lets_open_what_the_matrix_lets_open() -> None:
    assert {type_.value for type_ in TransferType if type_ in STAYS_OPEN} == freezes.STAYS_OPEN
