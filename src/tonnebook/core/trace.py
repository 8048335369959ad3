"""A number together with how it came about.

Core functions that compute an amount return a `Traced`: the value, its unit, the formula in words (Chinese and
English), its inputs, and for a parameter of the law its path, day, article and status. A trace can be stored as JSON,
shown on a page, and *replayed*: `replay` recomputes the value from the leaves alone and must reach the same number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import reduce

from tonnebook.core import units


class Op(StrEnum):
    """What a node does with its inputs; a closed set, so that any trace can be replayed."""

    GIVEN = "GIVEN"
    PARAMETER = "PARAMETER"
    SUM = "SUM"
    DIFFERENCE = "DIFFERENCE"
    PRODUCT = "PRODUCT"
    QUOTIENT = "QUOTIENT"
    POWER = "POWER"
    SMALLEST = "SMALLEST"
    LARGEST = "LARGEST"
    SAME = "SAME"
    FLOOR = "FLOOR"
    CEIL = "CEIL"
    HALF_UP = "HALF_UP"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a parameter of the law stands: path, day, article and how sure we are of it."""

    path: str
    in_force_from: str
    source: str
    article: str
    status: str


@dataclass(frozen=True, slots=True)
class Traced:
    """A value and its derivation.

    Attributes:
        value: exact decimal.
        unit: the unit shown beside it, such as "tCO2", "t", "fen", "tCO2/MWh" or "" for a share.
        op: what was done with `inputs`.
        zh: what this number is, in Chinese.
        en: the same in English.
        inputs: the numbers it was made from, in order.
        places: decimal places, for a rounding step.
        origin: for a parameter, where it stands; for a result, the rule that says how its steps follow each other.
    """

    value: Decimal
    unit: str
    op: Op
    zh: str
    en: str
    inputs: tuple["Traced", ...] = ()
    places: int = 0
    origin: Origin | None = None

    @property
    def whole(self) -> int:
        """The value as an integer; a fraction is a `ValueError` (round first, by the rule's function)."""
        return units.whole(self.value)


def given(value: Decimal | int | str, unit: str, *, zh: str, en: str) -> Traced:
    """Start a trace from a number that somebody reported or that a book holds."""
    number = units.decimal_of(value) if isinstance(value, str) else Decimal(value)
    return Traced(number, unit, Op.GIVEN, zh, en)


def parameter(value: Decimal, unit: str, *, zh: str, en: str, origin: Origin) -> Traced:
    """Start a trace from a parameter of the rule book."""
    return Traced(value, unit, Op.PARAMETER, zh, en, origin=origin)


def total(inputs: Sequence[Traced], unit: str, *, zh: str, en: str) -> Traced:
    """Add up; an empty sequence gives zero."""
    return _node(Op.SUM, tuple(inputs), unit, zh, en)


def difference(minuend: Traced, subtrahend: Traced, unit: str, *, zh: str, en: str) -> Traced:
    """Subtract the second from the first."""
    return _node(Op.DIFFERENCE, (minuend, subtrahend), unit, zh, en)


def product(inputs: Sequence[Traced], unit: str, *, zh: str, en: str) -> Traced:
    """Multiply."""
    return _node(Op.PRODUCT, tuple(inputs), unit, zh, en)


def quotient(dividend: Traced, divisor: Traced, unit: str, *, zh: str, en: str) -> Traced:
    """Divide, to 60 digits; a zero divisor is a `ZeroDivisionError`."""
    return _node(Op.QUOTIENT, (dividend, divisor), unit, zh, en)


def power(base: Traced, exponent: Traced, unit: str, *, zh: str, en: str) -> Traced:
    """Raise to a power, to 60 digits."""
    return _node(Op.POWER, (base, exponent), unit, zh, en)


def smallest(inputs: Sequence[Traced], unit: str, *, zh: str, en: str) -> Traced:
    """Take the smallest of at least one number."""
    return _node(Op.SMALLEST, tuple(inputs), unit, zh, en)


def largest(inputs: Sequence[Traced], unit: str, *, zh: str, en: str) -> Traced:
    """Take the largest of at least one number."""
    return _node(Op.LARGEST, tuple(inputs), unit, zh, en)


def same(value: Traced, *, zh: str, en: str) -> Traced:
    """Give a number a new name, because a rule chose it."""
    return _node(Op.SAME, (value,), value.unit, zh, en)


