"""What programs do at their start: settle what they have loaded, and refuse to serve a market they are not fit for.

Two guards are asked by whatever serves. No real market runs on default secrets; a database with the mark of a demo may.
And all processes run the same program with the same settings, those that `prepare` has kept. Each shortcoming is told
in both languages, with what to do.
"""

import functools
import gc
import sys

from django.conf import settings
from django.db import DatabaseError

from tonnebook.core import deployment
from tonnebook.core.deployment import Deployment
from tonnebook.journal import artefact
from tonnebook.journal import queries as journal

# Python looks for garbage in circles after so many new objects. A step of the engine, a bulk or a page makes tens of
# thousands, and hardly a circle; looked for as often as usual, among all that a program has loaded, that costs a sixth
# of the engine's time.
CIRCLES_AFTER = 200_000


@functools.cache
def settle_memory() -> None:
    """Leave what the program has loaded out of the search for garbage, and search less often; once is enough."""
    gc.freeze()
    gc.set_threshold(CIRCLES_AFTER)


def check() -> None:
    """Ask both guards.

    Raises:
        SystemExit: 1 when this process may not serve.
    """
    refuse_defaults()
    refuse_another()


def refuse_another() -> None:
    """End the process where the database is served by another program, or with other settings.

    Raises:
        SystemExit: 1 when it is; a database that nothing was ever prepared for takes any.

    Source: design choice, no legal source (invariant O6).
    """
    own = (artefact.artefact(), artefact.config())
    kept = journal.artefact()
    if kept in {None, own}:
        return
    zh, en = ("程序", "program") if kept[0] != own[0] else ("配置", "settings")
    sys.stderr.write(
        f"碳账本：本进程的{zh}与该数据库在用的不一致。停下其他进程，用本版本运行 ./tonnebook prepare，再启动。\n"
    )
    sys.stderr.write(
        f"tonnebook: the {en} of this process are not those that serve the database. Stop the other processes, run "
        "./tonnebook prepare with this version, and start again.\n"
    )
    raise SystemExit(1)


def refuse_defaults() -> None:
    """End the process, with one sentence per shortcoming, where a real market would run on default secrets.

    Raises:
        SystemExit: 1 when anything must be changed first.
    """
    if _is_demo():
        return
    found = deployment.shortcomings(described())
    for one in found:
        sys.stderr.write(f"碳账本：{one.zh}\ntonnebook: {one.en}\n")
    if found:
        raise SystemExit(1)


def described() -> Deployment:
    """Describe this deployment by its settings."""
    database = settings.DATABASES["default"]
    return Deployment(
        secret_key=settings.GIVEN_SECRET_KEY,
        log_seed=settings.LOG_SEED,
        database_password=str(database["PASSWORD"]),
        is_local_database=str(database["HOST"]) == "" or str(database["HOST"]).startswith("/"),
        debug=settings.DEBUG,
        hosts=tuple(settings.ALLOWED_HOSTS),
        https=settings.HTTPS,
        plain_http=settings.PLAIN_HTTP,
    )


# A database that does not answer may be a real one: then the settings must do.
def _is_demo() -> bool:
    try:
        return journal.clock().is_demo
    except DatabaseError:
        return False
