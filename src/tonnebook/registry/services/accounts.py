"""Open accounts and assets, and bring an account from one state into another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.core import identity, ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, LedgerRefusal, TransactionType
from tonnebook.core.roles import MemberRefusal
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members
from tonnebook.members import services as membership
from tonnebook.registry import queries
from tonnebook.registry.models import Account, Asset, Balance, StateChange
from tonnebook.registry.services import numbers

# The letters that an account number of a region starts with.
_REGION_SIGNS = {"shanghai": "SH", "tianjin": "TJ", "national": "CN", "eu": "EU"}

CASH = ledger.AssetKey("CNY", ledger.AssetKind.CASH, "CNY")

# What every region has exactly one of.
SYSTEM_TYPES = (
    AccountType.ISSUANCE,
    AccountType.RESERVE,
    AccountType.AUCTION,
    AccountType.BANK,
    AccountType.TREASURY,
    AccountType.FEES,
    AccountType.SURRENDER,
    AccountType.RETIREMENT,
    AccountType.CANCELLATION,
)


# Accounts whose only use is holding to trade; bodies that must not trade get none.
_TRADED_FROM = frozenset({AccountType.HOLDING, AccountType.TRADING, AccountType.CLIENT_CASH})


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """An account to be opened; `organisation` is a unified social credit code, empty for the system's own."""

    type: AccountType
    region: str
    organisation: str = ""
    name: str = ""
    state: AccountState = AccountState.OPEN


@tenancy.everywhere(Why.BOOKS)
def open_accounts(drafts: Sequence[AccountDraft], *, now: datetime) -> list[str]:
    """Open accounts, inside the caller's command.

    Args:
        drafts: any number.
        now: when.

    Returns:
        Account numbers in the order of the drafts, such as "SH-HOLDING-000001-42".

    Raises:
        Refused: NO_SUCH_ORGANISATION; BARRED_KIND, BARRED_BY_NAME for accounts to trade from; ACCOUNT_EXISTS when the
            organisation has one of that type in the region.

    Source: S05 Art. 7 for who must not trade; the rest is a design choice.
    """
    _check_owners(drafts)
    counts = journal.next_counts(numbers.ACCOUNT, len(drafts))
    accounts = [
        Account(
            number=identity.numbered(
                f"{_REGION_SIGNS.get(draft.region, draft.region[:2].upper())}-{draft.type}", count
            ),
            type=draft.type,
            region=draft.region,
            organisation_id=draft.organisation or None,
            name=draft.name,
            state=draft.state,
            opened_at=now,
        )
        for draft, count in zip(drafts, counts, strict=True)
    ]
    rows.copy_in(
        Account,
        ("number", "type", "region", "organisation_id", "name", "state", "opened_at"),
        [(one.number, one.type, one.region, one.organisation_id, one.name, one.state, now) for one in accounts],
    )
    journal.append_many([_opened(account) for account in accounts], now=now)
    return [account.number for account in accounts]


@tenancy.everywhere(Why.BOOKS)
def open_region(region: str, *, now: datetime) -> dict[AccountType, str]:
    """Open the system accounts that a region still lacks, and the cash asset.

    Args:
        region: folder name of the rule book, such as "shanghai".
        now: when.

    Returns:
        Account numbers of all system accounts, by type.

    Source: design choice, no legal source.
    """
    there = _numbers_of_system(region)
    missing = [AccountDraft(type_, region) for type_ in SYSTEM_TYPES if type_ not in there]
    open_accounts(missing, now=now)
    ensure_assets([CASH], now=now)
    return _numbers_of_system(region)


@tenancy.everywhere(Why.BOOKS)
def ensure_assets(keys: Sequence[ledger.AssetKey], *, now: datetime) -> None:
    """Create the assets that do not exist yet, inside the caller's command.

    Args:
        keys: any number; one whose code exists is left as it is.
        now: when.

    Source: design choice, no legal source.
    """
    there = set(Asset.objects.filter(code__in=[key.code for key in keys]).values_list("code", flat=True))
    missing = [key for key in dict.fromkeys(keys) if key.code not in there]
    Asset.objects.bulk_create(
        (
            Asset(
                code=key.code,
                kind=key.kind,
                scheme=key.scheme,
                vintage_year=key.vintage_year,
                origin=key.origin,
                use_restriction=key.use_restriction,
            )
            for key in missing
        ),
        # Two commands may meet a new vintage at the same time.
        ignore_conflicts=True,
    )
    journal.append_many(
        [
            journal.Entry("registry.asset.opened", {"code": key.code, "kind": key.kind, "scheme": key.scheme})
            for key in missing
        ],
        now=now,
    )


