"""Worked examples of penalties: the range for failing to surrender under the parameters of a day."""

from collections.abc import Mapping

from tonnebook.core import penalty, trace
from tonnebook.core.examples import parameters as sheet


def surrender(*, parameters: Mapping[str, str], shortfall_t: str, mean_price_fen_per_t: str = "") -> dict[str, str]:
    """Compute the range of the fine in fen, and the tonnes cut from next year when not corrected."""
    price = trace.given(mean_price_fen_per_t, "fen/t", zh="均价", en="mean price") if mean_price_fen_per_t else None
    found = penalty.surrender_range(sheet.rules(parameters), shortfall_t=int(shortfall_t), mean_price=price)
    range_fen = {"smallest_fen": str(found.smallest.whole), "largest_fen": str(found.largest.whole)}
    return {"regime": found.regime.value, **range_fen, "cut_t": str(found.cut.whole) if found.cut else ""}
