"""Draw the synthetic companies of a demo region, and what each of them emits and makes in any year.

Pure and seeded: the same seed gives the same companies and figures on every machine. Names end in 模拟 / demo and codes
carry four X, so nobody can mistake them for a company that exists.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from tonnebook.core import identity, mrv, units
from tonnebook.core.mrv import LineKind, SourceLine
from tonnebook.core.rules import RulesAt
from tonnebook.demo.sectors import SECTORS, Sector

BASE_YEAR = 2023
REGION_CODES = {"shanghai": "310000", "tianjin": "120000"}
# What each region's guide takes out of purchased power: S28 in Shanghai, S02 item 6 in Tianjin.
NETTED_POWER = {"shanghai": LineKind.GREEN_POWER, "tianjin": LineKind.NON_FOSSIL_POWER}
DISTRICTS = {
    "shanghai": ("浦东新区", "宝山区", "金山区", "嘉定区", "闵行区", "松江区", "奉贤区", "青浦区", "徐汇区", "黄浦区"),
    "tianjin": ("滨海新区", "东丽区", "西青区", "津南区", "北辰区", "武清区", "静海区"),
}
_STEMS = (
    ("青禾", "Qinghe"), ("云汐", "Yunxi"), ("远帆", "Yuanfan"), ("澄岩", "Chengyan"), ("朗星", "Langxing"),
    ("沐川", "Muchuan"), ("卓木", "Zhuomu"), ("晴屿", "Qingyu"), ("岚山", "Lanshan"), ("启辰", "Qichen"),
    ("白鹭", "Bailu"), ("松涛", "Songtao"), ("映湖", "Yinghu"), ("承光", "Chengguang"), ("清越", "Qingyue"),
    ("北辰", "Beichen"), ("南乔", "Nanqiao"), ("知微", "Zhiwei"), ("长庚", "Changgeng"), ("若谷", "Ruogu"),
)  # fmt: skip
# The two companies of the cast stand first in their sector: one will be short of allowances, the other long.
CAST_COMPANIES = {
    ("shanghai", "energy_intensive"): ("赤水特钢有限公司（模拟）", "Red River Steel (demo)", Decimal("1.14")),
    ("shanghai", "industry"): ("北方热电有限公司（模拟）", "North Power (demo)", Decimal("0.86")),
    ("tianjin", "building_materials"): ("赤水特材有限公司（模拟）", "Red River Steel (demo)", Decimal("1.14")),
    ("tianjin", "heat_power"): ("北方热电有限公司（模拟）", "North Power (demo)", Decimal("0.86")),
}


@dataclass(frozen=True, slots=True)
class Company:
    """One synthetic company.

    Attributes:
        uscc: unified social credit code with a right check sign.
        zh: name in Chinese.
        en: name in English.
        sector: its sector.
        district: district of the city.
        base_t: emissions of the base year, tonnes.
        trend: factor by which its emissions per product change from year to year.
        leap: factor on emissions in the demo years alone (the cast's short and long company).
    """

    uscc: str
    zh: str
    en: str
    sector: Sector
    district: str
    base_t: int
    trend: Decimal
    leap: Decimal = Decimal(1)

    @property
    def facility(self) -> str:
        """Number of its one facility."""
        return f"F-{self.uscc}-01"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a company did in one year.

    Attributes:
        target_t: emissions aimed at; what the source lines add up to differs by their rounding only.
        output: main product, in the unit of its sector.
    """

    target_t: Decimal
    output: Decimal


@dataclass(frozen=True)
class Population:
    """The companies of a region, drawn from a seed."""

    region: str
    seed: int

    @cached_property
    def covered(self) -> tuple[Company, ...]:
        """Companies above the thresholds of the demo years."""
        companies: list[Company] = []
        for sector in SECTORS[self.region]:
            sizes = _sizes(self._chance("sizes", sector.code), sector)
            companies.extend(self._company(sector, index, size) for index, size in enumerate(sizes))
        return tuple(companies)

    @cached_property
    def small(self) -> tuple[Company, ...]:
        """Companies below every threshold, which only report."""
        sectors = SECTORS[self.region][:3]
        return tuple(
            self._company(sector, 900 + index, 3_000 + 400 * index) for sector in sectors for index in range(8)
        )

    def figures(self, company: Company, year: int) -> Figures:
        """Draw emissions and output of one year; the same again at every call."""
        chance = self._chance("figures", company.uscc, str(year))
        years = year - BASE_YEAR
        activity = Decimal(company.base_t) * _around(chance, "0.05") * Decimal("1.02") ** years
        leap = company.leap if year > BASE_YEAR + 1 else Decimal(1)
        target_t = activity * company.trend**years * _around(chance, "0.03") * leap
        return Figures(units.half_up(target_t, 2), units.half_up(activity / company.sector.intensity, 3))

    def source_lines(self, company: Company, year: int, rules: RulesAt) -> tuple[SourceLine, ...]:
        """Give the year's source lines, whose computed emissions come to the year's figure.

        Args:
            company: whose.
            year: compliance year.
            rules: rules of that year, whose factors turn tonnes back into fuel.
        """
        target_t = self.figures(company, year).target_t
        lines = [
            _line(energy.kind, energy.name, energy.unit, target_t * energy.share, rules)
            for energy in company.sector.energies
        ]
        return tuple(lines) + self._green(company, year, lines)

    def _green(self, company: Company, year: int, lines: Sequence[SourceLine]) -> tuple[SourceLine, ...]:
        # One in nine buys a fifth of its power green or non-fossil; the line nets it from the purchased amount.
        power = next((line for line in lines if line.kind is LineKind.ELECTRICITY), None)
        if power is None or self._chance("green", company.uscc).random() > 1 / 9:
            return ()
        return (SourceLine(NETTED_POWER[self.region], "green", units.half_up(power.quantity / 5, 2), power.unit),)

    def _company(self, sector: Sector, index: int, base_t: int) -> Company:
        chance = self._chance("company", sector.code, str(index))
        place = [item.code for item in SECTORS[self.region]].index(sector.code)
        zh_stem, en_stem = _STEMS[(index * 7 + place * 3) % len(_STEMS)]
        zh, en = f"{zh_stem}{sector.zh}{index + 1:03d}有限公司（模拟）", f"{en_stem} {sector.en} {index + 1:03d} (demo)"
        leap = Decimal(1)
        if index == 0 and (self.region, sector.code) in CAST_COMPANIES:
            zh, en, leap = CAST_COMPANIES[self.region, sector.code]
        return Company(
            uscc=company_code(self.region, place * 1000 + index),
            zh=zh,
            en=en,
            sector=sector,
            district=chance.choice(DISTRICTS[self.region]),
            base_t=base_t,
            trend=_around(chance, "0.02") * Decimal("0.975"),
            leap=leap,
        )

    def _chance(self, *names: str) -> random.Random:
        return random.Random("/".join((str(self.seed), self.region, *names)))  # noqa: S311 - a demo, not a secret


def company_code(region: str, count: int) -> str:
    """Make a credit code that is well formed and plainly nobody's: four X after the region."""
    body = f"91{REGION_CODES[region]}XXXX{count:05d}"
    return body + identity.uscc_check_sign(body)


def _sizes(chance: random.Random, sector: Sector) -> list[int]:
    # Sizes of companies are skewed: a lognormal draw, scaled so that what exceeds the least adds up to the total.
    draws = [int(1_000_000 * chance.lognormvariate(0, 0.9)) for _ in range(sector.count)]
    spread_t = sector.total_t - sector.count * sector.least_t
    return [sector.least_t + part for part in units.split_by_largest_remainder(spread_t, draws)]


def _around(chance: random.Random, width: str) -> Decimal:
    # One plus a bell-shaped deviation, cut at three widths, on a grid of 1/10,000 so that no float reaches an amount.
    steps = max(-30_000, min(30_000, int(10_000 * chance.gauss(0, 1))))
    return 1 + Decimal(width) * Decimal(steps) / 10_000


def _line(kind: LineKind, name: str, unit: str, target_t: Decimal, rules: RulesAt) -> SourceLine:
    factor_t = mrv.line_emissions(SourceLine(kind, name, Decimal(1), unit), rules).value
    return SourceLine(kind, name, units.half_up(target_t / factor_t, 2), unit)
