"""What an account had at any time and how it came there, out of the postings alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, LedgerRefusal, TransferType
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import Account, Posting, Transfer


@dataclass(frozen=True, slots=True)
class BalanceAt:
    """How much of an asset an account had at some time, in tonnes or fen."""

    asset: AssetKey
    total: int


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """What an account had of an asset at the beginning and at the end of a period, in tonnes or fen."""

    asset: AssetKey
    before: int
    after: int

    @property
    def change(self) -> int:
        """What came in less what went out."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Turnover:
    """What came into an organisation's accounts and what went out of them, by asset, tonnes."""

    came: Counter[AssetKey] = field(default_factory=Counter)
    went: Counter[AssetKey] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One posting as the account saw it: what changed (signed) and the balance after it, in tonnes or fen.

    `corrects` is the transfer that this one takes back, `corrected_by` the one that took it back; mostly empty.
    """

    at: datetime
    transfer: str
    type: TransferType
    counterparty: str
    asset: str
    change: int
    balance: int
    subject: str
    corrects: str
    corrected_by: str
    leaf: str


@tenancy.everywhere(Why.BOOKS)
def holdings_on(account: str, at: datetime) -> tuple[BalanceAt, ...]:
    """Tell what an account had at an instant, added up from its postings.

    Args:
        account: number.
        at: what was posted before it counts; what was posted at it or later does not.

    Returns:
        In order of asset code; what was empty then is left out. A source shows what it had given out, below zero.

    Source: design choice, no legal source; what is set aside is not part of it, for holds keep no history.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLDINGS_ON, {"account": account, "at": at})
        return tuple(
            BalanceAt(AssetKey(code, AssetKind(kind), *others), int(total))
            for code, kind, *others, total in cursor.fetchall()
        )


# Both halves go by the index of their account: the time it takes does not depend on the postings of others.
_HOLDINGS_ON = """
SELECT asset.code, asset.kind, asset.scheme, asset.vintage_year, asset.origin, asset.use_restriction, sum(moved.change)
FROM (
    SELECT posting.asset_id, -posting.quantity AS change
    FROM registry_posting AS posting
    JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
    WHERE posting.debit_account_id = (SELECT id FROM registry_account WHERE number = %(account)s)
      AND transfer.at < %(at)s
    UNION ALL
    SELECT posting.asset_id, posting.quantity
    FROM registry_posting AS posting
    JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
    WHERE posting.credit_account_id = (SELECT id FROM registry_account WHERE number = %(account)s)
      AND transfer.at < %(at)s
) AS moved
JOIN registry_asset AS asset ON asset.id = moved.asset_id
GROUP BY asset.id
HAVING sum(moved.change) <> 0
ORDER BY asset.code
"""


@tenancy.everywhere(Why.BOOKS)
def turnovers(
    usccs: Sequence[str], *, to_at: datetime, from_at: datetime | None = None, types: Sequence[TransferType] = ()
) -> dict[str, Turnover]:
    """Add up the postings of many organisations' registry and trading accounts, in two queries however many they are.

    Args:
        usccs: unified social credit codes.
        to_at: first instant that does not count any more.
        from_at: first instant that counts, None for the beginning: what came less what went is then what they had.
        types: of transfers; all without one.

    Returns:
        By code, for every code given; what moved between an organisation's own accounts is on both sides.
    """
    rows = Posting.objects.filter(transfer__at__lt=to_at).exclude(asset__kind=AssetKind.CASH)
    if from_at is not None:
        rows = rows.filter(transfer__at__gte=from_at)
    if types:
        rows = rows.filter(transfer__type__in=types)
    found = {uscc: Turnover() for uscc in usccs}
    for uscc, asset, quantity_t in _sums_by_owner(rows, "credit_account", usccs):
        found[uscc].came[asset] += quantity_t
    for uscc, asset, quantity_t in _sums_by_owner(rows, "debit_account", usccs):
        found[uscc].went[asset] += quantity_t
    return found


def _sums_by_owner(rows: QuerySet[Posting], side: str, usccs: Sequence[str]) -> Iterator[tuple[str, AssetKey, int]]:
    own = {
        f"{side}__organisation__uscc__in": usccs,
        f"{side}__type__in": (AccountType.HOLDING, AccountType.TRADING),
    }
    columns = [f"asset__{name}" for name in ("code", "kind", "scheme", "vintage_year", "origin", "use_restriction")]
    sums = rows.filter(**own).order_by().values_list(f"{side}__organisation__uscc", *columns).annotate(Sum("quantity"))
    for uscc, code, kind, *others, quantity_t in sums:
        yield uscc, AssetKey(code, AssetKind(kind), *others), quantity_t


