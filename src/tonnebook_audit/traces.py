"""The auditor's own arithmetic of derivations: compute a number again from the leaves of its stored trace alone.

A trace is a tree of a small closed algebra (docs/architecture.md); all steps are exact to sixty digits.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from functools import reduce
from operator import add, mul, pow, sub, truediv
from typing import Any

from tonnebook_audit.report import AuditReport

_ROUNDINGS = {"FLOOR": ROUND_FLOOR, "CEIL": ROUND_CEILING, "HALF_UP": ROUND_HALF_UP}
_FOLDS = {"SUM": (add, Decimal(0)), "PRODUCT": (mul, Decimal(1))}
_PAIRS = {"DIFFERENCE": sub, "QUOTIENT": truediv, "POWER": pow}
_CHOICES = {"SMALLEST": min, "LARGEST": max}
_LEAVES = {"GIVEN", "PARAMETER"}
_NO_TRACE = (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError)


def replay(node: Any) -> Decimal | None:
    """Compute a number again; None when what is stored is no trace."""
    try:
        with localcontext(Context(prec=60)):
            return _value(node)
    except _NO_TRACE:
        return None


def given(node: Any) -> Iterator[Decimal]:
    """Give the reported figures a number was made from."""
    if node["op"] == "GIVEN":
        yield Decimal(node["value"])
    for part in node.get("inputs", ()):
        yield from given(part)


def check(stored_traces: Any, name: str, *, subject: str, stored: int | None, report: AuditReport) -> None:
    """Compare a stored number with its trace: what the leaves give, and what the trace itself says it is."""
    node = stored_traces.get(name) if isinstance(stored_traces, dict) else None
    replayed = replay(node)
    shown = _shown(node)
    # Most of an audit's comparisons are these, so nothing is put into words unless it differs.
    if replayed == stored == shown:
        report.count("trace")
    else:
        report.compare("trace", f"{subject} {name}", expected=replayed, found=f"{stored}, shown as {shown}")


def _shown(node: Any) -> Decimal | None:
    try:
        return Decimal(node["value"])
    except _NO_TRACE:
        return None


def _value(node: Any) -> Decimal:
    op = node["op"]
    if op in _LEAVES:
        return Decimal(node["value"])
    values = [_value(part) for part in node.get("inputs", ())]
    if op in _FOLDS:
        step, start = _FOLDS[op]
        return reduce(step, values, start)
    if op in _CHOICES:
        return _CHOICES[op](values)
    if op in _PAIRS:
        left, right = values
        paired: Decimal = _PAIRS[op](left, right)
        return paired
    (value,) = values
    if op == "SAME":
        return value
    return _settled(value).quantize(Decimal(1).scaleb(-int(node.get("places", 0))), _ROUNDINGS[op])


# A division keeps sixty digits; what it leaves in the last of them must not cost a tonne, so forty places are enough.
def _settled(value: Decimal) -> Decimal:
    return value if value.adjusted() + 40 >= 60 else value.quantize(Decimal("1e-40"), ROUND_HALF_EVEN)
