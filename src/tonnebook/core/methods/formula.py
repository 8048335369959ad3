"""Formulas as a small tree: sums, differences, products and quotients of names and whole numbers, and nothing else.

The text is parsed by Python's own parser and walked against a closed list of shapes; it is never run.
"""

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tonnebook.core.trace import Op

_OPS: dict[type[ast.operator], Op] = {
    ast.Add: Op.SUM,
    ast.Sub: Op.DIFFERENCE,
    ast.Mult: Op.PRODUCT,
    ast.Div: Op.QUOTIENT,
}
# Chains of these are one step with several inputs, as a reader would write them.
_CHAINED = frozenset({Op.SUM, Op.PRODUCT})
_SIGNS = {Op.SUM: " + ", Op.DIFFERENCE: " - ", Op.PRODUCT: " × ", Op.QUOTIENT: " ÷ "}
_LENGTH_MAX = 500


class FormulaError(ValueError):
    """A formula holds something other than names, whole numbers and + - * /."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the formula: one of the inputs."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number without unit, such as the 1 of `1 - share`."""

    value: int


@dataclass(frozen=True, slots=True)
class Step:
    """An operation on parts of the formula."""

    op: Op
    parts: tuple["Node", ...]


Node = Name | Number | Step


@functools.cache
def parse(text: str) -> Node:
    """Parse a formula.

    Args:
        text: such as "fuel * ncv * (1 - biomass)".

    Returns:
        Its tree.

    Raises:
        FormulaError: when it is no formula of names, whole numbers and + - * /.

    Source: design choice, no legal source.

    Example:
        >>> parse("a * b / c").op.value
        'QUOTIENT'
    """
    if len(text) > _LENGTH_MAX:
        raise FormulaError(f"longer than {_LENGTH_MAX} signs")
    try:
        return _node(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise FormulaError(f"no formula: {text[:60]!r}") from error


def names(node: Node) -> Iterator[str]:
    """Yield the names of a formula, each as often as it stands there."""
    if isinstance(node, Name):
        yield node.name
    elif isinstance(node, Step):
        for part in node.parts:
            yield from names(part)


def in_words(node: Node, words: Mapping[str, str]) -> str:
    """Write a formula with words in place of its names, and brackets where the order of steps needs them.

    Args:
        node: formula or part of one.
        words: word by name; a name without one stands as it is.

    Example:
        >>> in_words(parse("a * (1 - b) / (c * d)"), {})
        'a × (1 - b) ÷ (c × d)'
    """
    if isinstance(node, Name):
        return words.get(node.name, node.name)
    if isinstance(node, Number):
        return str(node.value)
    told = (_bracketed(node.op, at, part, in_words(part, words)) for at, part in enumerate(node.parts))
    return _SIGNS[node.op].join(told)


def _bracketed(above: Op, at: int, part: Node, text: str) -> str:
    if not isinstance(part, Step):
        return text
    is_sum = part.op in (Op.SUM, Op.DIFFERENCE)
    needed = {
        Op.PRODUCT: is_sum,
        Op.QUOTIENT: is_sum or at > 0,
        Op.DIFFERENCE: is_sum and at > 0,
        Op.SUM: False,
    }[above]
    return f"({text})" if needed else text


def _node(node: ast.expr) -> Node:
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return Number(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPS:
        op, left, right = _OPS[type(node.op)], _node(node.left), _node(node.right)
        if op in _CHAINED and isinstance(left, Step) and left.op is op:
            return Step(op, (*left.parts, right))
        return Step(op, (left, right))
    raise FormulaError(f"only names, whole numbers and + - * / may stand in a formula, not {type(node).__name__}")
