"""Units of reported quantities: a closed list, exact in decimals, with the units Chinese reports are written in.

Pint knows the dimensions; a unit that is not listed here does not exist. Carbon, carbon dioxide and every other gas
have dimensions of their own, so that a mass of carbon is never added to a mass of carbon dioxide.
"""

import functools
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from tonnebook.core import units

if TYPE_CHECKING:
    import pint

# Unit as written in reports: how much of which other one it is; without an amount it is the first of its dimension.
_DEFINED: dict[str, tuple[str, str]] = {
    "t": ("", "mass"),
    "kg": ("0.001", "t"),
    "10^4t": ("10000", "t"),
    "Nm3": ("", "normal_volume"),
    "10^3Nm3": ("1000", "Nm3"),
    "10^4Nm3": ("10000", "Nm3"),
    "m3": ("", "volume"),
    "L": ("0.001", "m3"),
    "GJ": ("", "energy"),
    "MJ": ("0.001", "GJ"),
    "kJ": ("0.000001", "GJ"),
    "TJ": ("1000", "GJ"),
    "kWh": ("0.0036", "GJ"),
    "MWh": ("3.6", "GJ"),
    "10^4kWh": ("36", "GJ"),
    # 7,000 kilocalories of 4.1868 kJ per kilogram: the definition of coal equivalent.
    "tce": ("29.3076", "GJ"),
    "min": ("", "time"),
    "h": ("60", "min"),
    "MW": ("", "power"),
    "cell_day": ("", "cell_day"),
    "effect": ("", "effect"),
    "mV": ("", "voltage"),
    "K": ("", "temperature"),
    "mol": ("", "substance"),
    "m2": ("", "area"),
    "unit": ("", "piece"),
}
_GASES = ("C", "CO2", "CH4", "N2O", "SF6", "CF4", "C2F6")
_PLAIN = {"⁴": "^4", "³": "3", "₂": "2", "℃": "K", "°C": "K"}
# What has no dimension, and how much of a whole it is.
_SHARES = {"": "1", "share": "1", "multiple": "1", "%": "0.01", "‰": "0.001"}


def plain(unit: str) -> str:
    """Write a unit in the one form in which it is looked up: "10⁴Nm³" becomes "10^4Nm3"."""
    text = unit.strip()
    for sign, written in _PLAIN.items():
        text = text.replace(sign, written)
    return text.replace("tCO2e", "tCO2").replace("kgCO2e", "kgCO2").replace("万t", "10^4t").replace("万Nm3", "10^4Nm3")


@functools.cache
def factor(given: str, into: str) -> Decimal | None:
    """Give by what a quantity is multiplied to stand in another unit.

    Args:
        given: unit of the quantity, such as "kg" or "kgCO2/MWh".
        into: unit wanted.

    Returns:
        The exact factor, or None when the units are not of one dimension or one of them is not known.

    Source: S70, unit checks; conversions are exact by definition.

    Example:
        >>> factor("10^4t", "t")
        Decimal('10000')
    """
    one, other = quantity(given), quantity(into)
    return None if one is None or other is None else ratio(one, other)


def ratio(one: "pint.Quantity[Decimal]", other: "pint.Quantity[Decimal]") -> Decimal | None:
    """Divide two quantities of one dimension; None when they are of different ones."""
    if one.dimensionality != other.dimensionality:
        return None
    with localcontext(units.EXACT):
        share = units.settled((one.to_root_units() / other.to_root_units()).magnitude)
    return share.normalize() if share != share.to_integral_value() else Decimal(int(share))


@functools.cache
def accepted(into: str) -> tuple[str, ...]:
    """List the units in which a quantity may be given, for the sentence of a refusal."""
    _, stroke, rest = plain(into).partition("/")
    found = (f"{one}{stroke}{rest}" for one in (*_names(), "%"))
    return tuple(one for one in found if factor(one, into) is not None) or (into,)


@functools.cache
def quantity(unit: str) -> "pint.Quantity[Decimal] | None":
    """Give one of a unit as pint sees it; None when it is not known.

    Args:
        unit: such as "tC/GJ", "GJ/10^4Nm3", "%" or "".
    """
    with localcontext(units.EXACT):
        return _quantity(plain(unit), _registry())


def written(one: "pint.Quantity[Decimal]") -> str:
    """Write the unit of a quantity as reports do: "GJ/10^4Nm3"."""
    back = {name: unit for unit, name in _names().items()}
    powers = [(back[name], Decimal(str(power))) for name, power in one.unit_items()]
    above, below = (
        "*".join(sorted(unit for unit, power in powers for _ in range(int(power * sign)))) for sign in (1, -1)
    )
    return f"{above or '1'}/{below}" if below else above


def _quantity(text: str, registry: "pint.UnitRegistry[Decimal]") -> "pint.Quantity[Decimal] | None":
    if text in _SHARES:
        return registry.Quantity(Decimal(_SHARES[text]), "")
    result = registry.Quantity(Decimal(1), "")
    for at, part in enumerate(text.split("/")):
        names = part.split("*") if part != "1" else []
        for name in names:
            if name in _SHARES:
                one = registry.Quantity(Decimal(_SHARES[name]), "")
            elif name in _names():
                one = registry.Quantity(Decimal(1), _names()[name])
            else:
                return None
            result = result / one if at else result * one
    return result


# A unit as written may hold a power of ten; pint's names may not.
@functools.cache
def _names() -> dict[str, str]:
    gases = [f"{size}{gas}" for gas in _GASES for size in ("t", "kg", "g")]
    return {unit: f"u{at}_" for at, unit in enumerate((*_DEFINED, *gases))}


@functools.cache
def _registry() -> "pint.UnitRegistry[Decimal]":
    # Loaded when a quantity is first converted: most commands never do.
    import pint

    registry: pint.UnitRegistry[Decimal] = pint.UnitRegistry(None, non_int_type=Decimal)
    names = _names()
    for unit, (amount, other) in _DEFINED.items():
        registry.define(f"{names[unit]} = {amount} * {names[other]}" if amount else f"{names[unit]} = [{other}]")
    for gas in _GASES:
        tonne = names[f"t{gas}"]
        registry.define(f"{tonne} = [gas_{gas}]")
        registry.define(f"{names[f'kg{gas}']} = 0.001 * {tonne}")
        registry.define(f"{names[f'g{gas}']} = 0.000001 * {tonne}")
    return registry
