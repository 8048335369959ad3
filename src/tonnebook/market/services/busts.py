"""Take a listed trade back, or put another in its place: new entries by two people, until its day is closed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tonnebook import rulebook
from tonnebook.core import book, busts, identity, ledger, periods, roles, units
from tonnebook.core.busts import BustGround, BustRefusal, Made
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Delivery, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Bust, Instrument, Trade
from tonnebook.market.services import locks, step, tidings
from tonnebook.members import services as members
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry

_BUST, _CORRECT = "market.bust_trade", "market.correct_trade"


@dataclass(frozen=True, slots=True)
class _Case:
    # A trade under the lock of its market, and who takes it back on what ground.
    trade: Trade
    instrument: Instrument
    fee_share: Decimal
    cash: str
    ground: BustGround
    reason: str
    initiator: str
    approver: str
    now: datetime


@journal.command(_BUST)
def bust_trade(
    actor: Actor, *, trade: str, ground: BustGround, reason: str, approval: str, key: str, now: datetime
) -> Answer:
    """Take a trade back: units, amount and both fees return in one transfer; nothing of what was written changes.

    What goes back are the very units the buyer got with it: as many of the lot bought at its price that day. The seller
    gets the lots that it gave. The orders are not put back into the book.

    Args:
        actor: exchange staff.
        trade: number of a listed trade.
        ground: why such a trade may be taken back.
        reason: what happened; it enters the log sealed.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `bust`, `transfer` and `receipt` (leaf hash).

    Raises:
        Refused: NO_SUCH_TRADE; NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; what
            `core.busts.check_bust` refuses; LOT_GONE when the buyer has sold the units on; INSUFFICIENT_FREE when units
            or the seller's money are not free; what else the account book refuses.

    Source: design choice, no legal source (invariant B13).
    """
    del key
    payload: dict[str, Json] = {"trade": trade, "ground": str(ground), "reason": reason}
    case = _opened(actor, _BUST, payload, approval, now)
    (transfer,) = registry.post([_back(case)], now=now)
    return _keep(case, transfer.number, None)


@journal.command(_CORRECT)
def correct_trade(
    actor: Actor,
    *,
    trade: str,
    price_fen_per_t: int,
    quantity_t: int,
    ground: BustGround,
    reason: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Take a trade back and put one at the right price and quantity in its place, between the same orders.

    Args:
        actor: exchange staff.
        trade: number of a listed trade.
        price_fen_per_t: the right price, fen per tonne, within the limits of both orders.
        quantity_t: the right quantity, tonnes, at most what was traded.
        ground: as for `bust_trade`.
        reason: as for `bust_trade`.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when; the new trade is one of this instant.

    Returns:
        As `bust_trade`, and `trade`, the number of the new one.

    Raises:
        Refused: as `bust_trade`; what `core.busts.check_correction` refuses.

    Source: design choice, no legal source (invariant B13).
    """
    del key
    payload: dict[str, Json] = {"trade": trade, "price_fen_per_t": price_fen_per_t, "quantity_t": quantity_t}
    payload |= {"ground": str(ground), "reason": reason}
    case = _opened(actor, _CORRECT, payload, approval, now)
    _check_right(case.trade, price_fen_per_t, quantity_t)
    new = _replacement(case, price_fen_per_t, quantity_t)
    back, there = registry.post([_back(case), _there(case, new)], now=now)
    new.transfer = there.number
    new.save(force_insert=True)
    case.instrument.save(update_fields=["trade_seq"])
    return _keep(case, back.number, new) | {"trade": new.number}


def check_bust(actor: Actor, *, trade: str, right: tuple[int, int] | None, now: datetime) -> None:
    """Refuse what `bust_trade`, or `correct_trade` with the right price and quantity, would refuse of a trade now.

    Args:
        actor: exchange staff.
        trade: number.
        right: price in fen per tonne and quantity in tonnes; None when nothing takes its place.
        now: when.

    Raises:
        Refused: NO_SUCH_TRADE; NOT_PERMITTED, NOT_YOUR_REGION; what `core.busts.check_bust` and `check_correction`
            refuse.

    Source: design choice, no legal source.
    """
    row = _found(trade)
    roles.check(actor, Act.SUPERVISE, region=row.instrument.region)
    _check(row, row.instrument, now)
    if right is not None:
        _check_right(row, *right)


@tenancy.everywhere(Why.MARKET)
def _found(number: str) -> Trade:
    row = Trade.objects.select_related("buy_order", "sell_order", "instrument").filter(number=number).first()
    if row is None:
        raise Refused(BustRefusal.NO_SUCH_TRADE, trade=number)
    return row


def _check(row: Trade, instrument: Instrument, now: datetime) -> None:
    bust = Bust.objects.filter(trade=row).values_list("number", flat=True).first() or ""
    busts.check_bust(_made(row, bust=bust), today=periods.day_of(now), closed_on=instrument.closed_on)


def _check_right(row: Trade, price_fen_per_t: int, quantity_t: int) -> None:
    terms = book.terms(rulebook.at(row.instrument.region, on=row.trading_on))
    busts.check_correction(
        _made(row),
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        tick_fen=terms.tick_fen,
        lot_t=terms.lot_t,
    )


