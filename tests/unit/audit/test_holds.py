"""Holds: an altered one, one past its end, and one that rests where it must not, each found by its own check."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker
from tests.unit.audit.owner import found_after
from tests.unit.registry import desk as desks
from tests.unit.registry import test_courts as courts
from tests.unit.registry import test_freezes as switches
from tests.unit.registry import test_moves as moves
from tests.unit.registry import test_restrictions as restrictions
from tests.unit.registry.desk import NOW

from tonnebook import scratch
from tonnebook.core.ledger import AccountState, FreezeScope, HoldReason, matrix
from tonnebook.journal import queries as journal
from tonnebook.registry import services as registry
from tonnebook.registry.services.holds import CARRIED_OUT_BY
from tonnebook_audit import auditor, holds
from tonnebook_audit.catalogue import CHECKS


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[desks.Desk]:
    """Holds that rest, were released, gave way to a restriction or a switch, and one of a court until a day."""
    with django_db_blocker.unblock(), scratch.scratch_database(f"holds_{worker_label}"):
        made = desks.open_desk()
        made.allocate(made.red, 100)
        made.allocate(made.north, 100)
        made.pay_in(made.red_cash, 500, "B-1")
        courts.freeze(made, 10, papers=(moves.paper(desks.NORTH),), until=date(2026, 6, 30))
        released = made.hold(made.red, 1, HoldReason.ORDER)
        with transaction.atomic():
            registry.release_holds([released], now=NOW)
        for account in (made.red, made.north):
            made.hold(account, 5, HoldReason.ORDER)
            made.hold(account, 5, HoldReason.PLEDGE)
        made.hold(made.red_cash, 100, HoldReason.BID, "CNY")
        restrictions.restrict(made.north, AccountState.SUSPENDED)
        switches.stop(FreezeScope.ACCOUNT, made.red_cash)
        yield made


def test_holds_in_order_have_no_breaks_and_every_check_has_looked(desk: desks.Desk) -> None:
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert {"hold leaf", "hold end", "hold kept"} <= set(report.checks) & set(CHECKS)


_HOLD = "UPDATE registry_hold SET"
_STANDING = "state = 'ACTIVE'"
# Whoever makes a hold rest again also makes the balance agree, or the sums would tell.
_COUNTED = (
    "UPDATE registry_balance AS balance SET held = held + 5 FROM registry_account AS account"
    " WHERE account.id = balance.account_id AND account.number = '{}'"
)


@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("hold leaf", f"{_HOLD} owner = 'Another Court' WHERE reason = 'COURT'"),
        ("hold leaf", f"{_HOLD} owner = '91310000' WHERE reason = 'PLEDGE'"),
        ("hold leaf", f"{_HOLD} reason = 'SURRENDER' WHERE reason = 'PLEDGE'"),
        ("hold leaf", f"{_HOLD} expires_at = expires_at - interval '1 day' WHERE reason = 'COURT'"),
        ("hold leaf", f"{_HOLD} expires_at = at WHERE reason = 'PLEDGE'"),
        ("hold leaf", f"{_HOLD} quantity = quantity + 1 WHERE reason = 'PLEDGE'"),
        ("hold leaf", f"{_HOLD} subject = 'O-2' WHERE reason = 'PLEDGE'"),
        ("hold leaf", f"{_HOLD} documents = '[]' WHERE reason = 'COURT'"),
        ("hold leaf", "DELETE FROM registry_hold WHERE state = 'RELEASED'"),
        ("hold leaf", f"{_HOLD} number = 'H-X' WHERE state = 'RELEASED'"),
        ("hold end", f"{_HOLD} state = 'USED' WHERE state = 'RELEASED'"),
        ("hold end", f"{_HOLD} state = 'RELEASED' WHERE state = 'OVERRIDDEN'"),
        ("hold end", f"{_HOLD} state = 'USED' WHERE state = 'OVERRIDDEN'"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_an_altered_hold_is_found_by_its_own_check(check: str, statement: str) -> None:
    assert check in found_after(statement) <= {check, "hold end"}


def test_an_order_in_force_again_is_found_by_its_leaf_and_by_the_state_of_its_account(desk: desks.Desk) -> None:
    for account in (desk.north, desk.red):
        revived = (
            f"{_HOLD} state = 'ACTIVE', remaining = 5 FROM registry_account AS account"
            f" WHERE account.id = account_id AND account.number = '{account}' AND registry_hold.state = 'OVERRIDDEN'"
        )
        assert {"hold end", "hold kept"} <= found_after(revived, _COUNTED.format(account))


def test_a_hold_placed_past_a_state_is_found(desk: desks.Desk) -> None:
    # What a court froze in the suspended account is made to look as if it had been pledged then.
    hold = desk.hold(desk.north, 1, HoldReason.COURT)
    assert found_after(f"{_HOLD} reason = 'PLEDGE', rank = 0 WHERE number = '{hold}'") == {"hold leaf", "hold kept"}


def test_the_tables_of_the_auditor_say_what_the_core_says() -> None:
    assert {str(reason): str(row.type) for reason, row in matrix.PLACED_BY.items()} == holds.PLACED_BY
    assert {str(reason): str(type_) for reason, type_ in CARRIED_OUT_BY.items()} == holds.RESTING
