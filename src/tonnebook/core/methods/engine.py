"""Compute by a method: every value converted and traced, every factor looked up once, nothing guessed.

A `Calculator` belongs to one set of rules and keeps what it has looked up; a report of five hundred lines asks for the
factor of natural gas once.
"""

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.methods import formula, quantities
from tonnebook.core.methods.definition import Boundary, Definition, Input, Need
from tonnebook.core.methods.formula import Name, Node, Number
from tonnebook.core.methods.refusals import MrvRefusal
from tonnebook.core.rules import RulesAt, RulesRefusal
from tonnebook.core.trace import Op, Traced

if TYPE_CHECKING:
    import pint

_TOLD = frozenset({Need.MEASURED, Need.DEFAULT})
_ROUNDINGS = {"half_up": trace.half_up, "floor": trace.floor, "ceil": trace.ceil}
_PLAIN = Input("", "", "", "", Need.CONSTANT)
_Build = Callable[[Mapping[str, Traced]], Traced]


@dataclass(frozen=True, slots=True)
class Given:
    """A value somebody reports: number, unit, and for a factor what it counts."""

    value: Decimal
    unit: str
    boundary: Boundary | None = None


@dataclass(frozen=True, slots=True)
class _Compiled:
    # What of a definition does not depend on a line.
    build: _Build
    constants: Mapping[str, Traced]
    signs: Mapping[str, Traced]


class Calculator:
    """Computes lines by the methods of one set of rules; remembers factors, which are the same for every line."""

    def __init__(self, rules: RulesAt) -> None:
        """Begin with nothing looked up.

        Args:
            rules: the rules of the region for the year reported on.
        """
        self.rules = rules
        self._factors: dict[tuple[str, str, Boundary | None], Traced] = {}
        self._words: dict[str, tuple[str, str]] = {}
        self._compiled: dict[tuple[str, str, str], _Compiled] = {}

    def compute(
        self, definition: Definition, given: Mapping[str, Given], *, name: str = "", direction: str = ""
    ) -> Traced:
        """Compute one line.

        Args:
            definition: version of the method.
            given: values by name of the input; measured ones must be there, defaults may.
            name: fuel, process or material, as the paths of the factors name it.
            direction: one of the definition's directions where it has some.

        Returns:
            Unrounded tonnes unless the method itself rounds, negative for a direction that is subtracted; its first
            node names the method, its version and its status.

        Raises:
            Refused: QUANTITY_NEGATIVE, UNIT_MISMATCH, FACTOR_MISSING, INPUT_MISSING, INPUT_UNKNOWN, BOUNDARY_MIXED or
                NOT_COMPUTABLE.

        Source: design choice; what is computed follows the article that the definition names.
        """
        for extra in given:
            if not any(extra == one.name and one.need in _TOLD for one in definition.inputs):
                raise _unknown(definition, extra)
        key = (definition.region, definition.id, definition.version)
        compiled = self._compiled.get(key) or self._compiled.setdefault(key, _compile(definition))
        values = dict(compiled.constants)
        for one in definition.inputs:
            if one.need is not Need.CONSTANT:
                values[one.name] = self._value(definition, one, given.get(one.name), name)
        try:
            result = compiled.build(values)
        except ArithmeticError as error:
            raise Refused(MrvRefusal.NOT_COMPUTABLE, name=name or definition.id, method=definition.id) from error
        return self._named(definition, compiled, result, name, direction)

    def _value(self, definition: Definition, one: Input, told: Given | None, name: str) -> Traced:
        if told is None and one.need is Need.MEASURED:
            facts = {"input": one.name, "input_zh": one.zh, "input_en": one.en}
            raise Refused(MrvRefusal.INPUT_MISSING, name=name or definition.id, method=definition.id, **facts)
        if told is None:
            return self._factor(one, definition.path_of(one, name), name or definition.id)
        said = name or one.name
        if told.value < 0:
            raise Refused(MrvRefusal.QUANTITY_NEGATIVE, name=said, value=format(told.value, "f"))
        if one.boundary and told.boundary and told.boundary is not one.boundary:
            raise _mixed(said, one.name, told.boundary, one.boundary)
        measured = Traced(told.value, told.unit, Op.GIVEN, one.zh, one.en)
        return measured if told.unit == one.unit else _converted(measured, one, said)

    def _factor(self, one: Input, path: str, name: str) -> Traced:
        key = (path, one.unit, one.boundary)
        known = self._factors.get(key)
        if known is None:
            known = self._factors[key] = self._looked_up(one, path, name)
        return known

    def _looked_up(self, one: Input, path: str, name: str) -> Traced:
        try:
            number = self.rules.number(path)
        except Refused as error:
            if error.code in (RulesRefusal.NO_SUCH_PARAMETER, RulesRefusal.NO_VALUE_IN_FORCE):
                raise Refused(MrvRefusal.FACTOR_MISSING, name=name, path=path) from error
            raise
        found = self.rules.leaves[path].boundary
        if one.boundary and found and found != one.boundary:
            raise _mixed(name, path, found, one.boundary)
        return number if number.unit == one.unit else _converted(number, one, name)

    def _named(self, definition: Definition, compiled: _Compiled, result: Traced, name: str, direction: str) -> Traced:
        zh, en = self._label(definition, name)
        if definition.directions:
            if direction not in definition.directions:
                raise _unknown(definition, direction or "direction")
            result = trace.product((result, compiled.signs[direction]), definition.unit, zh=zh, en=en)
        if definition.rounding:
            function, places = definition.rounding
            result = _ROUNDINGS[function](result, places, zh=zh, en=en)
        op, inputs, places = result.op, result.inputs, result.places
        return Traced(result.value, definition.unit, op, zh, en, inputs, places, definition.origin)

    def _label(self, definition: Definition, name: str) -> tuple[str, str]:
        key = f"{definition.id} {name}"
        known = self._words.get(key)
        if known is None:
            path = f"words.{name}"
            own = self.rules.words(path) if name and self.rules.has(path) else (name, name)
            known = (
                (f"{own[0]}：{definition.zh}", f"{own[1]}: {definition.en}") if name else (definition.zh, definition.en)
            )
            self._words[key] = known
        return known


