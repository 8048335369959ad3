"""Block and agreement transfers: propose, answer, accept, decline and withdraw; delivered when accepted."""

from datetime import datetime

from tonnebook.core import deals as core
from tonnebook.core import identity, units
from tonnebook.core.book import Band, Side, Ticket
from tonnebook.core.deals import BlockTerms, DealRefusal, DealState, Proposal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Delivery
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Deal
from tonnebook.market.services import desks, indications, instruments, standing, tidings
from tonnebook.market.services.desks import Desk
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.members import services as members
from tonnebook.registry import queries as holdings
from tonnebook.registry import services as registry


@journal.command("market.propose_deal")
def propose_deal(
    actor: Actor,
    *,
    instrument: str,
    side: Side,
    price_fen_per_t: int,
    quantity_t: int,
    shown_total_fen: int,
    asset: str = "",
    counterparty: str = "",
    answers: str = "",
    indication: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """Propose a deal to one counterparty or to everybody who may trade; all it may need is set aside.

    An answer to a proposal addressed to oneself takes its place; to one addressed to everybody, it stands beside it.

    Args:
        actor: trader; the proposal is its organisation's.
        instrument: code.
        side: buy or sell, of who proposes.
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes.
        shown_total_fen: the total the trader confirmed, with fee for a buyer, after fee for a seller.
        asset: what a seller delivers; empty for a buyer.
        counterparty: unified social credit code; empty for everybody. An answer goes to who made the proposal.
        answers: number of the proposal it answers; empty for none.
        indication: number of the indication it takes up; it goes to who gave that. Empty for none.
        key: idempotency key.
        now: when.

    Returns:
        `deal`, `hold` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_INSTRUMENT; ACCOUNT_UNKNOWN; what
            `core.deals.check_answer` refuses; what `indications.taken_up` refuses; COUNTERPARTY_UNKNOWN; OWN_GROUP;
            what `core.deals.check_deal` refuses; INSUFFICIENT_FREE.
        ValueError: when price or quantity is not positive, or the asset does not fit the side.

    Source: S39, S63, S64, by `trading.block_*`; proposals and answers are a design choice.
    """
    del key
    ticket = Ticket(instrument, Side(side), price_fen_per_t, quantity_t, asset, shown_total_fen)
    members.require(actor, Act.TRADE)
    desk = desks.enter(instrument, now=now)
    accounts = instruments.accounts_of(actor, desk.instrument.region)
    answered = _answered(desk, actor, answers) if answers else None
    taken = indications.taken_up(desk.instrument, indication, ticket.side, today=desk.today) if indication else None
    to = answered or taken
    counterparty = to.organisation if to else counterparty
    _check_counterparty(desk, actor, counterparty)
    terms = core.terms(desk.rules)
    fee_fen = _check(desk, actor, terms, ticket, accounts)
    if answered and answered.counterparty:
        _end(desk, answered, DealState.ANSWERED)
    band = core.band(desk.instrument.previous_close_fen_per_t, terms, quantity_t=quantity_t)
    row = drafted(desk, actor, ticket, accounts, least_t=terms.min_t, band=band)
    row.counterparty, row.answers = counterparty, answered
    row.indication = answered.indication if answered else taken
    row.hold = desks.reserve(desk, ticket, accounts, subject=row.number, fee_fen=fee_fen)
    row.save(force_insert=True)
    desk.instrument.save(update_fields=["deal_seq"])
    tidings.tell_of_deals([row], now=now)
    return {"deal": row.number, "hold": row.hold, "receipt": journal.append(proposed(row), now=now)}


@journal.command("market.accept_deal")
def accept_deal(actor: Actor, *, deal: str, shown_total_fen: int, asset: str = "", key: str, now: datetime) -> Answer:
    """Accept a proposal as it stands; units and money change hands at once.

    Args:
        actor: trader of the organisation it is addressed to, or of any when it is addressed to everybody.
        deal: number.
        shown_total_fen: the total the trader confirmed.
        asset: what is delivered, when the proposal is a buyer's; empty otherwise.
        key: idempotency key.
        now: when.

    Returns:
        `deal`, `transfer`, `turnover_fen`, `fee_fen` (own) and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; ACCOUNT_UNKNOWN; NO_SUCH_DEAL, DEAL_DECIDED, OWN_GROUP;
            what `core.deals.check_deal` refuses; INSUFFICIENT_FREE.
        ValueError: when the asset does not fit the side.

    Source: S39, S63, S64, by `trading.block_*`.
    """
    del key
    members.require(actor, Act.TRADE)
    desk, row = _found(deal, now)
    accounts = instruments.accounts_of(actor, desk.instrument.region)
    core.check_answer(
        _as_core(row), actor.organisation, is_one_group=standing.are_one(row.organisation, actor.organisation)
    )
    side = core.opposite(Side(row.side))
    ticket = Ticket(desk.instrument.code, side, row.price_fen_per_t, row.quantity_t, asset, shown_total_fen)
    fee_fen = _check(desk, actor, core.terms(desk.rules), ticket, accounts)
    if row.answers is not None and row.answers.state == DealState.PROPOSED:
        _end(desk, row.answers, DealState.ANSWERED)
    row.asset = row.asset or asset
    row.taker, row.taker_person = actor.organisation, actor.person
    row.taker_unit_account, row.taker_cash_account = accounts.units, accounts.cash
    hold = desks.reserve(desk, ticket, accounts, subject=row.number, fee_fen=fee_fen)
    _settle(desk, row, hold, fee_fen)
    return {
        "deal": row.number,
        "transfer": row.transfer,
        "turnover_fen": units.amount_fen(price_fen_per_t=row.price_fen_per_t, quantity_t=row.quantity_t),
        "fee_fen": fee_fen,
        "receipt": journal.append(settled(row), now=now),
    }


@journal.command("market.decline_deal")
def decline_deal(actor: Actor, *, deal: str, reason: str, key: str, now: datetime) -> Answer:
    """Decline a proposal addressed to one's own organisation; what it had set aside is free again.

    Args:
        actor: trader of the organisation it is addressed to.
        deal: number.
        reason: why, as the other party reads it; it enters the log sealed.
        key: idempotency key.
        now: when.

    Returns:
        `deal` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_DEAL, also when it is addressed to everybody; DEAL_DECIDED.

    Source: design choice, no legal source.
    """
    del key
    members.require(actor, Act.TRADE)
    desk, row = _found(deal, now)
    if row.counterparty != actor.organisation:
        raise Refused(DealRefusal.NO_SUCH_DEAL, deal=deal)
    core.check_standing(_as_core(row))
    return {"deal": deal, "receipt": _end(desk, row, DealState.DECLINED, reason=reason)}


@journal.command("market.withdraw_deal")
def withdraw_deal(actor: Actor, *, deal: str, key: str, now: datetime) -> Answer:
    """Withdraw an own proposal; what it had set aside is free again.

    Args:
        actor: trader of the organisation that made it.
        deal: number.
        key: idempotency key.
        now: when.

    Returns:
        `deal` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_DEAL, also for one of somebody else; DEAL_DECIDED.

    Source: design choice, no legal source.
    """
    del key
    members.require(actor, Act.TRADE)
    desk, row = _found(deal, now)
    if row.organisation != actor.organisation:
        raise Refused(DealRefusal.NO_SUCH_DEAL, deal=deal)
    core.check_standing(_as_core(row))
    return {"deal": deal, "receipt": _end(desk, row, DealState.WITHDRAWN)}


@tenancy.everywhere(Why.MARKET)
def _found(number: str, now: datetime) -> tuple[Desk, Deal]:
    own = Deal.objects.filter(number=number, sale=None)
    code = own.values_list("instrument__code", flat=True).first()
    if code is None:
        raise Refused(DealRefusal.NO_SUCH_DEAL, deal=number)
    desk = desks.enter(code, now=now)
    return desk, own.select_related("answers").get()


def _answered(desk: Desk, actor: Actor, number: str) -> Deal:
    with tenancy.everywhere(Why.MARKET):
        row = (
            Deal.objects.select_related("indication")
            .filter(number=number, instrument=desk.instrument, sale=None)
            .first()
        )
    if row is None:
        raise Refused(DealRefusal.NO_SUCH_DEAL, deal=number)
    core.check_answer(
        _as_core(row), actor.organisation, is_one_group=standing.are_one(row.organisation, actor.organisation)
    )
    return row


@tenancy.everywhere(Why.MARKET)
def _check_counterparty(desk: Desk, actor: Actor, counterparty: str) -> None:
    if not counterparty:
        return
    core.check_counterparty(counterparty, is_one_group=standing.are_one(counterparty, actor.organisation))
    own = [row for row in holdings.accounts(counterparty) if row.region == desk.instrument.region]
    if not any(row.type is AccountType.CLIENT_CASH for row in own):
        raise Refused(DealRefusal.COUNTERPARTY_UNKNOWN, organisation=counterparty)


# The fee of the side whose ticket it is, once everything is as the rules have it.
def _check(desk: Desk, actor: Actor, terms: BlockTerms, ticket: Ticket, accounts: TradingAccounts) -> int:
    told = desks.conditions(desk, ticket, accounts, desks.admit(actor, desk, ticket.side), terms.of(ticket.quantity_t))
    core.check_deal(ticket, terms, told)
    amount_fen = units.amount_fen(price_fen_per_t=ticket.price_fen_per_t, quantity_t=ticket.quantity_t)
    return units.fee_fen(amount_fen, terms.listed.fee_share)


def drafted(
    desk: Desk, actor: Actor, ticket: Ticket, accounts: TradingAccounts, *, least_t: int, band: Band | None
) -> Deal:
    """Number a proposal that is not stored yet.

    Args:
        desk: the market.
        actor: who proposes.
        ticket: what is proposed.
        accounts: it draws on.
        least_t: smallest quantity by its rule, tonnes.
        band: lowest and highest price by its rule; None where the price is free.
    """
    desk.instrument.deal_seq += 1
    return Deal(
        number=identity.numbered(f"{desk.instrument.code}-D", desk.instrument.deal_seq),
        instrument=desk.instrument,
        seq=desk.instrument.deal_seq,
        side=ticket.side,
        organisation=actor.organisation,
        person=actor.person,
        unit_account=accounts.units,
        cash_account=accounts.cash,
        asset=ticket.asset,
        price_fen_per_t=ticket.price_fen_per_t,
        quantity_t=ticket.quantity_t,
        least_t=least_t,
        low_fen_per_t=band.low_fen_per_t if band else None,
        high_fen_per_t=band.high_fen_per_t if band else None,
        state=DealState.PROPOSED,
        trading_on=desk.today,
        at=desk.now,
    )


# Both sides pay the same share of the same amount.
def _settle(desk: Desk, row: Deal, hold: str, fee_fen: int) -> None:
    proposer = (row.unit_account, row.cash_account, row.hold)
    taker = (row.taker_unit_account, row.taker_cash_account, hold)
    seller, buyer = (proposer, taker) if row.side == Side.SELL else (taker, proposer)
    delivery = Delivery(
        seller=seller[0],
        buyer=buyer[0],
        asset=row.asset,
        quantity_t=row.quantity_t,
        price_fen_per_t=row.price_fen_per_t,
        seller_hold=seller[2],
        buyer_cash=buyer[1],
        seller_cash=seller[1],
        buyer_hold=buyer[2],
        buyer_fee_fen=fee_fen,
        seller_fee_fen=fee_fen,
    )
    row.transfer = desks.deliver(desk, [delivery], initiator=row.taker_person, subject=row.number)
    row.buyer_fee_fen = row.seller_fee_fen = fee_fen
    row.state, row.settled_at = DealState.SETTLED, desk.now
    with tenancy.everywhere(Why.MARKET):
        row.save()
        tidings.tell_of_deals([row], now=desk.now)
    if row.indication_id:
        indications.match(row.indication_id, now=desk.now)


@tenancy.everywhere(Why.MARKET)
def _end(desk: Desk, row: Deal, state: DealState, *, reason: str = "") -> str:
    registry.release_holds([row.hold], now=desk.now)
    row.state, row.reason = state, reason
    row.save(update_fields=["state", "reason"])
    tidings.tell_of_deals([row], now=desk.now)
    facts = {"deal": row.number, "state": state.value}
    sealed = {"reason": reason} if reason else {}
    return journal.append(journal.Entry("market.deal.ended", facts, sealed), now=desk.now)


def _as_core(row: Deal) -> Proposal:
    return Proposal(row.number, DealState(row.state), row.organisation, row.counterparty)


def proposed(row: Deal) -> journal.Entry:
    """Write that something was proposed; what two negotiate is theirs, and the log proves later what it was."""
    facts = {"deal": row.number, "instrument": row.instrument.code, "seq": row.seq}
    sealed = {
        "side": row.side,
        "price_fen_per_t": row.price_fen_per_t,
        "quantity_t": row.quantity_t,
        "organisation": row.organisation,
        "person": row.person,
        "counterparty": row.counterparty,
        "asset": row.asset,
        "hold": row.hold,
    }
    return journal.Entry("market.deal.proposed", facts, sealed)


def settled(row: Deal) -> journal.Entry:
    """Write that a deal was settled."""
    facts = {
        "deal": row.number,
        "instrument": row.instrument.code,
        "price_fen_per_t": row.price_fen_per_t,
        "quantity_t": row.quantity_t,
        "transfer": row.transfer,
    }
    sealed = {
        "taker": row.taker,
        "person": row.taker_person,
        "asset": row.asset,
        "buyer_fee_fen": row.buyer_fee_fen,
        "seller_fee_fen": row.seller_fee_fen,
    }
    return journal.Entry("market.deal.settled", facts, sealed)