def floor(value: Traced, places: int = 0, *, zh: str, en: str) -> Traced:
    """Round down to decimal places."""
    return _node(Op.FLOOR, (value,), value.unit, zh, en, places)


def ceil(value: Traced, places: int = 0, *, zh: str, en: str) -> Traced:
    """Round up to decimal places."""
    return _node(Op.CEIL, (value,), value.unit, zh, en, places)


def half_up(value: Traced, places: int = 0, *, zh: str, en: str) -> Traced:
    """Round halves up to decimal places."""
    return _node(Op.HALF_UP, (value,), value.unit, zh, en, places)


def step(op: Op, inputs: tuple[Traced, ...], unit: str, *, zh: str, en: str) -> Traced:
    """Do one step that a formula names; `op` is one of sum, difference, product and quotient."""
    return _node(op, inputs, unit, zh, en)


def replay(trace: Traced) -> Decimal:
    """Recompute a number from the leaves of its trace alone, trusting none of the values stored on the way."""
    if trace.op in (Op.GIVEN, Op.PARAMETER):
        return trace.value
    return _evaluate(trace.op, [replay(part) for part in trace.inputs], trace.places)


def origins(trace: Traced) -> tuple[Origin, ...]:
    """List the parameters a number rests on, each once, in the order met."""
    found: dict[Origin, None] = {}
    if trace.origin:
        found[trace.origin] = None
    for part in trace.inputs:
        found.update(dict.fromkeys(origins(part)))
    return tuple(found)


def statuses(trace: Traced) -> tuple[str, ...]:
    """List how sure the parameters are that a number rests on, each status once, sorted."""
    return tuple(sorted({origin.status for origin in origins(trace)}))


def to_json(trace: Traced) -> dict[str, object]:
    """Turn a trace into plain JSON values; numbers become decimal strings."""
    out: dict[str, object] = {
        "value": format(trace.value, "f"),
        "unit": trace.unit,
        "op": trace.op.value,
        "zh": trace.zh,
        "en": trace.en,
    }
    if trace.inputs:
        out["inputs"] = [to_json(part) for part in trace.inputs]
    if trace.places:
        out["places"] = trace.places
    if trace.origin:
        origin = trace.origin
        out["origin"] = {
            "path": origin.path,
            "in_force_from": origin.in_force_from,
            "source": origin.source,
            "article": origin.article,
            "status": origin.status,
        }
    return out


def from_json(data: dict[str, object]) -> Traced:
    """Read back what `to_json` wrote.

    Raises:
        ValueError: when a field is missing or of the wrong kind.
    """
    try:
        inputs = data.get("inputs", [])
        origin = data.get("origin")
        if not isinstance(inputs, list) or not (origin is None or isinstance(origin, dict)):
            raise TypeError("inputs must be a list, origin an object")
        return Traced(
            value=units.decimal_of(str(data["value"])),
            unit=str(data["unit"]),
            op=Op(str(data["op"])),
            zh=str(data["zh"]),
            en=str(data["en"]),
            inputs=tuple(from_json(part) for part in inputs),
            places=int(str(data.get("places", 0))),
            origin=Origin(**{key: str(value) for key, value in origin.items()}) if origin else None,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a trace: {error}") from error


def _node(op: Op, inputs: tuple[Traced, ...], unit: str, zh: str, en: str, places: int = 0) -> Traced:
    value = _evaluate(op, [part.value for part in inputs], places)
    return Traced(value, unit, op, zh, en, inputs, places)


def _evaluate(op: Op, values: list[Decimal], places: int) -> Decimal:
    if op in _ROUNDINGS:
        return _ROUNDINGS[op](units.settled(values[0]), places)
    if op is Op.SUM:
        return reduce(units.EXACT.add, values, Decimal(0))
    if op is Op.PRODUCT:
        return reduce(units.EXACT.multiply, values, Decimal(1))
    if op in (Op.SMALLEST, Op.LARGEST):
        return min(values) if op is Op.SMALLEST else max(values)
    if op is Op.SAME:
        return values[0]
    left, right = values
    return _PAIRS[op](left, right)


_ROUNDINGS = {Op.FLOOR: units.floor, Op.CEIL: units.ceil, Op.HALF_UP: units.half_up}
_PAIRS = {Op.DIFFERENCE: units.EXACT.subtract, Op.QUOTIENT: units.EXACT.divide, Op.POWER: units.EXACT.power}
