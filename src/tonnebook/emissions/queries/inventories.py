"""The inventory of a city that counts: total, scopes, sectors, its share of covered companies, and its change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tonnebook.core import inventory, trace
from tonnebook.core.errors import Refused
from tonnebook.core.inventory import InventoryRefusal, InventoryScope, InventorySector
from tonnebook.core.trace import Traced
from tonnebook.emissions.models import CityInventory
from tonnebook.emissions.queries.figures import determined


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """A version of the inventory of a region and year.

    Attributes:
        rows: as the sheet had them, each with its tonnes.
        covered: share of the direct emissions that covered companies make up by their determined figures, per cent;
            None before any was determined.
        change: from the year before, per cent; None without an inventory of that year.
    """

    region: str
    year: int
    version: int
    rows: tuple[tuple[Mapping[str, str | None], Traced], ...]
    total: Traced
    scopes: Mapping[InventoryScope, Traced]
    sectors: Mapping[InventorySector, Traced]
    covered: Traced | None
    change: Traced | None
    file_digest: str
    digest: str
    compiled_at: datetime


def inventory_of(region: str, year: int) -> InventoryRow | None:
    """Give the inventory of a region and year that counts, or None."""
    row, before = _latest(region, year), _latest(region, year - 1)
    if row is None:
        return None
    traces = row.traces
    total = trace.from_json(traces["total"])
    scopes = {InventoryScope(code): trace.from_json(one) for code, one in traces["scopes"].items()}
    found = determined(region, year).values()
    covered_direct_t = sum(one.direct_t for one in found)
    return InventoryRow(
        region=region,
        year=year,
        version=row.version,
        rows=tuple(zip(row.rows, map(trace.from_json, traces["lines"]), strict=True)),
        total=total,
        scopes=scopes,
        sectors={InventorySector(code): trace.from_json(one) for code, one in traces["sectors"].items()},
        covered=inventory.covered_share(scopes[InventoryScope.DIRECT], covered_direct_t) if found else None,
        change=inventory.change(total, trace.from_json(before.traces["total"])) if before else None,
        file_digest=row.file_digest,
        digest=row.digest,
        compiled_at=row.compiled_at,
    )


def require_inventory(region: str, year: int) -> InventoryRow:
    """Give the inventory of a region and year that counts.

    Raises:
        Refused: NO_SUCH_INVENTORY.
    """
    row = inventory_of(region, year)
    if row is None:
        raise Refused(InventoryRefusal.NO_SUCH_INVENTORY, year=year)
    return row


def _latest(region: str, year: int) -> CityInventory | None:
    return CityInventory.objects.filter(region=region, year=year).order_by("-version").first()
