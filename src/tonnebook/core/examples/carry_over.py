"""Worked examples of carry-over: the national formula of 2024 and 2025."""

from collections.abc import Mapping
from datetime import date

from tonnebook.core import carry_over, trace
from tonnebook.core.examples import parameters as sheet


def national(*, parameters: Mapping[str, str], sold_t: str, bought_t: str, holding_t: str) -> dict[str, str]:
    """Compute the carry-over of old vintages."""
    figures = {"sold_t": int(sold_t), "bought_t": int(bought_t), "holding_t": int(holding_t)}
    return {"carry_over_t": str(carry_over.national(**figures, rules=sheet.rules(parameters)).whole)}


def asking(*, parameters: Mapping[str, str], asked_t: str, limit_t: str, asked_on: str) -> dict[str, str]:
    """Say in which round a request is decided, which may be refused."""
    limit, today = trace.given(int(limit_t), "t", zh="可结转量", en="limit"), date.fromisoformat(asked_on)
    return {
        "round_on": carry_over.check_asked(int(asked_t), limit, today=today, rules=sheet.rules(parameters)).isoformat()
    }
