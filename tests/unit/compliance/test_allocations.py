"""Coverage, plan and batches through the services."""

from typing import cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.compliance.stage import (
    CHEN,
    LITTLE_MILL,
    NEXT_SUMMER,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    SPRING,
    STEELWORKER,
    YEAR,
    ZHOU,
    Stage,
    uscc,
)

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import trace
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.coverage import Stage as Inside
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import SYSTEM, AccessRefusal, MemberRefusal, OrganisationKind
from tonnebook.members import services as members

NOBODY, EU_PLANT = uscc(98), uscc(99)


def _code(caught: pytest.ExceptionInfo[Refused]) -> Refusal:
    return caught.value.code


def test_cover_gives_every_entity_a_stage_and_a_reason(stage: Stage) -> None:
    stage.cover()
    found = {row.entity: row for row in queries.covered(REGION, YEAR)}
    assert {uscc: row.stage for uscc, row in found.items()} == {
        RED_RIVER: Inside.ALLOWANCES,
        NORTH_POWER: Inside.ALLOWANCES,
        LITTLE_MILL: Inside.REPORTING,
    }
    assert found[RED_RIVER].reason == "ENTERED_BY_EMISSION"
    margin = found[RED_RIVER].margin
    assert margin is not None
    assert trace.replay(margin) == 80_000


def test_cover_remembers_who_was_covered_and_who_left(stage: Stage) -> None:
    stage.cover()
    stage.history({YEAR: {RED_RIVER: 100_000, NORTH_POWER: 5}})
    compliance.record_departures(
        ZHOU, region=REGION, national={RED_RIVER: 2027}, closed={}, key=stage.key(), now=SPRING
    )
    stage.cover(YEAR + 1)
    reasons = {row.entity: row.reason for row in queries.covered(REGION, YEAR + 1)}
    assert reasons[RED_RIVER] == "MOVED_TO_NATIONAL"
    assert reasons[NORTH_POWER] == "STAYS_UNTIL_EXIT"


@pytest.mark.parametrize("stranger", [NOBODY, EU_PLANT])
def test_an_officer_decides_about_entities_of_the_own_region_only(stage: Stage, stranger: str) -> None:
    draft = members.OrganisationDraft(EU_PLANT, "厂", "Plant", OrganisationKind.ENTITY, "eu")
    members.register_organisations(SYSTEM, drafts=[draft], key=stage.key(), now=SPRING)
    with pytest.raises(Refused) as listing:
        compliance.list_entities(
            ZHOU, region=REGION, year=YEAR, entities=[RED_RIVER, stranger], key=stage.key(), now=SPRING
        )
    with pytest.raises(Refused) as leaving:
        compliance.record_departures(
            ZHOU, region=REGION, national={}, closed={stranger: YEAR}, key=stage.key(), now=SPRING
        )
    place = {"region": REGION, "year": YEAR, "now": SPRING}
    issued = compliance.IssuedRow(stranger, 10)
    with pytest.raises(Refused) as giving:
        compliance.import_allocations(SYSTEM, rows=[issued], approver="P-6", key=stage.key(), **place)  # type: ignore[arg-type]
    handed_in = compliance.SurrenderDraft(stranger, (compliance.SurrenderLine("SHEA-2026", 10),))
    with pytest.raises(Refused) as taking:
        compliance.submit_surrenders(SYSTEM, rows=[handed_in], key=stage.key(), **place)  # type: ignore[arg-type]
    codes = {one.value.code for one in (listing, leaving, giving, taking)}
    assert codes == {MemberRefusal.NO_SUCH_ORGANISATION}
    assert queries.covered(REGION, YEAR) == ()


def test_list_entities_puts_an_entity_in_by_decision(stage: Stage) -> None:
    stage.cover()
    compliance.list_entities(ZHOU, region=REGION, year=YEAR, entities=[LITTLE_MILL], key=stage.key(), now=SPRING)
    assert LITTLE_MILL in queries.covered_codes(REGION, YEAR)


def test_first_batch_is_a_share_of_last_years_emission(stage: Stage) -> None:
    answer = stage.first_batch()
    assert answer["issued_t"] == 105_000
    assert stage.held(RED_RIVER) == {"SHEA-2026": 70_000}
    (row,) = queries.allocation_of(RED_RIVER, YEAR)
    assert (row.state, row.issue_t, row.free_t + row.paid_t) == (AllocationState.ISSUED, 70_000, row.base_t)
    assert all(trace.replay(one) == one.value for one in row.traces.values())
    assert row.transfer