@tenancy.everywhere(Why.BOOKS)
def set_state(
    account: str,
    *,
    state: AccountState,
    barred: Collection[TransactionType] = (),
    reason: str,
    initiator: str,
    approver: str = "",
    now: datetime,
) -> None:
    """Bring an account into another state, inside the caller's command.

    Args:
        account: number.
        state: the next.
        barred: what it takes no part in, for SOME_RESTRICTED.
        reason: why; shown to the holder and whoever keeps the books, sealed in the log.
        initiator: number of the person.
        approver: of the second, where two decided.
        now: when.

    Raises:
        Refused: ACCOUNT_UNKNOWN; what `core.ledger.check_transition` refuses; ACCOUNT_NOT_EMPTY when it is to be
            closed and something is left.
        Busy: when transfers under way did not end within three seconds; nothing has changed then.

    Source: design choice, no legal source (invariant A11).
    """
    row = _locked(account)
    ledger.check_transition(queries.account_row(row).as_core(), state=state, barred=frozenset(barred))
    if state is AccountState.CLOSED and Balance.objects.filter(account=row).exclude(total=0).exists():
        raise Refused(LedgerRefusal.ACCOUNT_NOT_EMPTY, account=account)
    row.state, row.barred = state.value, sorted(str(type_) for type_ in barred)
    row.save(update_fields=["state", "barred"])
    change = {"state": row.state, "barred": row.barred, "initiator": initiator, "approver": approver}
    leaf = journal.append(
        journal.Entry("registry.account.state_set", {"number": account, **change}, {"reason": reason}), now=now
    )
    StateChange.objects.create(account=row, **change, reason=reason, at=now, leaf_hash=leaf)


@tenancy.everywhere(Why.BOOKS)
def lock_account(number: str) -> ledger.Account:
    """Keep transfers and holds away from an account until the transaction ends, and give it as it is.

    Raises:
        Refused: ACCOUNT_UNKNOWN.
        Busy: when transfers under way did not end within three seconds.
    """
    return queries.account_row(_locked(number)).as_core()


def _locked(number: str) -> Account:
    row = Account.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=number)
    return row


def _opened(account: Account) -> journal.Entry:
    facts = {"number": account.number, "type": account.type, "region": account.region, "state": account.state}
    return journal.Entry("registry.account.opened", facts, {"organisation": account.organisation_id or ""})


def _numbers_of_system(region: str) -> dict[AccountType, str]:
    rows = Account.objects.filter(region=region, organisation=None, type__in=SYSTEM_TYPES)
    return {AccountType(type_): number for type_, number in rows.values_list("type", "number")}


def _check_owners(drafts: Sequence[AccountDraft]) -> None:
    owned = [draft for draft in drafts if draft.organisation]
    known = members.organisations_named([draft.organisation for draft in owned])
    for draft in owned:
        if draft.organisation not in known:
            raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=draft.organisation)
    membership.require_may_hold([draft.organisation for draft in owned if draft.type in _TRADED_FROM])
    single = [draft for draft in drafts if draft.type is not AccountType.PROJECT]
    taken: set[tuple[str, str, str | None]] = set(
        Account.objects.filter(region__in={draft.region for draft in single}, type__in={draft.type for draft in single})
        .exclude(state=AccountState.CLOSED)
        .values_list("region", "type", "organisation__uscc")
    )
    for draft in single:
        place = (draft.region, str(draft.type), draft.organisation or None)
        if place in taken:
            facts = {
                "organisation": draft.organisation or draft.region,
                "region": draft.region,
                "type": str(draft.type),
            }
            raise Refused(LedgerRefusal.ACCOUNT_EXISTS, **facts)
        taken.add(place)
