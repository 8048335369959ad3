"""A PostgreSQL of the system's own serves as well as the embedded one: two roles, two addresses, no other setting."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.fault import machine

OLDEST_MAJOR = 15
SERVERS = [
    folder
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if int(folder.parent.name) >= OLDEST_MAJOR and (folder / "initdb").exists()
]
# A part of the suite that posts, races, commits and rolls back; what one role may do to itself is not asked.
PART = ["tests/unit/registry/test_services.py", "tests/unit/market/test_orders.py", "tests/fault/test_double_spend.py"]

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(not SERVERS, reason="no PostgreSQL 15 or newer in /usr/lib/postgresql"),
]


@pytest.fixture
def address() -> Iterator[str]:
    """Run a server with a role that owns and one that works; give the address of its database, without them."""
    programs, launcher = SERVERS[0], machine.launcher()
    prefix = launcher.as_nobody()
    with tempfile.TemporaryDirectory(prefix="tonnebook-other-") as home:
        folder, data = Path(home), Path(home) / "pg"
        for path in (folder, data):
            path.mkdir(exist_ok=True)
            launcher.give(path, prefix)
        initdb: list[str | Path] = [
            programs / "initdb",
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        subprocess.run([*prefix, *initdb, "-D", data], check=True, capture_output=True)
        server = subprocess.Popen(
            [*prefix, programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
            stderr=subprocess.DEVNULL,
        )
        try:
            while subprocess.run([programs / "pg_isready", "-q", "-h", folder]).returncode:
                assert server.poll() is None
            role = ["CREATE ROLE market LOGIN CREATEDB PASSWORD 'market'", "GRANT pg_signal_backend TO market"]
            role += ["CREATE ROLE market_app LOGIN PASSWORD 'market_app'"]
            for statement in (*role, "CREATE DATABASE market OWNER market"):
                psql: list[str | Path] = [programs / "psql", "-q", "-h", folder, "-U", "postgres", "-c", statement]
                subprocess.run(psql, check=True)
            yield f"@/market?host={quote(str(folder), safe='')}"
        finally:
            server.terminate()
            server.wait()
            shutil.rmtree(data, ignore_errors=True)


def test_a_part_of_the_suite_passes_on_the_systems_own_postgresql(address: str) -> None:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("TONNEBOOK_", "PYTEST_"))}
    surroundings["TONNEBOOK_OWNER_DATABASE_URL"] = f"postgresql://market:market{address}"
    surroundings["TONNEBOOK_DATABASE_URL"] = f"postgresql://market_app:market_app{address}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PART]
    root = machine.LAUNCHER.parent
    done = subprocess.run(command, env=surroundings, cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
