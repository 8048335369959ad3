"""Audit a database: run every check on one snapshot of it."""

import psycopg

from tonnebook_audit import approvals, books, compliance, log, serials
from tonnebook_audit.report import AuditReport, Break

__all__ = ["AuditReport", "Break", "audit"]


def audit(url: str) -> AuditReport:
    """Recompute log, books, serial numbers and statuses from the raw rows.

    Args:
        url: of the database, `postgresql://…`; reading is all that is needed.

    Returns:
        What does not hold, and how many rows each check has looked at.
    """
    report = AuditReport()
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        facts = log.check(connection, report)
        books.check(connection, facts, report)
        serials.check(connection, report)
        approvals.check(connection, facts, report)
        compliance.check(connection, report)
    return report
