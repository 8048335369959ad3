"""Errors of three kinds: refusals, invalid input and faults.

A *refusal* is the rules saying no: expected, readable, with its article. Each core module that refuses declares one
closed enum derived from `Refusal`; the order of declaration is the order of precedence. *Invalid input* is not even a
question and is a `ValueError`. A *fault* is a broken promise of our own and is never caught below the outermost face.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a refusal says, and on what ground.

    Attributes:
        zh: Chinese sentence; `{fact}` places are filled from the facts of the refusal.
        en: the same sentence in English, with the same places.
        article: source id and article (`docs/sources.md`), or "design choice".
        transient: whether the same request may succeed later without being changed.
        status: the HTTP status a face answers with (401, 403, 404, 409, 412, 422, 428, 429 or 503).
    """

    zh: str
    en: str
    article: str
    transient: bool = False
    status: int = 409


class Refusal(Enum):
    """Base of every closed refusal enum; members are `Sentence` values."""

    @property
    def sentence(self) -> Sentence:
        """The sentences, article and kind of this code."""
        value: Sentence = self.value
        return value


class Refused(Exception):
    """The rules say no.

    Attributes:
        code: a member of a `Refusal` enum.
        facts: the facts the sentences name; whole numbers, text and dates only.
    """

    def __init__(self, code: Refusal, **facts: object) -> None:
        """Build the refusal; facts fill the places of the sentences."""
        super().__init__(code.name)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        """Read as `CODE: English sentence`."""
        return f"{self.code.name}: {self.en}"

    @property
    def zh(self) -> str:
        """The Chinese sentence with its facts."""
        return self.code.sentence.zh.format(**self.facts)

    @property
    def en(self) -> str:
        """The English sentence with its facts."""
        return self.code.sentence.en.format(**self.facts)


class Fault(Exception):
    """A broken invariant or a bug: the transaction rolls back and the outermost face reports a number."""

    def __init__(self, invariant: str, **facts: object) -> None:
        """Name the invariant (`A2`, `D1`, …) and what was seen."""
        super().__init__(f"{invariant}: {facts}")
        self.invariant = invariant
        self.facts = facts


class Busy(Exception):
    """A lock or the database was not to be had in time; the caller may try again (503 with Retry-After)."""


def first(refusals: Iterable[Refused]) -> Refused | None:
    """Choose the refusal that takes precedence: the one declared earliest in its enum.

    Args:
        refusals: refusals of one enum, in any order.

    Returns:
        The first by declaration, or None when there is none.
    """
    return min(
        refusals, key=lambda refused: list(type(refused.code).__members__).index(refused.code.name), default=None
    )
