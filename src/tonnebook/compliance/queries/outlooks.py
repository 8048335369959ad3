"""How the year of entities is expected to end, beside what they have and cannot use."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from tonnebook.compliance.queries.books import covered
from tonnebook.compliance.queries.positions import Position, positions
from tonnebook.core import early_warning
from tonnebook.core.coverage import Stage
from tonnebook.core.early_warning import AtRisk, Driver
from tonnebook.core.ledger import AccountType, Title
from tonnebook.registry import queries as registry

_OWN = (AccountType.HOLDING, AccountType.TRADING)


@dataclass(frozen=True, slots=True)
class OutlookRow:
    """One covered entity: where it stands, how its year is expected to end, and its units at risk."""

    entity: str
    name_zh: str
    name_en: str
    sector: str
    position: Position
    at_risk: AtRisk


@dataclass(frozen=True, slots=True)
class SectorOutlook:
    """A sector in sums: entities that will be short, of how many, and tonnes missing and at risk."""

    sector: str
    entities: int
    short: int
    shortfall_t: int
    at_risk_t: int


def outlooks(region: str, year: int, today: date, *, entities: Collection[str] | None = None) -> tuple[OutlookRow, ...]:
    """List how the year is expected to end for every covered entity, the largest shortfall first, then by code.

    Args:
        region: region code.
        year: compliance year.
        today: the day whose rules apply.
        entities: whom to list of them; everybody when None.
    """
    rows = {
        row.entity: row
        for row in covered(region, year)
        if row.stage is Stage.ALLOWANCES and (entities is None or row.entity in entities)
    }
    places = positions(list(rows), region=region, year=year, today=today)
    risks = units_at_risk(places)
    found = [
        OutlookRow(uscc, rows[uscc].name_zh, rows[uscc].name_en, rows[uscc].sector, place, risks[uscc])
        for uscc, place in places.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.position.gap_t, one.entity)))


def by_sector(rows: Sequence[OutlookRow]) -> tuple[SectorOutlook, ...]:
    """Add the outlooks of entities up by sector, the largest shortfall first."""
    of_sector: dict[str, list[OutlookRow]] = {}
    for row in rows:
        of_sector.setdefault(row.sector, []).append(row)
    sums = [
        SectorOutlook(
            sector,
            len(ones),
            sum(one.position.gap_t > 0 for one in ones),
            sum(one.position.gap_t for one in ones),
            sum(one.at_risk.total_t for one in ones),
        )
        for sector, ones in of_sector.items()
    ]
    return tuple(sorted(sums, key=lambda one: (-one.shortfall_t, one.sector)))


def drivers_of_shortfall(rows: Sequence[OutlookRow]) -> tuple[tuple[Driver, int], ...]:
    """Add up what the shortfalls of entities are made of, tonnes; who is not expected to be short is left out.

    What adds to the obligation less what covers it is the sum of the shortfalls.
    """
    sums = dict.fromkeys(Driver, 0)
    for row in rows:
        if row.position.gap_t:
            for driver, one in row.position.outlook.drivers:
                sums[driver] += one.whole
    return tuple(sums.items())


def units_at_risk(places: dict[str, Position]) -> dict[str, AtRisk]:
    """Give the units of entities that are pledged, frozen, on offer or lent, against their expected shortfall.

    Args:
        places: positions by code.
    """
    usccs = list(places)
    held, lent = registry.set_aside(usccs), registry.lent(usccs)
    return {
        uscc: early_warning.at_risk(place.outlook, held.get(uscc, {}), lent_t=lent.get(uscc, 0))
        for uscc, place in places.items()
    }


def holdings_by_title(entity: str, *, on: date) -> dict[Title, int]:
    """Sum what an entity holds by how it came by it, in registry and trading accounts, tonnes; in order of title.

    Args:
        entity: unified social credit code.
        on: the day whose rules say the order of lots.
    """
    sums: Counter[Title] = Counter()
    for type_ in _OWN:
        account = registry.accounts_of([entity], type_).get(entity)
        for row in registry.lots(account, on=on) if account else ():
            sums[row.lot.title] += row.lot.quantity_t
    return {title: sums[title] for title in Title if sums[title]}
