"""What the books hold now: accounts, holdings, holds, the life of a unit, totals of a region."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import (
    AccountState,
    AccountType,
    AssetKey,
    AssetKind,
    Block,
    LedgerRefusal,
    TransactionType,
    TransferType,
)
from tonnebook.core.roles import Role
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import Account, Asset, Balance, SerialBlock, SerialMove

# Who may look into accounts of others; the exchange keeps the clients' money and sees no more than that.
KEEPERS = frozenset({Role.OFFICER, Role.REGISTRAR, Role.AUDITOR})
CASH_TYPES = (AccountType.CLIENT_CASH, AccountType.FEES, AccountType.BANK)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as people see it; `organisation` is empty for the system's own."""

    number: str
    type: AccountType
    region: str
    organisation: str
    name: str
    state: AccountState
    barred: tuple[TransactionType, ...] = ()

    def as_core(self) -> ledger.Account:
        """Give it as the ledger sees it."""
        return ledger.Account(self.number, self.type, self.state, self.region, frozenset(self.barred))

    def gives(self, transaction: TransactionType) -> bool:
        """Say whether its state lets a transaction take out of it, or set aside in it."""
        return transaction in ledger.ways(self.state, frozenset(self.barred)).out

    def takes(self, transaction: TransactionType) -> bool:
        """Say whether its state lets a transaction put into it."""
        return transaction in ledger.ways(self.state, frozenset(self.barred)).into


@dataclass(frozen=True, slots=True)
class Holding:
    """What an account has of one asset, in tonnes or fen."""

    asset: AssetKey
    total: int
    held: int

    @property
    def free(self) -> int:
        """What may be moved or held."""
        return self.total - self.held


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A client's cash account as the settlement bank sees it: what is in it and what of it is set aside, in fen."""

    account: str
    organisation: str
    total_fen: int
    held_fen: int


@dataclass(frozen=True, slots=True)
class LifeStep:
    """One move of a unit."""

    at: datetime
    transfer: str
    type: TransferType
    asset: str
    debit: str
    credit: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Tonnes of a region; `issued_t` = the sum of all others, always (invariant A1)."""

    issued_t: int = 0
    held_t: int = 0
    immobilised_t: int = 0
    surrendered_t: int = 0
    retired_t: int = 0
    cancelled_t: int = 0
    handed_over_t: int = 0


def account(number: str) -> AccountRow:
    """Find an account by its number.

    Raises:
        Refused: ACCOUNT_UNKNOWN.
    """
    row = Account.objects.filter(number=number).first()
    if row is None:
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=number)
    return account_row(row)


def account_row(row: Account) -> AccountRow:
    """Turn an account's row into what people see; what is barred stands in the order of the matrix."""
    named = ledger.transactions_named(row.barred)
    return AccountRow(
        number=row.number,
        type=AccountType(row.type),
        region=row.region,
        organisation=row.organisation_id or "",
        name=row.name,
        state=AccountState(row.state),
        barred=tuple(type_ for type_ in ledger.MATRIX if type_ in named),
    )


@tenancy.everywhere(Why.BOOKS)
def named_account(number: str) -> AccountRow:
    """Find the account that somebody names as the other side of a transfer, whoever holds it.

    Raises:
        Refused: ACCOUNT_UNKNOWN.
    """
    return account(number)


def accounts(organisation: str) -> tuple[AccountRow, ...]:
    """List an organisation's accounts in order of number."""
    return tuple(account_row(row) for row in Account.objects.filter(organisation__uscc=organisation).order_by("number"))


def directory(region: str, *, types: Sequence[AccountType], words: str = "") -> tuple[AccountRow, ...]:
    """List the accounts of a region, in order of number.

    Args:
        region: such as "shanghai".
        types: only accounts of these.
        words: part of the number, or of the owner's code or name; empty for all.
    """
    rows = Account.objects.filter(region=region, type__in=types)
    if words:
        names = ("number", "organisation__uscc", "organisation__name_zh", "organisation__name_en")
        rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": words}) for name in names)))
    return tuple(account_row(row) for row in rows.order_by("number"))


def account_of(uscc: str, type: AccountType) -> str:
    """Give the number of an organisation's account of a type; its first in order of opening, if it has several.

    Raises:
        Refused: ACCOUNT_UNKNOWN when it has none.
    """
    number = accounts_of([uscc], type).get(uscc)
    if number is None:
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=f"{type} {uscc}")
    return number


def accounts_of(usccs: Sequence[str], type: AccountType) -> dict[str, str]:
    """Give the numbers of many organisations' accounts of a type; those without a live one are left out."""
    rows = Account.objects.filter(organisation__uscc__in=usccs, type=type).exclude(state=AccountState.CLOSED)
    return {str(uscc): number for uscc, number in rows.order_by("-id").values_list("organisation__uscc", "number")}


