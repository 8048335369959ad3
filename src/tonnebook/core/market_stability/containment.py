"""Rules of other places that contain the price: California and Québec, the RGGI states, Korea, the Union. Comparators.

None applies in a region of this book; their published quarters and auctions show what such a rule does, to the tonne.
Prices are in the smallest coin of their own currency. The parameters stand in `comparator.california`, `.rggi` and
`.korea` of the national folder, and in the folder of the Union.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tonnebook.core import awards, trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An auction whose supply followed the price.

    Attributes:
        released_t: added from the cost containment reserve, tonnes.
        withheld_t: taken out as emissions containment reserve, tonnes.
        outcome: of the auction with that supply.
    """

    released_t: int
    withheld_t: int
    outcome: awards.Outcome


def next_price(price: Traced, inflation: Traced, rules: RulesAt) -> Traced:
    """Compute the floor, tier or ceiling price of the next year: a real rise and inflation on top of this year's.

    Args:
        price: of this year, cents per tonne.
        inflation: of twelve months, a share.
        rules: with `comparator.california.price_rise_share`.

    Returns:
        Whole cents per tonne, halves up (the rounding is not stated).

    Source: S80 §95911(c)(3), §95915(f)(1)(B).
    """
    one = trace.given(1, "", zh="一", en="one")
    parts = [one, rules.number("comparator.california.price_rise_share"), inflation]
    factor = trace.total(parts, "", zh="1＋涨幅＋通胀", en="1 + rise + inflation")
    exact = trace.product([price, factor], price.unit, zh="上年价格×系数", en="price of the year before × factor")
    return trace.half_up(exact, zh="下一年价格（四舍五入）", en="price of the next year, halves up")


def set_aside(budgets_t: Mapping[int, int], rules: Mapping[int, RulesAt]) -> Traced:
    """Compute the reserve that years of a cap put aside: a share of each.

    Args:
        budgets_t: cap by year, tonnes.
        rules: of each year, with `comparator.california.reserve_share`.

    Returns:
        Whole tonnes, each year rounded down.

    Source: S80 §95870(a) (recalled).
    """
    parts = []
    for year, cap_t in sorted(budgets_t.items()):
        cap = trace.given(cap_t, "t", zh=f"{year}年总量", en=f"cap of {year}")
        share = rules[year].number("comparator.california.reserve_share")
        exact = trace.product([share, cap], "t", zh="比例×总量", en="share × cap")
        parts.append(trace.floor(exact, zh=f"{year}年计提", en=f"put aside for {year}"))
    return trace.total(parts, "t", zh="价格控制储备", en="price containment reserve")


def holds_sale(settlement_price: int, lowest_tier_price: int, rules: RulesAt) -> bool:
    """Say whether a sale from the reserve follows an auction: its price came near the lowest tier.

    Args:
        settlement_price: of the auction, cents per tonne.
        lowest_tier_price: cents per tonne.
        rules: with `comparator.california.sale_trigger_share`.

    Source: S80 §95913(d)(1)(A).
    """
    return settlement_price >= lowest_tier_price * rules.decimal("comparator.california.sale_trigger_share")


def sold_by_tier(wanted_t: int, tiers_t: Sequence[int]) -> tuple[int, ...]:
    """Sell from the tiers of a reserve, the cheapest first.

    Args:
        wanted_t: asked for at any tier's price, tonnes.
        tiers_t: held in each tier, the cheapest first, tonnes.

    Returns:
        Tonnes from each tier and, last, what is left to be sold at the price ceiling.

    Source: S80 §95913, §95915(d): the ceiling opens when both tiers are empty.
    """
    sold: list[int] = []
    for held_t in tiers_t:
        sold.append(min(wanted_t - sum(sold), held_t))
    return (*sold, wanted_t - sum(sold))


def offered_again(unsold_t: int, *, offered_t: int, rounds_above_floor: int, rules: RulesAt) -> Traced:
    """Compute how much of what was once unsold is offered again in an auction.

    Args:
        unsold_t: unsold and not offered again so far, tonnes.
        offered_t: offered in this auction for the first time, tonnes.
        rounds_above_floor: how many auctions in a row have settled above the floor price.
        rules: with `comparator.california.offered_again_share` and `.offered_again_after`.

    Returns:
        Whole tonnes, rounded down.

    Source: S80 §95911(f)(3) (recalled; the published quarters agree to the tonne).
    """
    if rounds_above_floor < rules.integer("comparator.california.offered_again_after"):
        return trace.given(0, "t", zh="尚未连续高于底价", en="not yet above the floor in a row")
    unsold = trace.given(unsold_t, "t", zh="未售出数量", en="unsold")
    offered = trace.given(offered_t, "t", zh="首次投放数量", en="offered for the first time")
    share = rules.number("comparator.california.offered_again_share")
    exact = trace.product([share, offered], "t", zh="比例×首次投放", en="share × offered for the first time")
    limit = trace.floor(exact, zh="重新投放上限", en="limit of what is offered again")
    return trace.smallest([unsold, limit], "t", zh="重新投放数量", en="offered again")


