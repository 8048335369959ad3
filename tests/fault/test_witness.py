"""The witness is killed at random moments: whatever it has signed can be proved to be one log that only grew.

The short form kills it twenty times; TONNEBOOK_WITNESS_KILLS=1000 is the long one.
"""

import http.client
import os
import random
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.witness.witnessed import COSIGNER, FORKED, LOG, TREE, request

from tonnebook.core import merkle

KILLS = int(os.environ.get("TONNEBOOK_WITNESS_KILLS", "20"))
SEED = int(os.environ.get("TONNEBOOK_FAULT_SEED", "20260101"))

pytestmark = pytest.mark.fault


class Killed:
    """A witness in a process of its own, on a file that outlives it."""

    def __init__(self, state: Path) -> None:
        """Start it and wait until it listens."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        arguments = {"listen": f"127.0.0.1:{self.port}", "name": COSIGNER.name, "logs": [LOG.verifier_key]}
        serve = f"server.serve(state=pathlib.Path({str(state)!r}), **{arguments!r})"
        line = [sys.executable, "-c", f"import pathlib; from tonnebook_witness import server; {serve}"]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout is not None
        assert b"ready" in self.process.stdout.readline()

    def ask(self, body: bytes) -> tuple[int, str]:
        """Send one request."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            connection.request("POST", "/add-checkpoint", body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def pester(asked: Killed, tree: merkle.Tree, signed: list[int], chance: random.Random) -> None:
    """Ask for ever later heads of one tree until the witness is gone, and note every size it signed."""
    old_size = 0
    try:
        while True:
            size = min(len(tree), old_size + chance.randint(0, 3))
            status, text = asked.ask(request(old_size, size, tree))
            if status == 200:
                signed.append(size)
                old_size = size
            elif status == 409:
                old_size = int(text)
            else:
                return
    except (OSError, http.client.HTTPException):
        return


def test_a_killed_witness_has_signed_one_log_only(tmp_path: Path) -> None:
    print(f"seed {SEED}, {KILLS} kills; TONNEBOOK_FAULT_SEED and TONNEBOOK_WITNESS_KILLS change them")
    chance = random.Random(SEED)  # noqa: S311 - moments, not secrets
    true, forged = list[int](), list[int]()
    for _ in range(KILLS):
        asked = Killed(tmp_path / "state.json")
        threads = [
            threading.Thread(target=pester, args=(asked, tree, signed, random.Random(chance.random())))  # noqa: S311
            for tree, signed in ((TREE, true), (FORKED, forged), (TREE, true))
        ]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.01, 0.15))
        asked.kill()
        for thread in threads:
            thread.join(timeout=30)
    # The two logs part at their third leaf: heads beyond it of both were never signed.
    beyond = [[size for size in signed if size > 2] for signed in (true, forged)]
    assert not (beyond[0] and beyond[1])
    assert max(true + forged) > 2
