"""The API of the registry: accounts with all that is in them, their states, moves, what waits, freeze switches."""

from dataclasses import asdict
from datetime import date, datetime

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tonnebook.core.api_keys import Scope
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import (
    AccountState,
    AccountType,
    AssetKind,
    FreezeScope,
    HoldReason,
    HoldState,
    HoldType,
    Title,
    TransferType,
)
from tonnebook.core.moves import MoveRefusal, PendingState
from tonnebook.core.roles import Act
from tonnebook.faces import api, doors, requests
from tonnebook.faces.api import (
    Approved,
    Instant,
    Key,
    Listed,
    Needs,
    PageNumber,
    PageSize,
    Proposed,
    Quantity,
    Version,
    Word,
    Words,
)
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import services as members
from tonnebook.registry import queries, services
from tonnebook.registry.queries import AccountRow, FreezeRow, HoldRow, PendingRow, StateRow

router = Router(tags=["registry"])

# A list of switches is short; the page shows as many.
_FREEZES_MAX = 100


class Account(Schema):
    """An account of the registry; `barred` names what it takes no part in while some transactions are restricted."""

    number: str
    type: AccountType
    region: str
    organisation: str
    name: str
    state: AccountState
    barred: list[TransferType | HoldType]


class StateChange(Schema):
    """Since when an account is in a state, and why; `leaf` is the hash of its proof in the log."""

    at: datetime
    state: AccountState
    barred: list[TransferType | HoldType]
    reason: str
    leaf: str


class StateSetting(Schema):
    """A state an account is brought into; `barred` names transactions for SOME_RESTRICTED, else it is empty."""

    state: AccountState
    barred: list[Word] = Field(default_factory=list)
    reason: Words


class Reopening(StateSetting, Approved):
    """A state that lets more through, and the approval of exactly this by two people."""


class StateSet(Schema):
    """The state an account is in now."""

    account: str
    state: AccountState


class FreezeSwitch(Schema):
    """What stands still, since when and why; `lifted_at` is null while it does."""

    number: str
    region: str
    scope: FreezeScope
    subject: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str
    lifted_at: datetime | None


class Freezing(Schema):
    """What is to stand still: the region, a product (code of an asset or of its scheme) or an account."""

    scope: FreezeScope
    subject: Word
    reason: Words


class Frozen(Schema):
    """The switch that was set or lifted."""

    freeze: str


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


class Hold(Schema):
    """What is set aside for a claim and what it is still to get (`waiting`); tonnes, or fen for cash."""

    number: str
    asset: str
    reason: HoldReason
    state: HoldState
    quantity: int
    remaining: int
    waiting: int
    rank: int
    owner: str
    subject: str
    at: datetime
    expires_at: datetime | None


class Lot(Schema):
    """Tonnes of an asset that were acquired with one title on one day; the price is null where nothing was paid."""

    asset: str
    title: Title
    acquired_on: date
    quantity_t: int
    price_fen_per_t: int | None


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


class TransferAsked(Schema):
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
    actor = doors.actor_of(request)
    rows = queries.accounts_within(actor)
    if any(row.organisation != actor.organisation for row in rows):
        trail.listed("accounts", rows=len(rows))
    return api.listed(rows, page=page, size=size)


@router.get("/accounts/{number}", response=Account, auth=Needs(Scope.READ_ACCOUNTS))
def account(request: Request, response: HttpResponse, number: Word) -> AccountRow | HttpResponse:
    """One account, with its ETag."""
    return api.show_version(request, response, queries.account_within(doors.actor_of(request), number))


@router.get("/accounts/{number}/holdings", response=list[Holding], auth=Needs(Scope.READ_ACCOUNTS))
def holdings(request: Request, number: Word) -> list[queries.Holding]:
    """What lies in an account now."""
    row = queries.account_within(doors.actor_of(request), number)
    return list(queries.holdings(row.number))


@router.get("/accounts/{number}/holds", response=list[Hold], auth=Needs(Scope.READ_ACCOUNTS))
def holds(request: Request, number: Word) -> list[HoldRow]:
    """What is set aside in an account or waits to be, oldest first; of one asset, the lowest rank comes first."""
    row = queries.account_within(doors.actor_of(request), number)
    return list(queries.standing_holds(row.number))


@router.get("/accounts/{number}/lots", response=list[Lot], auth=Needs(Scope.READ_ACCOUNTS))
def lots(request: Request, number: Word) -> list[dict[str, object]]:
    """How an account came by what it has, by asset, in the order in which it is used up."""
    row = queries.account_within(doors.actor_of(request), number)
    found = queries.lots(row.number, on=requests.today(request))
    return [{"asset": one.asset, **asdict(one.lot)} for one in found]


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


@router.get("/accounts/{number}/states", response=list[StateChange], auth=Needs(Scope.READ_ACCOUNTS))
def states(request: Request, number: Word) -> list[StateRow]:
    """Through which states an account went, the latest first."""
    row = queries.account_within(doors.actor_of(request), number)
    return list(queries.state_changes(row.number))


