"""Anybody fetches the log as static files, and rebuilds its root from them without asking for more."""

import base64

import pytest
from tests.unit.web.town import NOW, Town

from tonnebook.core import merkle
from tonnebook.core.tiles import Tile, TiledLog
from tonnebook.journal import services as journal


@pytest.fixture
def signed(town: Town) -> Town:
    """A town with a checkpoint over a log of more than one tile."""
    journal.append_many([journal.Entry("trial.taken", {"i": i}) for i in range(300)], now=NOW)
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return town


def test_a_stranger_rebuilds_the_signed_root_from_tiles_and_the_tiles_from_entries(signed: Town) -> None:
    browser = signed.browser()
    note = browser.get("/checkpoint")
    assert note["Content-Type"] == "text/plain; charset=utf-8"
    assert "max-age=2" in note["Cache-Control"]
    _origin, size, root = note.content.decode().split("\n")[:3]

    def fetch(tile: Tile) -> bytes:
        answer = browser.get(f"/{tile.path}")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/octet-stream"
        assert {"public", "immutable", "max-age=31536000"} <= set(answer["Cache-Control"].split(", "))
        return bytes(answer.content)

    log = TiledLog(int(size), lambda wanted: [fetch(tile) for tile in wanted])
    assert base64.b64encode(log.root()).decode() == root


def test_entries_hash_to_their_tile_and_are_compressed_for_who_can_read_it(signed: Town) -> None:
    browser = signed.browser()
    plain = browser.get("/tile/entries/000")
    packed = browser.get("/tile/entries/000", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 2
    length = int.from_bytes(plain.content[:2], "big")
    assert browser.get("/tile/0/000").content[:32] == merkle.leaf_hash(plain.content[2 : 2 + length])


@pytest.mark.parametrize(
    "path",
    ["/tile/0/9", "/tile/0/009", "/tile/64/000", "/tile/00/000", "/tile/0/000.p/0", "/tile/entries/1", "/tile/0/x"],
)
def test_what_is_no_tile_is_not_found_and_not_kept(signed: Town, path: str) -> None:
    answer = signed.browser().get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_tiles_are_only_read(signed: Town) -> None:
    for path in ("/checkpoint", "/tile/0/000", "/tile/entries/000"):
        assert signed.browser().post(path).status_code == 405
