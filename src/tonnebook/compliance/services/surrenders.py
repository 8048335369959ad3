"""Surrender in two acts: the entity submits and the units are held; the authority confirms and they are final."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from django.db import connection

from tonnebook.compliance.models import CancellationProof, ComplianceStatus, Coverage, Surrender
from tonnebook.compliance.models import SurrenderLine as LineOfRow
from tonnebook.compliance.queries import proofs as foreign_proofs
from tonnebook.compliance.queries import standing
from tonnebook.compliance.services import proofs as foreign
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.core import confirmation, foreign_credits, identity, periods, roles, surrender
from tonnebook.core.canonical import Json
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, HoldReason, Leg, TransferType
from tonnebook.core.notices import NoticeKind
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, Line, Lot, StatusRule, SurrenderRefusal, SurrenderState
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger


@dataclass(frozen=True, slots=True)
class SurrenderLine:
    """What is handed in: asset code and tonnes, > 0."""

    asset: str
    quantity_t: int


@dataclass(frozen=True, slots=True)
class SurrenderDraft:
    """What one entity hands in; `proofs` names credits cancelled in another registry, such as "CCER 1001-1500"."""

    entity: str
    lines: tuple[SurrenderLine, ...]
    proofs: tuple[str, ...] = ()


@journal.command("compliance.submit_surrender")
def submit_surrender(
    actor: Actor,
    *,
    entity: str,
    year: int,
    lines: Sequence[SurrenderLine],
    shown_total_t: int,
    proofs: Sequence[str] = (),
    key: str,
    now: datetime,
) -> Answer:
    """Submit units for surrender; they are held until the authority confirms or the entity withdraws.

    A year that is settled takes no more than what is missing.

    Args:
        actor: representative of the entity.
        entity: unified social credit code.
        year: compliance year.
        lines: asset codes and tonnes.
        shown_total_t: the total the page showed, tonnes; proofs included.
        proofs: credits that another registry has cancelled for this duty, by their serial numbers.
        key: idempotency key.
        now: when.

    Returns:
        {"surrender": number, "total_t": tonnes, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING; NOT_COVERED, YEAR_SETTLED, NOT_DETERMINED; of a
            proof PROOF_UNKNOWN, PROOF_USED and what `core.foreign_credits.unusable` says; and what
            `core.surrender.check` refuses, in its order.

    Source: S29 ch. 2, S06 Art. 28; the two acts are a design choice.
    """
    del key
    region = _require_surrender(actor, entity)
    drafts = [SurrenderDraft(entity, tuple(lines), tuple(proofs))]
    rows, leaves = _submit(actor, drafts, place=(region, year), now=now, shown_total_t=shown_total_t)
    return {"surrender": rows[0].number, "total_t": rows[0].total_t, "receipt": leaves[0]}


@journal.command("compliance.submit_surrenders")
def submit_surrenders(
    actor: Actor, *, region: str, year: int, rows: Sequence[SurrenderDraft], key: str, now: datetime
) -> Answer:
    """Submit surrenders of many entities at once, as handed over by another registry; all or none.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        year: compliance year.
        rows: one per entity.
        key: idempotency key.
        now: when.

    Returns:
        {"surrenders": numbers in the order of the rows}.

    Raises:
        Refused: NO_SUCH_ORGANISATION when an entity is not registered in the region; as `submit_surrender`, for the
            first row that cannot be submitted.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.IMPORT, region=region)
    sectors_in(region, [row.entity for row in rows])
    submitted, _ = _submit(actor, rows, place=(region, year), now=now)
    return {"surrenders": cast("list[Json]", [row.number for row in submitted])}


@journal.command("compliance.withdraw_surrender")
def withdraw_surrender(actor: Actor, *, surrender: str, key: str, now: datetime) -> Answer:
    """Withdraw a surrender that has not been confirmed; its units are free again.

    Args:
        actor: representative of the entity.
        surrender: number.
        key: idempotency key.
        now: when.

    Returns:
        {"surrender": number, "state": "WITHDRAWN"}.

    Raises:
        Refused: SURRENDER_UNKNOWN, NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING; NOT_OPEN.

    Source: design choice, no legal source.
    """
    del key
    (row,) = _locked([surrender])
    _require_surrender(actor, row.entity_id)
    _check_open(row)
    ledger.release_holds([line.hold for line in row.lines.all()], now=now)
    foreign.give_back(row)
    _decide([row], SurrenderState.WITHDRAWN, actor, now)
    facts = {"number": row.number, "region": row.region, "year": row.year, "by": actor.person}
    journal.append(Entry("compliance.surrender.withdrawn", facts), now=now)
    return {"surrender": row.number, "state": SurrenderState.WITHDRAWN.value}


