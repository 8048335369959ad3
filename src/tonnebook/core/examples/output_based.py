"""Worked examples of output-based limits: the limit of a product, a facility's year, interest on late payment."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tonnebook.core.allocation import output_based
from tonnebook.core.allocation.output_based import Line
from tonnebook.core.units import decimal_of

_FIRST_YEAR = 2024


def limit(*, rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """Compute limits; a row is output, intensity, process emission, emission, tightening, reduction, year."""
    found = []
    for *figures, year in rows:
        output, intensity, process, emission, tightening, reduction = map(decimal_of, figures)
        line = Line(output, output, intensity, emission, process)
        done = output_based.limit(line, reduction=reduction, tightening=tightening, years=int(year) - _FIRST_YEAR)
        found.append(f"{done:f}")
    return {"limits": found}


def facility(
    *,
    rf: str,
    products: Sequence[Sequence[str]],
    year: str,
    tr: str = "0",
    ip: Sequence[str] = (),
    reporting_only: str = "0",
) -> dict[str, str]:
    """Settle a facility; a product is output of the year, output in the scheme, intensity, emission of the year."""
    process = [decimal_of(text) for text in ip] or [Decimal(0)] * len(products)
    figures = [[decimal_of(text) for text in row] for row in products]
    lines = [
        Line(year_output, output, intensity, emission, own)
        for (year_output, output, intensity, emission), own in zip(figures, process, strict=True)
    ]
    reduction, tightening = decimal_of(rf), decimal_of(tr)
    done = output_based.settle(lines, reduction=reduction, tightening=tightening, years=int(year) - _FIRST_YEAR)
    reported = sum((line.emission_t for line in lines), decimal_of(reporting_only))
    return {
        "reporting": f"{reported:f}",
        "compliance": f"{done.compliance_t:f}",
        "limit": f"{done.limit_t:f}",
        "excess": f"{done.excess_t:f}",
        "credited": f"{done.credited_t:f}",
    }


def late_interest(*, base: str, annual_rate: str, start: str, end: str) -> dict[str, str]:
    """Compute interest on late payment and the days it runs."""
    from_on, to_on = date.fromisoformat(start), date.fromisoformat(end)
    total = output_based.late_interest(decimal_of(base), rate=decimal_of(annual_rate), from_on=from_on, to_on=to_on)
    return {"total": f"{total:f}", "days": str((to_on - from_on).days + 1)}
