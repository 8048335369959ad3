"""Watch the closes, keep the reserve, and decide upon a finding; who then takes part stands in `interventions`.

A finding is recorded for every trading day, also when it calls for nothing. What it calls for is done only when two
people have decided it, once for each finding, within the limits of the rule book and the total of the plan.
"""

from datetime import date, datetime, timedelta

from tonnebook.compliance.models import AllocationPlan, Intervention, ReserveMove, SetAside, StabilityFinding
from tonnebook.compliance.queries import stability, standing
from tonnebook.compliance.services import issuing
from tonnebook.core import identity, periods, roles, trace
from tonnebook.core.allocation import totals
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.market_stability import interventions, reserve_moves, triggers
from tonnebook.core.market_stability.interventions import InterventionKind, StabilityRefusal, Window
from tonnebook.core.market_stability.reserve_moves import ReserveMoveKind
from tonnebook.core.market_stability.triggers import Close, PriceMove
from tonnebook.core.roles import SYSTEM, Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.market import queries as market
from tonnebook.market.services import lock_market
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger

# Calendar days that surely hold a window of trading days: twice as many, and the longest holidays.
_HOLIDAYS = timedelta(days=30)


@journal.command("compliance.record_finding")
def record_finding(actor: Actor, *, region: str, on: date, key: str, now: datetime) -> Answer:
    """Look at the closes up to a day and record what they call for, even when that is nothing.

    Args:
        actor: officer of the region, or the system.
        region: region code.
        on: a trading day that has been closed.
        key: idempotency key.
        now: when.

    Returns:
        {"kind", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; FINDING_EXISTS; DAY_NOT_CLOSED; NO_SUCH_PARAMETER when the region has
            no such mechanism.

    Source: as `core.market_stability.triggers.finding`.
    """
    del key
    roles.check(actor, Act.STABILISE, region=region)
    if StabilityFinding.objects.filter(region=region, on=on).exists():
        raise Refused(StabilityRefusal.FINDING_EXISTS, on=on)
    rules = standing.rules(region, on.year, on)
    closes = _closes(rules, on)
    if not closes or closes[-1].day != on:
        raise Refused(StabilityRefusal.DAY_NOT_CLOSED, on=on)
    found = triggers.finding(closes, rules, reserve_t=sum(stability.reserve(region).values()))
    amounts = {"change": found.change, "price": found.price, "quantity": found.quantity}
    StabilityFinding.objects.create(
        region=region,
        on=on,
        kind=found.kind,
        traces={name: trace.to_json(one) for name, one in amounts.items() if one is not None},
        rules_digest=rules.digest,
        at=now,
    )
    facts = {"region": region, "on": on, "kind": found.kind, "rules_digest": rules.digest}
    facts |= {name: str(one.value) for name, one in amounts.items() if one is not None}
    return {"kind": found.kind.value, "receipt": journal.append(Entry("compliance.stability.found", facts), now=now)}


def record_due_findings(*, region: str, now: datetime) -> int:
    """Record the findings of all closed days that have none yet, oldest first; a job calls it.

    Args:
        region: region code.
        now: when.

    Returns:
        How many were recorded; zero where the region has no such mechanism.
    """
    today = periods.day_of(now)
    rules = standing.rules(region, today.year, today)
    if not rules.has("stability.window_days"):
        return 0
    days = stability.days_without_finding(region, rules.text("region.scheme"), today)
    for day in days:
        record_finding(SYSTEM, region=region, on=day, key=f"finding-{region}-{day}", now=now)
    return len(days)


@journal.command("compliance.set_aside")
def set_aside(actor: Actor, *, region: str, year: int, approval: str, key: str, now: datetime) -> Answer:
    """Put what the plan of a year keeps in reserve into the reserve account, once.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"quantity_t", "asset", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NO_PLAN; NOTHING_TO_SET_ASIDE.

    Source: S01 (一), S33 (a share of the total is kept in reserve); that it becomes units: design choice.
    """
    del key
    roles.check(actor, Act.STABILISE, region=region)
    payload = {"region": region, "year": year}
    people = membership.use_approval(approval, kind="compliance.set_aside", payload=payload, now=now)
    rules = _locked_rules(region, year, now)
    quantity = totals.set_aside(rules)
    if not quantity.whole or SetAside.objects.filter(region=region, year=year).exists():
        raise Refused(StabilityRefusal.NOTHING_TO_SET_ASIDE, year=year)
    scheme = rules.text("region.scheme")
    asset = AssetKey(f"{scheme}-{year}-PAID", AssetKind.ALLOWANCE, scheme, year, "PAID")
    ledger.ensure_assets([asset], now=now)
    source, reserve = (registry.system_account(region, one) for one in (AccountType.ISSUANCE, AccountType.RESERVE))
    legs = (Leg(source, reserve, asset.code, quantity.whole),)
    subject = f"{region}-{year}-RESERVE"
    draft = ledger.TransferDraft(TransferType.FILL_RESERVE, legs, people.initiator, people.approver, subject)
    (posted,) = ledger.post([draft], now=now)
    SetAside.objects.create(
        region=region,
        year=year,
        asset=asset.code,
        quantity_t=quantity.whole,
        trace=trace.to_json(quantity),
        transfer=posted.number,
        done_at=now,
    )
    facts = {**payload, "asset": asset.code, "quantity_t": quantity.whole, "transfer": posted.number}
    facts |= {"initiator": people.initiator, "approver": people.approver}
    leaf = journal.append(Entry("compliance.reserve.set_aside", facts), now=now)
    return {"quantity_t": quantity.whole, "asset": asset.code, "receipt": leaf}