# The orders and trades of a market are everybody's, so they are read as the market.
@tenancy.everywhere(Why.MARKET)
def _opened(actor: Actor, kind: str, payload: dict[str, Json], approval: str, now: datetime) -> _Case:
    number = str(payload["trade"])
    row = _found(number)
    roles.check(actor, Act.SUPERVISE, region=row.instrument.region)
    people = members.use_approval(approval, kind=kind, payload=payload, now=now)
    locked = locks.lock_market(row.instrument.code)
    instrument = next(one for one in locked if one.pk == row.instrument_id)
    # Only under the lock it is known whether somebody was faster; the orders may have been amended, too.
    row = _found(number)
    _check(row, instrument, now)
    rules = rulebook.at(instrument.region, on=row.trading_on)
    return _Case(
        trade=row,
        instrument=instrument,
        fee_share=book.terms(rules).fee_share,
        cash=rules.text("region.cash"),
        ground=BustGround(str(payload["ground"])),
        reason=str(payload["reason"]),
        initiator=people.initiator,
        approver=people.approver,
        now=now,
    )


def _made(row: Trade, *, bust: str = "") -> Made:
    return Made(
        row.number,
        row.trading_on,
        row.price_fen_per_t,
        row.quantity_t,
        row.sell_order.price_fen_per_t,
        row.buy_order.price_fen_per_t,
        bust,
    )


def _back(case: _Case) -> registry.TransferDraft:
    row = case.trade
    # Trades are delivered in the order in which they are written.
    before = Trade.objects.filter(
        instrument__region=case.instrument.region, trading_on=row.trading_on, transfer=row.transfer, pk__lt=row.pk
    )
    with tenancy.everywhere(Why.MARKET):
        restores = holdings.lots_delivered(row.transfer, before.count())
    legs = ledger.legs_back(_delivery(row), cash=case.cash, fees=_fees(case), restores=restores)
    return _draft(case, TransferType.BUST_TRADE, legs, subject=row.number)


def _there(case: _Case, new: Trade) -> registry.TransferDraft:
    legs = ledger.legs_of(_delivery(new), cash=case.cash, fees=_fees(case))
    return _draft(case, TransferType.DELIVER_TRADE, legs, subject=new.number)


def _draft(case: _Case, type_: TransferType, legs: tuple[ledger.Leg, ...], *, subject: str) -> registry.TransferDraft:
    return registry.TransferDraft(type_, legs, case.initiator, case.approver, subject=subject, note=case.reason)


def _fees(case: _Case) -> str:
    return holdings.system_account(case.instrument.region, AccountType.FEES)


# Nothing is reserved for it: what a correction needs is free once the trade is taken back.
def _delivery(row: Trade) -> Delivery:
    return Delivery(
        seller=row.sell_order.unit_account,
        buyer=row.buy_order.unit_account,
        asset=row.asset,
        quantity_t=row.quantity_t,
        price_fen_per_t=row.price_fen_per_t,
        seller_hold="",
        buyer_cash=row.buy_order.cash_account,
        seller_cash=row.sell_order.cash_account,
        buyer_hold="",
        buyer_fee_fen=row.buyer_fee_fen,
        seller_fee_fen=row.seller_fee_fen,
    )


def _replacement(case: _Case, price_fen_per_t: int, quantity_t: int) -> Trade:
    case.instrument.trade_seq += 1
    amount_fen = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=quantity_t)
    fee_fen = units.fee_fen(amount_fen, case.fee_share)
    return Trade(
        number=identity.numbered(f"{case.instrument.code}-T", case.instrument.trade_seq),
        instrument=case.instrument,
        seq=case.instrument.trade_seq,
        buy_order=case.trade.buy_order,
        sell_order=case.trade.sell_order,
        asset=case.trade.asset,
        price_fen_per_t=price_fen_per_t,
        quantity_t=quantity_t,
        buyer_fee_fen=fee_fen,
        seller_fee_fen=fee_fen,
        trading_on=case.trade.trading_on,
        at=case.now,
    )


def _keep(case: _Case, transfer: str, new: Trade | None) -> Answer:
    count = Bust.objects.filter(trade__instrument=case.instrument).count() + 1
    row = Bust.objects.create(
        number=identity.numbered(f"{case.instrument.code}-BT", count),
        trade=case.trade,
        replacement=new,
        ground=case.ground,
        transfer=transfer,
        initiator=case.initiator,
        approver=case.approver,
        at=case.now,
    )
    facts = {
        "bust": row.number,
        "trade": case.trade.number,
        "instrument": case.instrument.code,
        "ground": str(case.ground),
        "transfer": transfer,
        "replacement": new.number if new else "",
        "by": case.initiator,
        "approver": case.approver,
    }
    entries = [step.trade_made(new)] if new else []
    *_, receipt = journal.append_many(
        [*entries, journal.Entry("market.trade.busted", facts, {"reason": case.reason})], now=case.now
    )
    tidings.tell_of_bust(row, now=case.now)
    return {"bust": row.number, "transfer": transfer, "receipt": receipt}
