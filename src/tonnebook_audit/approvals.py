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
        text = tree.canonical({"kind": kind, "payload": tree.texts(payload)})
        expected = hashlib.sha256(text.encode()).hexdigest()
        report.compare("approval", number, expected=expected, found=digest)
        report.compare("approval", number, expected=log.proposals.get(number), found=digest)
        if state in ("APPROVED", "EXECUTED") and approver in ("", initiator):
            report.compare("two people", number, expected="somebody else", found=approver or "nobody")


_APPROVALS = "SELECT number, kind, payload, digest, state, initiator, approver FROM members_approval ORDER BY id"
