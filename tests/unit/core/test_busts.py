"""A trade is taken back until its day is closed, once; a correction gives nobody worse than their order said."""

from dataclasses import replace
from datetime import date

import pytest

from tonnebook.core import busts
from tonnebook.core.busts import BustRefusal, Made
from tonnebook.core.errors import Refused

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
TRADE = Made("SHEA-T-1", MONDAY, 7500, 100, low_fen_per_t=7400, high_fen_per_t=7600)


def code_of_bust(trade: Made, *, today: date = MONDAY, closed_on: date | None = None) -> str:
    try:
        busts.check_bust(trade, today=today, closed_on=closed_on)
    except Refused as refused:
        return refused.code.name
    return ""


def test_a_trade_is_taken_back_on_its_day_until_that_is_closed() -> None:
    assert code_of_bust(TRADE) == ""
    assert code_of_bust(TRADE, closed_on=date(2026, 2, 27)) == ""
    assert code_of_bust(TRADE, closed_on=MONDAY) == "BUST_TOO_LATE"
    assert code_of_bust(TRADE, today=TUESDAY) == "BUST_TOO_LATE"


def test_that_it_has_been_taken_back_comes_before_that_it_is_too_late() -> None:
    assert code_of_bust(replace(TRADE, bust="SHEA-BT-1"), closed_on=MONDAY) == "ALREADY_BUSTED"


@pytest.mark.parametrize(
    ("price_fen_per_t", "quantity_t", "code"),
    [
        (7400, 100, ""),
        (7600, 100, ""),
        (7399, 100, "CORRECTION_UNFIT"),
        (7601, 100, "CORRECTION_UNFIT"),
        (7502, 100, "CORRECTION_UNFIT"),
        (7500, 10, ""),
        (7500, 0, "CORRECTION_TOO_LARGE"),
        (7500, 110, "CORRECTION_TOO_LARGE"),
        (7500, 99, "CORRECTION_TOO_LARGE"),
        (7500, 100, "CORRECTION_CHANGES_NOTHING"),
    ],
)
def test_a_correction_keeps_to_both_orders_and_to_what_was_traded(
    price_fen_per_t: int, quantity_t: int, code: str
) -> None:
    def check() -> None:
        busts.check_correction(TRADE, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, tick_fen=5, lot_t=10)

    if code:
        with pytest.raises(Refused) as caught:
            check()
        assert caught.value.code is BustRefusal[code]
    else:
        check()
