"""Proceeds: each winner's sum, running numbers of receipts, and no use beyond what was received."""

import pytest

from tonnebook.core import proceeds
from tonnebook.core.errors import Refused
from tonnebook.core.proceeds import Due, ProceedsRefusal


def test_all_awards_of_a_winner_are_one_due() -> None:
    found = proceeds.dues([("B", 10, 7500), ("A", 5, 7500), ("B", 1, 7400)])
    assert found == [Due("A", 5, 37_500), Due("B", 11, 82_400)]


def test_receipts_count_on_at_the_width_of_the_first() -> None:
    assert proceeds.receipt_numbers("0098", 3) == ["0098", "0099", "0100"]


@pytest.mark.parametrize("first", ["", "A1", "٣", "9", "1" * 21])
def test_a_number_that_cannot_be_counted_on_is_refused(first: str) -> None:
    with pytest.raises(Refused) as caught:
        proceeds.receipt_numbers(first, 2)
    assert caught.value.code is ProceedsRefusal.RECEIPT_NUMBER_WRONG


@pytest.mark.parametrize(("amount_fen", "is_refused"), [(60, False), (61, True), (-40, False), (-41, True)])
def test_what_is_used_stays_within_what_was_received(amount_fen: int, is_refused: bool) -> None:
    if not is_refused:
        proceeds.check_use(amount_fen, used_fen=40, received_fen=100)
        return
    with pytest.raises(Refused) as caught:
        proceeds.check_use(amount_fen, used_fen=40, received_fen=100)
    assert caught.value.code is ProceedsRefusal.BEYOND_RECEIVED