@tenancy.everywhere(Why.BOOKS)
def system_account(region: str, type: AccountType) -> str:
    """Give the number of a region's own account of a type.

    Raises:
        Refused: ACCOUNT_UNKNOWN when the region has not been opened.
    """
    number = (
        Account.objects.filter(region=region, type=type, organisation=None).values_list("number", flat=True).first()
    )
    if number is None:
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=f"{type} {region}")
    return number


def asset(code: str) -> AssetKey:
    """Find an asset by its code.

    Raises:
        Refused: ASSET_UNKNOWN.
    """
    row = Asset.objects.filter(code=code).first()
    if row is None:
        raise Refused(LedgerRefusal.ASSET_UNKNOWN, asset=code)
    return asset_key(row)


def assets(codes: Collection[str]) -> dict[str, AssetKey]:
    """Find many assets by their codes; what is not known is left out."""
    return {row.code: asset_key(row) for row in Asset.objects.filter(code__in=codes)}


def asset_key(row: Asset) -> AssetKey:
    """Turn an asset's row into core's value."""
    kind = AssetKind(row.kind)
    return AssetKey(row.code, kind, row.scheme, row.vintage_year, row.origin, row.use_restriction)


def holdings(account: str) -> tuple[Holding, ...]:
    """List what an account has, in order of asset code; empty balances are left out."""
    return tuple(holding for _, holding in _holdings(Balance.objects.filter(account__number=account)))


def holdings_of(usccs: Sequence[str], type: AccountType) -> dict[str, tuple[Holding, ...]]:
    """List what many organisations have in their accounts of a type, in order of asset code.

    Args:
        usccs: unified social credit codes.
        type: of account.

    Returns:
        By code; an organisation without any holding has an empty tuple.
    """
    rows = Balance.objects.filter(account__organisation__uscc__in=usccs, account__type=type)
    found: dict[str, list[Holding]] = {uscc: [] for uscc in usccs}
    for uscc, holding in _holdings(rows):
        found[uscc].append(holding)
    return {uscc: tuple(held) for uscc, held in found.items()}


def free_of(accounts: Collection[str]) -> dict[ledger.Place, int]:
    """Tell what many accounts have free, by account number and asset code, tonnes or fen."""
    rows = Balance.objects.filter(account__number__in=accounts)
    found = rows.values_list("account__number", "asset__code", F("total") - F("held"))
    return {(account, asset): free for account, asset, free in found}


def client_money(region: str) -> tuple[MoneyRow, ...]:
    """List the clients' cash accounts of a region with what lies in them, in order of number; empty ones too."""
    has = Balance.objects.filter(account=OuterRef("pk"))
    rows = Account.objects.filter(region=region, type=AccountType.CLIENT_CASH)
    found = rows.annotate(total=Subquery(has.values("total")[:1]), held=Subquery(has.values("held")[:1]))
    names = ("number", "organisation__uscc", "total", "held")
    return tuple(
        MoneyRow(number, str(uscc), total or 0, held or 0)
        for number, uscc, total, held in found.order_by("number").values_list(*names)
    )


def serials_of(transfer: str) -> tuple[Block, ...]:
    """List the serial numbers that moved with a transfer, in as few ranges as possible."""
    moves = SerialMove.objects.filter(transfer__number=transfer).values_list("serial_from", "serial_to")
    return ledger.merge_blocks(Block(*move) for move in moves)


def blocks_of(account: str, asset: str) -> tuple[Block, ...]:
    """List the serial numbers that lie in an account, in as few ranges as possible."""
    rows = SerialBlock.objects.filter(account__number=account, asset__code=asset)
    return ledger.merge_blocks(Block(*row) for row in rows.values_list("serial_from", "serial_to"))


@tenancy.everywhere(Why.DISCLOSURE)
def life_of_unit(serial: int) -> tuple[LifeStep, ...]:
    """Tell the life of one tonne: every move from its issue on.

    Args:
        serial: on the global line of serial numbers.

    Returns:
        Moves in order; empty when no such unit has been issued.
    """
    moves = SerialMove.objects.filter(serial_from__lte=serial, serial_to__gt=serial).order_by("id")
    return tuple(
        LifeStep(
            at=move.transfer.at,
            transfer=move.transfer.number,
            type=TransferType(move.transfer.type),
            asset=move.asset.code,
            debit=move.debit_account.number,
            credit=move.credit_account.number,
            leaf=move.transfer.leaf_hash,
        )
        for move in moves.select_related("transfer", "asset", "debit_account", "credit_account")
    )


