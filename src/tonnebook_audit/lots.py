"""Re-check titles: replay every lot from the postings and compare it with what is stored and with the balances."""

from collections import Counter
from datetime import date, timedelta, timezone
from typing import Any, TypeAlias

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.books import Names, read_names
from tonnebook_audit.report import AuditReport

TITLED = frozenset({"HOLDING", "TRADING", "PROJECT", "PLEDGE_CUSTODY"})
# The title a transfer gives; every other transfer leaves it as it was.
_GIVES = {
    **dict.fromkeys(("ALLOCATE", "TRUE_UP"), "ALLOCATED_FREE"),
    **dict.fromkeys(("DELIVER_TRADE", "DELIVER_POOLED", "REPO_SELL", "REPO_BUY_BACK"), "MARKET"),
    **dict.fromkeys(("CARRY_OVER", "CONVERT"), "CONVERTED"),
    **dict.fromkeys(("TRANSFER", "COURT_TRANSFER", "ENFORCE_PLEDGE", "LEND", "RETURN_LOAN"), "NON_TRADE"),
    **dict.fromkeys(("DELIVER_AUCTION", "RELEASE_RESERVE"), "AUCTION"),
    "ISSUE_CREDITS": "ISSUED",
    "OPENING_ENTRY": "OPENING",
}
# Days of China; whatever is acquired is acquired on one of them.
_ZONE = timezone(timedelta(hours=8))

_Place: TypeAlias = tuple[int, int]
_Key: TypeAlias = tuple[str, str, int | None]


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check lots against postings, and their sums against balances."""
    if not rows.exists(connection, "registry_lot"):
        return
    names = read_names(connection)
    stored = {
        (account, asset, title, str(on), price): quantity_t
        for account, asset, title, on, price, quantity_t in rows.stream(connection, _LOTS)
    }
    replayed = _replay(connection, names, report)
    for key in stored.keys() | replayed.keys():
        subject = f"{names.place(key[0], key[1])} {key[2]} {key[3]}"
        report.compare("lot", subject, expected=replayed.get(key, 0), found=stored.get(key, 0))
    _check_sums(connection, names, stored, report)


def _replay(
    connection: psycopg.Connection[Any], names: Names, report: AuditReport
) -> dict[tuple[int, int, str, str, int | None], int]:
    opened = dict(rows.stream(connection, "SELECT id, opened_at FROM registry_account"))
    restored = dict(rows.stream(connection, _RESTORED)) if rows.exists(connection, "market_bust") else {}
    lying: dict[_Place, Counter[_Key]] = {}
    for type_, at, number, debit, credit, asset, quantity, price, lots in rows.stream(connection, _POSTINGS):
        debit_titled, credit_titled = (names.accounts[one][1] in TITLED for one in (debit, credit))
        if lots is None:
            # Posted before there were titles: it all counts as opening.
            for account, is_titled, change in ((debit, debit_titled, -quantity), (credit, credit_titled, quantity)):
                if is_titled:
                    opening: _Key = ("OPENING", str(_day(opened[account])), None)
                    lying.setdefault((account, asset), Counter())[opening] += change
            continue
        left: list[tuple[_Key, int]] = [((title, on, paid), part) for title, on, paid, part in lots]
        expected = quantity if debit_titled else 0
        report.compare("lots of posting", number, expected=expected, found=sum(part for _, part in left))
        for key, part in left:
            lying.setdefault((debit, asset), Counter())[key] -= part
        if credit_titled:
            title = _GIVES.get(type_)
            new: _Key = (title or "NON_TRADE", str(_day(at)), price)
            come = left if title is None and left else [(new, quantity)]
            if type_ == "BUST_TRADE":
                come = [((title, on, paid), part) for title, on, paid, part in restored.get(number, ())]
            for key, part in come:
                lying.setdefault((credit, asset), Counter())[key] += part
    return {(*place, *key): part for place, found in lying.items() for key, part in found.items() if part}


def _check_sums(
    connection: psycopg.Connection[Any],
    names: Names,
    stored: dict[tuple[int, int, str, str, int | None], int],
    report: AuditReport,
) -> None:
    sums: Counter[_Place] = Counter()
    for (account, asset, *_), quantity_t in stored.items():
        sums[account, asset] += quantity_t
    for account, asset, total in rows.stream(connection, "SELECT account_id, asset_id, total FROM registry_balance"):
        if names.is_unit(asset):
            expected = total if names.accounts[account][1] in TITLED else 0
            found = sums.pop((account, asset), 0)
            report.compare("lot sum", names.place(account, asset), expected=expected, found=found)
    for place, quantity_t in sums.items():
        report.compare("lot sum", names.place(*place), expected="a balance", found=quantity_t)


def _day(at: Any) -> date:
    day: date = at.astimezone(_ZONE).date()
    return day


_LOTS = "SELECT account_id, asset_id, title, acquired_on, price_fen_per_t, quantity_t FROM registry_lot"
# What takes a trade back brings the lots back that its delivery took. Trades of one transfer were delivered in their
# order.
_RESTORED = """
WITH made AS (
    SELECT id, transfer, row_number() OVER (PARTITION BY transfer ORDER BY id) AS place
    FROM market_trade
    WHERE transfer IN (SELECT trade.transfer FROM market_bust AS bust JOIN market_trade AS trade ON trade.id = trade_id)
), delivered AS (
    SELECT transfer.number, posting.lots, row_number() OVER (PARTITION BY transfer.id ORDER BY posting.index) AS place
    FROM registry_transfer AS transfer
    JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
    JOIN registry_asset AS asset ON asset.id = posting.asset_id AND asset.kind <> 'CASH'
    WHERE transfer.number IN (SELECT transfer FROM made)
)
SELECT bust.transfer, delivered.lots
FROM market_bust AS bust
JOIN made ON made.id = bust.trade_id
JOIN delivered ON delivered.number = made.transfer AND delivered.place = made.place
"""
_POSTINGS = """
SELECT transfer.type, transfer.at, transfer.number, posting.debit_account_id, posting.credit_account_id,
       posting.asset_id, posting.quantity, posting.price_fen_per_t, posting.lots
FROM registry_posting AS posting
JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id AND asset.kind <> 'CASH'
ORDER BY posting.transfer_id, posting.index
"""
