"""Worked examples of penalties: the range for failing to surrender on a day, and penalties of other places."""

from collections.abc import Mapping

from tonnebook.core import penalties_elsewhere, penalty, trace
from tonnebook.core.examples import parameters as sheet


def surrender(*, parameters: Mapping[str, str], shortfall_t: str, mean_price_fen_per_t: str = "") -> dict[str, str]:
    """Compute the range of the fine in fen, and the tonnes cut from next year when not corrected."""
    price = trace.given(mean_price_fen_per_t, "fen/t", zh="均价", en="mean price") if mean_price_fen_per_t else None
    found = penalty.surrender_range(sheet.rules(parameters), shortfall_t=int(shortfall_t), mean_price=price)
    range_fen = {"smallest_fen": str(found.smallest.whole), "largest_fen": str(found.largest.whole)}
    return {"regime": found.regime.value, **range_fen, "cut_t": str(found.cut.whole) if found.cut else ""}


def untimely_surrender(*, parameters: Mapping[str, str], missing_t: str) -> dict[str, str]:
    """Compute what California asks of who surrenders late."""
    found = penalties_elsewhere.untimely_surrender(int(missing_t), sheet.rules(parameters))
    return {"owed_t": str(found.owed.whole), "allowances_t": str(found.allowances.whole)}


def capped_fine(*, parameters: Mapping[str, str], missing_t: str, mean_won_per_t: str) -> dict[str, str]:
    """Compute the largest fine in Korea."""
    price = trace.given(mean_won_per_t, "won/t", zh="均价", en="mean price")
    return {"won": str(penalties_elsewhere.capped_fine(int(missing_t), price, sheet.rules(parameters)).whole)}


def grown_day_by_day(*, parameters: Mapping[str, str], owed_cents: str, days: str) -> dict[str, list[str]]:
    """Compute what a late payment in British Columbia grows to, day by day."""
    owed = trace.given(owed_cents, "cent", zh="应付", en="owed")
    rows = penalties_elsewhere.grown_day_by_day(owed, int(days), sheet.rules(parameters))
    return {"cents": [str(row.whole) for row in rows]}