@journal.command("compliance.confirm_surrenders")
def confirm_surrenders(
    actor: Actor, *, region: str, year: int, surrenders: Sequence[str], key: str, now: datetime
) -> Answer:
    """Confirm surrenders, all or none: their units are surrendered for good.

    Args:
        actor: officer of the region, not the person who submitted any of them.
        region: region code.
        year: compliance year.
        surrenders: numbers.
        key: idempotency key.
        now: when.

    Returns:
        {"confirmed": count, "surrendered_t": tonnes, "credits_t": credits among them}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; SURRENDER_UNKNOWN, NOT_OPEN, OWN_SUBMISSION;
            by the figures and rules of now BEYOND_OBLIGATION, CREDITS_BEYOND_LIMIT or what else
            `core.confirmation.check` finds, and what `core.foreign_credits.unusable` says of a proof;
            SECOND_FACTOR_NEEDED.

    Source: S29 ch. 2, S06 Art. 28; that another person confirms is a design choice.
    """
    del key
    roles.check(actor, Act.CONFIRM_SURRENDER, region=region)
    rows = _locked(surrenders, region=region, year=year)
    for row in rows:
        _check_open(row)
        if row.submitted_by == actor.person:
            raise Refused(SurrenderRefusal.OWN_SUBMISSION, surrender=row.number)
    _check_again(rows, place=(region, year), now=now)
    asked = Ask("compliance.confirm_surrenders", {"region": region, "year": year, "surrenders": list(surrenders)})
    members.require_signed(actor, Act.CONFIRM_SURRENDER, now=now, ask=asked)
    accounts = registry.accounts_of([row.entity_id for row in rows], AccountType.HOLDING)
    terminal = registry.system_account(region, AccountType.SURRENDER)
    # Credits of another registry were cancelled there: nothing of them moves here.
    moving = [row for row in rows if row.lines.all()]
    drafts = [_transfer(row, accounts[row.entity_id], terminal, actor) for row in moving]
    for row, posted in zip(moving, ledger.post(drafts, now=now), strict=True):
        row.transfer = posted.number
    _decide(rows, SurrenderState.CONFIRMED, actor, now)
    journal.append_many([_confirmed(row, actor) for row in rows], now=now)
    drafts_of = [members.NoticeDraft(row.entity_id, {"year": year, "surrender": row.number}) for row in rows]
    members.notify(NoticeKind.SURRENDER_CONFIRMED, drafts_of, now=now)
    return {
        "confirmed": len(rows),
        "surrendered_t": sum(row.total_t for row in rows),
        "credits_t": sum(row.credits_t for row in rows),
    }


def _require_surrender(actor: Actor, entity: str) -> str:
    region = members.require(actor, Act.SUBMIT_SURRENDER, organisation=entity)
    account = registry.accounts_of([entity], AccountType.HOLDING).get(entity)
    # Without an account there is nothing to surrender, which is refused in its own words further on.
    if account is not None:
        ledger.require_right(actor, Act.SUBMIT_SURRENDER, account=account, right=Right.SURRENDER_ONLY)
    return region


