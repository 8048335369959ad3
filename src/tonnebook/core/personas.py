"""Typical companies that do not exist: what a draft of a plan does to each of them is read before it is proposed.

Every one stands for a case that officers ask about. Codes carry XXXX and names end in 模拟 / demo, so that nobody takes
them for real; figures are round numbers of this project.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tonnebook.core.allocation.facts import EntityFacts

_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class Persona:
    """A company made up to stand for a case.

    Attributes:
        code: of the case.
        zh: what it stands for, in Chinese.
        en: the same in English.
        facts: what its allowance is computed from.
    """

    code: str
    zh: str
    en: str
    facts: EntityFacts


# Code | Chinese | English | sector | product; then of the three years before, the latest last: emissions in thousand
# tonnes, and output in thousand units of the product.
_SHANGHAI = (
    ("steady|平稳的制造企业|Steady manufacturer|industry|product", (60, 60, 60), (200, 200, 200)),
    ("growing|产量逐年增长的制造企业|Growing manufacturer|industry|product", (40, 50, 62), (130, 165, 205)),
    ("shrinking|产量下降的制造企业|Shrinking manufacturer|industry|product", (80, 66, 52), (260, 214, 170)),
    (
        "improving|强度持续下降的材料企业|Ever more efficient works|energy_intensive|product",
        (300, 270, 240),
        (300, 300, 300),
    ),
    (
        "worsening|强度上升的材料企业|Ever less efficient works|energy_intensive|product",
        (240, 262, 285),
        (300, 300, 300),
    ),
    ("refinery|大型石化企业|Large refinery|petrochemical|ethylene_equivalent", (2400, 2400, 2400), (1800, 1800, 1800)),
    ("airline|客运恢复的航空公司|Recovering airline|air_carrier|transport", (400, 700, 1100), (45, 79, 124)),
    (
        "shipowner|接近门槛的航运企业|Shipowner near the threshold|shipping|transport",
        (98, 101, 104),
        (1600, 1650, 1700),
    ),
    ("data_centre|高效数据中心|Efficient data centre|data_centre|it_electricity", (20, 23, 26), (45, 52, 59)),
    ("old_data_centre|老旧数据中心|Old data centre|data_centre|it_electricity", (36, 36, 36), (50, 50, 50)),
    ("mall|节能改造的商场|Refurbished mall|building|floor_area", (18, 17, 15), (180, 180, 180)),
    ("newcomer|只有一年数据的新单位|Newcomer with one year|industry|product", (25,), (80,)),
)
_TIANJIN = (
    ("steady|平稳的化工企业|Steady chemical works|chemical|product", (90, 90, 90), (100, 100, 100)),
    ("growing|产量增长的装备企业|Growing machine works|machinery|product", (40, 48, 57), (61, 74, 88)),
    ("shrinking|供热量下降的热力企业|Shrinking heat supplier|heat_power|heat", (300, 270, 240), (2700, 2450, 2200)),
    (
        "three_incentives|三项激励俱全的建材企业|All three incentives|building_materials|product",
        (600, 580, 560),
        (1200, 1200, 1200),
    ),
    ("green_power|外购绿电的电子企业|Buyer of non-fossil power|electronics|product", (80, 78, 76), (33, 33, 33)),
    ("worsening|强度上升的造纸企业|Ever less efficient paper mill|paper|paper", (70, 76, 83), (82, 82, 82)),
    ("airline|平稳的航空公司|Steady airline|aviation|transport", (400, 400, 400), (45, 45, 45)),
    ("newcomer|只有一年数据的新单位|Newcomer with one year|pharma|product", (25,), (8,)),
)
_OF_REGION = {"shanghai": _SHANGHAI, "tianjin": _TIANJIN}
_INCENTIVES = frozenset({"emission_and_intensity_down", "product_efficiency", "ministry_pilot"})


def personas(region: str, year: int) -> tuple[Persona, ...]:
    """Give the typical companies of a region as they stand before a compliance year.

    Args:
        region: region code; one without personas gives none.
        year: compliance year; the figures are those of the three years before it.

    Source: design choice, no legal source.
    """
    return tuple(_persona(number, year, *case) for number, case in enumerate(_OF_REGION.get(region, ()), start=1))


def _persona(number: int, year: int, words: str, emissions: tuple[int, ...], outputs: tuple[int, ...]) -> Persona:
    code, zh, en, sector, product = words.split("|")
    years = range(year - len(emissions), year)
    made = dict(zip(years, (Decimal(quantity * _THOUSAND) for quantity in outputs), strict=True))
    facts = EntityFacts(
        entity=f"91XXXX00MAXXXX{number:04d}",
        sector=sector,
        emissions_t=dict(zip(years, (quantity_kt * _THOUSAND for quantity_kt in emissions), strict=True)),
        outputs={one: {product: quantity} for one, quantity in made.items()},
        output={product: made[year - 1]},
    )
    last_t = facts.emissions_t[year - 1]
    if code == "three_incentives":
        facts = replace(facts, grounds=_INCENTIVES, determined_t=last_t * 97 // 100)
    if code == "green_power":
        facts = replace(facts, market_mwh=Decimal(10_000), determined_t=last_t)
    return Persona(code, f"{zh}（模拟）", f"{en} (demo)", facts)
