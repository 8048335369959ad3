"""Open books with a past: which units a surrender of an earlier year used, and what must be entered so that it fits.

A registry's published figures tell what an operator was allocated and what it surrendered, not what it bought. Where it
surrendered more than it had been allocated so far, the difference comes in by an opening entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class YearOfPast:
    """What one past year needs.

    Attributes:
        year: compliance year.
        opening_t: tonnes of the year's allowances to enter, >= 0.
        uses_t: tonnes surrendered by year of the allowances, oldest first; each > 0.
    """

    year: int
    opening_t: int
    uses_t: tuple[tuple[int, int], ...]


def past_years(
    allocated_t: Mapping[int, int], surrendered_t: Mapping[int, int], years: Sequence[int]
) -> tuple[YearOfPast, ...]:
    """Lay out past surrenders over the allowances of their own year and older ones, oldest first.

    Args:
        allocated_t: tonnes allocated by year.
        surrendered_t: tonnes surrendered by year.
        years: compliance years, in order.

    Returns:
        One row for each year; the uses of a year add up to what was surrendered for it.

    Source: design choice, no legal source.

    Example:
        >>> past_years({2005: 10}, {2005: 4, 2006: 9}, [2005, 2006])[1]
        YearOfPast(year=2006, opening_t=3, uses_t=((2005, 6), (2006, 3)))
    """
    free_t: dict[int, int] = {}
    rows = []
    for year in years:
        free_t[year] = allocated_t.get(year, 0)
        wanted_t = surrendered_t.get(year, 0)
        opening_t = max(0, wanted_t - sum(free_t.values()))
        free_t[year] += opening_t
        uses_t: list[tuple[int, int]] = []
        for vintage_year, left_t in free_t.items():
            used_t = min(wanted_t, left_t)
            if used_t:
                uses_t.append((vintage_year, used_t))
            free_t[vintage_year] -= used_t
            wanted_t -= used_t
        rows.append(YearOfPast(year, opening_t, tuple(uses_t)))
    return tuple(rows)
