"""Penalties by gains by the rules that ship: the regulation of 2024, in force from its day and not before."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import penalty_by_gains, trace
from tonnebook.core.errors import Refused
from tonnebook.core.penalty_by_gains import Breach

FIRST_DAY = date(2024, 5, 1)


@pytest.mark.parametrize("breach", Breach)
def test_every_breach_has_a_range_from_the_first_day_of_the_regulation(breach: Breach) -> None:
    rules = rulebook.at("national", on=FIRST_DAY)
    found = penalty_by_gains.fine_range(breach, 0, rules)
    assert 0 < found.smallest.whole < found.largest.whole
    assert not found.is_by_gains


@pytest.mark.parametrize("breach", Breach)
def test_no_breach_has_a_range_the_day_before(breach: Breach) -> None:
    with pytest.raises(Refused):
        penalty_by_gains.fine_range(breach, 0, rulebook.at("national", on=date(2024, 4, 30)))


def test_a_range_by_gains_replays_and_names_its_articles() -> None:
    found = penalty_by_gains.fine_range(Breach.FRAUD, 60_000_000, rulebook.at("national", on=FIRST_DAY))
    assert (found.smallest.whole, found.largest.whole) == (300_000_000, 600_000_000)
    assert trace.replay(found.largest) == found.largest.value
    assert [origin.article for origin in trace.origins(found.largest)] == ["Art. 22"]
