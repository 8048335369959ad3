"""What the market can tell of auctions: what was announced, where they stand, bids, and the file to check them with.

Bids are sealed until an auction is opened: every question about bids names the organisation that asks, and nothing
about the bids of others is answered before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import Least

from tonnebook import rulebook
from tonnebook.core import auction as core
from tonnebook.core import awards, periods, trace
from tonnebook.core.auction import AuctionKind, AuctionRefusal, AuctionState, BidState, Unsold
from tonnebook.core.awards import Pricing
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.papers import PaperKind
from tonnebook.core.sealed_bids import VoidReason
from tonnebook.journal import queries as journal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Auction, AuctionPaper, Bid
from tonnebook.registry import queries as registry

_FILE_FORMAT = "tonnebook-auction-3"


@dataclass(frozen=True, slots=True)
class AuctionResult:
    """The published result of a cleared auction; the price is None when nothing was sold.

    Where each pays its own bid the price is the lowest that is paid; `proceeds_fen` is what all of them pay.
    """

    price: trace.Traced | None
    sold_t: int
    unsold_t: int
    demand_t: int
    bidders: int
    cover_ratio: Decimal
    proceeds_fen: int


@dataclass(frozen=True, slots=True)
class AuctionRow:
    """An auction: what was announced, where it stands, and the result once there is one."""

    number: str
    region: str
    kind: AuctionKind
    year: int
    asset: str
    quantity_t: int
    floor_price: trace.Traced
    opens_at: datetime
    closes_at: datetime
    announced_at: datetime
    opening_key: str
    pricing: Pricing
    unsold_rule: Unsold
    carried_t: int
    is_counted: bool
    shares: int
    state: AuctionState
    result: AuctionResult | None
    cancelled_at: datetime | None
    cancel_reason: str
    receipt: str


@dataclass(frozen=True, slots=True)
class PlannedAuction:
    """A day on which the rule book sees an auction that is not announced yet, and where that stands."""

    kind: AuctionKind
    year: int
    on: date
    origin: trace.Origin


@dataclass(frozen=True, slots=True)
class AuctionPaperRow:
    """A published paper of an auction; `paper` is its number."""

    kind: PaperKind
    paper: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BidRow:
    """A bid; price and quantity asked for are None as long as its envelope is closed, or when it does not open."""

    number: str
    auction: str
    seq: int
    organisation: str
    deposit_fen: int
    price_fen_per_t: int | None
    quantity_t: int | None
    awarded_t: int
    state: BidState
    void_reason: VoidReason | None
    receipt: str
    at: datetime


def auctions(region: str, *, now: datetime) -> tuple[AuctionRow, ...]:
    """List the auctions of a region, the latest first; results only of those cleared."""
    rows = Auction.objects.filter(region=region).order_by("-opens_at", "-id")
    return tuple(_auction_row(row, now) for row in rows)


def planned_auctions(region: str, *, today: date) -> tuple[PlannedAuction, ...]:
    """List the days on which the rule book sees auctions of this year and the next for which none is announced yet."""
    found = []
    for year in (today.year, today.year + 1):
        rules = rulebook.at(region, on=today, year=year)
        for kind in AuctionKind:
            path = f"deadline.{kind.lower()}_auction_on"
            announced = Auction.objects.filter(region=region, year=year, kind=kind, cancelled_at=None)
            if rules.has(path) and rules.day(path) >= today and not announced.exists():
                found.append(PlannedAuction(kind, year, rules.day(path), rules.origin(path)))
    return tuple(sorted(found, key=lambda one: one.on))


def auction_papers(number: str) -> tuple[AuctionPaperRow, ...]:
    """List the published papers of an auction, the first first."""
    rows = AuctionPaper.objects.filter(auction__number=number).order_by("id")
    return tuple(AuctionPaperRow(PaperKind(row.kind), row.paper, row.at) for row in rows)


def has_cleared(region: str, year: int, kind: AuctionKind) -> bool:
    """Say whether an auction of a kind has been cleared for a compliance year."""
    return Auction.objects.filter(region=region, year=year, kind=kind, cleared_at__isnull=False).exists()


def auction(number: str, *, now: datetime) -> AuctionRow:
    """Give one auction.

    Raises:
        Refused: NO_SUCH_AUCTION when there is none.
    """
    row = Auction.objects.filter(number=number).first()
    if row is None:
        raise Refused(AuctionRefusal.NO_SUCH_AUCTION, auction=number)
    return _auction_row(row, now)


def waiting_t(region: str, asset: str) -> int:
    """Tell how much waits for an auction: what lies in the auction account and is not on offer, tonnes."""
    held = registry.holdings(registry.system_account(region, AccountType.AUCTION))
    there_t = sum(one.total for one in held if one.asset.code == asset)
    on_offer = Auction.objects.filter(region=region, asset=asset, cleared_at=None, cancelled_at=None)
    return there_t - (on_offer.aggregate(sum=Sum("quantity_t"))["sum"] or 0)


def returned_t(region: str, asset: str) -> int:
    """Tell how much that had waited auctions offered, did not sell and gave to the reserve, tonnes.

    What had waited is sold first, so that of an offer only what exceeds the sale comes back.
    """
    rows = Auction.objects.filter(region=region, asset=asset, unsold_rule=Unsold.RESERVE, unsold_t__gt=0)
    return rows.aggregate(sum=Sum(Least("carried_t", "unsold_t")))["sum"] or 0


def auctions_to_count(*, now: datetime) -> list[str]:
    """List the auctions whose time is over and whose bids have not been counted in the log."""
    rows = Auction.objects.filter(closes_at__lte=now, cleared_at=None, cancelled_at=None, count_receipt="")
    return list(rows.order_by("id").values_list("number", flat=True))


@tenancy.everywhere(Why.MARKET)
def bids(number: str, *, organisation: str) -> tuple[BidRow, ...]:
    """List the bids of an auction that an organisation may see: its own, and all of them once it is cleared.

    Args:
        number: auction.
        organisation: unified social credit code of who asks; empty for the public.

    Returns:
        In order of time.
    """
    may_see = Q(organisation=organisation) | Q(auction__cleared_at__isnull=False)
    rows = Bid.objects.filter(may_see, auction__number=number).select_related("auction").order_by("seq")
    return tuple(_bid_row(row) for row in rows)


@tenancy.everywhere(Why.DISCLOSURE)
def auction_file(number: str, *, now: datetime) -> dict[str, Json]:
    """Give all that is needed to compute the result of a cleared auction again, away from here and without names.

    Args:
        number: auction.
        now: when.

    Returns:
        What was announced as it stands in the log, the key, the log's checkpoint after the close, every bid with
        envelope, limits, place in the log and what became of it, and the result. A bidder, and a group of bidders under
        one controller, goes by the number of its first bid.

    Raises:
        Refused: NO_SUCH_AUCTION; AUCTION_CANCELLED; AUCTION_STILL_OPEN before the auction is cleared.

    Source: feature U9; the format is a design choice.
    """
    row = Auction.objects.filter(number=number).first()
    if row is None:
        raise Refused(AuctionRefusal.NO_SUCH_AUCTION, auction=number)
    if row.cancelled_at is not None:
        raise Refused(AuctionRefusal.AUCTION_CANCELLED, auction=number)
    if row.cleared_at is None:
        raise Refused(AuctionRefusal.AUCTION_STILL_OPEN, auction=number, closes=periods.wall_clock(row.closes_at))
    bids = list(Bid.objects.filter(auction=row).order_by("seq"))
    leaves = [row.receipt, row.count_receipt, *(leaf for bid in bids for leaf in (bid.receipt, bid.withdrawal) if leaf)]
    assert row.sealed_size is not None
    proofs = journal.proofs(leaves, size=row.sealed_size)
    return {
        "format": _FILE_FORMAT,
        "auction": row.number,
        "announced": proofs[row.receipt],
        "opened_with": row.opened_with,
        "log_key": journal.signer().verifier_key,
        "checkpoint": journal.note_of(row.sealed_size),
        "counted": proofs[row.count_receipt],
        "bids": [_bid_in_file(bid, proofs) for bid in bids],
        "result": {
            "price_fen_per_t": row.price_fen_per_t,
            "sold_t": row.sold_t,
            "unsold_t": row.unsold_t,
            "demand_t": row.demand_t,
            "bidders": row.bidders,
            "proceeds_fen": row.proceeds_fen,
        },
    }


def _bid_in_file(bid: Bid, proofs: Mapping[str, dict[str, Json]]) -> dict[str, Json]:
    return {
        "bid": bid.number,
        "seq": bid.seq,
        "mark": bid.mark,
        "deposit_fen": bid.deposit_fen,
        "bidder": bid.bidder_seq,
        "limit_t": bid.limit_t,
        "group": bid.group_seq,
        "group_limit_t": bid.group_limit_t,
        "envelope": bytes(bid.envelope).hex(),
        "placed": proofs[bid.receipt],
        "withdrawn": proofs[bid.withdrawal] if bid.withdrawal else None,
        "state": bid.state,
        "void_reason": bid.void_reason,
        "price_fen_per_t": bid.price_fen_per_t,
        "quantity_t": bid.quantity_t,
        "awarded_t": bid.awarded_t,
    }


def _auction_row(row: Auction, now: datetime) -> AuctionRow:
    is_cleared = row.cleared_at is not None
    ended = (is_cleared, row.cancelled_at is not None)
    round_ = core.Round(row.number, row.floor_price_fen_per_t, row.opens_at, row.closes_at, *ended)
    return AuctionRow(
        number=row.number,
        region=row.region,
        kind=AuctionKind(row.kind),
        year=row.year,
        asset=row.asset,
        quantity_t=row.quantity_t,
        floor_price=trace.from_json(row.floor_trace),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        announced_at=row.announced_at,
        opening_key=row.opening_key,
        pricing=Pricing(row.pricing),
        unsold_rule=Unsold(row.unsold_rule),
        carried_t=row.carried_t,
        is_counted=bool(row.count_receipt),
        shares=row.shares,
        state=core.state_of(round_, now=now),
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        result=_result(row) if is_cleared else None,
        receipt=row.receipt,
    )


def _result(row: Auction) -> AuctionResult:
    demand_t = row.demand_t or 0
    return AuctionResult(
        price=trace.from_json(row.price_trace) if row.price_trace else None,
        sold_t=row.sold_t or 0,
        unsold_t=row.unsold_t or 0,
        demand_t=demand_t,
        bidders=row.bidders or 0,
        cover_ratio=awards.cover_ratio(demand_t=demand_t, quantity_t=row.quantity_t),
        proceeds_fen=row.proceeds_fen or 0,
    )


def _bid_row(row: Bid) -> BidRow:
    return BidRow(
        number=row.number,
        auction=row.auction.number,
        seq=row.seq,
        organisation=row.organisation,
        deposit_fen=row.deposit_fen,
        price_fen_per_t=row.price_fen_per_t,
        quantity_t=row.quantity_t,
        awarded_t=row.awarded_t,
        state=BidState(row.state),
        void_reason=VoidReason(row.void_reason) if row.void_reason else None,
        receipt=row.receipt,
        at=row.at,
    )
