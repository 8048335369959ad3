"""Compute a batch: load the facts of many entities, let core decide, and lay every figure out with its trace."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import F, Sum

from tonnebook.compliance.models import Allocation, Coverage
from tonnebook.compliance.queries import books, enforcement, figures, penalties, standing
from tonnebook.core import trace
from tonnebook.core.allocation import annual as annuals
from tonnebook.core.allocation import batches, totals
from tonnebook.core.allocation.annual import AllocationState, Annual, Batch
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.allocation.totals import CapMode
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt

Outcome = Annual | Refused


def compute(
    covered: Sequence[books.CoverageRow], rules: RulesAt, batch: Batch, *, issued: Collection[str], now: datetime
) -> list[Allocation]:
    """Compute a batch for entities that wait for it; rows are not stored.

    Args:
        covered: who waits.
        rules: rules of the compliance year with its plan.
        batch: FIRST or SECOND.
        issued: codes of those who have received the batch.
        now: when.

    Returns:
        A row per entity: previewed with traces, or withheld with the reason.
    """
    inside = {row.entity: row for row in covered}
    facts = figures.entity_facts(inside, rules)
    found = {entity: _alone(one, rules, batch) for entity, one in facts.items()}
    found = _fitted(found, facts, rules, batch, issued)
    cuts = penalties.cuts(rules.region, rules.year or 0)
    found = {
        entity: annuals.cut(one, cuts.get(entity, 0)) if isinstance(one, Annual) else one
        for entity, one in found.items()
    }
    given_t, held = standing.issued(inside, rules.year or 0), held_of_year(sorted(inside), rules)
    rows = []
    for entity, amounts in found.items():
        if isinstance(amounts, Refused):
            rows.append(_withheld(entity, rules, batch, amounts, now))
        elif batch is Batch.FIRST:
            rows.append(_first(facts[entity], amounts, rules, now))
        else:
            issued_and_held_t = given_t.get(entity, (0, 0))[0], held.get(entity, 0)
            rows.append(_second(facts[entity], amounts, rules, issued_and_held_t, now))
    return rows


def preview(
    entity: str,
    rules: RulesAt,
    batch: Batch,
    traces: Mapping[str, trace.Traced],
    now: datetime,
    *,
    amounts: tuple[int, int, int, int],
) -> Allocation:
    """Lay out a row of a batch; amounts are base, free, paid and issue, tonnes."""
    base_t, free_t, paid_t, issue_t = amounts
    return Allocation(
        entity_id=entity,
        region=rules.region,
        year=rules.year or 0,
        batch=batch,
        state=AllocationState.PREVIEWED,
        base_t=base_t,
        free_t=free_t,
        paid_t=paid_t,
        issue_t=issue_t,
        traces={name: trace.to_json(one) for name, one in traces.items()},
        rulebook_digest=rules.digest,
        computed_at=now,
    )


def held_of_year(usccs: Sequence[str], rules: RulesAt) -> dict[str, int]:
    """Give what can be recalled of the year's own allowances: what entities hold free or is kept back, tonnes."""
    code = standing.allowance_asset(rules).code
    held = Counter(
        {uscc: lot.free_t for uscc, lots in standing.lots(usccs).items() for lot in lots if lot.asset.code == code}
    )
    for uscc, kept in enforcement.kept_back(usccs, code).items():
        held[uscc] += sum(one.remaining for one in kept)
    return held


def _alone(facts: EntityFacts, rules: RulesAt, batch: Batch) -> Outcome:
    try:
        if batch is Batch.FIRST and (rules.year or 0) - 1 not in facts.emissions_t:
            raise Refused(AllocationRefusal.NO_HISTORY, entity=facts.entity)
        if batch is Batch.SECOND and facts.determined_t is None:
            raise Refused(AllocationRefusal.NOT_DETERMINED, entity=facts.entity, year=rules.year)
        return annuals.annual(facts, rules)
    except Refused as refused:
        return refused


