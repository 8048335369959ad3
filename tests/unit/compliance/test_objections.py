"""Objections through the services: filed in time, decided by two, corrected by an entry of their own."""

from datetime import datetime, timedelta

import pytest
from tests.unit.compliance.stage import (
    NEXT_SUMMER,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    SPRING,
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
from tonnebook.core.coverage import Stage as Inside
from tonnebook.core.coverage_list import ListGround
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.objections import ObjectionRefusal, ObjectionState, ObjectionSubject
from tonnebook.core.redetermination import RedeterminationRefusal
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.year_status import EventKind, Mark
from tonnebook.emissions import queries as emissions
from tonnebook.journal.services import Answer


def _settle(stage: Stage) -> None:
    stage.first_batch()
    stage.determine()
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)


def _file(
    stage: Stage,
    *,
    subject: ObjectionSubject = ObjectionSubject.ALLOCATION,
    days: int = 0,
    reason: str = "Kiln 2 is missing.",
    start: datetime = NEXT_SUMMER,
) -> Answer:
    now = start + timedelta(days=days)
    return compliance.file_objection(
        STEELWORKER, subject=subject, entity=RED_RIVER, year=YEAR, reason=reason, key=stage.key(), now=now
    )


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
    assert queries.object_until(ObjectionSubject.ALLOCATION, RED_RIVER, YEAR, NEXT_SUMMER.date()) is None
    assert _refused(stage) is ObjectionRefusal.NOTHING_DECIDED


