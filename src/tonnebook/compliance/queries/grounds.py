"""Grounds of incentives: which were noted for whom, on what evidence, and which of them stand."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tonnebook.compliance.models import IncentiveGround


@dataclass(frozen=True, slots=True)
class GroundRow:
    """A ground noted for an entity, with its evidence; `withdrawn_at` is None while it stands."""

    entity: str
    name_zh: str
    name_en: str
    ground: str
    evidence: str
    noted_at: datetime
    withdrawn_at: datetime | None
    reason: str


def grounds_noted(region: str, year: int) -> tuple[GroundRow, ...]:
    """List the grounds noted for entities of a region in a compliance year, the latest first."""
    rows = IncentiveGround.objects.filter(entity__region=region, year=year).select_related("entity", "withdrawal")
    return tuple(_row(row) for row in rows.order_by("-id"))


def standing_grounds(entities: Collection[str], year: int) -> dict[str, set[str]]:
    """Give the grounds that stand for entities in a compliance year, by entity."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = IncentiveGround.objects.filter(entity__uscc__in=list(entities), year=year, withdrawal=None)
    for entity, ground in rows.values_list("entity__uscc", "ground"):
        found[entity].add(ground)
    return found


def _row(row: IncentiveGround) -> GroundRow:
    withdrawal = getattr(row, "withdrawal", None)
    return GroundRow(
        row.entity_id,
        row.entity.name_zh,
        row.entity.name_en,
        row.ground,
        row.evidence,
        row.noted_at,
        withdrawal.withdrawn_at if withdrawal else None,
        withdrawal.reason if withdrawal else "",
    )
