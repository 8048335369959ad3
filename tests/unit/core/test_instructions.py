"""Instructions: what is one and what is none, and that reading gives back what was written."""

import dataclasses
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


WITHDRAWN = st.builds(Instruction, st.just(CommandKind.CANCEL), order=st.text(min_size=1, max_size=5))


@given(st.lists(PLACED | WITHDRAWN, min_size=1, max_size=4))
def test_instructions_that_were_written_down_are_read_as_they_were(told: list[Instruction]) -> None:
    assert instructions.unpacked(json.loads(json.dumps(instructions.packed(told)))) == told


@given(st.lists(PLACED | WITHDRAWN, min_size=1, max_size=4))
def test_instructions_that_were_written_down_each_for_itself_are_still_read(told: list[Instruction]) -> None:
    stored = [dataclasses.asdict(one) for one in told]
    assert instructions.unpacked(json.loads(json.dumps(stored))) == told


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
