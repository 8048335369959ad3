"""`./tonnebook explain SUBJECT`: the derivation of a stored number as a tree, in both languages, and its replay."""

import sys
from datetime import datetime

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from tonnebook.core.trace import Op, Traced
from tonnebook.faces import formats
from tonnebook.web import subjects

# A file has no edge at which a line would have to be folded.
_WIDTH_PIPED = 400


def run(subject: str, *, now: datetime, console: Console | None = None) -> int:
    """Print how a stored number came about and whether its derivation reaches it again.

    Args:
        subject: kind and key, such as `allocation:CODE:YEAR` or `report:NUMBER`.
        now: the clock.
        console: where to print; standard output without one.

    Returns:
        Exit code: 0 when every number is reached again, 1 when one is not, 2 when there is no such subject.
    """
    out = console or Console(width=None if sys.stdout.isatty() else _WIDTH_PIPED, markup=False)
    kind, _, key = subject.partition(":")
    found = subjects.find(kind, key, now=now)
    if found is None:
        kinds = ", ".join(subjects.KINDS)
        out.print(f"没有 {subject} 的计算过程；种类：{kinds}。 Nothing is stored under {subject}; kinds: {kinds}.")
        return 2
    for part in found.parts:
        out.print(tree(part.traced))
        if part.is_same:
            out.print(f"重新计算得到同一数值 computed again, the same number: {part.again:f}")
        else:
            out.print(f"重新计算得到 computed again: {part.again:f} ≠ {part.traced.value:f}")
    return 0 if found.is_same else 1


def tree(traced: Traced) -> Tree:
    """Draw a derivation: each number with what it is, and below it the numbers it was made from."""
    drawn = Tree(Text(_line(traced)))
    for part in traced.inputs:
        drawn.add(tree(part))
    return drawn


def _line(traced: Traced) -> str:
    number = formats.measure(traced.value, traced.unit, "en").text
    line = f"{number} · {traced.zh} · {traced.en}"
    if traced.origin:
        origin = traced.origin
        line += f" · {origin.path} ({origin.in_force_from}, {origin.article}, {origin.source}, {origin.status})"
    return line if traced.op in (Op.GIVEN, Op.PARAMETER) else f"{line} · {traced.op.value}"
