"""Worked examples of coverage: who enters, stays, leaves or only reports."""

from collections.abc import Mapping
from decimal import Decimal

from tonnebook.core import coverage
from tonnebook.core.coverage import CoverageFacts
from tonnebook.core.examples import parameters as sheet

_UNITS = {"threshold_t": "t", "threshold_tce": "tce", "reporting_threshold_t": "t", "exit_years_below": "year"}


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
    units = {path: _UNITS[word] for path in parameters if (word := path.split(".")[1]) in _UNITS}
    facts = CoverageFacts(
        sector,
        {int(of): int(text) for of, text in emissions_t.items()},
        {int(of): Decimal(text) for of, text in (energy_tce or {}).items()},
        was_covered=was_covered == "yes",
        national_from=int(year) if gone == "national" else None,
        is_closed=gone == "closed",
        is_moved_away=gone == "moved_away",
    )
    decision = coverage.decide(facts, sheet.rules(parameters, year=int(year), units=units))
    found = {"stage": decision.stage.value, "reason": decision.reason.name}
    if decision.margin is not None:
        found["margin"] = format(decision.margin.value, "f")
    return found
