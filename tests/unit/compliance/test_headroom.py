"""The headroom of a year: drawn by two, to the last tonne, kept out of the true-up, shown in the public total."""

from datetime import datetime

import pytest
from tests.unit.compliance.stage import (
    NEXT_SUMMER,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    SPRING,
    STEELWORKER,
    YEAR,
    ZHOU,
    Stage,
)

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import periods, trace
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal, Actor

TODAY = periods.day_of(SPRING)
POT_T = 500_000


def draw(
    stage: Stage, quantity_t: int, *, ground: str = "Chips, line 2", actor: Actor = ZHOU, now: datetime = SPRING
) -> int:
    """Draw for Red River; tonnes left in the pot."""
    told = {"region": REGION, "year": YEAR, "entity": RED_RIVER, "quantity_t": quantity_t, "ground": ground}
    approval = stage.approved("compliance.draw_headroom", told, now=now)  # type: ignore[arg-type]
    answer = compliance.draw_headroom(
        actor,
        region=REGION,
        year=YEAR,
        entity=RED_RIVER,
        quantity_t=quantity_t,
        ground=ground,
        approval=approval,
        key=stage.key(),
        now=now,
    )
    return int(str(answer["left_t"]))


def _refusal(stage: Stage, quantity_t: int, **other: str) -> object:
    with pytest.raises(Refused) as refused:
        draw(stage, quantity_t, **other)  # type: ignore[arg-type]
    return refused.value.code


def test_the_pot_is_drawn_to_its_last_tonne_and_no_further(stage: Stage) -> None:
    stage.first_batch()
    assert draw(stage, POT_T - 1) == 1
    assert _refusal(stage, 2) is AllocationRefusal.HEADROOM_SPENT
    assert draw(stage, 1) == 0
    assert _refusal(stage, 1) is AllocationRefusal.HEADROOM_SPENT
    first = queries.headroom_draws(REGION, YEAR)[-1]
    assert (first.quantity_t, int(trace.replay(first.left))) == (POT_T - 1, 1)
    assert stage.held(RED_RIVER)["SHEA-2026"] == 70_000 + POT_T


def test_what_was_drawn_is_not_taken_back_by_the_true_up_and_stands_in_the_total(stage: Stage) -> None:
    stage.first_batch()
    draw(stage, 1_000)
    stage.determine()
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)
    annual = {row.entity: row.free_t for row in queries.allocations(REGION, YEAR, Batch.SECOND)}
    assert stage.held(RED_RIVER)["SHEA-2026"] == annual[RED_RIVER] + 1_000
    assert stage.held(NORTH_POWER)["SHEA-2026"] == annual[NORTH_POWER]
    total = queries.region_total(REGION, YEAR, TODAY)
    assert total is not None
    assert (total.drawn_t, total.open_t) == (1_000, 0)
    assert total.total_t == total.reserve_t + total.free_t + total.paid_t + total.drawn_t
    (reserve, *_) = queries.total_traces(REGION, YEAR, TODAY)
    assert int(trace.replay(reserve)) == total.reserve_t
    (year,) = [one for one in queries.cap_path(REGION, today=TODAY) if one.year == YEAR]
    assert year.headroom == queries.headroom(REGION, YEAR, TODAY)
    assert year.headroom is not None
    assert (year.headroom.drawn_t, year.headroom.left_t) == (1_000, POT_T - 1_000)


def test_a_draw_needs_its_ground_an_officer_and_a_plan_that_keeps_room(stage: Stage) -> None:
    assert _refusal(stage, 1) is AllocationRefusal.NO_PLAN
    stage.cover()
    shipped = rulebook.overlay(REGION, YEAR)
    start = shipped.index("  headroom_t:")
    stage.adopt(shipped[:start] + shipped[shipped.index("  method:") :])
    assert _refusal(stage, 1) is AllocationRefusal.NO_HEADROOM
    assert _refusal(stage, 1, ground=" ") is AllocationRefusal.NO_GROUND
    with pytest.raises(Refused) as stranger:
        draw(stage, 1, actor=STEELWORKER)
    assert stranger.value.code is AccessRefusal.NOT_PERMITTED
    assert queries.headroom(REGION, YEAR, TODAY) is None


def test_a_draw_stops_at_the_total_of_the_plan(stage: Stage) -> None:
    stage.cover()
    stage.adopt(rulebook.overlay(REGION, YEAR).replace('value: "79000000"', 'value: "105001"'))
    stage.compute()
    stage.issue()
    assert _refusal(stage, 2) is AllocationRefusal.CAP_EXCEEDED
    assert draw(stage, 1) == POT_T - 1