def test_second_batch_issues_what_is_missing_and_recalls_what_was_too_much(stage: Stage) -> None:
    stage.first_batch()
    stage.determine()
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    answer = stage.issue(Batch.SECOND, now=NEXT_SUMMER)
    first, second = queries.allocation_of(RED_RIVER, YEAR)
    assert first.issue_t + second.issue_t == second.free_t == stage.held(RED_RIVER)["SHEA-2026"]
    assert answer["recall_outstanding_t"] == 0


def test_recall_beyond_what_is_held_is_owed_and_never_makes_a_balance_negative(stage: Stage) -> None:
    stage.first_batch()
    stage.sell(69_000)
    stage.determine(goods=500)
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)
    second = queries.allocation_of(RED_RIVER, YEAR)[1]
    assert second.issue_t == -1_000
    assert second.recall_outstanding_t == 70_000 - second.free_t - 1_000 > 0
    assert stage.held(RED_RIVER) == {}
    place = queries.position(RED_RIVER, YEAR, NEXT_SUMMER.date())
    assert place.obligation is not None
    assert place.obligation.whole == 110_000 + second.recall_outstanding_t


def test_entities_without_figures_are_withheld_with_the_reason(stage: Stage) -> None:
    stage.first_batch()
    stage.history({YEAR: {RED_RIVER: 100_000}})
    answer = stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    assert answer["withheld"] == 1
    second = queries.allocation_of(NORTH_POWER, YEAR)[1]
    assert (second.state, second.refusal) == (AllocationState.WITHHELD, "NOT_DETERMINED")
    assert NORTH_POWER in second.refusal_en


def test_batches_come_in_order_and_once(stage: Stage) -> None:
    stage.cover()
    with pytest.raises(Refused) as caught:
        stage.compute()
    assert _code(caught) is AllocationRefusal.NO_PLAN
    stage.adopt()
    with pytest.raises(Refused) as caught:
        stage.issue()
    assert _code(caught) is AllocationRefusal.NOT_COMPUTED
    with pytest.raises(Refused) as caught:
        stage.compute(Batch.SECOND)
    assert _code(caught) is AllocationRefusal.FIRST_BATCH_MISSING
    stage.compute()
    stage.issue()
    with pytest.raises(Refused) as caught:
        stage.issue()
    assert _code(caught) is AllocationRefusal.ALREADY_ISSUED


def test_plan_is_adopted_once(stage: Stage) -> None:
    stage.adopt()
    with pytest.raises(Refused) as caught:
        stage.adopt()
    assert _code(caught) is AllocationRefusal.PLAN_EXISTS


@pytest.mark.parametrize(("cap_t", "passes"), [(105_000, True), (104_999, False)])
def test_issue_stops_at_the_total_of_the_plan(stage: Stage, cap_t: int, passes: bool) -> None:
    overlay = rulebook.overlay(REGION, YEAR).replace('"79000000"', f'"{cap_t}"')
    stage.cover()
    stage.adopt(overlay)
    stage.compute()
    if passes:
        assert stage.issue()["issued_t"] == cap_t
        return
    with pytest.raises(Refused) as caught:
        stage.issue()
    assert _code(caught) is AllocationRefusal.CAP_EXCEEDED
    assert stage.held(RED_RIVER) == {}


@pytest.mark.parametrize(("cap_t", "passes"), [(105_300, True), (105_299, False)])
def test_issue_counts_what_auctions_hold_against_the_total(stage: Stage, cap_t: int, passes: bool) -> None:
    overlay = rulebook.overlay(REGION, YEAR).replace('"79000000"', f'"{cap_t}"')
    stage.cover()
    stage.adopt(overlay)
    stage.offer(500)
    stage.take_back_unsold(200)
    stage.compute()
    if passes:
        assert stage.issue()["issued_t"] == 105_000
        return
    with pytest.raises(Refused) as caught:
        stage.issue()
    assert _code(caught) is AllocationRefusal.CAP_EXCEEDED
    assert stage.held(RED_RIVER) == {}


