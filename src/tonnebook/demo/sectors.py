"""What the demo population is made of: how many companies of which sector, how large, and what they burn.

Counts of Shanghai follow the official composition of 2024 (source S18): industry 297 (here split by kind), air carriers
6, hazardous waste 9, shipping 17, data centres 27, buildings 21, stations 9, road freight 17; together 403. Tianjin has
160 (source S33, a draft). Sizes are ours: they add up to a plausible total, nothing more.
"""

from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core.mrv import LineKind


@dataclass(frozen=True, slots=True)
class Energy:
    """One source stream of a typical company of the sector.

    Attributes:
        kind: kind of source line.
        name: fuel or process code of the rule book; a free code for power and heat.
        unit: unit it is reported in.
        share: its part of the company's emissions; the shares of a sector add up to 1.
    """

    kind: LineKind
    name: str
    unit: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class Sector:
    """One sector of the demo population.

    Attributes:
        code: sector code of the rule book.
        zh: what its companies are called after their stem name.
        en: the same in English.
        count: number of covered companies.
        total_t: emissions of them all in the base year, tonnes.
        least_t: emissions of the smallest of them, tonnes (above every threshold of the demo years).
        product: code of the main product.
        product_unit: its unit.
        intensity: typical emissions per unit of product, tCO2 per unit.
        energies: source streams.
    """

    code: str
    zh: str
    en: str
    count: int
    total_t: int
    least_t: int
    product: str
    product_unit: str
    intensity: Decimal
    energies: tuple[Energy, ...]


def _power(share: str) -> Energy:
    return Energy(LineKind.ELECTRICITY, "grid", "MWh", Decimal(share))


def _heat(share: str) -> Energy:
    return Energy(LineKind.HEAT, "steam", "GJ", Decimal(share))


def _fuel(name: str, share: str, unit: str = "t") -> Energy:
    return Energy(LineKind.COMBUSTION, name, unit, Decimal(share))


def _gas(share: str) -> Energy:
    return _fuel("natural_gas", share, "10^4Nm3")


_INDUSTRY = (_gas("0.45"), _power("0.43"), _heat("0.12"))
_CHEMICAL = (_fuel("refinery_gas", "0.46"), _gas("0.18"), _power("0.24"), _heat("0.12"))
_HEAVY = (_fuel("bituminous", "0.52"), _gas("0.16"), _power("0.32"))
_OFFICE = (_power("0.86"), _gas("0.14"))
_ROAD = (_fuel("diesel", "0.94"), _power("0.06"))


def _sector(
    names: str, size: tuple[int, int, int], product: tuple[str, str, str], energies: tuple[Energy, ...]
) -> Sector:
    code, zh, en = names.split("|")
    count, total_t, least_t = size
    name, unit, intensity = product
    return Sector(code, zh, en, count, total_t, least_t, name, unit, Decimal(intensity), energies)


SHANGHAI = (
    _sector(
        "petrochemical|石化|Petrochemical", (46, 26_000_000, 24_000), ("ethylene_equivalent", "t", "1.35"), _CHEMICAL
    ),
    _sector("energy_intensive|材料|Materials", (71, 12_000_000, 24_000), ("product", "t", "0.82"), _HEAVY),
    _sector("industry|制造|Manufacturing", (180, 9_000_000, 22_000), ("product", "t", "0.31"), _INDUSTRY),
    _sector(
        "air_carrier|航空|Airways",
        (6, 12_000_000, 400_000),
        ("transport", "10^4tkm", "8.9"),
        (_fuel("jet_kerosene", "0.98"), _power("0.02")),
    ),
    _sector(
        "hazardous_waste|环境|Environment",
        (9, 600_000, 24_000),
        ("waste", "t", "1.1"),
        (_fuel("diesel", "0.35"), _gas("0.35"), _power("0.30")),
    ),
    _sector(
        "shipping|航运|Shipping",
        (17, 9_000_000, 120_000),
        ("transport", "10^4tkm", "0.06"),
        (_fuel("fuel_oil", "0.97"), _power("0.03")),
    ),
    _sector("data_centre|数据|Data Centre", (27, 1_600_000, 22_000), ("it_electricity", "MWh", "0.55"), (_power("1"),)),
    _sector("building|楼宇|Building", (21, 600_000, 11_500), ("floor_area", "m2", "0.09"), _OFFICE),
    _sector("station|枢纽|Transport Hub", (9, 900_000, 11_500), ("passengers", "10^4", "18"), _OFFICE),
    _sector("road_freight|货运|Road Freight", (17, 400_000, 11_500), ("transport", "10^4tkm", "0.9"), _ROAD),
)

TIANJIN = (
    _sector("chemical|化工|Chemical", (34, 9_500_000, 22_000), ("product", "t", "0.92"), _CHEMICAL),
    _sector(
        "petrochemical|石化|Petrochemical", (9, 11_000_000, 60_000), ("ethylene_equivalent", "t", "1.35"), _CHEMICAL
    ),
    _sector("heat_power|热力|Heat", (24, 9_000_000, 30_000), ("heat", "GJ", "0.11"), _HEAVY),
    _sector("oil_gas|油气|Oil and Gas", (4, 3_200_000, 200_000), ("oil_equivalent", "t", "0.12"), _INDUSTRY),
    _sector("building_materials|建材|Building Materials", (21, 2_600_000, 22_000), ("product", "t", "0.48"), _HEAVY),
    _sector("paper|纸业|Paper", (11, 1_300_000, 22_000), ("paper", "t", "0.85"), _HEAVY),
    _sector("machinery|装备|Machinery", (22, 1_500_000, 22_000), ("product", "t", "0.65"), _INDUSTRY),
    _sector("electronics|电子|Electronics", (14, 1_100_000, 22_000), ("product", "10^4", "2.4"), _INDUSTRY),
    _sector("food_drink|食品|Food", (11, 600_000, 22_000), ("product", "t", "0.28"), _INDUSTRY),
    _sector(
        "aviation|航空|Airways", (4, 1_900_000, 300_000), ("transport", "10^4tkm", "8.9"), (_fuel("jet_kerosene", "1"),)
    ),
    _sector("pharma|医药|Pharma", (6, 400_000, 22_000), ("product", "t", "3.1"), _INDUSTRY),
)

SECTORS: dict[str, tuple[Sector, ...]] = {"shanghai": SHANGHAI, "tianjin": TIANJIN}
