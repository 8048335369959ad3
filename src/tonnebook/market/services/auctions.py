"""Paid allowance auctions: announce, open with two shares of the key, clear, deliver against payment."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from tonnebook.core import auction as core
from tonnebook.core import awards, identity, periods, roles, sealed_bids, trace, units
from tonnebook.core.auction import AuctionKind, AuctionTerms, BidState, Unsold
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.sealed_bids import SealedBidRefusal, VoidReason
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market.models import Auction, Bid, KeyShare
from tonnebook.market.services import envelopes, locks, tidings
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

_KIND = "market.announce_auction"
_DECIDED_FIELDS = ["price_fen_per_t", "quantity_t", "void_reason", "awarded_t", "state", "transfer"]


@journal.command(_KIND)
def announce_auction(
    actor: Actor,
    *,
    region: str,
    kind: AuctionKind,
    year: int,
    quantity_t: int,
    opens_at: datetime,
    closes_at: datetime,
    opening_key: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Announce an auction and issue the offered allowances into the region's auction account.

    The floor price is the mean listed price of the whole months before the auction's month times the rule's
    multiplier; without trades the rule book's reference price stands in, with its badge.

    Args:
        actor: officer or exchange staff.
        region: region code.
        kind: early, or last resort before the deadline.
        year: compliance year of the allowances.
        quantity_t: tonnes, > 0.
        opens_at: first instant at which bids are taken.
        closes_at: first instant at which they no longer are.
        opening_key: what bidders encrypt to, 64 hexadecimal digits; its secret is shared out among officers.
        approval: number of the approval by two people, for exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `auction`, `asset`, `floor_price_fen_per_t` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; WINDOW_NOT_AHEAD; NO_OPENING_KEY; what `members.use_approval`
            refuses; NO_FLOOR_PRICE; NO_SUCH_PARAMETER when the region holds no such auction.
        ValueError: when the quantity is not positive.

    Source: S24 (announcements of the Shanghai auctions), by `auction.<kind>.*`.
    """
    members.require(actor, Act.ANNOUNCE_AUCTION)
    roles.check(actor, Act.ANNOUNCE_AUCTION, region=region)
    kind = AuctionKind(kind)
    if quantity_t <= 0:
        raise ValueError("an auction offers at least one tonne")
    core.check_announcement(opens_at=opens_at, closes_at=closes_at, now=now)
    offer = {"region": region, "kind": kind, "year": year, "quantity_t": quantity_t}
    offer |= {"opens_at": opens_at, "closes_at": closes_at, "opening_key": sealed_bids.check_key(opening_key)}
    approved = members.use_approval(approval, kind=_KIND, payload=offer, now=now)
    rules = envelopes.rules_on(region, year, opens_at)
    locks.lock_market(rules.text("region.scheme"))
    terms = core.terms(rules, kind)
    asset = _asset(rules, terms, year)
    floor_price = _floor_price(rules, terms, opens_at)
    row = Auction.objects.create(
        **offer,
        number=_number(region, asset.scheme),
        asset=asset.code,
        floor_price_fen_per_t=floor_price.whole,
        floor_trace=trace.to_json(floor_price),
        rules_digest=rules.digest,
        announced_at=now,
    )
    registry.ensure_assets([asset], now=now)
    registry.post([_issue(row, approved)], now=now)
    return {
        "auction": row.number,
        "asset": row.asset,
        "floor_price_fen_per_t": row.floor_price_fen_per_t,
        "receipt": journal.append(_announced(row), now=now),
    }


@journal.command("market.count_bids")
def count_bids(actor: Actor, *, auction: str, key: str, now: datetime) -> Answer:
    """Say in the public log how many bids an auction has, once its time is over; no bid can be added behind it unseen.

    Args:
        actor: the system's job, or a keeper of a share who does not want to wait for it.
        auction: number.
        key: idempotency key.
        now: when, not before the closing instant.

    Returns:
        `auction`, `bids` and `receipt`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_AUCTION; AUCTION_STILL_OPEN; AUCTION_ALREADY_CLEARED.

    Source: design choice, no legal source (feature U9).
    """
    row = _closed(actor, auction, now)
    if not row.count_receipt:
        entry = journal.Entry("market.auction.bids_counted", {"auction": auction, "bids": row.bid_seq})
        row.count_receipt = journal.append(entry, now=now)
        row.save(update_fields=["count_receipt"])
    return {"auction": auction, "bids": row.bid_seq, "receipt": row.count_receipt}


