"""What every way of trading beside the book begins and ends with: the market under its lock, reserves, delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.core import book, periods, sessions, units
from tonnebook.core.admission import TradingWay
from tonnebook.core.book import Side, Ticket
from tonnebook.core.ledger import AccountType, AssetKind, Delivery, HoldReason
from tonnebook.core.roles import Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.standing import Standing
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Instrument
from tonnebook.market.services import locks, resale, standing, voids
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.members import services as members
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry


@dataclass(frozen=True, slots=True)
class Desk:
    """The market of one instrument under its lock, at one instant."""

    instrument: Instrument
    rules: RulesAt
    cash: str
    today: date
    now: datetime


def enter(code: str, *, now: datetime) -> Desk:
    """Lock the market of an instrument and take out of it what has lost its reserve.

    Raises:
        Refused: NO_SUCH_INSTRUMENT.
    """
    rows = locks.lock_market(code)
    voids.void_orders(rows, now=now)
    return of(next(one for one in rows if one.code == code), now=now)


def of(row: Instrument, *, now: datetime) -> Desk:
    """Give the desk of an instrument whose market is locked."""
    today = periods.day_of(now)
    rules = rulebook.at(row.region, on=today)
    return Desk(row, rules, rules.text("region.cash"), today, now)


def admit(actor: Actor, desk: Desk, side: Side) -> Standing:
    """Let only somebody trade by agreement who may, and tell how they stand.

    Raises:
        Refused: BARRED_KIND, BARRED_BY_NAME; what `core.standing.Standing.check` refuses.
    """
    members.require_may_trade(actor)
    own = standing.standings(desk.instrument.region, [actor.organisation], now=desk.now)[actor.organisation]
    own.check(TradingWay.AGREEMENT, side, AssetKind(desk.instrument.kind))
    return own


def conditions(
    desk: Desk, ticket: Ticket, accounts: TradingAccounts, own: Standing, terms: book.Terms
) -> book.Conditions:
    """Say what the market is like for a ticket.

    Args:
        desk: the market.
        ticket: what is asked for.
        accounts: of who asks.
        own: how they stand.
        terms: rules of this way of trading: its hours, and whether what was bought today may be sold today.
    """
    row, calendar = desk.instrument, rulebook.calendar(desk.instrument.region)
    tradable: frozenset[str] = frozenset()
    sellable_t = None
    if ticket.side is Side.SELL:
        asset = holdings.asset(ticket.asset)
        if asset.scheme == row.scheme and not asset.use_restriction:
            tradable = frozenset({asset.code})
        if not terms.same_day_resale:
            place = (accounts.units, ticket.asset)
            sellable_t = resale.sellable_t(desk.today, {place}).get(place)
    return book.Conditions(
        day=desk.today,
        is_day_closed=row.closed_on is not None and row.closed_on >= desk.today,
        is_open=sessions.is_open(terms.sessions, calendar, desk.now),
        opens_at=sessions.next_opening_at(terms.sessions, calendar, desk.now),
        is_halted=row.is_halted,
        previous_close_fen_per_t=row.previous_close_fen_per_t,
        tradable=tradable,
        sellable_t=sellable_t,
        headroom_t=own.headroom_t if row.kind == AssetKind.ALLOWANCE else None,
    )


def reserve(desk: Desk, ticket: Ticket, accounts: TradingAccounts, *, subject: str, fee_fen: int) -> str:
    """Set aside all that a ticket may need: a seller's tonnes, or a buyer's amount with its fee.

    Returns:
        The number of the hold.

    Raises:
        Refused: INSUFFICIENT_FREE.
    """
    if ticket.side is Side.SELL:
        place = (accounts.units, ticket.asset, ticket.quantity_t)
    else:
        amount_fen = units.amount_fen(price_fen_per_t=ticket.price_fen_per_t, quantity_t=ticket.quantity_t)
        place = (accounts.cash, desk.cash, amount_fen + fee_fen)
    draft = registry.HoldDraft(*place, HoldReason.ORDER, subject=subject)
    return registry.place_holds([draft], now=desk.now)[0]


@tenancy.everywhere(Why.MARKET)
def deliver(desk: Desk, deliveries: Sequence[Delivery], *, initiator: str, subject: str) -> str:
    """Deliver trades against payment as one transfer, all or none, and give its number.

    Args:
        desk: the market.
        deliveries: at least one.
        initiator: number of the person, or the system's.
        subject: number of what they belong to.
    """
    fees = holdings.system_account(desk.instrument.region, AccountType.FEES)
    draft = registry.DeliveryDraft(deliveries, desk.cash, fees, initiator, subject)
    return registry.deliver_trades(draft, now=desk.now).number
