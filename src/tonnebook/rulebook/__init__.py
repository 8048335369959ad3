"""The rule book: every number, word and date of the law, by region, with its source and how sure we are of it.

Rooms ask `rulebook.at("shanghai", on=day, year=2026)` and read the answer through `core.rules.RulesAt`. Files are read
once per process. This package does *not* decide anything and does *not* know the database: plans that officers adopt
are handed in as texts.
"""

import functools
from collections.abc import Sequence
from datetime import date

from tonnebook.core import periods
from tonnebook.core.methods import MethodSet
from tonnebook.core.rules import RulesAt
from tonnebook.rulebook import loader
from tonnebook.rulebook.reading import Problem, RuleFileError

__all__ = ["Problem", "RuleFileError", "at", "calendar", "digest", "overlay", "own_paths", "regions", "sets", "word"]

_LANGUAGES = {"zh": 0, "en": 1}


def at(region: str, *, on: date, year: int | None = None, overlays: Sequence[str] = ()) -> RulesAt:
    """Give the rules of a region as they stand on one day for one compliance year.

    Args:
        region: region code, one of `regions()`.
        on: the day, in the region's zone.
        year: compliance year, where one is meant.
        overlays: YAML texts of plans laid over the files; later ones win.

    Returns:
        The immutable tree; equal arguments give the same object.

    Raises:
        LookupError: when there is no such region.
        RuleFileError: when a file or an overlay is not well formed.
    """
    return _at(region, on, year, tuple(overlays))


def regions() -> tuple[str, ...]:
    """List the regions the rule book knows: national, shanghai, tianjin, eu."""
    return loader.regions()


@functools.cache
def calendar(region: str) -> periods.Calendar:
    """Give the working-day calendar of a region, all years together.

    Source: S61, the State Council's yearly notices; the status of each year stands at `calendar.*`.
    """
    return loader.calendar_of(loader.book(region).leaves)


@functools.cache
def word(region: str, code: str, language: str) -> str:
    """Give a word of the field as a region says it.

    Args:
        region: region code.
        code: code word, such as "covered_entity"; paths `words.<code>` hold "中文 | English".
        language: "zh" or "en".

    Raises:
        Refused: NO_SUCH_PARAMETER when the rule book has no such word.
        KeyError: when the language is neither.
    """
    return at(region, on=date.max).words(f"words.{code}")[_LANGUAGES[language]]


def sets(region: str) -> tuple[MethodSet, ...]:
    """List the guides of a region, its own before those it inherits: which methods a report of a sector sums."""
    return loader.methods_of(region).sets


def digest(region: str, *, overlays: Sequence[str] = ()) -> str:
    """Give the SHA-256 (hex) over all parameters of a region with overlays, as `RulesAt.digest` has it."""
    return loader.book(region, tuple(overlays)).digest


def own_paths(region: str) -> frozenset[str]:
    """Give the paths of the parameters that stand in a region's own files, those it inherits left out."""
    return frozenset(loader.own(region))


def overlay(region: str, year: int) -> str:
    """Give the text of the scenario plan that ships for a region and compliance year.

    Raises:
        LookupError: when none ships.
    """
    file = loader.overlay_file(region, year)
    if not file.is_file():
        raise LookupError(f"no plan ships for {region} {year} / 没有随附{region} {year}年度的方案")
    return file.read_text(encoding="utf-8")


@functools.lru_cache(maxsize=4096)
def _at(region: str, on: date, year: int | None, overlays: tuple[str, ...]) -> RulesAt:
    book = loader.book(region, overlays)
    return RulesAt(region, on, year, book.leaves, book.digest, book.methods.versions)
