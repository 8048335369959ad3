"""Bring a backup back: into a folder of its own first, and to its place only when its books and its log hold."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from tonnebook.operations import backup, servers
from tonnebook.operations.servers import OperationError

_TRIAL = "restored"
_PATIENCE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    Attributes:
        log_size: numbered leaves.
        log_root: root over them, hexadecimal.
        leaves: leaves in all, with those that wait for a number.
        before: where the data that stood there before is kept, None when there was none.
        seconds: how long it took, from the first file to the data in place.
    """

    log_size: int
    log_root: str
    leaves: int
    before: Path | None
    seconds: float


def restore_backup(folder: Path, *, until: datetime | None = None) -> Restored:
    """Restore a backup with everything that was copied after it, prove it, and put it in the place of the data.

    Args:
        folder: of the backup, with `base/`, `backup.json` and, if it was followed, `wal/`.
        until: stop at this instant; None brings back everything.

    Returns:
        What came back.

    Raises:
        OperationError: when tonnebook is running, the copy is damaged, its keys are missing, or what comes back does
            not hold: the auditor finds a break, or the log is shorter than one that has been shown outside. The data
            that stands there stays as it is then.
    """
    begun, label = time.monotonic(), backup.read_label(folder)
    launch = servers.launcher()
    home: Path = launch.open_home()
    _take_lock(launch, home)
    if not (home / "secrets.json").exists():
        raise OperationError(
            f"{home} 中没有 secrets.json：请先放回与备份分开保管的密钥文件。",
            f"there is no secrets.json in {home}; first put back the keys that are kept apart from the copies.",
        )
    backup.verify_base(folder / backup.BASE)
    trial = home / _TRIAL
    shutil.rmtree(trial, ignore_errors=True)
    _lay_out(folder, trial, until)
    shutil.copy2(home / "secrets.json", trial / "secrets.json")
    _hand_over(launch, trial)
    found = _prove(launch, home, trial, label)
    before = _put_in_place(home, trial)
    took = time.monotonic() - begun
    return Restored(int(found["log_size"]), str(found["log_root"]), int(found["leaves"]), before, took)


def _take_lock(launch: Any, home: Path) -> None:
    try:
        launch.take_lock(home)
    except launch.Stop as reason:
        zh, _, en = str(reason).partition("\n")
        raise OperationError(zh, en.strip()) from None


def _lay_out(folder: Path, trial: Path, until: datetime | None) -> None:
    data = trial / "pg"
    shutil.copytree(folder / backup.BASE, data)
    data.chmod(0o700)
    wal = folder / backup.WAL
    if not wal.is_dir():
        return
    copies = trial / "wal"
    copies.mkdir()
    for segment in sorted(wal.iterdir()):
        # The last one is still being written when the copying ends; what is in it counts as well.
        shutil.copy2(segment, copies / segment.name.removesuffix(".partial"))
    lines = [f'restore_command = \'cp "{copies}/%f" "%p"\'', "recovery_target_timeline = 'latest'"]
    if until is not None:
        lines += [f"recovery_target_time = '{until.isoformat()}'", "recovery_target_action = 'promote'"]
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    (data / "recovery.signal").touch()


def _hand_over(launch: Any, trial: Path) -> None:
    # Where the server runs as another user, that user must own its files.
    prefix = launch.as_nobody()
    for path in (trial, *trial.rglob("*")):
        launch.give(path, prefix)


def _prove(launch: Any, home: Path, trial: Path, label: backup.Label) -> Mapping[str, Any]:
    crew = launch.Crew()
    try:
        socket = launch.start_server(crew, trial, durable=True)
        surroundings = launch.environment(home, str(socket))
        _await_recovery(surroundings["TONNEBOOK_OWNER_DATABASE_URL"])
        # Migrations, the roles' grants and the comparison with the last checkpoint shown outside.
        _step([*launch.CLI, "prepare"], surroundings)
        found: dict[str, Any] = json.loads(_step([*launch.CLI, "audit", "--json"], surroundings))
        with psycopg.connect(surroundings["TONNEBOOK_AUDIT_DATABASE_URL"]) as connection:
            row = connection.execute("SELECT count(*) FROM journal_leaf").fetchone()
            found["leaves"] = row[0] if row else 0
        if found["log_size"] < label.log_size:
            raise OperationError(
                f"恢复后的账本只有 {found['log_size']} 条，备份时已有 {label.log_size} 条。",
                f"the restored log has {found['log_size']} leaves; at the time of the backup it had {label.log_size}.",
            )
        return found
    finally:
        crew.dismiss()


def _await_recovery(url: str) -> None:
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            if row == (False,):
                return
        except psycopg.OperationalError:
            pass  # still starting
        if time.monotonic() > ends_at:
            raise OperationError("恢复没有结束。", "the recovery does not end.")
        time.sleep(0.1)


def _step(line: list[str], surroundings: Mapping[str, str]) -> str:
    done = subprocess.run(line, env={**os.environ, **surroundings}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-2_000:]
        raise OperationError(
            f"恢复的数据未通过检查，原有数据未动：{said}",
            f"what was restored does not hold; the data in place is untouched: {said}",
        )
    return done.stdout


def _put_in_place(home: Path, trial: Path) -> Path | None:
    before = None
    if (home / "pg").exists():
        before = home / f"pg-before-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
        (home / "pg").rename(before)
    (trial / "pg").rename(home / "pg")
    shutil.rmtree(trial)
    return before
