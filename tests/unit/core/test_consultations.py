"""Opinions of departments: until when, with which words, and where each stands."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import consultations
from tonnebook.core.consultations import ConsultationRefusal, OpinionKind, OpinionState
from tonnebook.core.errors import Refusal, Refused

LAST_ON = date(2026, 4, 15)


@pytest.mark.parametrize("region", ["shanghai", "tianjin"])
def test_ten_working_days_are_counted_from_the_day_after(region: str) -> None:
    rules, calendar = rulebook.at(region, on=date(2026, 4, 1), year=2026), rulebook.calendar(region)
    last_on = consultations.answer_until(date(2026, 4, 1), rules, calendar)
    assert calendar.is_working_day(last_on)
    assert calendar.working_days_between(date(2026, 4, 1), last_on) == 10


@pytest.mark.parametrize(
    ("kind", "words", "is_given", "today", "code"),
    [
        (OpinionKind.SUGGESTS, " ", True, date(2026, 4, 16), ConsultationRefusal.OPINION_GIVEN),
        (OpinionKind.SUGGESTS, " ", False, date(2026, 4, 16), ConsultationRefusal.OPINION_TOO_LATE),
        (OpinionKind.SUGGESTS, " ", False, LAST_ON, ConsultationRefusal.OPINION_WITHOUT_WORDS),
        (OpinionKind.OPPOSES, "", False, LAST_ON, ConsultationRefusal.OPINION_WITHOUT_WORDS),
    ],
)
def test_an_opinion_is_refused_for_the_first_of_its_faults(
    kind: OpinionKind, words: str, is_given: bool, today: date, code: Refusal
) -> None:
    with pytest.raises(Refused) as refused:
        consultations.check_opinion(kind, words, consultation="CO-1", is_given=is_given, last_on=LAST_ON, today=today)
    assert refused.value.code is code


def test_to_agree_needs_no_words_and_the_last_day_is_in_time() -> None:
    consultations.check_opinion(
        OpinionKind.AGREES, "", consultation="CO-1", is_given=False, last_on=LAST_ON, today=LAST_ON
    )


@pytest.mark.parametrize(
    ("is_given", "is_accepted", "today", "state"),
    [
        (False, None, LAST_ON, OpinionState.AWAITED),
        (False, None, date(2026, 4, 16), OpinionState.MISSING),
        (True, None, date(2026, 4, 16), OpinionState.GIVEN),
        (True, True, LAST_ON, OpinionState.ACCEPTED),
        (True, False, LAST_ON, OpinionState.DECLINED),
    ],
)
def test_silence_is_told_as_silence(is_given: bool, is_accepted: bool | None, today: date, state: OpinionState) -> None:
    found = consultations.state_of(is_given=is_given, is_accepted=is_accepted, last_on=LAST_ON, today=today)
    assert found is state


def test_a_parameter_is_of_a_sector_that_is_a_whole_word_of_its_path() -> None:
    assert consultations.concerns("allocation.method.industry", {"industry"})
    assert not consultations.concerns("allocation.method.industry_other", {"industry"})
    assert not consultations.concerns("allocation.method.industry", set())
