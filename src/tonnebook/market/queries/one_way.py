"""What the market can tell of one-way auctions: lots and results to everybody, names and bids to whose they are."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from tonnebook import rulebook
from tonnebook.core import book
from tonnebook.core import one_way as core
from tonnebook.core.auction import BidState
from tonnebook.core.deals import DealState
from tonnebook.core.errors import Refused
from tonnebook.core.one_way import OneWayTerms, Pricing, SaleRefusal, SaleState
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Deal, Sale
from tonnebook.market.queries import listed

_PUBLIC = (SaleState.ANNOUNCED, SaleState.CLEARED)


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A lot in a one-way auction; `organisation` and `reason` are empty for who may not read them."""

    number: str
    instrument: str
    organisation: str
    asset: str
    quantity_t: int
    floor_drop: Decimal
    pricing: Pricing
    state: SaleState
    offered_at: datetime
    reason: str
    opens_at: datetime | None
    closes_at: datetime | None
    low_fen_per_t: int | None
    high_fen_per_t: int | None
    bids: int
    sold_t: int | None
    transfer: str

    def takes_bids(self, now: datetime) -> bool:
        """Say whether bids are taken now."""
        return self.state is SaleState.ANNOUNCED and bool(
            self.opens_at and self.closes_at and self.opens_at <= now < self.closes_at
        )

    def is_over(self, now: datetime) -> bool:
        """Say whether it waits to be cleared."""
        return self.state is SaleState.ANNOUNCED and self.closes_at is not None and now >= self.closes_at


@dataclass(frozen=True, slots=True)
class SaleBidRow:
    """An own bid: what was bid, and once it was cleared what it got and pays."""

    number: str
    price_fen_per_t: int
    quantity_t: int
    state: BidState
    paid_fen_per_t: int
    awarded_t: int
    fee_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SaleAward:
    """What a bid got, as it is published: nobody's name."""

    price_fen_per_t: int
    quantity_t: int


def sale_terms(region: str, *, on: date) -> OneWayTerms | None:
    """Give the terms of one-way auctions of a region, None where it has none."""
    rules = rulebook.at(region, on=on)
    return core.terms(rules) if core.has(rules) else None


def sale_band(code: str, *, floor_drop: Decimal, on: date) -> book.Band:
    """Give floor and highest bid by the last close.

    Raises:
        Refused: NO_SUCH_INSTRUMENT; NO_SUCH_PARAMETER when the region has no one-way auctions.
    """
    row = listed.instrument(code)
    terms = core.terms(rulebook.at(row.region, on=on))
    return core.limits(row.previous_close_fen_per_t, terms, floor_drop=floor_drop)


@tenancy.everywhere(Why.MARKET)
def sales(region: str, limit: int = 30) -> tuple[SaleRow, ...]:
    """List the lots of a region that were announced, newest first, without names."""
    rows = Sale.objects.filter(instrument__region=region, state__in=_PUBLIC)
    return _rows(rows.order_by("-opens_at", "-id")[:limit], named=False)


def own_sales(organisation: str, limit: int = 30) -> tuple[SaleRow, ...]:
    """List the lots an organisation offered, newest first."""
    return _rows(Sale.objects.filter(organisation=organisation).order_by("-id")[:limit], named=True)


def offered_sales(region: str) -> tuple[SaleRow, ...]:
    """List the lots of a region that the exchange has not announced yet, oldest first, with names."""
    rows = Sale.objects.filter(instrument__region=region, state=SaleState.OFFERED)
    return _rows(rows.order_by("id"), named=True)


@tenancy.everywhere(Why.MARKET)
def sale(number: str, *, organisation: str = "") -> SaleRow:
    """Give one lot that was announced, or one of one's own.

    Raises:
        Refused: NO_SUCH_SALE when there is none that this organisation may read.
    """
    readable = Q(state__in=_PUBLIC) | Q(organisation=organisation)
    found = Sale.objects.filter(readable, number=number).select_related("instrument").first()
    if found is None:
        raise Refused(SaleRefusal.NO_SUCH_SALE, sale=number)
    return _row(found, named=found.organisation == organisation)


@tenancy.everywhere(Why.MARKET)
def sale_awards(number: str) -> tuple[SaleAward, ...]:
    """Give what was sold at which prices, best first, without names."""
    rows = Deal.objects.filter(sale__number=number, state=DealState.SETTLED)
    return tuple(
        SaleAward(*one)
        for one in rows.order_by("-bid_price_fen_per_t", "seq").values_list("price_fen_per_t", "quantity_t")
    )


@tenancy.everywhere(Why.MARKET)
def own_sale_bids(number: str, organisation: str) -> tuple[SaleBidRow, ...]:
    """List the bids of an organisation for a lot, newest first."""
    rows = Deal.objects.filter(sale__number=number, organisation=organisation).order_by("-seq")
    return tuple(_bid(row) for row in rows)


# What became of a bid, in the words of every other auction.
_STATES = {
    DealState.PROPOSED: BidState.STANDING,
    DealState.SETTLED: BidState.FILLED,
    DealState.EXPIRED: BidState.UNFILLED,
    DealState.WITHDRAWN: BidState.WITHDRAWN,
    DealState.VOID: BidState.VOID,
}


def _bid(row: Deal) -> SaleBidRow:
    state = _STATES[DealState(row.state)]
    is_settled = state is BidState.FILLED
    if is_settled and row.quantity_t != row.bid_t:
        state = BidState.PARTLY_FILLED
    return SaleBidRow(
        number=row.number,
        price_fen_per_t=row.bid_price_fen_per_t or 0,
        quantity_t=row.bid_t or 0,
        state=state,
        paid_fen_per_t=row.price_fen_per_t if is_settled else 0,
        awarded_t=row.quantity_t if is_settled else 0,
        fee_fen=row.buyer_fee_fen,
        at=row.at,
    )


def _rows(found: "QuerySet[Sale]", *, named: bool) -> tuple[SaleRow, ...]:
    return tuple(_row(row, named=named) for row in found.select_related("instrument"))


def _row(row: Sale, *, named: bool) -> SaleRow:
    return SaleRow(
        number=row.number,
        instrument=row.instrument.code,
        organisation=row.organisation if named else "",
        asset=row.asset,
        quantity_t=row.quantity_t,
        floor_drop=row.floor_drop,
        pricing=Pricing(row.pricing),
        state=SaleState(row.state),
        offered_at=row.offered_at,
        reason=row.reason if named else "",
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        low_fen_per_t=row.low_fen_per_t,
        high_fen_per_t=row.high_fen_per_t,
        bids=row.bids,
        sold_t=row.sold_t,
        transfer=row.transfer if named else "",
    )
