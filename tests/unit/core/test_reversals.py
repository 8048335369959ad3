"""A transfer is taken back within the working days the matrix grants, once, and leg by leg the other way round."""

from datetime import date

import pytest

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import MATRIX, LedgerRefusal, Leg, TransferType
from tonnebook.core.periods import Calendar

FRIDAY = date(2026, 3, 6)


def check(transfer: TransferType, *, today: date, corrected_by: str = "") -> None:
    ledger.check_reversal(
        "T-1", transfer, posted_on=FRIDAY, today=today, calendar=Calendar(), corrected_by=corrected_by
    )


@pytest.mark.parametrize("transfer", TransferType)
def test_what_the_matrix_does_not_call_reversible_stands(transfer: TransferType) -> None:
    if MATRIX[transfer].reversal_days:
        check(transfer, today=FRIDAY)
    else:
        with pytest.raises(Refused) as refused:
            check(transfer, today=FRIDAY)
        assert refused.value.code is LedgerRefusal.NOT_REVERSIBLE


def test_the_window_counts_working_days_and_ends_with_its_last_day() -> None:
    check(TransferType.MOVE_TO_TRADING, today=date(2026, 3, 13))
    with pytest.raises(Refused) as refused:
        check(TransferType.MOVE_TO_TRADING, today=date(2026, 3, 14))
    assert refused.value.code is LedgerRefusal.REVERSAL_TOO_LATE
    holiday = Calendar(holidays=frozenset({date(2026, 3, 9)}))
    ends_on = ledger.reversal_ends_on(TransferType.MOVE_TO_TRADING, posted_on=FRIDAY, calendar=holiday)
    assert ends_on == date(2026, 3, 16)


def test_nothing_is_taken_back_twice() -> None:
    with pytest.raises(Refused) as refused:
        check(TransferType.MOVE_TO_TRADING, today=FRIDAY, corrected_by="T-2")
    assert refused.value.code is LedgerRefusal.ALREADY_REVERSED


def test_opposite_legs_undo_the_last_first_out_of_what_is_free() -> None:
    legs = (Leg("A", "B", "SHEA-2026", 5, hold="H-1"), Leg("B", "A", "CNY", 7, price_fen_per_t=3))
    assert ledger.opposite(legs) == (Leg("A", "B", "CNY", 7), Leg("B", "A", "SHEA-2026", 5))