# A sector with an absolute cap is corrected by one factor, which is final only when every one of its figures is known.
def _fitted(
    found: Mapping[str, Outcome],
    facts: Mapping[str, EntityFacts],
    rules: RulesAt,
    batch: Batch,
    issued: Collection[str],
) -> dict[str, Outcome]:
    sectors: dict[str, list[str]] = defaultdict(list)
    for entity in found:
        sectors[facts[entity].sector].append(entity)
    fitted = dict(found)
    for sector, entities in sectors.items():
        if totals.mode_of(sector, rules) is CapMode.INTENSITY:
            continue
        whole = {entity: one for entity in entities if isinstance(one := found[entity], Annual)}
        missing = len(entities) - len(whole)
        if missing and batch is Batch.SECOND:
            waits = Refused(AllocationRefusal.SECTOR_INCOMPLETE, sector=sector, missing=missing)
            fitted.update(dict.fromkeys(whole, waits))
        else:
            taken_t = _taken_t(sector, rules, batch) if issued else 0
            fitted.update(totals.corrected(whole, facts, rules, taken_t=taken_t))
    return fitted


def _taken_t(sector: str, rules: RulesAt, batch: Batch) -> int:
    of_year = {"region": rules.region, "year": rules.year}
    inside = Coverage.objects.filter(**of_year, sector=sector).values("entity")
    rows = Allocation.objects.filter(**of_year, batch=batch, state=AllocationState.ISSUED, entity__in=inside)
    return rows.aggregate(total=Sum(F("base_t") + F("cut_t")))["total"] or 0


def _first(facts: EntityFacts, amounts: Annual, rules: RulesAt, now: datetime) -> Allocation:
    batch = batches.first_batch(facts.emissions_t[(rules.year or 0) - 1], rules)
    traces = {**_traces(facts, amounts), "issue": batch}
    row = preview(facts.entity, rules, Batch.FIRST, traces, now, amounts=(*_tonnes(amounts), batch.whole))
    row.cut_t = _cut_t(amounts)
    return row


def published(entity: str, free_t: int, rules: RulesAt, *, cut_t: int, now: datetime) -> Allocation:
    """Lay out what another registry published that it gives free, less what a decision cuts.

    Args:
        entity: unified social credit code.
        free_t: published, tonnes.
        rules: rules of the compliance year.
        cut_t: what decisions take off the year, tonnes.
        now: when.
    """
    free = trace.given(free_t, "t", zh="公布的免费配额", en="published free allocation")
    amounts = annuals.cut(Annual(free, free, trace.given(0, "t", zh="有偿部分", en="paid part")), cut_t)
    traces = {"free": amounts.free} | ({"cut": amounts.cut} if amounts.cut else {})
    row = preview(entity, rules, Batch.FIRST, traces, now, amounts=(*_tonnes(amounts), amounts.free.whole))
    row.cut_t = _cut_t(amounts)
    return row


def _second(
    facts: EntityFacts, amounts: Annual, rules: RulesAt, issued_and_held_t: tuple[int, int], now: datetime
) -> Allocation:
    issued_t, held_t = issued_and_held_t
    done = batches.true_up(amounts.free, issued_t=issued_t, held_free_t=held_t)
    traces = {**_traces(facts, amounts), "issue": done.difference}
    tonnes = (*_tonnes(amounts), done.issue_t - done.recall_t)
    row = preview(facts.entity, rules, Batch.SECOND, traces, now, amounts=tonnes)
    row.recall_outstanding_t = done.recall_outstanding_t
    row.cut_t = _cut_t(amounts)
    return row


def _withheld(entity: str, rules: RulesAt, batch: Batch, refused: Refused, now: datetime) -> Allocation:
    row = preview(entity, rules, batch, {}, now, amounts=(0, 0, 0, 0))
    row.state, row.refusal = AllocationState.WITHHELD, refused.code.name
    row.refusal_zh, row.refusal_en = refused.zh, refused.en
    return row


# Beside the amounts stands how a base year came about that is not as it was determined.
def _traces(facts: EntityFacts, amounts: Annual) -> dict[str, trace.Traced]:
    base_years = {f"base_{year}": emission for year, emission in sorted(facts.derived_t.items())}
    cut = {"cut": amounts.cut} if amounts.cut else {}
    return {"base": amounts.base, "free": amounts.free, "paid": amounts.paid, **cut, **base_years}


def _cut_t(amounts: Annual) -> int:
    return amounts.cut.whole if amounts.cut else 0


def _tonnes(amounts: Annual) -> tuple[int, int, int]:
    return amounts.base.whole, amounts.free.whole, amounts.paid.whole
