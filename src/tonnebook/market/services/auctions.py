"""Paid allowance auctions: announced by two people, counted after the close, their key brought together from shares."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.db.models import Q

from tonnebook.core import auction as core
from tonnebook.core import identity, periods, roles, sealed_bids, trace
from tonnebook.core.auction import AuctionKind, AuctionTerms
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.sealed_bids import SealedBidRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market.models import Auction, KeyShare
from tonnebook.market.services import envelopes, locks
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

_KIND = "market.announce_auction"


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
    """Announce an auction and issue the offered allowances into the region's auction account, less what waits there.

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
    row = _drafted({**offer, "announced_at": now}, rules, terms, asset)
    # What earlier auctions left, or the reserve released, is offered first.
    row.carried_t = min(quantity_t, queries.waiting_t(region, asset.code))
    row.receipt = journal.append(_announced(row), now=now)
    row.save(force_insert=True)
    registry.ensure_assets([asset], now=now)
    if row.carried_t < quantity_t:
        registry.post([_issue(row, approved)], now=now)
    return {
        "auction": row.number,
        "asset": row.asset,
        "floor_price_fen_per_t": row.floor_price_fen_per_t,
        "receipt": row.receipt,
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


# An auction whose time is over, locked for somebody who keeps a share of its key.
def _closed(actor: Actor, auction: str, now: datetime) -> Auction:
    members.require(actor, Act.HAND_IN_SHARE)
    row = locks.lock_auction(auction)
    roles.check(actor, Act.HAND_IN_SHARE, region=row.region)
    core.check_clearing(envelopes.round_of(row), now=now)
    return row


def _drafted(offer: Mapping[str, object], rules: RulesAt, terms: AuctionTerms, asset: AssetKey) -> Auction:
    floor_price = _floor_price(rules, terms, cast(datetime, offer["opens_at"]))
    return Auction(
        **offer,
        number=_number(rules.region, asset.scheme),
        asset=asset.code,
        floor_price_fen_per_t=floor_price.whole,
        floor_trace=trace.to_json(floor_price),
        rules_digest=rules.digest,
        shortage=terms.clearing.shortage,
        tie_break=terms.clearing.tie_break,
        bidders_min=terms.clearing.bidders_min,
        bid_t_min=terms.bid_t_min,
        pricing=terms.clearing.pricing,
        unsold_rule=terms.unsold,
    )


def _issue(row: Auction, approved: members.ApprovedBy) -> registry.TransferDraft:
    types = (AccountType.ISSUANCE, AccountType.AUCTION)
    source, target = (accounts.system_account(row.region, type_) for type_ in types)
    leg = registry.Leg(source, target, row.asset, row.quantity_t - row.carried_t)
    signed = (approved.initiator, approved.approver)
    return registry.TransferDraft(TransferType.ISSUE_TO_AUCTION, (leg,), *signed, subject=row.number)


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
        "shortage": row.shortage,
        "tie_break": row.tie_break,
        "bidders_min": row.bidders_min,
        "bid_t_min": row.bid_t_min,
        "pricing": row.pricing,
        "unsold": row.unsold_rule,
        "carried_t": row.carried_t,
        "rules_digest": row.rules_digest,
    }
    return journal.Entry("market.auction.announced", facts)
