"""Objections through the services: filed in time, decided by two, corrected by an entry of their own."""

from datetime import timedelta

import pytest
from tests.unit.compliance.stage import (
    NEXT_SUMMER,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    STEELWORKER,
    STRANGER,
    YEAR,
    ZHOU,
    Stage,
)

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import trace
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.objections import ObjectionRefusal, ObjectionState
from tonnebook.core.roles import AccessRefusal
from tonnebook.journal.services import Answer


def _settle(stage: Stage) -> None:
    stage.first_batch()
    stage.determine()
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)


def _file(stage: Stage, *, days: int = 0, reason: str = "Kiln 2 is missing.") -> Answer:
    now = NEXT_SUMMER + timedelta(days=days)
    return compliance.file_objection(STEELWORKER, entity=RED_RIVER, year=YEAR, reason=reason, key=stage.key(), now=now)


def _decide(stage: Stage, number: str, *, is_upheld: bool, due_t: int) -> Answer:
    payload: dict[str, Json] = {
        "objection": number,
        "is_upheld": is_upheld,
        "due_t": due_t,
        "reason": "Kiln 2 was left out.",
    }
    approval = stage.approved("compliance.decide_objection", payload, now=NEXT_SUMMER)
    return compliance.decide_objection(
        ZHOU,
        objection=number,
        is_upheld=is_upheld,
        due_t=due_t,
        reason="Kiln 2 was left out.",
        approval=approval,
        key=stage.key(),
        now=NEXT_SUMMER,
    )


def _refused(stage: Stage, **changes: object) -> Refusal:
    with pytest.raises(Refused) as caught:
        _file(stage, **changes)  # type: ignore[arg-type]
    return caught.value.code


def test_there_is_nothing_to_object_to_before_the_second_batch(stage: Stage) -> None:
    stage.first_batch()
    assert queries.object_until(RED_RIVER, YEAR, NEXT_SUMMER.date()) is None
    assert _refused(stage) is ObjectionRefusal.NOTHING_ISSUED


def test_an_objection_is_filed_once_in_its_days_by_the_company_itself(stage: Stage) -> None:
    _settle(stage)
    assert _refused(stage, days=12) is ObjectionRefusal.OBJECTION_TOO_LATE
    assert _refused(stage, reason=" ") is ObjectionRefusal.NO_GROUND_GIVEN
    with pytest.raises(Refused) as stranger:
        compliance.file_objection(
            STRANGER, entity=RED_RIVER, year=YEAR, reason="mine", key=stage.key(), now=NEXT_SUMMER
        )
    assert stranger.value.code is AccessRefusal.NOT_YOUR_ORGANISATION
    _file(stage)
    assert _refused(stage) is ObjectionRefusal.ALREADY_OBJECTED
    (row,) = queries.open_objections(REGION, YEAR)
    assert (row.entity, row.state, row.reason) == (RED_RIVER, ObjectionState.FILED, "Kiln 2 is missing.")


@pytest.mark.parametrize("more_t", [500, -500])
def test_an_upheld_objection_is_corrected_both_ways_and_explained(stage: Stage, more_t: int) -> None:
    _settle(stage)
    number = str(_file(stage)["objection"])
    before_t, held_t = queries.issued_to([RED_RIVER], YEAR)[RED_RIVER], stage.held(RED_RIVER)["SHEA-2026"]
    answer = _decide(stage, number, is_upheld=True, due_t=before_t + more_t)
    assert (answer["issued_t"], answer["recalled_t"]) == (max(0, more_t), max(0, -more_t))
    assert queries.issued_to([RED_RIVER], YEAR)[RED_RIVER] == before_t + more_t
    assert stage.held(RED_RIVER)["SHEA-2026"] == held_t + more_t
    (review,) = (row for row in queries.allocation_of(RED_RIVER, YEAR) if row.batch is Batch.REVIEW)
    assert review.transfer
    assert trace.replay(review.traces["issue"]) == review.issue_t == more_t
    found = queries.objection_of(RED_RIVER, YEAR)
    assert found is not None
    assert (found.state, found.due_t) == (ObjectionState.UPHELD, before_t + more_t)


def test_a_rejected_objection_changes_nothing_and_is_decided_once(stage: Stage) -> None:
    _settle(stage)
    number, issued_t = str(_file(stage)["objection"]), queries.issued_to([RED_RIVER], YEAR)[RED_RIVER]
    with pytest.raises(Refused) as vague:
        _decide(stage, number, is_upheld=False, due_t=issued_t + 1)
    assert vague.value.code is ObjectionRefusal.NOTHING_TO_CORRECT
    _decide(stage, number, is_upheld=False, due_t=issued_t)
    assert queries.open_objections(REGION, YEAR) == ()
    assert queries.issued_to([RED_RIVER], YEAR)[RED_RIVER] == issued_t
    with pytest.raises(Refused) as again:
        _decide(stage, number, is_upheld=False, due_t=issued_t)
    assert again.value.code is ObjectionRefusal.ALREADY_DECIDED


def test_a_decision_is_about_a_known_objection_and_stays_under_the_total(stage: Stage) -> None:
    _settle(stage)
    with pytest.raises(Refused) as unknown:
        _decide(stage, "OB-0", is_upheld=True, due_t=1)
    assert unknown.value.code is ObjectionRefusal.NO_SUCH_OBJECTION
    number = str(_file(stage)["objection"])
    with pytest.raises(Refused) as above:
        _decide(stage, number, is_upheld=True, due_t=80_000_000)
    assert above.value.code is AllocationRefusal.CAP_EXCEEDED


def test_a_correction_is_never_computed_as_a_batch(stage: Stage) -> None:
    _settle(stage)
    with pytest.raises(Refused) as caught:
        stage.compute(Batch.REVIEW, now=NEXT_SUMMER)
    assert caught.value.code is AllocationRefusal.NOT_COMPUTED
    assert queries.issued_to([NORTH_POWER], YEAR)
