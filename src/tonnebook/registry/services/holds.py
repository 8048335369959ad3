"""Set quantities aside and let them go again."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, HoldOwner, HoldReason, TransferType, Wanted
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import Hold
from tonnebook.registry.queries import AccountRow
from tonnebook.registry.services import locks, numbers


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """A quantity to be set aside.

    Attributes:
        account: number.
        asset: code.
        quantity: tonnes or fen.
        reason: why.
        subject: number of the order, bid, surrender, execution notice or contract it is for.
        expires_at: when it ends by itself, if holds of that reason do.
        owner: the court or the pledgee who may release it.
        documents: numbers of the papers it rests on.
    """

    account: str
    asset: str
    quantity: int
    reason: HoldReason
    subject: str
    expires_at: datetime | None = None
    owner: str = ""
    documents: tuple[str, ...] = ()


@tenancy.everywhere(Why.BOOKS)
def place_holds(drafts: Sequence[HoldDraft], *, now: datetime) -> list[str]:
    """Set quantities aside, all or none, inside the caller's command; `core.ledger.CONFLICTS` says who comes first.

    Args:
        drafts: any number, taken in order.
        now: when.

    Returns:
        Hold numbers in the order of the drafts, such as "H-000001-17".

    Raises:
        Refused: what `core.ledger.Book.place` refuses; INSUFFICIENT_FREE above all.
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    if not drafts:
        return []
    ranked = any(ledger.is_ranked(draft.reason) for draft in drafts)
    locked = locks.lock_places(((draft.account, draft.asset) for draft in drafts), with_standing=ranked)
    placed = dict(zip(numbers.take_numbers(numbers.HOLD, "H", len(drafts)), drafts, strict=True))
    for number, draft in placed.items():
        locked.book.place(ledger.Hold(number, draft.account, draft.asset, draft.quantity, draft.reason))
    _keep(locked, placed, [], now)
    return list(placed)


@tenancy.everywhere(Why.BOOKS)
def reserve_each(
    wanted: Sequence[Wanted],
    *,
    subject: str,
    may_wait: Callable[[int], bool] = lambda place: False,
    now: datetime,
) -> list[str | Refused]:
    """Set quantities aside for orders, each by itself, inside the caller's command: one refused stops no other.

    All orders of an account in an asset share one reserve, so the books change once for each place.

    Args:
        wanted: any number, taken in order.
        subject: the market that they are orders of.
        may_wait: whether one of `wanted`, by its place among them, had better be tried again later than be refused; it
            and those after it are left alone then.
        now: when.

    Returns:
        For each, up to the first that waits, the number of its reserve, or why it was refused, as
        `core.ledger.set_aside`.

    Raises:
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    if not wanted:
        return []
    places = {(one.account, one.asset): None for one in wanted}
    locked = locks.lock_places(places, with_reserves=True)
    there = {(hold.account, hold.asset): number for number, hold in locked.book.holds.items() if hold.is_reserve}
    lacking = [place for place in places if place not in there]
    fresh = dict(zip(lacking, numbers.take_numbers(numbers.HOLD, "H", len(lacking)), strict=True))
    answers = ledger.set_aside(locked.book, wanted, there | fresh, may_wait=may_wait)
    placed = {number: locked.book.holds[number] for number in fresh.values() if number in locked.book.holds}
    drafts = {
        number: HoldDraft(hold.account, hold.asset, hold.remaining, hold.reason, subject)
        for number, hold in placed.items()
    }
    _keep(locked, drafts, _raised(locked), now)
    return answers


@tenancy.everywhere(Why.BOOKS)
def lower_holds(freed: Mapping[str, int], *, now: datetime) -> None:
    """Set parts of their holders' holds free, all or none, inside the caller's command; nothing left ends a hold.

    Args:
        freed: by hold number what is no longer needed, tonnes or fen, no more than there is; a hold that gave way has
            nothing left to set free.
        now: when.

    Raises:
        Refused: HOLD_UNKNOWN, HOLD_NOT_ACTIVE or HOLD_OF_ANOTHER.
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    wanted = {number: quantity for number, quantity in freed.items() if quantity}
    if not wanted:
        return
    locked = _lock(list(wanted))
    entries = lower_standing(locked.book, wanted)
    locks.save(locked, journal.prepare([*entries, *locks.pushed_holds(locked)], now=now).write)


