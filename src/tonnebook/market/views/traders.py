"""What a trader who looks at a page of the market sees of their own."""

from django.http import Http404

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.roles import Actor, Role
from tonnebook.faces import doors, formats, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import language
from tonnebook.market import queries
from tonnebook.market.queries import InstrumentRow
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


def assets(request: Request, instrument: InstrumentRow) -> list[tuple[str, str]]:
    """Offer a trader the assets they can deliver as an instrument, with what is free of each."""
    return [
        (held.asset.code, f"{held.asset.code} · {formats.tonnes(held.free, language()).text}")
        for held in units(doors.actor_of(request))
        if held.asset.scheme == instrument.scheme and not held.asset.use_restriction
    ]


def instrument_here(request: Request, code: str) -> InstrumentRow:
    """Give an instrument of the region whose market the page shows; there is none of another region here."""
    row = queries.instrument(code)
    if row.region != request.region:
        raise Http404
    return row


def trader(request: Request) -> Actor | None:
    """Give whoever acts here, if they are a trader."""
    actor = requests.acting_here(request)
    return actor if actor is not None and Role.TRADER in actor.roles else None
