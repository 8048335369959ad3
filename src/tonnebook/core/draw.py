"""Draws by lot (抽签) that anybody can repeat: who verifies whom, and whom a re-check meets.

A seed is drawn and its SHA-256 stands in the public log before the frame (everybody who can be drawn) is closed. With
the frame closed the seed is published, and the draw is arithmetic: every name gets a ticket, the SHA-256 over the
seed, the digest of the frame and the name, and tickets are served in order. Whoever knew the seed beforehand cannot aim
with the frame either, for any change of the frame changes every ticket. A name of weight w holds w tickets and its
lowest counts, as if an urn held w balls of it. `tonnebook_audit.draw` is the same arithmetic written a second time.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tonnebook.core import canonical
from tonnebook.core.errors import Refusal, Refused, Sentence

SEED_BYTES = 32
# What the hash begins with, so that no other use of the same seed gives the same tickets.
_MARK = "tonnebook draw 1"


class DrawKind(StrEnum):
    """What is drawn."""

    VERIFIERS = "VERIFIERS"
    RECHECKS = "RECHECKS"


class DrawRefusal(Refusal):
    """Why a draw is not announced, held or found, in order of precedence."""

    NO_SUCH_DRAW = Sentence(
        zh="没有编号为 {draw} 的抽签。", en="There is no draw {draw}.", article="design choice", status=404
    )
    DRAW_OPEN_ALREADY = Sentence(
        zh="{year}年度的同类抽签（{draw}）已公布而尚未举行，请先完成该次抽签。",
        en="Draw {draw} of {year} is announced and not held yet; hold that one first.",
        article="design choice",
    )
    ALREADY_DRAWN = Sentence(
        zh="抽签 {draw} 已经举行，结果不可更改。",
        en="Draw {draw} has been held; its result cannot be changed.",
        article="S06 Art. 31",
    )
    NOTHING_TO_DRAW = Sentence(
        zh="名单为空，无可抽取。",
        en="The frame is empty; there is nothing to draw.",
        article="design choice",
    )
    NOBODY_FREE = Sentence(
        zh="没有可独立核查 {entity} 的机构，请先充实名录。",
        en="No body on the register may verify {entity}; admit one first.",
        article="S65",
    )
    WEIGHT_UNFIT = Sentence(
        zh="“{name}”的权重 {weight} 不在 1 至 {most} 之间。",
        en="The weight {weight} of {name} is not between 1 and {most}.",
        article="design choice",
        status=422,
    )


# Tickets per name at most: enough to prefer the risky, few enough to hash (design choice, no legal source).
WEIGHT_MAX = 20


@dataclass(frozen=True, slots=True)
class Name:
    """One of the frame.

    Attributes:
        code: such as a unified social credit code; no other of the frame has it.
        weight: tickets, 1 to `WEIGHT_MAX`.
        bodies: who may be drawn for it, where bodies are drawn.
    """

    code: str
    weight: int = 1
    bodies: tuple[str, ...] = ()


def commitment(seed: str) -> str:
    """Give what stands in the log before the frame is closed: SHA-256 over the seed, hexadecimal.

    Args:
        seed: 64 hexadecimal digits.

    Source: design choice, no legal source (invariant C6).
    """
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def frame_digest(frame: Sequence[Name]) -> str:
    """Give the digest of a frame, whatever order it is handed in.

    Raises:
        Refused: NOTHING_TO_DRAW or WEIGHT_UNFIT.

    Source: RFC 8785 (canonical JSON); invariant C6.
    """
    return canonical.digest(published_frame(frame))


def published_frame(frame: Sequence[Name]) -> list[dict[str, object]]:
    """Write a frame as it is published, in order of its codes.

    Raises:
        Refused: NOTHING_TO_DRAW or WEIGHT_UNFIT.

    Source: design choice, no legal source (invariant C6).
    """
    if not frame:
        raise Refused(DrawRefusal.NOTHING_TO_DRAW)
    for name in frame:
        if not 1 <= name.weight <= WEIGHT_MAX:
            raise Refused(DrawRefusal.WEIGHT_UNFIT, name=name.code, weight=name.weight, most=WEIGHT_MAX)
    return [
        {"code": name.code, "weight": name.weight, "bodies": sorted(name.bodies)}
        for name in sorted(frame, key=lambda one: one.code)
    ]


def order(seed: str, frame: Sequence[Name]) -> list[str]:
    """Put the whole frame in the order of its lowest tickets.

    Args:
        seed: 64 hexadecimal digits.
        frame: everybody who can be drawn, any order.

    Returns:
        Codes, first drawn first.

    Raises:
        Refused: NOTHING_TO_DRAW or WEIGHT_UNFIT.

    Source: S06 Art. 31 (双随机、一公开); the arithmetic is a design choice (invariant C6).
    """
    digest = frame_digest(frame)
    lowest = {name.code: min(_ticket(seed, digest, name.code, nth) for nth in range(name.weight)) for name in frame}
    return sorted(lowest, key=lambda code: (lowest[code], code))


def select(seed: str, frame: Sequence[Name], count: int) -> list[str]:
    """Draw some of a frame, none twice.

    Args:
        seed: 64 hexadecimal digits.
        frame: everybody who can be drawn.
        count: how many; the whole frame when it has no more.

    Returns:
        Codes, first drawn first.

    Raises:
        Refused: NOTHING_TO_DRAW or WEIGHT_UNFIT.

    Source: S06 Art. 31; invariant C6.
    """
    return order(seed, frame)[:count]


def assign(seed: str, frame: Sequence[Name]) -> dict[str, str]:
    """Draw a verification body for every company of a frame.

    Companies are served in the order of their tickets; each gets, of the bodies that may verify it, one with the
    fewest companies so far, and among those the one with the lowest ticket for this company.

    Args:
        seed: 64 hexadecimal digits.
        frame: companies, each with the bodies that are free to verify it.

    Returns:
        Body by company.

    Raises:
        Refused: NOTHING_TO_DRAW, WEIGHT_UNFIT; NOBODY_FREE for the first company by code that no body may verify.

    Source: S06 Art. 31; that bodies share the work evenly is a design choice (invariant C6).
    """
    digest, bodies = frame_digest(frame), _bodies(frame)
    load: Counter[str] = Counter()
    drawn: dict[str, str] = {}
    for code in order(seed, frame):
        chosen = min(bodies[code], key=lambda body: (load[body], _ticket(seed, digest, f"{code}/{body}", 0), body))
        load[chosen] += 1
        drawn[code] = chosen
    return drawn


def _bodies(frame: Sequence[Name]) -> Mapping[str, Collection[str]]:
    for name in sorted(frame, key=lambda one: one.code):
        if not name.bodies:
            raise Refused(DrawRefusal.NOBODY_FREE, entity=name.code)
    return {name.code: name.bodies for name in frame}


def _ticket(seed: str, frame: str, name: str, nth: int) -> str:
    return hashlib.sha256(f"{_MARK}\n{seed}\n{frame}\n{name}\n{nth}".encode()).hexdigest()
