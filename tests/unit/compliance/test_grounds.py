"""Grounds of incentives: what officers note counts, what they withdraw no longer does."""

import pytest
from tests.unit.compliance.stage import CHEN, RED_RIVER, REGION, SPRING, STEELWORKER, YEAR, Stage

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.allocation.incentives import GroundRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import AccessRefusal, Actor


def note(stage: Stage, *, ground: str = "metering") -> None:
    grounds = {RED_RIVER: {ground: "file 7"}}
    compliance.record_grounds(CHEN, year=YEAR, grounds=grounds, key=stage.key(), now=SPRING)


def withdraw(stage: Stage, *, ground: str = "metering", reason: str = "the meter was wrong", by: Actor = CHEN) -> None:
    compliance.withdraw_ground(
        by, entity=RED_RIVER, year=YEAR, ground=ground, reason=reason, key=stage.key(), now=SPRING
    )


def paid_t(stage: Stage) -> int:
    stage.compute()
    return next(row.paid_t for row in queries.allocations(REGION, YEAR, Batch.FIRST) if row.entity == RED_RIVER)


def refused(stage: Stage, **told: object) -> Refusal:
    with pytest.raises(Refused) as caught:
        withdraw(stage, **told)  # type: ignore[arg-type]
    return caught.value.code


def test_what_is_withdrawn_no_longer_counts(stage: Stage) -> None:
    stage.cover()
    stage.adopt()
    without_t = paid_t(stage)
    note(stage)
    assert paid_t(stage) < without_t
    withdraw(stage)
    assert paid_t(stage) == without_t
    (row,) = queries.grounds_noted(REGION, YEAR)
    assert (row.entity, row.reason, row.withdrawn_at) == (RED_RIVER, "the meter was wrong", SPRING)


def test_a_ground_is_noted_once_and_withdrawn_once_with_a_reason(stage: Stage) -> None:
    assert refused(stage) is GroundRefusal.NO_SUCH_GROUND
    note(stage)
    assert refused(stage, reason=" ") is GroundRefusal.WITHDRAWN_WITHOUT_REASON
    assert refused(stage, by=STEELWORKER) is AccessRefusal.NOT_PERMITTED
    withdraw(stage)
    assert refused(stage) is GroundRefusal.GROUND_WITHDRAWN
    with pytest.raises(Refused) as caught:
        note(stage)
    assert caught.value.code is GroundRefusal.GROUND_NOTED
