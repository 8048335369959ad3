"""A draw by lot, repeated from its published file: the arithmetic of `core.draw` written a second time, alone.

The file says the seed, what of it stood in the log before the frame was closed, the frame, and the result. This module
needs nothing but Python itself and can be run by anybody, without this system: `python draw.py FILE`.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

_MARK = "tonnebook draw 1"


def check(published: dict[str, Any]) -> list[str]:
    """Say what of a published draw does not hold; nothing when it is right.

    Args:
        published: the file of the draw, read from JSON.
    """
    problems = []
    if hashlib.sha256(bytes.fromhex(published["seed"])).hexdigest() != published["commitment"]:
        problems.append("the seed is not the one that was committed to / 种子与承诺不符")
    frame = sorted(published["frame"], key=lambda one: one["code"])
    if _digest(frame) != published["frame_digest"]:
        problems.append("the frame is not the one its digest says / 名单与其摘要不符")
    if _result(published["kind"], published["seed"], frame, int(published["count"])) != published["result"]:
        problems.append("the seed and the frame give another result / 按种子和名单得出的结果不同")
    return problems


def run(path: Path) -> int:
    """Check a file, print what was found, and give the exit code: 0 when the draw is right.

    Args:
        path: of the published file.
    """
    try:
        published = json.loads(path.read_text(encoding="utf-8"))
        problems = check(published)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stdout.write(f"{path}: not the file of a draw / 不是抽签文件 ({error!r})\n")
        return 2
    told = f"draw {published['draw']} / 抽签: {len(published['result'])} of {len(published['frame'])}"
    sys.stdout.write("".join(f"{problem}\n" for problem in problems) or f"ok  {told}\n")
    return 1 if problems else 0


def _result(kind: str, seed: str, frame: list[dict[str, Any]], count: int) -> list[list[str]]:
    digest = _digest(frame)
    tickets = {
        one["code"]: min(_ticket(seed, digest, one["code"], nth) for nth in range(int(one["weight"]))) for one in frame
    }
    served = sorted(tickets, key=lambda code: (tickets[code], code))
    if kind == "RECHECKS":
        return [[code] for code in served[:count]]
    load: dict[str, int] = {}
    drawn: dict[str, str] = {}
    bodies = {one["code"]: one["bodies"] for one in frame}
    for code in served:
        ranked = [(load.get(body, 0), _ticket(seed, digest, f"{code}/{body}", 0), body) for body in bodies[code]]
        drawn[code] = min(ranked)[2]
        load[drawn[code]] = load.get(drawn[code], 0) + 1
    return [[code, drawn[code]] for code in sorted(drawn)]


# Canonical JSON (RFC 8785) of what a frame holds: names in order, no spaces, integers as decimal text.
def _digest(frame: list[dict[str, Any]]) -> str:
    plain = [{"bodies": one["bodies"], "code": one["code"], "weight": str(one["weight"])} for one in frame]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _ticket(seed: str, frame: str, name: str, nth: int) -> str:
    return hashlib.sha256(f"{_MARK}\n{seed}\n{frame}\n{name}\n{nth}".encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