def lower_standing(book: ledger.Book, freed: Mapping[str, int]) -> list[journal.Entry]:
    """Set parts of holds free in memory, as `lower_holds`.

    Args:
        book: with the holds and the balances they are a part of.
        freed: by hold number, tonnes or fen.

    Returns:
        What the log is told of it.
    """
    entries = []
    for number, quantity in freed.items():
        if number in book.holds and book.holds[number].state is ledger.HoldState.OVERRIDDEN:
            continue
        less = book.lower(number, by=quantity)
        state = book.holds[number].state
        if state is ledger.HoldState.RELEASED:
            entries.append(_entry("released", number, less))
        elif less and state is ledger.HoldState.ACTIVE:
            entries.append(_entry("lowered", number, less))
    return entries


@tenancy.everywhere(Why.BOOKS)
def release_holds(holds: Sequence[str], *, by: HoldOwner = HoldOwner.HOLDER, now: datetime) -> None:
    """Set free what remains of holds, all or none, inside the caller's command; whoever waits gets it first.

    Args:
        holds: their numbers; one named twice is released once, one that gave way has nothing left to release.
        by: who lets them go.
        now: when.

    Raises:
        Refused: HOLD_UNKNOWN, HOLD_NOT_ACTIVE or HOLD_OF_ANOTHER.
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    wanted = list(dict.fromkeys(holds))
    if wanted:
        locked = _lock(wanted)
        there = locked.book.holds
        gone = {number for number in there if there[number].state is ledger.HoldState.OVERRIDDEN}
        _release(locked, [number for number in wanted if number not in gone], by, now)


def release_standing(book: ledger.Book, holds: Iterable[str]) -> list[journal.Entry]:
    """Set free in memory what remains of those holds of holders that still stand.

    Args:
        book: with the holds and the balances they are a part of.
        holds: their numbers.

    Returns:
        What the log is told of it.
    """
    standing = (number for number in holds if number not in book.holds or book.holds[number].state in ledger.STANDING)
    return _let_go([(number, book.release(number)) for number in standing])


@tenancy.everywhere(Why.BOOKS)
def void_stopped(account: AccountRow, *, is_switched_off: bool = False, now: datetime) -> None:
    """Void the orders and bids that an account can no longer carry out, inside the caller's command.

    Units and money change places, so an order rests on two accounts of its holder: what the account cannot give it has
    set aside itself, and for what it cannot receive the holder's other kind of account has set something aside.

    Args:
        account: as it is now.
        is_switched_off: whether a freeze switch stops it, whatever its state lets through.
        now: when.

    Raises:
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    void = [
        number
        for reason, transfer in CARRIED_OUT_BY.items()
        for number in _resting(account, reason, transfer, is_switched_off)
    ]
    if void:
        locked = _lock(void)
        for number in void:
            locked.book.give_way(number)
        locks.save(locked)
        journal.append_many(locks.pushed_holds(locked), now=now)


@tenancy.everywhere(Why.BOOKS)
def release_expired(*, now: datetime) -> int:
    """Set free what remains of holds whose time is over; run by a job. A pledge is overdue then, but stays.

    Args:
        now: when; a hold ends at its `expires_at` and not before.

    Returns:
        How many were released.

    Raises:
        OperationalError: when a balance was locked by others for more than three seconds; the job comes again.

    Source: design choice, no legal source.
    """
    ending = [reason for reason, terms in ledger.TERMS.items() if terms.ends_by_itself]
    due = Hold.objects.filter(state__in=ledger.STANDING, reason__in=ending, expires_at__lte=now)
    with transaction.atomic():
        wanted = list(due.order_by("id").values_list("number", flat=True))
        if not wanted:
            return 0
        locked = _lock(wanted)
        # Somebody may have drawn on one or released it before the lock was there.
        active = [number for number in wanted if locked.book.holds[number].state in ledger.STANDING]
        _release(locked, active, None, now)
    return len(active)


# What holds of a reason are set aside for.
CARRIED_OUT_BY = {HoldReason.ORDER: TransferType.DELIVER_TRADE, HoldReason.BID: TransferType.DELIVER_AUCTION}


