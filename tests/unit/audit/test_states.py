"""States of accounts: whoever alters one, skips a step or posts past one is found by the check that is there for it."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests.unit.audit.owner import found_after
from tests.unit.registry import desk as desks
from tests.unit.registry import test_restrictions as restrictions

from tonnebook import scratch
from tonnebook.core import ledger
from tonnebook.core.ledger import AccountState, AccountType, Leg, TransferType
from tonnebook.core.ledger.states import TRANSITIONS
from tonnebook.journal import queries as journal
from tonnebook_audit import auditor, states
from tonnebook_audit.catalogue import CHECKS
from tonnebook_audit.report import AuditReport


def retire(desk: desks.Desk, quantity_t: int) -> None:
    leg = Leg(desk.north, desk.system[AccountType.RETIREMENT], "SHEA-2026", quantity_t)
    desk.post(TransferType.RETIRE, leg)


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[desks.Desk]:
    """North Power retired, was restricted, suspended and reopened; Red River's account is restricted to this day."""
    with django_db_blocker.unblock(), scratch.scratch_database(f"states_{worker_label}"):
        made = desks.open_desk()
        made.allocate(made.north, 10)
        retire(made, 1)
        restrictions.restrict(made.north, AccountState.SOME_RESTRICTED, restrictions.TRADE)
        restrictions.restrict(made.north, AccountState.SUSPENDED)
        made.allocate(made.north, 5)
        restrictions.reopen(made.north, AccountState.OPEN)
        retire(made, 2)
        restrictions.restrict(made.red, AccountState.SOME_RESTRICTED, ["RETIRE"])
        yield made


def test_states_in_order_have_no_breaks_and_every_check_has_looked(desk: desks.Desk) -> None:
    assert desk.north
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert {"state", "state step", "state kept"} <= set(report.checks) & set(CHECKS)
    assert report.checks["state kept"] == 4


_ROW = "UPDATE registry_statechange SET"


@pytest.mark.parametrize(
    ("checks", "statement"),
    [
        ({"state"}, "UPDATE registry_account SET state = 'OPEN', barred = '{}' WHERE state = 'SOME_RESTRICTED'"),
        ({"state"}, "UPDATE registry_account SET barred = '{PLEDGE}' WHERE state = 'SOME_RESTRICTED'"),
        ({"state"}, "UPDATE registry_account SET state = 'SUSPENDED' WHERE type = 'CLIENT_CASH'"),
        ({"state step", "state kept"}, "DELETE FROM registry_statechange WHERE state = 'OPEN'"),
        ({"state step"}, f"{_ROW} approver = '' WHERE state = 'OPEN'"),
        ({"state step"}, f"{_ROW} barred = '{{PLEDGE}}' WHERE state = 'SOME_RESTRICTED'"),
        ({"state step", "state kept"}, f"{_ROW} state = 'FROZEN' WHERE state = 'OPEN'"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_an_altered_state_is_found_by_its_own_check_and_no_other(checks: set[str], statement: str) -> None:
    assert found_after(statement) == checks
    assert all(CHECKS[one].number for one in checks)


@pytest.mark.usefixtures("desk")
def test_a_posting_past_a_state_is_found() -> None:
    # What was issued while the account was suspended is made to look as if it had been retired then.
    renamed = "UPDATE registry_transfer SET type = 'RETIRE' WHERE id = (SELECT max(id) - 1 FROM registry_transfer)"
    assert "state kept" in found_after(renamed)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("OPEN", ()), ("FROZEN", ()), ""),
        (("SOME_RESTRICTED", ("RETIRE",)), ("SOME_RESTRICTED", ("PLEDGE", "RETIRE")), ""),
        (("CLOSING", ()), ("OPEN", ()), ""),
        (("OPEN", ()), ("CLOSED", ()), "['ALL_RESTRICTED', 'CLOSING', 'FROZEN', 'SOME_RESTRICTED', 'SUSPENDED']"),
        (("FROZEN", ()), ("OPEN", ()), "a second person"),
        (("SOME_RESTRICTED", ("PLEDGE", "RETIRE")), ("SOME_RESTRICTED", ("RETIRE",)), "a second person"),
        (("CLOSING", ()), ("FROZEN", ()), "a second person"),
    ],
)
def test_a_step_out_of_order_or_alone_is_found(
    before: tuple[str, tuple[str, ...]], after: tuple[str, tuple[str, ...]], expected: str
) -> None:
    report = AuditReport()
    for approver in ("", "P-1"):
        states._check_step("A-1", (*before, "P-1", "P-2", ""), (*after, "P-1", approver, ""), report)
    states._check_step("A-1", (*before, "P-1", "P-2", ""), (*after, "P-1", "P-2", ""), report)
    alone = [one.expected for one in report.breaks]
    assert alone == ([expected] * (2 if expected == "a second person" else 3) if expected else [])


def test_the_table_of_the_auditor_says_what_the_core_says() -> None:
    for state in AccountState:
        told = ledger.ways(state)
        assert states.WAYS[state] == (frozenset(map(str, told.out)), frozenset(map(str, told.into))), state
        assert states.STEPS[state] == {*map(str, TRANSITIONS[state])}, state