def compute(
    definition: Definition, given: Mapping[str, Given], rules: RulesAt, *, name: str = "", direction: str = ""
) -> Traced:
    """Compute one line by a method, as `Calculator.compute` does.

    Source: design choice; what is computed follows the article that the definition names.
    """
    return Calculator(rules).compute(definition, given, name=name, direction=direction)


def problems(definition: Definition) -> list[str]:
    """List what is wrong with a definition: names that do not meet, units that do not come out, an unknown unit.

    Args:
        definition: as read from its file.

    Returns:
        English sentences; empty when all is well.

    Source: design choice, no legal source.
    """
    try:
        node = formula.parse(definition.formula)
    except formula.FormulaError as error:
        return [str(error)]
    used, known = set(formula.names(node)), {one.name: one for one in definition.inputs}
    found = [f"the formula names {name}, which is no input" for name in sorted(used - set(known))]
    found += [f"the input {name} stands in no formula" for name in sorted(set(known) - used)]
    found += [
        f"the input {one.name} has the unknown unit {one.unit}"
        for one in known.values()
        if quantities.quantity(one.unit) is None
    ]
    if found:
        return found
    try:
        one = _dimension(node, known)
    except ValueError as error:
        return [str(error)]
    wanted = quantities.quantity(definition.unit)
    if wanted is None or quantities.ratio(one, wanted) != 1:
        return [f"the formula gives {quantities.written(one) or '1'}, not {definition.unit}"]
    return []


_TOLD = frozenset({Need.MEASURED, Need.DEFAULT})


def _compile(definition: Definition) -> _Compiled:
    known = {one.name: one for one in definition.inputs}
    node = formula.parse(definition.formula)
    words = {one.name: one.zh for one in definition.inputs}, {one.name: one.en for one in definition.inputs}
    constants = {
        one.name: trace.parameter(one.value or Decimal(0), one.unit, zh=one.zh, en=one.en, origin=definition.origin)
        for one in definition.inputs
        if one.need is Need.CONSTANT
    }
    zh, en = "方向", "Direction"
    signs = {name: trace.given(sign, "", zh=zh, en=en) for name, sign in definition.directions.items()}
    return _Compiled(_builder(node, known, words), constants, signs)


def _builder(node: Node, known: Mapping[str, Input], words: tuple[dict[str, str], dict[str, str]]) -> _Build:
    if isinstance(node, Name):
        return operator.itemgetter(node.name)
    if isinstance(node, Number):
        number = trace.given(node.value, "", zh=str(node.value), en=str(node.value))
        return lambda _values: number
    parts = tuple(_builder(part, known, words) for part in node.parts)
    op, unit = node.op, quantities.written(_dimension(node, known))
    zh, en = (formula.in_words(node, language) for language in words)
    return lambda values: trace.step(op, tuple(part(values) for part in parts), unit, zh=zh, en=en)


def _dimension(node: Node, known: Mapping[str, Input]) -> "pint.Quantity[Decimal]":
    """Give one of the unit a formula comes to; a sum of different units is a `ValueError`."""
    if isinstance(node, Name):
        return _one(known[node.name])
    if isinstance(node, Number):
        return _one(_PLAIN)
    parts = [_dimension(part, known) for part in node.parts]
    first = parts[0]
    if node.op is Op.PRODUCT:
        return functools.reduce(operator.mul, parts)
    if node.op is Op.QUOTIENT:
        share: pint.Quantity[Decimal] = first / parts[1]
        return share
    for part in parts[1:]:
        if quantities.ratio(part, first) != 1:
            said = " and ".join(quantities.written(one) or "1" for one in (first, part))
            raise ValueError(f"a sum of {said}")
    return first


def _one(one: Input) -> "pint.Quantity[Decimal]":
    found = quantities.quantity(one.unit)
    if found is None:
        raise ValueError(f"unknown unit {one.unit}")
    return found


def _converted(value: Traced, one: Input, name: str) -> Traced:
    by = quantities.factor(value.unit, one.unit)
    if by is None:
        facts = {"unit": value.unit or "1", "expected": one.unit or "1"}
        raise Refused(MrvRefusal.UNIT_MISMATCH, name=name, accepted="、".join(quantities.accepted(one.unit)), **facts)
    if by == 1:
        return Traced(value.value, one.unit, value.op, value.zh, value.en, value.inputs, value.places, value.origin)
    ratio = trace.given(by, f"{one.unit or '1'}/{value.unit or '1'}", zh="单位换算", en="Unit conversion")
    return trace.product(
        (value, ratio), one.unit, zh=f"{value.zh}（{one.unit or '1'}）", en=f"{value.en} ({one.unit or '1'})"
    )


def _unknown(definition: Definition, name: str) -> Refused:
    told = [one.name for one in definition.inputs if one.need in _TOLD] + list(definition.directions)
    return Refused(MrvRefusal.INPUT_UNKNOWN, method=definition.id, input=name, accepted="、".join(told))


def _mixed(name: str, path: str, found: str, needed: str) -> Refused:
    return Refused(MrvRefusal.BOUNDARY_MIXED, name=name, path=path, found=str(found), needed=str(needed))
