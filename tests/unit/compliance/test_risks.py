"""Entities at risk: what they are issued is kept back, is taken first by force, and is free when the risk is over."""

import pytest
from django.db import transaction
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import NORTH_POWER, RED_RIVER, REGION, SPRING, YEAR, ZHOU, Stage
from tests.unit.compliance.test_enforcement import LATER, force
from tests.unit.compliance.test_headroom import draw

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import enforcement
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.canonical import Json
from tonnebook.core.enforcement import RiskGround, RiskRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKey, AssetKind, HoldOwner, HoldReason, LedgerRefusal
from tonnebook.journal import queries as journal
from tonnebook.journal.services import Answer
from tonnebook.registry import queries as books
from tonnebook.registry import services as registry
from tonnebook_audit import auditor


def mark(stage: Stage, entity: str = RED_RIVER, *, document: str = "法院公告〔2026〕1号") -> Answer:
    payload: dict[str, Json] = {
        "region": REGION,
        "entity": entity,
        "ground": RiskGround.BANKRUPTCY.value,
        "document": document,
    }
    approval = stage.approved("compliance.mark_at_risk", payload)
    return compliance.mark_at_risk(
        ZHOU,
        region=REGION,
        entity=entity,
        ground=RiskGround.BANKRUPTCY,
        document=document,
        approval=approval,
        key=stage.key(),
        now=SPRING,
    )


def end(stage: Stage, entity: str = RED_RIVER) -> Answer:
    approval = stage.approved("compliance.end_risk", {"region": REGION, "entity": entity}, now=LATER)
    return compliance.end_risk(ZHOU, region=REGION, entity=entity, approval=approval, key=stage.key(), now=LATER)


def free_t(stage: Stage, entity: str) -> int:
    return sum(one.free for one in books.holdings(stage.accounts[entity]))


def test_what_is_issued_to_an_entity_at_risk_is_kept_back_and_nobody_elses(stage: Stage) -> None:
    mark(stage)
    stage.first_batch()
    assert (free_t(stage, RED_RIVER), stage.held(RED_RIVER)) == (0, {"SHEA-2026": 70_000})
    assert free_t(stage, NORTH_POWER) == sum(stage.held(NORTH_POWER).values()) > 0
    (row,) = queries.entities_at_risk(REGION)
    assert (row.entity, row.kept_t, row.ended_at) == (RED_RIVER, 70_000, None)
    order = registry.HoldDraft(stage.accounts[RED_RIVER], "SHEA-2026", 1, HoldReason.ORDER, "ORDER-1")
    with pytest.raises(Refused) as caught, transaction.atomic():
        registry.place_holds([order], now=SPRING)
    assert caught.value.code is LedgerRefusal.INSUFFICIENT_FREE


@pytest.mark.parametrize("due_t", [69_999, 70_000, 70_001])
def test_what_was_kept_back_is_taken_first(stage: Stage, due_t: int) -> None:
    mark(stage)
    stage.first_batch()
    stage.give(RED_RIVER, stages.OWN, 5)
    stage.determine(red_t=due_t)
    shown = queries.forced_takings(RED_RIVER, region=REGION, year=YEAR, now=LATER).takings
    assert sum(one.kept_t for one in shown) == min(due_t, 70_000)
    force(stage, due_t)
    (row,) = queries.entities_at_risk(REGION)
    assert row.kept_t == max(0, 70_000 - due_t)
    standing = queries.history(RED_RIVER, region=REGION, year=YEAR, now=LATER).standing
    assert (standing.missing_t, standing.surrendered_t) == (0, due_t)


