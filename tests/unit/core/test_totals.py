"""Caps of sectors, the total of a region, and the headroom inside its reserve."""

import pytest

from tonnebook.core import trace
from tonnebook.core.allocation import totals
from tonnebook.core.allocation.annual import Annual
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.allocation.totals import Planned
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters

RULES = parameters.rules(
    {
        "allocation.cap_t": "1000",
        "allocation.reserve_share": "0.055",
        "allocation.sector_cap_t.paper": "100",
        "allocation.cap_mode.paper": "ABSOLUTE",
        "allocation.paid_share.paper": "0.10",
        "allocation.headroom_t": "30",
    }
)


def _amounts(*tonnes: int) -> dict[str, Annual]:
    base = [trace.given(one, "t", zh="", en="") for one in tonnes]
    zero = trace.given(0, "t", zh="", en="")
    return {name: Annual(one, one, zero) for name, one in zip("ABCDEF", base, strict=False)}


def _facts(*names: str) -> dict[str, EntityFacts]:
    return {name: EntityFacts(name, "paper", {}) for name in names}


def test_a_correction_fits_the_cap_to_the_tonne_and_splits_again() -> None:
    found = totals.corrected(_amounts(50, 51, 52), _facts("A", "B", "C"), RULES)
    assert [one.base.whole for one in found.values()] == [33, 33, 34]
    assert [one.paid.whole for one in found.values()] == [3, 3, 3]
    assert all(trace.replay(one.free) == one.free.value for one in found.values())


def test_a_sector_below_its_cap_stays_as_it_is() -> None:
    amounts = _amounts(50, 50)
    assert totals.corrected(amounts, _facts("A", "B"), RULES) == amounts
    assert totals.corrected({}, {}, RULES) == {}


def test_a_correction_leaves_out_what_others_have_received() -> None:
    found = totals.corrected(_amounts(50, 50), _facts("A", "B"), RULES, taken_t=41)
    assert sum(one.base.whole for one in found.values()) == 59


def test_the_total_is_exact_while_the_year_is_open_and_after_it() -> None:
    rows = [Planned("paper", 400, 410, 10), Planned("paper", 300, None, 0), Planned("chemical", 200, 190, 9)]
    found = totals.total(rows, RULES)
    assert (found.reserve_t, found.free_t, found.paid_t, found.open_t) == (100, 581, 19, 300)
    assert (found.set_aside_t, found.is_settled) == (55, False)
    assert [(one.sector, one.drawn_t, one.open_t) for one in found.sectors] == [
        ("chemical", -10, 0),
        ("paper", 10, 300),
    ]


def test_the_headroom_is_drawn_to_its_last_tonne_and_no_further() -> None:
    assert totals.check_headroom(wanted_t=10, drawn_t=20, rules=RULES).whole == 0
    with pytest.raises(Refused) as caught:
        totals.check_headroom(wanted_t=11, drawn_t=20, rules=RULES)
    assert caught.value.code is AllocationRefusal.HEADROOM_SPENT
