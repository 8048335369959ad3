"""Worked examples of market stability: triggers and interventions, and the rules of other places that are replayed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from tonnebook.core import periods, trace
from tonnebook.core.awards import Bid
from tonnebook.core.examples import parameters as sheet
from tonnebook.core.market_stability import containment, interventions, reserve_moves, surplus, triggers
from tonnebook.core.market_stability.interventions import InterventionKind, Request

_FIRST_DAY = date(2026, 1, 5)


def withdrawal(*, parameters: Mapping[str, str], circulation_t: str, months: str = "12") -> dict[str, str]:
    """Compute what is withheld from the auctions of a year."""
    found = surplus.withdrawal(int(circulation_t), sheet.rules(parameters), months=int(months))
    return {"withheld_t": str(found.whole)}


def release(*, parameters: Mapping[str, str], circulation_t: str, reserve_t: str) -> dict[str, str]:
    """Compute what is released to the auctions of a year."""
    found = surplus.release(int(circulation_t), sheet.rules(parameters), reserve_t=int(reserve_t))
    return {"released_t": str(found.whole)}


def release_on_price(
    *, parameters: Mapping[str, str], mean_price: str, mean_before: str, reserve_t: str
) -> dict[str, str]:
    """Compute what is released because the price is far above that of the years before."""
    price, before = (trace.given(one, "EUR/t", zh="均价", en="mean price") for one in (mean_price, mean_before))
    found = surplus.release_on_price(price, before, sheet.rules(parameters), reserve_t=int(reserve_t))
    return {"released_t": str(found.whole)}


def invalidated(*, parameters: Mapping[str, str], reserve_t: str, auctioned_t: str) -> dict[str, str]:
    """Compute what of a reserve is no longer valid."""
    found = surplus.invalidated(int(reserve_t), sheet.rules(parameters), auctioned_t=int(auctioned_t))
    return {"invalid_t": str(found.whole), "valid_t": str(int(reserve_t) - found.whole)}


def next_price(*, parameters: Mapping[str, str], cents: str, inflation: Sequence[str]) -> dict[str, list[str]]:
    """Raise a price year by year."""
    price, rules = trace.given(cents, "cent/t", zh="价格", en="price"), sheet.rules(parameters)
    found = []
    for share in inflation:
        price = containment.next_price(price, trace.given(share, "", zh="通胀", en="inflation"), rules)
        found.append(str(price.whole))
    return {"cents": found}


def set_aside(*, share: Mapping[str, str], cap_t: Mapping[str, str]) -> dict[str, str]:
    """Add up what years of a cap put into a reserve."""
    rules = {int(year): sheet.rules({"comparator.california.reserve_share": one}) for year, one in share.items()}
    found = containment.set_aside({int(year): int(one) for year, one in cap_t.items()}, rules)
    return {"reserve_t": str(found.whole)}


def holds_sale(*, parameters: Mapping[str, str], settlement_cents: str, lowest_tier_cents: str) -> dict[str, str]:
    """Say whether a reserve sale is held after an auction."""
    found = containment.holds_sale(int(settlement_cents), int(lowest_tier_cents), sheet.rules(parameters))
    return {"held": "yes" if found else "no"}


def sold_by_tier(*, wanted_t: str, tiers_t: Sequence[str]) -> dict[str, list[str]]:
    """Sell from tiers, the cheapest first; the last number is for the ceiling."""
    found = containment.sold_by_tier(int(wanted_t), [int(one) for one in tiers_t])
    return {"sold_t": [str(one) for one in found]}


def offered_again(
    *, parameters: Mapping[str, str], unsold_t: str, offered_t: str, rounds_above_floor: str
) -> dict[str, str]:
    """Compute how much of what was once unsold returns to an auction."""
    found = containment.offered_again(
        int(unsold_t),
        offered_t=int(offered_t),
        rounds_above_floor=int(rounds_above_floor),
        rules=sheet.rules(parameters),
    )
    return {"offered_again_t": str(found.whole)}


def follow_price(
    *, parameters: Mapping[str, str], supply_t: str, reserve_t: str, bids: Sequence[Sequence[str]]
) -> dict[str, str]:
    """Clear an auction whose supply follows the price; bids are pairs of cents and tons."""
    found = containment.follow_price(
        [Bid(seq, f"B{seq}", int(cents), int(tons)) for seq, (cents, tons) in enumerate(bids, 1)],
        supply_t=int(supply_t),
        reserve_t=int(reserve_t),
        rules=sheet.rules(parameters),
    )
    price = found.outcome.price
    return {
        "released_t": str(found.released_t),
        "withheld_t": str(found.withheld_t),
        "sold_t": str(found.outcome.sold_t),
        "cents": str(price.whole) if price else "",
    }


def mean_of_means(*, three_months: str, one_month: str, three_days: str) -> dict[str, str]:
    """Compute the floor price of a Korean sale."""
    means = (trace.given(one, "won/t", zh="均价", en="mean price") for one in (three_months, one_month, three_days))
    return {"won": str(containment.mean_of_means(*means).whole)}


def buyer_limit(*, parameters: Mapping[str, str], shortage_t: str) -> dict[str, str]:
    """Compute the most that one company may buy from the Korean reserve."""
    return {"limit_t": str(containment.buyer_limit(int(shortage_t), sheet.rules(parameters)).whole)}


def finding(*, parameters: Mapping[str, str], closes_fen: Sequence[str], reserve_t: str) -> dict[str, str]:
    """Say what closes of days in a row call for."""
    closes = [triggers.Close(_FIRST_DAY + timedelta(days=day), int(fen)) for day, fen in enumerate(closes_fen)]
    found = triggers.finding(closes, sheet.rules(parameters), reserve_t=int(reserve_t))
    return {
        "kind": found.kind.value,
        "price_fen_per_t": str(found.price.whole) if found.price else "",
        "quantity_t": str(found.quantity.whole) if found.quantity else "",
    }


def limits(*, parameters: Mapping[str, str], kind: str, reserve_t: str, moved_t: str) -> dict[str, str]:
    """Compute how much one intervention and a year of them may move."""
    found = interventions.limits(
        InterventionKind(kind), sheet.rules(parameters), reserve_t=int(reserve_t), moved_t=int(moved_t)
    )
    return {"single_t": str(found.single.whole), "year_t": str(found.year.whole)}


def move_limit(*, parameters: Mapping[str, str], kind: str, stock_t: Mapping[str, str]) -> dict[str, str]:
    """Compute the most that a release by auction, or a withdrawal, may take."""
    stock = reserve_moves.Stock(**{f"{name}_t": int(one) for name, one in stock_t.items()})
    found = reserve_moves.limit(reserve_moves.ReserveMoveKind(kind), sheet.rules(parameters), stock)
    return {"limit_t": str(found.whole)}


def shared_out(*, quantity_t: str, asked_t: Sequence[str]) -> dict[str, list[str]]:
    """Share a fixed-price sale out among requests in order of time."""
    asked = [Request(seq, int(one), 1) for seq, one in enumerate(asked_t, 1)]
    return {"served_t": [str(one) for one in interventions.shared_out(asked, quantity_t=int(quantity_t)).values()]}


def bought(*, quantity_t: str, budget_fen: str, offers: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """Buy back from offers, pairs of fen per tonne and tonnes, in order of time."""
    asked = [Request(seq, int(tonnes), int(fen)) for seq, (fen, tonnes) in enumerate(offers, 1)]
    found = interventions.bought(asked, quantity_t=int(quantity_t), budget_fen=int(budget_fen))
    return {"bought_t": [str(found[one.seq]) for one in asked]}


def spread_over(*, parameters: Mapping[str, str], cancelled_t: str) -> dict[str, list[str]]:
    """Share a cancelled auction out over the next ones."""
    return {"added_t": [str(one) for one in containment.spread_over(int(cancelled_t), sheet.rules(parameters))]}


def buyer_share(*, parameters: Mapping[str, str], quantity_t: str) -> dict[str, str]:
    """Compute the most that one buyer may ask for in a sale from the reserve."""
    return {"limit_t": str(interventions.buyer_limit(int(quantity_t), sheet.rules(parameters)).whole)}


def decision(
    *, parameters: Mapping[str, str], kind: str, quantity_t: str, reserve_t: str, moved_t: str, days_after: str
) -> dict[str, str]:
    """Say whether an intervention may be decided so many days after a finding that calls for it; one may be refused."""
    rules, which = sheet.rules(parameters), InterventionKind(kind)
    bounds = interventions.limits(which, rules, reserve_t=int(reserve_t), moved_t=int(moved_t))
    now = periods.instant(_FIRST_DAY + timedelta(days=int(days_after)))
    interventions.check_decision(
        which,
        interventions.CALLED_FOR_BY[which],
        _FIRST_DAY,
        quantity_t=int(quantity_t),
        moved_t=int(moved_t),
        window=interventions.Window(now, now + timedelta(days=1)),
        bounds=bounds,
        act_within_days=rules.integer("stability.act_within_days"),
        now=now,
    )
    return {"decided": "yes"}
