"""Re-check market stability: what was set aside, found, moved and served, against transfers and traces.

Whatever entered the reserve by that name, was sold from it or bought back into it, or went between it and an auction by
a decision, belongs to a row that says why. What came into a reserve is what left it and what it holds.
"""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import psycopg

from tonnebook_audit import rows, traces
from tonnebook_audit.report import AuditReport

_Legs = dict[str, Counter[tuple[str, str, str, int]]]


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check reserves, findings, interventions and requests."""
    if not (rows.exists(connection, "compliance_intervention") and rows.exists(connection, "registry_transfer")):
        return
    moved: dict[str, _Legs] = defaultdict(lambda: defaultdict(Counter))
    for type_, number, *leg in rows.stream(connection, _MOVED):
        bound = "FILL_RESERVE" if type_ == "FILL_RESERVE" else "SERVED"
        moved["MOVED" if "AUCTION" in leg[:2] else bound][number][tuple(leg)] += 1
    _check_set_aside(connection, moved["FILL_RESERVE"], report)
    _check_moved(connection, moved["MOVED"], report)
    _check_served(connection, moved["SERVED"], report)
    for number, price_fen, price, *figures in rows.stream(connection, _INTERVENTIONS):
        traces.check({"price": price}, "price", subject=number, stored=price_fen, report=report)
        report.compare("intervention", number, expected=tuple(figures[2:]), found=tuple(figures[:2]))
    for region, on, found in rows.stream(connection, _FINDINGS):
        for name, trace in found.items():
            expected, shown = traces.replay(trace), Decimal(trace["value"])
            report.compare("finding", f"{region} {on} {name}", expected=expected, found=shown)
    for account, asset, in_t, out_t, held_t in rows.stream(connection, _RESERVES):
        report.compare("reserve", f"{account} {asset}", expected=in_t, found=out_t + held_t)


def _check_set_aside(connection: psycopg.Connection[Any], moved: _Legs, report: AuditReport) -> None:
    for region, year, asset, quantity_t, trace, transfer in rows.stream(connection, _SET_ASIDE):
        subject, found = f"{region} {year}", moved.pop(transfer, Counter())
        expected = [("ISSUANCE", "RESERVE", asset, quantity_t)]
        report.compare("set aside", subject, expected=expected, found=sorted(found.elements()))
        traces.check({"reserve": trace}, "reserve", subject=subject, stored=quantity_t, report=report)
    for transfer in sorted(moved):
        report.compare("set aside", transfer, expected="a plan whose reserve it is", found="none")


# A release follows a rise and a withdrawal a fall, once, and never above the limit its trace computes.
def _check_moved(connection: psycopg.Connection[Any], moved: _Legs, report: AuditReport) -> None:
    for number, kind, found_kind, asset, quantity_t, limit_t, trace, transfer in rows.stream(connection, _MOVES):
        found, lane = moved.pop(transfer, Counter()), _LANES[kind]
        legs = [(*lane, asset, quantity_t)]
        report.compare("reserve move", number, expected=legs, found=sorted(found.elements()))
        report.compare("reserve move", f"{number} upon", expected=_CALLED_FOR_BY[kind], found=found_kind)
        if quantity_t > limit_t:
            report.compare("reserve move", f"{number} limit", expected=f"at most {limit_t}", found=quantity_t)
        traces.check({"limit": trace}, "limit", subject=number, stored=limit_t, report=report)
    for transfer in sorted(moved):
        report.compare("reserve move", transfer, expected="a decision that it carries out", found="none")


# Nobody is delivered to without payment: both legs stand in one transfer, and every transfer has its request.
def _check_served(connection: psycopg.Connection[Any], moved: _Legs, report: AuditReport) -> None:
    for number, transfer, is_sale, units, cash, asset, served_t, due_fen in rows.stream(connection, _REQUESTS):
        legs = [("RESERVE", units, asset, served_t), (cash, "TREASURY", "CASH", due_fen)]
        if not is_sale:
            legs = [(credit, debit, held, quantity) for debit, credit, held, quantity in legs]
        found = moved.pop(transfer, Counter())
        report.compare("served", number, expected=sorted(legs), found=sorted(found.elements()))
    for transfer in sorted(moved):
        report.compare("served", transfer, expected="a request that it serves", found="none")


_LANES = {"RELEASE": ("RESERVE", "AUCTION"), "WITHDRAWAL": ("AUCTION", "RESERVE")}
_CALLED_FOR_BY = {"RELEASE": "RISE", "WITHDRAWAL": "FALL"}
_MOVED = """
SELECT transfer.type, transfer.number,
       CASE WHEN debit.organisation_id IS NULL THEN debit.type ELSE debit.number END,
       CASE WHEN credit.organisation_id IS NULL THEN credit.type ELSE credit.number END,
       CASE WHEN asset.kind = 'CASH' THEN asset.kind ELSE asset.code END, posting.quantity
FROM registry_transfer AS transfer
JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
JOIN registry_account AS debit ON debit.id = posting.debit_account_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
WHERE transfer.type IN ('FILL_RESERVE', 'RELEASE_RESERVE', 'BUY_BACK')
"""
_SET_ASIDE = "SELECT region, year, asset, quantity_t, trace, transfer FROM compliance_setaside"
_FINDINGS = 'SELECT region, "on", traces FROM compliance_stabilityfinding'
_MOVES = """
SELECT move.number, move.kind, found.kind, move.asset, move.quantity_t, move.limit_t, move.limit_trace, move.transfer
FROM compliance_reservemove AS move
JOIN compliance_stabilityfinding AS found ON found.id = move.finding_id
"""
_RESERVES = """
SELECT account.number, asset.code,
       coalesce(sum(side.quantity) FILTER (WHERE side.is_in), 0)::bigint,
       coalesce(sum(side.quantity) FILTER (WHERE NOT side.is_in), 0)::bigint, coalesce(max(balance.total), 0)
FROM registry_account AS account
JOIN (
    SELECT credit_account_id AS account_id, asset_id, quantity, true AS is_in FROM registry_posting
    UNION ALL
    SELECT debit_account_id, asset_id, quantity, false FROM registry_posting
) AS side ON side.account_id = account.id
JOIN registry_asset AS asset ON asset.id = side.asset_id
LEFT JOIN registry_balance AS balance ON balance.account_id = account.id AND balance.asset_id = asset.id
WHERE account.type = 'RESERVE'
GROUP BY account.number, asset.code
"""
_REQUESTS = """
SELECT request.number, request.transfer, intervention.kind = 'FIXED_PRICE_SALE', request.unit_account,
       request.cash_account, request.asset, request.served_t, request.served_t * request.price_fen_per_t
FROM compliance_interventionrequest AS request
JOIN compliance_intervention AS intervention ON intervention.id = request.intervention_id
WHERE request.served_t > 0 OR request.transfer <> ''
"""
_INTERVENTIONS = """
SELECT intervention.number, intervention.price_fen_per_t, found.traces -> 'price',
       coalesce(intervention.moved_t, 0), coalesce(intervention.paid_fen, 0),
       coalesce(sum(request.served_t), 0)::bigint, coalesce(sum(request.served_t * request.price_fen_per_t), 0)::bigint
FROM compliance_intervention AS intervention
JOIN compliance_stabilityfinding AS found ON found.id = intervention.finding_id
LEFT JOIN compliance_interventionrequest AS request ON request.intervention_id = intervention.id
GROUP BY intervention.id, found.id
"""
