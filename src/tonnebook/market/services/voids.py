"""Take out of the market what has lost its reserve to a court or the authority."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.core.book import OrderState
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Bid, Instrument, Order
from tonnebook.registry import queries as holdings


@tenancy.everywhere(Why.MARKET)
def void_orders(rows: Sequence[Instrument], *, now: datetime) -> None:
    """Cancel resting orders whose reserve gave way; called by whoever has locked the market, before it does anything.

    Args:
        rows: locked instruments.
        now: when.

    Source: S76 Art. 24; the rest of `core.ledger.CONFLICTS` is a design choice.
    """
    void = list(Order.objects.filter(instrument__in=rows, state=OrderState.OPEN, hold__in=holdings.overridden_holds()))
    if not void:
        return
    Order.objects.filter(pk__in=[order.pk for order in void]).update(state=OrderState.CANCELLED)
    for row in rows:
        row.command_seq += sum(order.instrument_id == row.pk for order in void)
    Instrument.objects.bulk_update(rows, ["command_seq"])
    journal.append_many([_voided(order) for order in void], now=now)


def without_reserve(bids: Sequence[Bid]) -> frozenset[int]:
    """List the `seq` of bids whose reserve gave way before the auction was cleared: they count as never made."""
    gone = holdings.overridden_holds()
    return frozenset(bid.seq for bid in bids if bid.hold in gone)


def _voided(order: Order) -> journal.Entry:
    facts = {"order": order.number, "cancelled_t": order.quantity_t - order.filled_t}
    return journal.Entry("market.order.voided", facts)
