"""Many allowances at once: sums by sector, what a column refuses, and a kept run that can be explained."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tonnebook.bench import allocation, entities
from tonnebook.core import trace
from tonnebook.core.allocation import bulk, columns, runs
from tonnebook.core.allocation.annual import annual, cut
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Fault

RULES = entities.rules(2026)
YEARS = (2023, 2024, 2025)
FACTS = [*entities.entities(20, 2026), EntityFacts("NOBODY", "bakery", {})]


def _run() -> runs.Run:
    laid_out = columns.of(FACTS, YEARS)
    return runs.from_bytes(runs.to_bytes(laid_out, bulk.annual(laid_out, RULES), year=2026))


def test_a_division_never_costs_a_tonne() -> None:
    # A third of 100,000 times 0.99 is 33,000; a hair less, as sixty digits have it, would be 32,999.
    facts = EntityFacts("E1", "building", {2023: 33_333, 2024: 33_334, 2025: 33_333})
    assert annual(facts, RULES).base.whole == 33_000
    assert bulk.annual(columns.of([facts], YEARS), RULES).base_t[0] == 33_000


def test_sectors_add_up_to_the_whole() -> None:
    laid_out = columns.of(FACTS, YEARS)
    amounts = bulk.annual(laid_out, RULES)
    sums = bulk.sums(laid_out, amounts)
    assert amounts.refused == {20: AllocationRefusal.NO_METHOD}
    assert (sums["bakery"].entities, sums["bakery"].refused) == (0, 1)
    assert sum(one.base_t for one in sums.values()) == sum(amounts.base_t)
    assert all(one.free_t + one.paid_t == one.base_t for one in sums.values())


@pytest.mark.parametrize("decided_t", [0, 1, 10**9])
def test_a_cut_takes_from_many_what_it_takes_from_one(decided_t: int) -> None:
    laid_out = columns.of(FACTS, YEARS)
    whole = bulk.annual(laid_out, RULES)
    taken = bulk.cut(laid_out, whole, {FACTS[3].entity: decided_t, FACTS[20].entity: decided_t})
    alone = cut(annual(FACTS[3], RULES), decided_t)
    assert (taken.base_t[3], taken.free_t[3], taken.paid_t[3]) == (
        alone.base.whole,
        alone.free.whole,
        alone.paid.whole,
    )
    assert (taken.base_t[20], taken.base_t[4], taken.free_t[4]) == (0, whole.base_t[4], whole.free_t[4])


def test_a_column_refuses_what_it_would_have_to_round() -> None:
    with pytest.raises(ValueError, match="whole"):
        columns.of([EntityFacts("E1", "building", {}, market_mwh=Decimal("0.0000001"))], YEARS)


def test_every_figure_of_a_kept_run_is_explained_to_the_tonne() -> None:
    run = _run()
    assert (run.year, run.digest, run.base_t[20]) == (2026, RULES.digest, columns.NONE)
    for position in range(20):
        found = runs.explain(run, position, RULES)
        assert trace.replay(found.free) == run.free_t[position]


def test_a_kept_run_is_not_explained_by_other_rules_or_other_facts() -> None:
    run = _run()
    with pytest.raises(Fault, match="kept"):
        runs.explain(run, 0, entities.rules(2025))
    run.columns.determined_t[0] //= 2
    with pytest.raises(Fault, match="computed"):
        runs.explain(run, 0, RULES)


def test_bytes_that_are_no_run_are_not_read() -> None:
    with pytest.raises(ValueError, match="not a run"):
        runs.from_bytes(b'{"year": 2026}\n')


def test_a_paid_share_follows_its_coefficient_up_to_the_ceiling() -> None:
    facts = EntityFacts("E1", "chemical", {2025: 1000}, {2025: {"resin": Decimal(1)}}, {"resin": Decimal(1)})
    coefficients = [Decimal(0), Decimal(1), Decimal("1.6"), Decimal(9)]
    laid_out = columns.of([replace(facts, paid_coefficient=one) for one in coefficients], YEARS)
    # 980 t under the control coefficient; 5 % of them, and never more than 8 %.
    assert list(bulk.annual(laid_out, RULES).paid_t) == [0, 49, 78, 78]


def test_the_bench_measures_what_it_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "ENTITIES", 40)
    monkeypatch.setattr(allocation, "PART", 20)
    monkeypatch.setattr(allocation, "SAMPLE", 2)
    figures = {figure.name: figure for figure in allocation.measure()}
    assert figures["allocate_500k_and_keep_s"].target == 5.0
    assert figures["peak_memory_mib"].target == 2048.0
    assert figures["explain_slowest_s"].target == 0.05
    assert figures["kept_bytes_per_result"].value > 100
