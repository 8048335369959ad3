"""Re-check compliance: what was confirmed has left the books, and every status follows from figures and surrenders."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from tonnebook_audit import rows, traces
from tonnebook_audit.report import AuditReport

# The words of a status and the official letters mean the same: enough, not enough, no figure.
_MEANING = {"A": "COMPLIANT", "B": "SHORT", "C": "NO_FIGURE"}


@dataclass
class _Year:
    # One entity's year as stored.
    rule: str
    code: str
    determined_t: int | None
    figure_t: int | None
    outstanding_t: int
    obligation_t: int
    surrendered_t: int
    confirmed_t: int
    shortfall_t: int
    verified_so_far_t: int
    surrendered_so_far_t: int


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check surrenders against transfers and statuses against figures and surrenders."""
    if not (rows.exists(connection, "compliance_compliancestatus") and rows.exists(connection, "registry_transfer")):
        return
    _check_surrenders(connection, report)
    _check_transfers(connection, report)
    _check_statuses(connection, report)
    _check_credits(connection, report)
    _check_proofs(connection, report)
    _check_transition(connection, report)


def _check_surrenders(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for number, state, total_t, credits_t, by, decided_by, transfer, *parts in rows.stream(connection, _SURRENDERS):
        lines_t, line_credits_t, proven_t = parts
        handed_t = (lines_t + proven_t, line_credits_t + proven_t)
        report.compare("surrender", number, expected=handed_t, found=(total_t, credits_t))
        is_confirmed = state == "CONFIRMED"
        # What another registry has cancelled moves nothing here.
        report.compare("surrender", f"{number} transfer", expected=is_confirmed and lines_t > 0, found=bool(transfer))
        if is_confirmed and by == decided_by:
            report.compare("two people", number, expected="somebody else", found=decided_by)


def _check_transfers(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    # What a confirmed surrender lists is what its transfer moved into the surrender account; nothing else went there.
    confirmed: dict[str, Counter[str]] = defaultdict(Counter)
    for transfer, asset, quantity_t in rows.stream(connection, _CONFIRMED_LINES):
        confirmed[transfer][asset] += quantity_t
    posted: dict[str, Counter[str]] = defaultdict(Counter)
    for transfer, asset, quantity_t in rows.stream(connection, _SURRENDER_POSTINGS):
        posted[transfer][asset] += quantity_t
    for transfer in confirmed.keys() | posted.keys():
        expected, found = dict(confirmed[transfer]), dict(posted[transfer])
        report.compare("surrender transfer", transfer, expected=expected, found=found)


def _check_statuses(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for entity, year, *figures in rows.stream(connection, _STATUSES):
        status, subject = _Year(*figures), f"{entity} {year}"
        report.compare("status figure", subject, expected=status.figure_t, found=status.determined_t)
        report.compare("status surrendered", subject, expected=status.confirmed_t, found=status.surrendered_t)
        found = _MEANING.get(status.code, status.code)
        if status.rule == "CUMULATIVE":
            short_t = status.verified_so_far_t - status.surrendered_so_far_t
        else:
            short_t = _check_yearly(status, subject, report)
        expected = "NO_FIGURE" if status.figure_t is None else "SHORT" if short_t > 0 else "COMPLIANT"
        report.compare("status", subject, expected=expected, found=found)


def _check_yearly(status: _Year, subject: str, report: AuditReport) -> int:
    due_t = 0 if status.figure_t is None else status.figure_t + status.outstanding_t
    report.compare("obligation", subject, expected=due_t, found=status.obligation_t)
    report.compare("shortfall", subject, expected=max(0, due_t - status.confirmed_t), found=status.shortfall_t)
    if status.figure_t is not None and status.confirmed_t > due_t:
        report.compare("over-surrender", subject, expected=f"at most {due_t}", found=status.confirmed_t)
    return due_t - status.confirmed_t


# The limit is the one the status was settled under; it must rest on the entity's own figure or issue.
def _check_credits(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for entity, year, credits_t, confirmed_t, limit, figure_t, issued_t in rows.stream(connection, _CREDITS):
        subject = f"{entity} {year}"
        report.compare("status credits", subject, expected=confirmed_t, found=credits_t)
        limit_t = traces.replay(limit)
        if confirmed_t > (limit_t or 0):
            report.compare("credit limit", subject, expected=f"at most {limit_t or 0}", found=confirmed_t)
        bases = {Decimal(figure_t or 0), Decimal(issued_t), Decimal(0)}
        if limit is not None and limit_t is None:
            report.compare("credit limit", subject, expected="a derivation", found="something else")
        elif limit_t is not None and not bases.issuperset(traces.given(limit)):
            found = ", ".join(map(str, traces.given(limit)))
            report.compare("credit limit", subject, expected=f"a share of {figure_t} or {issued_t}", found=found)
        report.count("credit limit")


# A proof of cancellation is used whole, by the entity and for the year it was made for, and in one surrender only.
def _check_proofs(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for number, proof, used_t, block_t, is_theirs, others in rows.stream(connection, _PROOFS):
        expected, found = (block_t, True, 0), (used_t, is_theirs, others)
        report.compare("proof", f"{number} {proof}", expected=expected, found=found)


# What a step of leaving says is what its transfer moved out of the entity's accounts, and into them when converted.
def _check_transition(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for entity, kind, due_on, quantity_t, out_t, in_t in rows.stream(connection, _TRANSITION):
        expected = (quantity_t, quantity_t if kind == "CONVERT" else 0)
        report.compare("transition", f"{entity} {kind} {due_on}", expected=expected, found=(out_t, in_t))


_SURRENDERS = """
SELECT surrender.number, surrender.state, surrender.total_t, surrender.credits_t, surrender.submitted_by,
       surrender.decided_by, surrender.transfer, coalesce(sum(line.quantity_t), 0)::bigint,
       coalesce(sum(line.quantity_t) FILTER (WHERE asset.kind = 'CREDIT'), 0)::bigint,
       (SELECT coalesce(sum(proof.serial_to - proof.serial_from + 1), 0)::bigint
        FROM compliance_surrenderproof AS used JOIN compliance_cancellationproof AS proof ON proof.id = used.proof_id
        WHERE used.surrender_id = surrender.id)
FROM compliance_surrender AS surrender
LEFT JOIN compliance_surrenderline AS line ON line.surrender_id = surrender.id
LEFT JOIN registry_asset AS asset ON asset.code = line.asset
GROUP BY surrender.id
"""
_CONFIRMED_LINES = """
SELECT surrender.transfer, line.asset, line.quantity_t
FROM compliance_surrenderline AS line JOIN compliance_surrender AS surrender ON surrender.id = line.surrender_id
WHERE surrender.state = 'CONFIRMED'
"""
_SURRENDER_POSTINGS = """
SELECT transfer.number, asset.code, posting.quantity
FROM registry_posting AS posting
JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
WHERE credit.type = 'SURRENDER'
"""
# A surrender confirmed after the year was settled is late: it does not change how the year ended, nor does a figure
# replaced later. The cumulative rule counts every year that had a list so far.
_STATUSES = """
WITH replaced AS (
    SELECT DISTINCT ON (status.id, other.year) status.id, other.year, other.determined_t
    FROM compliance_compliancestatus AS status
    JOIN emissions_redetermination AS other
        ON other.entity_id = status.entity_id AND other.redetermined_at <= status.settled_at
    ORDER BY status.id, other.year, other.count DESC
), confirmed AS (
    SELECT status.id, coalesce(sum(surrender.total_t), 0)::bigint AS total_t
    FROM compliance_compliancestatus AS status
    LEFT JOIN compliance_surrender AS surrender
        ON surrender.entity_id = status.entity_id AND surrender.year = status.year
        AND surrender.state = 'CONFIRMED' AND surrender.decided_at <= status.settled_at
    GROUP BY status.id
), outstanding AS (
    SELECT entity_id, year, sum(recall_outstanding_t)::bigint AS total_t FROM compliance_allocation
    GROUP BY entity_id, year
), listed AS (
    SELECT DISTINCT region, year FROM compliance_coverage
), so_far AS (
    SELECT status.id, coalesce(sum(coalesce(replaced.determined_t, figure.determined_t)), 0)::bigint AS verified_t,
           coalesce(sum(done.total_t), 0)::bigint AS surrendered_t
    FROM compliance_compliancestatus AS status
    JOIN listed ON listed.region = status.region AND listed.year <= status.year
    LEFT JOIN emissions_determination AS figure
        ON figure.entity_id = status.entity_id AND figure.year = listed.year
    LEFT JOIN replaced ON replaced.id = status.id AND replaced.year = listed.year
    LEFT JOIN (
        SELECT entity_id, year, sum(total_t) AS total_t FROM compliance_surrender WHERE state = 'CONFIRMED'
        GROUP BY entity_id, year
    ) AS done ON done.entity_id = status.entity_id AND done.year = listed.year
    WHERE status.rule = 'CUMULATIVE'
    GROUP BY status.id
)
SELECT status.entity_id, status.year, status.rule, status.code, status.determined_t,
       coalesce(replaced.determined_t, figure.determined_t),
       coalesce(outstanding.total_t, 0), status.obligation_t, status.surrendered_t, confirmed.total_t,
       status.shortfall_t, coalesce(so_far.verified_t, 0), coalesce(so_far.surrendered_t, 0)
FROM compliance_compliancestatus AS status
JOIN confirmed ON confirmed.id = status.id
LEFT JOIN so_far ON so_far.id = status.id
LEFT JOIN outstanding ON outstanding.entity_id = status.entity_id AND outstanding.year = status.year
LEFT JOIN emissions_determination AS figure ON figure.entity_id = status.entity_id AND figure.year = status.year
LEFT JOIN replaced ON replaced.id = status.id AND replaced.year = status.year
ORDER BY status.entity_id, status.year
"""
_CREDITS = """
WITH replaced AS (
    SELECT DISTINCT ON (status.id, other.year) status.id, other.year, other.determined_t
    FROM compliance_compliancestatus AS status
    JOIN emissions_redetermination AS other
        ON other.entity_id = status.entity_id AND other.redetermined_at <= status.settled_at
    ORDER BY status.id, other.year, other.count DESC
)
SELECT status.entity_id, status.year, status.credits_t,
       (SELECT coalesce(sum(surrender.credits_t), 0)::bigint FROM compliance_surrender AS surrender
        WHERE surrender.entity_id = status.entity_id AND surrender.year = status.year
          AND surrender.state = 'CONFIRMED' AND surrender.decided_at <= status.settled_at),
       status.traces -> 'credit_limit', coalesce(replaced.determined_t, figure.determined_t),
       (SELECT coalesce(sum(allocation.issue_t), 0)::bigint FROM compliance_allocation AS allocation
        WHERE allocation.entity_id = status.entity_id AND allocation.year = status.year
          AND allocation.state = 'ISSUED')
FROM compliance_compliancestatus AS status
LEFT JOIN emissions_determination AS figure ON figure.entity_id = status.entity_id AND figure.year = status.year
LEFT JOIN replaced ON replaced.id = status.id AND replaced.year = status.year
"""
_PROOFS = """
SELECT surrender.number, proof.scheme || ' ' || proof.serial_from || '-' || proof.serial_to, used.quantity_t,
       proof.serial_to - proof.serial_from + 1,
       proof.entity_id = surrender.entity_id AND proof.year = surrender.year,
       (SELECT count(*) FROM compliance_surrenderproof AS other
        JOIN compliance_cancellationproof AS near ON near.id = other.proof_id
        WHERE NOT other.is_withdrawn AND other.id <> used.id
          AND near.scheme = proof.scheme
          AND near.serial_from <= proof.serial_to AND near.serial_to >= proof.serial_from)
FROM compliance_surrenderproof AS used
JOIN compliance_surrender AS surrender ON surrender.id = used.surrender_id
JOIN compliance_cancellationproof AS proof ON proof.id = used.proof_id
WHERE NOT used.is_withdrawn
"""
_TRANSITION = """
SELECT step.entity_id, step.kind, step.due_on::text, step.quantity_t,
       coalesce(sum(posting.quantity) FILTER (WHERE debit.organisation_id = step.entity_id), 0)::bigint,
       coalesce(sum(posting.quantity) FILTER (WHERE credit.organisation_id = step.entity_id), 0)::bigint
FROM compliance_transitionstep AS step
LEFT JOIN registry_transfer AS transfer ON transfer.number = step.transfer
LEFT JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
LEFT JOIN registry_account AS debit ON debit.id = posting.debit_account_id
LEFT JOIN registry_account AS credit ON credit.id = posting.credit_account_id
GROUP BY step.id
"""
