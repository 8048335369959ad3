"""Auctions that were held: each outcome follows from the rule in force on its day.

What single bidders wrote is not published. Bids are drawn that have the published extremes, sum and numbers, so the
outcome must not depend on what else they say.
"""

import csv
import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tonnebook import rulebook
from tonnebook.core import auction, awards, sealed_bids, trace, units
from tonnebook.core.auction import AuctionKind
from tonnebook.core.awards import Bid, ClearingRule
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.sealed_bids import Offer, Opened

pytestmark = pytest.mark.data
ROUNDS = range(20)
GUANGDONG = {"C-single": "consigned_whole", "C-multi": "consigned"}


@dataclass(frozen=True)
class Told:
    """What was published of an auction: prices in the smallest coin, tonnes, numbers of bidders."""

    offered_t: int
    floor: int
    lowest: int
    highest: int
    demand_t: int
    bidders: int
    winners: int
    price: int | None


def drawn(told: Told, chance: random.Random) -> list[Bid]:
    """Draw bids that have what was published: winners reach the price, the others stay below it."""
    if told.price is None or told.demand_t <= told.offered_t:
        bidders = max(told.bidders, told.winners, 2 if told.lowest < told.highest else 1)
        prices = [chance.randint(told.lowest, told.highest) for _ in range(bidders)]
        prices[0], prices[-1] = told.highest, told.lowest
        return [
            Bid(seq, str(seq), price, part)
            for seq, (price, part) in enumerate(zip(prices, split(told.demand_t, bidders, chance), strict=True), 1)
        ]
    winners = max(told.winners, 1)
    # What is filled reaches into the bid at the margin, and what it asks for beyond that may be any part of the rest.
    rest_t = told.demand_t - told.offered_t
    losers = max(told.bidders - winners, 0)
    beyond_t = chance.randint(0, rest_t - losers) if losers else rest_t
    prices = [chance.randint(told.price, told.highest) for _ in range(winners)]
    prices[0], prices[-1] = told.highest, told.price
    parts = split(told.offered_t, winners, chance)
    parts[-1] += beyond_t
    if losers:
        below = [chance.randint(told.lowest, told.price) for _ in range(losers)]
        below[-1] = told.lowest
        prices += below
        parts += split(rest_t - beyond_t, losers, chance)
    return [Bid(seq, str(seq), price, part) for seq, (price, part) in enumerate(zip(prices, parts, strict=True), 1)]


