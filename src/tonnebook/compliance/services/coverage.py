"""Decide who is covered in a year, and note who leaves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from tonnebook.compliance.models import Coverage, Departure
from tonnebook.compliance.queries import standing
from tonnebook.core import coverage, periods, roles, trace
from tonnebook.core.coverage import CoverageDecision, CoverageFacts, Reason, Stage
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor, MemberRefusal, OrganisationKind
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members import services as membership

# How far back figures are read: the longest exit rule and three base years fit in.
_YEARS_BACK = 5
_COLUMNS = (
    "region",
    "sector",
    "stage",
    "reason",
    "reason_zh",
    "reason_en",
    "trace",
    "rulebook_digest",
    "decided_at",
)


@journal.command("compliance.cover")
def cover(actor: Actor, *, region: str, year: int, approval: str, key: str, now: datetime) -> Answer:
    """Decide for every entity of a region whether it is covered in a year, each with its reason.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entities": looked at, and the number per stage}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, and what `members.use_approval` refuses.

    Source: thresholds and exit as `core.coverage.decide`; two people: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.COVER, region=region)
    membership.use_approval(approval, kind="compliance.cover", payload={"region": region, "year": year}, now=now)
    rules = standing.rules(region, year, periods.day_of(now))
    entities = members.organisations(region, OrganisationKind.ENTITY)
    sectors = {one.uscc: one.sector for one in entities}
    decisions = {uscc: coverage.decide(facts, rules) for uscc, facts in _facts(sectors, year).items()}
    return _save(actor, decisions, sectors, place=(region, year), digest=rules.digest, now=now)


@journal.command("compliance.list_entities")
def list_entities(actor: Actor, *, region: str, year: int, entities: Sequence[str], key: str, now: datetime) -> Answer:
    """Put entities on the list of a year by decision of the authority: on their request, or from another registry.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        year: compliance year.
        entities: unified social credit codes, registered in the region; any number.
        key: idempotency key.
        now: when.

    Returns:
        {"entities": count, "ALLOWANCES": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION when one is not registered in the region.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.IMPORT, region=region)
    sectors = sectors_in(region, entities)
    decision = CoverageDecision(Stage.ALLOWANCES, Reason.LISTED)
    digest = standing.rules(region, year, periods.day_of(now)).digest
    return _save(actor, dict.fromkeys(sectors, decision), sectors, place=(region, year), digest=digest, now=now)


@journal.command("compliance.record_departures")
def record_departures(
    actor: Actor, *, region: str, national: Mapping[str, int], closed: Mapping[str, int], key: str, now: datetime
) -> Answer:
    """Note which entities move to the national market or close, with the first year they are out.

    Args:
        actor: officer of the region.
        region: region code.
        national: first year in the national market by code.
        closed: first year out by code.
        key: idempotency key.
        now: when.

    Returns:
        {"departures": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION when one is not registered in the region.

    Source: S06 Art. 11 (exit).
    """
    del key
    roles.check(actor, Act.COVER, region=region)
    sectors_in(region, [*national, *closed])
    rows = [
        Departure(entity_id=entity, is_national=is_national, from_year=from_year, noted_at=now)
        for is_national, years in ((True, national), (False, closed))
        for entity, from_year in sorted(years.items())
    ]
    Departure.objects.bulk_create(rows)
    facts = {"region": region, "national": dict(national), "closed": dict(closed), "by": actor.person}
    journal.append(Entry("compliance.departures.noted", facts), now=now)
    return {"departures": len(rows)}


def sectors_in(region: str, entities: Sequence[str]) -> dict[str, str]:
    """Give the sectors of a region's entities; an act names the entities of one region only.

    Args:
        region: region code.
        entities: unified social credit codes.

    Raises:
        Refused: NO_SUCH_ORGANISATION when one is not registered in the region.
    """
    known = members.organisations_named(entities)
    for uscc in entities:
        if uscc not in known or known[uscc].region != region:
            raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=uscc)
    return {uscc: row.sector for uscc, row in known.items()}


def _facts(sectors: Mapping[str, str], year: int) -> dict[str, CoverageFacts]:
    usccs = sorted(sectors)
    history = emissions.history(usccs, tuple(range(year - _YEARS_BACK, year)))
    before = set(
        Coverage.objects.filter(
            entity__uscc__in=usccs, year=year - 1, stage__in=(Stage.MANAGED, Stage.ALLOWANCES)
        ).values_list("entity__uscc", flat=True)
    )
    left = Departure.objects.filter(entity__uscc__in=usccs, from_year__lte=year)
    departures = {(row.entity_id, row.is_national): row.from_year for row in left}
    return {
        uscc: CoverageFacts(
            sectors[uscc],
            {one: row.determined_t for one, row in history.get(uscc, {}).items()},
            was_covered=uscc in before,
            national_from=departures.get((uscc, True)),
            is_closed=(uscc, False) in departures,
        )
        for uscc in usccs
    }


def _save(
    actor: Actor,
    decisions: Mapping[str, CoverageDecision],
    sectors: Mapping[str, str],
    *,
    place: tuple[str, int],
    digest: str,
    now: datetime,
) -> Answer:
    region, year = place
    rows = [
        Coverage(
            entity_id=uscc,
            region=region,
            year=year,
            sector=sectors[uscc],
            stage=one.stage,
            reason=one.reason.name,
            reason_zh=one.zh,
            reason_en=one.en,
            trace=trace.to_json(one.margin) if one.margin else None,
            rulebook_digest=digest,
            decided_at=now,
        )
        for uscc, one in decisions.items()
    ]
    Coverage.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["entity", "year"], update_fields=_COLUMNS, batch_size=5000
    )
    counts = Counter(one.stage.value for one in decisions.values())
    facts = {"region": region, "year": year, "stages": dict(counts), "rulebook": digest, "by": actor.person}
    listed = [{"entity": uscc, "stage": one.stage, "reason": one.reason.name} for uscc, one in decisions.items()]
    journal.append(Entry("compliance.coverage.decided", facts, {"entities": listed}), now=now)
    return {"entities": len(rows), **counts}
