"""Carry over by request: holders ask for what the formula gives them, and the authority decides it in rounds."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tonnebook.compliance.models import CarryOver, CarryOverRequest, ComplianceStatus, Coverage
from tonnebook.compliance.queries import carrying as queries
from tonnebook.compliance.queries import standing
from tonnebook.compliance.services.rows import copy_in
from tonnebook.core import carry_over, identity, periods, roles, trace, transition
from tonnebook.core.carry_over import CarryOverRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import SurrenderRefusal
from tonnebook.core.transition import Conversion, ConversionStep, Holding
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger


@journal.command("compliance.ask_carry_over")
def ask_carry_over(actor: Actor, *, entity: str, year: int, quantity_t: int, key: str, now: datetime) -> Answer:
    """Ask to carry over old vintages, up to what net sales and the holding give; a round decides it.

    Args:
        actor: representative of the entity.
        entity: its unified social credit code.
        year: last of the old vintages.
        quantity_t: tonnes asked for.
        key: idempotency key.
        now: when.

    Returns:
        {"request": number, "round_on": the day by which it is decided, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION; NOT_COVERED; NOTHING_TO_ASK; NOT_SETTLED; ALREADY_CARRIED;
            ALREADY_ASKED; what `core.carry_over.check_asked` refuses.
        ValueError: when the quantity is not positive.

    Source: S07, annex 5.
    """
    del key
    region = membership.require(actor, Act.ASK_CARRY_OVER, organisation=entity)
    today = periods.day_of(now)
    rules = standing.rules(region, year, today)
    if not carry_over.is_limited(rules):
        raise Refused(CarryOverRefusal.NOTHING_TO_ASK, region=region, year=year)
    _lock([entity], year)
    _check_settled(region, year)
    if CarryOver.objects.filter(entity__uscc=entity, year=year).exists():
        raise Refused(CarryOverRefusal.ALREADY_CARRIED, region=region, year=year)
    standing_request = CarryOverRequest.objects.filter(entity__uscc=entity, year=year, withdrawn_at=None).first()
    if standing_request is not None:
        raise Refused(CarryOverRefusal.ALREADY_ASKED, entity=entity, request=standing_request.number)
    dealings = queries.dealings([entity], rules, now=now)[entity]
    limit = carry_over.limited(dealings, rules)
    round_on = carry_over.check_asked(quantity_t, limit, today=today, rules=rules)
    row = CarryOverRequest.objects.create(
        number=identity.numbered("CO", journal.next_counts("compliance_carry_over_number", 1)[0]),
        entity_id=entity,
        region=region,
        year=year,
        round_on=round_on,
        scheme=rules.text("region.scheme"),
        from_on=rules.day("carry_over.from_on"),
        to_on=rules.day("carry_over.to_on"),
        held_on=rules.day("carry_over.calendar.held_at_on"),
        sold_t=dealings.sold_t,
        bought_t=dealings.bought_t,
        holding_t=dealings.holding_t,
        quantity_t=quantity_t,
        limit_t=limit.whole,
        trace=trace.to_json(limit),
        asked_by=actor.person,
        asked_at=now,
    )
    leaf = _record("compliance.carry_over.asked", row, actor, now)
    return {"request": row.number, "round_on": round_on.isoformat(), "receipt": leaf}


@journal.command("compliance.withdraw_carry_over")
def withdraw_carry_over(actor: Actor, *, request: str, key: str, now: datetime) -> Answer:
    """Withdraw an own request that no round has decided; another may take its place until the last day to ask.

    Args:
        actor: representative of the entity.
        request: number.
        key: idempotency key.
        now: when.

    Returns:
        {"request", "receipt": leaf hash}.

    Raises:
        Refused: NO_SUCH_REQUEST, also for one of somebody else; NOT_PERMITTED; REQUEST_DECIDED.

    Source: design choice, no legal source.
    """
    del key
    membership.require(actor, Act.ASK_CARRY_OVER, organisation=actor.organisation)
    row = CarryOverRequest.objects.filter(number=request, entity__uscc=actor.organisation).first()
    if row is None:
        raise Refused(CarryOverRefusal.NO_SUCH_REQUEST, request=request)
    _lock([row.entity_id], row.year)
    row.refresh_from_db()
    if row.withdrawn_at or CarryOver.objects.filter(entity__uscc=row.entity_id, year=row.year).exists():
        raise Refused(CarryOverRefusal.REQUEST_DECIDED, request=request)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    return {"request": request, "receipt": _record("compliance.carry_over.withdrawn", row, actor, now)}


@journal.command("compliance.decide_carry_over")
def decide_carry_over(
    actor: Actor, *, region: str, year: int, round_on: date, approval: str, key: str, now: datetime
) -> Answer:
    """Decide the requests of a round, and of earlier ones: old vintages go, the next one comes, each entity once.

    What has been sold since the request is not replaced. What nobody asked for, or what exceeds the formula, stays as
    it is; no later year takes it. A run with nothing left to decide changes nothing.

    Args:
        actor: officer of the region.
        region: region code.
        year: last of the old vintages.
        round_on: the round, one of the days the rules name.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entities", "converted_t"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses; NOTHING_TO_ASK; NOT_SETTLED;
            NO_SUCH_ROUND.

    Source: S07, annex 5; that the rest stays: as `core.surrender.ineligible` (oldest vintage).
    """
    del key
    roles.check(actor, Act.CARRY_OVER, region=region)
    payload = {"region": region, "year": year, "round_on": round_on}
    people = membership.use_approval(approval, kind="compliance.decide_carry_over", payload=payload, now=now)
    rules = standing.rules(region, year, periods.day_of(now))
    if not carry_over.is_limited(rules):
        raise Refused(CarryOverRefusal.NOTHING_TO_ASK, region=region, year=year)
    if round_on not in carry_over.rounds(rules):
        raise Refused(CarryOverRefusal.NO_SUCH_ROUND, year=year, round_on=round_on)
    _check_settled(region, year)
    asked = _to_decide(region, year, round_on)
    rows = _carried(_conversions(asked, rules, now), rules, people, now)
    copy_in(rows)
    answer = {"entities": len(rows), "converted_t": sum(row.converted_t for row in rows)}
    facts = {"region": region, "year": year, "round_on": round_on, "by": actor.person, **answer}
    told = [[asked[row.entity_id].number, row.entity_id, row.kept_t, row.converted_t] for row in rows]
    journal.append(Entry("compliance.carry_over.decided", facts, {"requests": told}), now=now)
    return {**answer}


# Whoever asks, withdraws or decides at the same time waits here.
def _lock(usccs: Sequence[str], year: int) -> None:
    rows = Coverage.objects.select_for_update().filter(entity__uscc__in=usccs, year=year).order_by("id")
    found = set(rows.values_list("entity__uscc", flat=True))
    for uscc in usccs:
        if uscc not in found:
            raise Refused(SurrenderRefusal.NOT_COVERED, entity=uscc, year=year)


def _check_settled(region: str, year: int) -> None:
    if not ComplianceStatus.objects.filter(region=region, year=year).exists():
        raise Refused(CarryOverRefusal.NOT_SETTLED, region=region, year=year)


def _to_decide(region: str, year: int, round_on: date) -> dict[str, CarryOverRequest]:
    waiting = CarryOverRequest.objects.filter(region=region, year=year, round_on__lte=round_on, withdrawn_at=None)
    _lock(sorted(waiting.values_list("entity__uscc", flat=True)), year)
    decided = CarryOver.objects.filter(region=region, year=year).values("entity")
    return {row.entity_id: row for row in waiting.exclude(entity__in=decided).order_by("entity_id")}


def _conversions(asked: Mapping[str, CarryOverRequest], rules: RulesAt, now: datetime) -> dict[str, Conversion]:
    scheme, next_year, today = rules.text("region.scheme"), (rules.year or 0) + 1, periods.day_of(now)
    issuance, end = (
        registry.system_account(rules.region, one) for one in (AccountType.ISSUANCE, AccountType.CANCELLATION)
    )
    usccs = sorted(asked)
    dealings, held = queries.dealings(usccs, rules, now=now), _held(usccs, scheme)
    found = {}
    for uscc, row in asked.items():
        limit = carry_over.limited(dealings[uscc], rules)
        step = ConversionStep(next_year, today, carry_over.granted(row.quantity_t, limit))
        (found[uscc],) = transition.convert(
            [step], held[uscc], from_year=next_year, scheme=scheme, issuance=issuance, end=end
        )
    return found


def _carried(
    done: Mapping[str, Conversion], rules: RulesAt, people: membership.ApprovedBy, now: datetime
) -> list[CarryOver]:
    region, year = rules.region, rules.year or 0
    had, moving = standing.held_totals(sorted(done)), {uscc: one for uscc, one in done.items() if one.legs}
    ledger.ensure_assets([one.asset for one in moving.values()], now=now)
    subject = f"{region}-{year}-CARRY_OVER"
    drafts = [
        ledger.TransferDraft(TransferType.CARRY_OVER, one.legs, people.initiator, people.approver, subject)
        for one in moving.values()
    ]
    posted = dict(zip(moving, (one.number for one in ledger.post(drafts, now=now)), strict=True))
    return [
        CarryOver(
            entity_id=uscc,
            region=region,
            year=year,
            kept_t=carry_over.old_t(dict(had.get(uscc, ())), rules) - one.quantity.whole,
            returned_t=0,
            cancelled_t=0,
            converted_t=one.quantity.whole,
            traces={"converted": trace.to_json(one.quantity)},
            transfer=posted.get(uscc, ""),
            carried_at=now,
        )
        for uscc, one in done.items()
    ]


def _held(usccs: Sequence[str], scheme: str) -> dict[str, list[Holding]]:
    found: dict[str, list[Holding]] = {uscc: [] for uscc in usccs}
    for type_ in (AccountType.HOLDING, AccountType.TRADING):
        accounts = registry.accounts_of(usccs, type_)
        for uscc, holdings in registry.holdings_of(usccs, type_).items():
            found[uscc] += [
                Holding(accounts[uscc], one.asset, one.free) for one in holdings if one.asset.scheme == scheme
            ]
    return found


def _record(kind: str, row: CarryOverRequest, actor: Actor, now: datetime) -> str:
    facts = {"request": row.number, "region": row.region, "year": row.year, "by": actor.person}
    asked = {"entity": row.entity_id, "quantity_t": row.quantity_t, "limit_t": row.limit_t}
    return journal.append(Entry(kind, facts, asked), now=now)
