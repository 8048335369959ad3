"""A web process for tests that break or replace it: started as `./tonnebook up` does, with a clerk who books money."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.unit.registry.desk import EXCHANGE, NOW

from tonnebook.core.roles import SYSTEM, Role
from tonnebook.members import services as members

_SMALL = {"TONNEBOOK_DATABASE_POOL": "1", "TONNEBOOK_WEB_THREADS": "2"}


class Web:
    """The web process as `./tonnebook up` starts it, on a port of its own."""

    def __init__(self, surroundings: dict[str, str], source: Path | None = None) -> None:
        """Start it, of this version or of the one in a folder; it answers a moment later."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--no-ws"]
        granian += ["--port", str(self.port), "--workers", "1", "--blocking-threads", "2", "--log-level", "error"]
        self.process = subprocess.Popen(
            [*granian, "tonnebook.wsgi:application"],
            env={**surroundings, **({"PYTHONPATH": str(source)} if source else {}), **_SMALL},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if request(self.port, "GET", "/health") == 200:
                    return
            time.sleep(0.02)
        pytest.fail("the web process does not answer")

    def kill(self) -> None:
        """Kill it and its workers outright."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def register_clerk() -> None:
    """Register a clerk of the exchange in the current database."""
    draft = members.PersonDraft("clerk", "职员", "Clerk", EXCHANGE, (Role.EXCHANGE_STAFF,), "a long password")
    members.register_people(SYSTEM, drafts=[draft], key="clerk", now=NOW)


def signed_in(web: Web) -> dict[str, str]:
    """Sign the clerk in, as a browser does, and give the headers of the session."""
    token = "t" * 32
    headers = {
        "Cookie": f"csrftoken={token}",
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = urlencode({"username": "clerk", "password": "a long password"})
    with closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)) as connection:
        connection.request("POST", "/sign-in", form, headers)
        with connection.getresponse() as response:
            assert response.status == 302
            cookies = SimpleCookie("; ".join(response.headers.get_all("Set-Cookie") or []))
    # A session gets a new token; the form and the cookie only have to carry the same one.
    return headers | {"Cookie": f"sessionid={cookies['sessionid'].value}; csrftoken={token}"}


def post(web: Web, account: str, number: int, headers: dict[str, str]) -> int:
    """Post the form that books money on an account; return the status."""
    amount = {"amount": f"{100 + number}.00", "shown_amount_fen": str(100 * (100 + number))}
    body = urlencode({**amount, "bank_reference": f"W-{number}", "key": f"web-{number}"})
    return request(web.port, "POST", f"/registry/accounts/{account}/cash-in", body, headers)


def request(port: int, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> int:
    """Ask the web process and return the status."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body, headers or {})
        with connection.getresponse() as response:
            return response.status
