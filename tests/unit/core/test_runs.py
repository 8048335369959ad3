"""Runs: whatever rows are packed come out as they were, and what they have in common is written once."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import runs

VALUES = (
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(("", "a")) | st.lists(st.integers(0, 1), max_size=2)
)
ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1), max_size=8)


@given(ROWS)
def test_rows_that_were_packed_come_out_as_they_were(rows: list[runs.Row]) -> None:
    stored = json.loads(json.dumps(runs.packed(rows)))
    out = runs.unpacked(stored)
    assert json.dumps(out) == json.dumps(rows)
    assert runs.size(stored) == len(rows)


def test_what_rows_have_in_common_is_written_once() -> None:
    rows = [{"receipt": "ab", "rest_t": number} for number in range(3)]
    assert json.dumps(runs.packed(rows)) == '[[3, {"receipt": "ab", "rest_t": [0, 1, 2]}]]'


def test_true_and_one_are_not_the_same() -> None:
    assert runs.packed([{"a": True}, {"a": 1}]) == [(2, {"a": [True, 1]})]
