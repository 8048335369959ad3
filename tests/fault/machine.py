"""A machine to break: a PostgreSQL of its own that syncs its disk, as `./tonnebook up` runs it, and a desk on it."""

import contextlib
import importlib.util
import os
import signal
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.db import connections

LAUNCHER = Path(__file__).resolve().parents[2] / "tonnebook"


def launcher() -> ModuleType:
    """Load the launcher as a module."""
    loader = SourceFileLoader("launcher", str(LAUNCHER))
    spec = importlib.util.spec_from_loader("launcher", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class Machine:
    """One PostgreSQL server that can be killed outright and started again.

    Attributes:
        surroundings: environment of a program that works on it, since its last start.
    """

    def __init__(self, home: Path) -> None:
        """Make the cluster and start it."""
        self.launcher, self.home = launcher(), home
        self.crew: Any = self.launcher.Crew()
        self.surroundings: dict[str, str] = {}
        self.start()

    def start(self) -> None:
        """Start the server, which recovers by itself, and point this process to it."""
        folder = self.launcher.start_server(self.crew, self.home, durable=True)
        self.surroundings = self.launcher.environment(self.home, str(folder))
        for alias, name in (
            ("default", "DATABASE_URL"),
            ("owner", "OWNER_DATABASE_URL"),
            ("audit", "AUDIT_DATABASE_URL"),
        ):
            parts = urlsplit(self.surroundings[f"TONNEBOOK_{name}"])
            place = {"HOST": parse_qs(parts.query)["host"][0], "PORT": "", "NAME": parts.path.lstrip("/")}
            connections[alias].close()
            connections[alias].settings_dict.update(
                place, USER=unquote(parts.username or ""), PASSWORD=unquote(parts.password or "")
            )

    def kill(self) -> None:
        """Kill the server and every process of it at once, as a power cut does."""
        server = self.crew.members.pop("PostgreSQL")
        for pid in [server.pid, *children(server.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        server.wait()


@contextlib.contextmanager
def running(home: Path) -> Iterator[Machine]:
    """Run a machine for the length of a `with` block; afterwards this process points to where it pointed before."""
    before = {alias: dict(connections[alias].settings_dict) for alias in connections}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    machine = Machine(home)
    try:
        yield machine
    finally:
        connections.close_all()
        for alias, place in before.items():
            connections[alias].settings_dict.update(place)
        machine.crew.dismiss()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def children(pid: int) -> list[int]:
    """List the processes a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