def test_issue_needs_an_approval_of_exactly_this_batch(stage: Stage) -> None:
    stage.cover()
    stage.adopt()
    stage.compute()
    other = stage.approved("compliance.issue_batch", {"region": REGION, "year": YEAR, "batch": "SECOND"})
    with pytest.raises(Refused) as caught:
        compliance.issue_batch(
            ZHOU, region=REGION, year=YEAR, batch=Batch.FIRST, approval=other, key=stage.key(), now=SPRING
        )
    assert _code(caught) is ApprovalRefusal.DIGEST_DIFFERS


def test_only_officers_compute(stage: Stage) -> None:
    with pytest.raises(Refused) as caught:
        compliance.compute_allocation(
            STEELWORKER, region=REGION, year=YEAR, batch=Batch.FIRST, key=stage.key(), now=SPRING
        )
    assert _code(caught) is AccessRefusal.NOT_PERMITTED


def test_grounds_without_a_rule_add_nothing(stage: Stage) -> None:
    grounds = {RED_RIVER: {"ministry_pilot": "list of 2026"}}
    compliance.record_grounds(CHEN, year=YEAR, grounds=grounds, key=stage.key(), now=SPRING)
    stage.first_batch()
    assert queries.allocation_of(RED_RIVER, YEAR)[0].base_t == 98_000


def test_import_allocations_issues_as_published(stage: Stage) -> None:
    stage.cover()
    rows = [compliance.IssuedRow(RED_RIVER, 500), compliance.IssuedRow(NORTH_POWER, 0)]
    answer = compliance.import_allocations(
        ZHOU, region=REGION, year=YEAR, rows=rows, approver=CHEN.person, key=stage.key(), now=SPRING
    )
    assert answer == {"entities": 2, "issued_t": 500, "recalled_t": 0, "recall_outstanding_t": 0}
    assert stage.held(RED_RIVER) == {"SHEA-2026": 500}


def test_an_import_stops_at_the_total_of_the_plan(stage: Stage) -> None:
    stage.adopt(rulebook.overlay(REGION, YEAR).replace('value: "79000000"', 'value: "500"'))

    def take_over(quantity_t: int) -> None:
        rows = [compliance.IssuedRow(RED_RIVER, quantity_t)]
        compliance.import_allocations(
            ZHOU, region=REGION, year=YEAR, rows=rows, approver=CHEN.person, key=stage.key(), now=SPRING
        )

    with pytest.raises(Refused) as caught:
        take_over(501)
    assert _code(caught) is AllocationRefusal.CAP_EXCEEDED
    take_over(500)


def test_number_of_queries_does_not_grow_with_the_entities(stage: Stage) -> None:
    stage.cover()
    stage.adopt()
    with CaptureQueriesContext(connection) as few:
        stage.compute()
    compliance.list_entities(ZHOU, region=REGION, year=YEAR, entities=[LITTLE_MILL], key=stage.key(), now=SPRING)
    with CaptureQueriesContext(connection) as more:
        stage.compute()
    assert len(more) == len(few)
    assert cast("int", stage.issue()["entities"]) == 3


def test_a_withheld_entity_follows_with_the_same_batch(stage: Stage) -> None:
    stage.first_batch()
    stage.history({YEAR: {RED_RIVER: 100_000}})
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)
    stage.history({YEAR: {NORTH_POWER: 50_000}})
    assert stage.compute(Batch.SECOND, now=NEXT_SUMMER)["entities"] == 1
    assert stage.issue(Batch.SECOND, now=NEXT_SUMMER)["entities"] == 1
    assert [row.state for row in queries.allocation_of(NORTH_POWER, YEAR)] == [AllocationState.ISSUED] * 2
    with pytest.raises(Refused) as caught:
        stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    assert _code(caught) is AllocationRefusal.ALREADY_ISSUED


def test_a_batch_run_again_gives_the_same_rows_and_nothing_more(stage: Stage) -> None:
    stage.cover()
    stage.adopt()
    first = stage.compute()
    rows = queries.allocations(REGION, YEAR, Batch.FIRST)
    assert stage.compute() == first
    assert queries.allocations(REGION, YEAR, Batch.FIRST) == rows
    assert stage.held(RED_RIVER) == {}
    stage.issue()
    issued = stage.held(RED_RIVER)
    for again in (stage.compute, stage.issue):
        with pytest.raises(Refused) as caught:
            again()
        assert _code(caught) is AllocationRefusal.ALREADY_ISSUED
    assert stage.held(RED_RIVER) == issued
