"""The Chinese sentences of pages: collected from templates and code, kept in one catalogue, compiled with Babel.

English sentences are the message ids. A new sentence enters the catalogue empty; the tests fail until somebody has
written its Chinese.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import templatize

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_noop": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
}
# The header carries no moment of writing, so that the same sentences give the same file.
_NO_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_STRING = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_CALL = re.compile(rf"(?:\bn?gettext|(?<!\w)_)\(\s*{_STRING}(?:\s*,\s*{_STRING}\s*,\s*\w+)?\s*\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Gaps:
    """What the catalogue lacks.

    Attributes:
        missing: sentences of templates and code that the catalogue does not know.
        empty: sentences without Chinese.
        fuzzy: sentences whose Chinese somebody must look at again.
        obsolete: sentences nobody uses any more.
        is_stale: whether the compiled file is not what the catalogue says.
    """

    missing: tuple[str, ...]
    empty: tuple[str, ...]
    fuzzy: tuple[str, ...]
    obsolete: tuple[str, ...]
    is_stale: bool

    def __bool__(self) -> bool:
        """Say whether anything is lacking."""
        return bool(self.missing or self.empty or self.fuzzy or self.obsolete or self.is_stale)


def collect(package: Path = PACKAGE) -> Catalog:
    """Collect every sentence of templates and code, without translations."""
    found = _catalogue()
    for path in sorted([*package.rglob("*.html"), *package.rglob("*.txt"), *package.rglob("*.py")]):
        source = path.read_text(encoding="utf-8")
        code = source if path.suffix == ".py" else _calls_only(source)
        name = path.relative_to(package).as_posix()
        for line, message, _comments, _context in extract("python", _stream(code), keywords=_KEYWORDS):
            found.add(message, locations=[(name, line)])
    return found


def refresh() -> Catalog:
    """Bring the catalogue up to the templates and the code, keep all Chinese that is there, and compile it."""
    collected = collect()
    written = _catalogue()
    known = read()
    for message in sorted(_messages(collected), key=lambda one: _id(one.id)):
        old = known.get(message.id)
        written.add(message.id, old.string if old else "", locations=message.locations, flags=old.flags if old else ())
    with CATALOGUE.open("wb") as file:
        write_po(file, written, width=0, include_lineno=False, sort_output=False)
    COMPILED.write_bytes(compiled(written))
    return written


def read() -> Catalog:
    """Read the catalogue; an empty one where there is none yet."""
    if not CATALOGUE.exists():
        return Catalog(locale="zh_Hans")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def compiled(catalogue: Catalog) -> bytes:
    """Compile a catalogue as Django reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def gaps() -> Gaps:
    """Find what the catalogue lacks."""
    catalogue, collected = read(), collect()
    known = {_id(message.id): message for message in _messages(catalogue)}
    used = {_id(message.id) for message in _messages(collected)}
    return Gaps(
        missing=tuple(sorted(used - known.keys())),
        empty=tuple(sorted(name for name, message in known.items() if not _is_filled(message.string))),
        fuzzy=tuple(sorted(name for name, message in known.items() if message.fuzzy)),
        obsolete=tuple(sorted(known.keys() - used)),
        is_stale=not COMPILED.exists() or COMPILED.read_bytes() != compiled(catalogue),
    )


def _catalogue() -> Catalog:
    return Catalog(
        locale="zh_Hans",
        project="tonnebook",
        version="1",
        header_comment="# The Chinese of the pages; `./tonnebook messages` keeps the sentences up to date.",
        last_translator="tonnebook",
        language_team="tonnebook",
        msgid_bugs_address="",
        creation_date=_NO_MOMENT,
        revision_date=_NO_MOMENT,
        fuzzy=False,
    )


def _messages(catalogue: Catalog) -> Iterator:  # type: ignore[type-arg]
    return (message for message in catalogue if message.id)


def _id(identity: str | tuple[str, ...] | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _is_filled(text: str | tuple[str, ...] | list[str]) -> bool:
    return bool(text) if isinstance(text, str) else all(text)


def _calls_only(template: str) -> str:
    # Django turns a template into something like Python; the calls alone, each on its own line, are Python.
    code = templatize(template)
    lines: list[str] = []
    for call in _CALL.finditer(code):
        at = code.count("\n", 0, call.start())
        lines.extend("" for _ in range(at - len(lines)))
        lines.append(" ".join(call.group(0).split("\n")) if "\\n" not in call.group(0) else call.group(0))
    return "\n".join(lines) + "\n"


def _stream(code: str) -> BinaryIO:
    return io.BytesIO(code.encode())