@router.post("/accounts/{number}/restrict", response=StateSet, auth=Needs(Scope.WRITE_FREEZES))
def restrict(request: Request, number: Word, body: StateSetting, key: Key, version: Version = "") -> dict[str, object]:
    """Restrict, freeze or suspend an account, at once."""
    actor = doors.actor_of(request)
    api.require_version(version, queries.account_within(actor, number))
    return dict(services.restrict_account(actor, account=number, **body.dict(), key=key, now=request.now))


@router.post("/accounts/{number}/reopen/propose", response=Proposed, auth=Needs(Scope.WRITE_FREEZES))
def propose_reopening(
    request: Request, number: Word, body: StateSetting, key: Key, version: Version = ""
) -> dict[str, object]:
    """Propose to let an account go on, or to restrict it less; a second person approves it."""
    actor = doors.actor_of(request)
    api.require_version(version, queries.account_within(actor, number))
    told = {"account": number, **body.dict()}
    return dict(members.propose(actor, kind="registry.reopen_account", payload=told, key=key, now=request.now))


@router.post("/accounts/{number}/reopen", response=StateSet, auth=Needs(Scope.WRITE_FREEZES))
def reopen(request: Request, number: Word, body: Reopening, key: Key, version: Version = "") -> dict[str, object]:
    """Let an account go on, or restrict it less, as two people approved it."""
    actor = doors.actor_of(request)
    api.require_version(version, queries.account_within(actor, number))
    return dict(services.reopen_account(actor, account=number, **body.dict(), key=key, now=request.now))


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


@router.post("/transfers", response=TransferAsked, auth=Needs(Scope.WRITE_UNITS))
def transfer(request: Request, body: Moving, key: Key) -> dict[str, object]:
    """Transfer units to another holder."""
    return dict(services.transfer_to_holder(doors.actor_of(request), **body.dict(), key=key, now=request.now))


@router.get("/transfers/{number}", response=Pending, auth=Needs(Scope.READ_ACCOUNTS))
def transfer_asked(request: Request, response: HttpResponse, number: Word) -> PendingRow | HttpResponse:
    """One transfer or withdrawal that was asked for, with its ETag."""
    return api.show_version(request, response, _own_pending(request, number))


@router.delete("/transfers/{number}", response=TakenBack, auth=Needs(Scope.WRITE_UNITS))
def cancel_transfer(request: Request, number: Word, key: Key, version: Version = "") -> dict[str, object]:
    """Take back what waits."""
    api.require_version(version, _own_pending(request, number))
    return dict(services.cancel_transfer(doors.actor_of(request), pending=number, key=key, now=request.now))


@router.get("/freezes", response=Listed[FreezeSwitch], auth=Needs(Scope.READ_ACCOUNTS))
def freezes(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The freeze switches of the region, those in force first, then the latest lifted."""
    members.require(doors.actor_of(request), Act.FREEZE)
    return api.listed(queries.freezes(request.region, limit=_FREEZES_MAX), page=page, size=size)


@router.post("/freezes", response=Frozen, auth=Needs(Scope.WRITE_FREEZES))
def freeze(request: Request, body: Freezing, key: Key) -> dict[str, object]:
    """Stop a region, a product or an account at once; allocation and surrender go on."""
    actor = doors.actor_of(request)
    return dict(services.freeze(actor, region=request.region, **body.dict(), key=key, now=request.now))


@router.get("/freezes/{number}", response=FreezeSwitch, auth=Needs(Scope.READ_ACCOUNTS))
def freeze_switch(request: Request, response: HttpResponse, number: Word) -> FreezeRow | HttpResponse:
    """One freeze switch in force, with its ETag."""
    return api.show_version(request, response, _in_force(request, number))


@router.post("/freezes/{number}/lift/propose", response=Proposed, auth=Needs(Scope.WRITE_FREEZES))
def propose_lifting(request: Request, number: Word, key: Key, version: Version = "") -> dict[str, object]:
    """Propose to let go on what a switch stops; a second person approves it."""
    api.require_version(version, _in_force(request, number))
    actor, told = doors.actor_of(request), {"freeze": number}
    return dict(members.propose(actor, kind="registry.lift_freeze", payload=told, key=key, now=request.now))


@router.post("/freezes/{number}/lift", response=Frozen, auth=Needs(Scope.WRITE_FREEZES))
def lift_freeze(request: Request, number: Word, body: Approved, key: Key, version: Version = "") -> dict[str, object]:
    """Let go on what a switch stops, as two people approved it."""
    api.require_version(version, _in_force(request, number))
    actor = doors.actor_of(request)
    return dict(services.lift_freeze(actor, freeze=number, approval=body.approval, key=key, now=request.now))


def _in_force(request: Request, number: str) -> FreezeRow:
    members.require(doors.actor_of(request), Act.FREEZE)
    return queries.freeze_in_force(number, region=request.region)


def _own_pending(request: Request, number: str) -> PendingRow:
    row = queries.pending(number)
    if row.organisation != doors.actor_of(request).organisation:
        raise Refused(MoveRefusal.PENDING_UNKNOWN, pending=number)
    return row
