"""How an auction ends: opened, cleared and delivered against payment, or cancelled with all deposits free again.

A buyer cannot fail to pay: what a bid can cost at most lies in its deposit, units and money change places in one
transaction, and a bid whose deposit a court took is void before anything is cleared.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import connection

from tonnebook.core import auction as core
from tonnebook.core import award_columns, awards, roles, sealed_bids, trace, units
from tonnebook.core.auction import AuctionKind, BidState, Unsold
from tonnebook.core.award_columns import Cleared
from tonnebook.core.awards import ClearingRule, Shortage, TieBreak
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.sealed_bids import VoidReason
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Auction, Bid, KeyShare
from tonnebook.market.services import envelopes, locks, tidings
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

_CANCEL = "market.cancel_auction"


@journal.command("market.close_auction")
def close_auction(actor: Actor, *, auction: str, key: str, now: datetime) -> Answer:
    """Open and clear an auction: deliver against payment at one price, set the rest free, dispose of the unsold.

    Args:
        actor: exchange staff of the auction's region.
        auction: number.
        key: idempotency key.
        now: when, not before the closing instant.

    Returns:
        `auction`, `price_fen_per_t` (None when nothing was sold), `sold_t`, `unsold_t`, `bidders` and `receipt`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_AUCTION; AUCTION_STILL_OPEN; AUCTION_ALREADY_CLEARED,
            AUCTION_CANCELLED; SHARES_MISSING, SHARES_DO_NOT_FIT.

    Source: S24, clearing rule; unsold allowances by `auction.<kind>.unsold`.
    """
    members.require(actor, Act.CLOSE_AUCTION)
    row = locks.lock_auction(auction)
    roles.check(actor, Act.CLOSE_AUCTION, region=row.region)
    core.check_clearing(envelopes.round_of(row), now=now)
    shares = KeyShare.objects.filter(auction=row).order_by("id").values_list("words", flat=True)
    secret = sealed_bids.combine(auction, list(shares), opening_key=row.opening_key)
    bids = list(Bid.objects.filter(auction=row, state=BidState.STANDING).order_by("seq"))
    envelopes.open_bids(row, bids, secret)
    cleared = _clear(row, bids)
    _deliver(actor, row, bids, cleared, now=now)
    row.opened_with = secret.hex()
    _save_result(row, bids, cleared, now)
    receipts = journal.append_many([_cleared(row), *(_decided(row, bid) for bid in bids)], now=now)
    tidings.tell_of_bids(bids, auction=row.number, now=now)
    return {
        "auction": auction,
        "price_fen_per_t": row.price_fen_per_t,
        "sold_t": row.sold_t,
        "unsold_t": row.unsold_t,
        "bidders": row.bidders,
        "receipt": receipts[0],
    }


@journal.command(_CANCEL)
def cancel_auction(actor: Actor, *, auction: str, reason: str, approval: str, key: str, now: datetime) -> Answer:
    """Cancel an auction before it is cleared: no bid is opened, every deposit is free again, the offer goes back.

    Args:
        actor: officer or exchange staff of the auction's region.
        auction: number.
        reason: as it is published.
        approval: number of the approval by two people, for exactly these arguments.
        key: idempotency key.
        now: when, before or after the close.

    Returns:
        `auction`, `bids` (how many were set free) and `receipt`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_AUCTION; AUCTION_ALREADY_CLEARED, AUCTION_CANCELLED; what
            `members.use_approval` refuses.
        ValueError: when no reason is given.

    Source: design choice, no legal source: the announcements do not speak of it.
    """
    members.require(actor, Act.ANNOUNCE_AUCTION)
    if not reason.strip():
        raise ValueError("whoever cancels an auction says why")
    row = locks.lock_auction(auction)
    roles.check(actor, Act.ANNOUNCE_AUCTION, region=row.region)
    core.check_not_ended(envelopes.round_of(row))
    members.use_approval(approval, kind=_CANCEL, payload={"auction": auction, "reason": reason}, now=now)
    standing = Bid.objects.filter(auction=row, state=BidState.STANDING)
    bids = list(standing.order_by("seq"))
    registry.release_holds([bid.hold for bid in bids], now=now)
    standing.update(state=BidState.CANCELLED)
    registry.post(_returns(actor, row, row.quantity_t), now=now)
    row.cancelled_at, row.cancel_reason, row.sold_t, row.unsold_t = now, reason, 0, row.quantity_t
    row.save(update_fields=["cancelled_at", "cancel_reason", "sold_t", "unsold_t"])
    facts = {"auction": auction, "reason": reason, "bids": len(bids), "unsold_t": row.unsold_t}
    receipt = journal.append(journal.Entry("market.auction.cancelled", facts), now=now)
    for bid in bids:
        bid.state = BidState.CANCELLED
    tidings.tell_of_bids(bids, auction=auction, now=now)
    return {"auction": auction, "bids": len(bids), "receipt": receipt}


# The bids that are not void, as columns; what became of each is written back to its row.
def _clear(row: Auction, bids: Sequence[Bid]) -> Cleared:
    valid = [bid for bid in bids if not bid.void_reason]
    bidder, price, quantity_t = (
        np.array([getattr(bid, name) for bid in valid], np.int64)
        for name in ("bidder_seq", "price_fen_per_t", "quantity_t")
    )
    cleared = award_columns.clear(
        bidder,
        price,
        quantity_t,
        offered_t=row.quantity_t,
        floor_price_fen_per_t=row.floor_price_fen_per_t,
        rule=ClearingRule(Shortage(row.shortage), TieBreak(row.tie_break), row.bidders_min),
    )
    for bid in bids:
        bid.state = BidState.VOID
    for bid, awarded_t in zip(valid, cleared.awarded_t.tolist(), strict=True):
        bid.awarded_t, bid.state = awarded_t, core.state_of_bid(awarded_t, asked_t=bid.quantity_t or 0)
    return cleared


def _deliver(actor: Actor, row: Auction, bids: Sequence[Bid], cleared: Cleared, *, now: datetime) -> None:
    price_fen_per_t, cash = cleared.price_fen_per_t or 0, envelopes.rules_of(row).text("region.cash")
    auction_account, treasury = _system(row, AccountType.AUCTION), _system(row, AccountType.TREASURY)
    winners = [bid for bid in bids if bid.awarded_t]
    drafts = [
        registry.TransferDraft(
            TransferType.DELIVER_AUCTION,
            (
                registry.Leg(
                    auction_account, bid.unit_account, row.asset, bid.awarded_t, price_fen_per_t=price_fen_per_t
                ),
                registry.Leg(bid.cash_account, treasury, cash, _due_fen(bid, price_fen_per_t), bid.hold),
            ),
            actor.person,
            subject=bid.number,
        )
        for bid in winners
    ]
    posted = registry.post([*drafts, *_returns(actor, row, row.quantity_t - cleared.sold_t)], now=now)
    for bid, transfer in zip(winners, posted[: len(winners)], strict=True):
        bid.transfer = transfer.number
    held = [bid for bid in bids if bid.void_reason != VoidReason.RESERVE_LOST]
    rest = [bid.hold for bid in held if _due_fen(bid, price_fen_per_t) < bid.deposit_fen]
    registry.release_holds(rest, now=now)


def _due_fen(bid: Bid, price_fen_per_t: int) -> int:
    return units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=bid.awarded_t)


def _returns(actor: Actor, row: Auction, unsold_t: int) -> list[registry.TransferDraft]:
    if not unsold_t:
        return []
    rule = core.terms(envelopes.rules_of(row), AuctionKind(row.kind)).unsold
    # What goes back to the authority is cancelled: a serial number once issued is never issued again.
    target = AccountType.RESERVE if rule is Unsold.RESERVE else AccountType.CANCELLATION
    leg = registry.Leg(_system(row, AccountType.AUCTION), _system(row, target), row.asset, unsold_t)
    return [registry.TransferDraft(TransferType.RETURN_UNSOLD, (leg,), actor.person, subject=row.number)]


def _system(row: Auction, type_: AccountType) -> str:
    return accounts.system_account(row.region, type_)


def _save_result(row: Auction, bids: Sequence[Bid], cleared: Cleared, now: datetime) -> None:
    row.cleared_at, row.price_fen_per_t = now, cleared.price_fen_per_t
    if cleared.price_fen_per_t is not None:
        filled = (bid.price_fen_per_t or 0 for bid in bids if bid.awarded_t)
        row.price_trace = trace.to_json(awards.uniform_price(cleared.price_fen_per_t, filled))
    row.sold_t, row.unsold_t = cleared.sold_t, row.quantity_t - cleared.sold_t
    row.demand_t, row.bidders = cleared.demand_t, cleared.bidders
    result = ("cleared_at", "price_fen_per_t", "price_trace", "sold_t", "unsold_t", "demand_t", "bidders")
    row.save(update_fields=["opened_with", *result])
    columns = zip(*map(_outcome, bids), strict=True) if bids else [()] * 7
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [list(column) for column in columns])


def _outcome(bid: Bid) -> tuple[object, ...]:
    told = (bid.price_fen_per_t, bid.quantity_t, str(bid.void_reason))
    return bid.pk, *told, bid.awarded_t, str(bid.state), bid.transfer


_DECIDED = """
UPDATE market_bid AS bid
SET price_fen_per_t = told.price, quantity_t = told.quantity, void_reason = told.reason, awarded_t = told.awarded,
    state = told.state, transfer = told.transfer
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[])
    AS told (id, price, quantity, reason, awarded, state, transfer)
WHERE bid.id = told.id
"""


def _cleared(row: Auction) -> journal.Entry:
    facts = {
        "auction": row.number,
        "price_fen_per_t": row.price_fen_per_t,
        "sold_t": row.sold_t,
        "unsold_t": row.unsold_t,
        "demand_t": row.demand_t,
        "bidders": row.bidders,
        "opened_with": row.opened_with,
    }
    return journal.Entry("market.auction.cleared", facts)


def _decided(row: Auction, bid: Bid) -> journal.Entry:
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
