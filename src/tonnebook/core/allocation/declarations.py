"""What a company declares for its allowance beyond its report: power it bought, plants, units, product lines, fuels.

A report says what was emitted and made in all. Some methods ask for more: the class and load of each unit, the emission
of each product, how non-fossil power was supplied. Such a fact belongs to a year, has a number of its own (that of the
certificate, the unit, the line or the fuel) and counts once an officer has accepted it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core import units
from tonnebook.core.allocation.benchmark import Plant
from tonnebook.core.allocation.national_power import Unit
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt

# Columns of the bulk computation hold millionths.
_PLACES_MAX = 6
_YES = "yes"


class FactKind(StrEnum):
    """What is declared."""

    POWER = "POWER"
    PLANT = "PLANT"
    UNIT = "UNIT"
    PRODUCT = "PRODUCT"
    FUEL = "FUEL"


class Supply(StrEnum):
    """How non-fossil power reached the company."""

    DIRECT_SUPPLY = "DIRECT_SUPPLY"
    ENERGY_CONTRACT = "ENERGY_CONTRACT"
    MARKET = "MARKET"


class DeclarationState(StrEnum):
    """Where a declaration stands; only what is accepted counts."""

    DECLARED = "DECLARED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


class DeclarationRefusal(Refusal):
    """Why a declaration is refused, in order of precedence."""

    NO_SUCH_DECLARATION = Sentence(
        "没有编号为 {declaration} 的申报。", "There is no declaration {declaration}.", "design choice", status=404
    )
    FACT_MISSING = Sentence("缺少“{name}”。", "“{name}” is missing.", "S15, S08 (what the formulas take)", status=422)
    FACT_WRONG = Sentence(
        "“{name}”的值“{value}”不是所要求的数或用语（数不小于零、最多六位小数）。",
        "“{name}” is “{value}”: not a number (>= 0, six decimals at most) or word that is asked for here.",
        "design choice",
        status=422,
    )
    NOT_OF_KIND = Sentence(
        "“{name}”不是{kind}类事实的内容，请留空。",
        "“{name}” is no part of a fact of kind {kind}; leave it empty.",
        "design choice",
        status=422,
    )
    TABLE_TOO_LONG = Sentence(
        "表格超过 {rows} 行，请分开上传。",
        "The table has more than {rows} rows; hand it in in parts.",
        "design choice",
        status=422,
    )
    UNKNOWN_CLASS = Sentence(
        "{year} 年度规则中没有“{name}”类机组的基准值。",
        "The rules of {year} have no benchmark for class “{name}”.",
        "S19, table 2; S07",
        status=422,
    )
    FACILITY_UNKNOWN = Sentence(
        "{entity} 没有编号为 {facility} 的设施。", "{entity} has no facility {facility}.", "design choice", status=422
    )
    ALREADY_DECLARED = Sentence(
        "编号 {number} 已申报；每份凭证、每台机组每年只用一次。",
        "{number} has been declared; each certificate, and each unit of a year, is used once.",
        "S28, S02 item 6 (used once: design choice)",
    )
    ALREADY_DECIDED = Sentence(
        "申报 {declaration} 已处理。", "Declaration {declaration} has been decided.", "design choice"
    )
    REASON_MISSING = Sentence("不予认可须说明理由。", "Say why it is rejected.", "design choice", status=422)


@dataclass(frozen=True, slots=True)
class Power:
    """Non-fossil power of one certificate or settlement: how it was supplied, and MWh."""

    supply: Supply
    quantity_mwh: Decimal


@dataclass(frozen=True, slots=True)
class ProductLine:
    """What one line made in a year.

    Attributes:
        product: product code, as the report and the rule book call it.
        output: quantity made, in the product's own unit.
        emission_t: tonnes of CO2 that belong to it; None where the company cannot tell.
        facility: number of the facility it stands in; empty where it is none of its own.
    """

    product: str
    output: Decimal
    emission_t: Decimal | None = None
    facility: str = ""


@dataclass(frozen=True, slots=True)
class Fuel:
    """Direct emissions of one fuel other than natural gas in a year, exact tonnes."""

    emission_t: Decimal


Declared = Power | Plant | Unit | ProductLine | Fuel

FIELDS: Mapping[FactKind, tuple[str, ...]] = MappingProxyType(
    {
        FactKind.POWER: ("supply", "quantity_mwh"),
        FactKind.PLANT: ("kind", "fuel", "power", "heat_kj", "is_closed_cooling", "is_clean_coal", "load"),
        FactKind.UNIT: ("kind", "power_mwh", "heat_gj", "load_share"),
        FactKind.PRODUCT: ("product", "output", "emission_t", "facility"),
        FactKind.FUEL: ("direct_emission_t",),
    }
)


def read(kind: FactKind, values: Mapping[str, str]) -> Declared:
    """Read what was declared.

    Args:
        kind: what it is.
        values: text by the names of `FIELDS`; a yes or no is "yes" or "".

    Returns:
        The value the formulas take.

    Raises:
        Refused: FACT_MISSING or FACT_WRONG.

    Source: the terms of the formulas, S15, S19, S20, S07, S08, S02 item 6.
    """
    return _READERS[kind]({name: text.strip() for name, text in values.items()})


def check_class(declared: Declared, rules: RulesAt) -> None:
    """Refuse a plant or unit whose class has no benchmark in the rules of its year.

    Raises:
        Refused: UNKNOWN_CLASS.

    Source: S19, table 2; S07.
    """
    if not isinstance(declared, (Plant, Unit)):
        return
    if not rules.has(f"allocation.power.benchmark.{declared.kind}"):
        raise Refused(DeclarationRefusal.UNKNOWN_CLASS, year=rules.year, name=declared.kind)


def _power(told: Mapping[str, str]) -> Power:
    word = _text(told, "supply")
    if word not in set(Supply):
        raise _wrong("supply", word)
    return Power(Supply(word), _number(told, "quantity_mwh"))


def _plant(told: Mapping[str, str]) -> Plant:
    fuel = _text(told, "fuel")
    if fuel not in {"coal", "oil", "gas"}:
        raise _wrong("fuel", fuel)
    heat_kj = _number(told, "heat_kj", "0")
    if heat_kj != heat_kj.to_integral_value():
        raise _wrong("heat_kj", format(heat_kj, "f"))
    return Plant(
        _text(told, "kind"),
        fuel,
        _number(told, "power"),
        heat_kj,
        is_closed_cooling=told.get("is_closed_cooling") == _YES,
        is_clean_coal=told.get("is_clean_coal") == _YES,
        load=_number(told, "load", "1"),
    )


def _unit(told: Mapping[str, str]) -> Unit:
    load_share = _number(told, "load_share", "1")
    if load_share > 1:
        raise _wrong("load_share", format(load_share, "f"))
    return Unit(_text(told, "kind"), _number(told, "power_mwh"), _number(told, "heat_gj", "0"), load_share)


def _product(told: Mapping[str, str]) -> ProductLine:
    emission_t = _number(told, "emission_t") if told.get("emission_t") else None
    return ProductLine(_text(told, "product"), _number(told, "output"), emission_t, told.get("facility", ""))


def _fuel(told: Mapping[str, str]) -> Fuel:
    return Fuel(_number(told, "direct_emission_t"))


def _text(told: Mapping[str, str], name: str) -> str:
    if not told.get(name):
        raise Refused(DeclarationRefusal.FACT_MISSING, name=name)
    return told[name]


def _number(told: Mapping[str, str], name: str, default: str = "") -> Decimal:
    text = told.get(name) or default or _text(told, name)
    try:
        value = units.decimal_of(text)
    except ValueError:
        raise _wrong(name, text) from None
    if value < 0 or value != round(value, _PLACES_MAX):
        raise _wrong(name, text)
    return value


def _wrong(name: str, value: str) -> Refused:
    return Refused(DeclarationRefusal.FACT_WRONG, name=name, value=value)


_READERS: Mapping[FactKind, Callable[[Mapping[str, str]], Declared]] = MappingProxyType(
    {
        FactKind.POWER: _power,
        FactKind.PLANT: _plant,
        FactKind.UNIT: _unit,
        FactKind.PRODUCT: _product,
        FactKind.FUEL: _fuel,
    }
)
