"""Taking a transfer back: which may be, until when, and what the correction moves."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from tonnebook.core.errors import Refused
from tonnebook.core.ledger.kinds import Leg, TransferType
from tonnebook.core.ledger.matrix import MATRIX
from tonnebook.core.ledger.refusals import LedgerRefusal
from tonnebook.core.periods import Calendar


def reversal_ends_on(transfer: TransferType, *, posted_on: date, calendar: Calendar) -> date | None:
    """Give the last day on which a transfer can be taken back.

    Args:
        transfer: why it was made.
        posted_on: the day of its posting, which does not count.
        calendar: of the region.

    Returns:
        The last of the working days that the matrix grants; None when such a transfer stands at once.

    Source: design choice, no legal source.

    Example:
        >>> moved_on = date(2026, 3, 6)  # a Friday
        >>> reversal_ends_on(TransferType.MOVE_TO_TRADING, posted_on=moved_on, calendar=Calendar())
        datetime.date(2026, 3, 13)
    """
    left, day = MATRIX[transfer].reversal_days, posted_on
    if not left:
        return None
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return day


def check_reversal(
    number: str, transfer: TransferType, *, posted_on: date, today: date, calendar: Calendar, corrected_by: str
) -> None:
    """Refuse to take back what stands for good.

    Args:
        number: of the transfer.
        transfer: why it was made.
        posted_on: the day of its posting.
        today: the day of the correction.
        calendar: of the region.
        corrected_by: number of the transfer that has taken it back; empty for none.

    Raises:
        Refused: NOT_REVERSIBLE, ALREADY_REVERSED or REVERSAL_TOO_LATE.

    Source: design choice, no legal source.
    """
    ends_on = reversal_ends_on(transfer, posted_on=posted_on, calendar=calendar)
    if ends_on is None:
        raise Refused(LedgerRefusal.NOT_REVERSIBLE, transfer=number, type=str(transfer))
    if corrected_by:
        raise Refused(LedgerRefusal.ALREADY_REVERSED, transfer=number, correction=corrected_by)
    if today > ends_on:
        raise Refused(LedgerRefusal.REVERSAL_TOO_LATE, transfer=number, ends_on=ends_on.isoformat())


def opposite(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Give the legs that undo others: each the other way round, the last first, out of what is free."""
    return tuple(
        replace(leg, debit=leg.credit, credit=leg.debit, hold="", price_fen_per_t=None) for leg in reversed(tuple(legs))
    )