def test_what_a_court_froze_first_is_not_kept_back_and_the_rest_is_taken(stage: Stage) -> None:
    mark(stage)
    freeze = registry.HoldDraft(stage.accounts[RED_RIVER], "SHEA-2026", 40_000, HoldReason.COURT, "C-1", owner="COURT")
    with transaction.atomic():
        registry.ensure_assets([AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE")], now=SPRING)
        registry.place_holds([freeze], now=SPRING)
    stage.first_batch()
    stage.determine(red_t=60_000)
    (row,) = queries.entities_at_risk(REGION)
    assert row.kept_t == 30_000
    assert force(stage, 30_000)["missing_t"] == 30_000


def test_when_the_risk_is_over_what_is_left_is_free(stage: Stage) -> None:
    mark(stage)
    stage.first_batch()
    stage.determine(red_t=60_000)
    force(stage, 60_000)
    assert end(stage)["freed_t"] == 10_000
    assert free_t(stage, RED_RIVER) == 10_000
    assert not queries.is_at_risk(RED_RIVER)
    with pytest.raises(Refused) as caught:
        end(stage)
    assert caught.value.code is RiskRefusal.NOT_AT_RISK


def test_the_holder_does_not_let_go_what_the_authority_keeps(stage: Stage) -> None:
    mark(stage)
    stage.first_batch()
    (kept,) = books.standing_holds(stage.accounts[RED_RIVER])
    with pytest.raises(Refused) as caught, transaction.atomic():
        registry.release_holds([kept.number], by=HoldOwner.HOLDER, now=SPRING)
    assert caught.value.code is LedgerRefusal.HOLD_OF_ANOTHER


def test_an_entity_is_marked_once_upon_a_paper_and_where_the_rules_say_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused) as caught:
        mark(stage, document=" ")
    assert caught.value.code is RiskRefusal.DOCUMENT_NEEDED
    mark(stage)
    with pytest.raises(Refused) as caught:
        mark(stage)
    assert caught.value.code is RiskRefusal.ALREADY_AT_RISK
    monkeypatch.setattr(enforcement, "keeps_back", lambda _rules: False)
    with pytest.raises(Refused) as caught:
        mark(stage, NORTH_POWER)
    assert caught.value.code is RiskRefusal.NOT_KEPT_BACK


def test_a_draft_of_the_plan_says_what_of_it_is_kept_back(stage: Stage) -> None:
    stage.cover()
    draft, today = rulebook.overlay(REGION, YEAR), SPRING.date()
    assert queries.preview(REGION, YEAR, draft=draft, today=today).kept_t == 0
    mark(stage)
    stage.adopt()
    stage.compute()
    free = {row.entity: row.free_t for row in queries.allocations(REGION, YEAR, Batch.FIRST)}
    assert queries.preview(REGION, YEAR, draft=draft, today=today).kept_t == free[RED_RIVER] > 0


def test_what_is_imported_or_drawn_for_an_entity_at_risk_is_kept_back_as_well(stage: Stage) -> None:
    mark(stage)
    stage.cover()
    stage.adopt()
    rows = [compliance.IssuedRow(RED_RIVER, 500), compliance.IssuedRow(NORTH_POWER, 300)]
    compliance.import_allocations(
        ZHOU, region=REGION, year=YEAR, rows=rows, approver=stages.CHEN.person, key=stage.key(), now=SPRING
    )
    assert (free_t(stage, RED_RIVER), free_t(stage, NORTH_POWER)) == (0, 300)
    draw(stage, 7)
    assert free_t(stage, RED_RIVER) == 0
    assert [row.kept_t for row in queries.entities_at_risk(REGION)] == [507]


def test_a_recall_takes_what_was_kept_back_and_leaves_nothing_owed(stage: Stage) -> None:
    mark(stage)
    stage.first_batch()
    stage.determine(red_t=50_000, goods=500)
    stage.compute(Batch.SECOND, now=LATER)
    stage.issue(Batch.SECOND, now=LATER)
    second = next(row for row in queries.allocations(REGION, YEAR, Batch.SECOND) if row.entity == RED_RIVER)
    assert (second.issue_t, second.recall_outstanding_t) == (second.free_t - 70_000, 0)
    assert second.issue_t < 0
    (row,) = queries.entities_at_risk(REGION)
    assert row.kept_t == second.free_t == sum(stage.held(RED_RIVER).values())


def test_the_auditor_finds_nothing_wrong_with_what_was_kept_and_taken(fresh_database: str) -> None:
    stage = stages.open_stage()
    mark(stage)
    stage.first_batch()
    stage.determine(red_t=60_000)
    force(stage, 60_000)
    end(stage)
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks["surrender transfer"] == 1
