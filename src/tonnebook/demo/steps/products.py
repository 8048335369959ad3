"""What the demo shows of products and of the city: published factors, one company's footprint, two inventories.

Statistics and made-up factors are synthetic; the footprint of electricity is that of the rule book.
"""

from datetime import date, datetime
from decimal import Decimal

from tonnebook import rulebook
from tonnebook.core import canonical
from tonnebook.core.footprints.study import DeclaredUnit, GwpSet, LifeStage, Rating, SystemBoundary
from tonnebook.core.inventory import InventorySector
from tonnebook.core.methods import Boundary
from tonnebook.core.mrv import LineKind
from tonnebook.demo.world import World
from tonnebook.emissions import queries as reports
from tonnebook.emissions import services as emissions
from tonnebook.emissions.services import FootprintDraft, InputDraft, StatisticsRow

_POWER = "electricity.national"
# The last year of which the rule book has the footprint of electricity.
_POWER_YEAR = 2024
_MADE_UP = (
    ("demo.raw_material", "原料（模拟）", "Raw material (demo)", "0.35", "kgCO2e/kg"),
    ("demo.road_freight", "公路货运（模拟）", "Road freight (demo)", "0.09", "kgCO2e/t-km"),
)
_ROWS = (
    (InventorySector.ENERGY, LineKind.COMBUSTION, "bituminous", 13_500_000, "t"),
    (InventorySector.INDUSTRY, LineKind.COMBUSTION, "natural_gas", 780_000, "10^4Nm3"),
    (InventorySector.TRANSPORT, LineKind.COMBUSTION, "diesel", 4_650_000, "t"),
    (InventorySector.TRANSPORT, LineKind.COMBUSTION, "gasoline", 3_900_000, "t"),
    (InventorySector.SERVICES, LineKind.COMBUSTION, "natural_gas", 315_000, "10^4Nm3"),
    (InventorySector.HOUSEHOLDS, LineKind.COMBUSTION, "natural_gas", 510_000, "10^4Nm3"),
    (InventorySector.PROCESSES, LineKind.PROCESS, "caco3", 1_800_000, "t"),
    (InventorySector.IMPORTS, LineKind.ELECTRICITY, "grid", 63_000_000, "MWh"),
)
# Since when the rule book has factors of processes; each year the demo city uses a hundredth less than in that one.
_FIRST_YEAR = 2024


def show_products(world: World, now: datetime) -> None:
    """Publish factors, submit the footprint of a company's last year, and take in the city of the two years before."""
    if not reports.product_factors(world.region):
        _publish(world, now)
    company = world.companies[0]
    if not reports.footprints_of(company.uscc):
        actor = world.company_actor(company)
        draft = _footprint(world, company.sector.product)
        emissions.submit_footprint(actor, draft=draft, key=world.key("footprint"), now=now)
    for year in range(max(_FIRST_YEAR, world.year - 2), world.year):
        hundredths = 100 - (year - _FIRST_YEAR)
        if reports.inventory_of(world.region, year) is None:
            rows = [StatisticsRow(*row[:3], Decimal(row[3]) * hundredths / 100, row[4]) for row in _ROWS]
            emissions.take_inventory(
                world.actor("zhou"),
                region=world.region,
                year=year,
                rows=rows,
                file_digest=canonical.digest(rows),
                key=world.key("inventory", year),
                now=now,
            )


def _publish(world: World, now: datetime) -> None:
    path = "mrv.footprint.electricity.average"
    power = rulebook.at(world.region, on=date(_POWER_YEAR, 12, 31), year=_POWER_YEAR).number(path)
    assert power.origin is not None
    # A tonne per megawatt hour is a kilogram per kilowatt hour.
    rows = [(_POWER, power.zh, power.en, format(power.value, "f"), "kgCO2e/kWh"), *_MADE_UP]
    for code, zh, en, text, unit in rows:
        note = f"{power.origin.source} {power.origin.article}" if code == _POWER else "模拟数据 demo data"
        payload = {"region": world.region, "code": code, "name_zh": zh, "name_en": en, "value": text, "unit": unit}
        payload |= {"place": "CN", "publisher": "市生态环境局（模拟）", "note": note, "uncertainty_percent": ""}
        numbers = {"from_year": _POWER_YEAR, "to_year": None, "published_year": world.year, "quality": 2}
        boundary = {"boundary": Boundary.LIFE_CYCLE.value}
        world.two_people("emissions.publish_factor", {**payload, **numbers, **boundary}, now=now)


def _footprint(world: World, product: str) -> FootprintDraft:
    year = world.year - 1
    rated = dict.fromkeys([rating.value for rating in Rating], 2)
    inputs = (
        InputDraft(LifeStage.RAW_MATERIALS, "原料 raw material", Decimal(1150), "t", "demo.raw_material", False, rated),
        InputDraft(LifeStage.TRANSPORT, "货运 freight", Decimal(260_000), "t-km", "demo.road_freight", False, rated),
        InputDraft(LifeStage.PRODUCTION, "电力 power", Decimal(620), "MWh", _POWER, True, {**rated, "temporalDQR": 1}),
        InputDraft(LifeStage.PACKAGING, "包装 packaging", Decimal(12), "t", "demo.raw_material", False, rated),
    )
    return FootprintDraft(
        product=product,
        name=f"{product}（模拟 demo）",
        description="模拟数据 demo data",
        declared_unit=DeclaredUnit.KILOGRAM,
        unitary_amount=Decimal(1000),
        made=Decimal(1_000_000),
        boundary=SystemBoundary.CRADLE_TO_GATE,
        from_on=date(year, 1, 1),
        to_on=date(world.year, 1, 1),
        inputs=inputs,
        fossil_carbon_kg=Decimal(0),
        biogenic_carbon_kg=Decimal(0),
        mass_kg=Decimal(1),
        exempted_percent=Decimal(1),
        exempted_reason="辅料低于取舍准则（模拟） consumables below the cut-off (demo)",
        gwp_sets=(GwpSet.AR6,),
    )
