"""Numbers, days and moments as people read them, in Chinese and in English.

Only the writing changes here, never the number: what is shortened (万吨, long decimals) keeps its exact form beside it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tonnebook.core import periods, units

# From here on Chinese readers expect 万吨; the exact figure stays in the title.
LARGE_T = 100_000
# A quotient carries 60 digits; a page shows this many decimals and keeps the rest in the title. A factor so small
# that they would be mostly zeros keeps four digits.
_PLACES_SHOWN = 6
_DIGITS_OF_SMALL = 4
_THIN = "\u202f"
_PURE_NUMBERS = frozenset({"multiple", "ratio", "coefficient"})
_TONNE_UNITS = frozenset({"t", "tCO2", "tCO2e"})
# Units of the rule book as people write them, Chinese and English; the others stand as they are.
_UNIT_WORDS = {
    "count": ("", ""),
    "day": ("天", "days"),
    "days": ("天", "days"),
    "month": ("个月", "months"),
    "t": ("吨", "t"),
    "t/unit": ("吨/单位产品", "t per unit of output"),
    "tCO2": ("吨", "tCO2"),
    "tCO2e": ("吨", "tCO2e"),
    "tce": ("吨标准煤", "tce"),
    "unit": ("单位产品", "units of output"),
    "working_day": ("个工作日", "working days"),
    "year": ("年", "years"),
    "yuan": ("元", "CNY"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as shown, and the exact form where the shown one is shorter."""

    text: str
    exact: str = ""


def tonnes(quantity_t: int, language: str) -> Figure:
    """Write whole tonnes: 12,400 吨, 123.46万吨 (with the exact figure), or 12,400 t."""
    if is_chinese(language):
        exact = f"{quantity_t:,} 吨"
        if abs(quantity_t) < LARGE_T:
            return Figure(exact)
        short = units.half_up(Decimal(quantity_t) / 10_000, 2)
        return Figure(f"{short:,.2f}万吨", exact)
    return Figure(f"{quantity_t:,}{_THIN}t")


def grouped(number: int) -> str:
    """Write a whole number in full: 12,400."""
    return f"{number:,}"


def yuan(amount_fen: int, language: str) -> Figure:
    """Write an amount of fen as yuan with two decimals."""
    amount = units.half_up(Decimal(amount_fen) / units.FEN_PER_YUAN, 2)
    if is_chinese(language):
        return Figure(f"{amount:,} 元")
    return Figure(f"CNY{_THIN}{amount:,}")


def yuan_per_t(price_fen_per_t: int, language: str) -> Figure:
    """Write a price in fen per tonne as yuan per tonne."""
    price = units.half_up(Decimal(price_fen_per_t) / units.FEN_PER_YUAN, 2)
    return Figure(f"{price:,} 元/吨" if is_chinese(language) else f"{price:,} CNY/t")


def share(part: Decimal | str) -> Figure:
    """Write a share (0.05) as per cent (5%)."""
    value = units.decimal_of(part) if isinstance(part, str) else part
    return Figure(f"{_trimmed(units.half_up(value * 100, 2))}%")


def day(on: date) -> Figure:
    """Write a day as 2026-03-31, in both languages."""
    return Figure(on.isoformat())


def moment(at: datetime) -> Figure:
    """Write an instant by the wall clock in Shanghai, to the minute; the exact instant stays in the title."""
    return Figure(at.astimezone(periods.ZONE).strftime("%Y-%m-%d %H:%M"), periods.iso(at))


def measure(value: Decimal, unit: str, language: str) -> Figure:
    """Write any traced value with the unit it carries."""
    if unit in _TONNE_UNITS and value == value.to_integral_value():
        return tonnes(int(value), language)
    if unit == "fen" and value == value.to_integral_value():
        return yuan(int(value), language)
    if unit == "fen/t" and value == value.to_integral_value():
        return yuan_per_t(int(value), language)
    if unit == "share":
        return Figure(share(value).text, f"{value:f}")
    unit = unit_words(unit, language)
    shown = _trimmed(_shortened(value))
    number = f"{shown:,}"
    exact = "" if shown == value else format(value, "f")
    return Figure(f"{number} {unit}".strip(), f"{exact} {unit}".strip() if exact else "")


def unit_words(unit: str, language: str) -> str:
    """Write a unit as people do: 10⁴ kWh for 10^4kWh, 个工作日 for working_day, nothing for a pure number."""
    if unit in _PURE_NUMBERS:
        return ""
    zh, en = _UNIT_WORDS.get(unit, (unit, unit))
    return (zh if is_chinese(language) else en).replace("10^4", "10⁴ ").replace("CO2", "CO₂")


def is_chinese(language: str | None) -> bool:
    """Say whether a language code means Chinese; no code means the language of the country."""
    return language is None or language.lower().startswith("zh")


def _trimmed(number: Decimal) -> Decimal:
    # normalize() alone would write 1E+3 for a thousand.
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()


def _shortened(number: Decimal) -> Decimal:
    is_small = number != 0 and number.adjusted() < _DIGITS_OF_SMALL - _PLACES_SHOWN - 1
    places = _DIGITS_OF_SMALL - 1 - number.adjusted() if is_small else _PLACES_SHOWN
    return number if number == units.half_up(number, places) else units.half_up(number, places)
