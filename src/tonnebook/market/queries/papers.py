"""What papers about trading are made of: a member's day, the months it was charged in, and the fee list."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from tonnebook import rulebook
from tonnebook.core import invoices, periods, slips
from tonnebook.core.book import Side
from tonnebook.core.deals import DealState
from tonnebook.core.ledger import AccountType, AssetKind
from tonnebook.core.slips import Slip, SlipTotals
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Deal, Invoice, Trade
from tonnebook.registry import queries as registry
from tonnebook.registry.queries import BalanceAt, StatementLine

_HELD = (AccountType.HOLDING, AccountType.TRADING, AccountType.PROJECT, AccountType.CLIENT_CASH)
_FEE_PATHS = ("trading.fee_share", "fees.account_yuan", "fees.registration_yuan", invoices.VAT_SHARE)


@dataclass(frozen=True, slots=True)
class SlipRow:
    """One trade on a slip: the amounts, and where, when, what and by which transfer."""

    slip: Slip
    instrument: str
    asset: str
    order: str
    at: datetime
    transfer: str


@dataclass(frozen=True, slots=True)
class SlipDay:
    """A member's day: trades with their sums, other movements of cash, and what it had at the end.

    Attributes:
        trades: in the order in which they were made, listed ones, what took some of them back, and agreed ones.
        totals: of the trades.
        cash: changes of the cash account that no trade made.
        positions: account, with what was in it when the day ended.
    """

    trades: tuple[SlipRow, ...]
    totals: SlipTotals
    cash: tuple[StatementLine, ...]
    positions: tuple[tuple[str, BalanceAt], ...]


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice that was made."""

    number: str
    month: date
    total_fen: int
    document: str
    made_at: datetime


@tenancy.everywhere(Why.MARKET)
def member_day(organisation: str, *, region: str, day: date, trade: str = "") -> SlipDay:
    """Give a member's day in a region, or one trade of it.

    Args:
        organisation: unified social credit code.
        region: region code.
        day: of trading.
        trade: number, to look at this trade alone; empty for all of the day.

    Returns:
        The day; empty where nothing happened.
    """
    is_own = Q(buy_order__organisation=organisation) | Q(sell_order__organisation=organisation)
    found = Trade.objects.filter(is_own, instrument__region=region, trading_on=day)
    if trade:
        found = found.filter(number=trade)
    listed = found.select_related("instrument", "buy_order", "sell_order", "bust").order_by("at", "instrument", "seq")
    agreed = _deals(organisation).filter(instrument__region=region, trading_on=day).order_by("settled_at", "id")
    trades = (
        *(_slip_row(row, organisation) for row in listed),
        *(_slip_back(row, organisation) for row in listed if hasattr(row, "bust")),
        *(_slip_of_deal(row, organisation) for row in agreed if trade in ("", row.number)),
    )
    from_at, to_at = (periods.instant(one, time.min) for one in (day, day + timedelta(days=1)))
    accounts = [one for one in registry.accounts(organisation) if one.region == region and one.type in _HELD]
    cash = [one.number for one in accounts if one.type is AccountType.CLIENT_CASH and not trade]
    lines = (line for number in cash for line in registry.statement(number, from_at=from_at, to_at=to_at))
    return SlipDay(
        trades=trades,
        totals=slips.totals([row.slip for row in trades]),
        # What a trade does to the cash account stands in its slip already.
        cash=tuple(line for line in lines if line.transfer not in {row.transfer for row in trades}),
        positions=tuple((one.number, held) for one in accounts for held in registry.holdings_on(one.number, to_at)),
    )


@tenancy.everywhere(Why.MARKET)
def trading_days(organisation: str, *, region: str, limit: int) -> tuple[date, ...]:
    """List the last days on which an organisation traded in a region, the latest first."""
    is_own = Q(buy_order__organisation=organisation) | Q(sell_order__organisation=organisation)
    listed = Trade.objects.filter(is_own, instrument__region=region)
    agreed = _deals(organisation).filter(instrument__region=region)
    days = {
        day
        for rows in (listed, agreed)
        for day in rows.order_by("-trading_on").values_list("trading_on", flat=True).distinct()[:limit]
    }
    return tuple(sorted(days, reverse=True)[:limit])


def charged(organisation: str, *, region: str, month: date) -> tuple[invoices.Line, ...]:
    """Give what a member was charged in a month, as the books have it, one line for each kind of transfer.

    Args:
        organisation: unified social credit code.
        region: region code.
        month: its first day.
    """
    from_at, to_at = (periods.instant(day, time.min) for day in (month, invoices.month_after(month)))
    rows = registry.charges(organisation, region=region, from_at=from_at, to_at=to_at)
    return tuple(invoices.Line(type_.value, count, fen) for type_, count, fen in rows)


def invoices_of(organisation: str, *, region: str) -> tuple[InvoiceRow, ...]:
    """List the invoices of a member in a region, the latest month first."""
    rows = Invoice.objects.filter(organisation=organisation, region=region).order_by("-month")
    return tuple(InvoiceRow(row.number, row.month, row.total_fen, row.document, row.made_at) for row in rows)


def fee_list(region: str, *, on: date) -> tuple[str, ...]:
    """Give the paths of the fees of a region that its rule book knows on a day, in the order of the list."""
    rules = rulebook.at(region, on=on)
    return tuple(path for path in _FEE_PATHS if path in rules.leaves)


def _deals(organisation: str) -> QuerySet[Deal]:
    is_own = Q(organisation=organisation) | Q(taker=organisation)
    return Deal.objects.filter(is_own, state=DealState.SETTLED).select_related("instrument")


def _slip_of_deal(row: Deal, organisation: str) -> SlipRow:
    is_buyer = (row.organisation == organisation) is (row.side == Side.BUY)
    slip = Slip(
        trade=row.number,
        side=Side.BUY if is_buyer else Side.SELL,
        price_fen_per_t=row.price_fen_per_t,
        quantity_t=row.quantity_t,
        fee_fen=row.buyer_fee_fen if is_buyer else row.seller_fee_fen,
    )
    return SlipRow(slip, row.instrument.code, row.asset, row.number, row.settled_at or row.at, row.transfer)


def _slip_row(row: Trade, organisation: str) -> SlipRow:
    is_buyer = row.buy_order.organisation == organisation
    slip = Slip(
        trade=row.number,
        side=Side.BUY if is_buyer else Side.SELL,
        price_fen_per_t=row.price_fen_per_t,
        quantity_t=row.quantity_t,
        fee_fen=row.buyer_fee_fen if is_buyer else row.seller_fee_fen,
    )
    order = row.buy_order.number if is_buyer else row.sell_order.number
    return SlipRow(slip, row.instrument.code, row.asset, order, row.at, row.transfer)


def _slip_back(row: Trade, organisation: str) -> SlipRow:
    made = _slip_row(row, organisation)
    return replace(made, slip=replace(made.slip, is_back=True), at=row.bust.at, transfer=row.bust.transfer)


def is_cash(held: BalanceAt) -> bool:
    """Say whether something held is money."""
    return held.asset.kind is AssetKind.CASH
