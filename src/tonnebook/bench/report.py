"""What a bench tells: figures, the plain references beside them, targets, and whether all of them hold."""

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Attributes:
        name: with its unit last, such as "bulk_transfers_per_s".
        value: what was measured.
        reference: the same by plain means in the same run, None where there is nothing plain to compare with.
        target: what it must reach: at least this, or at most this when `is_cost`.
        target_ratio: what share of the reference it must reach at least.
        is_cost: seconds or bytes, where less is better.
        plain: what the reference is, in a few words.
    """

    name: str
    value: float
    reference: float | None = None
    target: float | None = None
    target_ratio: float | None = None
    is_cost: bool = False
    plain: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a share of its reference."""
        return self.value / self.reference if self.reference else None

    @property
    def holds(self) -> bool:
        """Say whether every target that is set is reached."""
        reached = self.target is None or (self.value <= self.target if self.is_cost else self.value >= self.target)
        return reached and (self.target_ratio is None or (self.ratio or 0) >= self.target_ratio)


def in_turn(ours: Callable[[], float], plain: Callable[[], float], *, rounds: int = 3) -> tuple[float, float]:
    """Measure two things in turn, so that a slow moment of the machine meets both, and take the medians.

    Args:
        ours: runs once and gives its figure.
        plain: the reference, likewise.
        rounds: how often each is run.

    Returns:
        Our median and the reference's.
    """
    pairs = [(plain(), ours()) for _ in range(rounds)]
    return statistics.median(one[1] for one in pairs), statistics.median(one[0] for one in pairs)


def tell(bench: str, figures: Sequence[Figure], *, as_json: bool) -> int:
    """Print the figures as a table, or as one line of JSON.

    Args:
        bench: its name.
        figures: what was measured.
        as_json: one JSON object instead of the table.

    Returns:
        Exit code: 0 when every target holds.
    """
    ok = all(figure.holds for figure in figures)
    if as_json:
        sys.stdout.write(json.dumps(_facts(bench, figures, ok=ok)) + "\n")
        return 0 if ok else 1
    table = Table(title=f"bench {bench}")
    for column in ("figure", "value", "reference", "ratio", "target", ""):
        table.add_column(column, justify="left" if column in ("figure", "") else "right")
    for one in figures:
        target = f"{_short(one.target)}" if one.target is not None else ""
        share = f"≥ {one.target_ratio:.2f} ×" if one.target_ratio is not None else ""
        table.add_row(
            one.name,
            _short(one.value),
            f"{_short(one.reference)} {one.plain}" if one.reference else "–",
            f"{one.ratio:.2f}" if one.ratio else "–",
            " ".join(filter(None, (target, share))) or "–",
            "ok" if one.holds else "MISSED",
        )
    Console().print(table)
    return 0 if ok else 1


def _facts(bench: str, figures: Sequence[Figure], *, ok: bool) -> dict[str, object]:
    return {
        "bench": bench,
        "figures": {one.name: round(one.value, 3) for one in figures},
        "reference": {one.name: round(one.reference, 3) for one in figures if one.reference is not None},
        "ratio": {one.name: round(one.ratio, 3) for one in figures if one.ratio is not None},
        "target": {
            one.name: one.target if one.target is not None else {"ratio": one.target_ratio}
            for one in figures
            if one.target is not None or one.target_ratio is not None
        },
        "ok": ok,
    }


def _short(value: float | None) -> str:
    return "–" if value is None else (f"{value:,.0f}" if value >= 100 else f"{value:,.3f}")
