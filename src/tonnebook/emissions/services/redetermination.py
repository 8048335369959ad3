"""Redetermine: put another figure in the place of one that was final, after a supplementary report or a finding."""

from datetime import datetime

from tonnebook.core import roles
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions import queries
from tonnebook.emissions.models import Redetermination
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.services import NoticeDraft, notify, use_approval


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
    lock_years(region, [year])
    figures = {"determined_t": determined_t, "direct_t": direct_t}
    before_t = queries.require_replaceable(entity, year, **figures, reason=reason, evidence=evidence).determined_t
    Redetermination.objects.create(
        entity_id=entity,
        region=region,
        year=year,
        count=1 + Redetermination.objects.filter(entity__uscc=entity, year=year).count(),
        **figures,
        reason=reason,
        evidence=evidence,
        redetermined_at=now,
    )
    facts = {"entity": entity, "year": year, "evidence": evidence}
    facts |= {"initiator": people.initiator, "approver": people.approver}
    sealed = {**figures, "before_t": before_t, "reason": reason}
    leaf = journal.append(Entry("emissions.redetermined", facts, sealed), now=now)
    notify(NoticeKind.DETERMINED, [NoticeDraft(entity, {"year": year})], now=now)
    return {"entity": entity, "before_t": before_t, "determined_t": determined_t, "receipt": leaf}
