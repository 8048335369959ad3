"""The programs of PostgreSQL and of the launcher, for commands that work around a database rather than in it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from django.conf import settings


class OperationError(Exception):
    """Why a backup, a restore or a look at the server did not succeed, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        """Take both sentences."""
        super().__init__(f"{zh}\n    {en}")


def launcher() -> ModuleType:
    """Load the launcher as a module: it knows how to lock a data folder and to start a server on it."""
    loader = SourceFileLoader("tonnebook_launcher", str(settings.REPOSITORY / "tonnebook"))
    spec = importlib.util.spec_from_loader("tonnebook_launcher", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tonnebook_launcher"] = module
    loader.exec_module(module)
    return module


def program(name: str) -> str:
    """Find a program of PostgreSQL: the embedded server's own, or the one on the path beside another server.

    Raises:
        OperationError: when there is none.
    """
    launch = launcher()
    try:
        return str(launch.server_program(name))
    except launch.Stop:
        found = shutil.which(name)
    if found is None:
        raise OperationError(
            f"找不到程序 {name}，请安装 PostgreSQL。", f"there is no program {name}; install PostgreSQL."
        )
    return found


def run(line: Sequence[str], *, secrets: Mapping[str, str] | None = None) -> None:
    """Run a program to its end.

    Args:
        line: program and arguments; passwords never stand among them.
        secrets: environment variables for it alone.

    Raises:
        OperationError: when it fails, with the last line of what it said.
    """
    done = subprocess.run(line, env={**os.environ, **(secrets or {})}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["?"])[-1]
        name = Path(line[0]).name
        raise OperationError(f"{name} 失败：{said}", f"{name} failed: {said}")
