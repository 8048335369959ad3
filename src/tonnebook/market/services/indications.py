"""The board of surplus and shortfall: give an indication, withdraw it, and let deals come of it."""

from datetime import date, datetime

from tonnebook.core import identity, indications, periods
from tonnebook.core.admission import TradingWay
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.errors import Refused
from tonnebook.core.indications import Audience, IndicationRefusal, IndicationState
from tonnebook.core.ledger import AssetKind
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Indication, Instrument
from tonnebook.market.services import instruments, standing
from tonnebook.members import services as members


@journal.command("market.give_indication")
def give_indication(
    actor: Actor,
    *,
    instrument: str,
    side: Side,
    quantity_t: int,
    until_on: date,
    audience: Audience,
    vintage: int | None = None,
    key: str,
    now: datetime,
) -> Answer:
    """Say on the board how many units one has to spare or looks for; it binds nobody.

    Args:
        actor: trader.
        instrument: code.
        side: SELL for a surplus, BUY for a shortfall.
        quantity_t: tonnes, > 0.
        until_on: last day on which it is shown.
        audience: who reads it.
        vintage: compliance year of the units; None for any.
        key: idempotency key.
        now: when.

    Returns:
        `indication` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME, TRADING_WINDOW_CLOSED; NO_SUCH_INSTRUMENT; what
            `core.standing.Standing.check` refuses; ACCOUNT_UNKNOWN; UNTIL_NOT_AHEAD; INDICATION_STANDS.
        ValueError: when the quantity is not positive.

    Source: design choice, no legal source.
    """
    del key
    if quantity_t <= 0:
        raise ValueError("an indication is of a positive quantity")
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    # A share of the lock of trading: indications wait for each other, and matching goes on beside them.
    row = Instrument.objects.select_for_update(no_key=True).filter(code=instrument).first()
    if row is None:
        raise Refused(MarketRefusal.NO_SUCH_INSTRUMENT, instrument=instrument)
    wanted = (TradingWay.AGREEMENT, Side(side), AssetKind(row.kind))
    standing.require_may_trade(row.region, actor.organisation, *wanted, now=now)
    instruments.accounts_of(actor, row.region)
    today = periods.day_of(now)
    indications.check_until(until_on, today=today)
    _make_room(row, actor, side, now=now)
    given = Indication.objects.create(
        number=identity.numbered(f"{instrument}-N", journal.next_counts("market_indication_number", 1)[0]),
        instrument=row,
        side=Side(side),
        organisation=actor.organisation,
        person=actor.person,
        quantity_t=quantity_t,
        vintage=vintage,
        audience=Audience(audience),
        until_on=until_on,
        at=now,
    )
    return {"indication": given.number, "receipt": journal.append(_given(given), now=now)}


@journal.command("market.withdraw_indication")
def withdraw_indication(actor: Actor, *, indication: str, key: str, now: datetime) -> Answer:
    """Take an own indication off the board.

    Args:
        actor: trader of the organisation that gave it.
        indication: number.
        key: idempotency key.
        now: when.

    Returns:
        `indication` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_INDICATION, also for one of somebody else; INDICATION_ENDED.

    Source: design choice, no legal source.
    """
    del key
    members.require(actor, Act.TRADE)
    own = Indication.objects.select_for_update().filter(organisation=actor.organisation)
    row = own.filter(number=indication).first()
    if row is None:
        raise Refused(IndicationRefusal.NO_SUCH_INDICATION, indication=indication)
    as_core(row).check_standing(periods.day_of(now))
    return {"indication": indication, "receipt": _end(row, IndicationState.WITHDRAWN, now=now)}


@tenancy.everywhere(Why.MARKET)
def taken_up(instrument: Instrument, number: str, side: Side, *, today: date) -> Indication:
    """Find the indication that a proposal takes up.

    Args:
        instrument: of the proposal.
        number: of the indication.
        side: of who proposes.
        today: day of the proposal.

    Raises:
        Refused: NO_SUCH_INDICATION; what `core.indications.Indication.check_taken_up` refuses.
    """
    row = Indication.objects.filter(number=number, instrument=instrument).first()
    if row is None:
        raise Refused(IndicationRefusal.NO_SUCH_INDICATION, indication=number)
    as_core(row).check_taken_up(side, today=today)
    return row


@tenancy.everywhere(Why.MARKET)
def match(pk: int, *, now: datetime) -> None:
    """End the indication that a deal came of, whatever its quantity; nothing when it has ended already.

    Args:
        pk: of its row.
        now: when.
    """
    row = Indication.objects.select_for_update().get(pk=pk)
    if row.state == IndicationState.STANDING:
        _end(row, IndicationState.MATCHED, now=now)


def as_core(row: Indication) -> indications.Indication:
    """Give an indication as core judges it."""
    return indications.Indication(row.number, IndicationState(row.state), Side(row.side), row.until_on)


# One stands for each side; an own one whose last day has passed makes room for the next.
def _make_room(instrument: Instrument, actor: Actor, side: Side, *, now: datetime) -> None:
    standing_one = Indication.objects.filter(
        instrument=instrument, organisation=actor.organisation, side=side, state=IndicationState.STANDING
    ).first()
    if standing_one is None:
        return
    if standing_one.until_on >= periods.day_of(now):
        facts = {"indication": standing_one.number, "instrument": instrument.code}
        raise Refused(IndicationRefusal.INDICATION_STANDS, **facts)
    _end(standing_one, IndicationState.WITHDRAWN, now=now)


def _end(row: Indication, state: IndicationState, *, now: datetime) -> str:
    row.state = state
    row.save(update_fields=["state"])
    facts = {"indication": row.number, "state": state.value}
    return journal.append(journal.Entry("market.indication.ended", facts), now=now)


def _given(row: Indication) -> journal.Entry:
    facts = {
        "indication": row.number,
        "instrument": row.instrument.code,
        "audience": row.audience,
        "until_on": row.until_on,
    }
    sealed = {
        "side": row.side,
        "quantity_t": row.quantity_t,
        "vintage": row.vintage,
        "organisation": row.organisation,
        "person": row.person,
    }
    return journal.Entry("market.indication.given", facts, sealed)
