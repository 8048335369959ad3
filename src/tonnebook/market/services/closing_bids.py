"""The standing bids of an auction as it ends: read into memory, decided there, written back and told of in the log.

A row of the table is not made an object for each: an auction may have a hundred thousand bids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tonnebook.core.auction import BidState
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.market.models import Auction, Bid
from tonnebook.market.services import batches

# So many bids are told of under one root.
_A_BATCH = 10_000
_PLACED = (
    *("id", "number", "seq", "organisation", "unit_account", "cash_account", "mark", "envelope", "deposit_fen"),
    *("limit_t", "bidder_seq", "group_seq", "group_limit_t", "hold"),
)


@dataclass(slots=True)
class ClosingBid:
    """A bid as it was placed, and what becomes of it; price and quantity stay None where its envelope stays closed."""

    id: int
    number: str
    seq: int
    organisation: str
    unit_account: str
    cash_account: str
    mark: str
    envelope: bytes
    deposit_fen: int
    limit_t: int | None
    bidder_seq: int
    group_seq: int
    group_limit_t: int | None
    hold: str
    price_fen_per_t: int | None = None
    quantity_t: int | None = None
    void_reason: str = ""
    awarded_t: int = 0
    state: BidState = BidState.STANDING
    transfer: str = ""


def standing(row: Auction) -> list[ClosingBid]:
    """Read the bids of an auction that stand, in order of time; whoever locked the auction is alone with them."""
    found = Bid.objects.filter(auction=row, state=BidState.STANDING).order_by("seq")
    return [ClosingBid(*placed) for placed in found.values_list(*_PLACED)]


def keep(row: Auction, bids: Sequence[ClosingBid], *, now: datetime) -> None:
    """Write down what became of bids, and tell of them in the log: one leaf with a root over each ten thousand.

    Args:
        row: the auction, locked.
        bids: decided.
        now: when.

    Source: design choice, no legal source (feature U9).
    """
    if not bids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [",".join(column) for column in zip(*map(_outcome, bids), strict=True)])
    for begun in range(0, len(bids), _A_BATCH):
        entries = [_decided(row, bid) for bid in bids[begun : begun + _A_BATCH]]
        leaves, lines = batches.bundled(row.region, entries, now=now)
        rows.write(leaves.write, lines)


# Whole numbers, codes and account numbers only: a column travels as one text, ten times faster than as an array.
def _outcome(bid: ClosingBid) -> list[str]:
    told = (bid.id, bid.price_fen_per_t, bid.quantity_t, bid.void_reason, bid.awarded_t, bid.state, bid.transfer)
    return ["-" if one in (None, "") else str(one) for one in told]


_DECIDED = """
UPDATE market_bid AS bid
SET price_fen_per_t = told.price, quantity_t = told.quantity, void_reason = coalesce(told.reason, ''),
    awarded_t = told.awarded, state = told.state, transfer = coalesce(told.transfer, '')
FROM unnest(
    string_to_array(%s, ',')::bigint[], string_to_array(%s, ',', '-')::bigint[],
    string_to_array(%s, ',', '-')::bigint[], string_to_array(%s, ',', '-'), string_to_array(%s, ',')::bigint[],
    string_to_array(%s, ','), string_to_array(%s, ',', '-')
) AS told (id, price, quantity, reason, awarded, state, transfer)
WHERE bid.id = told.id
"""


def _decided(row: Auction, bid: ClosingBid) -> journal.Entry:
    facts = {
        "bid": bid.number,
        "auction": row.number,
        "state": bid.state,
        "void_reason": bid.void_reason,
        "price_fen_per_t": bid.price_fen_per_t,
        "quantity_t": bid.quantity_t,
        "awarded_t": bid.awarded_t,
    }
    return journal.Entry("market.bid.decided", facts, {"organisation": bid.organisation})
