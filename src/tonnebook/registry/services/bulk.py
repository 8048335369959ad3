"""Post movements by the ten thousand: one transfer, one look at each balance, rows by COPY.

For assets without serial numbers only, such as the payments of a day: blocks move one transfer at a time.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from django.db import connection

from tonnebook.core import ledger, merkle, periods
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import LedgerRefusal, Movement, TransferType
from tonnebook.core.ledger.bulk import Numbers
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import Asset, Posting, Transfer
from tonnebook.registry.services import locks, numbers
from tonnebook.registry.services.transfers import Posted


@dataclass(frozen=True, slots=True)
class BulkDraft:
    """Movements of one asset to be posted as one transfer, in order, all or none.

    Attributes:
        type: why.
        asset: code of an asset without serial numbers.
        movements: at least one: debit account, credit account, quantity (fen, grams or points).
        initiator: number of the person, or the system's.
        approver: second person, where two are needed.
        subject: number of the batch it belongs to.
        leaf_each: a leaf for every movement; otherwise one leaf with the root over all of them.
    """

    type: TransferType
    asset: str
    movements: Sequence[Movement]
    initiator: str
    approver: str = ""
    subject: str = ""
    leaf_each: bool = True


@tenancy.everywhere(Why.BOOKS)
def post_bulk(draft: BulkDraft, *, now: datetime) -> Posted:
    """Post many movements as one transfer, inside the caller's command.

    Every movement is provable: by a leaf of its own, or under the root that the transfer's leaf carries. Both are made
    of the same text, in which who paid whom stands as a commitment only.

    Args:
        draft: what to post.
        now: when.

    Returns:
        Number of the transfer and its leaf.

    Raises:
        Refused: SECOND_PERSON_NEEDED, ASSET_UNKNOWN, ACCOUNT_UNKNOWN, what `core.ledger.check_leg` refuses,
            INSUFFICIENT_FREE.
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source (invariants A2 and A3).
    """
    ledger.check_people(draft.type, initiator=draft.initiator, approver=draft.approver)
    (number,) = numbers.take_numbers(numbers.TRANSFER, "T", 1)
    asset_id, asset = _asset(draft.asset)
    freezes = locks.freezes_in_force()
    salt, at = journal.draw_salt(), periods.iso(now)
    with ThreadPoolExecutor(1) as writer:
        # The texts depend on no balance: they are written while the database is busy with locks and balances.
        texts = writer.submit(movement_texts, number, draft.movements, salt=salt, at=at)
        root = None if draft.leaf_each else writer.submit(lambda: _root(texts.result()))
        columns = ledger.in_columns(draft.movements)
        purses = _lock_purses(columns.accounts, draft.asset, asset_id)
        ledger.check_movements(
            draft.type, columns, kinds=purses.kinds, account_of=purses.account, asset=asset, freezes=freezes
        )
        settled = ledger.settle(columns, totals=purses.totals, floors=purses.floors, asset=draft.asset)
        _serve_queues(purses, settled.totals, draft.asset, now)
        _save_totals(purses, settled.totals)
        if not root:
            journal.append_texts(_KIND, texts.result(), now=now)
        leaf = _log(draft, number, salt, root.result() if root else None, now)
    (transfer_id,) = rows.take_ids(Transfer, 1)
    head = (transfer_id, number, str(draft.type), draft.initiator, draft.approver, draft.subject, "", now, leaf)
    rows.copy_in(Transfer, _TRANSFER, [head])
    postings: dict[str, Numbers] = {
        "index": np.arange(len(draft.movements)),
        "debit_account_id": purses.ids[columns.debit],
        "credit_account_id": purses.ids[columns.credit],
        "quantity": columns.quantity,
        "debit_after": settled.debit_after,
        "credit_after": settled.credit_after,
    }
    # In the order of the index of debit accounts, which then goes through its pages once instead of to and fro.
    order = np.argsort(postings["debit_account_id"])
    sorted_ = {name: column[order] for name, column in postings.items()}
    rows.copy_columns(Posting, {"transfer_id": transfer_id, "asset_id": asset_id, **sorted_})
    return Posted(number, leaf)


def movement_texts(number: str, movements: Sequence[Movement], *, salt: bytes, at: str) -> list[str]:
    """Write movements as the public log shows them: canonical JSON, who and how much as a salted commitment.

    Args:
        number: of the transfer.
        movements: debit, credit, quantity of each, in order.
        salt: of the transfer; each movement's own is derived from it and from its place in the transfer.
        at: ISO instant.
    """
    begun, ended = f'{{"at":"{at}","facts":{{"movement":"{number}/', f'"}},"kind":"{_KIND}","sealed":"'
    own_salt = merkle.keyed_digests(salt, f"{number}/".encode())
    texts = []
    for index, (debit, credit, quantity) in enumerate(movements):
        secret = f'{{"credit":"{credit}","debit":"{debit}","quantity":"{quantity}"}}'
        sealed = merkle.keyed_digest(own_salt(b"%d" % index), secret.encode())
        texts.append(f'{begun}{index}{ended}{sealed.hex()}"}}')
    return texts


_KIND = "registry.movement.posted"


@dataclass(frozen=True, slots=True)
class _Purses:
    # Locked balances of one asset with their accounts, each at the place that its account has in the movements; of a
    # kind are accounts that have type, state, region and what is barred in common.
    described: Sequence[tuple[str, str, str, Sequence[str]]]
    accounts: Sequence[str]
    kinds: Numbers
    ids: Numbers
    balance_ids: Numbers
    totals: Numbers
    floors: Numbers
    waiting: Numbers

    def account(self, place: int) -> ledger.Account:
        type_, state, region, barred = self.described[self.kinds[place]]
        stopped, number = ledger.transactions_named(barred), self.accounts[place]
        return ledger.Account(number, ledger.AccountType(type_), ledger.AccountState(state), region, stopped)


def _asset(code: str) -> tuple[int, ledger.AssetKey]:
    row = Asset.objects.filter(code=code).first()
    if row is None:
        raise Refused(LedgerRefusal.ASSET_UNKNOWN, asset=code)
    kind = ledger.AssetKind(row.kind)
    return row.pk, ledger.AssetKey(row.code, kind, row.scheme, row.vintage_year, row.origin, row.use_restriction)


# As `locks.lock_places`, in one statement and without an object per row: a row for each kind of account, in which a
# column travels as one text of numbers of eight bytes, for ten thousand values take longer to write and to read than to
# use. No number of an account has a comma in it.
_LOCK = """
SELECT type, state, region, barred,
       string_agg(int8send(place - 1), ''), string_agg(int8send(account_id), ''), string_agg(int8send(balance_id), ''),
       string_agg(int8send(total), ''), string_agg(int8send(floor), ''), string_agg(int8send(waiting), '')
