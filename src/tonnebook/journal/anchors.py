"""Put the digest of a checkpoint down outside: in a file elsewhere, on a chain. The adapter is one method.

Who finds the digest there, with its date, knows that the log of that size existed then, without trusting this system.
Source: design choice, no legal source (feature L7).
"""

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

from tonnebook.journal import outside, queries
from tonnebook.journal.models import Anchor
from tonnebook.journal.outside import Unreachable
from tonnebook.journal.queries import CheckpointRow


class Sink(Protocol):
    """Somewhere outside where a digest is put down."""

    def put(self, checkpoint: CheckpointRow, digest: str) -> str:
        """Put a digest down for good and tell where it can be found; an `Unreachable` when that was not possible."""
        ...


class FileSink:
    """Lines added to a file, which lies on a disk or a share that others keep."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, checkpoint: CheckpointRow, digest: str) -> str:
        """Add one line and sync it; the reference is the place of the line in the file."""
        line = json.dumps({"at": checkpoint.at.isoformat(), "size": checkpoint.size, "digest": digest})
        try:
            with self._path.open("a", encoding="utf-8") as file:
                place = file.tell()
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unreachable(f"{self._path}: {error}") from error
        return f"{self._path.name}:{place}"


class WebSink:
    """An address that takes JSON and answers with a reference, as the gateways of chains do."""

    def __init__(self, address: str) -> None:
        self._address = address

    def put(self, checkpoint: CheckpointRow, digest: str) -> str:
        """Send size, digest and note; the reference is what is answered, such as the number of a transaction."""
        body = json.dumps({"size": checkpoint.size, "digest": digest, "note": checkpoint.note}, ensure_ascii=False)
        reply = outside.post(self._address, body.encode(), content_type="application/json")
        if reply.status not in {200, 201, 202}:
            raise Unreachable(f"{self._address} answered {reply.status}")
        return reply.text[:_REFERENCE_MAX]


_REFERENCE_MAX = 2_000


def digest_of(note: str) -> str:
    """Give what is put down: SHA-256 of the note as it was published, 64 hexadecimal digits."""
    return hashlib.sha256(note.encode()).hexdigest()


def sink_of(address: str) -> Sink:
    """Give the sink of an address: `file:///folder/name`, `http://…` or `https://…`."""
    parts = urlsplit(address)
    return FileSink(Path(unquote(parts.path))) if parts.scheme == "file" else WebSink(address)


def anchor(address: str, *, now: datetime) -> bool:
    """Put the latest checkpoint down at an address, once, and note where.

    Args:
        address: of the sink.
        now: when.

    Returns:
        Whether there was a checkpoint that had not been put down there yet.

    Raises:
        Unreachable: when it could not be put down.

    Source: design choice, no legal source.
    """
    latest = queries.latest_checkpoint()
    if latest is None or Anchor.objects.filter(size=latest.size, sink=address).exists():
        return False
    digest = digest_of(latest.note)
    reference = sink_of(address).put(latest, digest)
    Anchor.objects.create(size=latest.size, sink=address, digest=digest, reference=reference, at=now)
    return True


def configured() -> tuple[str, ...]:
    """List the sinks of this installation, from the setting ANCHORS."""
    return tuple(settings.ANCHORS)
