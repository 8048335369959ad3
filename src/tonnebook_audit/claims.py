"""Re-check claims and what waits: the queue of holds by rank, and transfers that were asked for and wait."""

import hashlib
from typing import Any

import psycopg

from tonnebook_audit import rows, tree
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check queues of holds, and transfers that were asked for."""
    if not rows.exists(connection, "registry_pendingtransfer"):
        return
    _check_queues(connection, report)
    _check_asked(connection, log, report)
    for number, hold, expected, found in rows.stream(connection, _HELD):
        report.compare("asked hold", f"{number} {hold}", expected=expected, found=found)
    for number, expected, found in rows.stream(connection, _CARRIED_OUT):
        report.compare("asked transfer", number, expected=expected, found=found)


# Whatever comes free goes to the lowest rank: behind a claim that still waits, nobody has got anything.
def _check_queues(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    place: tuple[int, int] | None = None
    last, is_short = 0, False
    for account, asset, rank, number, remaining, waiting in rows.stream(connection, _RANKED):
        if place != (account, asset):
            place, last, is_short = (account, asset), 0, False
        if rank == last:
            report.compare("rank", number, expected="a rank of its own", found=rank)
        elif is_short and remaining:
            report.compare("rank", number, expected="nothing before the ranks ahead of it", found=remaining)
        report.count("rank")
        last, is_short = rank, is_short or waiting > 0


def _check_asked(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    unseen = dict(log.asked)
    for number, payload, digest, state, ready_at, decided_at in rows.stream(connection, _ASKED):
        computed = hashlib.sha256(tree.canonical(tree.texts(payload)).encode()).hexdigest()
        logged = unseen.pop(number, "no leaf")
        report.compare("asked", number, expected=(computed, logged), found=(digest, digest))
        if state == "DONE":
            report.count("asked wait")
            if decided_at is None or decided_at < ready_at:
                report.compare("asked wait", number, expected=f"not before {ready_at}", found=decided_at)
    for number in unseen:
        report.compare("asked", number, expected="a row as logged", found="none")


_RANKED = """
SELECT account_id, asset_id, rank, number, remaining, waiting
FROM registry_hold WHERE state IN ('ACTIVE', 'WAITING') AND rank > 0
ORDER BY account_id, asset_id, rank, number
"""
_ASKED = "SELECT number, payload, digest, state, ready_at, decided_at FROM registry_pendingtransfer ORDER BY id"
# What still waits lies in a hold of its own, whole.
_HELD = """
SELECT pending.number, pending.hold,
       concat_ws(' ', pending.payload ->> 'debit', pending.payload ->> 'asset', pending.payload ->> 'quantity',
                 'ACTIVE DELIVERY', pending.number),
       concat_ws(' ', account.number, asset.code, hold.remaining, hold.state, hold.reason, hold.subject)
FROM registry_pendingtransfer AS pending
LEFT JOIN registry_hold AS hold ON hold.number = pending.hold
LEFT JOIN registry_account AS account ON account.id = hold.account_id
LEFT JOIN registry_asset AS asset ON asset.id = hold.asset_id
WHERE pending.state = 'WAITING'
"""
# What is done was posted exactly as it was asked for, and of what is not done nothing was posted.
_CARRIED_OUT = """
SELECT pending.number,
       CASE WHEN pending.state = 'DONE' THEN concat_ws(
           ' ', pending.number, pending.payload ->> 'type', pending.payload ->> 'debit', pending.payload ->> 'credit',
           pending.payload ->> 'asset', pending.payload ->> 'quantity') ELSE '' END,
       concat_ws(' ', transfer.subject, transfer.type, debit.number, credit.number, asset.code, posting.quantity)
FROM registry_pendingtransfer AS pending
LEFT JOIN registry_transfer AS transfer ON transfer.number = pending.transfer
LEFT JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
LEFT JOIN registry_asset AS asset ON asset.id = posting.asset_id
LEFT JOIN registry_account AS debit ON debit.id = posting.debit_account_id
LEFT JOIN registry_account AS credit ON credit.id = posting.credit_account_id
"""
