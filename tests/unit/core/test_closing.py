"""The close of a day decided: nets, differences, and who may settle a break."""

import pytest

from tonnebook.core import closing
from tonnebook.core.closing import BreakKind, BreakState, ClearedTrade, ClosingRefusal, MemberTotals
from tonnebook.core.errors import Fault, Refused

A = "SHEA-2026"
MADE = [
    ClearedTrade("north", "red", A, 30, 7500, 180, 180),
    ClearedTrade("red", "gold", A, 10, 7600, 61, 60),
    ClearedTrade("north", "gold", "SHEA-2025", 5, 100, 0, 0),
]


def test_members_are_netted_by_asset_gross_and_net() -> None:
    found = closing.net_members(MADE)
    assert found["red", A] == MemberTotals(30, 10, 225_000, 76_000, 240)
    assert (found["red", A].net_t, found["red", A].net_fen) == (20, -149_240)
    assert found["north", "SHEA-2025"].net_fen == 500
    closing.check_nets(found)


def test_nets_that_do_not_add_up_are_a_fault() -> None:
    found = closing.net_members(MADE)
    with pytest.raises(Fault, match="B5"):
        closing.check_nets({**found, ("red", A): MemberTotals(31, 10, 225_000, 76_000, 240)})
    with pytest.raises(Fault, match="B5"):
        closing.check_nets({**found, ("red", A): MemberTotals(30, 10, 225_001, 76_000, 240)})


def test_what_only_one_book_has_is_a_difference_and_what_both_have_is_none() -> None:
    found = closing.differences(
        BreakKind.REGISTRY_MARKET, {("a", A): 5, ("b", A): 7, ("d", A): 0}, {("a", A): 5, ("b", A): 8, ("c", A): 1}
    )
    assert [(one.subject, one.registry, one.other) for one in found] == [("b", 7, 8), ("c", 0, 1)]


def test_a_break_is_explained_once_and_resolved_by_somebody_else() -> None:
    closing.check_explains("BR-1", BreakState.OPEN)
    closing.check_resolves("BR-1", BreakState.EXPLAINED, explained_by="P-1", person="P-2")
    with pytest.raises(Refused) as caught:
        closing.check_explains("BR-1", BreakState.EXPLAINED)
    assert caught.value.code is ClosingRefusal.BREAK_NOT_OPEN
    with pytest.raises(Refused) as caught:
        closing.check_resolves("BR-1", BreakState.OPEN, explained_by="", person="P-2")
    assert caught.value.code is ClosingRefusal.BREAK_NOT_EXPLAINED
    with pytest.raises(Refused) as caught:
        closing.check_resolves("BR-1", BreakState.EXPLAINED, explained_by="P-1", person="P-1")
    assert caught.value.code is ClosingRefusal.BREAK_NEEDS_ANOTHER_PERSON
