"""Re-check what is set aside: each hold as the log tells of it, and none where the state of its account forbids it."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg

from tonnebook_audit import lanes, rows
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport
from tonnebook_audit.states import History, ways

# By reason of a hold: the transaction that sets it aside.
PLACED_BY = {
    "ORDER": "PLACE_ORDER",
    "BID": "PLACE_BID",
    "DELIVERY": "ASK_TRANSFER",
    "SURRENDER": "SUBMIT_SURRENDER",
    "PLEDGE": "PLEDGE",
    "BRIDGE": "BRIDGE",
    "RECALL": "CLAIM_RECALL",
    "COURT": "COURT_FREEZE",
}
# What rests in the market, and the transfer that carries it out; other holds outlast a change of state.
RESTING = {"ORDER": "DELIVER_TRADE", "BID": "DELIVER_AUCTION"}
_STANDING = ("ACTIVE", "WAITING")
_ENDED = ("RELEASED", "OVERRIDDEN")
_MONEY = "CLIENT_CASH"

# An account by its number, or those of an organisation in a region, of units or of money.
Place = str | tuple[str, str, bool]


def check(connection: psycopg.Connection[Any], log: LogFacts, history: History, report: AuditReport) -> None:
    """Check every hold against its leaves and against the states of its account."""
    if not rows.exists(connection, "registry_hold"):
        return
    stopped = dict(_stopped(connection, history))
    lost = set(log.holds)
    for number, account, type_, organisation, region, reason, state, *about in rows.stream(connection, _HOLDS):
        lost.discard(number)
        place, logged, sealed = log.holds.get(number, (0, "no leaf", None))
        report.compare(
            "hold leaf", number, expected=(logged, _told(sealed)), found=(reason, _found(sealed, account, about))
        )
        ended = log.let_go.get(number, "in force or used up")
        report.compare("hold end", number, expected=ended, found=state if state in _ENDED else "in force or used up")
        report.count("hold kept")
        then = history.at(account, place)
        if PLACED_BY[reason] not in ways(then)[0]:
            report.compare("hold kept", number, expected=f"no {reason} in {account}", found=then[0])
        if reason in RESTING and state in _STANDING:
            own, others = (account, reason), ((organisation, region, type_ == _MONEY), reason)
            report.compare("hold kept", number, expected=None, found=stopped.get(own) or stopped.get(others))
    for number in sorted(lost):
        report.compare("hold leaf", number, expected="a hold as logged", found="none")


def _told(sealed: str | None) -> dict[str, object] | None:
    # A seal that was erased can no longer be opened; the reason still stands in the log.
    if sealed is None:
        return None
    told = {"owner": "", "documents": [], **json.loads(sealed)}
    if told.get("expires_at"):
        told["expires_at"] = datetime.fromisoformat(told["expires_at"])
    return told


def _found(sealed: str | None, account: str, about: list[Any]) -> dict[str, object] | None:
    if sealed is None:
        return None
    asset, quantity, subject, owner, documents, expires_at = about
    found = {"account": account, "asset": asset, "quantity": str(quantity), "subject": subject}
    found |= {"owner": owner, "documents": documents}
    # Leaves of the first months say nothing of expiry.
    return {**found, "expires_at": expires_at} if "expires_at" in json.loads(sealed) else found


# Units and money change places, so an order rests on two accounts of its holder: on the one that gives, and on the
# holder's other kind of account, which receives.
def _stopped(connection: psycopg.Connection[Any], history: History) -> Iterator[tuple[tuple[Place, str], str]]:
    switched = set()
    if rows.exists(connection, "registry_freezeswitch"):
        switched = {number for (number,) in rows.stream(connection, _SWITCHED)}
    changed = sorted({*history.begun, *history.steps, *switched})
    for number, type_, organisation, region in rows.stream(connection, _ACCOUNTS, [changed]):
        now = history.at(number, sys.maxsize)
        out, into = (frozenset(), frozenset()) if number in switched else ways(now)
        why = f"{number} is {'switched off' if number in switched else now[0]}"
        for reason, transfer in RESTING.items():
            if transfer not in out:
                yield (number, reason), why
            if transfer not in into and type_ in {credit for _, _, credit in lanes.LANES[transfer]}:
                yield ((organisation, region, type_ != _MONEY), reason), why


_HOLDS = """
SELECT hold.number, account.number, account.type, account.organisation_id, account.region, hold.reason, hold.state,
       asset.code, hold.quantity, hold.subject, hold.owner, hold.documents, hold.expires_at
FROM registry_hold AS hold
JOIN registry_account AS account ON account.id = hold.account_id
JOIN registry_asset AS asset ON asset.id = hold.asset_id
ORDER BY hold.id
"""
_ACCOUNTS = "SELECT number, type, organisation_id, region FROM registry_account WHERE number = ANY(%s) ORDER BY id"
_SWITCHED = "SELECT subject FROM registry_freezeswitch WHERE scope = 'ACCOUNT' AND lifted_at IS NULL"
