"""Rounding is exact, named and sums up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import units


def test_halves_go_away_from_zero() -> None:
    assert units.half_up(Decimal("2.5")) == 3
    assert units.half_up(Decimal("-2.5")) == -3
    assert units.half_up(Decimal("0.0000005"), 6) == Decimal("0.000001")


def test_floor_and_ceil_keep_their_direction_below_zero() -> None:
    assert units.floor(Decimal("-0.1")) == -1
    assert units.ceil(Decimal("-0.9")) == 0


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1,000", "", "12 t"])
def test_decimal_of_refuses_what_is_not_a_finite_number(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        units.decimal_of(text)


def test_whole_refuses_to_lose_a_fraction() -> None:
    with pytest.raises(ValueError, match="whole"):
        units.whole(Decimal("1009374.5"))


def test_price_times_quantity_is_exact_in_fen() -> None:
    assert units.amount_fen(price_fen_per_t=7429, quantity_t=3_000_000) == 22_287_000_000


def test_fee_rounds_half_a_fen_up() -> None:
    assert units.fee_fen(625, Decimal("0.0008")) == 1
    assert units.fee_fen(624, Decimal("0.0008")) == 0


@given(st.integers(0, 2**60), st.decimals(0, 2, places=8))
def test_a_fee_is_the_share_rounded_as_all_else_is(amount_fen: int, share: Decimal) -> None:
    assert units.fee_fen(amount_fen, share) == units.half_up(units.EXACT.multiply(Decimal(amount_fen), share))


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_largest_remainder_parts_add_up_and_stay_within_one(total: int, weights: list[int]) -> None:
    parts = units.split_by_largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


def test_largest_remainder_refuses_weights_that_give_no_share() -> None:
    with pytest.raises(ValueError, match="weights"):
        units.split_by_largest_remainder(10, (0, 0))
