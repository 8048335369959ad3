"""Take in the statistics of a city for a year: computed at once, a new version beside those before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tonnebook import rulebook
from tonnebook.core import canonical, inventory, roles, trace
from tonnebook.core.errors import Refused
from tonnebook.core.inventory import ActivityRow, InventoryRefusal, InventorySector
from tonnebook.core.mrv import LineKind, SourceLine
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions.models import CityInventory
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """One row of the statistics of a city: sector, kind of source, name, quantity in unit, and measured parameters."""

    sector: InventorySector
    source: LineKind
    name: str
    quantity: Decimal
    unit: str
    ncv: Decimal | None = None
    carbon_content: Decimal | None = None
    oxidation: Decimal | None = None


@journal.command("emissions.take_inventory")
def take_inventory(
    actor: Actor,
    *,
    region: str,
    year: int,
    rows: Sequence[StatisticsRow],
    file_digest: str,
    key: str,
    now: datetime,
) -> Answer:
    """Take in the statistics of a region and year, with the factors that reports of companies use.

    Args:
        actor: officer of the region.
        region: region code.
        year: of the statistics.
        rows: all of a sheet.
        file_digest: SHA-256 (hex) over the file.
        key: idempotency key.
        now: when.

    Returns:
        {"version", "total_t", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; SHEET_EMPTY; what `core.mrv.emissions` refuses; INVENTORY_UNCHANGED.

    Source: S57 as the core computes it; versions: design choice.
    """
    del key
    roles.check(actor, Act.KEEP_INVENTORY, region=region)
    if not rows:
        raise Refused(InventoryRefusal.SHEET_EMPTY)
    lock_years(region, [year])
    rules = rulebook.at(region, on=date(year, 12, 31), year=year)
    found = inventory.compute([_activity(place, one) for place, one in enumerate(rows, 2)], rules)
    digest = canonical.digest({"region": region, "year": year, "rows": rows, "rules": rules.digest})
    before = CityInventory.objects.filter(region=region, year=year).order_by("-version").first()
    if before is not None and before.digest == digest:
        raise Refused(InventoryRefusal.INVENTORY_UNCHANGED, year=year)
    row = CityInventory(
        region=region,
        year=year,
        version=before.version + 1 if before else 1,
        rows=canonical.plain(rows),
        total_t=found.total.whole,
        traces={
            "total": trace.to_json(found.total),
            "scopes": {scope.value: trace.to_json(one) for scope, one in found.scopes.items()},
            "sectors": {sector.value: trace.to_json(one) for sector, one in found.sectors.items()},
            "lines": [trace.to_json(one) for one in found.lines],
        },
        rules_digest=rules.digest,
        file_digest=file_digest,
        digest=digest,
        compiled_by=actor.person,
        compiled_at=now,
    )
    row.save(force_insert=True)
    told = {"region": region, "year": year, "version": row.version, "digest": digest, "file_digest": file_digest}
    sealed = {"total_t": row.total_t, "by": actor.person}
    receipt = journal.append(Entry("emissions.inventory.taken", told, sealed), now=now)
    return {"version": row.version, "total_t": row.total_t, "receipt": receipt}


def _activity(place: int, one: StatisticsRow) -> ActivityRow:
    line = SourceLine(one.source, one.name, one.quantity, one.unit, one.ncv, one.carbon_content, one.oxidation)
    return ActivityRow(place, one.sector, line)
