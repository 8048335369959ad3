"""Credits cancelled in another registry: take the proofs in, and use each of them whole and once."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from tonnebook.compliance.models import CancellationProof, Surrender, SurrenderProof
from tonnebook.compliance.queries import proofs as known
from tonnebook.compliance.queries import standing
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.core import foreign_credits, periods, roles
from tonnebook.core.errors import Refused
from tonnebook.core.foreign_credits import CancelledBlock, ForeignCreditRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry


@journal.command("compliance.import_cancellations")
def import_cancellations(
    actor: Actor, *, region: str, rows: Sequence[CancelledBlock], key: str, now: datetime
) -> Answer:
    """Take in blocks of credits that another registry has cancelled; all or none.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        rows: one per block, from the other registry's list or from a certificate.
        key: idempotency key.
        now: when.

    Returns:
        {"proofs": count, "quantity_t": tonnes}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_ORGANISATION; SCHEME_UNKNOWN, ISSUED_HERE, WRONG_SERIALS;
            SERIALS_TAKEN when a number has come in before or stands twice in the rows.

    Source: as `core.foreign_credits.check_arrival`.
    """
    del key
    roles.check(actor, Act.IMPORT, region=region)
    sectors_in(region, sorted({row.entity for row in rows}))
    for row in rows:
        rules = standing.rules(region, row.year, periods.day_of(now))
        foreign_credits.check_arrival(row, rules)
    _check_untaken(rows)
    CancellationProof.objects.bulk_create([_row(one, region, actor, now) for one in rows])
    sums = {"proofs": len(rows), "quantity_t": sum(row.quantity_t for row in rows)}
    listed = [[row.entity, row.year, row.serials, row.certificate] for row in rows]
    journal.append(
        Entry("compliance.cancellations.imported", {"region": region, **sums, "by": actor.person}, {"rows": listed}),
        now=now,
    )
    return dict(sums)


def match(serials: Sequence[str], *, entity: str, rules: RulesAt) -> list[CancellationProof]:
    """Find the proofs an entity names by their serial numbers, and check that it may use them.

    Raises:
        Refused: PROOF_UNKNOWN, PROOF_USED, or what `core.foreign_credits.unusable` says.
    """
    if not serials:
        return []
    found = known.named(serials, entity=entity)
    for name in serials:
        if name not in found:
            raise Refused(ForeignCreditRefusal.PROOF_UNKNOWN, serials=name)
    rows = [found[name] for name in dict.fromkeys(serials)]
    used = known.uses(rows)
    for row in rows:
        if row.pk in used:
            serials_of = known.block_of(row).serials
            raise Refused(ForeignCreditRefusal.PROOF_USED, serials=serials_of, surrender=used[row.pk])
    check_usable(rows, entity=entity, rules=rules)
    return rows


def check_usable(rows: Sequence[CancellationProof], *, entity: str, rules: RulesAt) -> None:
    """Check proofs against the rules as they are now; asked when they are submitted and when they are confirmed.

    Raises:
        Refused: what `core.foreign_credits.unusable` says.
    """
    covered = known.covered_among([row.boundary for row in rows], rules.year or 0) if rows else ()
    for row in rows:
        refused = foreign_credits.unusable(known.block_of(row), entity=entity, covered=covered, rules=rules)
        if refused is not None:
            raise refused


def use(surrenders: Sequence[Surrender], proofs: Sequence[Sequence[CancellationProof]]) -> None:
    """Note in which surrender each proof is used."""
    SurrenderProof.objects.bulk_create(
        SurrenderProof(surrender=surrender, proof=proof, quantity_t=known.block_of(proof).quantity_t)
        for surrender, used in zip(surrenders, proofs, strict=True)
        for proof in used
    )


def give_back(surrender: Surrender) -> None:
    """Let the proofs of a surrender that is withdrawn be used again."""
    surrender.proofs.update(is_withdrawn=True)


def _check_untaken(rows: Sequence[CancelledBlock]) -> None:
    placed = sorted((foreign_credits.line_of(one.scheme, one.serial_from, one.serial_to), one.serials) for one in rows)
    taken = [serials for (before, _), (after, serials) in pairwise(placed) if after[0] < before[1]]
    taken += [serials for line, serials in placed if known.is_taken(line)]
    if taken:
        raise Refused(ForeignCreditRefusal.SERIALS_TAKEN, serials=taken[0])


def _row(one: CancelledBlock, region: str, actor: Actor, now: datetime) -> CancellationProof:
    line_from, line_to = foreign_credits.line_of(one.scheme, one.serial_from, one.serial_to)
    return CancellationProof(
        entity_id=one.entity,
        region=region,
        year=one.year,
        scheme=one.scheme,
        serial_from=one.serial_from,
        serial_to=one.serial_to,
        line_from=line_from,
        line_to=line_to,
        project=one.project,
        project_kind=one.project_kind,
        province=one.province,
        gas=one.gas,
        boundary=one.boundary,
        reduced_from_on=one.reduced_from_on,
        registered_on=one.registered_on,
        cancelled_on=one.cancelled_on,
        certificate=one.certificate,
        imported_by=actor.person,
        imported_at=now,
    )
