"""The board of surplus and shortfall: an indication stands for some days, and is taken up from the other side."""

from datetime import date, timedelta

import pytest

from tonnebook.core import indications
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.indications import DAYS_MAX, Indication, IndicationRefusal, IndicationState

TODAY = date(2026, 3, 2)


def refusal(act: object) -> IndicationRefusal:
    with pytest.raises(Refused) as caught:
        act()  # type: ignore[operator]
    assert isinstance(caught.value.code, IndicationRefusal)
    return caught.value.code


@pytest.mark.parametrize("days", [0, 1, DAYS_MAX])
def test_the_last_day_is_today_or_within_a_quarter(days: int) -> None:
    indications.check_until(TODAY + timedelta(days=days), today=TODAY)


@pytest.mark.parametrize("days", [-1, DAYS_MAX + 1])
def test_another_last_day_is_refused(days: int) -> None:
    until_on = TODAY + timedelta(days=days)
    assert refusal(lambda: indications.check_until(until_on, today=TODAY)) is IndicationRefusal.UNTIL_NOT_AHEAD


@pytest.mark.parametrize("state", list(IndicationState))
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_only_one_that_stands_is_taken_up_until_its_last_day_and_from_the_other_side(
    state: IndicationState, days: int
) -> None:
    surplus = Indication("SHEA-N-1", state, Side.SELL, TODAY + timedelta(days=days))
    if state is not IndicationState.STANDING or days < 0:
        assert refusal(lambda: surplus.check_taken_up(Side.BUY, today=TODAY)) is IndicationRefusal.INDICATION_ENDED
        return
    surplus.check_taken_up(Side.BUY, today=TODAY)
    assert refusal(lambda: surplus.check_taken_up(Side.SELL, today=TODAY)) is IndicationRefusal.INDICATION_SAME_SIDE
