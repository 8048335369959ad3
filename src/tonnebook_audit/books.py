"""Re-check the account book: rebuild every balance from its postings and compare it with everything that repeats it."""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tonnebook_audit import rows, tree
from tonnebook_audit.log import Bulk, LogFacts
from tonnebook_audit.report import AuditReport

SOURCES = frozenset({"ISSUANCE", "BANK"})
TERMINALS = frozenset({"SURRENDER", "RETIREMENT", "CANCELLATION", "HANDOVER"})


@dataclass
class Names:
    """Accounts and assets by their database ids."""

    accounts: dict[int, tuple[str, str]]
    assets: dict[int, tuple[str, str, str]]

    def place(self, account: int, asset: int) -> str:
        """Name a balance for a reader."""
        return f"{self.accounts[account][0]} {self.assets[asset][0]}"

    def is_source(self, account: int) -> bool:
        """Say whether an account may be below zero."""
        return self.accounts[account][1] in SOURCES

    def is_unit(self, asset: int) -> bool:
        """Say whether an asset has serial numbers."""
        return self.assets[asset][1] != "CASH"


@dataclass
class Flows:
    """What all postings add up to.

    Attributes:
        totals: quantity by account and asset.
        issued: units out of sources less units back into them, by scheme.
    """

    totals: Counter[tuple[int, int]] = field(default_factory=Counter)
    issued: Counter[str] = field(default_factory=Counter)


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check accounts, transfers, postings, balances and holds."""
    if not rows.exists(connection, "registry_posting"):
        return
    names = read_names(connection)
    flows = _check_postings(connection, names, report)
    _check_balances(connection, names, flows, report)
    _check_transfers(connection, log, report)
    _check_schemes(names, flows, report)


def read_names(connection: psycopg.Connection[Any]) -> Names:
    """Read what accounts and assets are called."""
    accounts = rows.stream(connection, "SELECT id, number, type FROM registry_account")
    found = {id_: (number, type_) for id_, number, type_ in accounts}
    assets = rows.stream(connection, "SELECT id, code, kind, scheme FROM registry_asset")
    return Names(found, {id_: (code, kind, scheme) for id_, code, kind, scheme in assets})


def _check_postings(connection: psycopg.Connection[Any], names: Names, report: AuditReport) -> Flows:
    flows = Flows()
    totals = flows.totals
    for transfer, index, debit, credit, asset, quantity, debit_after, credit_after in rows.stream(
        connection, _POSTINGS
    ):
        totals[debit, asset] -= quantity
        totals[credit, asset] += quantity
        chained = (totals[debit, asset], totals[credit, asset])
        if chained != (debit_after, credit_after):
            subject = f"posting {transfer}/{index}: {names.place(debit, asset)} / {names.place(credit, asset)}"
            report.compare("posting", subject, expected=chained, found=(debit_after, credit_after))
            # One wrong figure is one break, not one for every posting after it.
            totals[debit, asset], totals[credit, asset] = debit_after, credit_after
        if names.accounts[debit][1] in TERMINALS or quantity <= 0:
            report.compare("terminal", names.place(debit, asset), expected="nothing leaves it", found=quantity)
        if names.is_unit(asset):
            scheme = names.assets[asset][2]
            flows.issued[scheme] += quantity * (names.is_source(debit) - names.is_source(credit))
        report.count("posting")
    return flows


def _check_balances(connection: psycopg.Connection[Any], names: Names, flows: Flows, report: AuditReport) -> None:
    holds = {(account, asset): (held, waiting) for account, asset, held, waiting in rows.stream(connection, _HOLDS)}
    missing = {place for place, total in flows.totals.items() if total} | set(holds)
    sums: Counter[int] = Counter()
    for account, asset, total, held, waiting in rows.stream(connection, _BALANCES):
        place, subject = (account, asset), names.place(account, asset)
        missing.discard(place)
        sums[asset] += total
        report.compare("balance", subject, expected=flows.totals[place], found=total)
        report.compare("hold", subject, expected=holds.get(place, (0, 0)), found=(held, waiting))
        if waiting and held != total:
            report.compare("queue", subject, expected="nothing free while somebody waits", found=f"{held} of {total}")
        if not (names.is_source(account) and held == 0) and not 0 <= held <= total:
            report.compare("covered", subject, expected="0 <= held <= total", found=f"{held} of {total}")
    for account, asset in missing:
        report.compare("balance", names.place(account, asset), expected=flows.totals[account, asset], found="no row")
    for asset, total in sums.items():
        report.compare("zero sum", names.assets[asset][0], expected=0, found=total)


def _check_transfers(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    legs = _legs(connection)
    bulks = {number: (one.type, one.leaf, None) for number, one in log.bulks.items()}
    unseen = log.transfers | bulks
    for number, type_, initiator, approver, leaf_hash in rows.stream(connection, _TRANSFERS):
        logged_type, logged_leaf, sealed = unseen.pop(number, ("no leaf", "", None))
        report.compare("transfer", number, expected=(logged_type, logged_leaf), found=(type_, leaf_hash))
        if approver and approver == initiator:
            report.compare("two people", number, expected="somebody else", found=approver)
        # A seal that was erased can no longer be opened; its commitment still stands in the log.
        if sealed is not None:
            report.compare("legs", number, expected=_logged_legs(sealed), found=legs.get(number, []))
    _check_corrections(connection, log, legs, report)
    for number in unseen:
        report.compare("transfer", number, expected="a transfer as logged", found="none")
    money = {code for (code,) in rows.stream(connection, "SELECT code FROM registry_asset WHERE kind = 'CASH'")}
    for number, one in log.bulks.items():
        if one.sealed is not None:
            expected = one.root or log.movements[number].hexdigest()
            found = _movements(number, one, legs.get(number, []), money)
            report.compare("movements", number, expected=expected, found=found)


def _check_corrections(
    connection: psycopg.Connection[Any], log: LogFacts, legs: dict[str, list[tuple[str, ...]]], report: AuditReport
) -> None:
    unseen = dict(log.corrections)
    for number, corrects in rows.stream(connection, _CORRECTIONS):
        report.compare("correction", number, expected=unseen.pop(number, "none in the log"), found=corrects)
        mirrored = sorted((credit, debit, *what) for debit, credit, *what in legs.get(corrects, []))
        report.compare("correction", number, expected=mirrored, found=sorted(legs.get(number, [])))
    for number, corrects in unseen.items():
        report.compare("correction", number, expected=corrects, found="none")


def _movements(number: str, one: Bulk, legs: list[tuple[str, ...]], money: set[str]) -> str:
    # Each leaf is written anew from the posting; the salt of a movement comes from that of its transfer. There may be
    # millions: what is the same in all of them is put into canonical form once, each account once.
    salt = bytes.fromhex(json.loads(one.sealed or "")["salt"])
    names = {name: tree.canonical(name) for leg in legs for name in leg[:2]}
    at, begun = tree.canonical(one.at), tree.canonical(f"{number}/")[:-1]
    what = "delivery" if one.is_delivery else "movement"
    leaves = []
    for index, secret in enumerate(_deliveries(legs, names, money) if one.is_delivery else _each(legs, names)):
        own = hmac.digest(salt, f"{number}/{index}".encode(), "sha256")
        sealed = hmac.digest(own, secret.encode(), "sha256").hex()
        facts = f'{{"{what}":{begun}{index}"}}'
        entry = f'{{"at":{at},"facts":{facts},"kind":"registry.{what}.posted","sealed":"{sealed}"}}'
        leaves.append(tree.leaf_hash(entry.encode()))
    return tree.root_of(leaves).hex() if one.root else hashlib.sha256(b"".join(leaves)).hexdigest()


def _each(legs: list[tuple[str, ...]], names: dict[str, str]) -> Iterator[str]:
    for debit, credit, _asset, quantity in legs:
        yield f'{{"credit":{names[credit]},"debit":{names[debit]},"quantity":"{quantity}"}}'


# Each delivery begins with its units.
def _deliveries(legs: list[tuple[str, ...]], names: dict[str, str], money: set[str]) -> Iterator[str]:
    told: list[str] = []
    for debit, credit, asset, quantity in legs:
        if told and asset not in money:
            yield f'{{"legs":[{",".join(told)}]}}'
            told = []
        about = f'"asset":{tree.canonical(asset)},"credit":{names[credit]},"debit":{names[debit]}'
        told.append(f'{{{about},"quantity":"{quantity}"}}')
    if told:
        yield f'{{"legs":[{",".join(told)}]}}'


def _legs(connection: psycopg.Connection[Any]) -> dict[str, list[tuple[str, ...]]]:
    legs: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for number, debit, credit, asset, quantity in rows.stream(connection, _LEGS):
        legs[number].append((debit, credit, asset, str(quantity)))
    return legs


def _logged_legs(sealed: str) -> list[tuple[str, ...]]:
    return [(leg["debit"], leg["credit"], leg["asset"], leg["quantity"]) for leg in json.loads(sealed)["legs"]]


def _check_schemes(names: Names, flows: Flows, report: AuditReport) -> None:
    # issued = held + surrendered + retired + cancelled, scheme by scheme, from the postings alone.
    there: Counter[str] = Counter()
    for (account, asset), total in flows.totals.items():
        if names.is_unit(asset) and not names.is_source(account):
            there[names.assets[asset][2]] += total
    for scheme, issued_t in flows.issued.items():
        report.compare("issued", scheme, expected=issued_t, found=there[scheme])


_POSTINGS = """
SELECT transfer_id, index, debit_account_id, credit_account_id, asset_id, quantity, debit_after, credit_after
FROM registry_posting ORDER BY transfer_id, index
"""
_BALANCES = "SELECT account_id, asset_id, total, held, waiting FROM registry_balance"
_HOLDS = """
SELECT account_id, asset_id, sum(remaining)::bigint, sum(waiting)::bigint
FROM registry_hold WHERE state IN ('ACTIVE', 'WAITING')
GROUP BY account_id, asset_id
"""
_TRANSFERS = "SELECT number, type, initiator, approver, leaf_hash FROM registry_transfer ORDER BY id"
_CORRECTIONS = "SELECT number, corrects_id FROM registry_transfer WHERE corrects_id IS NOT NULL ORDER BY id"
_LEGS = """
SELECT transfer.number, debit.number, credit.number, asset.code, posting.quantity
FROM registry_posting AS posting
JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
JOIN registry_account AS debit ON debit.id = posting.debit_account_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
ORDER BY posting.transfer_id, posting.index
"""
