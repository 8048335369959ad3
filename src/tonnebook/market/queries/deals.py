"""What the market can tell of agreement transfers: to the parties everything, to everybody else prices and sums."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from tonnebook import rulebook
from tonnebook.core import book, units
from tonnebook.core import deals as core
from tonnebook.core.book import Side
from tonnebook.core.deals import DealRefusal, DealState
from tonnebook.core.errors import Refused
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Deal
from tonnebook.market.queries import listed


@dataclass(frozen=True, slots=True)
class DealRow:
    """A proposal as one who may read it sees it.

    `side` is of who proposed, `reason` why it was declined; `organisation` and `taker` are empty for those who are no
    party to it, and so is `answers`, the number of the proposal it answers.
    """

    number: str
    instrument: str
    side: Side
    organisation: str
    counterparty: str
    answers: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    state: DealState
    trading_on: date
    at: datetime
    taker: str
    fee_fen: int
    transfer: str
    settled_at: datetime | None
    reason: str

    @property
    def amount_fen(self) -> int:
        """Price times quantity, fen."""
        return units.amount_fen(price_fen_per_t=self.price_fen_per_t, quantity_t=self.quantity_t)


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A deal as it is published: nobody's name."""

    number: str
    price_fen_per_t: int
    quantity_t: int
    at: datetime


@dataclass(frozen=True, slots=True)
class BlockDay:
    """The agreement transfers of one instrument on one day, beside its close and not part of it."""

    instrument: str
    day: date
    deals: int
    volume_t: int
    turnover_fen: int
    low_fen_per_t: int
    high_fen_per_t: int


def own_deals(organisation: str, limit: int = 50) -> tuple[DealRow, ...]:
    """List the proposals an organisation made, accepted, or has been addressed with, newest first."""
    is_party = Q(organisation=organisation) | Q(counterparty=organisation) | Q(taker=organisation)
    return _rows(_negotiated().filter(is_party).order_by("-at", "-id")[:limit], organisation)


@tenancy.everywhere(Why.MARKET)
def open_deals(code: str, *, organisation: str) -> tuple[DealRow, ...]:
    """List what an organisation could accept now: proposals to itself, then those of others to everybody.

    Args:
        code: instrument.
        organisation: unified social credit code of who asks.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    listed.instrument(code)
    standing = _negotiated().filter(instrument__code=code, state=DealState.PROPOSED)
    found = standing.filter(counterparty__in=("", organisation)).exclude(organisation=organisation)
    return _rows(found.order_by("-counterparty", "id"), organisation)


@tenancy.everywhere(Why.MARKET)
def deal(number: str, *, organisation: str) -> DealRow:
    """Give one proposal to a party, or to whoever could accept it.

    Raises:
        Refused: NO_SUCH_DEAL when there is none that this organisation may read.
    """
    is_party = Q(organisation=organisation) | Q(counterparty=organisation) | Q(taker=organisation)
    is_offered = Q(counterparty="", state=DealState.PROPOSED)
    found = _rows(_negotiated().filter(is_party | is_offered, number=number), organisation)
    if not found:
        raise Refused(DealRefusal.NO_SUCH_DEAL, deal=number)
    return found[0]


@tenancy.everywhere(Why.MARKET)
def block_trades(code: str, limit: int = 30) -> tuple[BlockRow, ...]:
    """Give the latest deals of an instrument, newest first, without names.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    listed.instrument(code)
    rows = _negotiated().filter(instrument__code=code, state=DealState.SETTLED).order_by("-settled_at", "-id")[:limit]
    return tuple(
        BlockRow(row.number, row.price_fen_per_t, row.quantity_t, row.settled_at) for row in rows if row.settled_at
    )


@tenancy.everywhere(Why.MARKET)
def block_days(region: str, *, from_on: date, to_on: date) -> tuple[BlockDay, ...]:
    """Sum the deals of a region by instrument and day on the days `[from_on, to_on)`, latest day first."""
    made = _negotiated().filter(
        instrument__region=region, state=DealState.SETTLED, trading_on__gte=from_on, trading_on__lt=to_on
    )
    sums = made.values_list("instrument__code", "trading_on").annotate(
        deals=Count("id"),
        volume_t=Sum("quantity_t"),
        turnover_fen=Sum(F("quantity_t") * F("price_fen_per_t")),
        low=Min("price_fen_per_t"),
        high=Max("price_fen_per_t"),
    )
    return tuple(BlockDay(*row) for row in sums.order_by("-trading_on", "instrument__code"))


def block_terms(region: str, *, on: date) -> core.BlockTerms:
    """Give the terms of agreement transfers of a region.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the region has none.
    """
    return core.terms(rulebook.at(region, on=on))


def block_band(code: str, *, quantity_t: int, on: date) -> book.Band | None:
    """Give the prices allowed today for a deal of some size, None where the price is free.

    Raises:
        Refused: NO_SUCH_INSTRUMENT; NO_SUCH_PARAMETER when the region has no agreement transfers.
    """
    row = listed.instrument(code)
    return core.band(row.previous_close_fen_per_t, block_terms(row.region, on=on), quantity_t=quantity_t)


# Without bids in one-way auctions, which are told with their lots.
def _negotiated() -> "QuerySet[Deal]":
    return Deal.objects.filter(sale=None)


def _rows(found: "QuerySet[Deal]", organisation: str) -> tuple[DealRow, ...]:
    return tuple(_row(row, organisation) for row in found.select_related("instrument", "answers"))


def _row(row: Deal, organisation: str) -> DealRow:
    is_party = organisation in (row.organisation, row.counterparty, row.taker)
    is_buyer = (row.side == Side.BUY) is (organisation == row.organisation)
    return DealRow(
        number=row.number,
        instrument=row.instrument.code,
        side=Side(row.side),
        organisation=row.organisation if is_party else "",
        counterparty=row.counterparty,
        answers=row.answers.number if is_party and row.answers else "",
        asset=row.asset,
        price_fen_per_t=row.price_fen_per_t,
        quantity_t=row.quantity_t,
        state=DealState(row.state),
        trading_on=row.trading_on,
        at=row.at,
        taker=row.taker,
        fee_fen=row.buyer_fee_fen if is_buyer else row.seller_fee_fen,
        transfer=row.transfer,
        settled_at=row.settled_at,
        reason=row.reason,
    )
