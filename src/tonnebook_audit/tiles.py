"""Re-check the stored tiles of the log: what the public fetches follows from the leaves, level by level."""

from typing import Any

import psycopg

from tonnebook_audit import rows, tree
from tonnebook_audit.report import AuditReport

_HASH_BYTES = 32
_TILE_BYTES = 256 * _HASH_BYTES


def check(connection: psycopg.Connection[Any], leaves: bytes, report: AuditReport) -> None:
    """Compare every full tile with the leaf hashes it is made of.

    Args:
        connection: to the database.
        leaves: hashes of the numbered leaves, one after the other, as the auditor computed them.
        report: where breaks go.
    """
    if not rows.exists(connection, "journal_tile"):
        return
    level, hashes = 0, leaves
    while True:
        stored = {index: (data, root) for index, data, root in rows.stream(connection, _TILES, [level])}
        full = len(hashes) // _TILE_BYTES
        above = bytearray()
        for index in range(full):
            own = hashes[index * _TILE_BYTES : (index + 1) * _TILE_BYTES]
            root = _root(own)
            above += root
            if stored.get(index) != (own, root):
                report.compare("tile", f"level {level} index {index}", expected=root.hex(), found="another, or none")
        report.count("tile", full)
        beyond = sorted(set(stored) - set(range(full)))
        for index in beyond:
            report.compare("tile", f"level {level} index {index}", expected="none", found="a tile")
        if not full and not stored:
            return
        level, hashes = level + 1, bytes(above)


def _root(tile: bytes) -> bytes:
    return tree.root_of([tile[at : at + _HASH_BYTES] for at in range(0, len(tile), _HASH_BYTES)])


_TILES = "SELECT index, hashes, root_hash FROM journal_tile WHERE level = %s ORDER BY index"
