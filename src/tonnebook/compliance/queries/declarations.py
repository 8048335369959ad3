"""What companies declared for their allowances: what waits, what counts, what is used already."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.compliance.models import Declaration
from tonnebook.core.allocation import declarations
from tonnebook.core.allocation.declarations import DeclarationState, Declared, FactKind


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """A declared fact; `name` is the number of the certificate, unit or line."""

    number: str
    entity: str
    name_zh: str
    name_en: str
    year: int
    kind: FactKind
    name: str
    values: Mapping[str, str]
    evidence: str
    state: DeclarationState
    declared_at: datetime
    decided_at: datetime | None
    reason: str


def declarations_of(entity: str) -> tuple[DeclarationRow, ...]:
    """List what an entity declared, the latest first."""
    rows = Declaration.objects.filter(entity__uscc=entity).select_related("entity")
    return tuple(_row(one) for one in rows.order_by("-id"))


def waiting_declarations(region: str) -> tuple[DeclarationRow, ...]:
    """List what waits for an officer, the oldest first."""
    rows = Declaration.objects.filter(region=region, state=DeclarationState.DECLARED).select_related("entity")
    return tuple(_row(one) for one in rows.order_by("id"))


def accepted(usccs: Sequence[str], years: Sequence[int]) -> dict[str, dict[int, list[Declared]]]:
    """Give the facts that count, by entity and year.

    Args:
        usccs: unified social credit codes.
        years: compliance year and its base years.
    """
    rows = Declaration.objects.filter(
        entity__uscc__in=list(usccs), year__in=list(years), state=DeclarationState.ACCEPTED
    ).order_by("id")
    found: dict[str, dict[int, list[Declared]]] = defaultdict(lambda: defaultdict(list))
    for entity, year, kind, values in rows.values_list("entity__uscc", "year", "kind", "values"):
        found[entity][year].append(declarations.read(FactKind(kind), values))
    return found


def taken(names: Sequence[str]) -> set[tuple[object, ...]]:
    """Give what stands declared under some numbers: certificates by number, others by number, entity and year."""
    rows = Declaration.objects.filter(name__in=list(names)).exclude(state=DeclarationState.REJECTED)
    found: set[tuple[object, ...]] = set()
    for kind, name, entity, year in rows.values_list("kind", "name", "entity__uscc", "year"):
        found.add((FactKind.POWER, name) if kind == FactKind.POWER else (FactKind(kind), name, entity, year))
    return found


def _row(row: Declaration) -> DeclarationRow:
    return DeclarationRow(
        row.number,
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.year,
        FactKind(row.kind),
        row.name,
        row.values,
        row.evidence,
        DeclarationState(row.state),
        row.declared_at,
        row.decided_at,
        row.reason,
    )
