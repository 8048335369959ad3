"""Redetermine: put another figure in the place of one that was final, after a report, a finding or a re-check."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook.core import roles
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions import queries
from tonnebook.emissions.models import Redetermination
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.services import ApprovedBy, NoticeDraft, notify, use_approval


@dataclass(frozen=True, slots=True)
class Replacement:
    """A figure that takes the place of a determined one (tonnes), why, and the paper it rests on."""

    region: str
    year: int
    entity: str
    determined_t: int
    direct_t: int
    reason: str
    evidence: str


@journal.command("emissions.redetermine")
def redetermine(
    actor: Actor,
    *,
    region: str,
    year: int,
    entity: str,
    determined_t: int,
    direct_t: int,
    reason: str,
    evidence: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Replace the determined emission of an entity and year; the old figure stays in the books.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        entity: unified social credit code.
        determined_t: the new figure, tonnes.
        direct_t: direct emissions in it, tonnes.
        reason: in words.
        evidence: number of the supplementary report or of the paper with the finding.
        approval: number of the approval over all of these.
        key: idempotency key.
        now: when.

    Returns:
        {"entity", "before_t", "determined_t", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; what `members.use_approval` refuses; NOTHING_DETERMINED,
            SAME_FIGURE, FIGURE_WRONG or REASON_MISSING.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.DETERMINE, region=region)
    payload = {"region": region, "year": year, "entity": entity, "determined_t": determined_t, "direct_t": direct_t}
    payload |= {"reason": reason, "evidence": evidence}
    people = use_approval(approval, kind="emissions.redetermine", payload=payload, now=now)
    figure = Replacement(region, year, entity, determined_t, direct_t, reason, evidence)
    before_t, leaf = replace_figure(figure, people, now=now)
    notify(NoticeKind.DETERMINED, [NoticeDraft(entity, {"year": year})], now=now)
    return {"entity": entity, "before_t": before_t, "determined_t": determined_t, "receipt": leaf}


def replace_figure(figure: Replacement, people: ApprovedBy, *, now: datetime) -> tuple[int, str]:
    """Put a figure in the place of the one that counts, inside the command that two people approved.

    Args:
        figure: what takes its place, and why.
        people: who approved it.
        now: when.

    Returns:
        The tonnes that counted before, and the leaf hash.

    Raises:
        Refused: NOTHING_DETERMINED, SAME_FIGURE, FIGURE_WRONG or REASON_MISSING.
    """
    entity, year = figure.entity, figure.year
    lock_years(figure.region, [year])
    figures = {"determined_t": figure.determined_t, "direct_t": figure.direct_t}
    before = queries.require_replaceable(entity, year, **figures, reason=figure.reason, evidence=figure.evidence)
    Redetermination.objects.create(
        entity_id=entity,
        region=figure.region,
        year=year,
        count=1 + Redetermination.objects.filter(entity__uscc=entity, year=year).count(),
        **figures,
        reason=figure.reason,
        evidence=figure.evidence,
        redetermined_at=now,
    )
    facts = {"entity": entity, "year": year, "evidence": figure.evidence}
    facts |= {"initiator": people.initiator, "approver": people.approver}
    sealed = {**figures, "before_t": before.determined_t, "reason": figure.reason}
    return before.determined_t, journal.append(Entry("emissions.redetermined", facts, sealed), now=now)
