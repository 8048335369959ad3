"""Re-check carry-overs: what was moved, against transfers; what was asked for, against a count of sales of our own."""

from typing import Any

import psycopg

from tonnebook_audit import rows, traces
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check carry-overs and the requests they rest on."""
    if not (rows.exists(connection, "compliance_carryoverrequest") and rows.exists(connection, "registry_transfer")):
        return
    _check_carry_overs(connection, report)
    _check_asked(connection, report)


# What a carry-over took back, cancelled or replaced is what its transfers moved, and all of it; as much came in as the
# next vintage as went out, and a formula gave the amount.
def _check_carry_overs(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for entity, year, stored, returned_t, cancelled_t, converted_t, *moved in rows.stream(connection, _CARRY_OVERS):
        subject, found = f"{entity} {year}", (returned_t, cancelled_t, converted_t, converted_t)
        report.compare("carry-over", subject, expected=tuple(moved), found=found)
        if stored or converted_t:
            traces.check(stored, "converted", subject=subject, stored=converted_t, report=report)


# What was sold, bought and held is counted from the postings, is what the formula was given, and bounds what was asked;
# what was replaced was asked for.
def _check_asked(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for number, quantity_t, limit_t, trace, converted_t, *figures in rows.stream(connection, _ASKED):
        found, counted = tuple(figures[:3]), tuple(figures[3:])
        not_in_formula, is_within = set(found) - set(traces.given(trace)), converted_t <= quantity_t <= limit_t
        report.compare(
            "carry-over asked", number, expected=(counted, set(), True), found=(found, not_in_formula, is_within)
        )
        traces.check({"limit": trace}, "limit", subject=number, stored=limit_t, report=report)
    for entity, year in rows.stream(connection, _UNASKED):
        report.compare("carry-over asked", f"{entity} {year}", expected="a request", found="none")


# The transfers of a carry-over share a subject and differ in type; every one must belong to a row.
_CARRY_OVERS = """
WITH moved AS (
    SELECT coalesce(debit.organisation_id, credit.organisation_id) AS entity_id, transfer.subject,
           sum(posting.quantity) FILTER (WHERE transfer.type = 'RECALL' AND credit.type = 'RESERVE') AS back_t,
           sum(posting.quantity) FILTER (WHERE transfer.type = 'CANCEL' AND credit.type = 'CANCELLATION') AS out_t,
           sum(posting.quantity) FILTER (WHERE transfer.type = 'CARRY_OVER' AND credit.type = 'CANCELLATION') AS old_t,
           sum(posting.quantity) FILTER (WHERE transfer.type = 'CARRY_OVER' AND debit.type = 'ISSUANCE') AS new_t
    FROM registry_transfer AS transfer
    JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
    JOIN registry_account AS debit ON debit.id = posting.debit_account_id
    JOIN registry_account AS credit ON credit.id = posting.credit_account_id
    WHERE right(transfer.subject, 11) = '-CARRY_OVER'
    GROUP BY 1, transfer.subject
)
SELECT coalesce(carried.entity_id, moved.entity_id), coalesce(carried.year::text, moved.subject), carried.traces,
       coalesce(carried.returned_t, 0), coalesce(carried.cancelled_t, 0), coalesce(carried.converted_t, 0),
       coalesce(moved.back_t, 0)::bigint, coalesce(moved.out_t, 0)::bigint,
       coalesce(moved.old_t, 0)::bigint, coalesce(moved.new_t, 0)::bigint
FROM compliance_carryover AS carried
FULL JOIN moved ON moved.entity_id = carried.entity_id
    AND moved.subject = carried.region || '-' || carried.year || '-CARRY_OVER'
"""
# Sold and bought: in the market, at auctions, to and from the reserve, on days of the window; held: what came less what
# went until the day was over, without what was handed in and not yet decided then.
_ASKED = """
WITH own AS (
    SELECT id, organisation_id FROM registry_account WHERE type IN ('HOLDING', 'TRADING')
), asked AS (
    SELECT request.*, from_on::timestamp AT TIME ZONE 'Asia/Shanghai' AS from_at,
           (to_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS to_at,
           (held_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS held_at
    FROM compliance_carryoverrequest AS request
), moved AS (
    SELECT asked.id, transfer.type IN ('DELIVER_TRADE', 'DELIVER_AUCTION', 'RELEASE_RESERVE', 'BUY_BACK')
               AND transfer.at >= asked.from_at AND transfer.at < asked.to_at AS is_sale,
           transfer.type = 'BUST_TRADE' AND transfer.at >= asked.from_at AND transfer.at < asked.to_at AS is_undone,
           transfer.at < asked.held_at AS is_held, posting.quantity, source.id IS NOT NULL AS went,
           target.id IS NOT NULL AS came
    FROM asked
    JOIN registry_asset AS asset ON asset.kind = 'ALLOWANCE' AND asset.scheme = asked.scheme
        AND coalesce(asset.vintage_year, asked.year) <= asked.year
    JOIN registry_posting AS posting ON posting.asset_id = asset.id
    JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
    LEFT JOIN own AS source ON source.id = posting.debit_account_id AND source.organisation_id = asked.entity_id
    LEFT JOIN own AS target ON target.id = posting.credit_account_id AND target.organisation_id = asked.entity_id
), counted AS (
    SELECT id,
           coalesce(sum(quantity * (is_sale::int - is_undone::int))
                    FILTER (WHERE is_sale AND went OR is_undone AND came), 0)::bigint AS sold_t,
           coalesce(sum(quantity * (is_sale::int - is_undone::int))
                    FILTER (WHERE is_sale AND came OR is_undone AND went), 0)::bigint AS bought_t,
           coalesce(sum(quantity * (came::int - went::int)) FILTER (WHERE is_held), 0)::bigint AS held_t
    FROM moved GROUP BY id
), pending AS (
    SELECT asked.id, sum(line.quantity_t)::bigint AS quantity_t
    FROM asked
    JOIN compliance_surrender AS surrender ON surrender.entity_id = asked.entity_id
        AND surrender.submitted_at < asked.held_at
        AND (surrender.decided_at IS NULL OR surrender.decided_at >= asked.held_at)
    JOIN compliance_surrenderline AS line ON line.surrender_id = surrender.id
    JOIN registry_asset AS asset ON asset.code = line.asset AND asset.kind = 'ALLOWANCE'
        AND asset.scheme = asked.scheme AND coalesce(asset.vintage_year, asked.year) <= asked.year
    GROUP BY asked.id
)
SELECT asked.number, asked.quantity_t, asked.limit_t, asked.trace,
       CASE WHEN asked.withdrawn_at IS NULL THEN coalesce(carried.converted_t, 0) ELSE 0 END,
       asked.sold_t, asked.bought_t, asked.holding_t,
       coalesce(counted.sold_t, 0), coalesce(counted.bought_t, 0),
       coalesce(counted.held_t, 0) - coalesce(pending.quantity_t, 0)
FROM asked
LEFT JOIN counted ON counted.id = asked.id
LEFT JOIN pending ON pending.id = asked.id
LEFT JOIN compliance_carryover AS carried ON carried.entity_id = asked.entity_id AND carried.year = asked.year
"""
_UNASKED = """
SELECT carried.entity_id, carried.year
FROM compliance_carryover AS carried
LEFT JOIN compliance_carryoverrequest AS request ON request.entity_id = carried.entity_id
    AND request.year = carried.year AND request.withdrawn_at IS NULL
WHERE carried.converted_t > 0 AND request.id IS NULL
"""
