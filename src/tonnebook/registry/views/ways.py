"""The ways out of an account: what whoever looks at it may do with what lies in it, beside a trade."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from tonnebook import rulebook
from tonnebook.core import moves
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, HoldType, TransferType
from tonnebook.core.roles import MAY, Act, Actor
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.registry import queries
from tonnebook.registry.queries import AccountRow

_UNITS = (AccountType.HOLDING, AccountType.TRADING, AccountType.PROJECT)
_REGISTERED = (AccountType.HOLDING, AccountType.PROJECT)


@dataclass(frozen=True, slots=True)
class Way:
    """A page where something is done with an account, and what the link to it says."""

    address: str
    text: str


def ways(request: Request, row: AccountRow) -> tuple[Way, ...]:
    """List the ways out of an account that are open to whoever looks at it."""
    actor = doors.actor_of(request)
    if not row.organisation:
        return ()
    is_own = row.organisation == actor.organisation
    found: list[Way] = []
    if row.type in _UNITS and is_own:
        found += _of_units(request, actor, row)
    if (
        row.type is AccountType.CLIENT_CASH
        and is_own
        and _may(actor, Act.WITHDRAW)
        and row.gives(HoldType.ASK_TRANSFER)
    ):
        found.append(_way("withdraw", row, gettext("Withdraw money")))
    if row.type in _UNITS and _may(actor, Act.TRANSFER_NON_TRADE) and any(map(row.gives, moves.NON_TRADE)):
        found.append(_way("hand_on", row, gettext("Transfer without a trade")))
    return tuple(found)


def counterpart(row: AccountRow) -> AccountRow | None:
    """Find the own account that units of this one move to: trading for a registry account, registry for trading."""
    wanted = _REGISTERED if row.type is AccountType.TRADING else (AccountType.TRADING,)
    others = (one for one in queries.accounts(row.organisation) if one.region == row.region)
    return next((one for one in others if one.type in wanted and row.type in _UNITS), None)


def has_holder_transfers(request: Request) -> bool:
    """Say whether holders of the region may transfer to each other."""
    try:
        moves.check_holder_transfer(rulebook.at(request.region, on=requests.today(request)))
    except Refused:
        return False
    return True


def _of_units(request: Request, actor: Actor, row: AccountRow) -> list[Way]:
    found: list[Way] = []
    is_trading = row.type is AccountType.TRADING
    move = TransferType.MOVE_FROM_TRADING if is_trading else TransferType.MOVE_TO_TRADING
    if _may(actor, Act.MOVE) and row.gives(move) and counterpart(row):
        text = gettext("Move to the registry account") if is_trading else gettext("Move to the trading account")
        found.append(_way("move", row, text))
    may_ask = _may(actor, Act.TRANSFER) and row.gives(HoldType.ASK_TRANSFER)
    if row.type is not AccountType.PROJECT and may_ask and has_holder_transfers(request):
        found.append(_way("transfer", row, gettext("Transfer to another holder")))
        found.append(_way("trusted", row, gettext("Trusted list")))
    return found


def _may(actor: Actor, act: Act) -> bool:
    return bool(actor.roles & MAY[act])


def _way(name: str, row: AccountRow, text: str) -> Way:
    return Way(reverse(f"registry:{name}", args=[row.number]), text)
