"""Worked examples of coverage: who enters, stays, leaves or only reports."""

from collections.abc import Mapping
from decimal import Decimal

from tonnebook.core import coverage
from tonnebook.core.coverage import CoverageFacts
from tonnebook.core.examples import parameters as sheet
from tonnebook.core.rules import RulesAt

_UNITS = {"threshold_t": "t", "threshold_tce": "tce", "reporting_threshold_t": "t", "exit_years_below": "year"}


def around(*, parameters: Mapping[str, str], sector: str, year: str) -> dict[str, str]:
    """Give the stage of a new entity one below the one threshold among the parameters, at it, and one above it."""
    path = next(path for path in parameters if path.startswith("coverage.threshold_"))
    limit, of_year, found = int(parameters[path]), int(year) - 1, {}
    for name, figure in (("below", limit - 1), ("at", limit), ("above", limit + 1)):
        is_energy = path.startswith("coverage.threshold_tce.")
        emissions_t, energy_tce = ({}, {of_year: Decimal(figure)}) if is_energy else ({of_year: figure}, {})
        facts = CoverageFacts(sector, emissions_t, energy_tce)
        found[name] = coverage.decide(facts, _rules(parameters, int(year))).stage.value
    return found


def stage(
    *,
    parameters: Mapping[str, str],
    sector: str,
    year: str,
    emissions_t: Mapping[str, str],
    energy_tce: Mapping[str, str] | None = None,
    was_covered: str = "no",
    gone: str = "",
) -> dict[str, str]:
    """Decide one entity's year: stage, reason and how far the figure is above the threshold."""
    facts = CoverageFacts(
        sector,
        {int(of): int(text) for of, text in emissions_t.items()},
        {int(of): Decimal(text) for of, text in (energy_tce or {}).items()},
        was_covered=was_covered == "yes",
        national_from=int(year) if gone == "national" else None,
        is_closed=gone == "closed",
        is_moved_away=gone == "moved_away",
    )
    decision = coverage.decide(facts, _rules(parameters, int(year)))
    found = {"stage": decision.stage.value, "reason": decision.reason.name}
    if decision.margin is not None:
        found["margin"] = format(decision.margin.value, "f")
    return found


def _rules(parameters: Mapping[str, str], year: int) -> RulesAt:
    units = {path: _UNITS[word] for path in parameters if (word := path.split(".")[1]) in _UNITS}
    return sheet.rules(parameters, year=year, units=units)