FROM (
    SELECT wanted.place, account.id AS account_id, account.type, account.state, account.region, account.barred,
           balance.id AS balance_id, balance.total, balance.waiting,
           CASE WHEN balance.is_source THEN %s ELSE balance.held END AS floor
    FROM unnest(string_to_array(%s, ',')) WITH ORDINALITY AS wanted (number, place)
    JOIN registry_account AS account ON account.number = wanted.number
    JOIN registry_balance AS balance ON balance.account_id = account.id AND balance.asset_id = %s
    ORDER BY balance.id
    FOR SHARE OF account FOR UPDATE OF balance
) AS locked
GROUP BY type, state, region, barred
"""

_SAVE = """
UPDATE registry_balance AS balance SET total = new.total
FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[]) AS new (id, total)
WHERE balance.id = new.id
"""


def _lock_purses(accounts: Sequence[str], asset: str, asset_id: int) -> _Purses:
    purses = _locked(accounts, asset_id)
    if missing := np.flatnonzero(purses.kinds == ledger.UNKNOWN_KIND).tolist():
        # Accounts that never had any of the asset get an empty balance; those nobody knows stay out and are refused.
        locks.lock_places((accounts[place], asset) for place in missing)
        purses = _locked(accounts, asset_id)
    return purses


# Of a statement it knows well the server keeps one plan for any number of names, and that goes name by name.
_PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"


def _locked(accounts: Sequence[str], asset_id: int) -> _Purses:
    with connection.cursor() as cursor:
        cursor.execute(_PLAN_ANEW)
        cursor.execute(_LOCK, [ledger.NO_FLOOR, ",".join(accounts), asset_id])
        found = cursor.fetchall()
    kinds = np.full(len(accounts), ledger.UNKNOWN_KIND)
    columns = [np.zeros(len(accounts), np.int64) for _ in range(5)]
    for kind, (*_, places, ids, balance_ids, totals, floors, waiting) in enumerate(found):
        here = np.frombuffer(places, ">i8")
        kinds[here] = kind
        for column, sent in zip(columns, (ids, balance_ids, totals, floors, waiting), strict=True):
            column[here] = np.frombuffer(sent, ">i8")
    return _Purses([row[:4] for row in found], accounts, kinds, *columns)


# Where a court or another claim waits, what has come goes to it first; such accounts are few and take the long way.
def _serve_queues(purses: _Purses, totals: Numbers, asset: str, now: datetime) -> None:
    crowded = {(purses.accounts[place], asset): int(totals[place]) for place in np.flatnonzero(purses.waiting).tolist()}
    if not crowded:
        return
    locked = locks.lock_places(crowded)
    for place, total in crowded.items():
        locked.book.positions[place] = replace(locked.book.positions[place], total=total)
        locked.book.fill(place)
    locks.save(locked)
    journal.append_many(locks.pushed_holds(locked), now=now)


def _save_totals(purses: _Purses, totals: Numbers) -> None:
    # As they lie in the table, but for those that have been served.
    order = np.argsort(purses.balance_ids)
    plain = order[purses.waiting[order] == 0]
    columns = (purses.balance_ids[plain], totals[plain])
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [",".join(map(str, column.tolist())) for column in columns])


def _root(texts: Sequence[str]) -> str:
    return merkle.root([merkle.leaf_hash(text.encode()) for text in texts]).hex()


def _log(draft: BulkDraft, number: str, salt: bytes, root: str | None, now: datetime) -> str:
    facts: dict[str, object] = {"number": number, "type": draft.type, "movements": len(draft.movements)}
    if root is not None:
        facts["root"] = root
    return journal.append(journal.Entry("registry.bulk.posted", facts, {"salt": salt.hex()}), now=now)


_TRANSFER = ("id", "number", "type", "initiator", "approver", "subject", "note", "at", "leaf_hash")
