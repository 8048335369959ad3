"""A look at everything a running system needs, each with what to do when it is not well."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError, connections

from tonnebook import scratch
from tonnebook.journal import guards, services
from tonnebook.journal import queries as journal
from tonnebook.market import queries
from tonnebook.market.services import leases
from tonnebook.operations import backup

DISK_BYTES_MIN = 2 * 1024**3
# The integrator comes every ten seconds and the auditor every night.
LEAVES_WAITING_MAX = 10_000
AUDIT_AGE_MAX = timedelta(hours=36)
SENDING_AGE_MAX = timedelta(minutes=5)
CLOCK_SKEW_MAX = timedelta(seconds=30)
BACKUP_AGE_MAX = timedelta(days=7)


class Health(StrEnum):
    """How something is: well, to be looked at, or broken."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `zh` and `en` say what was found and, if it is not well, what to do."""

    subject: str
    health: Health
    zh: str
    en: str


def examine(*, now: datetime) -> list[Finding]:
    """Look at disk, keys, database, guards, clock, log, jobs, outbox and engines.

    Args:
        now: time of the host, to compare the database's with.

    Returns:
        One finding for each, in this order; what needs the database is left out when there is none.
    """
    findings = [_disk(), _keys()]
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        said = str(error).strip().splitlines()[0]
        return [
            *findings,
            Finding("database", Health.FAIL, f"连不上数据库：{said}", f"the database cannot be reached: {said}"),
        ]
    findings.append(Finding("database", Health.OK, "数据库可用。", "the database answers."))
    return [*findings, *(look(now) for look in _LOOKS)]


def _disk() -> Finding:
    free = shutil.disk_usage(settings.HOME if settings.HOME.exists() else settings.REPOSITORY).free
    gib = f"{free / 1024**3:.1f}"
    if free < DISK_BYTES_MIN:
        return Finding(
            "disk", Health.WARN, f"磁盘只剩 {gib} GiB，请清理。", f"only {gib} GiB of disk are left; make room."
        )
    return Finding("disk", Health.OK, f"磁盘剩余 {gib} GiB。", f"{gib} GiB of disk are free.")


def _keys() -> Finding:
    path = settings.HOME / "secrets.json"
    if not path.exists():
        return Finding("keys", Health.OK, "密钥由环境变量给出。", "the keys come from the environment.")
    if path.stat().st_mode & 0o077:
        return Finding(
            "keys",
            Health.FAIL,
            f"他人可读 {path.name}，请执行 chmod 600。",
            f"others can read {path.name}; chmod 600 it.",
        )
    return Finding("keys", Health.OK, "密钥文件仅属主可读。", "only its owner can read the file of keys.")


def _schema(now: datetime) -> Finding:
    del now
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        found = cursor.fetchone()
    if found != (scratch.schema_digest(),):
        return Finding(
            "schema",
            Health.FAIL,
            "数据库结构与程序版本不符，请运行 ./tonnebook prepare。",
            "the tables are not those of this version; run ./tonnebook prepare.",
        )
    return Finding("schema", Health.OK, "数据库结构与程序一致。", "the tables are those of this version.")


def _guards(now: datetime) -> Finding:
    del now
    lacking = sorted(_lacking_triggers())
    if lacking:
        named = ", ".join(lacking)
        return Finding(
            "guards",
            Health.FAIL,
            f"以下数据表的防护触发器缺失或被停用：{named}；请查明原因后运行 ./tonnebook prepare。",
            f"the guards of {named} are missing or switched off; find out why, then run ./tonnebook prepare.",
        )
    return Finding("guards", Health.OK, "数据库防护触发器齐全。", "every guard stands in the database.")


def _lacking_triggers() -> Iterator[str]:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgenabled <> 'D'"
        )
        there = set(cursor.fetchall())
    yield from (table for table in guards.insert_only_tables() if (table, "journal_insert_only") not in there)
    yield from (table for table in guards.book_tables() if (table, "journal_book_update") not in there)


def _clock(now: datetime) -> Finding:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs(cursor.fetchone()[0] - now)
    seconds = f"{skew.total_seconds():.0f}"
    if skew > CLOCK_SKEW_MAX:
        return Finding(
            "clock",
            Health.WARN,
            f"数据库时钟与本机相差 {seconds} 秒；期限以数据库时间为准，请校时。",
            f"the database's clock is {seconds} s off this host's; deadlines follow the database, so set the clocks.",
        )
    return Finding("clock", Health.OK, "时钟一致。", "the clocks agree.")


