"""What auctions bring in: winners are told what they paid, and the finance bureau records receipts and use."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Sum

from tonnebook.core import identity, periods, proceeds, roles
from tonnebook.core.awards import Pricing, paid_fen_per_t
from tonnebook.core.errors import Refused
from tonnebook.core.proceeds import ProceedsRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Auction, PaymentNotice, TreasuryReceipt, UseOfProceeds
from tonnebook.market.services import batches, locks
from tonnebook.market.services.closing_bids import ClosingBid
from tonnebook.members import services as members

_NOTICE = ("number", "region", "auction_id", "organisation", "quantity_t", "amount_fen", "transfer", "at")
_RECEIPT = ("number", "region", "notice_id", "amount_fen", "received_on", "person", "at")


def give_notices(row: Auction, winners: Sequence[ClosingBid], *, now: datetime) -> None:
    """Give each winner of an auction the notice of what it pays, within the command that clears it.

    Args:
        row: the auction, cleared.
        winners: bids with an award, delivered and paid by one transfer.
        now: when.

    Source: design choice, no legal source (feature U11).
    """
    if not winners:
        return
    awards = ((bid.organisation, bid.awarded_t, paid(row, bid)) for bid in winners)
    dues = [
        (identity.numbered(f"{row.number}-P", place, digits=3), due)
        for place, due in enumerate(proceeds.dues(awards), 1)
    ]
    entries = [
        journal.Entry(
            "market.payment.noticed",
            {"notice": number, "auction": row.number},
            {"organisation": due.organisation, "quantity_t": due.quantity_t, "amount_fen": due.amount_fen},
        )
        for number, due in dues
    ]
    leaves, lines = batches.bundled(row.region, entries, now=now)
    told = (
        (number, row.region, row.pk, due.organisation, due.quantity_t, due.amount_fen, winners[0].transfer, now)
        for number, due in dues
    )
    rows.write(leaves.write, lines, rows.insertion(PaymentNotice, _NOTICE, told))


def paid(row: Auction, bid: ClosingBid) -> int:
    """Say what a bid with an award pays, fen per tonne."""
    bid_fen_per_t, price_fen_per_t = bid.price_fen_per_t or 0, row.price_fen_per_t or 0
    return paid_fen_per_t(Pricing(row.pricing), bid_fen_per_t=bid_fen_per_t, price_fen_per_t=price_fen_per_t)


@journal.command("market.record_receipts")
def record_receipts(actor: Actor, *, auction: str, first: str, received_on: date, key: str, now: datetime) -> Answer:
    """Record the treasury's receipts for all payment notices of an auction that have none, by running numbers.

    Args:
        actor: finance officer of the auction's region.
        auction: number.
        first: number of the first receipt; the others count on from it, in order of the notices.
        received_on: day on which the money lay in the treasury.
        key: idempotency key.
        now: when.

    Returns:
        `auction`, `receipts` (how many), `amount_fen` and `last` (number of the last one).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_AUCTION; NOTHING_TO_RECEIVE; NOT_A_DAY_OF_RECEIPT,
            RECEIPT_NUMBER_WRONG, RECEIPT_NUMBER_TAKEN.

    Source: design choice, no legal source (feature U11).
    """
    del key
    members.require(actor, Act.RECORD_PROCEEDS)
    row = locks.lock_auction(auction)
    roles.check(actor, Act.RECORD_PROCEEDS, region=row.region)
    open_ = list(PaymentNotice.objects.filter(auction=row, receipt=None).order_by("id"))
    if not open_:
        raise Refused(ProceedsRefusal.NOTHING_TO_RECEIVE, auction=auction)
    from_on, to_on = periods.day_of(open_[0].at), periods.day_of(now)
    if not from_on <= received_on <= to_on:
        raise Refused(ProceedsRefusal.NOT_A_DAY_OF_RECEIPT, from_on=from_on, to_on=to_on)
    numbers = proceeds.receipt_numbers(first, len(open_))
    if TreasuryReceipt.objects.filter(region=row.region, number__in=numbers).exists():
        raise Refused(ProceedsRefusal.RECEIPT_NUMBER_TAKEN, first=first, last=numbers[-1])
    entries = [
        journal.Entry(
            "market.treasury.receipted",
            {"receipt": number, "notice": notice.number, "received_on": received_on, "by": actor.person},
            {"amount_fen": notice.amount_fen},
        )
        for number, notice in zip(numbers, open_, strict=True)
    ]
    leaves, lines = batches.bundled(row.region, entries, now=now)
    told = (
        (number, row.region, notice.pk, notice.amount_fen, received_on, actor.person, now)
        for number, notice in zip(numbers, open_, strict=True)
    )
    rows.write(leaves.write, lines, rows.insertion(TreasuryReceipt, _RECEIPT, told))
    amount_fen = sum(notice.amount_fen for notice in open_)
    return {"auction": auction, "receipts": len(open_), "amount_fen": amount_fen, "last": numbers[-1]}


@journal.command("market.state_use")
def state_use(actor: Actor, *, year: int, purpose: str, amount_fen: int, key: str, now: datetime) -> Answer:
    """State what a part of a region's proceeds was used for; it is published at once.

    Args:
        actor: finance officer; of the own region.
        year: of the budget.
        purpose: as it is published.
        amount_fen: fen; below zero to take back what was stated wrongly.
        key: idempotency key.
        now: when.

    Returns:
        `amount_fen` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; BEYOND_RECEIVED.
        ValueError: when no purpose or no amount is given.

    Source: design choice, no legal source (feature U11).
    """
    del key
    members.require(actor, Act.RECORD_PROCEEDS)
    if not purpose.strip() or not amount_fen:
        raise ValueError("whoever states a use says for what and how much")
    locks.lock_region(actor.region)
    received_fen, used_fen = (
        found.filter(region=actor.region).aggregate(sum=Sum("amount_fen"))["sum"] or 0
        for found in (TreasuryReceipt.objects, UseOfProceeds.objects)
    )
    proceeds.check_use(amount_fen, used_fen=used_fen, received_fen=received_fen)
    told = {"region": actor.region, "year": year, "purpose": purpose, "amount_fen": amount_fen}
    leaf = journal.append(journal.Entry("market.proceeds.used", {**told, "by": actor.person}), now=now)
    UseOfProceeds.objects.create(**told, person=actor.person, leaf_hash=leaf, at=now)
    return {"amount_fen": amount_fen, "receipt": leaf}
