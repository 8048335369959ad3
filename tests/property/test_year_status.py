"""The standing of a year is a pure function of its events: order of writing, time and arithmetic agree."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import year_status
from tonnebook.core.surrender import StatusCode
from tonnebook.core.year_status import Event, EventKind, Mark

START = datetime(2027, 1, 1, tzinfo=UTC)
HANDED_IN = {EventKind.SURRENDERED, EventKind.FORCED}
TONNES = {EventKind.DETERMINED, EventKind.REDETERMINED, EventKind.RECALL_OWED} | HANDED_IN


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(list(EventKind)))
    quantity_t = draw(st.integers(0, 1000)) if kind in TONNES else 0
    credits_t = draw(st.integers(0, quantity_t)) if kind is EventKind.SURRENDERED else 0
    return Event(START + timedelta(days=draw(st.integers(0, 20))), kind, quantity_t, credits_t)


HISTORIES = st.lists(events(), max_size=12)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_writing_changes_nothing(history: list[Event], chance: st.DataObject) -> None:
    shuffled = list(history)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert year_status.standing(shuffled) == year_status.standing(history)


@given(HISTORIES)
def test_the_standing_is_plain_arithmetic_over_what_was_posted(history: list[Event]) -> None:
    found = year_status.standing(history)
    figures = [one for one in year_status.in_order(history) if one.kind.name.endswith("DETERMINED")]
    due_t = (figures[-1].quantity_t if figures else 0) + _sum(history, EventKind.RECALL_OWED)
    done_t = sum(_sum(history, kind) for kind in HANDED_IN)
    assert (found.obligation_t, found.surrendered_t) == (due_t, done_t)
    assert found.missing_t - found.excess_t == due_t - done_t
    assert found.missing_t * found.excess_t == 0
    assert (found.letter is StatusCode.C) == (not figures)
    if figures:
        assert (found.letter is StatusCode.A) == (done_t >= due_t)


@given(HISTORIES, st.integers(1, 500), st.integers(0, 20))
def test_handing_in_more_never_makes_the_letter_worse(history: list[Event], quantity_t: int, day: int) -> None:
    more = Event(START + timedelta(days=day), EventKind.SURRENDERED, quantity_t)
    before, after = year_status.standing(history), year_status.standing([*history, more])
    assert after.missing_t <= before.missing_t
    assert (before.letter, after.letter) != (StatusCode.A, StatusCode.B)


@given(HISTORIES, st.integers(0, 20))
def test_what_has_happened_by_a_day_stays_marked(history: list[Event], day: int) -> None:
    so_far = [one for one in history if one.at <= START + timedelta(days=day)]
    assert year_status.standing(so_far).marks - {Mark.IN_RECHECK} <= year_status.standing(history).marks


@given(HISTORIES, st.integers(0, 2000))
def test_a_supplement_says_what_the_next_figure_leaves_missing(history: list[Event], figure_t: int) -> None:
    before = year_status.standing(history)
    found = year_status.supplement(before, figure_t=figure_t)
    later = Event(START + timedelta(days=99), EventKind.REDETERMINED, figure_t)
    after = year_status.standing([*history, later])
    assert (found.missing.whole, found.excess.whole) == (after.missing_t, after.excess_t)
    assert found.delta.whole == after.obligation_t - before.obligation_t


def _sum(history: list[Event], kind: EventKind) -> int:
    return sum(one.quantity_t for one in history if one.kind is kind)
