"""What the allowance of one entity is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tonnebook.core.allocation.benchmark import Plant
from tonnebook.core.allocation.national_power import GAS, Unit
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """What the allowance of one entity is computed from.

    Attributes:
        entity: unified social credit code.
        sector: sector code of the rule book.
        emissions_t: determined emission by year before the compliance year, tonnes.
        outputs: output by product, by year before the compliance year.
        output: output by product of the compliance year, or of the year before for a preview.
        determined_t: determined emission of the compliance year, tonnes; None before determination.
        market_mwh: non-fossil power bought on the market in the compliance year, MWh.
        grounds: incentive grounds found.
        paid_coefficient: incentive coefficient on the paid share.
        plants: power plants of the Shanghai plans, of the compliance year.
        units: generating units of the national market, of the compliance year.
        intensity: tonnes per unit of output in the compliance year, as the industry coefficient takes it.
        new_facility_t: part of `determined_t` that came from facilities added in the year.
        derived_t: how the emission of a base year came about, where it is not the determined one.
        product_emissions: exact tonnes by product of the years before, where they are declared; the rest of a year's
            emission belongs to its other products by quantity.
        direct_share: part of its emission that comes straight from fuels other than natural gas, 0 to 1; None where it
            has not told.
    """

    entity: str
    sector: str
    emissions_t: Mapping[int, int]
    outputs: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    output: Mapping[str, Decimal] = field(default_factory=dict)
    determined_t: int | None = None
    market_mwh: Decimal = Decimal(0)
    grounds: frozenset[str] = frozenset()
    paid_coefficient: Decimal = Decimal(1)
    plants: tuple[Plant, ...] = ()
    units: tuple[Unit, ...] = ()
    intensity: Decimal | None = None
    new_facility_t: int = 0
    derived_t: Mapping[int, Traced] = field(default_factory=dict)
    product_emissions: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    direct_share: Decimal | None = None

    @property
    def managed_t(self) -> int | None:
        """The determined emission that the year's allowances are for: without facilities added in the year.

        Source: S02 item 5.
        """
        return None if self.determined_t is None else self.determined_t - self.new_facility_t

    @property
    def is_gas(self) -> bool:
        """Whether every generating unit burns gas."""
        return bool(self.units) and all(unit.kind == GAS for unit in self.units)