def balance_changes(before: Sequence[BalanceAt], after: Sequence[BalanceAt]) -> tuple[BalanceChange, ...]:
    """Set the balances of two instants side by side, in order of asset code.

    Args:
        before: of the earlier instant.
        after: of the later one.

    Returns:
        One row per asset that the account had at either.
    """
    totals = {one.asset: (one.total, 0) for one in before}
    for one in after:
        totals[one.asset] = (totals.get(one.asset, (0, 0))[0], one.total)
    return tuple(BalanceChange(asset, *totals[asset]) for asset in sorted(totals, key=lambda asset: asset.code))


@tenancy.everywhere(Why.BOOKS)
def statement(
    account: str, *, from_at: datetime, to_at: datetime, first: int = 0, limit: int | None = None
) -> tuple[StatementLine, ...]:
    """List the postings of an account in a period, in order, each with the balance after it.

    Args:
        account: number.
        from_at: first instant of the period.
        to_at: first instant after it.
        first: how many lines to pass over, >= 0.
        limit: how many to give, None for all.

    Returns:
        The lines; the database cuts them out, so that a page of a long statement costs no more than a short one's.

    Raises:
        Refused: ACCOUNT_UNKNOWN.
    """
    pk = _id_of(account)
    rows = _postings(pk, from_at, to_at).select_related("transfer", "asset", "debit_account", "credit_account")
    last = None if limit is None else first + limit
    found = list(rows.order_by("pk")[first:last])
    corrections = Transfer.objects.filter(corrects__number__in={row.transfer.number for row in found})
    corrected_by = dict(corrections.values_list("corrects__number", "number"))
    return tuple(_line(row, pk, corrected_by) for row in found)


@tenancy.everywhere(Why.BOOKS)
def charges(
    organisation: str, *, region: str, from_at: datetime, to_at: datetime
) -> tuple[tuple[TransferType, int, int], ...]:
    """Add up what an organisation was charged in a period, as the books have it.

    Args:
        organisation: unified social credit code.
        region: whose fees.
        from_at: first instant.
        to_at: first instant after.

    Returns:
        Type of the transfer, number of charges, fen; a charge taken back counts below zero. In order of the types.
    """
    within = Posting.objects.filter(transfer__at__gte=from_at, transfer__at__lt=to_at).order_by()
    found: dict[TransferType, tuple[int, int]] = {}
    for charged, paid, sign in (("credit_account", "debit_account", 1), ("debit_account", "credit_account", -1)):
        fees = {f"{charged}__type": AccountType.FEES, f"{charged}__region": region}
        rows = within.filter(**fees, **{f"{paid}__organisation": organisation})
        sums = rows.values("transfer__type").annotate(count=Count("index"), fen=Sum("quantity"))
        for type_, count, fen in sums.values_list("transfer__type", "count", "fen"):
            before = found.get(TransferType(type_), (0, 0))
            found[TransferType(type_)] = (before[0] + count, before[1] + sign * fen)
    return tuple((type_, *found[type_]) for type_ in TransferType if type_ in found)


@tenancy.everywhere(Why.BOOKS)
def statement_size(account: str, *, from_at: datetime, to_at: datetime) -> int:
    """Count the lines of a statement; arguments as `statement`.

    Raises:
        Refused: ACCOUNT_UNKNOWN.
    """
    return _postings(_id_of(account), from_at, to_at).count()


def _id_of(account: str) -> int:
    pk = Account.objects.filter(number=account).values_list("id", flat=True).first()
    if pk is None:
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=account)
    return pk


def _postings(account_id: int, from_at: datetime, to_at: datetime) -> QuerySet[Posting]:
    own = Q(debit_account=account_id) | Q(credit_account=account_id)
    return Posting.objects.filter(own, transfer__at__gte=from_at, transfer__at__lt=to_at)


def _line(row: Posting, account_id: int, corrected_by: Mapping[str, str]) -> StatementLine:
    is_debit = row.debit_account_id == account_id
    other = row.credit_account if is_debit else row.debit_account
    return StatementLine(
        at=row.transfer.at,
        transfer=row.transfer.number,
        type=TransferType(row.transfer.type),
        counterparty=other.number,
        asset=row.asset.code,
        change=-row.quantity if is_debit else row.quantity,
        balance=row.debit_after if is_debit else row.credit_after,
        subject=row.transfer.subject,
        corrects=row.transfer.corrects_id or "",
        corrected_by=corrected_by.get(row.transfer.number, ""),
        leaf=row.transfer.leaf_hash,
    )
