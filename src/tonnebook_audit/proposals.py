"""Re-check, before it is committed, what people have decided one by one: the second ledger's own answer to a proposal.

Asked inside the transaction that posts, it sees the rows as they would stand; what it reads, adds up and allows is its
own, as in every audit.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.freezes import STAYS_OPEN
from tonnebook_audit.lanes import LANES, TWO_PEOPLE
from tonnebook_audit.report import AuditReport, Break


def check(connection: psycopg.Connection[Any], transfers: Sequence[str]) -> list[Break]:
    """Check transfers that are about to be committed, and every balance they touch.

    Args:
        connection: inside the transaction that has written them.
        transfers: their numbers.

    Returns:
        What does not hold; nothing when the second ledger agrees.
    """
    report, numbers = AuditReport(), [[*transfers]]
    for number, type_, initiator, approver, kind, debit, credit, is_stopped in rows.stream(connection, _LEGS, numbers):
        if (kind, debit, credit) not in LANES.get(type_, frozenset()):
            report.compare("lane", number, expected=f"a lane of {type_}", found=f"{kind} from {debit} to {credit}")
        if type_ in TWO_PEOPLE:
            report.compare("second person", number, expected=True, found=approver not in {"", initiator})
        if is_stopped and type_ not in STAYS_OPEN:
            report.compare("frozen", f"{number} {type_}", expected="nothing while a switch is on", found="posted")
    for place, total, held, posted, set_aside in rows.stream(connection, _BALANCES, numbers):
        report.compare("balance", place, expected=posted, found=total)
        report.compare("hold", place, expected=set_aside, found=held)
    return report.breaks


_LEGS = """
SELECT transfer.number, transfer.type, transfer.initiator, transfer.approver, asset.kind, debit.type, credit.type,
       EXISTS (
           SELECT FROM registry_freezeswitch AS switch
           WHERE switch.lifted_at IS NULL AND switch.region IN (debit.region, credit.region) AND CASE switch.scope
               WHEN 'REGION' THEN TRUE
               WHEN 'ASSET' THEN switch.subject IN (asset.code, asset.scheme)
               ELSE switch.subject IN (debit.number, credit.number)
           END
       )
FROM registry_transfer AS transfer
JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
JOIN registry_account AS debit ON debit.id = posting.debit_account_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
WHERE transfer.number = ANY(%s)
"""
# Every posting that a balance ever had is added up anew. Sources have as many as all others together and nothing to run
# short of: theirs are left to the night.
_BALANCES = """
WITH touched AS (
    SELECT DISTINCT side.account_id, posting.asset_id
    FROM registry_transfer AS transfer
    JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
    CROSS JOIN LATERAL (VALUES (debit_account_id), (credit_account_id)) AS side (account_id)
    WHERE transfer.number = ANY(%s)
)
SELECT account.number || ' ' || asset.code, balance.total, balance.held,
       (SELECT coalesce(sum(quantity), 0) FROM registry_posting
        WHERE credit_account_id = touched.account_id AND asset_id = touched.asset_id)::bigint
       - (SELECT coalesce(sum(quantity), 0) FROM registry_posting
          WHERE debit_account_id = touched.account_id AND asset_id = touched.asset_id)::bigint,
       (SELECT coalesce(sum(remaining), 0) FROM registry_hold
        WHERE account_id = touched.account_id AND asset_id = touched.asset_id
          AND state IN ('ACTIVE', 'WAITING'))::bigint
FROM touched
JOIN registry_account AS account ON account.id = touched.account_id
JOIN registry_asset AS asset ON asset.id = touched.asset_id
JOIN registry_balance AS balance USING (account_id, asset_id)
WHERE account.type NOT IN ('ISSUANCE', 'BANK')
"""
