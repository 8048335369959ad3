"""Penalty files: open one on a breach, and record the steps of the procedure; an officer decides within the range."""

import itertools
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, AllocationPlan, AllowanceCut, PenaltyEntry, PenaltyFile
from tonnebook.compliance.queries import histories, standing
from tonnebook.compliance.services.surrenders import lock_obligations
from tonnebook.core import identity, penalty, periods, trace, year_status
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.errors import Refused
from tonnebook.core.penalty import PenaltyRange, PenaltyRefusal, PenaltyStep, Regime
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.market import queries as market
from tonnebook.members import services as members


@journal.command("compliance.open_penalty_file")
def open_penalty_file(actor: Actor, *, entity: str, year: int, ground: str, key: str, now: datetime) -> Answer:
    """Open a penalty file on what an entity had not surrendered when the last day was over.

    Args:
        actor: officer of the region.
        entity: unified social credit code.
        year: compliance year.
        ground: how the breach was found.
        key: idempotency key.
        now: when.

    Returns:
        {"file": number, "regime", "smallest_fen", "largest_fen", "cut_t", "receipt": leaf hash}; the regime is NOT_READ
        and the amounts are None where the rule book has no penalty in force on the day of the breach.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NOT_COVERED; FILE_EXISTS; NOT_SHORT; GROUND_MISSING; NO_PRICE.

    Source: as `core.penalty.surrender_range`; that a file is opened before the law of its day is read: design choice.
    """
    del key
    region = members.require(actor, Act.PENALISE, organisation=entity)
    lock_obligations([entity], year)
    if before := PenaltyFile.objects.filter(entity__uscc=entity, year=year).first():
        raise Refused(PenaltyRefusal.FILE_EXISTS, entity=entity, year=year, file=before.number)
    if not ground.strip():
        raise Refused(PenaltyRefusal.GROUND_MISSING)
    deadline = standing.rules(region, year, periods.day_of(now)).day("deadline.surrender_on")
    breach_on = deadline + timedelta(days=1)
    events = histories.histories([entity], region=region, year=year, now=now)[entity]
    begins_at = periods.instant(breach_on, time.min)
    missing_t = year_status.standing(one for one in events if one.at < begins_at).missing_t
    if breach_on > periods.day_of(now) or not missing_t:
        raise Refused(PenaltyRefusal.NOT_SHORT, entity=entity, year=year)
    rules = rulebook.at(region, on=breach_on)
    allowed = _range(rules, shortfall_t=missing_t, deadline=deadline) if penalty.is_read(rules) else None
    number = identity.numbered("PF", journal.next_counts("compliance_penalty_number", 1)[0])
    file = PenaltyFile.objects.create(
        number=number,
        entity_id=entity,
        region=region,
        year=year,
        breach_on=breach_on,
        shortfall_t=missing_t,
        regime=allowed.regime if allowed else Regime.NOT_READ,
        smallest_fen=allowed.smallest.whole if allowed else None,
        largest_fen=allowed.largest.whole if allowed else None,
        cut_t=allowed.cut.whole if allowed and allowed.cut else None,
        traces={name: trace.to_json(one) for name, one in _amounts(allowed).items()} if allowed else {},
        rulebook_digest=rules.digest,
        opened_at=now,
    )
    leaf = _record(file, 0, PenaltyStep.OPENED, actor, now, ground=ground)
    figures = {"smallest_fen": file.smallest_fen, "largest_fen": file.largest_fen, "cut_t": file.cut_t}
    return {"file": number, "regime": file.regime, **figures, "receipt": leaf}


@journal.command("compliance.record_penalty_step")
def record_penalty_step(
    actor: Actor,
    *,
    file: str,
    step: PenaltyStep,
    ground: str,
    document: str = "",
    fine_fen: int | None = None,
    key: str,
    now: datetime,
) -> Answer:
    """Record the next step of a file: order to correct, notice, hearing, decision with its fine, payment.

    Args:
        actor: officer of the region.
        file: number.
        step: what was done.
        ground: in words: what happened, or on what ground of discretion it is decided.
        document: number of the paper, where there is one.
        fine_fen: what is decided, fen; None for every other step.
        key: idempotency key.
        now: when.

    Returns:
        {"file", "step", "cut_t": taken off the next allowance, "cut_year": whose, None for nothing, "receipt": leaf
        hash}.

    Raises:
        Refused: NO_SUCH_FILE, NOT_PERMITTED, NOT_YOUR_REGION; STEP_NOT_NEXT, GROUND_MISSING, OUTSIDE_RANGE; for a
            decision the path that is missing where the rule book still has no penalty for the day of the breach.

    Source: as `core.penalty.check_step` and, for a decision on who refused to correct, `core.penalty.cut_decided`.
    """
    del key
    row = PenaltyFile.objects.filter(number=file).first()
    if row is None:
        raise Refused(PenaltyRefusal.NO_SUCH_FILE, file=file)
    members.require(actor, Act.PENALISE, organisation=row.entity_id)
    lock_obligations([row.entity_id], row.year)
    last = row.entries.order_by("place").last()
    assert last is not None
    allowed = _allowed(row) if step is PenaltyStep.DECIDED else None
    penalty.check_step(file, PenaltyStep(last.step), step, ground=ground, fine_fen=fine_fen, allowed=allowed)
    cut = _cut(row, now) if step is PenaltyStep.DECIDED else None
    leaf = _record(row, last.place + 1, step, actor, now, ground=ground, document=document, fine_fen=fine_fen, cut=cut)
    told = {"cut_t": cut.quantity_t if cut else 0, "cut_year": cut.year if cut else None}
    return {"file": file, "step": step.value, **told, "receipt": leaf}


