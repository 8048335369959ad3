"""Where a year stands follows from what happened to it, in every order of writing it down."""

from datetime import UTC, datetime

import pytest

from tonnebook.core import trace, year_status
from tonnebook.core.surrender import StatusCode
from tonnebook.core.year_status import Event, EventKind, Mark, YearCode


def on(month: int, kind: EventKind, quantity_t: int = 0, credits_t: int = 0) -> Event:
    return Event(datetime(2027, month, 1, tzinfo=UTC), kind, quantity_t, credits_t)


FIGURE = on(5, EventKind.DETERMINED, 100)
ENOUGH = on(6, EventKind.SURRENDERED, 100, 5)
OVER = on(7, EventKind.LAST_DAY_OVER)
SETTLED = on(8, EventKind.SETTLED)
MORE = on(9, EventKind.REDETERMINED, 120)
LATE = on(10, EventKind.SURRENDERED, 20)


@pytest.mark.parametrize(
    ("events", "marks"),
    [
        ([on(6, EventKind.RECHECK_ASKED)], {Mark.IN_RECHECK}),
        ([on(6, EventKind.RECHECK_ASKED), on(7, EventKind.RECHECK_DECIDED)], {Mark.RECHECKED}),
        (
            [on(6, EventKind.RECHECK_ASKED), on(7, EventKind.RECHECK_DECIDED), on(7, EventKind.REDETERMINED, 90)],
            {Mark.RECHECKED, Mark.REDETERMINED},
        ),
        (
            [on(6, EventKind.RECHECK_ASKED), on(7, EventKind.RECHECK_DECIDED), on(8, EventKind.RECHECK_ASKED)],
            {Mark.RECHECKED, Mark.IN_RECHECK},
        ),
    ],
)
def test_a_recheck_is_marked_while_it_runs_and_once_it_is_decided(events: list[Event], marks: set[Mark]) -> None:
    assert year_status.standing([FIGURE, *events]).marks == marks


@pytest.mark.parametrize(
    ("events", "letter", "code", "missing_t"),
    [
        ([], StatusCode.C, YearCode.NO_FIGURE, 0),
        ([FIGURE], StatusCode.B, YearCode.DUE, 100),
        ([FIGURE, ENOUGH], StatusCode.A, YearCode.COVERED, 0),
        ([FIGURE, OVER], StatusCode.B, YearCode.SHORT, 100),
        ([FIGURE, OVER, SETTLED], StatusCode.B, YearCode.SHORT, 100),
        ([FIGURE, ENOUGH, OVER, SETTLED], StatusCode.A, YearCode.COMPLIANT, 0),
        ([FIGURE, ENOUGH, OVER, SETTLED, MORE], StatusCode.B, YearCode.REOPENED, 20),
        ([FIGURE, ENOUGH, OVER, SETTLED, MORE, LATE], StatusCode.A, YearCode.MADE_GOOD, 0),
        ([FIGURE, OVER, SETTLED, on(9, EventKind.PENALISED)], StatusCode.B, YearCode.PENALISED, 100),
        ([FIGURE, on(5, EventKind.RECALL_OWED, 1), ENOUGH], StatusCode.B, YearCode.DUE, 1),
    ],
)
def test_each_state_of_a_year_has_its_code(
    events: list[Event], letter: StatusCode, code: YearCode, missing_t: int
) -> None:
    found = year_status.standing(events)
    assert (found.letter, found.code, found.missing_t) == (letter, code, missing_t)


def test_a_penalty_does_not_make_a_later_surrender_vanish() -> None:
    events = [FIGURE, OVER, SETTLED, on(9, EventKind.PENALISED), on(10, EventKind.SURRENDERED, 100)]
    found = year_status.standing(events)
    assert found.code is YearCode.MADE_GOOD
    assert found.marks == {Mark.SETTLED, Mark.PENALISED, Mark.LATE}


def test_credits_and_what_comes_after_the_year_are_marked() -> None:
    events = [FIGURE, ENOUGH, OVER, SETTLED, on(9, EventKind.CARRIED_OVER), on(11, EventKind.HANDED_OVER)]
    found = year_status.standing(events)
    assert found.marks == {Mark.OFFSET, Mark.SETTLED, Mark.CARRIED_OVER, Mark.HANDED_OVER}
    assert found.credits_t == 5


# A supplementary report finds its delta in every state of the year.
@pytest.mark.parametrize(
    ("events", "figure_t", "expected"),
    [
        ([FIGURE], 120, (20, 120, 0)),
        ([FIGURE, ENOUGH], 120, (20, 20, 0)),
        ([FIGURE, ENOUGH, OVER, SETTLED], 90, (-10, 0, 10)),
        ([FIGURE, OVER, SETTLED, on(9, EventKind.PENALISED)], 101, (1, 101, 0)),
        ([FIGURE, on(5, EventKind.RECALL_OWED, 7), ENOUGH, OVER, SETTLED], 100, (0, 7, 0)),
        ([FIGURE, ENOUGH, OVER, SETTLED, on(9, EventKind.CARRIED_OVER)], 150, (50, 50, 0)),
    ],
)
def test_a_supplementary_report_asks_for_what_was_not_posted(
    events: list[Event], figure_t: int, expected: tuple[int, int, int]
) -> None:
    found = year_status.supplement(year_status.standing(events), figure_t=figure_t)
    assert (found.delta.whole, found.missing.whole, found.excess.whole) == expected
    assert all(trace.replay(one) == one.value for one in (found.delta, found.missing, found.excess))
