"""What computing emissions costs: 100,000 source streams by methods of the rule book, each with its whole trace.

The reference is the same arithmetic with the same factors in a plain loop of decimals, that keeps nothing but results.
"""

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal, localcontext

from tonnebook import rulebook
from tonnebook.bench.report import Figure, in_turn
from tonnebook.core import mrv, units
from tonnebook.core.methods import LineKind
from tonnebook.core.mrv import MethodLine
from tonnebook.core.rules import RulesAt

STREAMS = 100_000
REPORT = 500
REGION, YEAR = "shanghai", 2025
# Method, name and unit of the streams, one after the other, and the parameters whose product is their factor.
_MIX: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("gas_combustion", "natural_gas", "10^4Nm3", ("ncv", "carbon_content", "oxidation")),
    ("fuel_combustion", "bituminous", "t", ("ncv", "carbon_content", "oxidation")),
    ("fuel_combustion", "diesel", "kg", ("ncv", "carbon_content", "oxidation")),
    ("process_material", "caco3", "t", ("mrv.process.caco3.factor",)),
    ("electricity", "grid", "MWh", ("mrv.electricity.factor",)),
    ("heat", "steam", "GJ", ("mrv.heat.factor",)),
)


def measure() -> list[Figure]:
    """Measure source streams, and one report of five hundred of them.

    Returns:
        Figures with their references and targets.
    """
    rules = rulebook.at(REGION, on=date(YEAR, 12, 31), year=YEAR)
    quantities = [Decimal(number % 9973 + 1) / 100 for number in range(STREAMS)]
    lines = [_line(number, quantity) for number, quantity in enumerate(quantities)]
    # A report computes its lines and adds them up; nothing is remembered from one report to the next.
    reports = [lines[first : first + REPORT] for first in range(0, STREAMS, REPORT)]
    ours, plain = in_turn(
        lambda: _seconds(lambda: [mrv.emissions(report, rules) for report in reports]),
        lambda: _seconds(lambda: _plainly(quantities, rules)),
    )
    _check(reports, quantities, rules)
    one = _seconds(lambda: mrv.emissions(reports[0], rules))
    return [
        Figure("streams_100k_s", ours, plain, target=10.0, is_cost=True, plain="the same in decimals, without traces"),
        Figure("report_500_s", one, target=2.0, is_cost=True),
    ]


# What is compared must be the same work.
def _check(reports: list[list[MethodLine]], quantities: list[Decimal], rules: RulesAt) -> None:
    ours = sum((line.value for report in reports for line in mrv.emissions(report, rules).lines), Decimal(0))
    if units.half_up(ours, 6) != units.half_up(_plainly(quantities, rules), 6):
        raise RuntimeError("the streams and the plain loop give different tonnes")


def _line(number: int, quantity: Decimal) -> MethodLine:
    method, name, unit, _ = _MIX[number % len(_MIX)]
    return MethodLine(LineKind.METHOD, name, quantity, unit, method=method)


def _plainly(quantities: list[Decimal], rules: RulesAt) -> Decimal:
    factors = [_factors(mix, rules) for mix in _MIX]
    total = Decimal(0)
    with localcontext(units.EXACT):
        for number, quantity in enumerate(quantities):
            method, _, unit, _ = _MIX[number % len(_MIX)]
            tonnes = quantity * Decimal("0.001") if unit == "kg" else quantity
            for factor in factors[number % len(_MIX)]:
                tonnes *= factor
            if method.endswith("combustion"):
                tonnes = tonnes * 44 / 12
            total += tonnes
    return total


def _factors(mix: tuple[str, str, str, tuple[str, ...]], rules: RulesAt) -> tuple[Decimal, ...]:
    _, name, _, paths = mix
    return tuple(rules.decimal(path if "." in path else f"mrv.fuel.{name}.{path}") for path in paths)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
