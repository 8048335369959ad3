"""Re-check emissions: totals follow from their traces, and verified and determined figures from one exact version."""

import hashlib
from typing import Any

import psycopg

from tonnebook_audit import rows, traces, tree
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check reports, opinions and determined figures."""
    if not rows.exists(connection, "emissions_emissionreport"):
        return
    for number, digest, lines, outputs, rules, total_t, direct_t, stored in rows.stream(connection, _REPORTS):
        version = {"report": number, "lines": lines, "outputs": outputs, "rules": rules}
        text = tree.canonical(tree.texts({**version, "total_t": total_t, "direct_t": direct_t}))
        report.compare("report digest", number, expected=hashlib.sha256(text.encode()).hexdigest(), found=digest)
        traces.check(stored, "total", subject=number, stored=total_t, report=report)
        traces.check(stored, "direct", subject=number, stored=direct_t, report=report)
    for number, digest, named in rows.stream(connection, _OPINIONS):
        report.compare("opinion", number, expected=digest, found=named)
    for number, verified_t, determined_t in rows.stream(connection, _DETERMINED):
        report.compare("determined", number, expected=verified_t, found=determined_t)


_REPORTS = """
SELECT number, digest, lines, outputs, rules_digest, total_t, direct_t, traces FROM emissions_emissionreport
"""
_OPINIONS = """
SELECT report.number, report.digest, opinion.report_digest
FROM emissions_verification AS opinion JOIN emissions_emissionreport AS report ON report.id = opinion.report_id
"""
_DETERMINED = """
SELECT report.number, opinion.verified_t, determined.determined_t
FROM emissions_determination AS determined
JOIN emissions_emissionreport AS report ON report.id = determined.report_id
LEFT JOIN emissions_verification AS opinion ON opinion.report_id = report.id
"""
