"""Set quantities aside and let them go again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tonnebook.core import ledger
from tonnebook.core.ledger import HoldReason
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.registry.models import Hold
from tonnebook.registry.services import locks, numbers


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """A quantity (tonnes or fen) to be set aside; `subject` names the order, bid or surrender it is for."""

    account: str
    asset: str
    quantity: int
    reason: HoldReason
    subject: str
    expires_at: datetime | None = None


def place_holds(drafts: Sequence[HoldDraft], *, now: datetime) -> list[str]:
    """Set quantities aside, all or none, inside the caller's command.

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
    locked = locks.lock_places((draft.account, draft.asset) for draft in drafts)
    taken = numbers.take_numbers(numbers.HOLD, "H", len(drafts))
    for number, draft in zip(taken, drafts, strict=True):
        locked.book.place(ledger.Hold(number, draft.account, draft.asset, draft.quantity, draft.reason))
    locks.save(locked)
    rows.copy_in(
        Hold,
        ("number", "account_id", "asset_id", "quantity", "remaining", "reason", "subject", "state", "expires_at", "at"),
        (_hold_row(locked, number, draft, now) for number, draft in zip(taken, drafts, strict=True)),
    )
    journal.append_many([_placed(number, draft) for number, draft in zip(taken, drafts, strict=True)], now=now)
    return taken


def release_holds(holds: Sequence[str], *, now: datetime) -> None:
    """Set free what remains of holds, all or none, inside the caller's command.

    Args:
        holds: their numbers; one named twice is released once.
        now: when.

    Raises:
        Refused: HOLD_UNKNOWN or HOLD_NOT_ACTIVE.
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source.
    """
    wanted = list(dict.fromkeys(holds))
    if wanted:
        _release(_lock(wanted), wanted, now)


def release_expired(*, now: datetime) -> int:
    """Set free what remains of holds whose time is over; run by a job.

    Args:
        now: when; a hold ends at its `expires_at` and not before.

    Returns:
        How many were released.

    Raises:
        OperationalError: when a balance was locked by others for more than three seconds; the job comes again.

    Source: design choice, no legal source.
    """
    due = Hold.objects.filter(state=ledger.HoldState.ACTIVE, expires_at__lte=now)
    with transaction.atomic():
        wanted = list(due.order_by("id").values_list("number", flat=True))
        if not wanted:
            return 0
        locked = _lock(wanted)
        # Somebody may have drawn on one or released it before the lock was there.
        active = [number for number in wanted if locked.book.holds[number].state is ledger.HoldState.ACTIVE]
        _release(locked, active, now)
    return len(active)


def _lock(holds: Sequence[str]) -> locks.Locked:
    # Account and asset of a hold never change, so they may be read before anything is locked.
    places = Hold.objects.filter(number__in=holds).values_list("account__number", "asset__code")
    return locks.lock_places(places, holds=holds)


def _release(locked: locks.Locked, holds: Sequence[str], now: datetime) -> None:
    released = [(number, locked.book.release(number)) for number in holds]
    locks.save(locked)
    journal.append_many([_released(number, quantity) for number, quantity in released], now=now)


def _hold_row(locked: locks.Locked, number: str, draft: HoldDraft, now: datetime) -> tuple[object, ...]:
    place = (locked.account_ids[draft.account], locked.asset_ids[draft.asset])
    reason, state = str(draft.reason), str(ledger.HoldState.ACTIVE)
    return number, *place, draft.quantity, draft.quantity, reason, draft.subject, state, draft.expires_at, now


def _placed(number: str, draft: HoldDraft) -> journal.Entry:
    sealed = {"account": draft.account, "asset": draft.asset, "quantity": draft.quantity, "subject": draft.subject}
    return journal.Entry("registry.hold.placed", {"number": number, "reason": draft.reason}, sealed)


def _released(number: str, quantity: int) -> journal.Entry:
    return journal.Entry("registry.hold.released", {"number": number}, {"quantity": quantity})
