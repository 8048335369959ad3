"""Geometry of the charts that templates write as SVG: whole pixels, no styles, no scripts.

A drawing carries the numbers it was made from, because every chart has a table twin and a sentence above it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

WIDTH = 640
LINE_HEIGHT = 200
_MARGIN = 12


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: what it is, tonnes, and where it lies in pixels."""

    kind: str
    quantity_t: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class GapBar:
    """Held, on its way and short, drawn against what was emitted.

    Attributes:
        emitted_t: what must be covered, tonnes.
        segments: HELD, PENDING and SHORT (or SURPLUS) in this order, without empty ones.
        mark_x: where the emitted amount ends.
    """

    emitted_t: int
    segments: tuple[Segment, ...]
    mark_x: int
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a line: the label, the value and its place."""

    label: str
    value: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of values over days, with the least and largest for the axis."""

    points: tuple[Point, ...]
    path: str
    least: int
    largest: int
    width: int = WIDTH
    height: int = LINE_HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, value, width, and whether it is drawn apart; label and value are written beside it."""

    label: str
    value: int
    width: int
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, the longest as wide as the drawing."""

    bars: tuple[Bar, ...]
    width: int = WIDTH


def gap_bar(*, emitted_t: int, held_t: int, pending_t: int = 0) -> GapBar:
    """Draw what is held and on its way against what was emitted (all in tonnes, >= 0)."""
    covered_t = min(held_t, emitted_t)
    pending_in_t = min(pending_t, emitted_t - covered_t)
    surplus_t = held_t + pending_t - covered_t - pending_in_t
    parts = [
        ("HELD", covered_t),
        ("PENDING", pending_in_t),
        ("SHORT", emitted_t - covered_t - pending_in_t),
        ("SURPLUS", surplus_t),
    ]
    whole_t = max(emitted_t + surplus_t, 1)
    segments, passed_t = [], 0
    for kind, quantity_t in parts:
        if quantity_t > 0:
            x = passed_t * WIDTH // whole_t
            passed_t += quantity_t
            segments.append(Segment(kind, quantity_t, x, max(passed_t * WIDTH // whole_t - x, 1)))
    return GapBar(emitted_t, tuple(segments), emitted_t * WIDTH // whole_t)


def line(values: Sequence[tuple[str, int]]) -> Line:
    """Draw a line through values in order; a flat line lies in the middle."""
    if not values:
        return Line((), "", 0, 0)
    numbers = [value for _, value in values]
    least, largest = min(numbers), max(numbers)
    span, steps = largest - least, max(len(values) - 1, 1)
    inner = LINE_HEIGHT - 2 * _MARGIN
    points = tuple(
        Point(
            label,
            value,
            _MARGIN + index * (WIDTH - 2 * _MARGIN) // steps,
            _MARGIN + ((largest - value) * inner // span if span else inner // 2),
        )
        for index, (label, value) in enumerate(values)
    )
    path = " ".join(f"{'L' if index else 'M'}{point.x} {point.y}" for index, point in enumerate(points))
    return Line(points, path, least, largest)


def bars(values: Sequence[tuple[str, int]], marked: Collection[str] = ()) -> Bars:
    """Draw one horizontal bar per value (>= 0), in the order given; those of marked labels apart from the others."""
    largest = max((value for _, value in values), default=0) or 1
    return Bars(tuple(Bar(label, value, max(value * WIDTH // largest, 1), label in marked) for label, value in values))
