"""Take out of the market what has lost its reserve to a court or the authority, or whose owner is stopped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from tonnebook import rulebook
from tonnebook.core import book, periods
from tonnebook.core.book import OrderState
from tonnebook.core.deals import DealState
from tonnebook.core.one_way import SaleState
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Deal, Instrument, Order, Sale
from tonnebook.market.services import reserves, tidings
from tonnebook.market.services.closing_bids import ClosingBid
from tonnebook.members import queries as members
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry


@tenancy.everywhere(Why.MARKET)
def void_orders(rows: Sequence[Instrument], *, now: datetime) -> None:
    """Cancel resting orders and standing proposals whose reserve gave way, before whoever locked the market goes on.

    Args:
        rows: locked instruments.
        now: when.

    Source: S76 Art. 24; the rest of `core.ledger.CONFLICTS` is a design choice.
    """
    left = holdings.holds_that_gave_way()
    if not left or not rows:
        return
    resting = Order.objects.filter(instrument__in=rows, state=OrderState.OPEN, hold__in=left)
    share = _fee_share(rows, now)
    void = _without(list(resting.order_by("id")), left, share)
    registry.lower_holds(reserves.of(void, share), now=now)
    _take_out(rows, void, "market.order.voided", now)
    end_deals(Deal.objects.filter(instrument__in=rows, hold__in=left), DealState.VOID, now=now)
    end_sales(Sale.objects.filter(instrument__in=rows, hold__in=left), SaleState.VOID, now=now)


@tenancy.everywhere(Why.MARKET)
def cancel_orders_of(organisation: str, rows: Sequence[Instrument], *, now: datetime) -> int:
    """Cancel what an organisation has in the books, withdraw what it has proposed, and set the reserves free.

    What its people have placed for clients goes with it; what the clients themselves have placed stays.

    Args:
        organisation: unified social credit code.
        rows: locked instruments.
        now: when.

    Returns:
        How many orders.

    Source: design choice, no legal source (invariant B9).
    """
    people = [one.number for one in members.people(organisation)]
    cancelled = _cancel(Order.objects.filter(Q(organisation=organisation) | Q(person__in=people)), rows, now)
    end_deals(Deal.objects.filter(instrument__in=rows, organisation=organisation), DealState.WITHDRAWN, now=now)
    end_sales(Sale.objects.filter(instrument__in=rows, organisation=organisation), SaleState.WITHDRAWN, now=now)
    return cancelled


@tenancy.everywhere(Why.MARKET)
def cancel_orders_by(person: str, rows: Sequence[Instrument], *, now: datetime) -> int:
    """Cancel what one person has in the books, for whomever, and set the reserves free; proposals stay.

    Args:
        person: number.
        rows: locked instruments.
        now: when.

    Returns:
        How many orders.

    Source: design choice, no legal source (invariant B9).
    """
    return _cancel(Order.objects.filter(person=person), rows, now)


@tenancy.everywhere(Why.MARKET)
def end_deals(found: "QuerySet[Deal]", state: DealState, *, now: datetime) -> None:
    """End standing proposals and set what is still reserved for them free.

    Args:
        found: among which those that stand end.
        state: which they end in; VOID when what was reserved is gone already.
        now: when.

    Source: design choice, no legal source.
    """
    standing = list(found.filter(state=DealState.PROPOSED).order_by("id"))
    if not standing:
        return
    if state is not DealState.VOID:
        registry.release_holds([row.hold for row in standing], now=now)
    Deal.objects.filter(pk__in=[row.pk for row in standing]).update(state=state)
    for row in standing:
        row.state = state.value
    tidings.tell_of_deals(standing, now=now)
    facts = [{"deal": row.number, "state": state} for row in standing]
    journal.append_many([journal.Entry("market.deal.ended", one) for one in facts], now=now)


@tenancy.everywhere(Why.MARKET)
def end_sales(found: "QuerySet[Sale]", state: SaleState, *, now: datetime) -> None:
    """End one-way auctions that have not been cleared, with their bids, and set what is reserved free.

    Args:
        found: among which those that stand end.
        state: which they end in; VOID when the lot is gone already.
        now: when.

    Source: design choice, no legal source.
    """
    standing = list(found.filter(state__in=(SaleState.OFFERED, SaleState.ANNOUNCED)).order_by("id"))
    if not standing:
        return
    end_deals(Deal.objects.filter(sale__in=standing), DealState.EXPIRED, now=now)
    if state is not SaleState.VOID:
        registry.release_holds([row.hold for row in standing], now=now)
    Sale.objects.filter(pk__in=[row.pk for row in standing]).update(state=state)
    sealed = ({"reason": row.reason} if row.reason else {} for row in standing)
    facts = ({"sale": row.number, "state": state.value} for row in standing)
    entries = [journal.Entry("market.sale.ended", *one) for one in zip(facts, sealed, strict=True)]
    journal.append_many(entries, now=now)


def without_reserve(bids: Iterable[ClosingBid]) -> frozenset[int]:
    """List the `seq` of bids whose reserve gave way before the auction was cleared: they count as never made."""
    gone = holdings.overridden_holds()
    return frozenset(bid.seq for bid in bids if bid.hold in gone)


# The oldest orders stand for as long as what is left of their reserve suffices.
def _without(orders: Sequence[Order], left: dict[str, int], share: Decimal) -> list[Order]:
    void = []
    for order in orders:
        left[order.hold] -= reserves.needed(order, share)
        if left[order.hold] < 0:
            void.append(order)
    return void


def _cancel(found: "QuerySet[Order]", rows: Sequence[Instrument], now: datetime) -> int:
    orders = list(found.filter(instrument__in=rows, state=OrderState.OPEN).order_by("id"))
    if orders:
        registry.lower_holds(reserves.of(orders, _fee_share(rows, now)), now=now)
    _take_out(rows, orders, "market.order.cancelled", now)
    return len(orders)


def _fee_share(rows: Sequence[Instrument], now: datetime) -> Decimal:
    return book.terms(rulebook.at(rows[0].region, on=periods.day_of(now))).fee_share


def _take_out(rows: Sequence[Instrument], orders: Sequence[Order], event: str, now: datetime) -> None:
    if not orders:
        return
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(state=OrderState.CANCELLED)
    for row in rows:
        row.command_seq += sum(order.instrument_id == row.pk for order in orders)
    Instrument.objects.bulk_update(rows, ["command_seq"])
    left = ({"order": order.number, "cancelled_t": order.quantity_t - order.filled_t} for order in orders)
    journal.append_many([journal.Entry(event, facts) for facts in left], now=now)
    for order in orders:
        order.state = OrderState.CANCELLED.value
    tidings.tell_of_orders(orders, (), now=now)
