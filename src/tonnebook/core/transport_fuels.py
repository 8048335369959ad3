"""Fuels of aircraft and ships: mass times factor, methane slip, and the share of a voyage that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from tonnebook.core import units

# The published method (S70) rounds in these places; they belong to its arithmetic, not to a rule that changes.
_MASS_PLACES = 5
_GAS_PLACES = 7


@dataclass(frozen=True, slots=True)
class Voyage:
    """Emissions of a voyage, tCO2e by gas; fuel is rounded to five decimals and each gas to seven."""

    mass_t: Decimal
    co2: Decimal
    ch4: Decimal
    n2o: Decimal

    @property
    def total(self) -> Decimal:
        """All gases, tCO2e."""
        return units.EXACT.add(units.EXACT.add(self.co2, self.ch4), self.n2o)

    def scaled(self, share: Decimal) -> "Voyage":
        """Give the same voyage with only a share of its emissions in scope (1 domestic, 0.5 one special link, 0 else).

        Source: S70, maritime scope.
        """
        return _voyage(self.mass_t, *(units.EXACT.multiply(gas, share) for gas in (self.co2, self.ch4, self.n2o)))


def flight_fuel(uplifts_t: Sequence[Decimal], factor: Decimal) -> tuple[Decimal, Decimal]:
    """Add up the fuel of an aircraft operator and what it emitted.

    Args:
        uplifts_t: tonnes of one fuel, flight by flight.
        factor: tCO2 per tonne of that fuel.

    Returns:
        Tonnes of fuel and tCO2, unrounded.

    Source: S70, aviation factors.
    """
    consumed = sum(uplifts_t, Decimal(0))
    return consumed, units.EXACT.multiply(consumed, factor)


def ship_voyage(
    *,
    volume_m3: Decimal,
    density_t_per_m3: Decimal,
    slip_share: Decimal,
    factors: Mapping[str, Decimal],
    gwp: Mapping[str, Decimal],
    direct: Mapping[str, Decimal],
) -> Voyage:
    """Compute the greenhouse gases of one fuel on one voyage, methane slip included.

    Args:
        volume_m3: fuel burnt.
        density_t_per_m3: its density.
        slip_share: share of the fuel that leaves the engine unburnt, 0 to 1.
        factors: tonnes of "co2", "ch4", "n2o" per tonne of fuel burnt.
        gwp: tCO2e per tonne of "ch4" and "n2o".
        direct: tCO2e by gas that were measured and not computed.

    Returns:
        tCO2e by gas.

    Source: S70, maritime formula.
    """
    with localcontext(units.EXACT):
        mass = units.half_up(volume_m3 * density_t_per_m3, _MASS_PLACES)
        burnt = 1 - slip_share
        return _voyage(
            mass,
            mass * burnt * factors["co2"] + direct["co2"],
            mass * (burnt * factors["ch4"] + slip_share) * gwp["ch4"] + direct["ch4"],
            mass * burnt * factors["n2o"] * gwp["n2o"] + direct["n2o"],
        )


def _voyage(mass_t: Decimal, *gases: Decimal) -> Voyage:
    return Voyage(mass_t, *(units.half_up(gas, _GAS_PLACES) for gas in gases))
