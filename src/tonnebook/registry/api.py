"""The API of the registry: accounts, holdings, statements, moves, transfers that wait, and voluntary cancellation."""

from datetime import datetime

from django.http import HttpResponse
from ninja import Router, Schema

from tonnebook.core.api_keys import Scope
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, AssetKind, TransferType
from tonnebook.core.moves import MoveRefusal, PendingState
from tonnebook.faces import api, doors
from tonnebook.faces.api import Instant, Key, Listed, Needs, PageNumber, PageSize, Quantity, Version, Word, Words
from tonnebook.faces.requests import Request
from tonnebook.registry import queries, services
from tonnebook.registry.queries import AccountRow, PendingRow

router = Router(tags=["registry"])


class Account(Schema):
    """An account of the registry."""

    number: str
    type: AccountType
    region: str
    organisation: str
    name: str
    state: AccountState


class Asset(Schema):
    """What is held: units of a scheme, year and origin (tonnes), or cash (fen)."""

    code: str
    kind: AssetKind
    scheme: str
    vintage_year: int | None
    origin: str
    use_restriction: str


class Holding(Schema):
    """An asset in an account; tonnes, or fen for cash. What is held is set aside; what is free can be given."""

    asset: Asset
    total: int
    held: int
    free: int


class Balance(Schema):
    """What an account had of an asset at an instant; tonnes, or fen for cash."""

    asset: Asset
    total: int


class StatementLine(Schema):
    """One posting; `change` and `balance` in tonnes, or fen for cash; `leaf` is the hash of its proof in the log."""

    at: datetime
    transfer: str
    type: TransferType
    counterparty: str
    asset: str
    change: int
    balance: int
    subject: str
    leaf: str


class Retiring(Schema):
    """What is cancelled voluntarily; name and purpose become public."""

    asset: Word
    quantity_t: Quantity
    beneficiary: Word
    purpose: Words


class Retired(Schema):
    """What was booked: the transfer, the leaf of its proof, and serial numbers as half-open ranges."""

    transfer: str
    leaf: str
    serials: list[tuple[int, int]]


class Moving(Schema):
    """Units that go from one account to another."""

    debit: Word
    credit: Word
    asset: Word
    quantity_t: Quantity


class Moved(Schema):
    """What was booked at once: the transfer and the leaf of its proof."""

    transfer: str
    leaf: str


class Asked(Schema):
    """What was asked for: to a trusted account it is done at once, to any other it waits until `ready_at`."""

    pending: str
    state: PendingState
    ready_at: datetime
    digest: str
    transfer: str


class Pending(Schema):
    """A transfer between holders (tonnes), or a withdrawal of money (fen), that was asked for."""

    number: str
    type: TransferType
    debit: str
    credit: str
    asset: str
    quantity: int
    asked_at: datetime
    ready_at: datetime
    state: PendingState
    digest: str
    transfer: str


class TakenBack(Schema):
    """What was taken back, and the leaf of its proof."""

    pending: str
    state: PendingState
    leaf: str


