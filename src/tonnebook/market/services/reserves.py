"""What orders need of the reserves they share: the tonnes or the money of the part that can still be traded."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from tonnebook.core import clearing
from tonnebook.core.book import Side
from tonnebook.market.models import Order
from tonnebook.market.services.live import LiveOrder


def needed(order: Order | LiveOrder, share: Decimal) -> int:
    """Work out what must be reserved for what is left of an order.

    Args:
        order: with what of it has been filled.
        share: fee as a share of the amount.

    Returns:
        Tonnes for a seller, fen with fee for a buyer.
    """
    left_t = order.quantity_t - order.filled_t
    if order.side != Side.BUY:
        return left_t
    return clearing.reserve_fen(
        price_fen_per_t=order.price_fen_per_t, quantity_t=left_t, filled_fen=order.turnover_fen, share=share
    )


def of(orders: Iterable[Order | LiveOrder], share: Decimal) -> Counter[str]:
    """Add up what orders need of their reserves; arguments as `needed`.

    Returns:
        Tonnes or fen by number of the hold.
    """
    found: Counter[str] = Counter()
    for order in orders:
        found[order.hold] += needed(order, share)
    return found
