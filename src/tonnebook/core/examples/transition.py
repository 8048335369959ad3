"""Worked examples of leaving a regional market: stepped conversion, day of cancelling, closure."""

from collections.abc import Mapping

from tonnebook.core import transition
from tonnebook.core.examples import parameters as sheet


def conversion(*, parameters: Mapping[str, str], surplus_t: str, from_year: str) -> dict[str, str]:
    """Divide a surplus into yearly steps: tonnes by year."""
    rules = sheet.rules(parameters)
    steps = transition.conversion_steps(surplus_t=int(surplus_t), from_year=int(from_year), rules=rules)
    return {str(step.year): str(step.quantity.whole) for step in steps}


def cancelling(*, parameters: Mapping[str, str], sector: str, from_year: str) -> dict[str, str]:
    """Give the day by which allowances received free are cancelled."""
    rules = sheet.rules(parameters)
    due_on = transition.cancel_free_due_on(sector=sector, from_year=int(from_year), rules=rules)
    return {"due_on": due_on.isoformat()}


def closing(
    *, parameters: Mapping[str, str], emission_t: str, free_of_year_t: str, free_later_t: str = "0"
) -> dict[str, str]:
    """Work out what an entity owes that closes."""
    figures = {"emission_t": emission_t, "free_of_year_t": free_of_year_t, "free_later_t": free_later_t}
    tonnes = {name: int(text) for name, text in figures.items()}
    found = transition.exit_duty(**tonnes, rules=sheet.rules(parameters))
    return {"surrender_t": str(found.surrender.whole), "give_back_t": str(found.give_back.whole)}