@journal.command("market.hand_in_share")
def hand_in_share(actor: Actor, *, auction: str, words: str, key: str, now: datetime) -> Answer:
    """Hand in one's share of an auction's secret key, after its close and once every bid stands in the public log.

    Args:
        actor: officer, exchange staff or finance officer of the auction's region.
        auction: number.
        words: the share, as it was written down.
        key: idempotency key.
        now: when, not before the closing instant.

    Returns:
        `auction`, `shares` (how many there are now) and `receipt`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_AUCTION; AUCTION_STILL_OPEN; AUCTION_ALREADY_CLEARED;
            SHARE_UNREADABLE; BIDS_NOT_SEALED_YET; SHARE_GIVEN.

    Source: design choice, no legal source (feature U9): nobody can open a bid, or add one, before all are in the log.
    """
    row, plain = _closed(actor, auction, now), sealed_bids.check_share(words)
    if row.sealed_size is None:
        row.sealed_size = envelopes.sealed_size(row)
    if KeyShare.objects.filter(Q(person=actor.person) | Q(words=plain), auction=row).exists():
        raise Refused(SealedBidRefusal.SHARE_GIVEN, auction=auction)
    KeyShare.objects.create(auction=row, person=actor.person, words=plain, at=now)
    row.shares += 1
    row.save(update_fields=["sealed_size", "shares"])
    facts = {"auction": auction, "by": actor.person, "shares": row.shares}
    receipt = journal.append(journal.Entry("market.auction.share_given", facts), now=now)
    return {"auction": auction, "shares": row.shares, "receipt": receipt}


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
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_AUCTION; AUCTION_STILL_OPEN; AUCTION_ALREADY_CLEARED;
            SHARES_MISSING, SHARES_DO_NOT_FIT.

    Source: S24, clearing rule; unsold allowances by `auction.<kind>.unsold`.
    """
    members.require(actor, Act.CLOSE_AUCTION)
    row = locks.lock_auction(auction)
    roles.check(actor, Act.CLOSE_AUCTION, region=row.region)
    core.check_clearing(envelopes.round_of(row), is_cleared=row.cleared_at is not None, now=now)
    shares = KeyShare.objects.filter(auction=row).order_by("id").values_list("words", flat=True)
    secret = sealed_bids.combine(auction, list(shares), opening_key=row.opening_key)
    rules = envelopes.rules_on(row.region, row.year, row.opens_at)
    terms = core.terms(rules, AuctionKind(row.kind))
    bids = list(Bid.objects.filter(auction=row, state=BidState.STANDING).order_by("seq"))
    envelopes.open_bids(row, bids, secret)
    valid = [bid for bid in bids if not bid.void_reason]
    outcome = awards.clear(
        [_as_core(bid) for bid in valid],
        quantity_t=row.quantity_t,
        floor_price_fen_per_t=row.floor_price_fen_per_t,
        rule=terms.clearing,
    )
    given = {award.seq: award for award in outcome.awards}
    for bid in bids:
        bid.state, bid.awarded_t = (BidState.VOID, 0) if bid.void_reason else core.decided(_as_core(bid), given)
    _deliver(actor, row, bids, outcome, rules=rules, now=now)
    Bid.objects.bulk_update(bids, _DECIDED_FIELDS, batch_size=1000)
    row.opened_with = secret.hex()
    _save_result(row, outcome, now)
    receipts = journal.append_many([_cleared(row), *(_decided(bid) for bid in bids)], now=now)
    tidings.tell_of_bids(bids, auction=row.number, now=now)
    return {
        "auction": auction,
        "price_fen_per_t": row.price_fen_per_t,
        "sold_t": row.sold_t,
        "unsold_t": row.unsold_t,
        "bidders": row.bidders,
        "receipt": receipts[0],
    }


# An auction whose time is over, locked for somebody who keeps a share of its key.
def _closed(actor: Actor, auction: str, now: datetime) -> Auction:
    members.require(actor, Act.HAND_IN_SHARE)
    row = locks.lock_auction(auction)
    roles.check(actor, Act.HAND_IN_SHARE, region=row.region)
    core.check_clearing(envelopes.round_of(row), is_cleared=row.cleared_at is not None, now=now)
    return row


def _issue(row: Auction, approved: members.ApprovedBy) -> registry.TransferDraft:
    leg = registry.Leg(_system(row, AccountType.ISSUANCE), _system(row, AccountType.AUCTION), row.asset, row.quantity_t)
    signed = (approved.initiator, approved.approver)
    return registry.TransferDraft(TransferType.ISSUE_TO_AUCTION, (leg,), *signed, subject=row.number)


def _as_core(bid: Bid) -> awards.Bid:
    assert bid.price_fen_per_t is not None
    assert bid.quantity_t is not None
    return awards.Bid(bid.seq, bid.organisation, bid.price_fen_per_t, bid.quantity_t)


def _asset(rules: RulesAt, terms: AuctionTerms, year: int) -> AssetKey:
    scheme = rules.text("region.scheme")
    if terms.own_surrender_only:
        return AssetKey(f"{scheme}-{year}-OWN", AssetKind.ALLOWANCE, scheme, year, "PAID", "OWN_SURRENDER")
    return AssetKey(f"{scheme}-{year}-PAID", AssetKind.ALLOWANCE, scheme, year, "PAID", "")


def _floor_price(rules: RulesAt, terms: AuctionTerms, opens_at: datetime) -> trace.Traced:
    window = core.price_window(periods.day_of(opens_at), terms.window_months)
    mean = queries.vwap_fen_per_t(rules.text("region.scheme"), from_on=window.from_on, to_on=window.to_on, rules=rules)
    return core.floor_price(mean, terms.floor_multiplier, terms.floor_ceiling)


def _number(region: str, scheme: str) -> str:
    # Announcements of a region take turns on its instruments, so a count is never given twice.
    return identity.numbered(f"{scheme}-A", Auction.objects.filter(region=region).count() + 1, digits=3)


def _system(row: Auction, type_: AccountType) -> str:
    return accounts.system_account(row.region, type_)


def _deliver(
    actor: Actor, row: Auction, bids: Sequence[Bid], outcome: awards.Outcome, *, rules: RulesAt, now: datetime
) -> None:
    price_fen_per_t, cash = outcome.price.whole if outcome.price else 0, rules.text("region.cash")
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
    unsold = core.terms(rules, AuctionKind(row.kind)).unsold
    posted = registry.post([*drafts, *_returns(actor, row, outcome.unsold_t, unsold)], now=now)
    for bid, transfer in zip(winners, posted[: len(winners)], strict=True):
        bid.transfer = transfer.number
    held = [bid for bid in bids if bid.void_reason != VoidReason.RESERVE_LOST]
    rest = [bid.hold for bid in held if _due_fen(bid, price_fen_per_t) < bid.deposit_fen]
    registry.release_holds(rest, now=now)


def _due_fen(bid: Bid, price_fen_per_t: int) -> int:
    return units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=bid.awarded_t)


def _returns(actor: Actor, row: Auction, unsold_t: int, rule: Unsold) -> list[registry.TransferDraft]:
    if not unsold_t:
        return []
    # What goes back to the authority is cancelled: a serial number once issued is never issued again.
    target = AccountType.RESERVE if rule is Unsold.RESERVE else AccountType.CANCELLATION
    leg = registry.Leg(_system(row, AccountType.AUCTION), _system(row, target), row.asset, unsold_t)
    return [registry.TransferDraft(TransferType.RETURN_UNSOLD, (leg,), actor.person, subject=row.number)]


def _save_result(row: Auction, outcome: awards.Outcome, now: datetime) -> None:
    row.cleared_at = now
    row.price_fen_per_t = outcome.price.whole if outcome.price else None
    row.price_trace = trace.to_json(outcome.price) if outcome.price else None
    row.sold_t, row.unsold_t = outcome.sold_t, outcome.unsold_t
    row.demand_t, row.bidders = outcome.demand_t, outcome.bidders
    result = [
        "opened_with",
        "cleared_at",
        "price_fen_per_t",
        "price_trace",
        "sold_t",
        "unsold_t",
        "demand_t",
        "bidders",
    ]
    row.save(update_fields=result)


def _announced(row: Auction) -> journal.Entry:
    facts = {
        "auction": row.number,
        "kind": row.kind,
        "year": row.year,
        "asset": row.asset,
        "quantity_t": row.quantity_t,
        "floor_price_fen_per_t": row.floor_price_fen_per_t,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "opening_key": row.opening_key,
        "rules_digest": row.rules_digest,
    }
    return journal.Entry("market.auction.announced", facts)


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


def _decided(bid: Bid) -> journal.Entry:
    facts = {
        "bid": bid.number,
        "auction": bid.auction.number,
        "state": bid.state,
        "void_reason": bid.void_reason,
        "price_fen_per_t": bid.price_fen_per_t,
        "quantity_t": bid.quantity_t,
        "awarded_t": bid.awarded_t,
    }
    return journal.Entry("market.bid.decided", facts, {"organisation": bid.organisation})
