"""Compute a stored report again and say where it does not say what it said.

Three things must hold for a version of a report: its fields still have the digest it was submitted with, its traces
come to its figures when they are replayed, and its lines come to the same figures by the rules of today, unless a
parameter that it used has another value now, which is a correction of the rules and no break.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tonnebook.core import trace
from tonnebook.core.trace import Op, Traced


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored version of a report.

    Attributes:
        report: number.
        digest: as it was submitted.
        digest_now: computed again from the stored fields.
        total_t: stored tonnes.
        direct_t: stored direct tonnes.
        total: stored trace of the total.
        direct: stored trace of the direct part.
    """

    report: str
    digest: str
    digest_now: str
    total_t: int
    direct_t: int
    total: Traced
    direct: Traced


@dataclass(frozen=True, slots=True)
class Break:
    """A stored figure that does not follow from what is stored with it: where, what was expected and what was found."""

    subject: str
    what: str
    expected: str
    found: str


def breaks(kept: Kept, *, total: Traced | None, direct: Traced | None) -> Iterator[Break]:
    """Compare a stored report with its recomputation.

    Args:
        kept: what is stored.
        total: computed from its stored lines by the rules of today; None when those refuse them.
        direct: the same for the direct part.

    Returns:
        What does not hold; nothing for a report that only differs because its parameters have other values now.

    Source: design choice, no legal source (invariant C1).
    """
    if kept.digest != kept.digest_now:
        yield Break(kept.report, "digest", kept.digest, kept.digest_now)
    stored = ((kept.total_t, kept.total, total, "total_t"), (kept.direct_t, kept.direct, direct, "direct_t"))
    for figure, traced, anew, what in stored:
        if (replayed := trace.replay(traced)) != figure:
            yield Break(kept.report, f"{what} trace", str(figure), format(replayed, "f"))
        elif is_corrected(traced, anew):
            continue
        elif anew is not None and anew.value != figure:
            yield Break(kept.report, what, str(figure), format(anew.value, "f"))


def is_corrected(stored: Traced, anew: Traced | None) -> bool:
    """Say whether a parameter that a stored figure used has another value now, or is gone.

    Args:
        stored: trace of the figure.
        anew: trace of its recomputation; None when the rules of today refuse the lines.

    Source: design choice, no legal source.
    """
    return anew is None or parameters(stored) != parameters(anew)


def parameters(traced: Traced) -> dict[str, str]:
    """Give the value of every parameter of the law that a figure rests on, by its path."""
    found = {} if traced.origin is None else {traced.origin.path: format(traced.value, "f")}
    if traced.op is not Op.PARAMETER:
        found = {}
    for one in traced.inputs:
        found |= parameters(one)
    return found
