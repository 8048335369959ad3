"""Note what decides about coverage beside emissions: who leaves the region's market, and how much energy was used."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from tonnebook.compliance.models import Departure, EnergyUse
from tonnebook.compliance.services.coverage import sectors_in
from tonnebook.core import canonical, roles
from tonnebook.core.coverage_list import ListRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry

_NOBODY: Mapping[str, int] = MappingProxyType({})


@journal.command("compliance.record_departures")
def record_departures(
    actor: Actor,
    *,
    region: str,
    national: Mapping[str, int],
    closed: Mapping[str, int],
    moved_away: Mapping[str, int] = _NOBODY,
    key: str,
    now: datetime,
) -> Answer:
    """Note which entities move to the national market, close or move away, with the first year they are out.

    Args:
        actor: officer of the region.
        region: region code.
        national: first year in the national market by code.
        closed: first year out by code.
        moved_away: first year outside the region by code.
        key: idempotency key.
        now: when.

    Returns:
        {"departures": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION when one is not registered in the region;
            NOTED_BEFORE when one is known to leave that way.

    Source: S06 Art. 11 (exit); S30 Art. 18, S02 item 10 (closure and move).
    """
    del key
    roles.check(actor, Act.COVER, region=region)
    sectors_in(region, [*national, *closed, *moved_away])
    rows = [
        Departure(
            entity_id=entity,
            is_national=years is national,
            is_moved_away=years is moved_away,
            from_year=from_year,
            noted_at=now,
        )
        for years in (national, closed, moved_away)
        for entity, from_year in sorted(years.items())
    ]
    known = Departure.objects.filter(entity__uscc__in=[row.entity_id for row in rows])
    _check_new([(row.entity_id, row.is_national) for row in rows], known.values_list("entity__uscc", "is_national"))
    Departure.objects.bulk_create(rows)
    facts = {"region": region, "national": dict(national), "closed": dict(closed), "moved_away": dict(moved_away)}
    journal.append(Entry("compliance.departures.noted", {**facts, "by": actor.person}), now=now)
    return {"departures": len(rows)}


@journal.command("compliance.record_energy_use")
def record_energy_use(
    actor: Actor,
    *,
    region: str,
    year: int,
    energy_tce: Mapping[str, Decimal],
    source: str,
    key: str,
    now: datetime,
) -> Answer:
    """Note how much energy entities used in a year, once each, for thresholds in coal equivalent.

    Args:
        actor: officer of the region.
        region: region code.
        year: calendar year.
        energy_tce: tonnes of coal equivalent by code, three decimals at most.
        source: which statistics they come from.
        key: idempotency key.
        now: when.

    Returns:
        {"entities": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION when one is not registered in the region;
            NOTED_BEFORE when the year of one is known.

    Source: S16, S18 (thresholds by energy use).
    """
    del key
    roles.check(actor, Act.COVER, region=region)
    sectors_in(region, list(energy_tce))
    rows = [
        EnergyUse(entity_id=entity, year=year, energy_tce=quantity, source=source, noted_at=now)
        for entity, quantity in sorted(energy_tce.items())
    ]
    known = EnergyUse.objects.filter(entity__uscc__in=list(energy_tce), year=year)
    _check_new([(entity, year) for entity in energy_tce], known.values_list("entity__uscc", "year"))
    EnergyUse.objects.bulk_create(rows)
    facts = {"region": region, "year": year, "source": source, "by": actor.person}
    journal.append(Entry("compliance.energy_use.noted", facts, {"energy_tce": canonical.plain(energy_tce)}), now=now)
    return {"entities": len(rows)}


def _check_new(told: Iterable[tuple[str, int]], known: Iterable[tuple[str, int]]) -> None:
    before = set(known)
    for one in told:
        if one in before:
            raise Refused(ListRefusal.NOTED_BEFORE, entity=one[0])
        before.add(one)