@journal.command("compliance.intervene")
def intervene(
    actor: Actor,
    *,
    region: str,
    on: date,
    kind: InterventionKind,
    year: int,
    quantity_t: int,
    opens_at: datetime,
    closes_at: datetime,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Decide a sale from the reserve or a buy-back, upon a finding.

    The price is that of the finding. Nothing moves before the window has closed and the intervention is settled.

    Args:
        actor: officer of the region.
        region: region code.
        on: day of the finding.
        kind: what is done.
        year: compliance year; of a sale, that of the units sold.
        quantity_t: tonnes, > 0.
        opens_at: first instant at which requests are taken.
        closes_at: first instant at which they no longer are.
        approval: number of the approval by two people, for exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"intervention", "price_fen_per_t", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NO_PLAN; NO_SUCH_FINDING;
            FINDING_USED; what `core.market_stability.interventions.check_decision` refuses; RESERVE_TOO_SMALL and
            CAP_EXCEEDED for a sale.
        ValueError: when the quantity is not positive.

    Source: S01 (一), S36 (sale at a fixed price and buy-back are named); every number is a design choice.
    """
    del key
    roles.check(actor, Act.STABILISE, region=region)
    kind, window = InterventionKind(kind), Window(opens_at, closes_at)
    payload = {"region": region, "on": on, "kind": kind, "year": year, "quantity_t": quantity_t}
    payload |= {"opens_at": opens_at, "closes_at": closes_at}
    people = membership.use_approval(approval, kind="compliance.intervene", payload=payload, now=now)
    rules = _locked_rules(region, year, now)
    found = _unused_finding(region, on)
    reserve, moved_t = stability.reserve(region), stability.moved_t(region, kind, year)
    interventions.check_decision(
        kind,
        PriceMove(found.kind),
        on,
        quantity_t=quantity_t,
        moved_t=moved_t,
        window=window,
        bounds=interventions.limits(kind, rules, reserve_t=sum(reserve.values()), moved_t=moved_t),
        act_within_days=rules.integer("stability.act_within_days"),
        now=now,
    )
    row = Intervention(
        finding=found,
        region=region,
        kind=kind,
        year=year,
        quantity_t=quantity_t,
        price_fen_per_t=trace.from_json(found.traces["price"]).whole,
        rules_digest=rules.digest,
        opens_at=opens_at,
        closes_at=closes_at,
        initiator=people.initiator,
        approver=people.approver,
        decided_at=now,
    )
    if kind is InterventionKind.FIXED_PRICE_SALE:
        row.asset = _sold_asset(rules, quantity_t, reserve)
        issuing.check_cap(quantity_t + stability.promised_t(row.asset), rules)
        row.buyer_limit_t = interventions.buyer_limit(quantity_t, rules).whole
    else:
        row.budget_fen = quantity_t * row.price_fen_per_t
    row.number = identity.numbered(f"{rules.text('region.scheme')}-I", _count(region), digits=3)
    row.save()
    leaf = journal.append(Entry("compliance.intervention.decided", _decided(row)), now=now)
    return {"intervention": row.number, "price_fen_per_t": row.price_fen_per_t, "receipt": leaf}


@journal.command("compliance.move_reserve")
def move_reserve(
    actor: Actor,
    *,
    region: str,
    on: date,
    kind: ReserveMoveKind,
    year: int,
    quantity_t: int,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Release units of the reserve to be auctioned, or withdraw into it what waits for an auction, upon a finding.

    The next auction of the same allowances offers what was released before anything new is issued.

    Args:
        actor: officer of the region.
        region: region code.
        on: day of the finding.
        kind: release or withdrawal.
        year: compliance year of the units.
        quantity_t: tonnes, > 0.
        approval: number of the approval by two people, for exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"reserve_move", "asset", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NO_PLAN; NO_SUCH_FINDING;
            FINDING_USED; what `core.market_stability.reserve_moves.check_move` refuses; CAP_EXCEEDED for a release.
        ValueError: when the quantity is not positive.

    Source: as `core.market_stability.reserve_moves.check_move`.
    """
    del key
    roles.check(actor, Act.STABILISE, region=region)
    kind = ReserveMoveKind(kind)
    payload = {"region": region, "on": on, "kind": kind, "year": year, "quantity_t": quantity_t}
    people = membership.use_approval(approval, kind="compliance.move_reserve", payload=payload, now=now)
    rules = _locked_rules(region, year, now)
    found = _unused_finding(region, on)
    lock_market(rules.text("region.scheme"))
    limit, asset = stability.move_limit(kind, rules), stability.paid_asset(rules)
    reserve_moves.check_move(
        kind,
        PriceMove(found.kind),
        on,
        quantity_t=quantity_t,
        limit_t=limit.whole,
        act_within_days=rules.integer("stability.act_within_days"),
        now=now,
    )
    if kind is ReserveMoveKind.RELEASE:
        issuing.check_cap(quantity_t + stability.promised_t(asset), rules)
    count = ReserveMove.objects.filter(region=region).count() + 1
    number = identity.numbered(f"{rules.text('region.scheme')}-M", count, digits=3)
    (posted,) = ledger.post([_moving(kind, region, (asset, quantity_t), people, number)], now=now)
    facts = {**payload, "reserve_move": number, "asset": asset, "limit_t": limit.whole, "rules_digest": rules.digest}
    facts |= {"transfer": posted.number, "initiator": people.initiator, "approver": people.approver}
    ReserveMove.objects.create(
        number=number,
        finding=found,
        region=region,
        kind=kind,
        year=year,
        asset=asset,
        quantity_t=quantity_t,
        limit_t=limit.whole,
        limit_trace=trace.to_json(limit),
        rules_digest=rules.digest,
        transfer=posted.number,
        decided_at=now,
    )
    leaf = journal.append(Entry("compliance.reserve.moved", facts), now=now)
    return {"reserve_move": number, "asset": asset, "receipt": leaf}


def _moving(
    kind: ReserveMoveKind, region: str, units: tuple[str, int], people: membership.ApprovedBy, number: str
) -> ledger.TransferDraft:
    reserve, auction = (registry.system_account(region, one) for one in (AccountType.RESERVE, AccountType.AUCTION))
    if kind is ReserveMoveKind.RELEASE:
        type_, leg = TransferType.RELEASE_RESERVE, Leg(reserve, auction, *units)
    else:
        type_, leg = TransferType.FILL_RESERVE, Leg(auction, reserve, *units)
    return ledger.TransferDraft(type_, (leg,), people.initiator, people.approver, number)


def _closes(rules: RulesAt, on: date) -> list[Close]:
    back = timedelta(days=2 * rules.integer("stability.window_days")) + _HOLIDAYS
    rows = market.closes(rules.text("region.scheme"), on - back, on + timedelta(days=1))
    return [Close(row.day, row.close_fen_per_t) for row in rows]


# Whoever issues, sets aside or decides holds the plan, so that no two pass the total or a limit together (A5); and all
# plans of the region, so that no two use one finding or number for different years.
def _locked_rules(region: str, year: int, now: datetime) -> RulesAt:
    plans = AllocationPlan.objects.select_for_update().filter(region=region).order_by("year")
    if year not in [plan.year for plan in plans]:
        raise Refused(AllocationRefusal.NO_PLAN, region=region, year=year)
    return standing.rules(region, year, periods.day_of(now))


def _unused_finding(region: str, on: date) -> StabilityFinding:
    found = StabilityFinding.objects.filter(region=region, on=on).first()
    if found is None:
        raise Refused(StabilityRefusal.NO_SUCH_FINDING, on=on)
    for model in (Intervention, ReserveMove):
        used = model.objects.filter(finding=found).values_list("number", flat=True).first()
        if used is not None:
            raise Refused(StabilityRefusal.FINDING_USED, on=on, intervention=used)
    return found


def _sold_asset(rules: RulesAt, quantity_t: int, reserve: dict[str, int]) -> str:
    asset = stability.paid_asset(rules)
    left_t = reserve.get(asset, 0) - stability.promised_t(asset)
    if quantity_t > left_t:
        raise Refused(StabilityRefusal.RESERVE_TOO_SMALL, asset=asset, quantity_t=quantity_t, left_t=left_t)
    return asset


def _count(region: str) -> int:
    return Intervention.objects.filter(region=region).count() + 1


def _decided(row: Intervention) -> dict[str, object]:
    return {
        "intervention": row.number,
        "finding_on": row.finding.on,
        "kind": row.kind,
        "year": row.year,
        "asset": row.asset,
        "quantity_t": row.quantity_t,
        "price_fen_per_t": row.price_fen_per_t,
        "buyer_limit_t": row.buyer_limit_t,
        "budget_fen": row.budget_fen,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "rules_digest": row.rules_digest,
        "initiator": row.initiator,
        "approver": row.approver,
    }
