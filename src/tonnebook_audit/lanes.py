"""Re-check what may move where: every posting runs along a lane, and a second person stands behind what needs one.

The table is the auditor's own, written down apart from the one the books decide by.
"""

from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.report import AuditReport

# Words that stand for several types of accounts or kinds of assets below.
_SEVERAL = {
    "units": ("ALLOWANCE", "CREDIT"),
    "market": ("HOLDING", "TRADING"),
    "owner": ("HOLDING", "TRADING", "PROJECT"),
    "book": ("HOLDING", "TRADING", "PROJECT", "RESERVE", "AUCTION", "INCLUSION_POOL", "PLEDGE_CUSTODY"),
    "money": ("CLIENT_CASH", "TREASURY", "FEES", "CLEARING", "GUARANTEE"),
}

# By type of transfer: which assets, out of which accounts, into which; lanes are set apart by semicolons.
_LANES = {
    "ALLOCATE": "ALLOWANCE ISSUANCE,RESERVE HOLDING",
    "TRUE_UP": "ALLOWANCE ISSUANCE,RESERVE HOLDING",
    "RECALL": "ALLOWANCE HOLDING RESERVE,CANCELLATION",
    "FILL_RESERVE": "ALLOWANCE ISSUANCE,AUCTION RESERVE",
    "RELEASE_RESERVE": "ALLOWANCE RESERVE market,AUCTION; CASH CLIENT_CASH TREASURY",
    "BUY_BACK": "ALLOWANCE market RESERVE; CASH TREASURY CLIENT_CASH",
    "ISSUE_TO_AUCTION": "ALLOWANCE ISSUANCE,RESERVE AUCTION",
    "DELIVER_AUCTION": "ALLOWANCE AUCTION market; CASH CLIENT_CASH TREASURY,FEES",
    "RETURN_UNSOLD": "ALLOWANCE AUCTION RESERVE,CANCELLATION",
    "DELIVER_TRADE": "units owner market; CASH CLIENT_CASH CLIENT_CASH,FEES",
    "BUST_TRADE": "units market owner; CASH CLIENT_CASH,FEES CLIENT_CASH",
    "CASH_IN": "CASH BANK CLIENT_CASH",
    "CASH_OUT": "CASH CLIENT_CASH,TREASURY,FEES BANK",
    "SURRENDER": "units HOLDING SURRENDER",
    "FORCE_SURRENDER": "ALLOWANCE market SURRENDER",
    "RETIRE": "units HOLDING,PROJECT RETIREMENT",
    "CANCEL": "units book CANCELLATION",
    "CARRY_OVER": "ALLOWANCE market CANCELLATION; ALLOWANCE ISSUANCE market",
    "ISSUE_CREDITS": "CREDIT ISSUANCE HOLDING,PROJECT",
    "OPENING_ENTRY": "units ISSUANCE book; CASH BANK money",
    "CORRECTION": "units book book; CASH money money; CASH CLIENT_CASH BANK",
    "MOVE_TO_TRADING": "units HOLDING,PROJECT TRADING",
    "MOVE_FROM_TRADING": "units TRADING HOLDING,PROJECT",
    "TRANSFER": "units market market",
    "MERGE": "units owner owner; CASH CLIENT_CASH CLIENT_CASH",
    "DIVIDE": "units owner owner; CASH CLIENT_CASH CLIENT_CASH",
    "INHERIT": "units owner owner; CASH CLIENT_CASH CLIENT_CASH",
    "COURT_TRANSFER": "units owner,PLEDGE_CUSTODY owner; CASH CLIENT_CASH CLIENT_CASH,TREASURY",
    "HAND_OVER": "ALLOWANCE HOLDING HANDOVER",
    "CONVERT": "ALLOWANCE market CANCELLATION; ALLOWANCE ISSUANCE market",
    "EXPIRE": "units book CANCELLATION",
    "ENFORCE_PLEDGE": "units owner,PLEDGE_CUSTODY market",
    "GIVE_COLLATERAL": "units market PLEDGE_CUSTODY",
    "RETURN_COLLATERAL": "units PLEDGE_CUSTODY market",
    "REPO_SELL": "units market market; CASH CLIENT_CASH CLIENT_CASH,FEES",
    "REPO_BUY_BACK": "units market market; CASH CLIENT_CASH CLIENT_CASH,FEES",
    "LEND": "units market market",
    "RETURN_LOAN": "units market market; CASH CLIENT_CASH CLIENT_CASH",
    "ISSUE_POOLED": "CREDIT ISSUANCE INCLUSION_POOL",
    "DELIVER_POOLED": "CREDIT INCLUSION_POOL market; CASH CLIENT_CASH CLIENT_CASH,TREASURY",
    "CHARGE_FEE": "CASH CLIENT_CASH FEES",
    "COLLECT_NET": "CASH CLIENT_CASH CLEARING",
    "PAY_NET": "CASH CLEARING CLIENT_CASH",
    "PAY_GUARANTEE": "CASH CLIENT_CASH GUARANTEE",
    "RETURN_GUARANTEE": "CASH GUARANTEE CLIENT_CASH",
    "USE_GUARANTEE": "CASH GUARANTEE CLEARING",
}

