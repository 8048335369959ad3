"""Draws by lot: repeated by a script of its own, blind to order and wishes, true to weights, even among bodies."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import tonnebook_audit.draw as second
from tonnebook.core import draw
from tonnebook.core.draw import DrawRefusal, Name
from tonnebook.core.errors import Refused

SEED = "07" * 32
BODIES = ("BODY1", "BODY2", "BODY3")
FRAME = tuple(Name(f"E{number:02d}", 1 + number % 4, BODIES[: 1 + number % 3]) for number in range(30))


def published(kind: str = "VERIFIERS", count: int = 30) -> dict[str, object]:
    if kind == "VERIFIERS":
        result = [[code, body] for code, body in sorted(draw.assign(SEED, FRAME).items())]
    else:
        result = [[code] for code in draw.select(SEED, FRAME, count)]
    return {
        "draw": "DR-1",
        "kind": kind,
        "seed": SEED,
        "commitment": draw.commitment(SEED),
        "frame": draw.published_frame(FRAME),
        "frame_digest": draw.frame_digest(FRAME),
        "count": count,
        "result": result,
    }


@pytest.mark.parametrize(("kind", "count"), [("VERIFIERS", 30), ("RECHECKS", 7)])
def test_a_script_that_knows_nothing_of_this_system_gives_the_same_list(tmp_path: Path, kind: str, count: int) -> None:
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(published(kind, count)), encoding="utf-8")
    script = Path(second.__file__)
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(file)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout[:3]) == (0, "ok ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", "08" * 32),
        ("frame_digest", "0" * 64),
        ("result", [["E01", "BODY1"]]),
        ("frame", draw.published_frame(FRAME[1:])),
    ],
)
def test_the_script_finds_whatever_was_changed(field: str, value: object) -> None:
    assert second.check(published()) == []
    assert second.check({**published(), field: value})


def test_the_script_says_what_is_no_draw_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "draw.json"
    file.write_text("[]", encoding="utf-8")
    assert second.run(file) == 2
    file.write_text(json.dumps({**published(), "seed": "00" * 32}), encoding="utf-8")
    assert second.run(file) == 1
    assert "committed" in capsys.readouterr().out


def test_the_order_of_the_frame_changes_nothing_and_any_other_change_everything() -> None:
    assert draw.order(SEED, FRAME[::-1]) == draw.order(SEED, FRAME)
    fewer = [code for code in draw.order(SEED, FRAME) if code != FRAME[0].code]
    assert draw.order(SEED, FRAME[1:]) != fewer


def test_bodies_get_an_even_share_and_only_what_they_may() -> None:
    frame = [Name(f"E{number}", 1, BODIES) for number in range(31)]
    assert sorted(Counter(draw.assign(SEED, frame).values()).values()) == [10, 10, 11]
    assert all(
        body in {name.code: name.bodies for name in FRAME}[code] for code, body in draw.assign(SEED, FRAME).items()
    )


def test_a_heavier_name_is_drawn_more_often_in_proportion() -> None:
    frame = [Name("HEAVY", 4), *(Name(f"L{number}") for number in range(4))]
    first = Counter(draw.order(f"{seed:064x}", frame)[0] for seed in range(2000))
    # Four balls of eight: 1000 expected, 22 the deviation of one standard error.
    assert 900 < first["HEAVY"] < 1100


def test_a_sample_has_nobody_twice_and_never_more_than_the_frame() -> None:
    assert len(set(draw.select(SEED, FRAME, 99))) == len(FRAME)
    assert draw.select(SEED, FRAME, 5) == draw.order(SEED, FRAME)[:5]


@pytest.mark.parametrize(
    ("code", "frame"),
    [
        (DrawRefusal.NOTHING_TO_DRAW, []),
        (DrawRefusal.WEIGHT_UNFIT, [Name("E1", 0, BODIES)]),
        (DrawRefusal.WEIGHT_UNFIT, [Name("E1", draw.WEIGHT_MAX + 1, BODIES)]),
        (DrawRefusal.NOBODY_FREE, [Name("E1")]),
    ],
)
def test_a_frame_that_cannot_be_drawn_from_is_refused(code: DrawRefusal, frame: list[Name]) -> None:
    with pytest.raises(Refused) as refused:
        draw.assign(SEED, frame)
    assert refused.value.code is code
