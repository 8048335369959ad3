"""Which program serves a database: hash of its files, and of the settings in which all processes must agree (O6)."""

import functools
import hashlib
import hmac

from django.conf import settings

from tonnebook.core import canonical


@functools.cache
def artefact() -> str:
    """Hash the program: every file of the package and the locked versions of what it uses."""
    lock = settings.REPOSITORY / "requirements" / "runtime.txt"
    files = sorted(path for path in settings.PACKAGE.rglob("*") if path.suffix in {".py", ".yaml"})
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in [*files, *lock.parent.glob(lock.name)]]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def config() -> str:
    """Hash the settings in which the processes must agree, keyed by one of them: nobody can try out the others."""
    agreed = {"log_seed": settings.LOG_SEED, "region": settings.REGION}
    return hmac.digest(settings.GIVEN_SECRET_KEY.encode(), canonical.text(agreed).encode(), "sha256").hex()
