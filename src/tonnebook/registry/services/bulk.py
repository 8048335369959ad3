"""Post movements by the ten thousand: one transfer, one look at each balance, rows by COPY.

For assets without serial numbers only, such as the payments of a day: blocks move one transfer at a time.
"""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from django.db import connection

from tonnebook.core import ledger, merkle, periods
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import LedgerRefusal, Movement, TransferType
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
        purses = _lock_purses(draft, asset_id)
        ledger.check_movements(
            draft.type,
            draft.movements,
            kinds=purses.kinds,
            account_of=purses.account,
            asset=asset,
            freezes=freezes,
        )
        afters = ledger.settle(draft.movements, totals=purses.totals, floors=purses.floors, asset=draft.asset)
        _serve_queues(purses, draft.asset, now)
        _save_purses(purses)
        if not root:
            journal.append_texts(_KIND, texts.result(), now=now)
        leaf = _log(draft, number, salt, root.result() if root else None, now)
    (transfer_id,) = rows.take_ids(Transfer, 1)
    head = (transfer_id, number, str(draft.type), draft.initiator, draft.approver, draft.subject, "", now, leaf)
    rows.copy_in(Transfer, _TRANSFER, [head])
    rows.copy_lines(Posting, _POSTING, _lines(transfer_id, asset_id, draft.movements, purses.ids, afters))
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
    # Locked balances of one asset and their accounts, all by account number; ids as they are written.
    ids: dict[str, str]
    kinds: dict[str, str]
    balance_ids: dict[str, str]
    totals: dict[str, int]
    floors: dict[str, int | None]
    crowded: Sequence[str]

    def account(self, number: str) -> ledger.Account:
        type_, state, region, barred = self.kinds[number].split("|")
        stopped = ledger.transactions_named(barred.split())
        return ledger.Account(number, ledger.AccountType(type_), ledger.AccountState(state), region, stopped)


def _asset(code: str) -> tuple[int, ledger.AssetKey]:
    row = Asset.objects.filter(code=code).first()
    if row is None:
        raise Refused(LedgerRefusal.ASSET_UNKNOWN, asset=code)
    kind = ledger.AssetKind(row.kind)
    return row.pk, ledger.AssetKey(row.code, kind, row.scheme, row.vintage_year, row.origin, row.use_restriction)


# As `locks.lock_places`, in one statement and without an object per row: a column travels as one text, both ways, for
# ten thousand small values take longer to write and to read than to use. No number and no kind has a comma in it.
_LOCK = """
SELECT string_agg(number, ','), string_agg(account_id::text, ','), string_agg(kind, ','),
       string_agg(balance_id::text, ','), string_agg(total::text, ','), string_agg(floor, ','),
       string_agg(number, ',') FILTER (WHERE waiting > 0)
FROM (
    SELECT account.number, account.id AS account_id,
           concat_ws('|', account.type, account.state, account.region, array_to_string(account.barred, ' ')) AS kind,
           balance.id AS balance_id, balance.total, balance.waiting,
           CASE WHEN balance.is_source THEN '-' ELSE balance.held::text END AS floor
    FROM unnest(string_to_array(%s, ',')) AS wanted (number)
    JOIN registry_account AS account ON account.number = wanted.number
    JOIN registry_balance AS balance ON balance.account_id = account.id AND balance.asset_id = %s
    ORDER BY balance.id
    FOR SHARE OF account FOR UPDATE OF balance
) AS locked
"""

_SAVE = """
UPDATE registry_balance AS balance SET total = new.total
FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[]) AS new (id, total)
WHERE balance.id = new.id
"""


def _lock_purses(draft: BulkDraft, asset_id: int) -> _Purses:
    wanted = {account for movement in draft.movements for account in movement[:2]}
    purses = _locked(wanted, asset_id)
    if missing := wanted - purses.ids.keys():
        # Accounts that never had any of the asset get an empty balance; those nobody knows stay out and are refused.
        locks.lock_places((account, draft.asset) for account in missing)
        purses = _locked(wanted, asset_id)
    return purses


# Of a statement it knows well the server keeps one plan for any number of names, and that goes name by name.
_PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"


def _locked(wanted: Collection[str], asset_id: int) -> _Purses:
    with connection.cursor() as cursor:
        cursor.execute(_PLAN_ANEW)
        cursor.execute(_LOCK, [",".join(wanted), asset_id])
        *found, crowded = cursor.fetchone()
    accounts, ids, kinds, balance_ids, totals, floors = (column.split(",") if column else () for column in found)
    held = [None if floor == "-" else int(floor) for floor in floors]
    return _Purses(
        dict(zip(accounts, ids, strict=True)),
        dict(zip(accounts, kinds, strict=True)),
        dict(zip(accounts, balance_ids, strict=True)),
        dict(zip(accounts, map(int, totals), strict=True)),
        dict(zip(accounts, held, strict=True)),
        crowded.split(",") if crowded else (),
    )


# Where a court or another claim waits, what has come goes to it first; such accounts are few and take the long way.
def _serve_queues(purses: _Purses, asset: str, now: datetime) -> None:
    if not purses.crowded:
        return
    locked = locks.lock_places((account, asset) for account in purses.crowded)
    for account in purses.crowded:
        place = (account, asset)
        locked.book.positions[place] = replace(locked.book.positions[place], total=purses.totals[account])
        locked.book.fill(place)
    locks.save(locked)
    journal.append_many(locks.pushed_holds(locked), now=now)


def _save_purses(purses: _Purses) -> None:
    crowded = {*purses.crowded}
    plain = [account for account in purses.balance_ids if account not in crowded]
    ids = ",".join(purses.balance_ids[account] for account in plain)
    totals = ",".join(str(purses.totals[account]) for account in plain)
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [ids, totals])


def _root(texts: Sequence[str]) -> str:
    return merkle.root([merkle.leaf_hash(text.encode()) for text in texts]).hex()


def _log(draft: BulkDraft, number: str, salt: bytes, root: str | None, now: datetime) -> str:
    facts: dict[str, object] = {"number": number, "type": draft.type, "movements": len(draft.movements)}
    if root is not None:
        facts["root"] = root
    return journal.append(journal.Entry("registry.bulk.posted", facts, {"salt": salt.hex()}), now=now)


_TRANSFER = ("id", "number", "type", "initiator", "approver", "subject", "note", "at", "leaf_hash")
_POSTING = (
    "transfer_id",
    "index",
    "debit_account_id",
    "credit_account_id",
    "asset_id",
    "quantity",
    "debit_after",
    "credit_after",
)


def _lines(
    transfer_id: int,
    asset_id: int,
    movements: Sequence[Movement],
    ids: dict[str, str],
    afters: Sequence[tuple[int, int]],
) -> Iterator[str]:
    # All whole numbers, so the lines of COPY need no escaping.
    for index, (debit, credit, quantity), (left, come) in zip(count(), movements, afters):
        yield f"{transfer_id}\t{index}\t{ids[debit]}\t{ids[credit]}\t{asset_id}\t{quantity}\t{left}\t{come}\n"
