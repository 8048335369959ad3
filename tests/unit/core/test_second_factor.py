"""One-time codes count once and within a minute, and guessing locks."""

from datetime import UTC, datetime, timedelta

import pytest

from tonnebook.core import second_factor
from tonnebook.core.errors import Refused
from tonnebook.core.second_factor import FAILURES_MAX, LOCKED_FOR, FactorRefusal, Trials

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
STEP = int(AT.timestamp()) // 30


def test_the_step_of_now_and_one_to_either_side_count() -> None:
    assert list(second_factor.usable_steps(Trials(), at=AT)) == [STEP - 1, STEP, STEP + 1]


@pytest.mark.parametrize(("used", "left"), [(STEP - 1, 2), (STEP, 1), (STEP + 1, 0), (STEP + 9, 0)])
def test_no_step_counts_that_was_used_or_lies_before_one(used: int, left: int) -> None:
    assert len(second_factor.usable_steps(Trials(step_used=used), at=AT)) == left


def test_the_last_wrong_attempt_that_is_allowed_locks_for_its_time() -> None:
    trials = Trials(step_used=7)
    for count in range(1, FAILURES_MAX):
        trials = second_factor.after_failure(trials, at=AT)
        assert (trials.failures, trials.locked_until) == (count, None)
    trials = second_factor.after_failure(trials, at=AT)
    assert trials == Trials(step_used=7, failures=0, locked_until=AT + LOCKED_FOR)
    with pytest.raises(Refused) as refused:
        second_factor.check_trials(trials, at=AT + LOCKED_FOR - timedelta(seconds=1))
    assert refused.value.code is FactorRefusal.FACTOR_LOCKED
    second_factor.check_trials(trials, at=AT + LOCKED_FOR)
