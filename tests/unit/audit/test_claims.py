"""Lanes, second persons, queues and what waits: each altered row is found by the check that is there for it alone."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests.unit.audit import owner
from tests.unit.registry import desk as desks
from tests.unit.registry import test_moves as moves
from tests.unit.registry import union as unions

from tonnebook import scratch
from tonnebook.core.ledger import MATRIX, HoldReason, TransferType
from tonnebook.journal import queries as journal
from tonnebook.registry import services as registry
from tonnebook_audit import auditor, lanes
from tonnebook_audit.catalogue import CHECKS


@pytest.fixture(scope="module")
def claims(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[None]:
    """Units handed on with papers, two freezes of which one waits, a transfer that is done and one that waits."""
    with django_db_blocker.unblock(), scratch.scratch_database(f"claims_{worker_label}"):
        desk = desks.open_desk()
        desk.allocate(desk.red, 130)
        told = moves.payload(desk, [moves.paper()])
        moves.hand_on(told, moves.approved(told))
        for quantity_t in (70, 50):
            desk.hold(desk.red, quantity_t, HoldReason.COURT)
        union = unions.open_union()
        union.transfer(1000)
        assert registry.carry_out_due(now=unions.READY) == 1
        union.transfer(2000, key="later", now=unions.READY)
        yield


@pytest.mark.usefixtures("claims")
def test_claims_in_order_have_no_breaks_and_every_check_has_looked() -> None:
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    looked = {"lane", "second person", "approved transfer", "rank", "asked", "asked wait", "asked hold"}
    assert looked | {"asked transfer"} <= set(report.checks) & set(CHECKS)


_HOLD = "UPDATE registry_hold SET"
_ASKED = "UPDATE registry_pendingtransfer SET"
_EARLY = "ALTER TABLE registry_pendingtransfer DROP CONSTRAINT registry_pending_never_early"


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize(
    ("checks", "statements"),
    [
        ("lane", ["UPDATE registry_asset SET kind = 'CREDIT' WHERE code = 'EUA-2026'"]),
        ("second person", ["UPDATE registry_transfer SET approver = '' WHERE type = 'ALLOCATE'"]),
        ("approved transfer", ["UPDATE members_approval SET state = 'APPROVED' WHERE state = 'EXECUTED'"]),
        ("approved transfer", ["UPDATE registry_transfer SET subject = '' WHERE type = 'COURT_TRANSFER'"]),
        ("rank", [f"{_HOLD} rank = 1 WHERE rank = 2"]),
        ("rank", [f"{_HOLD} rank = 3 - rank WHERE rank > 0"]),
        ("asked", [f"{_ASKED} digest = repeat('0', 64) WHERE state = 'WAITING'"]),
        ("asked", ["DELETE FROM registry_pendingtransfer"]),
        ("asked wait", [_EARLY, f"{_ASKED} ready_at = decided_at + interval '1 second' WHERE state = 'DONE'"]),
        ("asked hold, hold leaf", [f"{_HOLD} subject = '' WHERE state = 'ACTIVE' AND reason = 'DELIVERY'"]),
        ("asked hold", [f"{_ASKED} hold = 'H-X' WHERE state = 'WAITING'"]),
        ("asked transfer", [f"{_ASKED} transfer = (SELECT min(number) FROM registry_transfer) WHERE state = 'DONE'"]),
        (
            "asked transfer",
            [f"{_ASKED} transfer = (SELECT min(number) FROM registry_transfer) WHERE state = 'WAITING'"],
        ),
    ],
)
def test_an_altered_claim_is_found_by_its_own_check_and_no_other(checks: str, statements: list[str]) -> None:
    assert owner.found_after(*statements) == set(checks.split(", "))
    assert all(CHECKS[check].number for check in checks.split(", "))


def test_the_table_of_the_auditor_says_what_the_matrix_says() -> None:
    transfers = {type_.value: MATRIX[type_] for type_ in TransferType}
    assert {
        name: {
            (str(kind), str(debit), str(credit))
            for lane in row.lanes
            for kind in lane.kinds
            for debit in lane.debits
            for credit in lane.credits
        }
        for name, row in transfers.items()
    } == lanes.LANES
    assert {name for name, row in transfers.items() if row.approval_act} == lanes.TWO_PEOPLE
