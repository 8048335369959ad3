"""Geometry of the charts."""

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.faces import drawings

TONNES = st.integers(min_value=0, max_value=10**9)


@given(emitted_t=TONNES, held_t=TONNES, pending_t=TONNES)
def test_gap_bar_accounts_for_every_tonne(emitted_t: int, held_t: int, pending_t: int) -> None:
    bar = drawings.gap_bar(emitted_t=emitted_t, held_t=held_t, pending_t=pending_t)
    parts = {part.kind: part.quantity_t for part in bar.segments}
    short_t = max(emitted_t - held_t - pending_t, 0)
    assert parts.get("SHORT", 0) == short_t
    assert sum(parts.values()) == max(emitted_t, held_t + pending_t)


def test_gap_bar_shows_what_is_short_last() -> None:
    bar = drawings.gap_bar(emitted_t=100, held_t=60, pending_t=15)
    assert [(part.kind, part.quantity_t) for part in bar.segments] == [("HELD", 60), ("PENDING", 15), ("SHORT", 25)]
    assert bar.mark_x == drawings.WIDTH


def test_line_puts_the_largest_value_highest() -> None:
    drawn = drawings.line([("a", 10), ("b", 30), ("c", 20)])
    assert min(drawn.points, key=lambda point: point.y).label == "b"
    assert drawn.path.startswith("M")
    assert drawings.line([]).points == ()


def test_bars_are_as_long_as_their_values() -> None:
    drawn = drawings.bars([("steel", 200), ("glass", 100)])
    assert drawn.bars[0].width == 2 * drawn.bars[1].width
