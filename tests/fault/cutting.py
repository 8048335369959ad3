"""A proxy that cuts a line after so many bytes, as bad networks do: in the middle of a word, on either way."""

import contextlib
import selectors
import socket
import threading
from pathlib import Path
from typing import Self

_CHUNK = 4096


class CuttingProxy:
    """Passes bytes on between whoever connects here and a server, until it is told to cut.

    Args:
        target: address and port of the server, or the path of its socket.
        listen: path of the socket to listen at; without one, a free port of this machine.

    Attributes:
        address: where it listens, as `target` is written.
        passed: bytes passed on since the last call of `cut_after`.
        cuts: lines cut so far.
    """

    def __init__(self, target: tuple[str, int] | Path, listen: Path | None = None) -> None:
        self._target = target
        self._door = socket.socket(socket.AF_UNIX if listen else socket.AF_INET)
        self._door.bind(str(listen) if listen else ("127.0.0.1", 0))
        self._door.listen(64)
        self.address: tuple[str, int] | Path = listen or self._door.getsockname()
        self.passed, self.cuts = 0, 0
        self._left: int | None = None
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        """Give the proxy, which listens already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more; lines that stand end with their threads."""
        self._door.close()

    def cut_after(self, count: int | None) -> None:
        """Cut the line that carries the byte of this number from now on, once; None cuts none."""
        with self._lock:
            self._left, self.passed = count, 0

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_INET if isinstance(self._target, tuple) else socket.AF_UNIX)
            far.connect(self._target if isinstance(self._target, tuple) else str(self._target))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with near, far, selectors.DefaultSelector() as ready, contextlib.suppress(OSError):
            for line in other:
                ready.register(line, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    line = next(one for one in other if one is key.fileobj)
                    if not (told := line.recv(_CHUNK)):
                        return
                    allowed = self._allowed(len(told))
                    other[line].sendall(told[:allowed])
                    if allowed < len(told):
                        return

    # How many of so many bytes may pass; fewer than all when the line is to be cut here.
    def _allowed(self, count: int) -> int:
        with self._lock:
            if self._left is None or self._left >= count:
                self._left = None if self._left is None else self._left - count
                self.passed += count
                return count
            allowed, self._left = self._left, None
            self.cuts += 1
            return allowed