def _submit(
    actor: Actor,
    drafts: Sequence[SurrenderDraft],
    *,
    place: tuple[str, int],
    now: datetime,
    shown_total_t: int | None = None,
) -> tuple[list[Surrender], list[str]]:
    region, year = place
    usccs = [draft.entity for draft in drafts]
    lock_obligations(usccs, year)
    rules = standing.rules(region, year, periods.day_of(now))
    duties, lots = _duties(usccs, rules), standing.lots(usccs)
    _check_open_year(usccs, year, duties)
    # The cumulative rule settles over the years: units may come before the figure they are for.
    is_cumulative = rules.text("surrender.status_rule") == StatusRule.CUMULATIVE
    nothing_known = Duty(0) if is_cumulative else None
    lines, proofs, handed_in = [], [], []
    for draft in drafts:
        duty = duties.get(draft.entity, nothing_known)
        if duty is None:
            raise Refused(SurrenderRefusal.NOT_DETERMINED, entity=draft.entity, year=year)
        one = _lines(draft, lots[draft.entity])
        used = foreign.match(draft.proofs, entity=draft.entity, rules=rules)
        proven = _proven(used, rules)
        handed = [*one, *proven]
        total_t = sum(line.quantity_t for line in handed)
        shown_t = total_t if shown_total_t is None else shown_total_t
        held = [*lots[draft.entity], *(Lot(line.asset, line.quantity_t) for line in proven)]
        surrender.check(duty, handed, held, shown_total_t=shown_t, rules=rules)
        # A second draft of the same entity in one call sees what the first one used.
        duties[draft.entity] = confirmation.counted(duty, handed)
        lines.append(one)
        proofs.append(used)
        handed_in.append(handed)
    rows = _rows(actor, drafts, handed_in, place=place, now=now)
    _hold(rows, lines, now)
    foreign.use(rows, proofs)
    entries = [_submitted(row, one, actor) for row, one in zip(rows, handed_in, strict=True)]
    leaves = journal.append_many(entries, now=now)
    return rows, leaves


def lock_obligations(usccs: Sequence[str], year: int) -> None:
    """Lock the coverage rows of entities and a year, so that two surrenders of one entity take turns (A7, A8).

    Raises:
        Refused: NOT_COVERED when one of them has no obligation in the year.
    """
    rows = Coverage.objects.select_for_update().filter(entity__uscc__in=set(usccs), year=year, stage=Stage.ALLOWANCES)
    found = set(rows.order_by("id").values_list("entity__uscc", flat=True))
    for uscc in usccs:
        if uscc not in found:
            raise Refused(SurrenderRefusal.NOT_COVERED, entity=uscc, year=year)


def _check_open_year(usccs: Sequence[str], year: int, duties: Mapping[str, Duty]) -> None:
    settled = ComplianceStatus.objects.filter(entity__uscc__in=usccs, year=year).values_list("entity__uscc", "rule")
    for uscc, rule in settled:
        confirmation.check_year(duties.get(uscc), year=year, settled_by=StatusRule(rule))


# Lines of one asset are put together; an asset the entity does not hold is looked up, so that the refusal can name it.
def _lines(draft: SurrenderDraft, lots: Sequence[Lot]) -> list[Line]:
    quantities: dict[str, int] = {}
    for line in draft.lines:
        if line.quantity_t <= 0:
            raise Refused(SurrenderRefusal.NO_LINES)
        quantities[line.asset] = quantities.get(line.asset, 0) + line.quantity_t
    assets: dict[str, AssetKey] = {lot.asset.code: lot.asset for lot in lots}
    return [
        Line(assets[code] if code in assets else registry.asset(code), quantity_t)
        for code, quantity_t in quantities.items()
    ]


# What another registry has cancelled counts like a line, but no account of ours holds it.
def _proven(proofs: Sequence[CancellationProof], rules: RulesAt) -> list[Line]:
    blocks = [foreign_proofs.block_of(proof) for proof in proofs]
    return [Line(block.asset, block.quantity_t, foreign_credits.labels(block, rules)) for block in blocks]


# What is owed and handed in so far, and what of it counts towards limits of their own.
def _duties(usccs: Sequence[str], rules: RulesAt) -> dict[str, Duty]:
    found, labelled = standing.duties(usccs, rules.year or 0), foreign_proofs.labelled(usccs, rules)
    return {uscc: replace(duty, credits_by_label_t=labelled.get(uscc)) for uscc, duty in found.items()}


def _credits_t(lines: Sequence[Line]) -> int:
    return sum(line.quantity_t for line in lines if line.asset.kind is AssetKind.CREDIT)


def _rows(
    actor: Actor,
    drafts: Sequence[SurrenderDraft],
    lines: Sequence[Sequence[Line]],
    *,
    place: tuple[str, int],
    now: datetime,
) -> list[Surrender]:
    region, year = place
    counts = journal.next_counts("compliance_surrender_number", len(drafts))
    return Surrender.objects.bulk_create(
        [
            Surrender(
                number=identity.numbered("SU", count),
                entity_id=draft.entity,
                region=region,
                year=year,
                state=SurrenderState.SUBMITTED,
                total_t=sum(line.quantity_t for line in one),
                credits_t=_credits_t(one),
                submitted_by=actor.person,
                submitted_at=now,
            )
            for count, draft, one in zip(counts, drafts, lines, strict=True)
        ],
        batch_size=5000,
    )


