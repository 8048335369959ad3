"""Bids in auctions: sealed by the bidder, taken with a deposit, and taken back while the auction is open."""

import hashlib
from datetime import datetime

from tonnebook.core import auction as core
from tonnebook.core import identity, sealed_bids
from tonnebook.core.admission import TradingWay
from tonnebook.core.auction import AuctionKind, AuctionRefusal, AuctionTerms, BidState
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind, HoldReason
from tonnebook.core.roles import Act, Actor
from tonnebook.core.sealed_bids import SealedBidRefusal
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Auction, Bid
from tonnebook.market.services import envelopes, instruments, locks, standing
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.members import services as members
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry

# A figure older than this says nothing about a company of today (design choice, no legal source).
_YEARS_BACK = 3


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
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_AUCTION; TRADING_STOPPED, ADMISSION_SUSPENDED,
            NOT_ADMITTED, CLASS_MAY_NOT; what `core.auction.check_bidder` refuses; NOT_AN_ENVELOPE, MARK_TAKEN;
            ACCOUNT_UNKNOWN; INSUFFICIENT_FREE when the cash is not there.
        ValueError: when the deposit is not positive.

    Source: S24; envelopes are a design choice (feature U9).
    """
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    if deposit_fen <= 0:
        raise ValueError("a bid sets something aside")
    row = locks.lock_auction_open(auction)
    standing.require_may_trade(
        row.region, actor.organisation, TradingWay.AUCTION, Side.BUY, AssetKind.ALLOWANCE, now=now
    )
    rules = envelopes.rules_of(row)
    terms = core.terms(rules, AuctionKind(row.kind))
    core.check_bidder(envelopes.round_of(row), terms, organisation=actor.organisation, kind=actor.kind, now=now)
    sealed = _envelope(row, envelope, mark)
    own = instruments.accounts_of(actor, row.region)
    row.bid_seq += 1
    first, first_of_group = _first(row, actor.organisation)
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
        limit_t=_limit_t(actor, row, terms, own),
        bidder_seq=first,
        group_seq=first_of_group,
        group_limit_t=terms.group_limit_t,
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
    core.check_window(envelopes.round_of(locks.lock_auction(auction)), now)
    row = own.select_related("auction").get()
    if row.state != BidState.STANDING:
        raise Refused(AuctionRefusal.BID_NOT_OPEN, bid=bid, state=row.state)
    registry.release_holds([row.hold], now=now)
    row.state = BidState.WITHDRAWN
    row.withdrawal = journal.append(_withdrawn(row), now=now)
    row.save(update_fields=["state", "withdrawal"])
    return {"bid": bid, "receipt": row.withdrawal}


# The numbers of the first bid of an organisation, and of any under the same controller, which may be this one.
@tenancy.everywhere(Why.MARKET)
def _first(row: Auction, organisation: str) -> tuple[int, int]:
    fellows = list(standing.groups([organisation]))
    placed = Bid.objects.filter(auction=row, organisation__in=fellows).order_by("seq")
    found = list(placed.values_list("organisation", "bidder_seq", "group_seq"))
    own = next((first for bidder, first, _ in found if bidder == organisation), row.bid_seq)
    return own, found[0][2] if found else row.bid_seq


# Where a limit goes by the entity's emission, its latest determined figure counts; of what it lacks the figure of the
# compliance year itself, where there is one.
def _limit_t(actor: Actor, row: Auction, terms: AuctionTerms, own: TradingAccounts) -> int | None:
    emission_t, held_t = None, 0
    if terms.entity_limit_share is not None or terms.limit_by_need:
        years = [row.year - back for back in range(0 if terms.limit_by_need else 1, _YEARS_BACK + 1)]
        found = emissions.history([actor.organisation], years).get(actor.organisation, {})
        emission_t = next((found[year].determined_t for year in years if year in found), None)
    if terms.limit_by_need:
        held = [one for account in {own.units, own.registered} for one in holdings.holdings(account)]
        held_t = sum(one.total for one in held if one.asset.kind is AssetKind.ALLOWANCE)
    return core.bidder_limit_t(terms, actor.kind, offered_t=row.quantity_t, emission_t=emission_t, held_t=held_t)


# What the form of a page or of the API carries, turned into bytes and not seen before in this auction.
def _envelope(row: Auction, envelope: str, mark: str) -> bytes:
    try:
        sealed = bytes.fromhex(envelope)
    except ValueError:
        sealed = b""
    sealed_bids.check_envelope(sealed, mark)
    with tenancy.everywhere(Why.UNIQUENESS):
        is_taken = Bid.objects.filter(auction=row, mark=mark).exists()
    if is_taken:
        raise Refused(SealedBidRefusal.MARK_TAKEN)
    return sealed


# The digests fix what the envelope says and which limits apply; who bids, and with how much set aside, stays sealed.
def _placed(bid: Bid) -> journal.Entry:
    digest = hashlib.sha256(bid.envelope).hexdigest()
    limits = sealed_bids.limits_digest(
        bid.mark,
        bidder_seq=bid.bidder_seq,
        group_seq=bid.group_seq,
        limit_t=bid.limit_t,
        group_limit_t=bid.group_limit_t,
    )
    facts = {"bid": bid.number, "auction": bid.auction.number, "seq": bid.seq}
    facts |= {"envelope_digest": digest, "limits_digest": limits}
    sealed = {"organisation": bid.organisation, "mark": bid.mark, "deposit_fen": bid.deposit_fen}
    return journal.Entry("market.bid.placed", facts, sealed)


def _withdrawn(bid: Bid) -> journal.Entry:
    return journal.Entry("market.bid.withdrawn", {"bid": bid.number, "auction": bid.auction.number})
