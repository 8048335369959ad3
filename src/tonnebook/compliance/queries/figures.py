"""What allowances are computed from, read for many entities at once."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from tonnebook.compliance.models import IncentiveGround
from tonnebook.compliance.queries.books import CoverageRow
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.emissions import queries as emissions

# How far back figures are read: the base years of every method fit in.
YEARS_BACK = 5


def entity_facts(inside: Mapping[str, CoverageRow], year: int, *, sectors: Mapping[str, str]) -> dict[str, EntityFacts]:
    """Give what the allowances of a year are computed from.

    Args:
        inside: coverage by entity.
        year: compliance year.
        sectors: by entity, the sector in which the plan lists it; the others keep that of their coverage.

    Returns:
        Facts by entity; output of the year before stands in where that of the year is not known yet.
    """
    history = emissions.history(sorted(inside), tuple(range(year - YEARS_BACK, year + 1)))
    grounds: dict[str, set[str]] = defaultdict(set)
    noted = IncentiveGround.objects.filter(entity__uscc__in=sorted(inside), year=year)
    for entity, ground in noted.values_list("entity__uscc", "ground"):
        grounds[entity].add(ground)
    facts = {}
    for entity, row in inside.items():
        figures = history.get(entity, {})
        this = figures.get(year)
        last = this or figures.get(year - 1)
        facts[entity] = EntityFacts(
            entity,
            sectors.get(entity, row.sector),
            {one: figure.determined_t for one, figure in figures.items() if one < year},
            {one: figure.outputs for one, figure in figures.items() if one < year},
            last.outputs if last else {},
            this.determined_t if this else None,
            this.non_fossil_mwh if this else Decimal(0),
            frozenset(grounds[entity]),
        )
    return facts
