"""A determined figure is explained by what it came from."""

import pytest

from tonnebook.core import determination, trace
from tonnebook.core.reporting import DeterminationSource

REPORTED = trace.total(
    [trace.given(number, "t", zh="设施", en="facility") for number in (600, 400)], "t", zh="合计", en="total"
)


@pytest.mark.parametrize(("determined_t", "changed_t"), [(999, -1), (1000, 0), (1001, 1)])
def test_what_was_verified_is_the_report_and_what_verification_changed(determined_t: int, changed_t: int) -> None:
    found = determination.explained(
        determined_t, reported=REPORTED, source=DeterminationSource.SYSTEM, is_replaced=False
    )
    assert trace.replay(found) == found.value == determined_t
    assert [one.value for one in found.inputs] == [1000, changed_t]


@pytest.mark.parametrize(
    ("source", "is_replaced", "words"),
    [
        (DeterminationSource.IMPORTED, False, "determined emission as taken over"),
        (DeterminationSource.SYSTEM, True, "emission as determined again"),
    ],
)
def test_what_was_given_is_told_as_given(source: DeterminationSource, is_replaced: bool, words: str) -> None:
    found = determination.explained(5, reported=REPORTED, source=source, is_replaced=is_replaced)
    assert (found.whole, found.en) == (5, words)
    assert not found.inputs
