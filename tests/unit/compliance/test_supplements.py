"""Supplementary reports: a replaced figure finds its delta in every state of the year."""

from datetime import UTC, datetime

import pytest
from tests.unit.compliance.stage import (
    AFTER_DEADLINE,
    CHEN,
    NEXT_SUMMER,
    RED_RIVER,
    REGION,
    STEELWORKER,
    YEAR,
    ZHOU,
    Stage,
)

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core.errors import Refused
from tonnebook.core.redetermination import RedeterminationRefusal
from tonnebook.core.surrender import SurrenderRefusal
from tonnebook.core.year_status import EventKind, Mark, YearCode, YearStanding
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services

AUTUMN = datetime(2027, 9, 1, 1, tzinfo=UTC)


@pytest.fixture
def due(stage: Stage) -> Stage:
    stage.first_batch()
    stage.determine(red_t=60_000, north_t=50_000)
    return stage


def _replace(
    stage: Stage, to_t: int, *, now: datetime = AUTUMN, changes: dict[str, object] | None = None
) -> dict[str, object]:
    asked = {
        "region": REGION,
        "year": YEAR,
        "entity": RED_RIVER,
        "determined_t": to_t,
        "direct_t": 0,
        "reason": "补充报告",
        "evidence": "ER-2026-补充",
        **(changes or {}),
    }
    approval = stage.approved("emissions.redetermine", asked, now=now)  # type: ignore[arg-type]
    return emissions_services.redetermine(ZHOU, **asked, approval=approval, key=stage.key(), now=now)  # type: ignore[arg-type, return-value]


def _standing(now: datetime = AUTUMN) -> YearStanding:
    return queries.history(RED_RIVER, region=REGION, year=YEAR, now=now).standing


def test_a_replaced_figure_counts_and_the_old_one_stays(due: Stage) -> None:
    answer = _replace(due, 61_000, now=NEXT_SUMMER)
    assert (answer["before_t"], answer["determined_t"]) == (60_000, 61_000)
    assert queries.position(RED_RIVER, YEAR, NEXT_SUMMER.date()).due_t == 61_000
    assert emissions.determined(REGION, YEAR)[RED_RIVER].determined_t == 61_000
    assert [tonnes for _, tonnes in emissions.figures([RED_RIVER], YEAR)[RED_RIVER]] == [60_000, 61_000]
    _replace(due, 59_000, now=NEXT_SUMMER)
    assert emissions.history([RED_RIVER], (YEAR,))[RED_RIVER][YEAR].determined_t == 59_000


def test_in_an_open_year_the_delta_is_due_at_once(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    assert _standing(NEXT_SUMMER).code is YearCode.COVERED
    _replace(due, 60_500, now=NEXT_SUMMER)
    found = _standing(NEXT_SUMMER)
    assert (found.code, found.missing_t) == (YearCode.DUE, 500)
    due.submit({"SHEA-2026": 500})


def test_a_settled_year_takes_exactly_the_delta_and_the_settled_status_stays(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    due.settle()
    with pytest.raises(Refused) as caught:
        due.submit({"SHEA-2026": 1})
    assert caught.value.code is SurrenderRefusal.YEAR_SETTLED
    _replace(due, 60_500)
    assert (_standing().code, _standing().missing_t) == (YearCode.REOPENED, 500)
    with pytest.raises(Refused) as caught:
        due.submit({"SHEA-2026": 501})
    assert caught.value.code is SurrenderRefusal.BEYOND_OBLIGATION
    compliance.confirm_surrenders(
        ZHOU, region=REGION, year=YEAR, surrenders=[due.submit({"SHEA-2026": 500})], key=due.key(), now=AUTUMN
    )
    found = _standing()
    assert found.code is YearCode.MADE_GOOD
    assert found.marks == {Mark.SETTLED, Mark.REDETERMINED, Mark.LATE}
    (row,) = [row for row in queries.compliance_table(REGION, YEAR) if row.entity == RED_RIVER]
    assert (row.code, row.determined_t, row.surrendered_t) == ("COMPLIANT", 60_000, 60_000)


def test_a_lower_figure_after_surrender_gives_nothing_back(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    due.settle()
    _replace(due, 59_000)
    found = _standing()
    assert (found.code, found.missing_t, found.excess_t) == (YearCode.COMPLIANT, 0, 1_000)
    assert due.held(RED_RIVER)["SHEA-2026"] == 10_000


def test_a_delta_is_due_when_the_year_has_been_carried_over(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    due.settle()
    due.carry_over()
    _replace(due, 60_010)
    assert (_standing().code, _standing().missing_t) == (YearCode.REOPENED, 10)
    due.submit({"SHEA-2026": 10})


def test_what_is_short_after_the_settlement_may_still_be_handed_in(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 50_000}))
    due.settle()
    assert _standing().code is YearCode.SHORT
    number = due.submit({"SHEA-2026": 10_000})
    compliance.withdraw_surrender(STEELWORKER, surrender=number, key=due.key(), now=AFTER_DEADLINE)
    due.submit({"SHEA-2026": 10_000})


def test_the_history_of_a_year_tells_its_events_in_order(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    due.settle()
    due.carry_over()
    _replace(due, 61_000)
    events = queries.history(RED_RIVER, region=REGION, year=YEAR, now=AUTUMN).events
    assert [one.kind for one in events] == [
        EventKind.DETERMINED,
        EventKind.SURRENDERED,
        EventKind.CARRIED_OVER,
        EventKind.LAST_DAY_OVER,
        EventKind.SETTLED,
        EventKind.REDETERMINED,
    ]
    before = queries.history(RED_RIVER, region=REGION, year=YEAR, now=NEXT_SUMMER).standing
    assert before.code is YearCode.COVERED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"year": 2030}, RedeterminationRefusal.NOTHING_DETERMINED),
        ({"determined_t": 60_000}, RedeterminationRefusal.SAME_FIGURE),
        ({"direct_t": 61_001}, RedeterminationRefusal.FIGURE_WRONG),
        ({"reason": " "}, RedeterminationRefusal.REASON_MISSING),
        ({"evidence": ""}, RedeterminationRefusal.REASON_MISSING),
    ],
)
def test_a_figure_is_replaced_for_a_reason_only(
    due: Stage, changes: dict[str, object], expected: RedeterminationRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        _replace(due, 61_000, changes=changes)
    assert caught.value.code is expected


def test_one_person_alone_replaces_no_figure(due: Stage) -> None:
    with pytest.raises(Refused, match="NO_SUCH_APPROVAL"):
        emissions_services.redetermine(
            CHEN,
            region=REGION,
            year=YEAR,
            entity=RED_RIVER,
            determined_t=1,
            direct_t=0,
            reason="x",
            evidence="y",
            approval="AP-000000-00",
            key=due.key(),
            now=AUTUMN,
        )
