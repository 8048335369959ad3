"""A report beside its filed months and the year before, and what a new report begins with."""

from tonnebook.core import mrv, report_comparison
from tonnebook.core.checks.subjects import Line
from tonnebook.core.report_comparison import Row
from tonnebook.emissions.models import DataQualityPlan, EmissionReport
from tonnebook.emissions.queries.checks import filed_months
from tonnebook.emissions.queries.reports import PlanRow, plan_row


def comparison(entity: str, year: int) -> tuple[Row, ...]:
    """Put the latest report of an entity and year beside its months and the report of the year before.

    Args:
        entity: unified social credit code.
        year: compliance year.
    """
    return report_comparison.compare(_lines(entity, year), filed_months(entity, year), _lines(entity, year - 1))


def beginning(entity: str, year: int) -> tuple[Line, ...]:
    """Give the lines a report begins with: last year's, with the quantities of this year's filed months."""
    return report_comparison.beginning(filed_months(entity, year), _lines(entity, year - 1))


def plan_versions(entity: str, year: int) -> tuple[PlanRow, ...]:
    """List every version of an entity's data quality plan of a year, newest first."""
    rows = DataQualityPlan.objects.filter(entity__uscc=entity, year=year).order_by("-version")
    return tuple(plan_row(row) for row in rows)


def _lines(entity: str, year: int) -> tuple[Line, ...]:
    row = EmissionReport.objects.filter(entity__uscc=entity, year=year).order_by("-version").only("lines").first()
    if row is None:
        return ()
    return tuple(Line(one["facility"], mrv.line_of(one["source"]), one.get("stream", "")) for one in row.lines)
