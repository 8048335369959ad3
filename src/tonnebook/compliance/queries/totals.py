"""The total of a region and year as it stands: reserve, free, paid, and what is open until the year is settled."""

from datetime import date

from tonnebook.compliance.models import Allocation, Coverage
from tonnebook.compliance.queries import headrooms, standing
from tonnebook.core.allocation import totals
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.allocation.totals import Planned, RegionTotal
from tonnebook.core.trace import Traced


def region_total(region: str, year: int, today: date) -> RegionTotal | None:
    """Add up a region's year, by sector and in all.

    Args:
        region: region code.
        year: compliance year.
        today: the day whose rules apply.

    Returns:
        The sums, or None while the plan of the year names no total.
    """
    rules = standing.rules(region, year, today)
    if not rules.has("allocation.cap_t"):
        return None
    of_year = {"region": region, "year": year}
    sectors = dict(Coverage.objects.filter(**of_year).values_list("entity_id", "sector"))
    rows = Allocation.objects.filter(**of_year).exclude(state=AllocationState.WITHHELD)
    computed = {(entity, batch): (base_t, paid_t) for entity, batch, base_t, paid_t in rows.values_list(*_COLUMNS)}
    entities = sorted({entity for entity, _ in computed})
    planned = [_planned(entity, sectors.get(entity, ""), computed) for entity in entities]
    return totals.total(planned, rules, drawn_t=headrooms.drawn(region).get(year, 0))


def total_traces(region: str, year: int, today: date) -> tuple[Traced, ...]:
    """Explain a region's total: what is in reserve now, and what the plan set aside; empty while no plan names one."""
    found = region_total(region, year, today)
    if found is None:
        return ()
    rules = standing.rules(region, year, today)
    return totals.in_reserve(found, rules), totals.set_aside(rules)


_COLUMNS = ("entity_id", "batch", "base_t", "paid_t")


def _planned(entity: str, sector: str, computed: dict[tuple[str, str], tuple[int, int]]) -> Planned:
    planned_t, paid_t = computed.get((entity, Batch.FIRST), (0, 0))
    settled = computed.get((entity, Batch.SECOND))
    return Planned(sector, planned_t, settled[0] if settled else None, settled[1] if settled else paid_t)
