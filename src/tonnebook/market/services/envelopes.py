"""The envelopes of an auction: counted in the public log before any share is taken, and opened all at once."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context

from tonnebook import rulebook
from tonnebook.core import auction as core
from tonnebook.core import periods, sealed_bids
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.core.sealed_bids import Offer, Opened, SealedBidRefusal
from tonnebook.journal import queries as journal
from tonnebook.market.models import Auction
from tonnebook.market.services import voids
from tonnebook.market.services.closing_bids import ClosingBid


def sealed_size(row: Auction) -> int:
    """Give the size of the first checkpoint over the count of an auction's bids, which stands behind all of them.

    Args:
        row: locked.

    Returns:
        The size of the log at the first such checkpoint.

    Raises:
        Refused: BIDS_NOT_SEALED_YET when there is none so far.
    """
    found = journal.checkpoint_over(row.count_receipt) if row.count_receipt else None
    if found is None:
        raise Refused(SealedBidRefusal.BIDS_NOT_SEALED_YET, auction=row.number)
    return found.size


def open_bids(row: Auction, bids: Sequence[ClosingBid], secret: bytes) -> None:
    """Open all standing bids of an auction and mark those that are void, in memory."""
    gone = voids.without_reserve(bids)
    offers = _offers(
        [(bid.envelope, sealed_bids.context(row.number, mark=bid.mark, deposit_fen=bid.deposit_fen)) for bid in bids],
        secret,
    )
    opened = (
        Opened(
            bid.seq,
            str(bid.bidder_seq),
            offer,
            bid.deposit_fen,
            bid.limit_t,
            group=str(bid.group_seq),
            group_limit_t=bid.group_limit_t,
            has_reserve=bid.seq not in gone,
        )
        for bid, offer in zip(bids, offers, strict=True)
    )
    reasons = sealed_bids.void(opened, floor_price_fen_per_t=row.floor_price_fen_per_t, bid_t_min=row.bid_t_min)
    for bid, offer in zip(bids, offers, strict=True):
        bid.void_reason = reasons.get(bid.seq, "")
        if offer is not None:
            bid.price_fen_per_t, bid.quantity_t = offer.price_fen_per_t, offer.quantity_t


# Opening keeps Python's lock: other cores help in processes of their own only, and to start one takes as long as to
# open this many.
_WORTH_A_PROCESS = 10_000


def _offers(envelopes: Sequence[tuple[bytes, bytes]], secret: bytes) -> list[Offer | None]:
    shares = min(os.cpu_count() or 1, len(envelopes) // _WORTH_A_PROCESS)
    if shares < 2:
        return sealed_bids.open_envelopes(envelopes, secret=secret)
    size = -(-len(envelopes) // shares)
    own, *others = (envelopes[begun : begun + size] for begun in range(0, len(envelopes), size))
    with ProcessPoolExecutor(len(others), mp_context=get_context("spawn")) as helpers:
        told = [helpers.submit(sealed_bids.open_envelopes, share, secret=secret) for share in others]
        offers = sealed_bids.open_envelopes(own, secret=secret)
        return [*offers, *(offer for one in told for offer in one.result())]


def round_of(row: Auction) -> core.Round:
    """Turn an auction into what the core calls a round."""
    ended = (row.cleared_at is not None, row.cancelled_at is not None)
    return core.Round(row.number, row.floor_price_fen_per_t, row.opens_at, row.closes_at, *ended)


def rules_of(row: Auction) -> RulesAt:
    """Give the rules of an auction, as `rules_on`."""
    return rules_on(row.region, row.year, row.opens_at)


def rules_on(region: str, year: int, opens_at: datetime) -> RulesAt:
    """Give the rules of the day on which an auction opens, fixed by its announcement whenever they are asked for."""
    return rulebook.at(region, on=periods.day_of(opens_at), year=year)
