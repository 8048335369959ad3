"""A report stands beside its twelve months and the year before, and begins with them."""

from decimal import Decimal

from tonnebook.core import report_comparison
from tonnebook.core.checks.subjects import Line, Month
from tonnebook.core.mrv import LineKind, SourceLine


def line(quantity: str, name: str = "diesel", unit: str = "t", facility: str = "A") -> Line:
    """A line of fuel."""
    return Line(facility, SourceLine(LineKind.COMBUSTION, name, Decimal(quantity), unit))


def months(
    value: str, *, name: str = "diesel", unit: str = "t", count: int = 12, kind: str = "COMBUSTION"
) -> list[Month]:
    """The same quantity in each of some months."""
    return [Month("A", month, kind, name, Decimal(value), unit) for month in range(1, count + 1)]


def test_the_year_is_the_sum_of_its_twelve_months_exactly_or_the_difference_is_told() -> None:
    (row,) = report_comparison.compare([line("1.2")], months("0.1"), [line("2")])
    assert (row.reported, row.filed, row.months, row.last) == (Decimal("1.2"), Decimal("1.2"), 12, Decimal(2))
    assert (row.off_filed, row.off_last) == (Decimal(0), Decimal("-0.8"))
    (row,) = report_comparison.compare([line("1.2")], months("0.1", count=11), [])
    assert (row.off_filed, row.months, row.off_last) == (Decimal("0.1"), 11, None)


def test_another_unit_or_facility_is_another_source_and_what_is_missing_is_shown() -> None:
    rows = report_comparison.compare([line("1"), line("2", facility="B")], months("1", unit="kg"), [line("5", "lpg")])
    assert [(row.facility, row.name, row.unit, row.reported, row.filed, row.last) for row in rows] == [
        ("A", "diesel", "t", 1, None, None),
        ("B", "diesel", "t", 2, None, None),
        ("A", "diesel", "kg", None, 12, None),
        ("A", "lpg", "t", None, None, 5),
    ]


def test_what_is_no_source_is_passed_over() -> None:
    assert report_comparison.compare([], months("1", kind="MEASURED"), []) == ()


def test_a_report_begins_with_last_years_lines_and_this_years_months() -> None:
    found = report_comparison.beginning([*months("0.5"), *months("2", name="lpg")], [line("9"), line("4", "coke")])
    assert [(one.source.name, one.source.quantity) for one in found] == [
        ("diesel", Decimal(6)),
        ("coke", Decimal(4)),
        ("lpg", Decimal(24)),
    ]
    assert report_comparison.beginning([], []) == ()
