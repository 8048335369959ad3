"""Worked examples of the European market stability reserve."""

from collections.abc import Mapping

from tonnebook.core import market_stability
from tonnebook.core.examples import parameters as sheet


def withdrawal(*, parameters: Mapping[str, str], circulation_t: str, months: str = "12") -> dict[str, str]:
    """Compute what is withheld from the auctions of a year."""
    found = market_stability.withdrawal(int(circulation_t), sheet.rules(parameters), months=int(months))
    return {"withheld_t": str(found.whole)}


def release(*, parameters: Mapping[str, str], circulation_t: str) -> dict[str, str]:
    """Compute what is released to the auctions of a year."""
    return {"released_t": str(market_stability.release(int(circulation_t), sheet.rules(parameters)).whole)}
