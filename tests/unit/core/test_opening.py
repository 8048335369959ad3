"""Laying out past surrenders: oldest first, and only what is missing is entered."""

from hypothesis import given
from hypothesis import strategies as some

from tonnebook.core import opening
from tonnebook.core.opening import YearOfPast

YEARS = (2005, 2006, 2007)
tonnes = some.dictionaries(some.sampled_from(YEARS), some.integers(0, 10**9))


def test_older_allowances_are_used_first() -> None:
    rows = opening.past_years({2005: 100, 2006: 100}, {2005: 60, 2006: 70}, (2005, 2006))
    assert rows[1] == YearOfPast(2006, 0, ((2005, 40), (2006, 30)))


def test_what_exceeds_the_allocation_so_far_is_entered_in_its_year() -> None:
    rows = opening.past_years({2005: 10, 2006: 10}, {2005: 15, 2006: 5}, (2005, 2006))
    assert [row.opening_t for row in rows] == [5, 0]


def test_year_without_surrender_uses_nothing() -> None:
    assert opening.past_years({2005: 10}, {}, (2005,)) == (YearOfPast(2005, 0, ()),)


@given(tonnes, tonnes)
def test_uses_add_up_to_the_surrender_and_never_exceed_what_there_is(
    allocated_t: dict[int, int], surrendered_t: dict[int, int]
) -> None:
    rows = opening.past_years(allocated_t, surrendered_t, YEARS)
    left_t: dict[int, int] = {}
    for row in rows:
        left_t[row.year] = allocated_t.get(row.year, 0) + row.opening_t
        assert sum(used_t for _, used_t in row.uses_t) == surrendered_t.get(row.year, 0)
        for vintage_year, used_t in row.uses_t:
            left_t[vintage_year] -= used_t
        # Nothing is entered while something is left to use.
        assert min(left_t.values()) >= 0
        assert row.opening_t == 0 or sum(left_t.values()) == 0
