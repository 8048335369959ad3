"""Output-based limits (产出基准): a facility owes only what it emits beyond a limit that follows output.

Systems of this kind allocate nothing in advance: what is below the limit is credited, what is above is owed.
They show how an intensity scheme settles, and their published examples test the same arithmetic.
"""

from calendar import isleap, monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

from tonnebook.core import units

_PLACES = 4
_MONEY_PLACES = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One product of a facility in a year.

    Attributes:
        year_output: output of the whole year, in the product's unit.
        output: of it, output while the facility was in the scheme.
        intensity: product's benchmark, tCO2e per unit.
        emission_t: emission of the whole year, exact tonnes.
        process_t: of it from industrial processes, exact tonnes.
    """

    year_output: Decimal
    output: Decimal
    intensity: Decimal
    emission_t: Decimal
    process_t: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a facility settles, tonnes to 4 places: within the scheme, its limit, owed above, credited below."""

    compliance_t: Decimal
    limit_t: Decimal
    excess_t: Decimal
    credited_t: Decimal


def limit(line: Line, *, reduction: Decimal, tightening: Decimal, years: int) -> Decimal:
    """Compute the emission limit of a product.

    Args:
        line: the product.
        reduction: reduction factor RF, a share.
        tightening: yearly tightening rate TR, a share; it spares process emissions.
        years: years since the first one, in which nothing is tightened.

    Returns:
        `P · EI · (RF − (1 − IP / E) · TR · years)` in tonnes, exact to 60 digits; `IP / E` is 0 without emissions.

    Source: S78 (comparator, published tests W18).
    """
    with localcontext(units.EXACT):
        spared = line.process_t / line.emission_t if line.emission_t else Decimal(0)
        return line.output * line.intensity * (reduction - (1 - spared) * tightening * years)


def settle(lines: Sequence[Line], *, reduction: Decimal, tightening: Decimal, years: int) -> Settled:
    """Settle a facility: emission within the scheme against its limit.

    Args:
        lines: its products.
        reduction: reduction factor RF, a share.
        tightening: yearly tightening rate TR, a share.
        years: years since the first one.

    Returns:
        Tonnes, halves up to 4 places; at most one of excess and credit is above zero.

    Source: S78, as `limit`; a part year counts its share of the year's output.
    """
    with localcontext(units.EXACT):
        within = sum(
            (line.emission_t * line.output / line.year_output for line in lines if line.year_output), Decimal(0)
        )
        limits = (limit(line, reduction=reduction, tightening=tightening, years=years) for line in lines)
        compliance_t, limit_t = (units.half_up(one, _PLACES) for one in (within, sum(limits, Decimal(0))))
    over = units.EXACT.subtract(compliance_t, limit_t)
    return Settled(compliance_t, limit_t, max(over, Decimal(0)), max(-over, Decimal(0)))


def late_interest(amount: Decimal, *, rate: Decimal, from_on: date, to_on: date) -> Decimal:
    """Compute the interest on what is paid late.

    Args:
        amount: what was due, money.
        rate: yearly rate, a share.
        from_on: first day that counts.
        to_on: last day that counts.

    Returns:
        Interest, halves up to 2 places: simple within a calendar month over the days of its year, added to the amount
        at the end of each month.

    Source: S78 (comparator, published test W18_late_interest).
    """
    owed, day = amount, from_on
    with localcontext(units.EXACT):
        while day <= to_on:
            last = min(to_on, day.replace(day=monthrange(day.year, day.month)[1]))
            days = (last - day).days + 1
            owed += owed * rate * days / (366 if isleap(day.year) else 365)
            day = last + timedelta(days=1)
        return units.half_up(owed - amount, _MONEY_PLACES)
