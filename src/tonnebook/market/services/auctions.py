"""Paid allowance auctions: announce, take bids, clear, deliver against payment."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from tonnebook import rulebook
from tonnebook.core import auction as core
from tonnebook.core import identity, periods, trace, units
from tonnebook.core.auction import AuctionKind, AuctionRefusal, AuctionTerms, BidState, Unsold
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, HoldReason, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market.models import Auction, Bid
from tonnebook.market.services import instruments, locks, voids
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

# A figure older than this says nothing about a company of today (design choice, no legal source).
_YEARS_BACK = 3
_KIND = "market.announce_auction"
_DECIDED_FIELDS = ["awarded_t", "state", "transfer"]


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
        approval: number of the approval by two people, for exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `auction`, `asset`, `floor_price_fen_per_t` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; WINDOW_NOT_AHEAD; what `members.use_approval` refuses; NO_FLOOR_PRICE;
            NO_SUCH_PARAMETER when the region holds no such auction.
        ValueError: when the quantity is not positive.

    Source: S24 (announcements of the Shanghai auctions), by `auction.<kind>.*`.
    """
    members.require(actor, Act.ANNOUNCE_AUCTION)
    kind = AuctionKind(kind)
    if quantity_t <= 0:
        raise ValueError("an auction offers at least one tonne")
    core.check_announcement(opens_at=opens_at, closes_at=closes_at, now=now)
    payload = {"region": region, "kind": kind, "year": year, "quantity_t": quantity_t}
    payload |= {"opens_at": opens_at, "closes_at": closes_at}
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
def place_bid(actor: Actor, *, auction: str, price_fen_per_t: int, quantity_t: int, key: str, now: datetime) -> Answer:
    """Bid in an auction; the amount at the bid's price is set aside until the auction is cleared.

    Args:
        actor: trader of the bidding organisation.
        auction: number.
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes.
        key: idempotency key.
        now: when.

    Returns:
        `bid` and `receipt` (leaf hash; price and quantity stay sealed).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_AUCTION; what `core.auction.check_bid`
            refuses; ACCOUNT_UNKNOWN; INSUFFICIENT_FREE when the cash is not there.
        ValueError: when price or quantity is not positive.

    Source: S24.
    """
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    row = locks.lock_auction(auction)
    rules = _rules(row.region, row.year, row.opens_at)
    bid = core.Bid(row.bid_seq + 1, actor.organisation, price_fen_per_t, quantity_t)
    standing = Bid.objects.filter(auction=row, organisation=actor.organisation, state=BidState.STANDING)
    own_bids_t = standing.aggregate(quantity=Sum("quantity_t"))["quantity"] or 0
    terms = core.terms(rules, AuctionKind(row.kind))
    limit_t = core.bidder_limit_t(terms, actor.kind, emission_t=_emission_t(actor, row, terms))
    core.check_bid(bid, _round(row), terms, bidder=actor.kind, limit_t=limit_t, own_bids_t=own_bids_t, now=now)
    own = instruments.accounts_of(actor, row.region)
    number = identity.numbered(f"{row.number}-B", bid.seq, digits=3)
    amount_fen = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=quantity_t)
    draft = registry.HoldDraft(own.cash, rules.text("region.cash"), amount_fen, HoldReason.BID, subject=number)
    placed = Bid.objects.create(
        number=number,
        auction=row,
        seq=bid.seq,
        organisation=actor.organisation,
        person=actor.person,
        unit_account=own.registered if terms.own_surrender_only else own.units,
        cash_account=own.cash,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        hold=registry.place_holds([draft], now=now)[0],
        at=now,
    )
    row.bid_seq = bid.seq
    row.save(update_fields=["bid_seq"])
    return {"bid": number, "receipt": journal.append(_bid_entry("market.bid.placed", placed), now=now)}


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
    row.save(update_fields=["state"])
    return {"bid": bid, "receipt": journal.append(_bid_entry("market.bid.withdrawn", row), now=now)}


@journal.command("market.close_auction")
def close_auction(actor: Actor, *, auction: str, key: str, now: datetime) -> Answer:
    """Clear an auction: deliver against payment at one price, set the rest free, dispose of what nobody bought.

    Args:
        actor: exchange staff.
        auction: number.
        key: idempotency key.
        now: when, not before the closing instant.

    Returns:
        `auction`, `price_fen_per_t` (None when nothing was sold), `sold_t`, `unsold_t`, `bidders` and `receipt`.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_AUCTION; AUCTION_STILL_OPEN; AUCTION_ALREADY_CLEARED.

    Source: S24, clearing rule; unsold allowances by `auction.<kind>.unsold`.
    """
    members.require(actor, Act.CLOSE_AUCTION)
    row = locks.lock_auction(auction)
    core.check_clearing(_round(row), is_cleared=row.cleared_at is not None, now=now)
    rules = _rules(row.region, row.year, row.opens_at)
    bids = list(Bid.objects.filter(auction=row, state=BidState.STANDING).order_by("seq"))
    void = voids.without_reserve(bids)
    backed = [bid for bid in bids if bid.seq not in void]
    outcome = core.clear(
        [_as_core(bid) for bid in backed], quantity_t=row.quantity_t, floor_price_fen_per_t=row.floor_price_fen_per_t
    )
    for bid in bids:
        is_void = bid.seq in void
        bid.state, bid.awarded_t = (BidState.VOID, 0) if is_void else core.decided(_as_core(bid), outcome)
    _deliver(actor, row, backed, outcome, rules=rules, now=now)
    Bid.objects.bulk_update(bids, _DECIDED_FIELDS)
    _save_result(row, outcome, now)
    receipts = journal.append_many([_cleared(row), *(_bid_entry("market.bid.decided", bid) for bid in bids)], now=now)
    return {
        "auction": auction,
        "price_fen_per_t": row.price_fen_per_t,
        "sold_t": row.sold_t,
        "unsold_t": row.unsold_t,
        "bidders": row.bidders,
        "receipt": receipts[0],
    }


def _as_core(bid: Bid) -> core.Bid:
    return core.Bid(bid.seq, bid.organisation, bid.price_fen_per_t, bid.quantity_t)


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
    rest = [bid.hold for bid in bids if _due_fen(bid, price_fen_per_t) < _held_fen(bid)]
    registry.release_holds(rest, now=now)


def _due_fen(bid: Bid, price_fen_per_t: int) -> int:
    return units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=bid.awarded_t)


def _held_fen(bid: Bid) -> int:
    return units.amount_fen(price_fen_per_t=bid.price_fen_per_t, quantity_t=bid.quantity_t)


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
    result = ["cleared_at", "price_fen_per_t", "price_trace", "sold_t", "unsold_t", "demand_t", "bidders"]
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
    }
    return journal.Entry("market.auction.cleared", facts)


# What a bid says stays sealed; the log proves later that it was said in time.
def _bid_entry(kind: str, bid: Bid) -> journal.Entry:
    sealed = {
        "organisation": bid.organisation,
        "price_fen_per_t": bid.price_fen_per_t,
        "quantity_t": bid.quantity_t,
        "awarded_t": bid.awarded_t,
    }
    return journal.Entry(kind, {"bid": bid.number, "auction": bid.auction.number, "state": bid.state}, sealed)
