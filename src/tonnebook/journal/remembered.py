"""The last checkpoint, remembered outside the database: a database that is behind it must not be opened (D2).

A restored backup, or a disk that lost what it had acknowledged, would otherwise go on from an older log and sign a
second one beside that which the public holds.
"""

import contextlib
import os
from pathlib import Path

from django.conf import settings
from django.db import connection

from tonnebook.journal import queries, tiles, witnesses
from tonnebook.journal.outside import Unreachable
from tonnebook.journal.queries import CheckpointRow
from tonnebook.journal.witnesses import Send
from tonnebook_audit import notes


class Behind(Exception):
    """The log of this database is not the one that was published last; says in both languages what to do."""


def path() -> Path:
    """Give the file of this database's last checkpoint."""
    return Path(settings.HOME) / "checkpoints" / f"{connection.settings_dict['NAME']}.note"


def keep(checkpoint: CheckpointRow) -> None:
    """Remember a published checkpoint: on the disk, whole, before this returns."""
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(checkpoint.note)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def forget() -> None:
    """Forget it, when a demo database is made anew."""
    path().unlink(missing_ok=True)


def check(*, send: Send = witnesses.send) -> None:
    """Refuse a database whose log is behind what is known outside of it, or another one.

    Args:
        send: how witnesses are asked; one that does not answer says nothing.

    Raises:
        Behind: when the file or a witness knows a longer log, or another log of the same length.

    Source: design choice, no legal source.
    """
    size = queries.log_size()
    if path().exists():
        _check_file(path().read_text(encoding="utf-8"), size)
    for witness in witnesses.configured():
        with contextlib.suppress(Unreachable, witnesses.Refusing):
            known = witnesses.size_known(witness, send=send)
            if known > size:
                raise _behind(f"见证人 {witness.name}", f"the witness {witness.name}", known, size)


def _check_file(text: str, size: int) -> None:
    note, key = notes.read_note(text), notes.read_key(queries.signer().verifier_key)
    head = notes.read_head(note) if note else None
    if note is None or head is None or key is None or not note.is_signed_by(key):
        raise Behind(
            f"{path()} 不是本日志签名的检查点：请核对 TONNEBOOK_LOG_SEED 与数据目录是否属于同一系统。\n"
            f"{path()} is no checkpoint signed by this log: see that TONNEBOOK_LOG_SEED and the data belong together."
        )
    if head.size > size:
        raise _behind(f"文件 {path()}", f"the file {path()}", head.size, size)
    if tiles.log_of(head.size).root() != head.root:
        raise Behind(
            f"数据库的日志与 {path()} 所记的不是同一本：请恢复正确的备份，不要启用本数据库。\n"
            f"The log of the database is not the one that {path()} knows: restore the right backup."
        )


def _behind(zh: str, en: str, known: int, size: int) -> Behind:
    return Behind(
        f"数据库的日志只有 {size} 条，而{zh}已记到 {known} 条：这是较旧的备份。请恢复更新的备份并重放归档的 WAL；"
        "确已丢失时，先公告，再移走该文件。\n"
        f"The log of the database has {size} entries, but {en} knows {known}: this is an older backup. Restore a newer "
        "one and replay the archived WAL; if the rest is lost for good, tell the public first, then move the file away."
    )