def split(total_t: int, parts: int, chance: random.Random) -> list[int]:
    """Cut tonnes into parts of one tonne at least, none of them much more than its neighbours."""
    cuts = [total_t * place // parts for place in range(parts + 1)]
    moved = [cut + chance.randint(-1, 1) * (total_t // parts // 4) for cut in cuts[1:-1]]
    edges = [0, *moved, total_t]
    return [after - before for before, after in itertools.pairwise(edges)]


def guangdong(shared: Path) -> Iterator[tuple[Mapping[str, str], Told]]:
    with (shared / "data/auctions/guangdong_allowance_auctions.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            floor, price = (units.fen_of_yuan(Decimal(row[name] or 0)) for name in ("floor_cny", "clearing_price_cny"))
            told = row["max_bid"] != ""
            yield (
                row,
                Told(
                    offered_t=int(row["offered_t"]),
                    floor=floor,
                    lowest=units.fen_of_yuan(Decimal(row["min_bid"])) if told else floor,
                    highest=units.fen_of_yuan(Decimal(row["max_bid"])) if told else price,
                    demand_t=int(Decimal(row["valid_bid_t"])) if told else int(row["offered_t"]) + 1_000,
                    bidders=int(Decimal(row["bidders"] or "0")),
                    winners=int(row["winners"]),
                    price=price or None,
                ),
            )


def test_every_auction_of_guangdong_follows_from_the_rule_of_its_day(shared: Path) -> None:
    seen = 0
    for row, told in guangdong(shared):
        on = date.fromisoformat(row["date"])
        path = f"comparator.guangdong.{GUANGDONG.get(row['rule_set'], 'auction')}"
        rules = rulebook.at("national", on=on)
        rule = awards.clearing_rule(rules, path)
        for seed in ROUNDS:
            bids = whole_lots(told) if "whole" in path else drawn(told, random.Random(seed))  # noqa: S311 - no secret
            outcome = awards.clear(bids, quantity_t=told.offered_t, floor_price_fen_per_t=told.floor, rule=rule)
            assert (outcome.price.whole if outcome.price else None) == told.price, row
            assert outcome.sold_t == int(row["sold_t"])
            amount_fen = units.amount_fen(price_fen_per_t=told.price or 0, quantity_t=outcome.sold_t)
            assert amount_fen == units.fen_of_yuan(Decimal(row["revenue_cny"]))
            if told.bidders or told.winners == 0:
                assert len(outcome.awards) == told.winners
            seen += 1
    assert seen == 16 * len(ROUNDS)


def whole_lots(told: Told) -> list[Bid]:
    assert told.price is not None
    return [
        Bid(seq, str(seq), told.price if seq == 1 else told.price - seq, told.offered_t)
        for seq in range(1, told.bidders + 1)
    ]


def test_each_change_of_the_rule_of_guangdong_can_be_told_from_an_auction(shared: Path) -> None:
    """With the rule that came next, the first year would have had other prices and the cancelled round a sale."""
    told = {row["date"]: one for row, one in guangdong(shared)}
    floor, lowest, nothing = (
        awards.clearing_rule(rulebook.at("national", on=on), "comparator.guangdong.auction")
        for on in (date(2014, 1, 6), date(2015, 6, 10), date(2017, 6, 5))
    )
    cancelled = told["2017-06-05"]
    bids = drawn(cancelled, random.Random(0))  # noqa: S311 - no secret
    assert [sold(bids, cancelled, rule) for rule in (floor, lowest, nothing)] == [150_000, 150_000, 0]
    above = [Bid(bid.seq, bid.organisation, bid.price_fen_per_t + 1, bid.quantity_t) for bid in bids]
    prices = [
        awards.clear(above, quantity_t=500_000, floor_price_fen_per_t=cancelled.floor, rule=rule).price
        for rule in (floor, lowest)
    ]
    assert [price.whole for price in prices if price] == [1515, 1516]


def sold(bids: list[Bid], told: Told, rule: ClearingRule) -> int:
    return awards.clear(bids, quantity_t=told.offered_t, floor_price_fen_per_t=told.floor, rule=rule).sold_t


def test_no_bidder_of_guangdong_could_ask_for_more_than_half_of_the_offer() -> None:
    rules = rulebook.at("national", on=date(2017, 1, 4))
    path = "comparator.guangdong.auction"
    most_t = units.whole(rules.decimal(f"{path}.offer_limit_share") * 500_000)
    bids = [
        Opened(seq, "A", Offer(1600, quantity_t), 10**12, most_t)
        for seq, quantity_t in enumerate((999, 1_000, 249_001, 249_000), 1)
    ]
    least_t = rules.integer(f"{path}.bid_t_min")
    found = sealed_bids.void(bids, floor_price_fen_per_t=1127, bid_t_min=least_t)
    assert {seq: reason.name for seq, reason in found.items()} == {1: "BELOW_SIZE", 3: "ABOVE_LIMIT"}


def european(shared: Path) -> list[dict[str, str]]:
    with (shared / "data/auctions/eex_eua_auctions_2012-06_2019-01.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_sums_and_shares_of_the_european_auctions_are_exact(shared: Path) -> None:
    rows = [row for row in european(shared) if row["Auction Price eur/tCO2"] and row["Total Revenue eur"]]
    for row in rows:
        price, sold_t = int(number(row["Auction Price eur/tCO2"]) * 100), int(number(row["Auction Volume tCO2"]))
        revenue = number(row["Total Revenue eur"])
        assert units.amount_fen(price_fen_per_t=price, quantity_t=sold_t) == revenue * 100
        asked_t = int(number(row["Total Amount of Bids"]))
        assert awards.cover_ratio(demand_t=asked_t, quantity_t=sold_t) == number(row["Cover Ratio"])
        shares = [number(value) for name, value in row.items() if "\n(" in name and value]
        assert not shares or sum(shares) == revenue
    assert len(rows) > 700


def test_the_european_prices_follow_from_price_then_time(shared: Path) -> None:
    rows = [row for row in european(shared) if row["Auction Price eur/tCO2"] and row["Number of bids submitted"]]
    assert len(rows) > 300
    for place, row in enumerate(rows):
        lowest, highest, price = (
            int(number(row[f"{name} eur/tCO2"]) * 100) for name in ("Minimum Bid", "Maximum Bid", "Auction Price")
        )
        offered_t, demand_t = (int(number(row[name])) for name in ("Auction Volume tCO2", "Total Amount of Bids"))
        bids, filled = (int(row[f"Number of {which}"]) for which in ("bids submitted", "successful bids"))
        told = Told(offered_t, 1, lowest, highest, demand_t, bids, filled, price)
        outcome = awards.clear(drawn(told, random.Random(place)), quantity_t=offered_t, floor_price_fen_per_t=1)  # noqa: S311 - no secret
        assert outcome.price is not None
        assert (outcome.price.whole, outcome.sold_t, len(outcome.awards)) == (price, offered_t, filled), row


@pytest.mark.parametrize(
    ("on", "year", "kind", "mean_fen", "floor_fen"),
    [
        (date(2017, 6, 30), 2016, AuctionKind.LAST_RESORT, 3000, 3600),
        (date(2017, 6, 30), 2016, AuctionKind.LAST_RESORT, 3600, 4200),
        (date(2018, 7, 31), 2017, AuctionKind.LAST_RESORT, 3501, 4200),
        (date(2023, 10, 31), 2022, AuctionKind.EARLY, 6191, 6191),
        (date(2023, 11, 30), 2022, AuctionKind.LAST_RESORT, 6191, 7429),
        (date(2024, 7, 31), 2023, AuctionKind.EARLY, 7360, 7360),
    ],
)
def test_the_floor_of_each_kind_of_shanghai_follows_from_the_rule_of_its_day(
    on: date, year: int, kind: AuctionKind, mean_fen: int, floor_fen: int
) -> None:
    rules, path = rulebook.at("shanghai", on=on, year=year), f"auction.{kind.lower()}"
    ceiling = f"{path}.price_ceiling_fen_per_t"
    found = auction.floor_price(
        trace.given(mean_fen, "fen/t", zh="均价", en="mean price"),
        rules.number(f"{path}.floor_multiplier"),
        rules.number(ceiling) if rules.has(ceiling) else None,
    )
    assert found.whole == floor_fen


def test_shanghai_limits_the_early_kind_by_class_and_bars_investors_from_the_last_resort() -> None:
    rules = rulebook.at("shanghai", on=date(2024, 9, 30), year=2023)
    early, last = (auction.terms(rules, kind) for kind in (AuctionKind.EARLY, AuctionKind.LAST_RESORT))
    limits = [
        auction.bidder_limit_t(early, kind, emission_t=None, offered_t=1_000_000)
        for kind in (OrganisationKind.ENTITY, OrganisationKind.INVESTOR)
    ]
    assert limits == [100_000, 50_000]
    assert (early.admits_investors, last.admits_investors, last.own_surrender_only) == (True, False, True)
    assert auction.bidder_limit_t(last, OrganisationKind.ENTITY, emission_t=None, offered_t=1) is None
