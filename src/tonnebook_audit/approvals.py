"""Re-check approvals: what was executed is what was proposed, and two people stand behind it."""

import hashlib
from typing import Any

import psycopg

from tonnebook_audit import rows, tree
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check every approval against its arguments and against the log."""
    for number, kind, payload, digest, state, initiator, approver in rows.stream(connection, _APPROVALS):
        text = tree.canonical({"kind": kind, "payload": _texts(payload)})
        expected = hashlib.sha256(text.encode()).hexdigest()
        report.compare("approval", number, expected=expected, found=digest)
        report.compare("approval", number, expected=log.proposals.get(number), found=digest)
        if state in ("APPROVED", "EXECUTED") and approver in ("", initiator):
            report.compare("two people", number, expected="somebody else", found=approver or "nobody")


def _texts(value: object) -> object:
    # Digests are over whole numbers written as text.
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_APPROVALS = "SELECT number, kind, payload, digest, state, initiator, approver FROM members_approval ORDER BY id"
