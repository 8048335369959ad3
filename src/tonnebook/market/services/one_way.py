"""One-way auctions: offer a lot, announce when bids are taken, bid, clear; delivered when cleared.

A bid is a proposal to buy that stands beside a lot instead of being sent to somebody, so all that holds for proposals
holds for it: it is reserved in full, counts against the holding limit, and ends with the day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tonnebook import rulebook
from tonnebook.core import book, identity, periods, roles, units
from tonnebook.core import one_way as core
from tonnebook.core.book import Side, Ticket
from tonnebook.core.deals import DealState
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import Delivery
from tonnebook.core.one_way import OneWayTerms, Pricing, SaleBid, SaleRefusal, SaleState, Sold, Window
from tonnebook.core.roles import SYSTEM, Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Deal, Instrument, Sale
from tonnebook.market.services import deals, desks, instruments, standing, tidings, voids
from tonnebook.market.services.desks import Desk
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.members import services as members
from tonnebook.registry import services as registry


@journal.command("market.offer_sale")
def offer_sale(
    actor: Actor,
    *,
    instrument: str,
    asset: str,
    quantity_t: int,
    floor_drop: Decimal,
    pricing: Pricing,
    key: str,
    now: datetime,
) -> Answer:
    """Offer a lot to be sold in a one-way auction; its units are set aside until it ends.

    Args:
        actor: trader of the seller.
        instrument: code.
        asset: what is delivered.
        quantity_t: tonnes, > 0.
        floor_drop: how far below the previous close the floor lies, as a share; one of those the rule names.
        pricing: how the price is set; one of the ways the rule names.
        key: idempotency key.
        now: when.

    Returns:
        `sale`, `hold` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_INSTRUMENT; ACCOUNT_UNKNOWN; NO_SUCH_PARAMETER where the region has none;
            BARRED_KIND, BARRED_BY_NAME and what `core.standing.Standing.check` refuses; what `core.one_way.check_offer`
            and `core.book.check_ticket` refuse, the hours apart; INSUFFICIENT_FREE.
        ValueError: when the quantity is not positive.

    Source: S41, one-way auction, by `trading.one_way.*`.
    """
    del key
    members.require(actor, Act.TRADE)
    desk = desks.enter(instrument, now=now)
    accounts = instruments.accounts_of(actor, desk.instrument.region)
    terms = core.terms(desk.rules)
    core.check_offer(terms, quantity_t=quantity_t, floor_drop=floor_drop, pricing=Pricing(pricing))
    band = core.limits(desk.instrument.previous_close_fen_per_t, terms, floor_drop=floor_drop)
    ticket = Ticket(instrument, Side.SELL, band.low_fen_per_t, quantity_t, asset, 0)
    _check(desk, actor, terms, replace(ticket, shown_total_fen=book.total_fen(ticket, terms.listed).whole), accounts)
    number = identity.numbered(f"{instrument}-S", journal.next_counts("market_sale_number", 1)[0])
    row = Sale.objects.create(
        number=number,
        instrument=desk.instrument,
        organisation=actor.organisation,
        person=actor.person,
        unit_account=accounts.units,
        cash_account=accounts.cash,
        hold=desks.reserve(desk, ticket, accounts, subject=number, fee_fen=0),
        asset=asset,
        quantity_t=quantity_t,
        floor_drop=floor_drop,
        pricing=Pricing(pricing),
        offered_at=now,
    )
    return {"sale": row.number, "hold": row.hold, "receipt": journal.append(_offered(row), now=now)}


@journal.command("market.withdraw_sale")
def withdraw_sale(actor: Actor, *, sale: str, key: str, now: datetime) -> Answer:
    """Withdraw an own lot before bids are taken; its units are free again.

    Args:
        actor: trader of the seller.
        sale: number.
        key: idempotency key.
        now: when.

    Returns:
        `sale`.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_SALE, also for one of somebody else; SALE_DECIDED, SALE_HAS_OPENED.

    Source: design choice, no legal source.
    """
    del key
    members.require(actor, Act.TRADE)
    desk, row = _found(sale, now)
    if row.organisation != actor.organisation:
        raise Refused(SaleRefusal.NO_SUCH_SALE, sale=sale)
    as_core(row).check_withdrawal(now)
    voids.end_sales(Sale.objects.filter(pk=row.pk), SaleState.WITHDRAWN, now=desk.now)
    return {"sale": sale}


@journal.command("market.announce_sale")
def announce_sale(
    actor: Actor, *, sale: str, opens_at: datetime, closes_at: datetime, key: str, now: datetime
) -> Answer:
    """Announce when bids for a lot are taken.

    Args:
        actor: exchange staff.
        sale: number.
        opens_at: first instant at which bids are taken.
        closes_at: first instant at which they no longer are.
        key: idempotency key.
        now: when.

    Returns:
        `sale` and `receipt` (leaf hash).

    Raises:
        Refused: NO_SUCH_SALE; NOT_PERMITTED, NOT_YOUR_REGION; SALE_DECIDED, WINDOW_OUTSIDE_DAY.

    Source: S41, one-way auction: hours announced for each.
    """
    del key
    _, row = _supervised(actor, sale, now)
    window, region = Window(opens_at, closes_at), row.instrument.region
    as_core(row).check_state(SaleState.OFFERED)
    terms = core.terms(rulebook.at(region, on=periods.day_of(opens_at)))
    core.check_window(window, terms, rulebook.calendar(region), now=now)
    row.state, row.opens_at, row.closes_at = SaleState.ANNOUNCED, opens_at, closes_at
    row.save(update_fields=["state", "opens_at", "closes_at"])
    return {"sale": sale, "receipt": journal.append(_announced(row, actor), now=now)}


@journal.command("market.decline_sale")
def decline_sale(actor: Actor, *, sale: str, reason: str, key: str, now: datetime) -> Answer:
    """Decline to hold an auction of a lot; its units are free again.

    Args:
        actor: exchange staff.
        sale: number.
        reason: why, as the seller reads it.
        key: idempotency key.
        now: when.

    Returns:
        `sale`.

    Raises:
        Refused: NO_SUCH_SALE; NOT_PERMITTED, NOT_YOUR_REGION; SALE_DECIDED.

    Source: design choice, no legal source.
    """
    del key
    _, row = _supervised(actor, sale, now)
    as_core(row).check_state(SaleState.OFFERED)
    row.reason = reason
    row.save(update_fields=["reason"])
    voids.end_sales(Sale.objects.filter(pk=row.pk), SaleState.DECLINED, now=now)
    return {"sale": sale}


@journal.command("market.bid_in_sale")
def bid_in_sale(
    actor: Actor,
    *,
    sale: str,
    price_fen_per_t: int,
    quantity_t: int,
    shown_total_fen: int,
    key: str,
    now: datetime,
) -> Answer:
    """Bid for a lot, or for a part of it; the bid binds, and all it may need is set aside.

    Args:
        actor: trader.
        sale: number.
        price_fen_per_t: the most one pays, fen per tonne.
        quantity_t: tonnes.
        shown_total_fen: the total the trader confirmed, with fee.
        key: idempotency key.
        now: when.

    Returns:
        `bid`, `hold` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_SALE; ACCOUNT_UNKNOWN; SALE_DECIDED, SALE_NOT_OPEN; OWN_SALE; BARRED_KIND,
            BARRED_BY_NAME and what `core.standing.Standing.check` refuses; BID_OUTSIDE_LIMITS, MORE_THAN_SOLD; what
            `core.book.check_ticket` refuses, the hours apart; INSUFFICIENT_FREE.
        ValueError: when price or quantity is not positive.

    Source: S41, one-way auction; that bids bind and are not shown before the end is a design choice.
    """
    del key
    members.require(actor, Act.TRADE)
    desk, row = _found(sale, now)
    as_core(row).check_open(now)
    if standing.are_one(row.organisation, actor.organisation):
        raise Refused(SaleRefusal.OWN_SALE, sale=sale)
    accounts = instruments.accounts_of(actor, desk.instrument.region)
    terms = core.terms(desk.rules)
    ticket = Ticket(desk.instrument.code, Side.BUY, price_fen_per_t, quantity_t, "", shown_total_fen)
    band = core.limits(desk.instrument.previous_close_fen_per_t, terms, floor_drop=row.floor_drop)
    core.check_bid(band, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, offered_t=row.quantity_t)
    _check(desk, actor, terms, ticket, accounts)
    bid = deals.drafted(desk, actor, ticket, accounts, least_t=terms.listed.lot_t, band=band)
    bid.sale, bid.bid_price_fen_per_t, bid.bid_t = row, price_fen_per_t, quantity_t
    fee_fen = _fee(price_fen_per_t, quantity_t, terms)
    bid.hold = desks.reserve(desk, ticket, accounts, subject=bid.number, fee_fen=fee_fen)
    bid.save(force_insert=True)
    desk.instrument.save(update_fields=["deal_seq"])
    _count_bid(row, band)
    tidings.tell_of_deals([bid], now=now)
    return {"bid": bid.number, "hold": bid.hold, "receipt": journal.append(deals.proposed(bid), now=now)}


@journal.command("market.clear_sale")
def clear_sale(actor: Actor, *, sale: str, key: str, now: datetime) -> Answer:
    """Clear a one-way auction that is over: units and money of all who got something change hands at once.

    Args:
        actor: exchange staff.
        sale: number.
        key: idempotency key.
        now: when.

    Returns:
        `sale`, `sold_t`, `unsold_t` and `receipt` (leaf hash).

    Raises:
        Refused: NO_SUCH_SALE; NOT_PERMITTED, NOT_YOUR_REGION; SALE_DECIDED, SALE_STILL_OPEN.

    Source: S41, one-way auction.
    """
    del key
    desk, row = _supervised(actor, sale, now)
    as_core(row).check_over(now)
    sold_t, receipt = _clear(desk, row)
    return {"sale": sale, "sold_t": sold_t, "unsold_t": row.quantity_t - sold_t, "receipt": receipt}


@tenancy.everywhere(Why.MARKET)
def clear_due(rows: Sequence[Instrument], *, now: datetime) -> int:
    """Clear the one-way auctions that are over, before the day they were held on is closed.

    Args:
        rows: locked instruments.
        now: when.

    Returns:
        How many.
    """
    due = Sale.objects.filter(instrument__in=rows, state=SaleState.ANNOUNCED, closes_at__lte=now).order_by("id")
    by_id = {row.pk: row for row in rows}
    for sale in due:
        sale.instrument = by_id[sale.instrument_id]
        _clear(desks.of(sale.instrument, now=now), sale)
    return len(due)


def as_core(row: Sale) -> core.Sale:
    """Give a one-way auction as core judges it."""
    window = Window(row.opens_at, row.closes_at) if row.opens_at and row.closes_at else None
    return core.Sale(row.number, SaleState(row.state), window)


@tenancy.everywhere(Why.MARKET)
def _found(number: str, now: datetime) -> tuple[Desk, Sale]:
    code = Sale.objects.filter(number=number).values_list("instrument__code", flat=True).first()
    if code is None:
        raise Refused(SaleRefusal.NO_SUCH_SALE, sale=number)
    desk = desks.enter(code, now=now)
    row = Sale.objects.get(number=number)
    row.instrument = desk.instrument
    return desk, row


def _supervised(actor: Actor, number: str, now: datetime) -> tuple[Desk, Sale]:
    desk, row = _found(number, now)
    roles.check(actor, Act.SUPERVISE, region=row.instrument.region)
    return desk, row


# The hours are those of the window, which has been looked at.
def _check(desk: Desk, actor: Actor, terms: OneWayTerms, ticket: Ticket, accounts: TradingAccounts) -> None:
    own = desks.admit(actor, desk, ticket.side)
    free = replace(terms.listed, listed_max_t=book.QUANTITY_T_MAX, is_price_free=True)
    told = desks.conditions(desk, ticket, accounts, own, free)
    book.check_ticket(ticket, free, replace(told, is_open=True))


def _fee(price_fen_per_t: int, quantity_t: int, terms: OneWayTerms) -> int:
    amount_fen = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=quantity_t)
    return units.fee_fen(amount_fen, terms.listed.fee_share)


@tenancy.everywhere(Why.MARKET)
def _count_bid(row: Sale, band: book.Band) -> None:
    row.bids += 1
    row.low_fen_per_t, row.high_fen_per_t = band.low_fen_per_t, band.high_fen_per_t
    row.save(update_fields=["bids", "low_fen_per_t", "high_fen_per_t"])


@tenancy.everywhere(Why.MARKET)
def _clear(desk: Desk, row: Sale) -> tuple[int, str]:
    standing_bids = Deal.objects.filter(sale=row, state=DealState.PROPOSED).order_by("seq")
    bids = {bid.seq: bid for bid in standing_bids}
    asked = [SaleBid(bid.seq, bid.price_fen_per_t, bid.quantity_t) for bid in bids.values()]
    sold = core.clear(asked, offered_t=row.quantity_t, pricing=Pricing(row.pricing))
    if sold:
        _deliver(desk, row, [(bids[one.seq], one) for one in sold])
    voids.end_deals(standing_bids, DealState.EXPIRED, now=desk.now)
    sold_t = row.sold_t = sum(one.quantity_t for one in sold)
    if sold_t < row.quantity_t:
        registry.release_holds([row.hold], now=desk.now)
    row.state, row.cleared_at = SaleState.CLEARED, desk.now
    row.save()
    return sold_t, journal.append(_cleared(row), now=desk.now)


# One transfer for all, in the name of the system; what a bid had set aside beyond its price is free again.
def _deliver(desk: Desk, row: Sale, won: Sequence[tuple[Deal, Sold]]) -> None:
    terms, holds = core.terms(desk.rules), []
    for bid, sold in won:
        held_fen = bid.price_fen_per_t * bid.quantity_t + _fee(bid.price_fen_per_t, bid.quantity_t, terms)
        bid.price_fen_per_t, bid.quantity_t = sold.price_fen_per_t, sold.quantity_t
        bid.asset, bid.taker, bid.taker_person = row.asset, row.organisation, row.person
        bid.taker_unit_account, bid.taker_cash_account = row.unit_account, row.cash_account
        bid.buyer_fee_fen = bid.seller_fee_fen = _fee(sold.price_fen_per_t, sold.quantity_t, terms)
        if held_fen > sold.price_fen_per_t * sold.quantity_t + bid.buyer_fee_fen:
            holds.append(bid.hold)
    deliveries = [_delivery(row, bid) for bid, _ in won]
    row.transfer = desks.deliver(desk, deliveries, initiator=SYSTEM.person, subject=row.number)
    registry.release_holds(holds, now=desk.now)
    for bid, _ in won:
        bid.transfer, bid.state, bid.settled_at = row.transfer, DealState.SETTLED, desk.now
        bid.save()
    tidings.tell_of_deals([bid for bid, _ in won], now=desk.now)
    journal.append_many([deals.settled(bid) for bid, _ in won], now=desk.now)


def _delivery(row: Sale, bid: Deal) -> Delivery:
    return Delivery(
        seller=row.unit_account,
        buyer=bid.unit_account,
        asset=row.asset,
        quantity_t=bid.quantity_t,
        price_fen_per_t=bid.price_fen_per_t,
        seller_hold=row.hold,
        buyer_cash=bid.cash_account,
        seller_cash=row.cash_account,
        buyer_hold=bid.hold,
        buyer_fee_fen=bid.buyer_fee_fen,
        seller_fee_fen=bid.seller_fee_fen,
    )


def _offered(row: Sale) -> journal.Entry:
    facts = {"sale": row.number, "instrument": row.instrument.code}
    sealed = {
        "organisation": row.organisation,
        "person": row.person,
        "asset": row.asset,
        "quantity_t": row.quantity_t,
        "floor_drop": str(row.floor_drop),
        "pricing": row.pricing,
        "hold": row.hold,
    }
    return journal.Entry("market.sale.offered", facts, sealed)


def _announced(row: Sale, actor: Actor) -> journal.Entry:
    facts = {
        "sale": row.number,
        "instrument": row.instrument.code,
        "asset": row.asset,
        "quantity_t": row.quantity_t,
        "floor_drop": str(row.floor_drop),
        "pricing": row.pricing,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "by": actor.person,
    }
    return journal.Entry("market.sale.announced", facts)


def _cleared(row: Sale) -> journal.Entry:
    facts = {
        "sale": row.number,
        "bids": row.bids,
        "sold_t": row.sold_t,
        "quantity_t": row.quantity_t,
        "transfer": row.transfer,
    }
    return journal.Entry("market.sale.cleared", facts)
