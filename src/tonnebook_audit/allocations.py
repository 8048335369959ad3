"""Re-check allocations: the plan as logged, its total never passed, every entity's tonnes as computed and as moved."""

import re
from collections import Counter
from typing import Any

import psycopg
import yaml

from tonnebook_audit import rows, traces
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport

_YEARS = re.compile(r"CY(\d{4})(?:-CY(\d{4}))?")
_AMOUNTS = ("base", "free", "paid")


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check plans, caps and batches."""
    if not rows.exists(connection, "compliance_allocation"):
        return
    _check_plans(connection, log, report)
    _check_amounts(connection, report)
    _check_entities(connection, report)
    _check_cuts(connection, report)
    for entity, year, batch, issue_t, moved_t in rows.stream(connection, _MOVED):
        report.compare("allocation", f"{entity} {year} {batch}", expected=issue_t, found=moved_t)


def _check_plans(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    given_t: Counter[tuple[str, int]] = Counter()
    for region, year, total_t in rows.stream(connection, _GIVEN_OUT):
        given_t[region, year] = total_t
    for region, year, overlay in rows.stream(connection, "SELECT region, year, overlay FROM compliance_allocationplan"):
        subject = f"{region} {year}"
        report.compare("plan", subject, expected=log.plans.get((region, str(year))), found=overlay)
        cap_t = planned_t(overlay, year, "cap_t")
        if cap_t is not None:
            report.count("cap")
            if given_t[region, year] > cap_t:
                report.compare("cap", subject, expected=f"at most {cap_t}", found=given_t[region, year])


def planned_t(overlay: str, year: int, name: str) -> int | None:
    """Read a total of the year as the plan itself says it; None where the plan has none of its own."""
    try:
        values = yaml.safe_load(overlay)["allocation"][name]["values"]
        for key, entry in values.items():
            years = _YEARS.fullmatch(str(key))
            if years and int(years[1]) <= year <= int(years[2] or years[1]):
                return int(entry["value"])
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return None


def _check_amounts(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for entity, year, batch, issue_t, *amounts, stored in rows.stream(connection, _AMOUNTS_OF):
        subject = f"{entity} {year} {batch}"
        for name, amount_t in zip(_AMOUNTS, amounts, strict=True):
            # What another registry allocated has only the published figure.
            if name == "free" or "base" in stored:
                traces.check(stored, name, subject=subject, stored=amount_t, report=report)
        if batch == "FIRST" and "issue" in stored:
            traces.check(stored, "issue", subject=subject, stored=issue_t, report=report)


# What decisions cut is taken off the first allowance they meet, at most its free part, and by no decision twice.
def _check_cuts(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for entity, year, cut_t, taken_t in rows.stream(connection, _CUTS_TAKEN):
        report.compare("cut", f"{entity} {year}", expected=taken_t, found=cut_t)
    for number, quantity_t, shortfall_t, is_later, is_decided, stored in rows.stream(connection, _CUTS_DECIDED):
        found = (quantity_t <= shortfall_t, is_later, is_decided)
        report.compare("cut", number, expected=(True, True, True), found=found)
        traces.check({"cut": stored}, "cut", subject=number, stored=quantity_t, report=report)


# After the second batch an entity has what it was computed to have, but for what could not be taken back.
def _check_entities(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for entity, year, issued_t, computed_t in rows.stream(connection, _ENTITIES):
        report.compare("issued as computed", f"{entity} {year}", expected=computed_t, found=issued_t)


# What left the issuance account or the reserve for good, less what went back there, was recalled or returned unsold;
# what came in place of older units was given out before.
_GIVEN_OUT = """
SELECT debit.region, asset.vintage_year, sum(posting.quantity * CASE
    WHEN debit.type IN ('ISSUANCE', 'RESERVE') THEN CASE WHEN credit.type IN ('ISSUANCE', 'RESERVE', 'CANCELLATION')
                                                    THEN 0 ELSE 1 END
    WHEN credit.type IN ('ISSUANCE', 'RESERVE') OR transfer.type IN ('RECALL', 'RETURN_UNSOLD') THEN -1
    ELSE 0 END)::bigint
FROM registry_posting AS posting
JOIN registry_asset AS asset ON asset.id = posting.asset_id AND asset.kind = 'ALLOWANCE'
JOIN registry_transfer AS transfer
    ON transfer.id = posting.transfer_id AND transfer.type NOT IN ('CARRY_OVER', 'CONVERT')
JOIN registry_account AS debit ON debit.id = posting.debit_account_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
GROUP BY debit.region, asset.vintage_year
"""
_AMOUNTS_OF = """
SELECT entity_id, year, batch, issue_t, base_t, free_t, paid_t, traces
FROM compliance_allocation WHERE state <> 'WITHHELD'
"""
_ENTITIES = """
SELECT second.entity_id, second.year, first.issue_t + second.issue_t, second.free_t + second.recall_outstanding_t
FROM compliance_allocation AS second
JOIN compliance_allocation AS first
    ON first.entity_id = second.entity_id AND first.year = second.year AND first.batch = 'FIRST'
    AND first.state = 'ISSUED'
WHERE second.batch = 'SECOND' AND second.state = 'ISSUED'
"""
_CUTS_TAKEN = """
SELECT allocation.entity_id, allocation.year, allocation.cut_t,
       least(allocation.free_t + allocation.cut_t, coalesce(sum(decided.quantity_t), 0))::bigint
FROM compliance_allocation AS allocation
LEFT JOIN compliance_allowancecut AS decided
    ON decided.entity_id = allocation.entity_id AND decided.year = allocation.year
WHERE allocation.batch = 'SECOND' AND allocation.state = 'ISSUED'
GROUP BY allocation.id
"""
_CUTS_DECIDED = """
SELECT file.number, decided.quantity_t, file.shortfall_t, decided.year > file.year,
       EXISTS (SELECT FROM compliance_penaltyentry AS entry WHERE entry.file_id = file.id AND entry.step = 'REFUSED')
           AND EXISTS (SELECT FROM compliance_penaltyentry AS entry
                       WHERE entry.file_id = file.id AND entry.step = 'DECIDED' AND entry.at = decided.decided_at),
       decided.trace
FROM compliance_allowancecut AS decided JOIN compliance_penaltyfile AS file ON file.id = decided.file_id
"""
# What a batch says it issued or recalled is what its transfer moved into or out of the entity's account.
_MOVED = """
SELECT allocation.entity_id, allocation.year, allocation.batch, allocation.issue_t,
       coalesce(sum(CASE WHEN credit.organisation_id = allocation.entity_id THEN posting.quantity
                         WHEN debit.organisation_id = allocation.entity_id THEN -posting.quantity END), 0)::bigint
FROM compliance_allocation AS allocation
LEFT JOIN registry_transfer AS transfer ON transfer.number = allocation.transfer
LEFT JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
LEFT JOIN registry_account AS debit ON debit.id = posting.debit_account_id
LEFT JOIN registry_account AS credit ON credit.id = posting.credit_account_id
WHERE allocation.state = 'ISSUED'
GROUP BY allocation.id
"""
