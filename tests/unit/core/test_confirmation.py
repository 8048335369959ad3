"""What is checked when a surrender is about to be final: the figures and rules of that moment."""

import pytest
from tests.unit.core.test_surrender import A24, A26, CREDIT, RULES

from tonnebook.core import confirmation
from tonnebook.core.errors import Refused
from tonnebook.core.surrender import Duty, Line, SurrenderRefusal

# 950 t of allowances and 50 t of credits wait; before them nothing was handed in.
LINES = (Line(A26, 950), Line(CREDIT, 50))


@pytest.mark.parametrize(
    ("figure_t", "before_t", "expected"),
    [
        (1000, 0, None),
        (1001, 0, None),
        (999, 0, SurrenderRefusal.CREDITS_BEYOND_LIMIT),
        (1000, 1, SurrenderRefusal.BEYOND_OBLIGATION),
    ],
)
def test_lines_are_measured_by_what_is_owed_when_they_are_confirmed(
    figure_t: int, before_t: int, expected: SurrenderRefusal | None
) -> None:
    duty = Duty(figure_t, surrendered_t=before_t + 1000, credits_t=50)
    if expected is None:
        confirmation.check(duty, LINES, rules=RULES)
        return
    with pytest.raises(Refused) as caught:
        confirmation.check(duty, LINES, rules=RULES)
    assert caught.value.code is expected


def test_a_vintage_that_is_no_longer_taken_is_not_confirmed() -> None:
    with pytest.raises(Refused) as caught:
        confirmation.check(Duty(1000, surrendered_t=1), (Line(A24, 1),), rules=RULES)
    assert caught.value.code is SurrenderRefusal.VINTAGE_TOO_OLD
