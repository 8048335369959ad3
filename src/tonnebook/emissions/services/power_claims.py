"""Claim: what green power is used for is recorded once for each certificate and each metered hour."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tonnebook.core import identity, power_claims
from tonnebook.core.power_claims import Claimed, ClaimKind
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions.models import PowerClaim, PowerProof
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members.services import require


@journal.command("emissions.claim_power")
def claim_power(
    actor: Actor,
    *,
    entity: str,
    year: int,
    kind: ClaimKind,
    quantity_mwh: Decimal,
    proofs: Sequence[str],
    key: str,
    now: datetime,
) -> Answer:
    """Claim green power for one use: a zero factor of the report, a cancelled certificate, or a credit.

    Args:
        actor: representative of the entity.
        entity: unified social credit code.
        year: compliance year.
        kind: what for.
        quantity_mwh: how much, > 0, with at most six decimals.
        proofs: "GEC:" and number of a certificate, or "METER:", meter and hour, each once.
        key: idempotency key.
        now: when.

    Returns:
        {"claim": number, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_ORGANISATION; NOTHING_CLAIMED, PROOF_WRONG, CLAIMED_TWICE or
            CLAIMED_ALREADY as `core.power_claims.check_claim`.

    Source: S02 item 6; S28.
    """
    del key
    region = require(actor, Act.SUBMIT_REPORT, organisation=entity)
    # A certificate may be claimed by anybody for any year: one lock for all of them.
    lock_years("power", [0])
    power_claims.check_claim(proofs, quantity_mwh, _earlier(proofs))
    (count,) = journal.next_counts("emissions_powerclaim_number", 1)
    row = PowerClaim.objects.create(
        number=identity.numbered("PC", count),
        entity_id=entity,
        region=region,
        year=year,
        kind=kind.value,
        quantity_mwh=quantity_mwh,
        claimed_by=actor.person,
        claimed_at=now,
    )
    PowerProof.objects.bulk_create(PowerProof(claim=row, proof=proof) for proof in proofs)
    facts = {"claim": row.number, "region": region, "year": year, "use": kind.value}
    sealed = {"entity": entity, "quantity_mwh": format(quantity_mwh, "f"), "proofs": list(proofs), "by": actor.person}
    return {"claim": row.number, "receipt": journal.append(Entry("emissions.power.claimed", facts, sealed), now=now)}


@tenancy.everywhere(Why.UNIQUENESS)
def _earlier(proofs: Sequence[str]) -> dict[str, Claimed]:
    rows = PowerProof.objects.filter(proof__in=list(proofs)).select_related("claim")
    return {row.proof: Claimed(row.claim.number, ClaimKind(row.claim.kind), row.claim.year) for row in rows}