# What nobody posts alone.
TWO_PEOPLE = frozenset(
    {
        *("ALLOCATE", "TRUE_UP", "RECALL", "FILL_RESERVE", "SURRENDER", "CARRY_OVER", "CANCEL", "EXPIRE", "CONVERT"),
        *(
            "FORCE_SURRENDER",
            "HAND_OVER",
            "ISSUE_CREDITS",
            "ISSUE_POOLED",
            "ISSUE_TO_AUCTION",
            "RETURN_GUARANTEE",
            "USE_GUARANTEE",
        ),
        *("MERGE", "DIVIDE", "INHERIT", "COURT_TRANSFER", "ENFORCE_PLEDGE", "OPENING_ENTRY", "CORRECTION"),
        *("RELEASE_RESERVE", "BUY_BACK", "BUST_TRADE"),
    }
)

# What names, as its subject, the approval of exactly what it moves.
_APPROVED = ["COURT_TRANSFER", "DIVIDE", "INHERIT", "MERGE"]


def _read(text: str) -> frozenset[tuple[str, str, str]]:
    found = set()
    for lane in text.split(";"):
        kinds, debits, credits = map(_words, lane.split())
        found |= {(kind, debit, credit) for kind in kinds for debit in debits for credit in credits}
    return frozenset(found)


def _words(text: str) -> list[str]:
    return [one for word in text.split(",") for one in _SEVERAL.get(word, (word,))]


# By type of transfer: kind of asset, type of the account it leaves, type of the account it reaches.
LANES = {type_: _read(text) for type_, text in _LANES.items()}


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check lanes, second persons and the approvals that transfers name."""
    if not rows.exists(connection, "registry_posting"):
        return
    for type_, kind, debit, credit, count, first in rows.stream(connection, _USED):
        report.count("lane", count)
        if (kind, debit, credit) not in LANES.get(type_, frozenset()):
            subject = f"{count} of {type_}, first in {first}"
            report.compare("lane", subject, expected="a lane", found=f"{kind} from {debit} to {credit}")
    for number, type_, approver in rows.stream(connection, _SECOND, [sorted(TWO_PEOPLE)]):
        report.count("second person")
        if not approver:
            report.compare("second person", f"{number} {type_}", expected="an approver", found="nobody")
    if rows.exists(connection, "registry_application"):
        for number, expected, found in rows.stream(connection, _NAMED, [_APPROVED]):
            report.compare("approved transfer", number, expected=expected, found=found)


_USED = """
SELECT transfer.type, asset.kind, debit.type, credit.type, count(*), min(transfer.number)
FROM registry_posting AS posting
JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
JOIN registry_account AS debit ON debit.id = posting.debit_account_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
GROUP BY transfer.type, asset.kind, debit.type, credit.type
"""
_SECOND = "SELECT number, type, approver FROM registry_transfer WHERE type = ANY(%s)"
# A merger is granted on an application, whose number the transfer names; every other names its approval itself.
_NAMED = """
SELECT transfer.number,
       concat_ws(' ', approval.state, approval.initiator, approval.approver, CASE WHEN application.id IS NULL THEN
           concat_ws(' ', approval.payload ->> 'type', approval.payload ->> 'debit', approval.payload ->> 'credit',
                     approval.payload ->> 'asset', approval.payload ->> 'quantity') END),
       concat_ws(' ', 'EXECUTED', transfer.initiator, transfer.approver, CASE WHEN application.id IS NULL THEN
           concat_ws(' ', transfer.type, debit.number, credit.number, asset.code, posting.quantity) END)
FROM registry_transfer AS transfer
JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
JOIN registry_account AS debit ON debit.id = posting.debit_account_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
LEFT JOIN registry_application AS application ON application.number = transfer.subject
LEFT JOIN members_approval AS approval ON approval.number = coalesce(application.approval, transfer.subject)
WHERE transfer.type = ANY(%s)
"""
