"""Deadlines moved by notice: what asks for the day follows, the old day stays, two people decide."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from tests.unit.compliance.stage import NEXT_SUMMER, RED_RIVER, REGION, YEAR, ZHOU, Stage

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.services import move_deadline
from tonnebook.core.canonical import Json
from tonnebook.core.deadlines import DeadlineRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.surrender import SurrenderRefusal
from tonnebook.core.year_status import EventKind

OLD, NEW = date(2027, 6, 30), date(2027, 7, 9)
TODAY = NEXT_SUMMER.date()
AFTER_OLD, AFTER_NEW = (datetime(2027, 7, day, 1, tzinfo=UTC) for day in (1, 10))


@pytest.fixture
def due(stage: Stage) -> Stage:
    stage.first_batch()
    stage.determine(red_t=60_000, north_t=50_000)
    return stage


def _move(stage: Stage, to_on: date = NEW, *, name: str = "surrender_on", notice: str = "沪环气候〔2027〕1号") -> None:
    asked: dict[str, Json] = {
        "region": REGION,
        "year": YEAR,
        "name": name,
        "to_on": to_on.isoformat(),
        "notice": notice,
        "reason": "核查延期",
    }
    approval = stage.approved("compliance.move_deadline", asked, now=NEXT_SUMMER)
    told = {**asked, "to_on": to_on}
    move_deadline(ZHOU, **told, approval=approval, key=stage.key(), now=NEXT_SUMMER)  # type: ignore[arg-type]


def _surrender_deadline() -> queries.Deadline:
    return next(one for one in queries.deadlines(REGION, YEAR, TODAY) if one.code == "surrender")


def test_who_asks_for_the_day_gets_the_new_one_and_sees_the_old(due: Stage) -> None:
    before = _surrender_deadline()
    assert (before.on, before.was_on) == (OLD, None)
    _move(due)
    after = _surrender_deadline()
    assert (after.on, after.was_on) == (NEW, OLD)
    assert after.working_days_left > before.working_days_left
    assert queries.cockpit(REGION, YEAR, TODAY).deadlines == queries.deadlines(REGION, YEAR, TODAY)
    (row,) = queries.moves(REGION, YEAR)
    assert (row.from_on, row.to_on, row.notice) == (OLD, NEW, "沪环气候〔2027〕1号")


def test_a_year_is_settled_after_the_moved_day_only(due: Stage) -> None:
    _move(due)
    with pytest.raises(Refused) as caught:
        compliance.settle_status(ZHOU, region=REGION, year=YEAR, key=due.key(), now=AFTER_OLD)
    assert caught.value.code is SurrenderRefusal.DEADLINE_NOT_OVER
    compliance.settle_status(ZHOU, region=REGION, year=YEAR, key=due.key(), now=AFTER_NEW)


def test_the_last_day_of_a_history_is_the_moved_one(due: Stage) -> None:
    _move(due)
    for now, is_over in ((AFTER_OLD, False), (AFTER_NEW, True)):
        kinds = {one.kind for one in queries.history(RED_RIVER, region=REGION, year=YEAR, now=now).events}
        assert (EventKind.LAST_DAY_OVER in kinds) == is_over


def test_a_preview_counts_whom_the_move_concerns(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    effect = queries.preview_move(REGION, YEAR, "surrender_on", to_on=NEW, now=NEXT_SUMMER)
    assert (effect.from_on, effect.to_on, effect.open_entities, effect.missing_t) == (OLD, NEW, 1, 50_000)
    assert effect.working_days_then > effect.working_days_left
    other = queries.preview_move(REGION, YEAR, "carry_over_on", to_on=date(2027, 7, 20), now=NEXT_SUMMER)
    assert (other.open_entities, other.missing_t) == (0, 0)


def test_a_deadline_moves_again_and_keeps_its_first_day(due: Stage) -> None:
    _move(due)
    _move(due, date(2027, 7, 14), notice="沪环气候〔2027〕2号")
    assert (_surrender_deadline().on, _surrender_deadline().was_on) == (date(2027, 7, 14), OLD)
    assert [row.to_on for row in queries.moves(REGION, YEAR)] == [date(2027, 7, 14), NEW]


def test_what_the_rules_refuse_is_not_moved(due: Stage) -> None:
    for to_on, expected in (
        (OLD, DeadlineRefusal.SAME_DAY),
        (date(2027, 7, 10), DeadlineRefusal.NOT_A_WORKING_DAY),
        (date(2027, 7, 19), DeadlineRefusal.OUT_OF_ORDER),
    ):
        with pytest.raises(Refused) as caught:
            _move(due, to_on)
        assert caught.value.code is expected
    assert queries.moves(REGION, YEAR) == ()


def test_a_published_move_is_never_changed(due: Stage) -> None:
    _move(due)
    with pytest.raises(DatabaseError, match=r"never|permission denied"), transaction.atomic():
        connection.cursor().execute("UPDATE compliance_deadlinemove SET to_on = from_on + 1")
