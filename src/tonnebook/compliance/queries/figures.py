"""What allowances are computed from, read for many entities at once."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tonnebook.compliance.queries import declarations, successions
from tonnebook.compliance.queries.books import CoverageRow
from tonnebook.compliance.queries.grounds import standing_grounds
from tonnebook.core import plan
from tonnebook.core.allocation import assembly, changes
from tonnebook.core.allocation.assembly import YearFigures
from tonnebook.core.allocation.declarations import Declared
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.rules import RulesAt
from tonnebook.emissions import queries as emissions

# How far back figures are read: the base years of every method fit in.
YEARS_BACK = 5
_NEW_OUT = "allocation.new_facilities_out"


def entity_facts(inside: Mapping[str, CoverageRow], rules: RulesAt) -> dict[str, EntityFacts]:
    """Give what the allowances of a year are computed from.

    Args:
        inside: coverage by entity.
        rules: rules of the compliance year with its plan, which may list entities in other sectors.

    Returns:
        Facts by entity.
    """
    year, sectors = rules.year or 0, plan.sector_of(rules)
    moved = successions.until(rules.region, year)
    # Whoever gave its past to another is read with it, inside the scheme or not.
    entities = sorted({*inside, *(one.entity for one in moved)})
    years = tuple(range(year - YEARS_BACK, year + 1))
    history, declared = emissions.history(entities, years), declarations.accepted(entities, years)
    is_new_out = rules.has(_NEW_OUT) and rules.flag(_NEW_OUT)
    new = emissions.new_facilities(entities, year) if is_new_out else {}
    grounds = standing_grounds(entities, year)
    facts = {}
    for entity in entities:
        known = history.get(entity, {})
        figures = {
            one: _figures(known.get(one), declared[entity][one], new.get(entity) if one == year else None)
            for one in years
        }
        sector = sectors.get(entity) or (inside[entity].sector if entity in inside else "")
        facts[entity] = assembly.entity_facts(entity, sector, figures, grounds=grounds.get(entity, ()), rules=rules)
    return {entity: one for entity, one in changes.applied(facts, moved, rules).items() if entity in inside}


def _figures(
    row: emissions.DeterminedRow | None, declared: Sequence[Declared], new: emissions.NewFacilities | None
) -> YearFigures:
    return YearFigures(
        row.determined_t if row else None,
        row.outputs if row else {},
        row.green_mwh + row.non_fossil_mwh if row else Decimal(0),
        new.emission_t if new else 0,
        new.numbers if new else frozenset(),
        declared,
    )