def _log(now: datetime) -> Finding:
    del now
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_waiting JOIN journal_leaf USING (txid) WHERE id >= leaf_from")
        (waiting,) = cursor.fetchone()
    if waiting > LEAVES_WAITING_MAX:
        return Finding(
            "log",
            Health.WARN,
            f"有 {waiting} 条记录等待编号：后台任务（worker）是否在运行？",
            f"{waiting} leaves wait for a number: is the worker running?",
        )
    return Finding(
        "log", Health.OK, f"日志正常（{waiting} 条等待编号）。", f"the log goes on ({waiting} leaves waiting)."
    )


def _audit(now: datetime) -> Finding:
    last = journal.latest_audit()
    if last is None:
        return Finding(
            "audit", Health.WARN, "尚无审计结果，请运行 ./tonnebook audit。", "no audit yet; run ./tonnebook audit."
        )
    if last.breaks:
        count = len(last.breaks)
        return Finding(
            "audit",
            Health.FAIL,
            f"上次审计发现 {count} 处不符，请立即查看审计页面。",
            f"the last audit found {count} breaks; look at the page of the audit now.",
        )
    if services.now() - last.at > AUDIT_AGE_MAX:
        return Finding(
            "audit", Health.WARN, "上次审计已久，夜间任务是否在运行？", "the last audit is old: do the jobs run?"
        )
    return Finding("audit", Health.OK, "上次审计无不符。", "the last audit found no break.")


def _jobs(now: datetime) -> Finding:
    del now
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        (failed,) = cursor.fetchone()
    if failed:
        return Finding(
            "jobs",
            Health.WARN,
            f"{failed} 个后台任务失败，请查看 worker 的日志。",
            f"{failed} jobs have failed; look at what the worker wrote.",
        )
    return Finding("jobs", Health.OK, "没有失败的后台任务。", "no job has failed.")


def _outbox(now: datetime) -> Finding:
    del now
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*), min(created_at) FROM journal_outbox WHERE sent_at IS NULL")
        unsent, oldest = cursor.fetchone()
    if unsent and services.now() - oldest > SENDING_AGE_MAX:
        return Finding(
            "outbox",
            Health.WARN,
            f"{unsent} 条消息尚未发出，最早一条已超过五分钟。",
            f"{unsent} messages have not left, the oldest for more than five minutes.",
        )
    return Finding("outbox", Health.OK, f"{unsent} 条消息待发。", f"{unsent} messages are waiting to leave.")


def _engines(now: datetime) -> Finding:
    del now
    regions = queries.regions()
    without = ", ".join(region for region in regions if not leases.is_held(region))
    if without:
        return Finding(
            "engines",
            Health.WARN,
            f"以下市场没有撮合引擎：{without}，委托由各页面逐笔处理；请运行 ./tonnebook engines。",
            f"no engine is at work on {without}; pages carry out orders one by one. Run ./tonnebook engines.",
        )
    named = ", ".join(regions) or "—"
    return Finding("engines", Health.OK, f"撮合引擎在运行：{named}。", f"every market has its engine: {named}.")


def _backup(now: datetime) -> Finding:
    made_at = backup.last_made_at(settings.HOME)
    if made_at is None:
        return Finding(
            "backup",
            Health.WARN,
            "本机未见备份，请运行 ./tonnebook backup 目录。",
            "no backup is known here; run ./tonnebook backup FOLDER.",
        )
    if now - made_at > BACKUP_AGE_MAX:
        days = (now - made_at).days
        return Finding("backup", Health.WARN, f"上次备份在 {days} 天前。", f"the last backup is {days} days old.")
    return Finding("backup", Health.OK, f"上次备份：{made_at:%Y-%m-%d}。", f"the last backup is of {made_at:%Y-%m-%d}.")


_LOOKS: tuple[Callable[[datetime], Finding], ...] = (
    _schema,
    _guards,
    _clock,
    _log,
    _audit,
    _jobs,
    _outbox,
    _engines,
    _backup,
)