def _hold(rows: Sequence[Surrender], lines: Sequence[Sequence[Line]], now: datetime) -> None:
    accounts = registry.accounts_of([row.entity_id for row in rows], AccountType.HOLDING)
    pairs = [(row, line) for row, one in zip(rows, lines, strict=True) for line in one]
    holds = ledger.place_holds(
        [
            ledger.HoldDraft(
                accounts[row.entity_id], line.asset.code, line.quantity_t, HoldReason.SURRENDER, row.number
            )
            for row, line in pairs
        ],
        now=now,
    )
    LineOfRow.objects.bulk_create(
        [
            LineOfRow(surrender=row, asset=line.asset.code, quantity_t=line.quantity_t, hold=hold)
            for (row, line), hold in zip(pairs, holds, strict=True)
        ],
        batch_size=5000,
    )


# Locked in order of id, so that two officers who confirm overlapping lists wait for each other and do not deadlock.
def _locked(numbers: Sequence[str], *, region: str = "", year: int = 0) -> list[Surrender]:
    wanted = Surrender.objects.select_for_update().filter(number__in=numbers)
    if region:
        wanted = wanted.filter(region=region, year=year)
    rows = list(wanted.order_by("id").prefetch_related("lines", "proofs__proof"))
    found = {row.number for row in rows}
    for number in numbers:
        if number not in found:
            raise Refused(SurrenderRefusal.SURRENDER_UNKNOWN, surrender=number)
    return rows


def _check_open(row: Surrender) -> None:
    if row.state != SurrenderState.SUBMITTED:
        state_zh, state_en = surrender.STATE_WORDS[SurrenderState(row.state)]
        raise Refused(SurrenderRefusal.NOT_OPEN, surrender=row.number, state_zh=state_zh, state_en=state_en)


# Since it was submitted a new figure may owe less, and a recall or a new rule may leave less room for credits.
def _check_again(rows: Sequence[Surrender], *, place: tuple[str, int], now: datetime) -> None:
    region, year = place
    rules = standing.rules(region, year, periods.day_of(now))
    duties = _duties([row.entity_id for row in rows], rules)
    assets = registry.assets({line.asset for row in rows for line in row.lines.all()})
    for row in rows:
        used = [one.proof for one in row.proofs.all()]
        lines = [*(Line(assets[line.asset], line.quantity_t) for line in row.lines.all()), *_proven(used, rules)]
        # Where all years count together, units may come before the figure they are for.
        confirmation.check(duties.get(row.entity_id, Duty(0)), lines, rules=rules)
        foreign.check_usable(used, entity=row.entity_id, rules=rules)


def _transfer(row: Surrender, account: str, terminal: str, actor: Actor) -> ledger.TransferDraft:
    legs = tuple(Leg(account, terminal, line.asset, line.quantity_t, line.hold) for line in row.lines.all())
    return ledger.TransferDraft(TransferType.SURRENDER, legs, row.submitted_by, actor.person, row.number)


def _decide(rows: Sequence[Surrender], state: SurrenderState, actor: Actor, now: datetime) -> None:
    with connection.cursor() as cursor:
        ids, transfers = [row.id for row in rows], [row.transfer for row in rows]
        cursor.execute(_DECIDED, [state.value, actor.person, now, ids, transfers])


_DECIDED = """
UPDATE compliance_surrender AS row
SET state = %s, decided_by = %s, decided_at = %s, transfer = done.transfer
FROM unnest(%s::bigint[], %s::text[]) AS done(id, transfer)
WHERE row.id = done.id
"""


def _submitted(row: Surrender, lines: Sequence[Line], actor: Actor) -> Entry:
    facts = {"number": row.number, "region": row.region, "year": row.year, "by": actor.person}
    sealed = {"entity": row.entity_id, "lines": [[line.asset.code, line.quantity_t] for line in lines]}
    return Entry("compliance.surrender.submitted", facts, sealed)


def _confirmed(row: Surrender, actor: Actor) -> Entry:
    facts = {"number": row.number, "region": row.region, "year": row.year, "by": actor.person}
    return Entry("compliance.surrender.confirmed", facts, {"entity": row.entity_id, "total_t": row.total_t})
