"""Try an order without placing it: what it would cost, or why it would be refused, while its ticket is filled in."""

from datetime import datetime

from tonnebook.core import periods, trace
from tonnebook.core.book import CommandKind, Instruction, Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger.refusals import LedgerRefusal, with_units
from tonnebook.core.roles import Act, Actor
from tonnebook.market import queries
from tonnebook.market.models import Instrument
from tonnebook.market.services import gate, instruments
from tonnebook.market.services.gate import Told
from tonnebook.members import services as members
from tonnebook.registry import queries as holdings


def check_order(
    actor: Actor,
    *,
    instrument: str,
    side: Side,
    price_fen_per_t: int,
    quantity_t: int,
    asset: str = "",
    now: datetime,
) -> trace.Traced:
    """Ask the gate of the market about an order without a lock: the answer is the placing's, unless something changes.

    Args:
        actor: trader.
        instrument: code.
        side: buy or sell.
        price_fen_per_t: limit price, fen per tonne.
        quantity_t: tonnes.
        asset: what a seller delivers; empty for a buyer.
        now: when.

    Returns:
        The total that a trader confirms, fen, as `queries.total_fen`.

    Raises:
        Refused: whatever `place_order` would refuse now.
        ValueError: when price or quantity is not positive, or the asset does not fit the side.

    Source: design choice, no legal source.
    """
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    total = queries.total_fen(
        instrument, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=periods.day_of(now)
    )
    market = gate.enter([Instrument.objects.get(code=instrument)], now=now)
    accounts = instruments.accounts_of(actor, market.region)
    instruction = Instruction(
        CommandKind.PLACE,
        instrument,
        side,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        shown_total_fen=total.whole,
        asset=asset,
    )
    told = Told(instruction, actor.organisation, actor.person, accounts)
    gate.Gate(market, [told]).entry(0, told)
    place = (accounts.units, asset, quantity_t) if asset else (accounts.cash, market.cash, total.whole)
    _check_free(*place)
    return total


# A buyer's total is price times quantity and the fee: just what is set aside for the order.
def _check_free(account: str, asset: str, wanted: int) -> None:
    free = next((held.free for held in holdings.holdings(account) if held.asset.code == asset), 0)
    if free < wanted:
        facts = with_units(asset, free=free, wanted=wanted)
        raise Refused(LedgerRefusal.INSUFFICIENT_FREE, account=account, asset=asset, **facts)
