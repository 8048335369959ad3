"""A draft is weighed on everybody before it is proposed, and nothing is stored."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import NEXT_SUMMER, NORTH_POWER, RED_RIVER, REGION, SPRING, YEAR, Stage

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance.models import Allocation, AllocationPlan
from tonnebook.compliance.queries import Preview
from tonnebook.core import periods, trace
from tonnebook.core.allocation.annual import Annual, Batch
from tonnebook.core.errors import Refused
from tonnebook.core.plan import PlanRefusal
from tonnebook.core.rules import Status

SHIPPED = rulebook.overlay(REGION, YEAR)
LISTED = f"""
coverage.listed.building:
  description: {{zh: "列名", en: "Listed by name"}}
  unit: words
  values:
    CY{YEAR}: {{value: "{RED_RIVER}", reference: {{source: D00, article: "list"}}, status: scenario,
      published_on: null, last_checked_on: 2026-11-20}}
"""


def _preview(draft: str = SHIPPED) -> Preview:
    return queries.preview(REGION, YEAR, draft=draft, today=periods.day_of(SPRING))


CAPPED = f"""
allocation.cap_mode.industry:
  description: {{zh: "总量方式", en: "How the cap works"}}
  unit: word
  values:
    CY{YEAR}: {{value: "ABSOLUTE", reference: {{source: D00, article: "test"}}, status: scenario,
      published_on: null, last_checked_on: 2026-11-20}}
allocation.sector_cap_t.industry:
  description: {{zh: "行业总量", en: "Cap of the sector"}}
  unit: t
  values:
    CY{YEAR}: {{value: "90000", reference: {{source: D00, article: "test"}}, status: scenario,
      published_on: null, last_checked_on: 2026-11-20}}
"""


@pytest.mark.parametrize("more", ["", CAPPED], ids=["intensity", "absolute"])
def test_a_draft_gives_in_sums_what_the_batch_will_give(stage: Stage, more: str) -> None:
    stage.cover()
    weighed = _preview(SHIPPED + more)
    assert (weighed.entities, weighed.compared_with) == (2, None)
    assert not AllocationPlan.objects.exists()
    assert not Allocation.objects.exists()
    stage.adopt(SHIPPED + more)
    computed = stage.compute()
    assert (weighed.after.base_t, weighed.after.free_t, weighed.after.paid_t) == (
        computed["base_t"],
        computed["free_t"],
        computed["paid_t"],
    )
    industry = next(one.after.base_t for one in weighed.sectors if one.sector == "industry")
    assert (industry == 90_000) is bool(more)
    assert weighed.left_t == weighed.cap_t - weighed.reserve_t - weighed.after.base_t


def test_a_draft_is_compared_with_the_adopted_plan_sector_by_sector_and_case_by_case(stage: Stage) -> None:
    stage.cover()
    stage.adopt()
    same = _preview()
    assert same.compared_with == YEAR
    assert {one.change_t for one in same.sectors} == {0}
    assert all(str(one.before) == str(one.after) for one in same.personas)
    stricter = _preview(SHIPPED.replace('value: "0.98"', 'value: "0.90"'))
    assert stricter.after.base_t < stricter.before.base_t == same.after.base_t
    steady = next(one for one in stricter.personas if one.persona.code == "steady")
    assert isinstance(steady.before, Annual)
    assert isinstance(steady.after, Annual)
    assert (steady.before.base.whole, steady.after.base.whole) == (58_800, 54_000)
    assert trace.replay(steady.after.base) == 54_000
    assert {one.status for one in trace.origins(steady.after.base)} >= {Status.SCENARIO}


def test_a_typical_company_that_gets_nothing_is_told_why(stage: Stage) -> None:
    stage.cover()
    without = re.sub(r"(?m)^    industry:\n(      .*\n)+", "", SHIPPED)
    steady = next(one for one in _preview(without).personas if one.persona.code == "steady")
    assert isinstance(steady.after, Refused)
    assert "industry" in steady.after.en


def test_who_is_listed_in_another_sector_is_weighed_there(stage: Stage) -> None:
    stage.cover()
    was = {one.sector: one.after.entities for one in _preview().sectors}
    now = {one.sector: one.after.entities for one in _preview(SHIPPED + LISTED).sectors}
    assert now.get("building", 0) == was.get("building", 0) + 1
    assert sum(now.values()) == sum(was.values())


def test_a_preview_asks_the_database_as_often_for_many_as_for_few(stage: Stage) -> None:
    with CaptureQueriesContext(connection) as nobody:
        _preview()
    stage.cover()
    with CaptureQueriesContext(connection) as all_of_them:
        _preview()
    assert len(all_of_them) <= len(nobody) + 5


def test_a_plan_that_must_be_put_right_is_not_adopted_not_even_by_two(stage: Stage) -> None:
    overlay = SHIPPED.replace('value: "0.98"', 'value: "-0.98"', 1)
    with pytest.raises(Refused) as refused:
        stage.adopt(overlay)
    assert refused.value.code is PlanRefusal.PLAN_NOT_FIT
    assert "below zero" in refused.value.en
    assert not AllocationPlan.objects.exists()


def test_caps_and_plans_are_listed_with_what_was_issued(stage: Stage) -> None:
    assert queries.plans(REGION) == ()
    stage.first_batch()
    assert [one.year for one in queries.plans(REGION)] == [YEAR]
    year = next(one for one in queries.cap_path(REGION, today=NEXT_SUMMER.date()) if one.year == YEAR)
    assert year.issued_t == queries.issued_t(REGION, YEAR)
    assert year.year == stages.YEAR
    planned_t = sum(row.base_t for row in queries.allocations(REGION, YEAR, Batch.FIRST))
    assert year.open_t == planned_t > 0


def test_what_is_open_in_public_closes_with_the_figures_of_the_year(stage: Stage) -> None:
    stage.first_batch()
    stage.history({YEAR: {RED_RIVER: 100_000}})
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    (north,) = [row.base_t for row in queries.allocations(REGION, YEAR, Batch.FIRST) if row.entity != RED_RIVER]
    assert _open_t() == north
    stage.history({YEAR: {NORTH_POWER: 50_000}})
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    assert _open_t() == 0


def _open_t() -> int:
    return next(one.open_t for one in queries.cap_path(REGION, today=NEXT_SUMMER.date()) if one.year == YEAR)
