"""What a trader who looks at a page of the market sees of their own."""

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.roles import Actor, Role
from tonnebook.faces import requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries
from tonnebook.market.services import instruments
from tonnebook.registry import queries as registry
from tonnebook.registry.queries import Holding

_OWN_TRADES = 10


def own(request: Request) -> dict[str, object]:
    """Gather what belongs to the trader who looks, and to nobody else: orders, trades, money and units."""
    actor = trader(request)
    if actor is None:
        return {"is_trader": False}
    cash = registry.holdings_of([actor.organisation], AccountType.CLIENT_CASH)[actor.organisation]
    return {
        "is_trader": True,
        "orders": queries.open_orders(actor.organisation),
        "own_trades": queries.own_trades(actor.organisation, _OWN_TRADES),
        "free_fen": sum(held.free for held in cash),
        "units": units(actor),
    }


def units(actor: Actor) -> list[Holding]:
    """List what a trader can sell; nothing where the accounts for it have not been opened."""
    try:
        account = instruments.accounts_of(actor, actor.region).units
    except Refused:
        return []
    return [held for held in registry.holdings(account) if held.asset.kind is not AssetKind.CASH]


def trader(request: Request) -> Actor | None:
    """Give whoever acts here, if they are a trader."""
    actor = requests.acting_here(request)
    return actor if actor is not None and Role.TRADER in actor.roles else None
