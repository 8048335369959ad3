"""Numbers with an address of their own: find the stored derivation of a subject and compute it again from its leaves.

A subject is written `kind:key`, such as `allocation:91310000MA1FL0001K:2026` or `report:ER-2026-91310000MA1FL0001K-1`;
the same stands in the address of the page and in `tonnebook explain`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.core import periods, roles, trace, year_status
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor, Role
from tonnebook.core.trace import Traced
from tonnebook.core.trail import LookKind
from tonnebook.emissions import queries as emissions
from tonnebook.journal import trail
from tonnebook.market import queries as market
from tonnebook.members import queries as members

_READERS = frozenset({Role.OFFICER, Role.AUDITOR, Role.REGISTRAR})
_PARTS = frozenset({Role.DISTRICT_OFFICER, Role.SECTOR_OFFICER})
_YEAR_MIN, _YEAR_MAX = 2000, 2100


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a subject: its derivation and what computing it again gives."""

    traced: Traced
    again: Decimal

    @property
    def is_same(self) -> bool:
        """Whether the derivation alone reaches the stored number."""
        return self.again == self.traced.value


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject with its numbers.

    Attributes:
        kind: such as "allocation".
        key: what stands behind the kind.
        region: region code.
        entity: whose number it is; empty for what everybody may see.
        year: compliance year.
        parts: its numbers, the most important first.
    """

    kind: str
    key: str
    region: str
    entity: str
    year: int
    parts: tuple[Part, ...]

    @property
    def is_same(self) -> bool:
        """Whether every number is reached again."""
        return all(part.is_same for part in self.parts)


def find(kind: str, key: str, *, now: datetime) -> Subject | None:
    """Find a subject; None when there is no such thing or it has no stored number.

    Args:
        kind: one of `KINDS`.
        key: unified social credit code (of a total or headroom: region code) and year with a colon between, region and
            day of a finding, or the number of a report, auction, intervention or penalty file.
        now: the clock, for what depends on the day.
    """
    if kind not in _FINDERS:
        return None
    try:
        found = _FINDERS[kind](key, now)
    except Refused:
        return None
    return found if found and found.parts else None


def look_up(actor: Actor | None, kind: str, key: str, *, now: datetime) -> Subject | None:
    """Find a subject for somebody, and note who looked at what is others'; what is foreign and what is not look alike.

    Args:
        actor: who asks; None for anybody.
        kind: one of `KINDS`.
        key: as `find` takes it.
        now: the clock.
    """
    if actor is None and kind not in PUBLIC_KINDS:
        return None
    found = find(kind, key, now=now)
    if found is None or not may_see(actor, found):
        return None
    if found.entity and (actor is None or found.entity != actor.organisation):
        trail.looked(LookKind.NUMBER, f"{kind}:{key}")
    return found


def may_see(actor: Actor | None, subject: Subject) -> bool:
    """Say whether somebody may read a subject: the entity, its verifier, and whoever looks after it.

    What concerns no single entity is everybody's, but for the total of a region and its headroom, which its keepers
    publish.
    """
    if subject.kind in PUBLIC_KINDS:
        return True
    if actor is None or actor.region != subject.region:
        return False
    if actor.roles & _READERS:
        return True
    if not subject.entity:
        return False
    if actor.organisation == subject.entity:
        return True
    if actor.roles & _PARTS:
        owner = members.organisation(subject.entity)
        return roles.looks_after(actor, district=owner.district, sector=owner.sector)
    assigned = emissions.board(actor.organisation, subject.year) if Role.VERIFIER in actor.roles else ()
    return subject.kind == "report" and any(row.entity == subject.entity for row in assigned)


def _allocation(key: str, now: datetime) -> Subject | None:
    del now
    entity, year = _entity_and_year(key)
    rows = compliance.allocation_of(entity, year)
    return _of_entity("allocation", entity, year, [one for row in rows for one in row.traces.values()])


def _obligation(key: str, now: datetime) -> Subject | None:
    entity, year = _entity_and_year(key)
    settled = compliance.status_traces(entity, year)
    if settled:
        return _of_entity("obligation", entity, year, list(settled.values()))
    found = compliance.position(entity, year, periods.day_of(now)).obligation
    return _of_entity("obligation", entity, year, [found] if found else [])


def _credit_limit(key: str, now: datetime) -> Subject | None:
    entity, year = _entity_and_year(key)
    found = compliance.position(entity, year, periods.day_of(now)).credit_limit
    return _of_entity("credit_limit", entity, year, [found] if found else [])


def _missing(key: str, now: datetime) -> Subject | None:
    entity, year = _entity_and_year(key)
    region = members.organisation(entity).region
    found = compliance.history(entity, region=region, year=year, now=now).standing
    return _of_entity("missing", entity, year, [year_status.missing(found)] if found.figure_t is not None else [])


def _shortfall(key: str, now: datetime) -> Subject | None:
    entity, year = _entity_and_year(key)
    found = compliance.position(entity, year, periods.day_of(now)).outlook
    drivers = [one for _, one in found.drivers]
    return _of_entity("shortfall", entity, year, [found.shortfall, found.surplus, found.expected.emission, *drivers])


def _transition(key: str, now: datetime) -> Subject | None:
    del now
    entity, year = _entity_and_year(key)
    return _of_entity("transition", entity, year, compliance.leaving_traces(entity, year))


# What has been carried over, or else what may be asked for.
def _carry_over(key: str, now: datetime) -> Subject | None:
    entity, year = _entity_and_year(key)
    found = compliance.carry_over_traces(entity, year)
    if not found and (
        claim := compliance.claim(entity, region=members.organisation(entity).region, year=year, now=now)
    ):
        found = [claim.limit]
    return _of_entity("carry_over", entity, year, found)


def _total(key: str, now: datetime) -> Subject | None:
    region, year = _entity_and_year(key)
    if region not in rulebook.regions():
        return None
    return Subject("total", key, region, "", year, _parts(compliance.total_traces(region, year, periods.day_of(now))))


def _penalty(key: str, now: datetime) -> Subject | None:
    del now
    row = compliance.penalty_file(key)
    return Subject(
        "penalty",
        key,
        row.region,
        row.entity,
        row.year,
        _parts([*row.traces.values(), *filter(None, [row.decided_cut])]),
    )


def _coverage(key: str, now: datetime) -> Subject | None:
    del now
    entity, year = _entity_and_year(key)
    row = compliance.coverage_of(entity, year)
    found = [row.margin, row.years] if row else []
    return _of_entity("coverage", entity, year, [one for one in found if one])


def _determination(key: str, now: datetime) -> Subject | None:
    del now
    entity, year = _entity_and_year(key)
    found = emissions.determination_trace(entity, year)
    return _of_entity("determination", entity, year, [found] if found else [])


# What was left in the pot after each draw of the year, the last one first.
def _headroom(key: str, now: datetime) -> Subject | None:
    del now
    region, year = _entity_and_year(key)
    if region not in rulebook.regions():
        return None
    return Subject(
        "headroom", key, region, "", year, _parts([row.left for row in compliance.headroom_draws(region, year)])
    )


def _finding(key: str, now: datetime) -> Subject | None:
    del now
    region, _, text = key.partition(":")
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    found = compliance.finding(region, on)
    return Subject("finding", key, region, "", on.year, _parts(list(found.traces.values()))) if found else None


def _intervention(key: str, now: datetime) -> Subject | None:
    del now
    if move := compliance.reserve_move(key):
        return Subject("intervention", key, move.region, "", move.year, _parts([move.limit]))
    row = compliance.intervention(key)
    return Subject("intervention", key, row.region, "", row.year, _parts([row.price]))


def _report(key: str, now: datetime) -> Subject | None:
    del now
    row = emissions.report(key)
    region = members.organisation(row.entity).region
    return Subject("report", key, region, row.entity, row.year, _parts([row.total, row.direct]))


def _footprint(key: str, now: datetime) -> Subject | None:
    del now
    row = emissions.footprint(key)
    found = row.found
    numbers = [found.excluding, found.including, *found.parts.values(), *found.stages.values()]
    numbers += [found.primary_percent, found.coverage_percent, *found.ratings.values()]
    return Subject("footprint", key, row.region, row.entity, row.study.from_on.year, _parts(numbers))


def _inventory(key: str, now: datetime) -> Subject | None:
    del now
    region, year = _entity_and_year(key)
    if region not in rulebook.regions():
        return None
    row = emissions.require_inventory(region, year)
    numbers = [row.total, *row.scopes.values(), *row.sectors.values(), *filter(None, [row.covered, row.change])]
    return Subject("inventory", key, region, "", year, _parts(numbers))


def _floor_price(key: str, now: datetime) -> Subject | None:
    row = market.auction(key, now=now)
    cleared = [row.result.price] if row.result and row.result.price else []
    return Subject("floor_price", key, row.region, "", row.year, _parts([row.floor_price, *cleared]))


def _of_entity(kind: str, entity: str, year: int, traces: list[Traced]) -> Subject:
    return Subject(kind, f"{entity}:{year}", members.organisation(entity).region, entity, year, _parts(traces))


def _parts(traces: Sequence[Traced]) -> tuple[Part, ...]:
    return tuple(Part(one, trace.replay(one)) for one in traces)


# A key without a year names nothing: it then asks for a year that no region has.
def _entity_and_year(key: str) -> tuple[str, int]:
    entity, _, text = key.partition(":")
    year = int(text) if text.isascii() and text.isdigit() else _YEAR_MIN
    return entity, year if _YEAR_MIN <= year <= _YEAR_MAX else _YEAR_MIN


_FINDERS: Mapping[str, Callable[[str, datetime], Subject | None]] = MappingProxyType(
    {
        "allocation": _allocation,
        "obligation": _obligation,
        "credit_limit": _credit_limit,
        "missing": _missing,
        "shortfall": _shortfall,
        "transition": _transition,
        "carry_over": _carry_over,
        "total": _total,
        "penalty": _penalty,
        "coverage": _coverage,
        "determination": _determination,
        "headroom": _headroom,
        "finding": _finding,
        "intervention": _intervention,
        "report": _report,
        "footprint": _footprint,
        "inventory": _inventory,
        "floor_price": _floor_price,
    }
)
KINDS = tuple(_FINDERS)
# What everybody may see.
PUBLIC_KINDS = frozenset({"floor_price", "finding", "intervention"})
