"""Audit a database: run every check on one snapshot of it."""

from typing import Any

import psycopg

from tonnebook_audit import (
    allocations,
    approvals,
    books,
    carrying,
    claims,
    closing,
    compliance,
    emissions,
    freezes,
    grounds,
    holds,
    lanes,
    lists,
    log,
    lots,
    market,
    papers,
    serials,
    stability,
    states,
)
from tonnebook_audit.report import AuditReport, Break

__all__ = ["AuditReport", "Break", "audit", "check"]


def audit(url: str, *, trusted_key: str | None = None, second_key: str | None = None) -> AuditReport:
    """Recompute log, books, serial numbers, market, figures and statuses from the raw rows.

    Args:
        url: of the database, `postgresql://…`; reading is all that is needed.
        trusted_key: the log's public key; without it, checkpoints are not checked for who signed them.
        second_key: the log's SM2 key; without it, their second signatures are not checked.

    Returns:
        What does not hold, and how many rows each check has looked at.
    """
    report = AuditReport()
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        check(connection, report, trusted_key=trusted_key, second_key=second_key)
    return report


def check(
    connection: psycopg.Connection[Any],
    report: AuditReport,
    *,
    trusted_key: str | None = None,
    second_key: str | None = None,
) -> None:
    """Run every check on an open connection, in whatever transaction it is."""
    facts = log.check(connection, report, trusted_key=trusted_key, second_key=second_key)
    books.check(connection, facts, report)
    lanes.check(connection, report)
    holds.check(connection, facts, states.check(connection, facts, report), report)
    claims.check(connection, facts, report)
    freezes.check(connection, facts, report)
    serials.check(connection, report)
    lots.check(connection, report)
    approvals.check(connection, facts, report)
    papers.check(connection, facts, report)
    market.check(connection, report)
    closing.check(connection, report)
    emissions.check(connection, report)
    lists.check(connection, facts, report)
    allocations.check(connection, facts, report)
    grounds.check(connection, facts, report)
    compliance.check(connection, report)
    carrying.check(connection, report)
    stability.check(connection, report)
