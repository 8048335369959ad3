"""The page about the API: its examples run as they stand, against a server over the network."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from tests.unit.web import program as programs
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER

from tonnebook.core.api_keys import Scope
from tonnebook.journal import services as journal

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


class Quiet(WSGIRequestHandler):
    """Serves without a word."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(fresh_database: str, settings: Settings) -> Iterator[dict[str, str]]:
    """A server of a demo town, and the environment the examples expect."""
    # Served as it is deployed; the module wants a database as soon as it is loaded.
    from tonnebook.wsgi import application

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    program = programs.program_of(town, "red")
    secret = programs.secret_of(town, "red", Scope.READ_ACCOUNTS)
    journal.integrate(now=towns.NOW)
    journal.publish_checkpoint(now=towns.NOW)
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as served:

        def serve() -> None:
            served.serve_forever(poll_interval=0.05)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield {
            "PATH": os.environ["PATH"],
            "TONNEBOOK": f"http://127.0.0.1:{served.server_port}",
            "TONNEBOOK_SECRET": secret,
            "TONNEBOOK_KEY": program.number,
            "TONNEBOOK_SEED": program.private.private_bytes_raw().hex(),
        }
        served.shutdown()
        thread.join()


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_examples_run_as_they_stand(server: dict[str, str]) -> None:
    (client,) = examples("python")
    done = subprocess.run([sys.executable, "-c", client], env=server, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith(RED_RIVER)
    commands = [line for block in examples("sh") for line in block.splitlines()]
    assert len(commands) == 5
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine: install the package curl")
    for command in commands:
        answer = subprocess.run(["sh", "-c", command], env=server, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout
        assert json.loads(answer.stdout)