@tenancy.everywhere(Why.DISCLOSURE)
def totals(region: str) -> Totals:
    """Add up the units of a region's accounts.

    Args:
        region: such as "shanghai".

    Returns:
        Tonnes; reserve, auction and project accounts count as held, what is pledged, bridged to another registry or
        frozen by a court as immobilised: nobody can use it, but it is not retired.
    """
    sums: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [AssetKind.CASH, region])
        for type_, total in cursor.fetchall():
            name, sign = _COLUMN.get(AccountType(type_), ("held_t", 1))
            sums[name] += sign * int(total)
        cursor.execute(_IMMOBILISED, [AssetKind.CASH, region])
        ((immobilised_t,),) = cursor.fetchall()
    sums["immobilised_t"] += int(immobilised_t)
    sums["held_t"] -= int(immobilised_t)
    return Totals(**sums)


@tenancy.everywhere(Why.DISCLOSURE)
def given_out_t(scheme: str, year: int) -> int:
    """Add up what has been given out of a compliance year: to accounts and to auctions, less what came back.

    Args:
        scheme: of the allowances, such as "SHEA".
        year: compliance year of the allowances, of whatever origin and restriction.

    Returns:
        Tonnes; what lies in the reserve, was recalled or returned unsold does not count, what holders cancelled does.
        What came in place of older units by carry-over or conversion was given out before and does not count again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN_OUT, [*_GIVERS, scheme, year, *_GIVERS, AccountType.CANCELLATION, *_GIVERS, _CAME_BACK])
        ((total_t,),) = cursor.fetchall()
    return int(total_t)


_GIVERS = (AccountType.ISSUANCE, AccountType.RESERVE)
_CAME_BACK = [TransferType.RECALL, TransferType.RETURN_UNSOLD]
_GIVEN_OUT = """
WITH moved AS (
    SELECT posting.quantity, transfer.type, debit.type IN (%s, %s) AS is_given, credit.type AS credit
    FROM registry_asset AS asset
    JOIN registry_posting AS posting ON posting.asset_id = asset.id
    JOIN registry_transfer AS transfer ON transfer.id = posting.transfer_id
    JOIN registry_account AS debit ON debit.id = posting.debit_account_id
    JOIN registry_account AS credit ON credit.id = posting.credit_account_id
    WHERE asset.kind = 'ALLOWANCE' AND asset.scheme = %s AND asset.vintage_year = %s
        AND transfer.type NOT IN ('CARRY_OVER', 'CONVERT')
)
SELECT coalesce(sum(CASE WHEN is_given AND credit NOT IN (%s, %s, %s) THEN quantity
                         WHEN NOT is_given AND (credit IN (%s, %s) OR type = ANY(%s)) THEN -quantity END), 0)
FROM moved
"""


_TOTALS = """
SELECT account.type, sum(balance.total)
FROM registry_balance AS balance
JOIN registry_account AS account ON account.id = balance.account_id
JOIN registry_asset AS asset ON asset.id = balance.asset_id
WHERE asset.kind <> %s AND account.region = %s
GROUP BY account.type
"""

# What a pledgee, another registry or a court keeps from use; units in custody are a pledgee's, held there once more or
# not.
_IMMOBILISED = """
SELECT coalesce(sum(CASE WHEN account.type = 'PLEDGE_CUSTODY' THEN balance.total ELSE kept.quantity_t END), 0)
FROM registry_balance AS balance
JOIN registry_account AS account ON account.id = balance.account_id
JOIN registry_asset AS asset ON asset.id = balance.asset_id
LEFT JOIN (
    SELECT account_id, asset_id, sum(remaining) AS quantity_t FROM registry_hold
    WHERE state = 'ACTIVE' AND reason IN ('PLEDGE', 'BRIDGE', 'COURT') GROUP BY account_id, asset_id
) AS kept USING (account_id, asset_id)
WHERE asset.kind <> %s AND account.region = %s
"""

# What has been issued shows as a balance below zero.
_COLUMN: Mapping[AccountType, tuple[str, int]] = {
    AccountType.ISSUANCE: ("issued_t", -1),
    AccountType.SURRENDER: ("surrendered_t", 1),
    AccountType.RETIREMENT: ("retired_t", 1),
    AccountType.CANCELLATION: ("cancelled_t", 1),
    AccountType.HANDOVER: ("handed_over_t", 1),
}


def _holdings(rows: QuerySet[Balance]) -> Iterable[tuple[str, Holding]]:
    for row in rows.exclude(total=0).select_related("account", "asset").order_by("asset__code", "account_id"):
        yield row.account.organisation_id or "", Holding(asset_key(row.asset), row.total, row.held)
