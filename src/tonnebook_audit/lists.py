"""Re-check coverage lists: each version against its leaf and its lines, and every line's reason against the facts.

A version that a later one has changed keeps only part of its lines, so its digest is computed again as long as none of
them was replaced; what it listed is sealed in its leaf and compared with every line that still is its own.
"""

import hashlib
import json
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import psycopg

from tonnebook_audit import rows, traces, tree
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport

_Place = tuple[str, int, int]
_COVERED = frozenset({"MANAGED", "ALLOWANCES"})
_ANY = frozenset({"OUT", "REPORTING", *_COVERED})
# By reason: the stages it leads to, and whether the figure is at or above the threshold (None: nothing is compared).
_REASONS: dict[str, tuple[frozenset[str], bool | None]] = {
    "ENTERED_BY_EMISSION": (_COVERED, True),
    "ENTERED_BY_ENERGY": (_COVERED, True),
    "STAYS_ABOVE": (_COVERED, True),
    "REPORTS_BY_SECTOR": (frozenset({"REPORTING"}), True),
    "REPORTS_ONLY": (frozenset({"REPORTING"}), True),
    "BELOW_REPORTING": (frozenset({"OUT"}), False),
    "STAYS_UNTIL_EXIT": (_ANY, False),
    "LEFT_BELOW": (frozenset({"OUT", "REPORTING"}), False),
    "SECTOR_NOT_COVERED": (frozenset({"OUT"}), None),
    "NO_FIGURE": (_ANY, None),
    "MOVED_TO_NATIONAL": (frozenset({"OUT"}), None),
    "CLOSED": (frozenset({"OUT"}), None),
    "MOVED_AWAY": (frozenset({"OUT"}), None),
    "LISTED": (_ANY, None),
    "CORRECTED": (_ANY, None),
}
# What somebody must have decided or noted for a reason that compares nothing.
_NOTED = {"MOVED_TO_NATIONAL": "national", "CLOSED": "closed", "MOVED_AWAY": "moved away"}
_GROUNDS = {"LISTED": {"IMPORT"}, "CORRECTED": {"CORRECTION", "OBJECTION"}}
_YEARS = {"STAYS_UNTIL_EXIT": False, "LEFT_BELOW": True}


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check versions, lines and reasons."""
    if not rows.exists(connection, "compliance_coveragelist"):
        return
    own: dict[_Place, list[list[str]]] = defaultdict(list)
    grounds = _check_versions(connection, log, report)
    logged = {place: _listed(log, place) for place in grounds}
    for region, year, version, entity, stage, reason, sector, words in rows.stream(connection, _LINES):
        place = region, year, version
        own[place].append([entity, sector, stage, reason, words])
        found = logged.get(place)
        if found is not None:
            report.compare("list line", f"{entity} {year}", expected=found.get(entity), found=(stage, reason))
    for place, (digest, lines) in _digests(connection).items():
        if len(own[place]) == lines:
            text = tree.canonical(sorted(own[place]))
            report.compare(
                "list digest", _subject(place), expected=hashlib.sha256(text.encode()).hexdigest(), found=digest
            )
    _check_reasons(connection, grounds, report)


# Versions follow each other from 1, each told by exactly one leaf in the same words, so that exactly one is the last.
def _check_versions(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> dict[_Place, str]:
    grounds: dict[_Place, str] = {}
    last: Counter[tuple[str, int]] = Counter()
    unseen = dict(log.lists)
    for region, year, version, *told in rows.stream(connection, _VERSIONS):
        place, (ground, *_) = (region, year, version), told
        grounds[place] = ground
        last[region, year] += 1
        report.compare("list version", _subject(place), expected=last[region, year], found=version)
        leaf = unseen.pop((region, str(year), str(version)), None)
        report.compare("list version", _subject(place), expected=leaf[0] if leaf else "no leaf", found=tuple(told))
    for told_of in sorted(unseen):
        report.compare("list version", " ".join(told_of), expected="a version as its leaf tells", found="none")
    return grounds


def _listed(log: LogFacts, place: _Place) -> dict[str, tuple[str, str]] | None:
    region, year, version = place
    leaf = log.lists.get((region, str(year), str(version)))
    if leaf is None or leaf[1] is None:
        return None
    return {one["entity"]: (one["stage"], one["reason"]) for one in json.loads(leaf[1])["entities"]}


def _digests(connection: psycopg.Connection[Any]) -> dict[_Place, tuple[str, int]]:
    return {
        (region, year, version): (digest, lines)
        for region, year, version, digest, lines in rows.stream(
            connection, "SELECT region, year, version, digest, lines FROM compliance_coveragelist"
        )
    }


def _check_reasons(connection: psycopg.Connection[Any], grounds: dict[_Place, str], report: AuditReport) -> None:
    for region, year, version, entity, stage, reason, margin, years, known, noted in rows.stream(connection, _WHY):
        stages, is_above = _REASONS.get(reason, (frozenset[str](), None))
        said = _is_said(reason, noted or [], grounds.get((region, year, version), ""))
        expected = (True, is_above, True, _YEARS.get(reason), said)
        rests = margin is None or not set(traces.given(margin)).isdisjoint(Decimal(one) for one in known or ())
        found = (stage in stages, _sign(margin), rests, _sign(years), True)
        report.compare("list reason", f"{entity} {year} {reason}", expected=expected, found=found)


def _is_said(reason: str, noted: list[str], ground: str) -> bool:
    return (reason not in _NOTED or _NOTED[reason] in noted) and ground in _GROUNDS.get(reason, {ground})


# Whether a number computed again is at or above zero; None when there is none.
def _sign(trace: Any) -> bool | str | None:
    if trace is None:
        return None
    value = traces.replay(trace)
    return value >= 0 if value is not None and value == Decimal(trace["value"]) else "not as derived"


def _subject(place: _Place) -> str:
    return " ".join(map(str, place))


_VERSIONS = """
SELECT region, year, version, ground, digest, rulebook_digest, initiator, approver
FROM compliance_coveragelist ORDER BY region, year, version
"""
_LINES = """
SELECT region, year, version, entity_id, stage, reason, sector, reason_en FROM compliance_coverage
"""
# A figure may be replaced after the list was made, so every figure there ever was may be the one it rests on.
_WHY = """
WITH known AS (
    SELECT entity_id, array_agg(figure::text) AS figures FROM (
        SELECT entity_id, determined_t::numeric AS figure FROM emissions_determination
        UNION ALL SELECT entity_id, determined_t::numeric FROM emissions_redetermination
        UNION ALL SELECT entity_id, energy_tce FROM compliance_energyuse
    ) AS every GROUP BY entity_id
), noted AS (
    SELECT entity_id, array_agg(CASE WHEN is_national THEN 'national' WHEN is_moved_away THEN 'moved away'
        ELSE 'closed' END) AS ways FROM compliance_departure GROUP BY entity_id
)
SELECT line.region, line.year, line.version, line.entity_id, line.stage, line.reason, line.trace, line.years_trace,
       known.figures, noted.ways
FROM compliance_coverage AS line
LEFT JOIN known ON known.entity_id = line.entity_id
LEFT JOIN noted ON noted.entity_id = line.entity_id
"""
