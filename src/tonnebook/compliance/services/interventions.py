"""Take part in an intervention, and settle it: what is asked for is reserved first, and paid on delivery."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from tonnebook import rulebook
from tonnebook.compliance.models import Intervention, InterventionRequest
from tonnebook.compliance.queries import stability
from tonnebook.core import identity, periods, roles, units
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind, HoldReason, Leg, TransferType
from tonnebook.core.market_stability import interventions
from tonnebook.core.market_stability.interventions import (
    InterventionKind,
    Request,
    RequestState,
    StabilityRefusal,
    Window,
)
from tonnebook.core.roles import SYSTEM, Act, Actor, OrganisationKind
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.market import services as market
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger


@journal.command("compliance.subscribe")
def subscribe(actor: Actor, *, intervention: str, quantity_t: int, key: str, now: datetime) -> Answer:
    """Ask for allowances of a fixed-price sale; their price is set aside until it is settled.

    Args:
        actor: trader of a covered entity.
        intervention: number.
        quantity_t: tonnes.
        key: idempotency key.
        now: when.

    Returns:
        {"request", "receipt": leaf hash; organisation and quantity stay sealed}.

    Raises:
        Refused: NOT_PERMITTED; what `members.require_may_trade` refuses; NO_SUCH_INTERVENTION; OTHER_INTERVENTION;
            NOT_OPEN_NOW; NOT_ADMITTED; ABOVE_BUYER_LIMIT; ACCOUNT_UNKNOWN; INSUFFICIENT_FREE.
        ValueError: when the quantity is not positive.

    Source: design choice, no legal source.
    """
    del key
    row = _locked_open(actor, intervention, InterventionKind.FIXED_PRICE_SALE, now)
    wanted = Request(row.request_seq + 1, quantity_t, row.price_fen_per_t)
    own = InterventionRequest.objects.filter(
        intervention=row, organisation=actor.organisation, state=RequestState.STANDING
    )
    own_t = own.aggregate(total=Sum("quantity_t"))["total"] or 0
    interventions.check_subscription(quantity_t=quantity_t, own_t=own_t, limit_t=row.buyer_limit_t or 0)
    cash = rulebook.at(row.region, on=periods.day_of(now)).text("region.cash")
    due_fen = units.amount_fen(price_fen_per_t=row.price_fen_per_t, quantity_t=quantity_t)
    return _requested(actor, row, wanted, row.asset, (cash, due_fen), now)


@journal.command("compliance.offer_back")
def offer_back(
    actor: Actor, *, intervention: str, asset: str, quantity_t: int, price_fen_per_t: int, key: str, now: datetime
) -> Answer:
    """Offer allowances to a buy-back; they are set aside until it is settled.

    Args:
        actor: trader of a covered entity.
        intervention: number.
        asset: code of the allowances.
        quantity_t: tonnes.
        price_fen_per_t: wanted for a tonne, fen.
        key: idempotency key.
        now: when.

    Returns:
        {"request", "receipt": leaf hash; organisation, quantity and price stay sealed}.

    Raises:
        Refused: NOT_PERMITTED; what `members.require_may_trade` refuses; NO_SUCH_INTERVENTION; OTHER_INTERVENTION;
            NOT_OPEN_NOW; NOT_ADMITTED; ABOVE_PRICE; NOT_ACCEPTED; ACCOUNT_UNKNOWN; INSUFFICIENT_FREE.
        ValueError: when quantity or price is not positive.

    Source: design choice, no legal source.
    """
    del key
    row = _locked_open(actor, intervention, InterventionKind.BUY_BACK, now)
    offered = Request(row.request_seq + 1, quantity_t, price_fen_per_t)
    interventions.check_offer(price_fen_per_t=price_fen_per_t, limit_fen_per_t=row.price_fen_per_t)
    scheme = rulebook.at(row.region, on=periods.day_of(now)).text("region.scheme")
    found = registry.asset(asset)
    if (found.kind, found.scheme, found.use_restriction) != (AssetKind.ALLOWANCE, scheme, ""):
        raise Refused(StabilityRefusal.NOT_ACCEPTED, asset=asset)
    return _requested(actor, row, offered, asset, (asset, quantity_t), now)


@journal.command("compliance.withdraw_request")
def withdraw_request(actor: Actor, *, request: str, key: str, now: datetime) -> Answer:
    """Withdraw an own request while the window is open, and set what it reserved free.

    Args:
        actor: trader of the organisation.
        request: number.
        key: idempotency key.
        now: when.

    Returns:
        {"request", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_REQUEST, also for one of somebody else; NOT_OPEN_NOW; REQUEST_DECIDED.

    Source: design choice, no legal source.
    """
    del key
    membership.require(actor, Act.TRADE)
    own = InterventionRequest.objects.filter(number=request, organisation=actor.organisation)
    number = own.values_list("intervention__number", flat=True).first()
    if number is None:
        raise Refused(StabilityRefusal.NO_SUCH_REQUEST, request=request)
    interventions.check_open(number, _window(_locked(number)), now)
    row = own.select_related("intervention").get()
    if row.state != RequestState.STANDING:
        raise Refused(StabilityRefusal.REQUEST_DECIDED, request=request)
    ledger.release_holds([row.hold], now=now)
    row.state = RequestState.WITHDRAWN
    row.save(update_fields=["state"])
    return {"request": request, "receipt": journal.append(_entry("compliance.request.withdrawn", row), now=now)}


@journal.command("compliance.settle_intervention")
def settle_intervention(actor: Actor, *, intervention: str, key: str, now: datetime) -> Answer:
    """Settle an intervention after its window: units against money, the rest set free; once.

    Args:
        actor: officer of the region, or the system.
        intervention: number.
        key: idempotency key.
        now: when.

    Returns:
        {"intervention", "moved_t", "paid_fen", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_INTERVENTION; STILL_OPEN; ALREADY_SETTLED.

    Source: as `core.market_stability.interventions.shared_out` and `.bought`.
    """
    del key
    row = _locked(intervention)
    roles.check(actor, Act.STABILISE, region=row.region)
    interventions.check_over(intervention, _window(row), is_settled=row.settled_at is not None, now=now)
    standing = InterventionRequest.objects.filter(intervention=row, state=RequestState.STANDING)
    requests = list(standing.select_related("intervention").order_by("seq"))
    # What a court or the authority took away is reserved no longer: such a request is not served.
    gone = registry.overridden_holds()
    parts = _shares(row, [one for one in requests if one.hold not in gone])
    for one in requests:
        one.served_t = parts.get(one.seq, 0)
        one.state = interventions.decided(_as_core(one), one.served_t)
    served = [one for one in requests if one.served_t]
    for one, posted in zip(served, ledger.post(_drafts(row, served), now=now), strict=True):
        one.transfer = posted.number
    ledger.release_holds(
        [one.hold for one in requests if one.served_t < one.quantity_t and one.hold not in gone], now=now
    )
    InterventionRequest.objects.bulk_update(requests, ["served_t", "state", "transfer"])
    row.settled_at, row.moved_t = now, sum(one.served_t for one in served)
    row.paid_fen = sum(one.served_t * one.price_fen_per_t for one in served)
    row.save(update_fields=["settled_at", "moved_t", "paid_fen"])
    facts = {"intervention": row.number, "kind": row.kind, "moved_t": row.moved_t, "paid_fen": row.paid_fen}
    entries = [Entry("compliance.intervention.settled", facts)]
    receipts = journal.append_many(
        [*entries, *(_entry("compliance.request.decided", one) for one in requests)], now=now
    )
    return {
        "intervention": row.number,
        "moved_t": row.moved_t,
        "paid_fen": row.paid_fen,
        "receipt": receipts[0],
    }


def settle_due_interventions(*, region: str, now: datetime) -> int:
    """Settle what takes requests no longer; a job calls it.

    Args:
        region: region code.
        now: when.

    Returns:
        How many were settled.
    """
    due = Intervention.objects.filter(region=region, settled_at=None, closes_at__lte=now).order_by("id")
    numbers = list(due.values_list("number", flat=True))
    for number in numbers:
        settle_intervention(SYSTEM, intervention=number, key=f"settle-{number}", now=now)
    return len(numbers)


def _locked(number: str) -> Intervention:
    row = Intervention.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise Refused(StabilityRefusal.NO_SUCH_INTERVENTION, intervention=number)
    return row


def _locked_open(actor: Actor, number: str, kind: InterventionKind, now: datetime) -> Intervention:
    membership.require(actor, Act.TRADE)
    membership.require_may_trade(actor)
    row = _locked(number)
    if row.kind != kind:
        raise Refused(StabilityRefusal.OTHER_INTERVENTION, intervention=number)
    interventions.check_open(number, _window(row), now)
    if actor.kind is not OrganisationKind.ENTITY:
        raise Refused(StabilityRefusal.NOT_ADMITTED, intervention=number)
    return row


def _window(row: Intervention) -> Window:
    return Window(row.opens_at, row.closes_at)


def _requested(
    actor: Actor, row: Intervention, asked: Request, asset: str, reserved: tuple[str, int], now: datetime
) -> Answer:
    accounts = market.accounts_of(actor, row.region)
    number = identity.numbered(f"{row.number}-R", asked.seq, digits=3)
    held_asset, held = reserved
    account = accounts.units if held_asset == asset else accounts.cash
    draft = ledger.HoldDraft(account, held_asset, held, HoldReason.BID, subject=number)
    placed = InterventionRequest.objects.create(
        number=number,
        intervention=row,
        seq=asked.seq,
        organisation=actor.organisation,
        person=actor.person,
        unit_account=accounts.units,
        cash_account=accounts.cash,
        asset=asset,
        price_fen_per_t=asked.price_fen_per_t,
        quantity_t=asked.quantity_t,
        hold=ledger.place_holds([draft], now=now)[0],
        at=now,
    )
    row.request_seq = asked.seq
    row.save(update_fields=["request_seq"])
    return {"request": number, "receipt": journal.append(_entry("compliance.request.made", placed), now=now)}


def _as_core(row: InterventionRequest) -> Request:
    return Request(row.seq, row.quantity_t, row.price_fen_per_t)


# A sale gives no more than the reserve holds, and a buy-back spends no more than the treasury does.
def _shares(row: Intervention, requests: Sequence[InterventionRequest]) -> dict[int, int]:
    asked = [_as_core(one) for one in requests]
    if not asked:
        return {}
    if row.kind == InterventionKind.FIXED_PRICE_SALE:
        left_t = min(row.quantity_t, stability.reserve(row.region).get(row.asset, 0))
        return interventions.shared_out(asked, quantity_t=left_t)
    treasury = registry.holdings(registry.system_account(row.region, AccountType.TREASURY))
    cash_fen = sum(one.free for one in treasury if one.asset.kind is AssetKind.CASH)
    return interventions.bought(asked, quantity_t=row.quantity_t, budget_fen=min(row.budget_fen or 0, cash_fen))


def _drafts(row: Intervention, served: Sequence[InterventionRequest]) -> list[ledger.TransferDraft]:
    reserve, treasury = (
        registry.system_account(row.region, type_) for type_ in (AccountType.RESERVE, AccountType.TREASURY)
    )
    cash = rulebook.at(row.region, on=periods.day_of(row.opens_at)).text("region.cash")
    is_sale = row.kind == InterventionKind.FIXED_PRICE_SALE
    drafts = []
    for one in served:
        due_fen = units.amount_fen(price_fen_per_t=one.price_fen_per_t, quantity_t=one.served_t)
        if is_sale:
            sold = Leg(reserve, one.unit_account, one.asset, one.served_t, price_fen_per_t=one.price_fen_per_t)
            legs = (sold, Leg(one.cash_account, treasury, cash, due_fen, one.hold))
        else:
            given = Leg(one.unit_account, reserve, one.asset, one.served_t, one.hold)
            legs = (given, Leg(treasury, one.cash_account, cash, due_fen))
        type_ = TransferType.RELEASE_RESERVE if is_sale else TransferType.BUY_BACK
        drafts.append(ledger.TransferDraft(type_, legs, row.initiator, row.approver, one.number))
    return drafts


# What a request says stays sealed; the log proves later that it was said in time.
def _entry(kind: str, row: InterventionRequest) -> Entry:
    sealed = {
        "organisation": row.organisation,
        "asset": row.asset,
        "price_fen_per_t": row.price_fen_per_t,
        "quantity_t": row.quantity_t,
        "served_t": row.served_t,
    }
    facts = {"request": row.number, "intervention": row.intervention.number, "state": row.state}
    return Entry(kind, facts, sealed)
