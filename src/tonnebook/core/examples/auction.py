"""Worked examples of the market: floor prices, auctions, the price band, and the close of a day."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal

from tonnebook.core import auction, awards, book, clearing, periods, trace, units
from tonnebook.core.examples import parameters as sheet
from tonnebook.core.roles import OrganisationKind

_YUAN_PLACES = 2
_DAY = date(2026, 6, 30)


def floor_price(*, mean_yuan: str, multiplier: str, ceiling_yuan: str = "") -> dict[str, str]:
    """Work out the floor price of an auction, yuan per tonne; an empty ceiling is none."""
    mean = trace.given(units.fen_of_yuan(units.decimal_of(mean_yuan)), "fen/t", zh="均价", en="Mean price")
    factor = trace.given(multiplier, "", zh="倍数", en="Multiplier")
    most = None
    if ceiling_yuan:
        most_fen = units.fen_of_yuan(units.decimal_of(ceiling_yuan))
        most = trace.given(most_fen, "fen/t", zh="底价上限", en="Highest floor price")
    return {"floor_yuan": _yuan(auction.floor_price(mean, factor, most).whole)}


def mean_price(*, turnover_yuan: str, volume_t: str) -> dict[str, str]:
    """Work out a mean price by volume, yuan per tonne."""
    turnover_fen = units.fen_of_yuan(units.decimal_of(turnover_yuan))
    return {"mean_yuan": _yuan(clearing.vwap(turnover_fen=turnover_fen, volume_t=int(volume_t)).whole)}


def clear(*, offered_t: str, floor_yuan: str, bids: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """Clear an auction; the bids are given in order of time, and awards come back by bidder."""
    asked = [
        awards.Bid(seq, row["bidder"], units.fen_of_yuan(units.decimal_of(row["yuan"])), int(row["t"]))
        for seq, row in enumerate(bids, 1)
    ]
    floor_fen = units.fen_of_yuan(units.decimal_of(floor_yuan))
    outcome = awards.clear(asked, quantity_t=int(offered_t), floor_price_fen_per_t=floor_fen)
    given: dict[str, int] = {}
    for award in outcome.awards:
        given[award.organisation] = given.get(award.organisation, 0) + award.quantity_t
    return {
        "price_yuan": _yuan(outcome.price.whole) if outcome.price else "",
        "awards_t": {bidder: str(quantity_t) for bidder, quantity_t in given.items()},
        "sold_t": str(outcome.sold_t),
        "unsold_t": str(outcome.unsold_t),
        "void": str(len(outcome.void)),
        "bidders": str(outcome.bidders),
        "won": str(len(given)),
    }


def price_window(*, day: str, months: str) -> dict[str, str]:
    """Give the first day of the prices behind a floor price, and the first day after them."""
    days = auction.price_window(date.fromisoformat(day), int(months))
    return {"from_on": days.from_on.isoformat(), "to_on": days.to_on.isoformat()}


def window(*, opens: str, closes: str, at: str) -> dict[str, str]:
    """Say where an auction stands at a time of its day."""
    opens_at, closes_at, now = (periods.instant(_DAY, time.fromisoformat(one)) for one in (opens, closes, at))
    return {"state": auction.state_of(auction.Round("PA-1", 1, opens_at, closes_at), now=now).value}


def bidder_limits(*, parameters: Mapping[str, str], kind: str, emission_t: str) -> dict[str, str]:
    """Work out the most an entity and an investor may bid for, tonnes; empty without limit."""
    terms = auction.terms(sheet.rules(parameters), auction.AuctionKind(kind))
    limits_t = {
        name: auction.bidder_limit_t(terms, bidder, offered_t=0, emission_t=int(emission_t))
        for name, bidder in (("entity_t", OrganisationKind.ENTITY), ("investor_t", OrganisationKind.INVESTOR))
    }
    return {name: "" if limit_t is None else str(limit_t) for name, limit_t in limits_t.items()}


def cover_ratio(*, demand_t: str, offered_t: str) -> dict[str, str]:
    """Say how many times over the offered quantity was asked for."""
    return {"ratio": f"{awards.cover_ratio(demand_t=int(demand_t), quantity_t=int(offered_t)):f}"}


def band(*, parameters: Mapping[str, str], previous_close_yuan: str) -> dict[str, str]:
    """Work out the price band of a day, yuan per tonne."""
    terms = book.terms(sheet.rules(parameters))
    found = book.band(units.fen_of_yuan(units.decimal_of(previous_close_yuan)), terms)
    return {"low_yuan": _yuan(found.low_fen_per_t), "high_yuan": _yuan(found.high_fen_per_t)}


def fee(*, price_yuan: str, quantity_t: str, share: str) -> dict[str, str]:
    """Work out the fee of one side, yuan."""
    price_fen_per_t = units.fen_of_yuan(units.decimal_of(price_yuan))
    amount_fen = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=int(quantity_t))
    return {"fee_yuan": _yuan(units.fee_fen(amount_fen, units.decimal_of(share)))}


def _yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-_YUAN_PLACES):f}"
