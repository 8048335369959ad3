"""A change within the year: recorded by two, computed with in both batches, explained, and followed by the exit."""

from datetime import date
from decimal import Decimal

import pytest
from tests.unit.compliance.stage import (
    NEXT_SUMMER,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    STEELWORKER,
    YEAR,
    ZHOU,
    Stage,
)

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import Departure
from tonnebook.compliance.queries import AllocationRow
from tonnebook.core import trace
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.allocation.changes import ChangeKind, ChangeRefusal
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal, Actor

JULY = date(YEAR, 7, 1)


def _record(
    stage: Stage,
    kind: ChangeKind,
    *,
    share: str = "1",
    successor: str = "",
    on: date = JULY,
    actor: Actor = ZHOU,
    approved_share: str = "",
) -> str:
    payload = {
        "region": REGION,
        "entity": RED_RIVER,
        "kind": kind,
        "on": on,
        "share": Decimal(approved_share or share),
        "successor": successor,
        "document": "Order 7",
    }
    approval = stage.approved("compliance.record_change", payload, now=NEXT_SUMMER)  # type: ignore[arg-type]
    answer = compliance.record_change(
        actor,
        region=REGION,
        entity=RED_RIVER,
        kind=kind,
        on=on,
        share=Decimal(share),
        successor=successor,
        document="Order 7",
        approval=approval,
        key=stage.key(),
        now=NEXT_SUMMER,
    )
    return str(answer["change"])


def _row(entity: str, batch: Batch) -> AllocationRow:
    return next(row for row in queries.allocation_of(entity, YEAR) if row.batch is batch)


def test_a_merger_moves_the_rest_of_the_year_to_its_successor(stage: Stage) -> None:
    stage.cover()
    stage.adopt()
    number = _record(stage, ChangeKind.MERGER, successor=NORTH_POWER)
    stage.compute()
    red, north = _row(RED_RIVER, Batch.FIRST), _row(NORTH_POWER, Batch.FIRST)
    # First batch: 70 % of last year's emission, of which half a year of Red River's 100,000 t goes over.
    assert (red.issue_t, north.issue_t) == (35_000, 70_000)
    (change,) = queries.entity_changes(REGION)
    assert (change.change.number, change.successor_en) == (number, "Entity 02W")
    assert queries.entity_changes_of(NORTH_POWER) == queries.entity_changes_of(RED_RIVER) == (change,)
    taken_over = north.traces[f"base_{YEAR - 1}"]
    assert taken_over.whole == int(trace.replay(taken_over)) == 100_000
    assert f"({number})" in taken_over.inputs[1].en


def test_a_closure_after_the_first_batch_is_recalled_by_the_second_and_settled_by_the_exit(stage: Stage) -> None:
    stage.first_batch()
    _record(stage, ChangeKind.CLOSURE, on=date(YEAR, 4, 1))
    stage.history({YEAR: {RED_RIVER: 25_000}}, goods=250)
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    row = _row(RED_RIVER, Batch.SECOND)
    assert row.issue_t == row.free_t - 70_000 < 0
    assert row.traces[f"base_{YEAR - 1}"].whole == 25_000
    (leaving,) = queries.leaving(REGION)
    assert (leaving.entity, leaving.from_year, leaving.command) == (RED_RIVER, YEAR + 1, "compliance.settle_exit")


@pytest.mark.parametrize(("kind", "is_moved_away"), [(ChangeKind.CLOSURE, False), (ChangeKind.RELOCATION, True)])
def test_who_is_gone_leaves_with_the_next_year(stage: Stage, kind: ChangeKind, is_moved_away: bool) -> None:
    _record(stage, kind)
    row = Departure.objects.get(entity__uscc=RED_RIVER)
    assert (row.from_year, row.is_moved_away, row.is_national) == (YEAR + 1, is_moved_away, False)
    with pytest.raises(Refused) as gone:
        _record(stage, kind)
    assert gone.value.code is ChangeRefusal.ALREADY_GONE


def test_a_boundary_that_goes_to_nobody_is_not_a_departure(stage: Stage) -> None:
    _record(stage, ChangeKind.BOUNDARY, share="0.25", on=date(YEAR, 1, 1))
    assert not Departure.objects.exists()
    stage.cover()
    stage.adopt()
    stage.compute()
    assert _row(RED_RIVER, Batch.FIRST).issue_t == 52_500


def test_a_change_comes_too_late_after_the_second_batch(stage: Stage) -> None:
    stage.first_batch()
    stage.determine()
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)
    with pytest.raises(Refused) as late:
        _record(stage, ChangeKind.DIVISION, share="0.5", successor=NORTH_POWER)
    assert late.value.code is ChangeRefusal.CHANGE_TOO_LATE
    assert _record(stage, ChangeKind.DIVISION, share="0.5", successor=NORTH_POWER, on=date(YEAR + 1, 1, 1))


def test_two_officers_answer_for_exactly_this_change(stage: Stage) -> None:
    with pytest.raises(Refused) as other:
        _record(stage, ChangeKind.BOUNDARY, share="0.5", approved_share="0.4")
    assert other.value.code is ApprovalRefusal.DIGEST_DIFFERS
    with pytest.raises(Refused) as stranger:
        _record(stage, ChangeKind.CLOSURE, actor=STEELWORKER)
    assert stranger.value.code is AccessRefusal.NOT_PERMITTED