def follow_price(bids: Sequence[awards.Bid], *, supply_t: int, reserve_t: int, rules: RulesAt) -> Adjusted:
    """Let the supply of an auction follow its price, as the two containment reserves of the RGGI states do.

    Where the offered quantity alone would sell above the trigger, the reserve serves whoever bids at least the trigger;
    where it would sell below the lower trigger, as much is withheld as nobody bids that price for.

    Args:
        bids: in any order; prices in cents per short ton.
        supply_t: offered, tons.
        reserve_t: left of the year's cost containment reserve, tons.
        rules: with `comparator.rggi.floor_cents` and the triggers; the lower one is absent before 2021.

    Returns:
        What was added or withheld, and the outcome.

    Source: S81 (auctions 23, 27, 29, 54 and 62 in reports; model rule recalled).
    """
    floor = rules.integer("comparator.rggi.floor_cents")
    interim = awards.clear(bids, quantity_t=supply_t, floor_price_fen_per_t=floor)
    released_t = withheld_t = 0
    upper = rules.integer("comparator.rggi.upper_trigger_cents")
    if _asked(bids, upper) > supply_t:
        released_t = min(reserve_t, _asked(bids, upper) - supply_t)
    elif rules.has("comparator.rggi.lower_trigger_cents"):
        lower = rules.integer("comparator.rggi.lower_trigger_cents")
        if interim.price is None or interim.price.value < lower:
            spare_t = max(0, supply_t - _asked(bids, lower))
            withheld_t = min(rules.integer("comparator.rggi.withheld_t"), spare_t)
    quantity_t = supply_t + released_t - withheld_t
    return Adjusted(released_t, withheld_t, awards.clear(bids, quantity_t=quantity_t, floor_price_fen_per_t=floor))


def mean_of_means(three_months: Traced, one_month: Traced, three_days: Traced) -> Traced:
    """Compute the floor price of a Korean sale from the reserve: the mean of three means.

    Args:
        three_months: mean price of the three months before, won per tonne.
        one_month: of the month before.
        three_days: of the three days before.

    Returns:
        Whole won per tonne, halves up (the rounding is not stated).

    Source: S82 (sale of 2018-06-01).
    """
    means = [three_months, one_month, three_days]
    together = trace.total(means, three_months.unit, zh="三个均价之和", en="sum of the three means")
    three = trace.given(len(means), "", zh="三", en="three")
    exact = trace.quotient(together, three, three_months.unit, zh="三个均价的平均", en="mean of the three means")
    return trace.half_up(exact, zh="底价（四舍五入）", en="floor price, halves up")


def buyer_limit(shortage_t: int, rules: RulesAt) -> Traced:
    """Compute the most that one company may buy from the Korean reserve: a share of what it is short of.

    Args:
        shortage_t: emissions less allowances, tonnes.
        rules: with `comparator.korea.buyer_shortage_share`.

    Returns:
        Whole tonnes, rounded down (the rounding is not stated).

    Source: S82 (sale of 2018-06-01).
    """
    shortage = trace.given(shortage_t, "t", zh="缺口", en="shortage")
    share = rules.number("comparator.korea.buyer_shortage_share")
    exact = trace.product([share, shortage], "t", zh="比例×缺口", en="share × shortage")
    return trace.floor(exact, zh="单家购买上限", en="limit of one buyer")


def spread_over(cancelled_t: int, rules: RulesAt) -> tuple[int, ...]:
    """Share what a cancelled auction would have sold out over the next ones, as the Union does.

    Args:
        cancelled_t: tonnes, >= 0.
        rules: with `auction.cancelled_spread_rounds`.

    Returns:
        Tonnes by auction, the next first; equal parts, of what does not divide a tonne each to the earlier ones (that
        order is not stated).

    Source: S60 (auctioning regulation, recalled; the auction of Poland of March 2022 agrees).

    Example:
        13,290,000 t over four auctions are 3,322,500 t in each.
    """
    rounds = rules.integer("auction.cancelled_spread_rounds")
    part_t, left = divmod(cancelled_t, rounds)
    return tuple(part_t + (place < left) for place in range(rounds))


def _asked(bids: Sequence[awards.Bid], price: int) -> int:
    return sum(bid.quantity_t for bid in bids if bid.price_fen_per_t >= price)
