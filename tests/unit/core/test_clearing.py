"""Fees, mean prices and the close of a day."""

from decimal import Decimal

import pytest

from tonnebook.core import clearing, trace

SHARE = Decimal("0.0008")


def test_fees_of_partial_fills_add_up_to_the_fee_of_the_whole_order() -> None:
    fills = [625, 625, 625, 10_000, 1]
    charged, filled = 0, 0
    for amount in fills:
        charged += clearing.fee_of_fill_fen(filled_before_fen=filled, amount_fen=amount, share=SHARE)
        filled += amount
    assert charged == 10  # 11,876 fen × 0.0008 = 9.5008, halves up


def test_a_buyer_reserves_the_amount_at_the_limit_and_the_fee() -> None:
    assert clearing.reserve_fen(price_fen_per_t=8500, quantity_t=500, filled_fen=0, share=SHARE) == 4_253_400


def test_the_reserve_of_the_rest_covers_every_later_fill() -> None:
    rest = clearing.reserve_fen(price_fen_per_t=8500, quantity_t=499, filled_fen=8500, share=SHARE)
    paid = clearing.fee_of_fill_fen(filled_before_fen=0, amount_fen=8500, share=SHARE)
    assert rest + paid + 8500 == 4_253_400


def test_the_close_is_the_mean_by_volume_halves_up() -> None:
    day = clearing.close_of_day(volume_t=2, turnover_fen=16_001, trades=2, previous_close_fen_per_t=1)
    assert (day.close.whole, day.volume_t, day.turnover_fen, day.trades) == (8001, 2, 16_001, 2)
    assert trace.replay(day.close) == 8001


def test_a_day_without_trades_keeps_the_previous_close() -> None:
    day = clearing.close_of_day(volume_t=0, turnover_fen=0, trades=0, previous_close_fen_per_t=7363)
    assert (day.close.whole, day.volume_t, day.turnover_fen, day.trades) == (7363, 0, 0, 0)


def test_there_is_no_mean_price_of_nothing() -> None:
    with pytest.raises(ValueError, match="of nothing"):
        clearing.vwap(turnover_fen=0, volume_t=0)
