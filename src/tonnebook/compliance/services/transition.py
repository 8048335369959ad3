"""Leave a regional market: hand an entity over, convert or cancel what it took along, settle who closes.

Each step has a day and is done once per entity and day (A10): a row with that key is written with the transfer, under
the lock of the entity's coverage, so that a job that runs again, or twice at once, finds nothing left to do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tonnebook.compliance.models import Coverage, Departure, TransitionStep
from tonnebook.compliance.queries import histories, standing
from tonnebook.compliance.queries.leaving import claim_of
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.core import periods, roles, trace, transition
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import (
    AccountType,
    AssetKey,
    AssetKind,
    HoldOwner,
    HoldReason,
    LedgerRefusal,
    Leg,
    TransferType,
)
from tonnebook.core.ledger import Lot as TitledLot
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced
from tonnebook.core.transition import Claimed, Holding, TransitionKind, TransitionRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger

_OWN = (AccountType.HOLDING, AccountType.TRADING)


@dataclass(frozen=True, slots=True)
class _Step:
    # What is to be done with one entity.
    entity: str
    kind: TransitionKind
    due_on: date
    quantity: Traced
    legs: tuple[Leg, ...] = ()
    surplus_t: int | None = None
    more: Mapping[str, Traced] = field(default_factory=dict)
    new_asset: AssetKey | None = None

    @property
    def moved_t(self) -> int:
        return self.quantity.whole


_TYPE_OF = {
    TransitionKind.HAND_OVER: TransferType.HAND_OVER,
    TransitionKind.CONVERT: TransferType.CONVERT,
    TransitionKind.CANCEL_FREE: TransferType.CANCEL,
    TransitionKind.EXIT: TransferType.RECALL,
}


@journal.command("compliance.hand_over")
def hand_over(actor: Actor, *, region: str, entity: str, approval: str, key: str, now: datetime) -> Answer:
    """Hand an entity over to the national market: its duty from then on, its account and the status of its years.

    Allowances of the years it belongs to the national market leave the region's books; what is left of older years
    stays, and is converted or cancelled later as the region's rules say.

    Args:
        actor: officer of the region.
        region: region code.
        entity: unified social credit code.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entity", "from_year", "handed_t", "surplus_t", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NOT_LEAVING; ALREADY_DONE;
            DUTY_OPEN while its last year in the region is not met.

    Source: S02 item 24, S01 (五); that allowances of later years are handed over: design choice.
    """
    del key
    roles.check(actor, Act.CARRY_OVER, region=region)
    sectors_in(region, [entity])
    people = membership.use_approval(
        approval, kind="compliance.hand_over", payload={"region": region, "entity": entity}, now=now
    )
    from_year = _departures([entity], is_national=True).get(entity)
    if from_year is None:
        raise Refused(TransitionRefusal.NOT_LEAVING, entity=entity)
    _lock([entity])
    due_on = date(from_year, 1, 1)
    _check_once(entity, TransitionKind.HAND_OVER, due_on)
    years = _require_met(entity, region, before=from_year, now=now)
    held = _held(entity, [AccountType.HOLDING])
    account = registry.accounts_of([entity], AccountType.HOLDING).get(entity, "")
    legs = transition.handed_over(held, from_year=from_year, target=_handover_account(region, now))
    handed_t = sum(leg.quantity for leg in legs)
    surplus_t = standing.surplus_t(entity) - handed_t
    quantity = trace.given(handed_t, "t", zh="移交的以后年度配额", en="allowances of later years handed over")
    step = _Step(entity, TransitionKind.HAND_OVER, due_on, quantity, legs, surplus_t)
    _carry_out([step], region=region, people=people, now=now)
    facts = {"region": region, "from_year": from_year, "initiator": people.initiator, "approver": people.approver}
    told = {"entity": entity, "account": account, "handed_t": handed_t, "surplus_t": surplus_t, "years": years}
    leaf = journal.append(Entry("compliance.entity.handed_over", facts, told), now=now)
    return {
        "entity": entity,
        "from_year": from_year,
        "handed_t": handed_t,
        "surplus_t": surplus_t,
        "receipt": leaf,
    }


@journal.command("compliance.run_transition")
def run_transition(actor: Actor, *, region: str, on: date, approval: str, key: str, now: datetime) -> Answer:
    """Do the dated steps of all entities handed over: convert a part of their surplus, or cancel what they got free.

    Args:
        actor: officer of the region.
        region: region code.
        on: steps due up to this day; not later than today.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"steps": count, "converted_t", "cancelled_t"}; zeros when everything due has been done.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NOT_DUE when the day has not come;
            the path that is missing where the rule book says neither.

    Source: S01 (五), as `core.transition.conversion_steps`; S02 item 24, S34, as `core.transition.cancel_free_due_on`.
    """
    del key
    roles.check(actor, Act.CARRY_OVER, region=region)
    people = membership.use_approval(
        approval, kind="compliance.run_transition", payload={"region": region, "on": on}, now=now
    )
    if on > periods.day_of(now):
        raise Refused(TransitionRefusal.NOT_DUE, due_on=on)
    left = dict(
        TransitionStep.objects.filter(region=region, kind=TransitionKind.HAND_OVER).values_list(
            "entity__uscc", "surplus_t"
        )
    )
    _lock(left)
    rules = standing.rules(region, on.year, on)
    from_years = _departures(left, is_national=True)
    done = _done(left)
    steps: list[_Step] = []
    for entity, surplus_t in sorted(left.items()):
        place = (entity, from_years[entity], done.get(entity, set()))
        steps += _due_of(place, surplus_t=surplus_t or 0, rules=rules, on=on, now=now)
    _carry_out(steps, region=region, people=people, now=now)
    sums = {kind: sum(one.moved_t for one in steps if one.kind is kind) for kind in TransitionKind}
    answer = {"converted_t": sums[TransitionKind.CONVERT], "cancelled_t": sums[TransitionKind.CANCEL_FREE]}
    facts = {"region": region, "on": on, "steps": len(steps), "initiator": people.initiator, **answer}
    journal.append(Entry("compliance.transition.run", facts), now=now)
    return {"steps": len(steps), **answer}


@journal.command("compliance.settle_exit")
def settle_exit(actor: Actor, *, region: str, entity: str, approval: str, key: str, now: datetime) -> Answer:
    """Settle an entity that closed or moved away: its last emission is surrendered, free allowances go back.

    Args:
        actor: officer of the region.
        region: region code.
        entity: unified social credit code.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entity", "year", "surrendered_t", "give_back_t", "returned_t", "receipt": leaf hash}; what is no longer held
        is not returned.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NOT_CLOSING; ALREADY_DONE;
            DUTY_OPEN until its emission is determined and surrendered; and the path that is missing.

    Source: as `core.transition.exit_duty`.
    """
    del key
    roles.check(actor, Act.CARRY_OVER, region=region)
    sectors_in(region, [entity])
    people = membership.use_approval(
        approval, kind="compliance.settle_exit", payload={"region": region, "entity": entity}, now=now
    )
    from_year = _departures([entity], is_national=False).get(entity)
    if from_year is None:
        raise Refused(TransitionRefusal.NOT_CLOSING, entity=entity)
    year = from_year - 1
    _lock([entity])
    due_on = date(year, 12, 31)
    _check_once(entity, TransitionKind.EXIT, due_on)
    _require_met(entity, region, before=from_year, now=now)
    figure = histories.history(entity, region=region, year=year, now=now).standing
    free_t = standing.issued_by_year(entity, from_year=year)
    rules = standing.rules(region, year, periods.day_of(now))
    duty = transition.exit_duty(
        emission_t=figure.figure_t or 0,
        free_of_year_t=free_t.pop(year, 0),
        free_later_t=sum(free_t.values()),
        rules=rules,
    )
    reserve, held = registry.system_account(region, AccountType.RESERVE), _held(entity, [AccountType.HOLDING])
    legs = transition.given_back(held, duty.give_back.whole, from_vintage=year, reserve=reserve)
    returned_t = sum(leg.quantity for leg in legs)
    quantity = trace.given(returned_t, "t", zh="交回", en="given back")
    amounts = {"surrender": duty.surrender, "give_back": duty.give_back}
    step = _Step(entity, TransitionKind.EXIT, due_on, quantity, legs, more=amounts)
    _carry_out([step], region=region, people=people, now=now)
    told = {"surrendered_t": figure.surrendered_t, "give_back_t": duty.give_back.whole, "returned_t": returned_t}
    facts = {"region": region, "year": year, "initiator": people.initiator, "approver": people.approver}
    leaf = journal.append(Entry("compliance.entity.exited", facts, {"entity": entity, **told}), now=now)
    return {"entity": entity, "year": year, **told, "receipt": leaf}


def _departures(usccs: Iterable[str], *, is_national: bool) -> dict[str, int]:
    rows = Departure.objects.filter(entity__uscc__in=list(usccs), is_national=is_national)
    return dict(rows.values_list("entity__uscc", "from_year"))


# Whoever runs the same step at the same time waits here and then finds it done.
def _lock(usccs: Iterable[str]) -> None:
    rows = Coverage.objects.select_for_update().filter(entity__uscc__in=list(usccs))
    list(rows.order_by("id").values_list("id"))


def _check_once(entity: str, kind: TransitionKind, due_on: date) -> None:
    if TransitionStep.objects.filter(entity__uscc=entity, kind=kind, due_on=due_on).exists():
        raise Refused(TransitionRefusal.ALREADY_DONE, entity=entity, due_on=due_on)


# Every year in which it had a duty here must be met; gives how each stands, for whoever takes the entity over.
def _require_met(entity: str, region: str, *, before: int, now: datetime) -> list[list[object]]:
    listed = Coverage.objects.filter(entity__uscc=entity, year__lt=before, stage=Stage.ALLOWANCES).order_by("year")
    years: list[list[object]] = []
    for year in listed.values_list("year", flat=True):
        found = histories.history(entity, region=region, year=year, now=now).standing
        if found.figure_t is None or found.missing_t:
            raise Refused(TransitionRefusal.DUTY_OPEN, entity=entity, year=year, missing_t=found.missing_t)
        years.append([year, found.letter, found.obligation_t, found.surrendered_t])
    return years


def _done(usccs: Iterable[str]) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    kinds = (TransitionKind.CONVERT, TransitionKind.CANCEL_FREE)
    rows = TransitionStep.objects.filter(entity__uscc__in=list(usccs), kind__in=kinds)
    for entity, due_on in rows.values_list("entity__uscc", "due_on"):
        found.setdefault(entity, set()).add(due_on)
    return found


# What it has free in its accounts of these types, one after the other.
def _held(entity: str, types: Sequence[AccountType] = _OWN) -> list[Holding]:
    accounts = [found for type_ in types if (found := registry.accounts_of([entity], type_).get(entity))]
    return [
        Holding(account, one.asset, one.free)
        for account in accounts
        for one in registry.holdings(account)
        if one.asset.kind is not AssetKind.CASH
    ]


def _due_of(
    place: tuple[str, int, set[date]], *, surplus_t: int, rules: RulesAt, on: date, now: datetime
) -> list[_Step]:
    entity, from_year, done = place
    region = rules.region
    if rules.has("carry_over.cancel_free_by_on"):
        sector = members.organisation(entity).sector
        due_on = transition.cancel_free_due_on(sector=sector, from_year=from_year, rules=rules)
        if due_on > on or (due_on in done and on in done):
            return []
        return _cancelling(entity, region, due_on, is_first=due_on not in done, on=on, now=now)
    steps = transition.conversion_steps(surplus_t=surplus_t, from_year=from_year, rules=rules)
    issuance, end = (registry.system_account(region, one) for one in (AccountType.ISSUANCE, AccountType.CANCELLATION))
    conversions = transition.convert(
        transition.due_steps(steps, done=done, today=on),
        _held(entity),
        from_year=from_year,
        scheme=rules.text("region.scheme"),
        issuance=issuance,
        end=end,
    )
    return [
        _Step(entity, TransitionKind.CONVERT, one.step.due_on, one.quantity, one.legs, new_asset=one.asset)
        for one in conversions
    ]


# On its day the authority claims what was received free: orders give way, and what is pledged or frozen falls to the
# claim when it is released. A later run cancels that, on a day of its own.
def _cancelling(entity: str, region: str, due_on: date, *, is_first: bool, on: date, now: datetime) -> list[_Step]:
    lots: dict[tuple[str, str], list[TitledLot]] = {}
    for account in {one.account for one in _held(entity)}:
        for row in registry.lots(account, on=on):
            lots.setdefault((account, row.asset), []).append(row.lot)
    subject, left = claim_of(region, due_on), transition.left_free(lots)
    if is_first:
        drafts = [
            ledger.HoldDraft(*place, left_t, HoldReason.RECALL, subject, owner=region) for place, left_t in left.items()
        ]
        ledger.place_holds(drafts, now=now)
    claims = [one for one in registry.holds_for([subject]) if (one.account, one.asset) in lots]
    # Whoever enforced a pledge has taken these units along: nothing is left to claim.
    idle = [one.number for one in claims if (one.account, one.asset) not in left]
    ledger.release_holds(idle, by=HoldOwner.AUTHORITY, now=now)
    end = registry.system_account(region, AccountType.CANCELLATION)
    in_force = [Claimed(one.account, one.asset, one.remaining, one.number) for one in claims]
    legs = transition.cancelled_free(in_force, lots, end=end)
    quantity = trace.given(sum(leg.quantity for leg in legs), "t", zh="注销", en="cancelled")
    more = {"received_free": transition.received_free(lot for of_place in lots.values() for lot in of_place)}
    step = _Step(entity, TransitionKind.CANCEL_FREE, due_on if is_first else on, quantity, legs, more=more)
    return [step] if is_first or legs else []


def _handover_account(region: str, now: datetime) -> str:
    try:
        return registry.system_account(region, AccountType.HANDOVER)
    except Refused as error:
        if error.code is not LedgerRefusal.ACCOUNT_UNKNOWN:
            raise
    return ledger.open_accounts([ledger.AccountDraft(AccountType.HANDOVER, region)], now=now)[0]


def _carry_out(steps: Sequence[_Step], *, region: str, people: membership.ApprovedBy, now: datetime) -> None:
    ledger.ensure_assets([step.new_asset for step in steps if step.new_asset and step.legs], now=now)
    moving = [step for step in steps if step.legs]
    drafts = [
        ledger.TransferDraft(
            _TYPE_OF[step.kind], step.legs, people.initiator, people.approver, f"{region}-{step.due_on}-{step.kind}"
        )
        for step in moving
    ]
    posted = {
        (one.entity, one.due_on): done.number for one, done in zip(moving, ledger.post(drafts, now=now), strict=True)
    }
    TransitionStep.objects.bulk_create(
        TransitionStep(
            entity_id=step.entity,
            region=region,
            kind=step.kind,
            due_on=step.due_on,
            quantity_t=step.moved_t,
            surplus_t=step.surplus_t,
            transfer=posted.get((step.entity, step.due_on), ""),
            traces={name: trace.to_json(one) for name, one in {"quantity": step.quantity, **step.more}.items()},
            done_at=now,
        )
        for step in steps
    )
