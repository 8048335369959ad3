"""What a witness remembers: for each log the latest head it signed, in one file that survives a fall of the machine."""

import fcntl
import json
import os
from pathlib import Path

from tonnebook_audit.notes import Head


class State:
    """The latest head of every log, on disk before anybody hears of it.

    The file is replaced as a whole: written beside, synced, renamed, and the folder synced. A lock file keeps a second
    witness away from it for as long as this one lives.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or begin one; a `BlockingIOError` says that another witness uses it."""
        self._path = path
        self._lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise
        self._heads = _read(path)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._lock)

    def latest(self, origin: str) -> Head | None:
        """Give the latest head signed for a log, or None before the first."""
        return self._heads.get(origin)

    def keep(self, head: Head) -> None:
        """Remember a head; when this returns, it is on the disk."""
        heads = {**self._heads, head.origin: head}
        data = {name: {"size": one.size, "root": one.root.hex()} for name, one in sorted(heads.items())}
        write_durably(self._path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        self._heads = heads


def write_durably(path: Path, text: str) -> None:
    """Replace a file so that after a fall of the machine it is the old one or the new one, whole."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> dict[str, Head]:
    # A file that cannot be read is no reason to forget: the witness does not start.
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    return {name: Head(name, int(one["size"]), bytes.fromhex(one["root"])) for name, one in data.items()}
