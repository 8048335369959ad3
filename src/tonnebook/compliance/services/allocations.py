"""Adopt the plan of a year, compute what it gives, and issue it in two batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, AllocationPlan
from tonnebook.compliance.queries import books, penalties, standing
from tonnebook.compliance.services import computing, issuing
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.compliance.services.rows import copy_in
from tonnebook.core import periods, roles
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.plan import PlanRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership
from tonnebook.rulebook import plans


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """An allocation that another registry made: entity and tonnes, >= 0."""

    entity: str
    quantity_t: int


@journal.command("compliance.adopt_plan")
def adopt_plan(actor: Actor, *, region: str, year: int, overlay: str, approval: str, key: str, now: datetime) -> Answer:
    """Adopt the allocation plan of a year: an overlay of the rule book, immutable from now on.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        overlay: YAML text of the rule book's shape.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"digest": of the rules with the plan}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses; PLAN_EXISTS when the year has
            one; PLAN_NOT_FIT when anything in it must be put right, so that nothing is published by halves.

    Source: S15 to S17 (a plan for each year); two people: design choice.
    """
    del key
    roles.check(actor, Act.ADOPT_PLAN, region=region)
    payload = {"region": region, "year": year, "overlay": overlay}
    people = membership.use_approval(approval, kind="compliance.adopt_plan", payload=payload, now=now)
    issuing.lock_year(region, year)
    if AllocationPlan.objects.filter(region=region, year=year).exists():
        raise Refused(AllocationRefusal.PLAN_EXISTS, region=region, year=year)
    draft = plans.read(region, year, overlay)
    if draft.problems:
        first = draft.problems[0]
        raise Refused(PlanRefusal.PLAN_NOT_FIT, count=len(draft.problems), first_zh=first.zh, first_en=first.en)
    digest = rulebook.digest(region, overlays=(overlay,))
    AllocationPlan.objects.create(
        region=region,
        year=year,
        overlay=overlay,
        digest=digest,
        initiator=people.initiator,
        approver=people.approver,
        adopted_at=now,
    )
    facts = {"region": region, "year": year, "rulebook": digest, "overlay": overlay}
    journal.append(Entry("compliance.plan.adopted", facts), now=now)
    return {"digest": digest}


@journal.command("compliance.compute_allocation")
def compute_allocation(actor: Actor, *, region: str, year: int, batch: Batch, key: str, now: datetime) -> Answer:
    """Compute a batch for every covered entity and keep it as a preview, each figure with its trace.

    A batch may be computed again until it is issued. An entity whose figures are missing is withheld with the reason;
    the others go on, and it follows with another computation and issue of the same batch.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        batch: FIRST or SECOND.
        key: idempotency key.
        now: when.

    Returns:
        {"entities", "withheld", "issue_t", "recall_t", "base_t", "free_t", "paid_t"}, tonnes.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_PLAN; ALREADY_ISSUED when every entity has received it;
            FIRST_BATCH_MISSING.

    Source: S02 item 4 (two batches); the amounts as `core.allocation` computes them.
    """
    del key
    roles.check(actor, Act.COMPUTE_ALLOCATION, region=region)
    issuing.lock_plan(region, year)
    done = _issued_entities(region, year, batch)
    waiting = [row for row in books.covered(region, year) if row.stage is Stage.ALLOWANCES and row.entity not in done]
    if done and not waiting:
        raise _already_issued(region, year, batch)
    rules = standing.rules(region, year, periods.day_of(now))
    computed = computing.compute(waiting, rules, batch, issued=done, now=now)
    old = Allocation.objects.filter(region=region, year=year, batch=batch)
    old.exclude(state=AllocationState.ISSUED).delete()
    copy_in(computed)
    withheld = sum(row.state == AllocationState.WITHHELD for row in computed)
    totals = {name: sum(getattr(row, name) for row in computed) for name in ("base_t", "free_t", "paid_t")}
    totals["issue_t"] = sum(max(0, row.issue_t) for row in computed)
    totals["recall_t"] = sum(max(0, -row.issue_t) for row in computed)
    answer = {"entities": len(computed), "withheld": withheld, **totals}
    facts = {"region": region, "year": year, "batch": batch, "rulebook": rules.digest, "by": actor.person, **answer}
    journal.append(Entry("compliance.batch.computed", facts), now=now)
    return dict(answer)


@journal.command("compliance.issue_batch")
def issue_batch(
    actor: Actor, *, region: str, year: int, batch: Batch, approval: str, key: str, now: datetime
) -> Answer:
    """Issue a computed batch; the second one issues or recalls the difference.

    A recall takes what the entity still holds free of the year's free allowances; the rest is noted as owed and is
    surrendered with the emission.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        batch: FIRST or SECOND.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entities", "issued_t", "recalled_t", "recall_outstanding_t"}, tonnes.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses; NO_PLAN; NOT_COMPUTED;
            ALREADY_ISSUED; FIRST_BATCH_MISSING; CUT_SINCE when a cut was decided after the computation; CAP_EXCEEDED
            when the total of the plan would be passed.

    Source: S02 item 4 (多退少补); owing what is gone: design choice.
    """
    del key
    roles.check(actor, Act.ISSUE_BATCH, region=region)
    payload = {"region": region, "year": year, "batch": batch}
    people = membership.use_approval(approval, kind="compliance.issue_batch", payload=payload, now=now)
    issuing.lock_plan(region, year)
    done = _issued_entities(region, year, batch)
    preview = Allocation.objects.filter(region=region, year=year, batch=batch, state=AllocationState.PREVIEWED)
    rows = list(preview.defer("traces").order_by("id"))
    if not rows and done:
        raise _already_issued(region, year, batch)
    if not rows:
        raise Refused(AllocationRefusal.NOT_COMPUTED, region=region, year=year, batch=batch.value)
    rules = standing.rules(region, year, periods.day_of(now))
    _check_cuts(rows, rules)
    _settle_recalls(rows, rules)
    issuing.check_cap(sum(row.issue_t for row in rows), rules)
    issuing.post(rows, rules, people, now=now)
    _mark_issued(rows, now)
    return _log(actor, rows, batch=batch, rules=rules, now=now)


@journal.command("compliance.import_allocations")
def import_allocations(
    actor: Actor, *, region: str, year: int, rows: Sequence[IssuedRow], approver: str, key: str, now: datetime
) -> Answer:
    """Issue allowances that another registry allocated, as published, in one batch of any size.

    What a decision cuts is taken off, and what is given to an entity at risk is kept back, as in a batch of our own.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        year: compliance year.
        rows: entity and tonnes; rows of zero are kept without a transfer.
        approver: number of the second person who answers for the import.
        key: idempotency key.
        now: when.

    Returns:
        {"entities", "issued_t", "recalled_t", "recall_outstanding_t"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_ORGANISATION when one is not registered in the region;
            ALREADY_ISSUED; CAP_EXCEEDED; SECOND_PERSON_NEEDED; and what the registry refuses.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.IMPORT, region=region)
    sectors_in(region, [one.entity for one in rows])
    issuing.lock_year(region, year)
    if _issued_entities(region, year, Batch.FIRST) & {one.entity for one in rows}:
        raise _already_issued(region, year, Batch.FIRST)
    rules = standing.rules(region, year, periods.day_of(now))
    cuts = penalties.cuts(region, year)
    given = [
        computing.published(one.entity, one.quantity_t, rules, cut_t=cuts.get(one.entity, 0), now=now) for one in rows
    ]
    issuing.check_cap(sum(row.issue_t for row in given), rules)
    issuing.post(given, rules, membership.ApprovedBy(actor.person, approver), now=now)
    copy_in(given)
    return _log(actor, given, batch=Batch.FIRST, rules=rules, now=now)