def test_an_objection_is_filed_once_in_its_days_by_the_company_itself(stage: Stage) -> None:
    _settle(stage)
    assert _refused(stage, days=12) is ObjectionRefusal.OBJECTION_TOO_LATE
    assert _refused(stage, reason=" ") is ObjectionRefusal.NO_GROUND_GIVEN
    with pytest.raises(Refused) as stranger:
        compliance.file_objection(
            STRANGER,
            subject=ObjectionSubject.ALLOCATION,
            entity=RED_RIVER,
            year=YEAR,
            reason="mine",
            key=stage.key(),
            now=NEXT_SUMMER,
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
    found = queries.objection_of(ObjectionSubject.ALLOCATION, RED_RIVER, YEAR)
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


def _decide_line(stage: Stage, number: str, *, is_upheld: bool, to: Inside) -> Answer:
    told: dict[str, Json] = {"objection": number, "is_upheld": is_upheld, "stage": to, "reason": "The mill is closed."}
    approval = stage.approved("compliance.decide_list_objection", told, now=SPRING)
    return compliance.decide_list_objection(
        ZHOU,
        objection=number,
        is_upheld=is_upheld,
        stage=to,
        reason="The mill is closed.",
        approval=approval,
        key=stage.key(),
        now=SPRING,
    )


def _decide_figure(stage: Stage, number: str, *, is_upheld: bool, determined_t: int, direct_t: int = 0) -> Answer:
    told: dict[str, Json] = {"objection": number, "is_upheld": is_upheld, "determined_t": determined_t}
    told |= {"direct_t": direct_t, "reason": "Kiln 2 was weighed again."}
    approval = stage.approved("compliance.decide_recheck", told, now=SPRING)
    return compliance.decide_recheck(
        ZHOU,
        objection=number,
        is_upheld=is_upheld,
        determined_t=determined_t,
        direct_t=direct_t,
        reason="Kiln 2 was weighed again.",
        approval=approval,
        key=stage.key(),
        now=SPRING,
    )


def _object(stage: Stage, subject: ObjectionSubject, *, days: int = 0) -> str:
    return str(_file(stage, subject=subject, start=SPRING, days=days)["objection"])


def _marks() -> frozenset[Mark]:
    return queries.history(RED_RIVER, region=REGION, year=YEAR, now=SPRING).standing.marks


def test_seven_working_days_to_object_to_the_list_and_no_more(stage: Stage) -> None:
    # The list came out on Wednesday, April 1st; Monday, April 6th is a holiday (Qingming).
    stage.cover()
    assert str(queries.object_until(ObjectionSubject.COVERAGE, RED_RIVER, YEAR, SPRING.date())) == "2026-04-13"
    refused = _refused(stage, subject=ObjectionSubject.COVERAGE, start=SPRING, days=13)
    assert refused is ObjectionRefusal.OBJECTION_TOO_LATE
    filed = _file(stage, subject=ObjectionSubject.COVERAGE, start=SPRING, days=12)
    assert filed["decide_until"] == "2026-04-27"


def test_an_upheld_objection_to_the_list_is_a_new_version_that_names_it(stage: Stage) -> None:
    stage.cover()
    number = _object(stage, ObjectionSubject.COVERAGE)
    assert _refused(stage, subject=ObjectionSubject.COVERAGE, start=SPRING) is ObjectionRefusal.ALREADY_OBJECTED
    with pytest.raises(Refused) as vague:
        _decide_line(stage, number, is_upheld=True, to=Inside.ALLOWANCES)
    assert vague.value.code is ObjectionRefusal.NOTHING_TO_CORRECT
    assert _decide_line(stage, number, is_upheld=True, to=Inside.OUT)["version"] == 2
    latest = queries.list_versions(REGION, YEAR)[0]
    assert (latest.ground, latest.changes[0].objection) == (ListGround.OBJECTION, number)
    row = queries.objection_of(ObjectionSubject.COVERAGE, RED_RIVER, YEAR)
    assert row is not None
    assert (row.state, row.stage) == (ObjectionState.UPHELD, Inside.OUT)
    assert RED_RIVER not in queries.covered_codes(REGION, YEAR)


def test_a_rejected_objection_to_the_list_leaves_it_as_it_was(stage: Stage) -> None:
    stage.cover()
    number = _object(stage, ObjectionSubject.COVERAGE)
    assert _decide_line(stage, number, is_upheld=False, to=Inside.ALLOWANCES)["version"] == 0
    assert len(queries.list_versions(REGION, YEAR)) == 1
    with pytest.raises(Refused) as again:
        _decide_line(stage, number, is_upheld=True, to=Inside.OUT)
    assert again.value.code is ObjectionRefusal.ALREADY_DECIDED


def test_an_objection_is_decided_as_what_it_is_about(stage: Stage) -> None:
    stage.cover()
    stage.determine()
    number = _object(stage, ObjectionSubject.COVERAGE)
    with pytest.raises(Refused) as allowance:
        _decide(stage, number, is_upheld=True, due_t=1)
    with pytest.raises(Refused) as figure:
        _decide_figure(stage, number, is_upheld=True, determined_t=1)
    assert {allowance.value.code, figure.value.code} == {ObjectionRefusal.NO_SUCH_OBJECTION}


def test_a_recheck_replaces_the_figure_and_stands_in_the_history_of_the_year(stage: Stage) -> None:
    stage.cover()
    stage.determine(red_t=110_000)
    number = _object(stage, ObjectionSubject.DETERMINATION)
    assert Mark.IN_RECHECK in _marks()
    answer = _decide_figure(stage, number, is_upheld=True, determined_t=90_000)
    assert (answer["before_t"], answer["determined_t"]) == (110_000, 90_000)
    assert emissions.determined(REGION, YEAR)[RED_RIVER].determined_t == 90_000
    found = queries.history(RED_RIVER, region=REGION, year=YEAR, now=SPRING)
    kinds = [EventKind.DETERMINED, EventKind.RECHECK_ASKED, EventKind.RECHECK_DECIDED, EventKind.REDETERMINED]
    assert [one.kind for one in found.events] == kinds
    assert found.standing.marks == {Mark.RECHECKED, Mark.REDETERMINED}
    assert found.standing.obligation_t == 90_000


def test_a_confirmed_figure_stays_and_a_second_recheck_of_it_is_refused(stage: Stage) -> None:
    stage.cover()
    stage.determine(red_t=110_000)
    number = _object(stage, ObjectionSubject.DETERMINATION)
    for is_upheld, tonnes in ((True, 110_000), (False, 109_999)):
        with pytest.raises(Refused) as vague:
            _decide_figure(stage, number, is_upheld=is_upheld, determined_t=tonnes)
        assert vague.value.code is ObjectionRefusal.NOTHING_TO_CORRECT
    with pytest.raises(Refused) as wrong:
        _decide_figure(stage, number, is_upheld=True, determined_t=5, direct_t=6)
    assert wrong.value.code is RedeterminationRefusal.FIGURE_WRONG
    _decide_figure(stage, number, is_upheld=False, determined_t=110_000)
    assert emissions.determined(REGION, YEAR)[RED_RIVER].determined_t == 110_000
    assert _marks() == {Mark.RECHECKED}
    refused = _refused(stage, subject=ObjectionSubject.DETERMINATION, start=SPRING)
    assert refused is ObjectionRefusal.ALREADY_OBJECTED


def test_the_authority_opens_a_recheck_itself_at_any_time(stage: Stage) -> None:
    stage.cover()
    told = {"entity": RED_RIVER, "year": YEAR, "reason": "A meter was found broken."}
    with pytest.raises(Refused) as early:
        compliance.open_recheck(ZHOU, **told, key=stage.key(), now=NEXT_SUMMER)  # type: ignore[arg-type]
    assert early.value.code is ObjectionRefusal.NOTHING_DECIDED
    stage.determine()
    assert queries.object_until(ObjectionSubject.DETERMINATION, RED_RIVER, YEAR, NEXT_SUMMER.date()) is None
    compliance.open_recheck(ZHOU, **told, key=stage.key(), now=NEXT_SUMMER)  # type: ignore[arg-type]
    (row,) = queries.open_objections(REGION, YEAR)
    assert (row.subject, row.by_authority) == (ObjectionSubject.DETERMINATION, True)
    with pytest.raises(Refused) as company:
        compliance.open_recheck(STEELWORKER, **told, key=stage.key(), now=NEXT_SUMMER)  # type: ignore[arg-type]
    assert company.value.code is AccessRefusal.NOT_PERMITTED
