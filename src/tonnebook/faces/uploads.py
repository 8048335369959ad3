"""Take files from people: what a file is and how large is looked at here, all else in a process of its own.

The content never meets a parser in this process: `faces.sandbox` runs as a script with 512 MB and 20 s, and answers
in JSON. Whatever keeps it from answering is a refusal as well.
"""

import hashlib
import json
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeAlias, cast

from tonnebook.core import uploads
from tonnebook.core.errors import Refused
from tonnebook.core.uploads import UploadKind, UploadRefusal
from tonnebook.faces import sandbox

Cell: TypeAlias = "str | int | float | bool | date | None"
Sheets: TypeAlias = Mapping[str, list[list[Cell]]]

# By the wall; the child counts its own seconds of work as well.
WAIT_SECONDS = sandbox.SECONDS_MAX
_SIGN_CATEGORIES_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Given(Protocol):
    """A file as Django hands it over, or one opened from disk."""

    @property
    def name(self) -> str | None:
        """What the sender calls it."""

    @property
    def size(self) -> int | None:
        """How many bytes it has."""

    def read(self, size: int = -1, /) -> bytes:
        """Give its bytes."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has passed every check.

    Attributes:
        name: last part of the sender's name for it, normalised.
        kind: told from its content.
        sha256: of the content, 64 hexadecimal digits.
        size: bytes.
        content: the bytes.
    """

    name: str
    kind: UploadKind
    sha256: str
    size: int
    content: bytes


def accept(file: Given, *, kinds: frozenset[UploadKind]) -> Upload:
    """Take a file in after every check.

    Args:
        file: what was handed in.
        kinds: what may be handed in here.

    Returns:
        The file.

    Raises:
        Refused: a code of `UploadRefusal`, naming the file and what to do.

    Source: design choice, no legal source (invariant E8).
    """
    upload = _looked_at(file, kinds)
    _ask(upload)
    return upload


def accept_text(file: Given, *, endings: tuple[str, ...]) -> tuple[Upload, str]:
    """Take a plain text in after every check.

    Args:
        file: what was handed in.
        endings: what its name may end with, such as ".yaml".

    Returns:
        The file, and its text.

    Raises:
        Refused: a code of `UploadRefusal`, naming the file and what to do.

    Source: design choice, no legal source (invariant E8).
    """
    # By its content a text is told as a table is: nothing but signs that people read. No parser is needed for that.
    upload = _looked_at(file, frozenset({UploadKind.CSV}), endings)
    try:
        return upload, upload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(UploadRefusal.FILE_NOT_UTF8, file=upload.name) from error


def accept_workbook(file: Given) -> tuple[Upload, Sheets]:
    """Take a workbook in after every check, and give its cells.

    Args:
        file: what was handed in.

    Returns:
        The file, and by sheet its rows; a cell is text, a number, yes or no, a day, an instant without zone, or None.

    Raises:
        Refused: a code of `UploadRefusal`, naming the file and what to do.

    Source: design choice, no legal source (invariant E8).
    """
    upload = _looked_at(file, frozenset({UploadKind.XLSX}))
    sheets = cast(Mapping[str, list[list[object]]], _ask(upload, "cells")["sheets"])
    return upload, {name: [[_cell(cell) for cell in row] for row in rows] for name, rows in sheets.items()}


def _looked_at(file: Given, kinds: frozenset[UploadKind], endings: tuple[str, ...] = ()) -> Upload:
    name = _name_of(file.name or "")
    # One byte more than allowed is read, whatever the sender says of the size.
    content = b"" if (file.size or 0) > uploads.BYTES_MAX else file.read(uploads.BYTES_MAX + 1)
    if (file.size or 0) > uploads.BYTES_MAX or len(content) > uploads.BYTES_MAX:
        raise Refused(UploadRefusal.FILE_TOO_LARGE, file=name, limit=uploads.BYTES_MAX >> 20)
    if not content:
        raise Refused(UploadRefusal.FILE_EMPTY, file=name)
    kind = uploads.kind_of(content[:1024])
    if kind is None or kind not in kinds:
        raise Refused(UploadRefusal.FILE_KIND_NOT_TAKEN, file=name, kinds=", ".join(sorted(kinds)))
    if PurePosixPath(name).suffix.lower() not in (endings or uploads.ENDINGS[kind]):
        raise Refused(UploadRefusal.FILE_ENDING_DIFFERS, file=name, kind=kind.value)
    return Upload(name, kind, hashlib.sha256(content).hexdigest(), len(content), content)


def _name_of(given: str) -> str:
    name = unicodedata.normalize("NFKC", given).replace("\\", "/").rpartition("/")[2].strip()
    is_unfit = any(unicodedata.category(sign) in _SIGN_CATEGORIES_UNSEEN for sign in name) or name.strip(". ") == ""
    if is_unfit or len(name) > uploads.NAME_LENGTH_MAX:
        raise Refused(UploadRefusal.FILE_NAME_UNFIT, length=uploads.NAME_LENGTH_MAX)
    return name


def opened_apart(kind: UploadKind, content: bytes, *more: str) -> dict[str, object] | None:
    """Open a file in a process of its own.

    Args:
        kind: what it is.
        content: its bytes.
        more: "cells" to be given the cells of a workbook.

    Returns:
        What `faces.sandbox` says of it; None when that process gave no answer within its limits.

    Source: design choice, no legal source (invariant E8).
    """
    program = [sys.executable, "-I", "-B", str(Path(sandbox.__file__)), kind.value, *more]
    try:
        done = subprocess.run(  # noqa: S603  our own program, no shell, nothing of the sender among the arguments
            program, input=content, capture_output=True, timeout=WAIT_SECONDS, env={}, check=True
        )
        return cast(dict[str, object], json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError):
        return None


def _ask(upload: Upload, *more: str) -> dict[str, object]:
    told = opened_apart(upload.kind, upload.content, *more)
    if told is None:
        raise _refused("FILE_TOO_DEMANDING", upload)
    if "refused" in told:
        raise _refused(str(told["refused"]), upload)
    return told


def _refused(code: str, upload: Upload) -> Refused:
    facts = {
        "file": upload.name,
        "kind": upload.kind.value,
        "limit": uploads.UNPACKED_BYTES_MAX >> 20,
        "members": uploads.MEMBERS_MAX,
        "ratio": uploads.RATIO_MAX,
        "pixels": uploads.PIXELS_MAX,
    }
    refusal = UploadRefusal[code]
    places = refusal.sentence.en
    return Refused(refusal, **{name: value for name, value in facts.items() if f"{{{name}}}" in places})


def _cell(cell: object) -> Cell:
    if isinstance(cell, dict):
        return date.fromisoformat(cell["on"]) if "on" in cell else datetime.fromisoformat(cell["at"])
    return cast(Cell, cell)