def _resting(account: AccountRow, reason: HoldReason, transfer: TransferType, is_switched_off: bool) -> list[str]:
    stopped = Q(pk__in=())
    if is_switched_off or not account.gives(transfer):
        stopped |= Q(account__number=account.number)
    receives = any(account.type in lane.credits for lane in ledger.MATRIX[transfer].lanes)
    if receives and (is_switched_off or not account.takes(transfer)):
        is_money = Q(account__type=AccountType.CLIENT_CASH)
        other_kind = ~is_money if account.type is AccountType.CLIENT_CASH else is_money
        stopped |= Q(account__organisation__uscc=account.organisation, account__region=account.region) & other_kind
    rows = Hold.objects.filter(stopped, reason=reason, state__in=ledger.STANDING)
    return list(rows.order_by("id").values_list("number", flat=True))


# New holds, and what else has become of holds.
def _keep(
    locked: locks.Locked, placed: Mapping[str, HoldDraft], entries: Sequence[journal.Entry], now: datetime
) -> None:
    told = [*(_placed(number, draft) for number, draft in placed.items()), *entries, *locks.pushed_holds(locked)]
    if told:
        written = (_hold_row(locked, number, draft, now) for number, draft in placed.items())
        locks.save(locked, journal.prepare(told, now=now).write, rows.insertion(Hold, _COLUMNS, written))


def _lock(holds: Sequence[str]) -> locks.Locked:
    # Account and asset of a hold never change, so they may be read before anything is locked.
    places = Hold.objects.filter(number__in=holds).values_list("account__number", "asset__code")
    return locks.lock_places(places, holds=holds)


def _release(locked: locks.Locked, holds: Sequence[str], by: HoldOwner | None, now: datetime) -> None:
    entries = _let_go([(number, locked.book.release(number, by=by)) for number in holds])
    locks.save(locked, journal.prepare([*entries, *locks.pushed_holds(locked)], now=now).write)


_COLUMNS = (
    *("number", "account_id", "asset_id", "quantity", "remaining", "waiting", "rank", "is_reserve", "state"),
    *("reason", "owner", "subject", "documents", "expires_at", "at"),
)


def _hold_row(locked: locks.Locked, number: str, draft: HoldDraft, now: datetime) -> tuple[object, ...]:
    place = (locked.account_ids[draft.account], locked.asset_ids[draft.asset])
    hold, about = locked.book.holds[number], (draft.owner, draft.subject, json.dumps(draft.documents))
    amounts = (draft.quantity, hold.remaining, hold.waiting, hold.rank, hold.is_reserve)
    return number, *place, *amounts, str(hold.state), str(draft.reason), *about, draft.expires_at, now


def _placed(number: str, draft: HoldDraft) -> journal.Entry:
    sealed = {
        "account": draft.account,
        "asset": draft.asset,
        "quantity": draft.quantity,
        "subject": draft.subject,
        "expires_at": draft.expires_at,
    }
    if draft.owner:
        sealed |= {"owner": draft.owner, "documents": list(draft.documents)}
    return journal.Entry("registry.hold.placed", {"number": number, "reason": draft.reason}, sealed)


def _raised(locked: locks.Locked) -> list[journal.Entry]:
    after = locked.book.holds
    more = {number: after[number].remaining - before.remaining for number, before in locked.holds_before.items()}
    return [_entry("raised", number, quantity) for number, quantity in more.items() if quantity > 0]


# Of many holds one leaf for each thousand, as more numbers would not go into a leaf.
def _let_go(released: Sequence[tuple[str, int]]) -> list[journal.Entry]:
    if len(released) == 1:
        return [_entry("released", *released[0])]
    return [
        journal.Entry(
            "registry.holds.released",
            {"numbers": [number for number, _ in part]},
            {"quantities": [quantity for _, quantity in part]},
        )
        for part in (released[begun : begun + _A_LEAF] for begun in range(0, len(released), _A_LEAF))
    ]


_A_LEAF = 1_000


def _entry(what: str, number: str, quantity: int) -> journal.Entry:
    return journal.Entry(f"registry.hold.{what}", {"number": number}, {"quantity": quantity})
