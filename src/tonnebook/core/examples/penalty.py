"""Worked examples of penalties: for failing to surrender, by the gains of a breach, and of other places."""

from collections.abc import Mapping
from datetime import date

from tonnebook.core import penalties_elsewhere, penalty, penalty_by_gains, trace
from tonnebook.core.examples import parameters as sheet


def surrender(*, parameters: Mapping[str, str], shortfall_t: str, mean_price_fen_per_t: str = "") -> dict[str, str]:
    """Compute the range of the fine in fen, and the tonnes cut from next year when not corrected."""
    price = trace.given(mean_price_fen_per_t, "fen/t", zh="均价", en="mean price") if mean_price_fen_per_t else None
    found = penalty.surrender_range(sheet.rules(parameters), shortfall_t=int(shortfall_t), mean_price=price)
    range_fen = {"smallest_fen": str(found.smallest.whole), "largest_fen": str(found.largest.whole)}
    return {"regime": found.regime.value, **range_fen, "cut_t": str(found.cut.whole) if found.cut else ""}


def decision(*, smallest_fen: str, largest_fen: str, fine_fen: str) -> dict[str, str]:
    """Check a fine against its range, which may be refused."""
    penalty.check_step(
        "PF-1",
        penalty.PenaltyStep.HEARD,
        penalty.PenaltyStep.DECIDED,
        ground="a ground",
        fine_fen=int(fine_fen),
        allowed=(int(smallest_fen), int(largest_fen)),
    )
    return {"fine_fen": fine_fen}


def cut_decided(*, share_at_breach: str, share_at_decision: str, missing_t: str) -> dict[str, str]:
    """Compute what a decision cuts from the next year for what was not surrendered, tonnes."""
    path = "penalty.surrender.next_year_cut_share"
    at_breach, at_decision = (sheet.rules({path: share}) for share in (share_at_breach, share_at_decision))
    found = penalty.cut_decided(at_breach, at_decision, missing_t=int(missing_t))
    return {"cut_t": str(found.whole) if found else ""}


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


def price_window(*, deadline: str) -> dict[str, str]:
    """Give the first and the last day whose prices are the base of a fine."""
    days = penalty.price_window(date.fromisoformat(deadline))
    return {"from_on": days.from_on.isoformat(), "to_on": days.to_on.isoformat()}


def by_gains(*, parameters: Mapping[str, str], breach: str, gains_fen: str) -> dict[str, str]:
    """Compute the range of a fine that goes by what a breach has gained, fen."""
    found = penalty_by_gains.fine_range(penalty_by_gains.Breach(breach), int(gains_fen), sheet.rules(parameters))
    by = "GAINS" if found.is_by_gains else "RANGE"
    return {"smallest_fen": str(found.smallest.whole), "largest_fen": str(found.largest.whole), "by": by}


def cut_of_next_year(*, parameters: Mapping[str, str], next_year_t: str) -> dict[str, str]:
    """Compute what may be cut from the next year for false data that is not corrected, tonnes."""
    smallest, largest = penalty_by_gains.cut_of_next_year(int(next_year_t), sheet.rules(parameters))
    return {"smallest_t": str(smallest.whole), "largest_t": str(largest.whole)}


def multiple_of_price(
    *, parameters: Mapping[str, str], place: str, missing_t: str, mean_price_fen_per_t: str
) -> dict[str, str]:
    """Compute the range of the fine in another local market, fen."""
    price = trace.given(mean_price_fen_per_t, "fen/t", zh="均价", en="mean price")
    found = penalties_elsewhere.multiple_of_price(place, int(missing_t), price, sheet.rules(parameters))
    return {name: str(one.whole) for name, one in zip(("smallest_fen", "largest_fen"), found, strict=True)}
