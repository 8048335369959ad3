"""Publish the coverage list of a year, correct its lines by new versions, and take over lists made elsewhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.compliance.models import Coverage, CoverageChange, CoverageList
from tonnebook.compliance.queries import lists, standing
from tonnebook.compliance.services.rows import lock_place
from tonnebook.core import canonical, coverage_list, periods, roles, trace
from tonnebook.core.coverage import CoverageDecision, Reason, Stage
from tonnebook.core.coverage_list import ListGround, Turn
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members import services as membership
from tonnebook.members.services import ApprovedBy, NoticeDraft

_ROWS_PER_INSERT = 5000
_COLUMNS = (
    "region",
    "sector",
    "stage",
    "reason",
    "reason_zh",
    "reason_en",
    "trace",
    "years_trace",
    "grounds",
    "version",
    "rulebook_digest",
    "decided_at",
)


@dataclass(frozen=True, slots=True)
class Version:
    """What a new version of a list is about: where, why and by whom; `objection` is the number of the one upheld."""

    region: str
    year: int
    ground: ListGround
    people: ApprovedBy
    words: str = ""
    objection: str = ""


@journal.command("compliance.cover")
def cover(actor: Actor, *, region: str, year: int, digest: str, approval: str, key: str, now: datetime) -> Answer:
    """Publish the coverage list of a year: every entity of the region with its stage and reason, and tell them.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        digest: of the draft that was looked at.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entities": looked at, "version", and the number per stage}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, and what `members.use_approval` refuses; LIST_PUBLISHED,
            DRAFT_CHANGED; what `core.coverage.decide` refuses.

    Source: thresholds and exit as `core.coverage.decide`; yearly publication S01 (六); two people: design choice.
    """
    del key
    roles.check(actor, Act.COVER, region=region)
    payload = {"region": region, "year": year, "digest": digest}
    people = membership.use_approval(approval, kind="compliance.cover", payload=payload, now=now)
    lock_list(region, year)
    draft, version = lists.draft_list(region, year, periods.day_of(now)), _version(region, year)
    coverage_list.check_publication(region=region, year=year, version=version, seen=digest, digest=draft.digest)
    about = Version(region, year, ListGround.ANNUAL, people)
    answer = publish(about, draft.decisions, draft.sectors, rulebook_digest=draft.rulebook_digest, now=now)
    _tell([row.entity for row in draft.rows if row.turn is not Turn.OUTSIDE or _reports(row.decision)], year, now)
    return answer


@journal.command("compliance.correct_list")
def correct_list(
    actor: Actor,
    *,
    region: str,
    year: int,
    entity: str,
    stage: Stage,
    ground: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Correct the line of one entity; the list goes on as a new version.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        entity: unified social credit code.
        stage: what it is from now on.
        ground: why, in words.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entities": 1, "version", and the number per stage}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, and what `members.use_approval` refuses; NO_SUCH_LINE,
            LINE_UNCHANGED, GROUND_MISSING.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.COVER, region=region)
    payload = {"region": region, "year": year, "entity": entity, "stage": stage, "ground": ground}
    people = membership.use_approval(approval, kind="compliance.correct_list", payload=payload, now=now)
    return set_line(Version(region, year, ListGround.CORRECTION, people, ground), entity, stage, now=now)


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
        {"entities": count, "version", "ALLOWANCES": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION when one is not registered in the region.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.IMPORT, region=region)
    sectors = sectors_in(region, entities)
    lock_list(region, year)
    decision = CoverageDecision(Stage.ALLOWANCES, Reason.LISTED)
    digest = standing.rules(region, year, periods.day_of(now)).digest
    about = Version(region, year, ListGround.IMPORT, ApprovedBy(actor.person, ""))
    return publish(about, dict.fromkeys(sectors, decision), sectors, rulebook_digest=digest, now=now)


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


def lock_list(region: str, year: int) -> None:
    """Let the versions of one list follow each other: the lock is held to the end of the transaction."""
    lock_place(f"compliance/list/{region}/{year}")


def set_line(about: Version, entity: str, stage: Stage, *, now: datetime) -> Answer:
    """Set the line of one entity anew, inside the command that decided it, and tell the entity.

    Args:
        about: where, why and by whom.
        entity: unified social credit code.
        stage: what it is from now on.
        now: when.

    Raises:
        Refused: NO_SUCH_LINE, LINE_UNCHANGED, GROUND_MISSING.
    """
    lock_list(about.region, about.year)
    row = Coverage.objects.select_for_update().filter(region=about.region, entity__uscc=entity, year=about.year).first()
    before = Stage(row.stage) if row else None
    coverage_list.check_correction(entity, about.year, before=before, after=stage, ground=about.words)
    assert row is not None
    decision = CoverageDecision(stage, Reason.CORRECTED)
    rules_digest = standing.rules(about.region, about.year, periods.day_of(now)).digest
    answer = publish(about, {entity: decision}, {entity: row.sector}, rulebook_digest=rules_digest, now=now)
    _tell([entity], about.year, now)
    return answer


def publish(
    about: Version,
    decisions: Mapping[str, CoverageDecision],
    sectors: Mapping[str, str],
    *,
    rulebook_digest: str,
    now: datetime,
) -> Answer:
    """Store the next version of a list, whose lock is held: the lines it sets, and what they were before.

    Args:
        about: where, why and by whom.
        decisions: by entity.
        sectors: by entity.
        rulebook_digest: of the rules behind the decisions.
        now: when.
    """
    region, year, version = about.region, about.year, 1 + _version(about.region, about.year)
    stages = Counter(one.stage.value for one in decisions.values())
    row = CoverageList.objects.create(
        region=region,
        year=year,
        version=version,
        ground=about.ground,
        lines=len(decisions),
        digest=coverage_list.digest_of(decisions, sectors),
        rulebook_digest=rulebook_digest,
        initiator=about.people.initiator,
        approver=about.people.approver,
        published_at=now,
    )
    if version > 1:
        _keep_changes(row, decisions, about)
    _set_lines(row, decisions, sectors)
    facts = {"region": region, "year": year, "version": version, "ground": about.ground, "stages": dict(stages)}
    facts |= {"digest": row.digest, "rulebook": rulebook_digest, "objection": about.objection}
    facts |= {"initiator": about.people.initiator, "approver": about.people.approver}
    listed = [{"entity": uscc, "stage": one.stage, "reason": one.reason.name} for uscc, one in decisions.items()]
    journal.append(Entry("compliance.coverage.decided", facts, {"entities": listed, "words": about.words}), now=now)
    return {"entities": len(decisions), "version": version, **stages}


def _version(region: str, year: int) -> int:
    return CoverageList.objects.filter(region=region, year=year).count()


def _keep_changes(row: CoverageList, decisions: Mapping[str, CoverageDecision], about: Version) -> None:
    of_year = Coverage.objects.filter(entity__uscc__in=list(decisions), year=row.year)
    before = dict(of_year.values_list("entity__uscc", "stage"))
    changes = [
        CoverageChange(
            list=row,
            entity_id=uscc,
            stage_before=before.get(uscc, ""),
            stage=one.stage,
            ground=about.words,
            objection=about.objection,
        )
        for uscc, one in decisions.items()
    ]
    CoverageChange.objects.bulk_create(changes, _ROWS_PER_INSERT)


def _set_lines(row: CoverageList, decisions: Mapping[str, CoverageDecision], sectors: Mapping[str, str]) -> None:
    lines = [
        Coverage(
            entity_id=uscc,
            region=row.region,
            year=row.year,
            sector=sectors[uscc],
            stage=one.stage,
            reason=one.reason.name,
            reason_zh=one.zh,
            reason_en=one.en,
            trace=trace.to_json(one.margin) if one.margin else None,
            years_trace=trace.to_json(one.years) if one.years else None,
            grounds=canonical.plain(one.grounds),
            version=row.version,
            rulebook_digest=row.rulebook_digest,
            decided_at=row.published_at,
        )
        for uscc, one in decisions.items()
    ]
    Coverage.objects.bulk_create(
        lines, _ROWS_PER_INSERT, update_conflicts=True, unique_fields=["entity", "year"], update_fields=_COLUMNS
    )


def _reports(decision: CoverageDecision) -> bool:
    return decision.stage is not Stage.OUT


def _tell(entities: Sequence[str], year: int, now: datetime) -> None:
    membership.notify(NoticeKind.LISTED, [NoticeDraft(entity, {"year": year}) for entity in entities], now=now)