# Who has received the batch; the second one waits for the first, and what an objection corrects is never computed.
def _issued_entities(region: str, year: int, batch: Batch) -> set[str]:
    issued = Allocation.objects.filter(region=region, year=year, state=AllocationState.ISSUED)
    if batch is Batch.REVIEW:
        raise Refused(AllocationRefusal.NOT_COMPUTED, region=region, year=year, batch=batch.value)
    if batch is Batch.SECOND and not issued.filter(batch=Batch.FIRST).exists():
        raise Refused(AllocationRefusal.FIRST_BATCH_MISSING, region=region, year=year)
    return set(issued.filter(batch=batch).values_list("entity__uscc", flat=True))


def _already_issued(region: str, year: int, batch: Batch) -> Refused:
    return Refused(AllocationRefusal.ALREADY_ISSUED, region=region, year=year, batch=batch.value)


def _check_cuts(rows: Sequence[Allocation], rules: RulesAt) -> None:
    decided = penalties.cuts(rules.region, rules.year or 0)
    for row in rows:
        if row.cut_t != min(decided.get(row.entity_id, 0), row.free_t + row.cut_t):
            raise Refused(AllocationRefusal.CUT_SINCE, entity=row.entity_id)


# Between preview and issue an entity may have sold or bought: what can be recalled is looked up again.
def _settle_recalls(rows: Sequence[Allocation], rules: RulesAt) -> None:
    recalled = [row for row in rows if row.issue_t < 0 or row.recall_outstanding_t > 0]
    held = computing.held_of_year([row.entity_id for row in recalled], rules)
    for row in recalled:
        owed_t = row.recall_outstanding_t - row.issue_t
        row.issue_t = -min(owed_t, held.get(row.entity_id, 0))
        row.recall_outstanding_t = owed_t + row.issue_t


def _mark_issued(rows: Sequence[Allocation], now: datetime) -> None:
    amounts = [[row.id for row in rows], [row.issue_t for row in rows], [row.recall_outstanding_t for row in rows]]
    with connection.cursor() as cursor:
        cursor.execute(_ISSUED, [now, *amounts, [row.transfer for row in rows]])


def _log(actor: Actor, rows: Sequence[Allocation], *, batch: Batch, rules: RulesAt, now: datetime) -> Answer:
    answer = {
        "entities": len(rows),
        "issued_t": sum(max(0, row.issue_t) for row in rows),
        "recalled_t": sum(max(0, -row.issue_t) for row in rows),
        "recall_outstanding_t": sum(row.recall_outstanding_t for row in rows),
    }
    place = {"region": rules.region, "year": rules.year, "batch": batch}
    facts = {**place, "rulebook": rules.digest, "by": actor.person, **answer}
    journal.append(Entry("compliance.batch.issued", facts), now=now)
    return dict(answer)


_ISSUED = """
UPDATE compliance_allocation AS row
SET state = 'ISSUED', issued_at = %s, issue_t = done.issue_t, recall_outstanding_t = done.outstanding_t,
    transfer = done.transfer
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS done(id, issue_t, outstanding_t, transfer)
WHERE row.id = done.id
"""
