"""The commands of whoever runs the system: `backup`, `restore` and `doctor`."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from tonnebook.journal import services as journal
from tonnebook.operations import backup, doctor, restore
from tonnebook.operations.servers import OperationError


def run_backup(folder: Path, *, followed: bool) -> int:
    """Make a backup and, when asked, go on copying until somebody ends it.

    Args:
        folder: new or empty.
        followed: whether to go on.

    Returns:
        Exit code.
    """
    url = settings.BACKUP_URL
    try:
        # What is written from now on is kept by the server, so nothing falls between the two copies.
        following = backup.follow(folder, url=url) if followed else None
        label = backup.make_backup(folder, url=url, home=settings.HOME, now=journal.now())
    except OperationError as reason:
        return _refuse(reason)
    _say(f"备份完成：{folder}（日志 {label.log_size} 条）。 The backup is made: {folder} ({label.log_size} leaves).")
    if following is None:
        return 0
    _say("继续复制，按 Ctrl-C 结束。 Copying goes on until Ctrl-C.")
    return following.wait()


def run_restore(folder: Path, *, until: datetime | None) -> int:
    """Restore a backup and tell what came back.

    Args:
        folder: of the backup.
        until: stop at this instant, None for everything.

    Returns:
        Exit code.
    """
    try:
        restored = restore.restore_backup(folder, until=until)
    except OperationError as reason:
        return _refuse(reason)
    _say(f"已恢复并通过检查，用时 {restored.seconds:.0f} 秒：日志 {restored.log_size} 条，根 {restored.log_root}。")
    _say(f"Restored and proven in {restored.seconds:.0f} s: {restored.log_size} leaves, root {restored.log_root}.")
    if restored.before:
        _say(f"原有数据保留在 {restored.before}。 What stood there before is kept in {restored.before}.")
    return 0


def run_doctor(*, as_json: bool) -> int:
    """Look at the system and tell how it is.

    Args:
        as_json: one JSON object instead of lines to read.

    Returns:
        Exit code: 1 when something is broken; what only wants looking at gives 0.
    """
    findings = doctor.examine(now=datetime.now(UTC))
    if as_json:
        _say(json.dumps({"findings": [asdict(one) for one in findings]}, ensure_ascii=False))
    else:
        for one in findings:
            _say(f"{one.health.value:<4}  {one.subject:<10} {one.zh} {one.en}")
    return 1 if any(one.health is doctor.Health.FAIL for one in findings) else 0


def _refuse(reason: OperationError) -> int:
    sys.stderr.write(f"{reason}\n")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
