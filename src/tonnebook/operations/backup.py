"""Copy the database while it runs, and go on copying what it writes."""

import contextlib
import hashlib
import json
import os
import subprocess
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tonnebook.core import periods
from tonnebook.journal import queries as journal
from tonnebook.operations import servers
from tonnebook.operations.servers import OperationError

BASE, WAL, LABEL, LAST = "base", "wal", "backup.json", "last-backup.json"
# The server keeps what has not been copied yet under this name, so that nothing falls between two copies.
SLOT = "tonnebook_backup"


@dataclass(frozen=True, slots=True)
class Label:
    """What a backup says about itself.

    Attributes:
        made_at: ISO instant of its beginning.
        log_size: leaves that were numbered then; a restored log must have at least as many.
        log_root: root over them, hexadecimal.
    """

    made_at: str
    log_size: int
    log_root: str


def make_backup(folder: Path, *, url: str, home: Path, now: datetime) -> Label:
    """Copy the whole database and check every file of the copy against its manifest.

    The keys of the data folder are not part of it: whoever has a backup cannot sign in the operator's name. Keep
    `secrets.json` apart from the copies, for a restore needs both.

    Args:
        folder: new or empty; receives `base/` and `backup.json`.
        url: address of the database for a role that may replicate.
        home: data folder, where the time of the last backup is noted for `doctor`.
        now: when.

    Returns:
        Its label.

    Raises:
        OperationError: when the folder holds something, or PostgreSQL refuses.
    """
    _take_folder(folder)
    checkpoint = journal.latest_checkpoint()
    label = Label(periods.iso(now), checkpoint.size if checkpoint else 0, checkpoint.root if checkpoint else "")
    line, secret = _address(url)
    base = folder / BASE
    command = [servers.program("pg_basebackup"), *line, f"--pgdata={base}", "--checkpoint=fast", "--wal-method=stream"]
    servers.run([*command, "--manifest-checksums=SHA256", "--no-password"], secrets=secret)
    verify_base(base)
    text = json.dumps(asdict(label), indent=1) + "\n"
    (folder / LABEL).write_text(text, encoding="utf-8")
    if home.is_dir():
        (home / LAST).write_text(text, encoding="utf-8")
    return label


def last_made_at(home: Path) -> datetime | None:
    """Tell when the last backup was made from here, or None when none is known."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return datetime.fromisoformat(json.loads((home / LAST).read_text(encoding="utf-8"))["made_at"])
    return None


def follow(folder: Path, *, url: str) -> subprocess.Popen[bytes]:
    """Go on copying what the database writes, until somebody ends the program that this starts.

    Args:
        folder: of a backup; the copies go to its `wal/`.
        url: as for `make_backup`.

    Returns:
        The running program; a commit counts as copied once it is on the disk there.

    Raises:
        OperationError: when PostgreSQL refuses.
    """
    (folder / WAL).mkdir(parents=True, exist_ok=True)
    line, secret = _address(url)
    command = [
        servers.program("pg_receivewal"),
        *line,
        f"--directory={folder / WAL}",
        f"--slot={SLOT}",
        "--no-password",
    ]
    servers.run([*command, "--create-slot", "--if-not-exists"], secrets=secret)
    return subprocess.Popen([*command, "--synchronous"], env={**os.environ, **secret})  # noqa: S603


def verify_base(base: Path) -> None:
    """Compare every file of a copy with the manifest that PostgreSQL wrote beside it.

    PostgreSQL's own `pg_verifybackup` does the same and more, but the embedded server's crashes. The write-ahead log
    is not in the manifest; the server checks it record by record when it recovers.

    Args:
        base: folder of the copy.

    Raises:
        OperationError: when the manifest was altered, or a file is missing, longer, shorter or altered.
    """
    try:
        text = (base / "backup_manifest").read_bytes()
        manifest = json.loads(text)
    except (OSError, ValueError):
        raise _damaged("backup_manifest") from None
    # The last line holds the digest of everything before it.
    before = text[: text.rindex(b'"Manifest-Checksum"')]
    if hashlib.sha256(before).hexdigest() != manifest["Manifest-Checksum"]:
        raise _damaged("backup_manifest")
    for one in manifest["Files"]:
        path = base / one["Path"]
        if not path.is_file() or path.stat().st_size != one["Size"]:
            raise _damaged(one["Path"])
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != one["Checksum"]:
                raise _damaged(one["Path"])


def _damaged(name: str) -> OperationError:
    return OperationError(f"备份已损坏：{name}。请使用另一份备份。", f"the copy is damaged: {name}; use another one.")


def read_label(folder: Path) -> Label:
    """Read what a backup says about itself.

    Raises:
        OperationError: when the folder holds no finished backup.
    """
    try:
        return Label(**json.loads((folder / LABEL).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise OperationError(
            f"{folder} 不是完整的备份（缺少 {LABEL}）。", f"{folder} is no finished backup ({LABEL} is missing)."
        ) from None


def _take_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(one.name != WAL for one in folder.iterdir()):
        raise OperationError(
            f"{folder} 不是空目录，请为每份备份另选一个目录。",
            f"{folder} is not empty; choose a new folder for each backup.",
        )


def _address(url: str) -> tuple[list[str], dict[str, str]]:
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    line = [f"--host={host}", f"--username={unquote(parts.username or '')}"]
    line += [f"--port={parts.port}"] if parts.port else []
    return line, {"PGPASSWORD": unquote(parts.password or "")}
