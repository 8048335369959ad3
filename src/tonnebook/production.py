"""The guard at the start: a database without the mark of a demo is not served with default secrets.

`prepare`, `worker` and the web process ask it first; each shortcoming is told in both languages, with the name of the
setting and what to do.
"""

import sys

from django.conf import settings
from django.db import DatabaseError

from tonnebook.core import deployment
from tonnebook.core.deployment import Deployment
from tonnebook.journal import queries as journal


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
