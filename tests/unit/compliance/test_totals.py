"""The total of a region: what an absolute cap takes from a sector, and what an open year still owes the books."""

from tests.unit.compliance.stage import LITTLE_MILL, NORTH_POWER, RED_RIVER, REGION, SPRING, YEAR, ZHOU, Stage

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import periods, trace
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.allocation.totals import CapMode

TODAY = periods.day_of(SPRING)
CAPPED = """
  cap_mode:
    {sector}:
      description: {{zh: "总量类型", en: "Kind of cap"}}
      unit: word
      values:
        CY2026: {{value: "ABSOLUTE", reference: {{source: D00, article: "test"}}, status: scenario,
          published_on: null, last_checked_on: 2026-11-20}}
  sector_cap_t:
    {sector}:
      description: {{zh: "行业总量", en: "Cap of the sector"}}
      unit: t
      values:
        CY2026: {{value: "{cap_t}", reference: {{source: D00, article: "test"}}, status: scenario,
          published_on: null, last_checked_on: 2026-11-20}}
"""


def _adopt(stage: Stage, sector: str, cap_t: int) -> None:
    text = rulebook.overlay(REGION, YEAR)
    stage.adopt(text.replace("allocation:\n", "allocation:" + CAPPED.format(sector=sector, cap_t=cap_t), 1))


def _rows(batch: Batch) -> dict[str, queries.AllocationRow]:
    return {row.entity: row for row in queries.allocations(REGION, YEAR, batch)}


def test_an_absolute_cap_corrects_its_sector_and_leaves_the_others(stage: Stage) -> None:
    stage.cover()
    _adopt(stage, "building", 40_001)
    stage.compute()
    rows = _rows(Batch.FIRST)
    # 49,500 t by the method, fitted into the cap; its trace shows the factor and gives the same tonnes again.
    fitted = rows[NORTH_POWER]
    assert fitted.base_t == fitted.free_t + fitted.paid_t == 40_001
    assert trace.replay(fitted.traces["base"]) == 40_001
    assert "allocation.sector_cap_t.building" in {one.path for one in trace.origins(fitted.traces["base"])}
    assert rows[RED_RIVER].base_t == 98_000


def test_an_absolute_cap_waits_for_the_last_figure_of_its_sector(stage: Stage) -> None:
    stage.cover()
    compliance.list_entities(ZHOU, region=REGION, year=YEAR, entities=[LITTLE_MILL], key=stage.key(), now=SPRING)
    _adopt(stage, "industry", 100_000)
    stage.compute()
    stage.issue()
    stage.determine()
    stage.compute(Batch.SECOND)
    rows = _rows(Batch.SECOND)
    assert (rows[RED_RIVER].state, rows[RED_RIVER].refusal) == (AllocationState.WITHHELD, "SECTOR_INCOMPLETE")
    assert rows[LITTLE_MILL].refusal == "NOT_DETERMINED"
    assert rows[NORTH_POWER].state is AllocationState.PREVIEWED
    stage.history({YEAR: {LITTLE_MILL: 12_000}})
    stage.compute(Batch.SECOND)
    rows = _rows(Batch.SECOND)
    assert rows[RED_RIVER].base_t + rows[LITTLE_MILL].base_t == 100_000


def test_who_joins_a_capped_sector_later_shares_what_is_left(stage: Stage) -> None:
    stage.cover()
    _adopt(stage, "industry", 100_000)
    stage.compute()
    stage.issue()
    compliance.list_entities(ZHOU, region=REGION, year=YEAR, entities=[LITTLE_MILL], key=stage.key(), now=SPRING)
    stage.compute()
    rows = _rows(Batch.FIRST)
    assert rows[RED_RIVER].base_t + rows[LITTLE_MILL].base_t == 100_000


def test_reserve_free_paid_and_open_make_the_total_at_every_step(stage: Stage) -> None:
    assert queries.region_total(REGION, YEAR, TODAY) is None
    stage.first_batch()
    before = queries.region_total(REGION, YEAR, TODAY)
    assert before is not None
    assert (before.open_t, before.free_t, before.is_settled) == (98_000 + 49_500, 0, False)
    stage.determine()
    stage.compute(Batch.SECOND)
    after = queries.region_total(REGION, YEAR, TODAY)
    assert after is not None
    assert after.is_settled
    for found in (before, after):
        assert found.reserve_t + found.free_t + found.paid_t + found.open_t == found.total_t == 79_000_000
    industry = next(one for one in after.sectors if one.sector == "industry")
    assert (industry.mode, industry.entities) == (CapMode.INTENSITY, 1)
    assert industry.free_t + industry.paid_t == industry.planned_t + industry.drawn_t
