"""Instructions: what is one and what is none, and that reading gives back what was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core.book import CommandKind, Instruction, OrderType, Side, instructions

POSITIVE = st.integers(1, 2**40)
PLACED = st.builds(
    Instruction,
    st.just(CommandKind.PLACE),
    st.text(max_size=5),
    st.just(Side.SELL),
    st.sampled_from(OrderType),
    POSITIVE,
    POSITIVE,
    POSITIVE,
    st.text(min_size=1, max_size=5),
)


@given(PLACED)
def test_an_instruction_that_was_written_down_is_read_as_it_was(instruction: Instruction) -> None:
    told = json.loads(json.dumps(instructions.written(instruction)))
    assert instructions.read(told) == instruction


@pytest.mark.parametrize(
    "make",
    [
        lambda: Instruction(CommandKind.PLACE, "SHEA", Side.BUY, price_fen_per_t=0, quantity_t=1),
        lambda: Instruction(CommandKind.PLACE, "SHEA", Side.SELL, price_fen_per_t=1, quantity_t=1),
        lambda: Instruction(CommandKind.CANCEL),
        lambda: Instruction(CommandKind.AMEND, order="O-1", price_fen_per_t=1),
    ],
)
def test_what_names_no_order_or_no_price_is_no_instruction(make: object) -> None:
    with pytest.raises(ValueError, match=r"order|asset"):
        make()  # type: ignore[operator]
