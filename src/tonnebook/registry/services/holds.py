"""Set quantities aside and let them go again."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, HoldOwner, HoldReason, TransferType
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
    locked, answers = _placed_in_memory(drafts)
    for answer in answers:
        if isinstance(answer, Refused):
            raise answer
    return _keep(locked, drafts, answers, now)


@tenancy.everywhere(Why.BOOKS)
def place_each(
    drafts: Sequence[HoldDraft],
    *,
    subject: Callable[[int], str],
    may_wait: Callable[[int], bool] = lambda place: False,
    now: datetime,
) -> list[str | Refused]:
    """Set quantities aside in order, each by itself, inside the caller's command: one that is refused stops no other.

    Args:
        drafts: any number, taken in order; their subjects are not read.
        subject: gives the subject of a draft by its place; called in order, only for those that are not refused.
        may_wait: whether a draft, by its place, had better be tried again later than be refused; it and those after it
            are left alone then.
        now: when.

    Returns:
        For each draft, up to the first that waits, its hold number, or why it was refused, as for `place_holds`.

    Raises:
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    locked, answers = _placed_in_memory(drafts, may_wait)
    named = [
        draft if isinstance(answer, Refused) else replace(draft, subject=subject(place))
        for place, (draft, answer) in enumerate(zip(drafts, answers, strict=False))
    ]
    _keep(locked, named, answers, now)
    return answers


@tenancy.everywhere(Why.BOOKS)
def lower_holds(remaining: Mapping[str, int], *, now: datetime) -> None:
    """Let holds of their holders keep less, all or none, inside the caller's command; nothing left ends a hold.

    Args:
        remaining: by hold number what shall remain, tonnes or fen, no more than there is.
        now: when.

    Raises:
        Refused: HOLD_UNKNOWN, HOLD_NOT_ACTIVE, HOLD_OVERRIDDEN or HOLD_OF_ANOTHER.
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    if not remaining:
        return
    locked = _lock(list(remaining))
    entries = [
        _lowered(number, locked.book.lower(number, to=kept)) if kept else _released(number, locked.book.release(number))
        for number, kept in remaining.items()
    ]
    locks.save(locked, journal.prepare([*entries, *locks.pushed_holds(locked)], now=now).write)


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


def _placed_in_memory(
    drafts: Sequence[HoldDraft], may_wait: Callable[[int], bool] = lambda place: False
) -> tuple[locks.Locked, list[str | Refused]]:
    ranked = any(ledger.is_ranked(draft.reason) for draft in drafts)
    locked = locks.lock_places(((draft.account, draft.asset) for draft in drafts), with_standing=ranked)
    answers: list[str | Refused] = []
    for number, draft in zip(numbers.take_numbers(numbers.HOLD, "H", len(drafts)), drafts, strict=True):
        try:
            locked.book.place(ledger.Hold(number, draft.account, draft.asset, draft.quantity, draft.reason))
            answers.append(number)
        except Refused as refused:
            if may_wait(len(answers)):
                break
            answers.append(refused)
    return locked, answers


def _keep(
    locked: locks.Locked, drafts: Sequence[HoldDraft], answers: Sequence[str | Refused], now: datetime
) -> list[str]:
    placed = [(taken, draft) for taken, draft in zip(answers, drafts, strict=True) if isinstance(taken, str)]
    if placed:
        entries = [_placed(number, draft) for number, draft in placed]
        leaves = journal.prepare([*entries, *locks.pushed_holds(locked)], now=now)
        written = (_hold_row(locked, number, draft, now) for number, draft in placed)
        locks.save(locked, leaves.write, rows.insertion(Hold, _COLUMNS, written))
    return [number for number, _ in placed]


def _lock(holds: Sequence[str]) -> locks.Locked:
    # Account and asset of a hold never change, so they may be read before anything is locked.
    places = Hold.objects.filter(number__in=holds).values_list("account__number", "asset__code")
    return locks.lock_places(places, holds=holds)


def _release(locked: locks.Locked, holds: Sequence[str], by: HoldOwner | None, now: datetime) -> None:
    entries = _let_go([(number, locked.book.release(number, by=by)) for number in holds])
    locks.save(locked, journal.prepare([*entries, *locks.pushed_holds(locked)], now=now).write)


_COLUMNS = (
    *("number", "account_id", "asset_id", "quantity", "remaining", "waiting", "rank", "state"),
    *("reason", "owner", "subject", "documents", "expires_at", "at"),
)


def _hold_row(locked: locks.Locked, number: str, draft: HoldDraft, now: datetime) -> tuple[object, ...]:
    place = (locked.account_ids[draft.account], locked.asset_ids[draft.asset])
    hold, about = locked.book.holds[number], (draft.owner, draft.subject, json.dumps(draft.documents))
    amounts = (draft.quantity, hold.remaining, hold.waiting, hold.rank)
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


def _lowered(number: str, quantity: int) -> journal.Entry:
    return journal.Entry("registry.hold.lowered", {"number": number}, {"quantity": quantity})


# Of many holds one leaf for each thousand, as more numbers would not go into a leaf.
def _let_go(released: Sequence[tuple[str, int]]) -> list[journal.Entry]:
    if len(released) == 1:
        return [_released(*released[0])]
    return [
        journal.Entry(
            "registry.holds.released",
            {"numbers": [number for number, _ in part]},
            {"quantities": [quantity for _, quantity in part]},
        )
        for part in (released[begun : begun + _A_LEAF] for begun in range(0, len(released), _A_LEAF))
    ]


_A_LEAF = 1_000


def _released(number: str, quantity: int) -> journal.Entry:
    return journal.Entry("registry.hold.released", {"number": number}, {"quantity": quantity})
