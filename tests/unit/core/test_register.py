"""What is registered begins and ends by its events, and its two boundaries add up to the last digit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import register
from tonnebook.core.errors import Refused
from tonnebook.core.register import Event, EventDecision, Reach, RegisterRefusal, SiteEvent, Span

START, SUMMER, WINTER = date(2020, 1, 1), date(2026, 7, 1), date(2026, 12, 1)
CLOSED, AGAIN = Event(SiteEvent.CLOSURE, SUMMER), Event(SiteEvent.RESTART, WINTER)


def test_a_closure_ends_and_a_restart_begins_a_time_in_use_whatever_their_order() -> None:
    assert register.spans(START, [AGAIN, CLOSED]) == (Span(START, SUMMER), Span(WINTER, None))
    assert register.is_in_use(START, [CLOSED], date(2026, 6, 30))
    assert not register.is_in_use(START, [CLOSED], SUMMER)
    assert register.is_in_use(START, [CLOSED, AGAIN], WINTER)
    assert not register.is_in_use(START, [], date(2019, 12, 31))
    assert register.spans(START, [Event(SiteEvent.CAPACITY_CHANGE, SUMMER)]) == (Span(START, None),)


def check(kind: SiteEvent, on: date, *events: Event, receiver: str = "") -> object:
    """What an event is refused with; None when it is not."""
    try:
        register.check_event(subject="X", kind=kind, on=on, from_on=START, events=events, receiver=receiver)
    except Refused as error:
        return error.code
    return None


def test_an_event_fits_what_happened_before_it() -> None:
    out_of_order = RegisterRefusal.EVENT_OUT_OF_ORDER
    assert check(SiteEvent.CLOSURE, date(2019, 1, 1)) is RegisterRefusal.EVENT_BEFORE_START
    assert check(SiteEvent.RESTART, SUMMER) is out_of_order
    assert check(SiteEvent.CLOSURE, WINTER, CLOSED) is out_of_order
    assert check(SiteEvent.CAPACITY_CHANGE, WINTER, CLOSED) is out_of_order
    assert check(SiteEvent.RESTART, date(2026, 3, 1), CLOSED) is out_of_order
    assert check(SiteEvent.TRANSFER, SUMMER) is RegisterRefusal.RECEIVER_MISSING
    assert check(SiteEvent.TRANSFER, SUMMER, receiver="R") is None
    assert check(SiteEvent.RESTART, WINTER, CLOSED) is None


def test_a_decision_is_made_once_and_a_return_says_why() -> None:
    for is_decided, note, code in (
        (True, "x", RegisterRefusal.EVENT_DECIDED),
        (False, " ", RegisterRefusal.RETURN_WITHOUT_NOTE),
    ):
        with pytest.raises(Refused) as refused:
            register.check_decision(event="E", is_decided=is_decided, decision=EventDecision.RETURNED, note=note)
        assert refused.value.code is code
    register.check_decision(event="E", is_decided=False, decision=EventDecision.APPROVED, note="")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B"]),
            st.sampled_from(["", "S1", "S2"]),
            st.decimals(-10_000, 10_000, places=12),
        )
    )
)
def test_facilities_and_organisation_add_up_to_the_lines_exactly(lines: list[tuple[str, str, Decimal]]) -> None:
    reaches = {"S1": Reach.ORGANISATION, "S2": Reach.FACILITY}
    found = register.boundaries([line[:2] for line in lines], [line[2] for line in lines], reaches)
    assert found.organisation == sum((line[2] for line in lines), Decimal(0))
    assert found.organisation_only == sum((line[2] for line in lines if line[1] == "S1"), Decimal(0))