@router.get("/accounts", response=Listed[Account], auth=Needs(Scope.READ_ACCOUNTS))
def accounts(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The accounts one may look into: the own; for keepers all of the region; for the exchange those of money."""
    return api.listed(queries.accounts_within(doors.actor_of(request)), page=page, size=size)


@router.get("/accounts/{number}", response=Account, auth=Needs(Scope.READ_ACCOUNTS))
def account(request: Request, response: HttpResponse, number: Word) -> AccountRow:
    """One account, with its ETag."""
    return api.show_version(response, queries.account_within(doors.actor_of(request), number))


@router.get("/accounts/{number}/holdings", response=list[Holding], auth=Needs(Scope.READ_ACCOUNTS))
def holdings(request: Request, number: Word) -> list[queries.Holding]:
    """What lies in an account now."""
    row = queries.account_within(doors.actor_of(request), number)
    return list(queries.holdings(row.number))


@router.get("/accounts/{number}/balances", response=list[Balance], auth=Needs(Scope.READ_ACCOUNTS))
def balances(request: Request, number: Word, at: Instant) -> list[queries.BalanceAt]:
    """What lay in an account just before an instant, added up from its postings."""
    row = queries.account_within(doors.actor_of(request), number)
    return list(queries.holdings_on(row.number, at))


@router.get("/accounts/{number}/statement", response=Listed[StatementLine], auth=Needs(Scope.READ_ACCOUNTS))
def statement(
    request: Request, number: Word, from_at: Instant, to_at: Instant, page: PageNumber = 1, size: PageSize = 50
) -> dict[str, object]:
    """The postings of an account in the half-open period from `from_at` to `to_at`, oldest first."""
    row = queries.account_within(doors.actor_of(request), number)
    count = queries.statement_size(row.number, from_at=from_at, to_at=to_at)
    lines = queries.statement(row.number, from_at=from_at, to_at=to_at, first=(page - 1) * size, limit=size)
    return api.page_of(lines, count=count, page=page, size=size)


@router.post("/accounts/{number}/retire", response=Retired, auth=Needs(Scope.WRITE_UNITS))
def retire(request: Request, number: Word, body: Retiring, key: Key, version: Version = "") -> dict[str, object]:
    """Cancel units voluntarily, for good."""
    actor = doors.actor_of(request)
    api.require_version(version, queries.account_within(actor, number))
    answer = services.retire(
        actor,
        account=number,
        asset=body.asset,
        quantity_t=body.quantity_t,
        beneficiary=body.beneficiary,
        purpose=body.purpose,
        key=key,
        now=request.now,
    )
    return dict(answer)


@router.post("/moves/to-trading", response=Moved, auth=Needs(Scope.WRITE_UNITS))
def move_to_trading(request: Request, body: Moving, key: Key) -> dict[str, object]:
    """Move units from an own registry account to the own trading account, at once."""
    return dict(services.move_to_trading(doors.actor_of(request), **body.dict(), key=key, now=request.now))


@router.post("/moves/from-trading", response=Moved, auth=Needs(Scope.WRITE_UNITS))
def move_from_trading(request: Request, body: Moving, key: Key) -> dict[str, object]:
    """Move units from the own trading account back, at once."""
    return dict(services.move_from_trading(doors.actor_of(request), **body.dict(), key=key, now=request.now))


@router.get("/transfers", response=Listed[Pending], auth=Needs(Scope.READ_ACCOUNTS))
def transfers(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The transfers and withdrawals the own organisation asked for, the latest first, and where they stand."""
    rows = queries.pending_of(doors.actor_of(request).organisation, region=request.region)
    return api.listed(rows, page=page, size=size)


@router.post("/transfers", response=Asked, auth=Needs(Scope.WRITE_UNITS))
def transfer(request: Request, body: Moving, key: Key) -> dict[str, object]:
    """Transfer units to another holder."""
    return dict(services.transfer_to_holder(doors.actor_of(request), **body.dict(), key=key, now=request.now))


@router.get("/transfers/{number}", response=Pending, auth=Needs(Scope.READ_ACCOUNTS))
def transfer_asked(request: Request, response: HttpResponse, number: Word) -> PendingRow:
    """One transfer or withdrawal that was asked for, with its ETag."""
    return api.show_version(response, _own_pending(request, number))


@router.delete("/transfers/{number}", response=TakenBack, auth=Needs(Scope.WRITE_UNITS))
def cancel_transfer(request: Request, number: Word, key: Key, version: Version = "") -> dict[str, object]:
    """Take back what waits."""
    api.require_version(version, _own_pending(request, number))
    return dict(services.cancel_transfer(doors.actor_of(request), pending=number, key=key, now=request.now))


def _own_pending(request: Request, number: str) -> PendingRow:
    row = queries.pending(number)
    if row.organisation != doors.actor_of(request).organisation:
        raise Refused(MoveRefusal.PENDING_UNKNOWN, pending=number)
    return row
