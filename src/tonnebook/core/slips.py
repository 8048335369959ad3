"""Delivery slips (交割单): what each of an organisation's trades of a day cost or brought it, and the sums."""

from collections.abc import Sequence
from dataclasses import dataclass

from tonnebook.core import units
from tonnebook.core.book import Side


@dataclass(frozen=True, slots=True)
class Slip:
    """One trade as one of its parties sees it.

    Attributes:
        trade: number.
        side: of the party.
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes.
        fee_fen: what the party was charged, fen.
        is_back: whether it tells that the trade was taken back: the same amounts the other way round.
    """

    trade: str
    side: Side
    price_fen_per_t: int
    quantity_t: int
    fee_fen: int
    is_back: bool = False

    @property
    def sign(self) -> int:
        """One, or minus one when a trade is taken back."""
        return -1 if self.is_back else 1

    @property
    def amount_fen(self) -> int:
        """Price times quantity, fen."""
        return units.amount_fen(price_fen_per_t=self.price_fen_per_t, quantity_t=self.quantity_t)

    @property
    def net_fen(self) -> int:
        """What it did to the party's cash, fen: a buyer pays amount and fee, a seller receives the amount less it."""
        paid_fen = -self.amount_fen if self.side is Side.BUY else self.amount_fen
        return self.sign * (paid_fen - self.fee_fen)


@dataclass(frozen=True, slots=True)
class SlipTotals:
    """Sums over slips, in tonnes and fen; `net_fen` is what they did to the cash account."""

    bought_t: int
    sold_t: int
    turnover_fen: int
    fee_fen: int
    net_fen: int


def totals(slips: Sequence[Slip]) -> SlipTotals:
    """Add slips up.

    Args:
        slips: of one organisation, any number; a trade and its taking back come to nothing.

    Returns:
        The sums.

    Source: design choice, no legal source.

    Example:
        >>> totals([Slip("TR-1", Side.BUY, 8500, 100, 680), Slip("TR-2", Side.SELL, 8600, 40, 275)]).net_fen
        -506955
    """
    return SlipTotals(
        bought_t=sum(one.sign * one.quantity_t for one in slips if one.side is Side.BUY),
        sold_t=sum(one.sign * one.quantity_t for one in slips if one.side is Side.SELL),
        turnover_fen=sum(one.sign * one.amount_fen for one in slips),
        fee_fen=sum(one.sign * one.fee_fen for one in slips),
        net_fen=sum(one.net_fen for one in slips),
    )
