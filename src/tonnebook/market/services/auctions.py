"""Paid allowance auctions: announce, take bids, clear, deliver against payment."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from tonnebook import rulebook
from tonnebook.core import auction as core
from tonnebook.core import identity, periods, roles, sealed_bids, trace, units
from tonnebook.core.auction import AuctionKind, AuctionRefusal, AuctionTerms, BidState, Unsold
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, HoldReason, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.sealed_bids import SealedBidRefusal, VoidReason
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market.models import Auction, Bid, KeyShare
from tonnebook.market.services import envelopes, instruments, locks
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

# A figure older than this says nothing about a company of today (design choice, no legal source).
_YEARS_BACK = 3
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
    payload = {"region": region, "kind": kind, "year": year, "quantity_t": quantity_t}
    payload |= {"opens_at": opens_at, "closes_at": closes_at, "opening_key": sealed_bids.check_key(opening_key)}
    approved = members.use_approval(approval, kind=_KIND, payload=payload, now=now)
    rules = _rules(region, year, opens_at)
    locks.lock_market(rules.text("region.scheme"))
    terms = core.terms(rules, kind)
    asset = _asset(rules, terms, year)
    floor_price = _floor_price(rules, terms, opens_at)
    row = Auction.objects.create(
        number=_number(region, asset.scheme),
        region=region,
        kind=kind,
        year=year,
        asset=asset.code,
        quantity_t=quantity_t,
        floor_price_fen_per_t=floor_price.whole,
        floor_trace=trace.to_json(floor_price),
        rules_digest=rules.digest,
        opens_at=opens_at,
        closes_at=closes_at,
        announced_at=now,
        opening_key=opening_key,
    )
    registry.ensure_assets([asset], now=now)
    leg = registry.Leg(_system(row, AccountType.ISSUANCE), _system(row, AccountType.AUCTION), asset.code, quantity_t)
    issue = registry.TransferDraft(
        TransferType.ISSUE_TO_AUCTION, (leg,), approved.initiator, approved.approver, subject=row.number
    )
    registry.post([issue], now=now)
    return {
        "auction": row.number,
        "asset": row.asset,
        "floor_price_fen_per_t": row.floor_price_fen_per_t,
        "receipt": journal.append(_announced(row), now=now),
    }


@journal.command("market.place_bid")
def place_bid(
    actor: Actor, *, auction: str, envelope: str, mark: str, deposit_fen: int, key: str, now: datetime
) -> Answer:
    """Bid in an auction: keep a sealed envelope, and set aside what the bidder chose until the auction is cleared.

    Args:
        actor: trader of the bidding organisation.
        auction: number.
        envelope: price and quantity, encrypted by the bidder as `core.sealed_bids.seal` does; hexadecimal.
        mark: 32 hexadecimal digits the bidder drew, to which the envelope is bound.
        deposit_fen: the most the bid can cost, fen, > 0; the envelope is bound to it too.
        key: idempotency key.
        now: when.

    Returns:
        `bid` and `receipt` (leaf hash; the envelope's digest is public, its bidder and deposit stay sealed).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_AUCTION; what `core.auction.check_bidder`
            refuses; NOT_AN_ENVELOPE, MARK_TAKEN; ACCOUNT_UNKNOWN; INSUFFICIENT_FREE when the cash is not there.
        ValueError: when the deposit is not positive.

    Source: S24; envelopes are a design choice (feature U9).
    """
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    if deposit_fen <= 0:
        raise ValueError("a bid sets something aside")
    row = locks.lock_auction(auction)
    rules = _rules(row.region, row.year, row.opens_at)
    terms = core.terms(rules, AuctionKind(row.kind))
    core.check_bidder(_round(row), terms, organisation=actor.organisation, kind=actor.kind, now=now)
    sealed = _envelope(row, envelope, mark)
    own = instruments.accounts_of(actor, row.region)
    row.bid_seq += 1
    number = identity.numbered(f"{row.number}-B", row.bid_seq, digits=3)
    draft = registry.HoldDraft(own.cash, rules.text("region.cash"), deposit_fen, HoldReason.BID, subject=number)
    placed = Bid(
        number=number,
        auction=row,
        seq=row.bid_seq,
        organisation=actor.organisation,
        person=actor.person,
        unit_account=own.registered if terms.own_surrender_only else own.units,
        cash_account=own.cash,
        mark=mark,
        envelope=sealed,
        deposit_fen=deposit_fen,
        limit_t=core.bidder_limit_t(terms, actor.kind, emission_t=_emission_t(actor, row, terms)),
        hold=registry.place_holds([draft], now=now)[0],
        at=now,
    )
    placed.receipt = journal.append(_placed(placed), now=now)
    placed.save(force_insert=True)
    row.save(update_fields=["bid_seq"])
    return {"bid": number, "receipt": placed.receipt}


@journal.command("market.withdraw_bid")
def withdraw_bid(actor: Actor, *, bid: str, key: str, now: datetime) -> Answer:
    """Withdraw an own bid while the auction is open, and set its amount free.

    Args:
        actor: trader of the bidding organisation.
        bid: number.
        key: idempotency key.
        now: when.

    Returns:
        `bid` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_BID, also for a bid of somebody else; AUCTION_CLOSED; BID_NOT_OPEN.

    Source: design choice, no legal source.
    """
    members.require(actor, Act.TRADE)
    own = Bid.objects.filter(number=bid, organisation=actor.organisation)
    auction = own.values_list("auction__number", flat=True).first()
    if auction is None:
        raise Refused(AuctionRefusal.NO_SUCH_BID, bid=bid)
    core.check_window(_round(locks.lock_auction(auction)), now)
    row = own.select_related("auction").get()
    if row.state != BidState.STANDING:
        raise Refused(AuctionRefusal.BID_NOT_OPEN, bid=bid, state=row.state)
    registry.release_holds([row.hold], now=now)
    row.state = BidState.WITHDRAWN
    row.withdrawal = journal.append(_withdrawn(row), now=now)
    row.save(update_fields=["state", "withdrawal"])
    return {"bid": bid, "receipt": row.withdrawal}


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
    core.check_clearing(_round(row), is_cleared=row.cleared_at is not None, now=now)
    shares = KeyShare.objects.filter(auction=row).order_by("id").values_list("words", flat=True)
    secret = sealed_bids.combine(auction, list(shares), opening_key=row.opening_key)
    rules = _rules(row.region, row.year, row.opens_at)
    bids = list(Bid.objects.filter(auction=row, state=BidState.STANDING).order_by("seq"))
    envelopes.open_bids(row, bids, secret)
    valid = [bid for bid in bids if not bid.void_reason]
    outcome = core.clear(
        [_as_core(bid) for bid in valid], quantity_t=row.quantity_t, floor_price_fen_per_t=row.floor_price_fen_per_t
    )
    awards = {award.seq: award for award in outcome.awards}
    for bid in bids:
        bid.state, bid.awarded_t = (BidState.VOID, 0) if bid.void_reason else core.decided(_as_core(bid), awards)
    _deliver(actor, row, bids, outcome, rules=rules, now=now)
    Bid.objects.bulk_update(bids, _DECIDED_FIELDS, batch_size=1000)
    row.opened_with = secret.hex()
    _save_result(row, outcome, now)
    receipts = journal.append_many([_cleared(row), *(_decided(bid) for bid in bids)], now=now)
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
    core.check_clearing(_round(row), is_cleared=row.cleared_at is not None, now=now)
    return row


def _as_core(bid: Bid) -> core.Bid:
    assert bid.price_fen_per_t is not None
    assert bid.quantity_t is not None
    return core.Bid(bid.seq, bid.organisation, bid.price_fen_per_t, bid.quantity_t)


# What the form of a page or of the API carries, turned into bytes and not seen before in this auction.
def _envelope(row: Auction, envelope: str, mark: str) -> bytes:
    try:
        sealed = bytes.fromhex(envelope)
    except ValueError:
        sealed = b""
    sealed_bids.check_envelope(sealed, mark)
    if Bid.objects.filter(auction=row, mark=mark).exists():
        raise Refused(SealedBidRefusal.MARK_TAKEN)
    return sealed


# The rules of the day on which the auction opens, fixed by its announcement whenever they are asked for.
def _rules(region: str, year: int, opens_at: datetime) -> RulesAt:
    return rulebook.at(region, on=periods.day_of(opens_at), year=year)


# Where the limit is a share of the entity's emission, its latest determined figure counts.
def _emission_t(actor: Actor, row: Auction, terms: AuctionTerms) -> int | None:
    if terms.entity_limit_share is None:
        return None
    years = [row.year - back for back in range(1, _YEARS_BACK + 1)]
    found = emissions.history([actor.organisation], years).get(actor.organisation, {})
    return next((found[year].determined_t for year in years if year in found), None)


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


def _round(row: Auction) -> core.Round:
    return core.Round(row.number, row.floor_price_fen_per_t, row.opens_at, row.closes_at)


# All that the registry has to move goes into one call, and all that it has to set free into another.
def _deliver(
    actor: Actor, row: Auction, bids: Sequence[Bid], outcome: core.Outcome, *, rules: RulesAt, now: datetime
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


def _save_result(row: Auction, outcome: core.Outcome, now: datetime) -> None:
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


# The digest of the envelope fixes what it says; who bids, and with how much set aside, stays sealed.
def _placed(bid: Bid) -> journal.Entry:
    digest = hashlib.sha256(bid.envelope).hexdigest()
    facts = {"bid": bid.number, "auction": bid.auction.number, "seq": bid.seq, "envelope_digest": digest}
    sealed = {"organisation": bid.organisation, "mark": bid.mark, "deposit_fen": bid.deposit_fen}
    return journal.Entry("market.bid.placed", facts, sealed)


def _withdrawn(bid: Bid) -> journal.Entry:
    return journal.Entry("market.bid.withdrawn", {"bid": bid.number, "auction": bid.auction.number})


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
