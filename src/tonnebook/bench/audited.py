"""What an audit of a million postings costs, and a page of the statement of an account that has many of them."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import psycopg
from django.db import connections, transaction

from tonnebook import scratch
from tonnebook.bench import crowd
from tonnebook.bench.report import Figure, in_turn
from tonnebook.core.ledger import TransferType
from tonnebook.core.roles import SYSTEM
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.services import BulkDraft

CROWD = 10_000
CALLS = 100
# The first calls all take from one account, which so comes to 100,000 postings.
CALLS_OF_ONE = 10
PAGE = 50

# Run in a process of its own, so that its memory is the auditor's alone.
_AUDIT = """
import json, resource, sys, time
from tonnebook_audit.auditor import audit
started = time.perf_counter()
report = audit(sys.argv[1])
seconds = time.perf_counter() - started
peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peak_mib": peak_mib, "breaks": len(report.breaks)}))
"""

# The same page by hand: one account's own postings with what they belong to, cut out by the database.
_PLAIN_PAGE = """
SELECT transfer.at, transfer.number, transfer.type, other.number, asset.code, posting.quantity, posting.debit_after
FROM registry_posting AS posting
JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
JOIN registry_account AS other ON other.id = posting.credit_account_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
WHERE posting.debit_account_id = (SELECT id FROM registry_account WHERE number = %s)
ORDER BY posting.transfer_id, posting.index OFFSET %s LIMIT %s
"""


def measure() -> list[Figure]:
    """Post a million movements in a scratch database, audit them and read a statement.

    Returns:
        Figures with their references and targets.

    Raises:
        RuntimeError: when the audit finds anything; what it costs to find nothing is what is measured.
    """
    with scratch.scratch_database("bench_audit"):
        accounts = crowd.open_crowd(CROWD)
        for call in range(CALLS):
            _post(accounts, accounts[0] if call < CALLS_OF_ONE else "")
        journal.integrate(now=crowd.NOW)
        journal.publish_checkpoint(now=crowd.NOW)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ANALYZE")
        page_s, plain_page_s = in_turn(lambda: _page_s(accounts[0]), lambda: _plain_page_s(accounts[0]))
        plain_s = _plain_audit_s()
        seconds, peak_mib = _audit()
        only_sums = "every posting read and added up, nothing else"
        return [
            Figure("audit_1m_postings_s", seconds, plain_s, target=20, is_cost=True, plain=only_sums),
            Figure("audit_peak_mib", peak_mib, target=1024, is_cost=True),
            Figure("statement_100k_s", page_s, plain_page_s, target=1.0, is_cost=True, plain="SQL by hand"),
        ]


def _post(accounts: list[str], payer: str) -> None:
    others = accounts[1:]
    pairs = (random.sample(others, 2) for _ in range(CROWD))
    movements = [(payer or debit, credit, 1) for debit, credit in pairs]
    # Only the market settles trades; these movements stand for payments it knows nothing of.
    draft = BulkDraft(TransferType.DELIVER_POOLED, "CNY", movements, SYSTEM.person, leaf_each=False)
    with transaction.atomic():
        registry.post_bulk(draft, now=crowd.NOW)


def _audit() -> tuple[float, float]:
    command = [sys.executable, "-c", _AUDIT, journal_queries.audit_url()]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    if told["breaks"]:
        raise RuntimeError(f"the audit of the bench found {told['breaks']} breaks")
    return told["seconds"], told["peak_mib"]


def _plain_audit_s() -> float:
    totals: Counter[int] = Counter()
    started = time.perf_counter()
    with psycopg.connect(journal_queries.audit_url()) as own, own.cursor(name="plain") as cursor:
        cursor.itersize = 10_000
        cursor.execute("SELECT debit_account_id, credit_account_id, quantity FROM registry_posting", binary=True)
        for debit, credit, quantity in cursor:
            totals[debit] -= quantity
            totals[credit] += quantity
    return time.perf_counter() - started


# A page from the middle: neither end of a statement is harder than the other, but the middle is never the first row.
def _page_s(account: str) -> float:
    started = time.perf_counter()
    begin, end = crowd.NOW - timedelta(days=1), crowd.NOW + timedelta(days=1)
    middle = CALLS_OF_ONE * CROWD // 2
    lines = queries.statement(account, from_at=begin, to_at=end, first=middle, limit=PAGE)
    if len(lines) != PAGE:
        raise RuntimeError(f"the statement has {len(lines)} lines on a page of {PAGE}")
    return time.perf_counter() - started


def _plain_page_s(account: str) -> float:
    started = time.perf_counter()
    with connections["default"].cursor() as cursor:
        cursor.execute(_PLAIN_PAGE, [account, CALLS_OF_ONE * CROWD // 2, PAGE])
        cursor.fetchall()
    return time.perf_counter() - started
