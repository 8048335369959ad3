"""The real stream process on the database of a test."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from django.db import connection

_START_SECONDS = 60


@contextmanager
def streaming() -> Iterator[int]:
    """Run the stream for the length of a `with` block, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    place = connection.get_connection_params()
    address = f"postgresql://{place['user']}:{place['password']}@/{place['dbname']}?host={place['host']}"
    public = os.environ["TONNEBOOK_PUBLIC_RO_DATABASE_URL"].replace("/tonnebook?", f"/{place['dbname']}?")
    own = {
        "TONNEBOOK_STREAM_PORT": str(port),
        "TONNEBOOK_DATABASE_URL": address,
        "TONNEBOOK_PUBLIC_RO_DATABASE_URL": public,
    }
    line = [sys.executable, "-m", "tonnebook.cli", "stream"]
    with subprocess.Popen(line, env={**os.environ, **own}) as process:
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _is_up(port):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()


def _is_up(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asked, suppress(OSError):
        asked.request("GET", "/health")
        return asked.getresponse().read() == b"ok"
    return False
