"""Typical companies that do not exist."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import personas
from tonnebook.core.allocation import bulk, columns
from tonnebook.core.allocation.refusals import AllocationRefusal


@pytest.mark.parametrize("region", ["shanghai", "tianjin"])
def test_every_persona_has_a_sector_of_the_plan_and_nobody_takes_it_for_real(region: str) -> None:
    rules = rulebook.at(region, on=date(2026, 6, 1), year=2026, overlays=(rulebook.overlay(region, 2026),))
    found = personas.personas(region, 2026)
    for one in found:
        assert rules.has(f"allocation.method.{one.facts.sector}"), one.code
        assert "XXXX" in one.facts.entity
        assert (one.zh.endswith("（模拟）"), one.en.endswith("(demo)")) == (True, True)
    assert len({one.code for one in found}) == len(found)
    assert len({one.facts.entity for one in found}) == len(found)
    amounts = bulk.annual(columns.of([one.facts for one in found], range(2021, 2026)), rules)
    assert set(amounts.refused.values()) <= {AllocationRefusal.NO_HISTORY}
    assert sum(amounts.base_t) > 0


def test_there_are_about_twenty_of_them() -> None:
    assert sum(len(personas.personas(region, 2026)) for region in ("shanghai", "tianjin")) == 20
    assert personas.personas("eu", 2008) == ()


def test_all_three_incentives_reach_their_persona() -> None:
    rules = rulebook.at("tianjin", on=date(2026, 6, 1), year=2026, overlays=(rulebook.overlay("tianjin", 2026),))
    one = next(one for one in personas.personas("tianjin", 2026) if one.code == "three_incentives")
    assert one.facts.grounds == frozenset(rules.below("allocation.incentive"))
