"""Re-check states of accounts: as the log has them, one after another as they may, and kept by every posting.

What a state lets through is the auditor's own table, written down apart from the one the books decide by.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psycopg

from tonnebook_audit import lanes, rows
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport

_TRANSFERS = frozenset(lanes.LANES)
_HOLDS = frozenset(
    {"PLACE_ORDER", "PLACE_BID", "SUBMIT_SURRENDER", "ASK_TRANSFER", "PLEDGE", "BRIDGE", "CLAIM_RECALL", "COURT_FREEZE"}
)
# What goes on whatever an account is suspected of.
_ALWAYS = frozenset(
    {
        *("ALLOCATE", "TRUE_UP", "RECALL", "FILL_RESERVE", "SURRENDER", "CARRY_OVER", "CANCEL"),
        "FORCE_SURRENDER",
        *("COURT_TRANSFER", "CORRECTION", "SUBMIT_SURRENDER", "CLAIM_RECALL", "COURT_FREEZE"),
    }
)
_EVERYTHING = _TRANSFERS | _HOLDS
_OF_COURTS = frozenset({"COURT_TRANSFER", "COURT_FREEZE", "CLAIM_RECALL"})
_NOTHING: frozenset[str] = frozenset()

# By state: what leaves an account or is set aside in it, and what arrives.
WAYS = {
    "PENDING": (_NOTHING, _NOTHING),
    "OPEN": (_EVERYTHING, _TRANSFERS),
    "SOME_RESTRICTED": (_EVERYTHING, _TRANSFERS),
    "ALL_RESTRICTED": (_ALWAYS, _TRANSFERS),
    "FROZEN": (_OF_COURTS, _TRANSFERS),
    "SUSPENDED": (_ALWAYS, _ALWAYS & _TRANSFERS),
    "CLOSING": (
        _EVERYTHING - {"PLACE_ORDER", "PLACE_BID", "ASK_TRANSFER", "PLEDGE", "BRIDGE"},
        frozenset({"CORRECTION"}),
    ),
    "CLOSED": (_NOTHING, _NOTHING),
}
_LIMITED = ("SOME_RESTRICTED", "ALL_RESTRICTED", "FROZEN", "SUSPENDED")
# By state: which may follow; SOME_RESTRICTED also follows itself, with another list.
STEPS: dict[str, set[str]] = {
    "PENDING": {"OPEN", "CLOSED"},
    "OPEN": {*_LIMITED, "CLOSING"},
    **{state: {*_LIMITED, "OPEN"} - ({state} - {"SOME_RESTRICTED"}) for state in _LIMITED},
    "CLOSING": {"OPEN", "FROZEN", "CLOSED"},
    "CLOSED": set(),
}

# A change of state: the state, what is barred in it, the two people, and its leaf.
Change = tuple[str, tuple[str, ...], str, str, str]
_OPENED: Change = ("OPEN", (), "", "", "")


@dataclass(frozen=True)
class History:
    """What states accounts had.

    Attributes:
        begun: by number, the states of an account as the log has them, the one it was opened in first.
        steps: by number, each later change with the id of its leaf.
    """

    begun: dict[str, list[Change]]
    steps: dict[str, list[tuple[int, Change]]]

    def at(self, number: str, place: int) -> Change:
        """Give the state of an account when the leaf with an id was written."""
        change = next((one for at, one in reversed(self.steps.get(number, [])) if at < place), None)
        return change or self.begun.get(number, [_OPENED])[0]


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> History:
    """Check states of accounts, the steps between them, and what was posted meanwhile; give what states there were."""
    steps: defaultdict[str, list[tuple[int, Change]]] = defaultdict(list)
    history = History(log.states, steps)
    if not rows.exists(connection, "registry_statechange"):
        return history
    for account, place, state, barred, *others in rows.stream(connection, _STEPS):
        steps[account].append((place, (state, tuple(barred), *others)))
    for number, state, barred in rows.stream(connection, _ACCOUNTS):
        logged = log.states.get(number, [_OPENED])
        report.compare("state", number, expected=logged[-1][:2], found=(state, tuple(barred)))
        if number in steps or len(logged) > 1:
            found = [change for _, change in steps[number]]
            report.compare("state step", number, expected=logged[1:], found=found)
            for before, after in pairwise(logged):
                _check_step(number, before, after, report)
    _check_postings(connection, history, report)
    return history


def ways(change: Change) -> tuple[frozenset[str], frozenset[str]]:
    """Say what may leave an account after a change, or be set aside in it, and what may arrive."""
    state, barred, *_ = change
    out, into = WAYS[state]
    return out.difference(barred), into.difference(barred)


def _check_step(number: str, before: Change, after: Change, report: AuditReport) -> None:
    subject = f"{number} from {before[0]}"
    if after[0] not in STEPS[before[0]]:
        report.compare("state step", subject, expected=sorted(STEPS[before[0]]), found=after[0])
    more = any(now - then for then, now in zip(ways(before), ways(after), strict=True))
    # What its holder wanted closed goes on when the holder or the registrar says so.
    is_undone = (before[0], after[0]) == ("CLOSING", "OPEN")
    if more and not is_undone and after[3] in ("", after[2]):
        report.compare("state step", subject, expected="a second person", found=after[3] or "nobody")


# Whoever changes a state has waited for the transfers under way, and those behind it wait: the order of the leaves is
# that of the locks.
def _check_postings(connection: psycopg.Connection[Any], history: History, report: AuditReport) -> None:
    changed = sorted({*history.begun, *history.steps})
    for number, is_out, place, type_, transfer in rows.stream(connection, _POSTED, [changed]):
        change = history.at(number, place)
        report.count("state kept")
        if type_ not in ways(change)[0 if is_out else 1]:
            side = "out of" if is_out else "into"
            report.compare("state kept", transfer, expected=f"no {type_} {side} {number}", found=change[0])


_ACCOUNTS = "SELECT number, state, barred FROM registry_account ORDER BY id"
_STEPS = """
SELECT account.number, leaf.id, step.state, step.barred, step.initiator, step.approver, step.leaf_hash
FROM registry_statechange AS step
JOIN registry_account AS account ON account.id = step.account_id
JOIN journal_leaf AS leaf ON leaf.leaf_hash = decode(step.leaf_hash, 'hex')
ORDER BY step.id
"""
_POSTED = """
SELECT account.number, side.is_out, leaf.id, transfer.type, transfer.number
FROM registry_account AS account
JOIN (
    SELECT transfer_id, debit_account_id AS account_id, true AS is_out FROM registry_posting
    UNION ALL
    SELECT transfer_id, credit_account_id, false FROM registry_posting
) AS side ON side.account_id = account.id
JOIN registry_transfer AS transfer ON transfer.id = side.transfer_id
JOIN journal_leaf AS leaf ON leaf.leaf_hash = decode(transfer.leaf_hash, 'hex')
WHERE account.number = ANY(%s)
"""
