"""Grounds of incentives: note what officers found, with its evidence, and withdraw what turns out not to hold."""

from collections.abc import Mapping
from datetime import datetime

from tonnebook.compliance.models import GroundWithdrawal, IncentiveGround
from tonnebook.core import roles
from tonnebook.core.allocation.incentives import GroundRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members


@journal.command("compliance.record_grounds")
def record_grounds(
    actor: Actor, *, year: int, grounds: Mapping[str, Mapping[str, str]], key: str, now: datetime
) -> Answer:
    """Note the incentive grounds officers found for entities, with their evidence.

    Args:
        actor: officer.
        year: compliance year.
        grounds: by entity, evidence by name of the ground.
        key: idempotency key.
        now: when.

    Returns:
        {"grounds": count}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_ORGANISATION; NOT_YOUR_REGION when an entity belongs to another region;
            GROUND_NOTED when one stands, or stood, already.

    Source: S02 item 7, S01 (四).
    """
    del key
    known = members.organisations_named(sorted(grounds))
    for entity in sorted(grounds):
        if entity not in known:
            raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=entity)
        roles.check(actor, Act.COMPUTE_ALLOCATION, region=known[entity].region)
    _check_new(year, grounds)
    rows = [
        IncentiveGround(entity_id=entity, year=year, ground=ground, evidence=evidence, noted_at=now)
        for entity, found in sorted(grounds.items())
        for ground, evidence in sorted(found.items())
    ]
    IncentiveGround.objects.bulk_create(rows)
    facts = {"year": year, "grounds": len(rows), "by": actor.person}
    journal.append(Entry("compliance.grounds.noted", facts, {"grounds": grounds}), now=now)
    return {"grounds": len(rows)}


@journal.command("compliance.withdraw_ground")
def withdraw_ground(
    actor: Actor, *, entity: str, year: int, ground: str, reason: str, key: str, now: datetime
) -> Answer:
    """Withdraw a ground that turns out not to hold; what is computed from now on is without it.

    Args:
        actor: officer of the entity's region.
        entity: unified social credit code.
        year: compliance year.
        ground: its name.
        reason: what the doubt was and what came of it; private.
        key: idempotency key.
        now: when.

    Returns:
        {"ground": its name, "receipt": leaf hash}.

    Raises:
        Refused: NO_SUCH_ORGANISATION; NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_GROUND; GROUND_WITHDRAWN;
            WITHDRAWN_WITHOUT_REASON.

    Source: design choice, no legal source; what the batches issued meanwhile the true-up settles (S02 item 4).
    """
    del key
    roles.check(actor, Act.COMPUTE_ALLOCATION, region=members.organisation(entity).region)
    row = IncentiveGround.objects.filter(entity__uscc=entity, year=year, ground=ground).first()
    if row is None:
        raise Refused(GroundRefusal.NO_SUCH_GROUND, entity=entity, year=year, ground=ground)
    if GroundWithdrawal.objects.filter(ground=row).exists():
        raise Refused(GroundRefusal.GROUND_WITHDRAWN, entity=entity, year=year, ground=ground)
    if not reason.strip():
        raise Refused(GroundRefusal.WITHDRAWN_WITHOUT_REASON)
    GroundWithdrawal.objects.create(ground=row, reason=reason.strip(), withdrawn_by=actor.person, withdrawn_at=now)
    facts, sealed = {"year": year, "by": actor.person}, {"entity": entity, "ground": ground, "reason": reason.strip()}
    return {"ground": ground, "receipt": journal.append(Entry("compliance.ground.withdrawn", facts, sealed), now=now)}


def _check_new(year: int, grounds: Mapping[str, Mapping[str, str]]) -> None:
    noted = IncentiveGround.objects.filter(entity__uscc__in=list(grounds), year=year)
    for entity, ground in noted.order_by("id").values_list("entity__uscc", "ground"):
        if ground in grounds[entity]:
            raise Refused(GroundRefusal.GROUND_NOTED, entity=entity, year=year, ground=ground)
