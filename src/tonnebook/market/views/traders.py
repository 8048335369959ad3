"""What a trader who looks at a page of the market sees: of their own, or of the client that the address names."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.roles import Actor, Role
from tonnebook.faces import doors, formats, requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import language
from tonnebook.market import queries
from tonnebook.market.queries import InstrumentRow
from tonnebook.market.services import acting_for, instruments
from tonnebook.members import queries as members
from tonnebook.members.queries import OrganisationRow
from tonnebook.registry import queries as registry
from tonnebook.registry.queries import Holding

_OWN_TRADES = 10


@contextmanager
def acting(request: Request) -> Iterator[Actor]:
    """Have whoever asks act for the client that the address names (`?client=`), or for the own organisation."""
    with acting_for(doors.actor_of(request), request.GET.get("client", "")) as actor:
        yield actor


@contextmanager
def trading(request: Request) -> Iterator[Actor | None]:
    """Have the trader who looks act, as `acting`; whoever looks without being one acts for nobody."""
    if trader(request) is None:
        yield None
        return
    with acting(request) as actor:
        yield actor


def client_of(request: Request, actor: Actor) -> OrganisationRow | None:
    """Give the client somebody acts for; None for the own organisation."""
    is_own = actor.organisation == doors.actor_of(request).organisation
    return None if is_own else members.organisation(actor.organisation)


def address(request: Request, name: str, *words: object) -> str:
    """Give the address of a page of the market for whom this one is."""
    client = request.GET.get("client", "")
    return reverse(name, args=words) + (f"?{urlencode({'client': client})}" if client else "")


def own(request: Request, actor: Actor | None) -> dict[str, object]:
    """Gather what belongs to whom the trader acts for, and to nobody else: orders, trades, money and units."""
    if actor is None:
        return {"is_trader": False}
    cash = registry.holdings_of([actor.organisation], AccountType.CLIENT_CASH)[actor.organisation]
    return {
        "is_trader": True,
        "client": client_of(request, actor),
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


def assets(actor: Actor, instrument: InstrumentRow) -> list[tuple[str, str]]:
    """Offer a trader the assets that can be delivered as an instrument, with what is free of each."""
    return [
        (held.asset.code, f"{held.asset.code} · {formats.tonnes(held.free, language()).text}")
        for held in units(actor)
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
