"""Numbers with an address of their own: find the stored derivation of a subject and compute it again from its leaves.

A subject is written `kind:key`, such as `allocation:91310000MA1FL0001K:2026` or `report:ER-2026-91310000MA1FL0001K-1`;
the same stands in the address of the page and in `tonnebook explain`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from tonnebook.compliance import queries as compliance
from tonnebook.core import periods, trace, year_status
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor, Role
from tonnebook.core.trace import Traced
from tonnebook.emissions import queries as emissions
from tonnebook.market import queries as market
from tonnebook.members import queries as members

_READERS = frozenset({Role.OFFICER, Role.AUDITOR, Role.REGISTRAR})
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
        key: unified social credit code and year with a colon between, or the number of a report or auction.
        now: the clock, for what depends on the day.
    """
    if kind not in _FINDERS:
        return None
    try:
        found = _FINDERS[kind](key, now)
    except Refused:
        return None
    return found if found and found.parts else None


def may_see(actor: Actor | None, subject: Subject) -> bool:
    """Say whether somebody may read a subject: the entity, its verifier and district, authority and auditor."""
    if not subject.entity:
        return True
    if actor is None or actor.region != subject.region:
        return False
    if actor.roles & _READERS or actor.organisation == subject.entity:
        return True
    if Role.DISTRICT_OFFICER in actor.roles and members.organisation(subject.entity).district == actor.district:
        return True
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


def _penalty(key: str, now: datetime) -> Subject | None:
    del now
    row = compliance.penalty_file(key)
    return Subject("penalty", key, row.region, row.entity, row.year, _parts(list(row.traces.values())))


def _coverage(key: str, now: datetime) -> Subject | None:
    del now
    entity, year = _entity_and_year(key)
    row = compliance.coverage_of(entity, year)
    found = [row.margin, row.years] if row else []
    return _of_entity("coverage", entity, year, [one for one in found if one])


def _report(key: str, now: datetime) -> Subject | None:
    del now
    row = emissions.report(key)
    region = members.organisation(row.entity).region
    return Subject("report", key, region, row.entity, row.year, _parts([row.total, row.direct]))


def _floor_price(key: str, now: datetime) -> Subject | None:
    row = market.auction(key, now=now)
    cleared = [row.result.price] if row.result and row.result.price else []
    return Subject("floor_price", key, row.region, "", row.year, _parts([row.floor_price, *cleared]))


def _of_entity(kind: str, entity: str, year: int, traces: list[Traced]) -> Subject:
    return Subject(kind, f"{entity}:{year}", members.organisation(entity).region, entity, year, _parts(traces))


def _parts(traces: list[Traced]) -> tuple[Part, ...]:
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
        "penalty": _penalty,
        "coverage": _coverage,
        "report": _report,
        "floor_price": _floor_price,
    }
)
KINDS = tuple(_FINDERS)
# What concerns no single entity.
PUBLIC_KINDS = frozenset({"floor_price"})