# Who refused to correct loses what is still missing from the first later year that has not been settled for it.
def _cut(file: PenaltyFile, now: datetime) -> AllowanceCut | None:
    if not file.entries.filter(step=PenaltyStep.REFUSED).exists():
        return None
    left_t = histories.history(file.entity_id, region=file.region, year=file.year, now=now).standing.missing_t
    at_breach, today = (rulebook.at(file.region, on=on) for on in (file.breach_on, periods.day_of(now)))
    quantity = penalty.cut_decided(at_breach, today, missing_t=min(left_t, file.shortfall_t))
    if quantity is None or not quantity.whole:
        return None
    # Whoever issues a batch holds the plan of its year as well.
    later = AllocationPlan.objects.select_for_update().filter(region=file.region, year__gt=file.year)
    list(later.order_by("year").values_list("id"))
    issued = Allocation.objects.filter(
        entity__uscc=file.entity_id, year__gt=file.year, batch=Batch.SECOND, state=AllocationState.ISSUED
    )
    settled = set(issued.values_list("year", flat=True))
    return AllowanceCut.objects.create(
        file=file,
        entity_id=file.entity_id,
        region=file.region,
        year=next(year for year in itertools.count(file.year + 1) if year not in settled),
        quantity_t=quantity.whole,
        trace=trace.to_json(quantity),
        decided_at=now,
    )


# The range the file was opened with; where the law had not been read then, what the rule book says of that day by now.
def _allowed(file: PenaltyFile) -> tuple[int, int]:
    if file.smallest_fen is not None and file.largest_fen is not None:
        return file.smallest_fen, file.largest_fen
    rules, deadline = rulebook.at(file.region, on=file.breach_on), file.breach_on - timedelta(days=1)
    found = _range(rules, shortfall_t=file.shortfall_t, deadline=deadline)
    return found.smallest.whole, found.largest.whole


def _range(rules: RulesAt, *, shortfall_t: int, deadline: date) -> PenaltyRange:
    return penalty.surrender_range(rules, shortfall_t=shortfall_t, mean_price=_mean_price(rules, deadline=deadline))


def _mean_price(rules: RulesAt, *, deadline: date) -> Traced | None:
    if penalty.regime_of(rules) is not Regime.PRICE_MULTIPLE:
        return None
    window = penalty.price_window(deadline)
    found = market.mean_price(rules.text("region.scheme"), from_on=window.from_on, to_on=window.to_on)
    if found is None:
        raise Refused(PenaltyRefusal.NO_PRICE, from_on=window.from_on, to_on=deadline)
    return found


def _amounts(allowed: PenaltyRange) -> Mapping[str, Traced]:
    named = {
        "smallest": allowed.smallest,
        "largest": allowed.largest,
        "cut": allowed.cut,
        "years_without_support": allowed.years_without_support,
    }
    return {name: one for name, one in named.items() if one is not None}


def _record(
    file: PenaltyFile,
    place: int,
    step: PenaltyStep,
    actor: Actor,
    now: datetime,
    *,
    ground: str,
    document: str = "",
    fine_fen: int | None = None,
    cut: AllowanceCut | None = None,
) -> str:
    entry = {"step": step, "ground": ground, "document": document, "fine_fen": fine_fen}
    PenaltyEntry.objects.create(file=file, place=place, by=actor.person, at=now, **entry)
    facts = {"file": file.number, "year": file.year, "place": place, "step": step, "by": actor.person}
    sealed = {"entity": file.entity_id, "shortfall_t": file.shortfall_t, **entry}
    if cut:
        sealed |= {"cut_t": cut.quantity_t, "cut_year": cut.year}
    return journal.append(Entry("compliance.penalty.recorded", facts, sealed), now=now)
