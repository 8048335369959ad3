"""The two figures of paid allocation."""

from decimal import Decimal

import pytest

from tonnebook.core import paid_shares

GUARD = Decimal("0.08")


@pytest.mark.parametrize(("paid_t", "above"), [(7, 0), (8, 0), (9, 1)])
def test_an_entity_at_the_guard_is_not_above_it(paid_t: int, above: int) -> None:
    found = paid_shares.paid_shares([(100, paid_t)], cap_t=1000, guard=GUARD)
    assert (found.above, found.largest) == (above, Decimal(paid_t) / 100)


def test_paid_tonnes_over_the_cap_say_nothing_of_single_entities() -> None:
    found = paid_shares.paid_shares([(100, 8), (300, 3)], cap_t=900, guard=GUARD)
    assert (found.entities, found.paid_t, found.of_cap) == (2, 11, Decimal("0.012222"))


def test_without_cap_and_guard_there_is_nothing_to_compare_with() -> None:
    found = paid_shares.paid_shares([(100, 50)], cap_t=None, guard=None)
    assert (found.above, found.of_cap) == (0, None)


def test_an_entity_without_allowance_has_no_share() -> None:
    assert paid_shares.paid_shares([(0, 0)], cap_t=10, guard=GUARD).largest == 0
