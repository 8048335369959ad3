"""Re-check why somebody has more than its method gives: grounds of incentives, and draws on the headroom.

Grounds are private, so their leaves name them under a seal; where seals were erased, as many rows may stay unnamed.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from tonnebook_audit import rows, traces
from tonnebook_audit.allocations import planned_t
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport

_Place = tuple[str, str, str]
_Told = tuple[str, ...]


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check grounds and draws."""
    if not rows.exists(connection, "compliance_groundwithdrawal"):
        return
    for kind, leaves, stored in (("noted", log.grounds, _NOTED), ("withdrawn", log.withdrawals, _WITHDRAWN)):
        _check_told(kind, leaves, rows.stream(connection, stored), report)
    for subject, ground, has_stood in rows.stream(connection, _USED):
        report.compare("ground used", f"{subject} {ground}", expected=True, found=has_stood)
    _check_draws(connection, log, report)


# Every row is told by one leaf in the same words, and every leaf tells of rows that are there.
def _check_told(
    kind: str, leaves: Iterable[tuple[str, int, str | None]], stored: Iterable[tuple[Any, ...]], report: AuditReport
) -> None:
    told: dict[_Place, _Told] = {}
    unnamed: Counter[str] = Counter()
    for year, count, sealed in leaves:
        if sealed is None:
            unnamed[year] += count
        else:
            told |= _named(year, json.loads(sealed))
    for entity, year, ground, *words in stored:
        expected = told.pop((entity, str(year), ground), None)
        if expected is None and unnamed[str(year)] > 0:
            unnamed[str(year)] -= 1
            continue
        report.compare("ground", f"{entity} {year} {ground} {kind}", expected=expected or "a leaf", found=tuple(words))
    for place in sorted(told):
        report.compare("ground", f"{' '.join(place)} {kind}", expected="a row as its leaf tells", found="none")
    for year, count in sorted((+unnamed).items()):
        report.compare("ground", f"{year} {kind}", expected=f"{count} more rows", found="none")


def _named(year: str, told: Mapping[str, Any]) -> dict[_Place, _Told]:
    if "grounds" not in told:
        return {(told["entity"], year, told["ground"]): (told["reason"],)}
    return {
        (entity, year, ground): (evidence,)
        for entity, found in told["grounds"].items()
        for ground, evidence in found.items()
    }


# A draw is what its leaf says and what its one transfer moved, by two people; all of them stay within the pot.
def _check_draws(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    drawn_t: Counter[tuple[str, int]] = Counter()
    unseen = dict(log.draws)
    for number, region, year, quantity_t, left, moved, *people in rows.stream(connection, _DRAWS):
        left_t = traces.replay(left)
        told = (region, str(year), str(quantity_t), str(left_t))
        report.compare("headroom", number, expected=unseen.pop(number, "a leaf"), found=told)
        report.compare("headroom", f"{number} transfer", expected=[quantity_t], found=moved)
        if people[0] == people[1]:
            report.compare("two people", number, expected="somebody else", found=people[1])
        drawn_t[region, year] += quantity_t
    for number in sorted(unseen):
        report.compare("headroom", number, expected="a draw as its leaf tells", found="none")
    for transfer in rows.stream(connection, _UNEXPLAINED):
        report.compare("headroom", str(transfer[0]), expected="a draw that it carries out", found="none")
    for region, year, overlay in rows.stream(connection, "SELECT region, year, overlay FROM compliance_allocationplan"):
        pot_t = planned_t(overlay, year, "headroom_t")
        if drawn_t[region, year] > (pot_t or 0):
            report.compare(
                "headroom", f"{region} {year}", expected=f"at most {pot_t or 0}", found=drawn_t[region, year]
            )


_NOTED = """
SELECT entity_id, year, ground, evidence FROM compliance_incentiveground ORDER BY id
"""
_WITHDRAWN = """
SELECT noted.entity_id, noted.year, noted.ground, withdrawal.reason
FROM compliance_groundwithdrawal AS withdrawal
JOIN compliance_incentiveground AS noted ON noted.id = withdrawal.ground_id
ORDER BY withdrawal.id
"""
# Each incentive that a figure names, and whether its ground stood when it was computed.
_USED = r"""
WITH used AS (
    SELECT DISTINCT row.entity_id, row.year, row.batch, row.computed_at,
           substring(path #>> '{}' FROM '^allocation\.(?:paid_)?incentive\.([^.]+)') AS ground
    FROM compliance_allocation AS row,
         jsonb_path_query(row.traces, 'strict $.**.origin.path ? (@ like_regex "^allocation[.](paid_)?incentive[.]")',
                          silent => true) AS path
    WHERE row.state <> 'WITHHELD'
)
SELECT used.entity_id || ' ' || used.year || ' ' || used.batch, used.ground,
       coalesce(noted.noted_at <= used.computed_at, false)
           AND coalesce(withdrawal.withdrawn_at >= used.computed_at, true)
FROM used
LEFT JOIN compliance_incentiveground AS noted
    ON noted.entity_id = used.entity_id AND noted.year = used.year AND noted.ground = used.ground
LEFT JOIN compliance_groundwithdrawal AS withdrawal ON withdrawal.ground_id = noted.id
"""
_DRAWS = """
SELECT draw.number, draw.region, draw.year, draw.quantity_t, draw.left,
       array(SELECT posting.quantity
             FROM registry_transfer AS transfer
             JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
             JOIN registry_account AS debit ON debit.id = posting.debit_account_id AND debit.type = 'ISSUANCE'
             JOIN registry_account AS credit
                 ON credit.id = posting.credit_account_id AND credit.organisation_id = draw.entity_id
             JOIN registry_asset AS asset ON asset.id = posting.asset_id AND asset.vintage_year = draw.year
             WHERE transfer.number = draw.transfer AND transfer.subject = draw.number),
       draw.initiator, draw.approver
FROM compliance_headroomdraw AS draw ORDER BY draw.id
"""
_UNEXPLAINED = """
SELECT transfer.number FROM registry_transfer AS transfer
WHERE transfer.type = 'ALLOCATE' AND starts_with(transfer.subject, 'HD-')
  AND NOT EXISTS (SELECT FROM compliance_headroomdraw AS draw WHERE draw.transfer = transfer.number)
"""
