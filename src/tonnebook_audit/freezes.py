"""Re-check freeze switches: each against the log, lifted by two people, and nothing posted that it should have stopped.

What came before what is told by the order in which leaves were written, not by instants: a switch waits for the
transfers under way, so theirs are older than its own, whatever the clocks said.
"""

from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport

# What goes on while a switch is on: allocation and surrender, what courts order, and putting right what was wrong.
STAYS_OPEN = frozenset(
    {
        *("ALLOCATE", "TRUE_UP", "FILL_RESERVE", "RECALL", "CARRY_OVER", "SURRENDER", "FORCE_SURRENDER"),
        *("CANCEL", "CORRECTION", "COURT_TRANSFER"),
    }
)


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check every switch that was ever set, and every transfer posted while one was on."""
    if not rows.exists(connection, "registry_freezeswitch"):
        return
    for number, region, scope, subject, reason, set_by, lifted_by in list(rows.stream(connection, _SWITCHES)):
        first, told = log.freezes.get(number, (0, {"freeze": "no leaf"}))
        row = {"freeze": number, "region": region, "scope": scope, "subject": subject, "reason": reason, "by": set_by}
        # What was sealed is compared as long as its seal is kept.
        report.compare("switch", number, expected=told, found={name: row[name] for name in told})
        last, lifted = log.lifts.get(number, (None, {}))
        report.compare("lifted", number, expected=lifted.get("approved_by", ""), found=lifted_by)
        if lifted:
            _compare_approval(connection, number, lifted, report)
        for transfer, type_ in rows.stream(connection, _POSTED, [first, last, last, region, scope, subject]):
            report.count("frozen")
            if type_ not in STAYS_OPEN:
                report.compare("frozen", f"{transfer} {type_}", expected=f"nothing during {number}", found="posted")
    lost = log.freezes.keys() - {number for (number,) in rows.stream(connection, _NUMBERS)}
    for number in sorted(lost):
        report.compare("switch", number, expected="a switch", found="none")


# Who lifted it, who let them, and that the approval both signed is this one's, each found in a row of its own.
def _compare_approval(
    connection: psycopg.Connection[Any], number: str, lifted: dict[str, Any], report: AuditReport
) -> None:
    two = (lifted["by"], lifted["approved_by"])
    signed = list(rows.stream(connection, _APPROVED, [number]))
    report.compare("lifted", number, expected=True, found=two in signed and two[0] != two[1])


_SWITCHES = "SELECT number, region, scope, subject, reason, set_by, lifted_by FROM registry_freezeswitch ORDER BY id"
_NUMBERS = "SELECT number FROM registry_freezeswitch"
_APPROVED = """
SELECT initiator, approver FROM members_approval
WHERE kind = 'registry.lift_freeze' AND state = 'EXECUTED' AND payload ->> 'freeze' = %s
"""
_POSTED = """
SELECT transfer.number, transfer.type
FROM registry_transfer AS transfer
JOIN journal_leaf AS leaf ON leaf.leaf_hash = decode(transfer.leaf_hash, 'hex')
WHERE leaf.id > %s AND (%s::bigint IS NULL OR leaf.id < %s) AND EXISTS (
    SELECT FROM registry_posting AS posting
    JOIN registry_asset AS asset ON asset.id = posting.asset_id
    JOIN registry_account AS debit ON debit.id = posting.debit_account_id
    JOIN registry_account AS credit ON credit.id = posting.credit_account_id
    CROSS JOIN (SELECT %s::text AS region, %s::text AS scope, %s::text AS subject) AS switch
    WHERE posting.transfer_id = transfer.id AND CASE switch.scope
        WHEN 'ACCOUNT' THEN switch.subject IN (debit.number, credit.number)
        WHEN 'ASSET' THEN switch.region IN (debit.region, credit.region)
            AND switch.subject IN (asset.code, asset.scheme)
        ELSE switch.region IN (debit.region, credit.region) END)
"""
