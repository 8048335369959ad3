"""How an auction ends: opened, cleared and delivered against payment, or cancelled with all deposits free again.

A buyer cannot fail to pay: what a bid can cost at most lies in its deposit, units and money change places in one
transaction, and a bid whose deposit a court took is void before anything is cleared.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from tonnebook.core import auction as core
from tonnebook.core import award_columns, awards, roles, sealed_bids, trace
from tonnebook.core.auction import BidState, Unsold
from tonnebook.core.award_columns import Cleared
from tonnebook.core.awards import ClearingRule, Pricing, Shortage, TieBreak
from tonnebook.core.ledger import AccountType, Delivery, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.sealed_bids import VoidReason
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Auction, KeyShare
from tonnebook.market.services import closing_bids, envelopes, locks, proceeds, tidings
from tonnebook.market.services.closing_bids import ClosingBid
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
    bids = closing_bids.standing(row)
    envelopes.open_bids(row, bids, secret)
    cleared = _clear(row, bids)
    row.price_fen_per_t = cleared.price_fen_per_t
    _deliver(actor, row, bids, cleared, now=now)
    row.opened_with = secret.hex()
    _save_result(row, bids, cleared, now)
    receipt = journal.append(_cleared(row), now=now)
    closing_bids.keep(row, bids, now=now)
    tidings.tell_of_bids(bids, auction=row.number, now=now)
    return {
        "auction": auction,
        "price_fen_per_t": row.price_fen_per_t,
        "sold_t": row.sold_t,
        "unsold_t": row.unsold_t,
        "bidders": row.bidders,
        "receipt": receipt,
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
    bids = closing_bids.standing(row)
    registry.release_holds([bid.hold for bid in bids], now=now)
    for bid in bids:
        bid.state = BidState.CANCELLED
    closing_bids.keep(row, bids, now=now)
    registry.post(_returns(actor, row, row.quantity_t), now=now)
    row.cancelled_at, row.cancel_reason, row.sold_t, row.unsold_t = now, reason, 0, row.quantity_t
    row.save(update_fields=["cancelled_at", "cancel_reason", "sold_t", "unsold_t"])
    facts = {"auction": auction, "reason": reason, "bids": len(bids), "unsold_t": row.unsold_t}
    receipt = journal.append(journal.Entry("market.auction.cancelled", facts), now=now)
    tidings.tell_of_bids(bids, auction=auction, now=now)
    return {"auction": auction, "bids": len(bids), "receipt": receipt}


# The bids that are not void, as columns; what became of each is written back to its row.
def _clear(row: Auction, bids: Sequence[ClosingBid]) -> Cleared:
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
        rule=ClearingRule(Shortage(row.shortage), TieBreak(row.tie_break), row.bidders_min, Pricing(row.pricing)),
    )
    for bid in bids:
        bid.state = BidState.VOID
    for bid, awarded_t in zip(valid, cleared.awarded_t.tolist(), strict=True):
        bid.awarded_t, bid.state = awarded_t, core.state_of_bid(awarded_t, asked_t=bid.quantity_t or 0)
    return cleared


# Every award in one transfer; with it all deposits end, and what is left of them is free again.
def _deliver(actor: Actor, row: Auction, bids: Sequence[ClosingBid], cleared: Cleared, *, now: datetime) -> None:
    held = {bid.hold: bid.cash_account for bid in bids if bid.void_reason != VoidReason.RESERVE_LOST}
    winners = [bid for bid in bids if bid.awarded_t]
    if winners:
        sides = (_system(row, AccountType.AUCTION), _system(row, AccountType.TREASURY))
        draft = registry.DeliveryDraft(
            [_award(row, bid, sides) for bid in winners],
            envelopes.rules_of(row).text("region.cash"),
            _system(row, AccountType.FEES),
            actor.person,
            subject=row.number,
            type=TransferType.DELIVER_AUCTION,
            ended=held,
        )
        number = registry.deliver_trades(draft, now=now).number
        for bid in winners:
            bid.transfer = number
        proceeds.give_notices(row, winners, now=now)
    else:
        registry.release_holds(list(held), now=now)
    registry.post(_returns(actor, row, row.quantity_t - cleared.sold_t), now=now)


def _award(row: Auction, bid: ClosingBid, sides: tuple[str, str]) -> Delivery:
    seller, treasury = sides
    return Delivery(
        seller=seller,
        buyer=bid.unit_account,
        asset=row.asset,
        quantity_t=bid.awarded_t,
        price_fen_per_t=proceeds.paid(row, bid),
        seller_hold="",
        buyer_cash=bid.cash_account,
        seller_cash=treasury,
        buyer_hold=bid.hold,
    )


def _returns(actor: Actor, row: Auction, unsold_t: int) -> list[registry.TransferDraft]:
    if not unsold_t or row.unsold_rule == Unsold.NEXT_AUCTION:
        return []
    target = AccountType.RESERVE if row.unsold_rule == Unsold.RESERVE else AccountType.CANCELLATION
    leg = registry.Leg(_system(row, AccountType.AUCTION), _system(row, target), row.asset, unsold_t)
    return [registry.TransferDraft(TransferType.RETURN_UNSOLD, (leg,), actor.person, subject=row.number)]


def _system(row: Auction, type_: AccountType) -> str:
    return accounts.system_account(row.region, type_)


def _save_result(row: Auction, bids: Sequence[ClosingBid], cleared: Cleared, now: datetime) -> None:
    row.cleared_at, row.proceeds_fen = now, sum(bid.awarded_t * proceeds.paid(row, bid) for bid in bids)
    if cleared.price_fen_per_t is not None:
        filled = (bid.price_fen_per_t or 0 for bid in bids if bid.awarded_t)
        row.price_trace = trace.to_json(awards.price(cleared.price_fen_per_t, filled, pricing=Pricing(row.pricing)))
    row.sold_t, row.unsold_t = cleared.sold_t, row.quantity_t - cleared.sold_t
    row.demand_t, row.bidders = cleared.demand_t, cleared.bidders
    result = (
        "cleared_at",
        "price_fen_per_t",
        "price_trace",
        "sold_t",
        "unsold_t",
        "demand_t",
        "bidders",
        "proceeds_fen",
    )
    row.save(update_fields=["opened_with", *result])


def _cleared(row: Auction) -> journal.Entry:
    facts = {
        "auction": row.number,
        "price_fen_per_t": row.price_fen_per_t,
        "sold_t": row.sold_t,
        "unsold_t": row.unsold_t,
        "demand_t": row.demand_t,
        "bidders": row.bidders,
        "proceeds_fen": row.proceeds_fen,
        "opened_with": row.opened_with,
    }
    return journal.Entry("market.auction.cleared", facts)
