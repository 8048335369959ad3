"""The witness as a small web server: one address, `POST /add-checkpoint`, and its key at `/`."""

import os
import secrets
import sys
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tonnebook_audit import notes
from tonnebook_witness.state import State, write_durably
from tonnebook_witness.witness import Answer, Cosigner, Witness

BODY_BYTES_MAX = 100_000
READ_SECONDS_MAX = 10


class Server(ThreadingHTTPServer):
    """A server that answers for one witness."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], cosigner: Cosigner, witness: Witness) -> None:
        super().__init__(address, _Handler)
        self.cosigner, self.witness = cosigner, witness


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = READ_SECONDS_MAX

    def do_GET(self) -> None:
        self._answer(Answer(200, f"{self.server.cosigner.verifier_key}\n") if self.path == "/" else Answer(404))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= BODY_BYTES_MAX):
            self.close_connection = True
            self._answer(Answer(413))
            return
        body = self.rfile.read(int(length))
        known = self.path == "/add-checkpoint"
        self._answer(self.server.witness.add_checkpoint(body, seconds=int(time.time())) if known else Answer(404))

    def log_message(self, format: str, *args: object) -> None:
        sys.stderr.write(f"{self.address_string()} {format % args}\n")

    def _answer(self, answer: Answer) -> None:
        data = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve(*, listen: str, state: Path, name: str, logs: Sequence[str]) -> int:
    """Serve a witness until somebody ends it.

    Args:
        listen: address and port.
        state: file of the heads it has signed; its key lies beside it, made at the first start.
        name: of the witness, as in its signature lines.
        logs: public keys of the logs it signs for.

    Returns:
        Exit code: 1 when it cannot start, and says why.
    """
    host, _, port = listen.rpartition(":")
    keys = [notes.read_key(log) for log in logs]
    if not notes.is_name(name) or not logs or not all(key and key.kind == notes.ED25519 for key in keys):
        return _refuse("名称或日志公钥不正确。", "the name, or the key of a log, is not well-formed.")
    state.parent.mkdir(parents=True, exist_ok=True)
    try:
        remembered = State(state)
    except BlockingIOError:
        return _refuse(f"{state} 正被另一个见证程序使用。", f"{state} is used by another witness.")
    except (ValueError, KeyError, TypeError, AttributeError):
        return _refuse(f"{state} 已损坏，请恢复备份。", f"{state} is damaged; restore it, a witness must not forget.")
    cosigner = Cosigner(name, _seed(state.with_name(state.name + ".key")))
    witness = Witness(cosigner, remembered, [key for key in keys if key])
    with Server((host or "127.0.0.1", int(port)), cosigner, witness) as server:
        sys.stdout.write(f"见证程序已就绪 · the witness is ready: http://{listen} {cosigner.verifier_key}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            remembered.close()
    return 0


def _seed(path: Path) -> bytes:
    if not path.exists():
        write_durably(path, secrets.token_hex(32) + os.linesep)
    return bytes.fromhex(path.read_text(encoding="utf-8").strip())


def _refuse(zh: str, en: str) -> int:
    sys.stderr.write(f"见证程序：{zh}\nwitness: {en}\n")
    return 1
