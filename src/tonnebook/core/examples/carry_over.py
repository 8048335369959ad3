"""Worked examples of carry-over: the national formula of 2024 and 2025."""

from collections.abc import Mapping

from tonnebook.core import carry_over
from tonnebook.core.examples import parameters as sheet


def national(*, parameters: Mapping[str, str], sold_t: str, bought_t: str, holding_t: str) -> dict[str, str]:
    """Compute the carry-over of old vintages."""
    figures = {"sold_t": int(sold_t), "bought_t": int(bought_t), "holding_t": int(holding_t)}
    return {"carry_over_t": str(carry_over.national(**figures, rules=sheet.rules(parameters)).whole)}
