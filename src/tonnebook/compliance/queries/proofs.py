"""Proofs of cancellation in other registries: what has come in, and which of it an entity may still use."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tonnebook.compliance.models import CancellationProof, Coverage, SurrenderProof
from tonnebook.compliance.queries import standing
from tonnebook.core import foreign_credits
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.foreign_credits import CancelledBlock
from tonnebook.core.rules import RulesAt
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A proof, where it is used (number of the surrender, else empty), and why it cannot be, where it cannot."""

    block: CancelledBlock
    used_in: str
    refusal: Refused | None


@tenancy.everywhere(Why.UNIQUENESS)
def is_taken(line: tuple[int, int]) -> bool:
    """Say whether a number of this part of the line has come in, whoever's it is."""
    return CancellationProof.objects.filter(line_from__lt=line[1], line_to__gt=line[0]).exists()


def proofs_of(entity: str, *, region: str, year: int, today: date) -> tuple[ProofRow, ...]:
    """List the proofs that have come in for an entity and year, in order of their numbers.

    Args:
        entity: unified social credit code.
        region: region code.
        year: compliance year.
        today: the day whose rules apply.
    """
    rules = standing.rules(region, year, today)
    rows = CancellationProof.objects.filter(entity__uscc=entity, year=year).order_by("line_from")
    used, covered = _used([row.pk for row in rows]), covered_among([row.boundary for row in rows], year)
    return tuple(
        ProofRow(
            block_of(row),
            used.get(row.pk, ""),
            foreign_credits.unusable(block_of(row), entity=entity, covered=covered, rules=rules),
        )
        for row in rows
    )


@tenancy.everywhere(Why.DISCLOSURE)
def covered_among(usccs: Sequence[str], year: int) -> frozenset[str]:
    """Say which of these entities are covered in a year, whoever asks: the coverage list is published."""
    rows = Coverage.objects.filter(entity__uscc__in=usccs, year=year, stage=Stage.ALLOWANCES)
    return frozenset(rows.values_list("entity__uscc", flat=True))


def block_of(row: CancellationProof) -> CancelledBlock:
    """Turn a row into core's value."""
    return CancelledBlock(
        scheme=row.scheme,
        serial_from=row.serial_from,
        serial_to=row.serial_to,
        entity=row.entity_id,
        year=row.year,
        project=row.project,
        project_kind=row.project_kind,
        province=row.province,
        gas=row.gas,
        boundary=row.boundary,
        reduced_from_on=row.reduced_from_on,
        registered_on=row.registered_on,
        cancelled_on=row.cancelled_on,
        certificate=row.certificate,
    )


def labelled(usccs: Collection[str], rules: RulesAt) -> dict[str, Mapping[str, int]]:
    """Add up what entities use of proofs in a year, by limits of their own; whoever uses none is left out.

    Args:
        usccs: unified social credit codes.
        rules: rules of the region for the compliance year.
    """
    if not rules.below("surrender.sub_limit"):
        return {}
    rows = SurrenderProof.objects.filter(
        surrender__entity__uscc__in=usccs, surrender__year=rules.year or 0, is_withdrawn=False
    ).select_related("proof")
    blocks: dict[str, list[CancelledBlock]] = defaultdict(list)
    for row in rows:
        blocks[row.proof.entity_id].append(block_of(row.proof))
    return {uscc: foreign_credits.by_label(found, rules) for uscc, found in blocks.items()}


def named(serials: Collection[str], *, entity: str) -> dict[str, CancellationProof]:
    """Find the proofs that an entity names by their serial numbers; what does not match exactly is left out."""
    rows = CancellationProof.objects.filter(entity__uscc=entity)
    return {block_of(row).serials: row for row in rows if block_of(row).serials in serials}


def uses(proofs: Sequence[CancellationProof]) -> dict[int, str]:
    """Give the number of the surrender in which each proof is used, by the proof's id."""
    return _used([proof.pk for proof in proofs])


def _used(ids: Sequence[int]) -> dict[int, str]:
    rows = SurrenderProof.objects.filter(proof_id__in=ids, is_withdrawn=False)
    return dict(rows.values_list("proof_id", "surrender__number"))
