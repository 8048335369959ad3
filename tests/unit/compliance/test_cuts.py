"""What was not surrendered is cut from the next allowance: by a decision, once, and while the law provides it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from tests.unit.audit import owner
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import NEXT_SUMMER, RED_RIVER, REGION, YEAR, ZHOU, Stage
from tests.unit.compliance.test_headroom import draw

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import trace
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.penalty import PenaltyStep
from tonnebook.core.rules import RulesAt
from tonnebook.journal import queries as journal
from tonnebook_audit import auditor

# The last day for 2025 is 30 June 2026; until 14 August a decision cuts, under the national Regulation.
BREACHED = YEAR - 1
OPENED, LAST_DAY = datetime(2026, 7, 2, 1, tzinfo=UTC), datetime(2026, 8, 14, 15, 59, tzinfo=UTC)
MISSING_T = stages.HISTORY_T[RED_RIVER]


@pytest.fixture(autouse=True)
def national(monkeypatch: pytest.MonkeyPatch) -> None:
    real, price = rulebook.at, trace.given(9_850, "fen/t", zh="均价", en="mean price")

    # The rules of penalties are read without a year; they are those of the national market here.
    def at(region: str, *, on: object, year: int | None = None, overlays: tuple[str, ...] = ()) -> RulesAt:
        return real(region if year else "national", on=on, year=year, overlays=overlays)  # type: ignore[arg-type]

    monkeypatch.setattr("tonnebook.rulebook.at", at)
    monkeypatch.setattr("tonnebook.market.queries.mean_price", lambda *_given, **_named: price)


@pytest.fixture
def short(stage: Stage) -> Stage:
    return breach(stage)


def breach(stage: Stage) -> Stage:
    """Red River has surrendered nothing of the year before and has received the first batch of this one."""
    stage.first_batch()
    compliance.list_entities(
        ZHOU, region=REGION, year=BREACHED, entities=[RED_RIVER], key=stage.key(), now=stages.SPRING
    )
    return stage


def decide(
    stage: Stage, *, answer: PenaltyStep = PenaltyStep.REFUSED, now: datetime = LAST_DAY
) -> tuple[str, dict[str, object]]:
    """Open a file and take it to its decision; its number and what was answered."""
    opened = compliance.open_penalty_file(
        ZHOU, entity=RED_RIVER, year=BREACHED, ground="逾期未清缴", key=stage.key(), now=OPENED
    )
    file = str(opened["file"])
    for step in (PenaltyStep.ORDERED, answer, PenaltyStep.NOTIFIED, PenaltyStep.WAIVED):
        compliance.record_penalty_step(ZHOU, file=file, step=step, ground="依法办理", key=stage.key(), now=OPENED)
    answered = compliance.record_penalty_step(
        ZHOU,
        file=file,
        step=PenaltyStep.DECIDED,
        ground="拒不改正",
        fine_fen=queries.penalty_file(file).smallest_fen,
        key=stage.key(),
        now=now,
    )
    return file, dict(answered)


def second(stage: Stage, *, goods: int = 1000) -> queries.AllocationRow:
    stage.determine(goods=goods)
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)
    return next(row for row in queries.allocations(REGION, YEAR, Batch.SECOND) if row.entity == RED_RIVER)


def test_a_decision_cuts_the_next_allowance_once(short: Stage) -> None:
    file, answered = decide(short)
    assert (answered["cut_t"], answered["cut_year"]) == (MISSING_T, YEAR)
    row = queries.penalty_file(file)
    assert row.cut_year == YEAR
    assert row.decided_cut is not None
    assert {one.article for one in trace.origins(row.decided_cut)} == {"Art. 24"}
    found = second(short)
    whole_t = found.free_t + found.cut_t
    assert found.cut_t == min(MISSING_T, whole_t)
    assert found.base_t == found.free_t + found.paid_t
    assert trace.replay(found.traces["base"]) == found.base_t
    assert found.traces["cut"].whole == found.cut_t


@pytest.mark.parametrize(
    ("answer", "now"),
    [(PenaltyStep.CORRECTED, LAST_DAY), (PenaltyStep.REFUSED, LAST_DAY + timedelta(minutes=1))],
    ids=["who corrected", "a day after"],
)
def test_who_corrects_or_is_decided_on_after_the_last_day_keeps_its_allowance(
    short: Stage, answer: PenaltyStep, now: datetime
) -> None:
    file, answered = decide(short, answer=answer, now=now)
    assert (answered["cut_t"], answered["cut_year"]) == (0, None)
    assert queries.penalty_file(file).decided_cut is None
    assert second(short).cut_t == 0


def test_a_batch_computed_before_the_decision_is_not_issued(short: Stage) -> None:
    short.determine()
    short.compute(Batch.SECOND, now=OPENED)
    decide(short)
    with pytest.raises(Refused) as caught:
        short.issue(Batch.SECOND, now=NEXT_SUMMER)
    assert caught.value.code is AllocationRefusal.CUT_SINCE
    short.compute(Batch.SECOND, now=NEXT_SUMMER)
    short.issue(Batch.SECOND, now=NEXT_SUMMER)


def test_a_draft_of_the_plan_is_weighed_with_the_cut(short: Stage) -> None:
    overlay, today = rulebook.overlay(REGION, YEAR), OPENED.date()
    before = queries.preview(REGION, YEAR, draft=overlay, today=today)
    decide(short)
    after = queries.preview(REGION, YEAR, draft=overlay, today=today)
    assert (before.cut_t, after.cut_t) == (0, before.after.free_t - after.after.free_t)
    assert after.cut_t == before.before.free_t - after.before.free_t == min(MISSING_T, after.cut_t) > 0
    assert after.left_t == before.left_t + after.cut_t
    assert after.after.paid_t == before.after.paid_t


def test_an_import_gives_what_was_published_less_the_cut(stage: Stage) -> None:
    stage.cover()
    compliance.list_entities(
        ZHOU, region=REGION, year=BREACHED, entities=[RED_RIVER], key=stage.key(), now=stages.SPRING
    )
    decide(stage)
    rows = [compliance.IssuedRow(RED_RIVER, MISSING_T + 5), compliance.IssuedRow(stages.NORTH_POWER, 7)]
    place = {"region": REGION, "year": YEAR, "approver": stages.CHEN.person}
    answer = compliance.import_allocations(ZHOU, rows=rows, key=stage.key(), now=LAST_DAY, **place)  # type: ignore[arg-type]
    assert answer["issued_t"] == 12
    (row,) = queries.allocation_of(RED_RIVER, YEAR)
    assert (row.base_t, row.free_t, row.cut_t, row.issue_t) == (5, 5, MISSING_T, 5)
    assert trace.replay(row.traces["free"]) == 5


def test_the_page_says_that_only_the_second_batch_bears_the_cut(stage: Stage) -> None:
    stage.cover()
    stage.adopt()
    compliance.list_entities(
        ZHOU, region=REGION, year=BREACHED, entities=[RED_RIVER], key=stage.key(), now=stages.SPRING
    )
    decide(stage)
    stage.compute(now=LAST_DAY)
    (first,) = queries.allocation_of(RED_RIVER, YEAR)
    assert (first.cut_t > 0, first.issue_t) == (True, 70_000)
    rows = [first, replace(first, batch=Batch.SECOND)]
    with translation.override("en"):
        shown = [render_to_string("web/parts/_allocations.html", {"allocations": [row]}) for row in rows]
    assert ["the second batch takes it off" in html for html in shown] == [True, False]


def test_nothing_is_drawn_before_the_allowance_has_borne_the_cut(short: Stage) -> None:
    decide(short)
    with pytest.raises(Refused) as caught:
        draw(short, 1)
    assert caught.value.code is AllocationRefusal.CUT_OUTSTANDING
    assert caught.value.facts["left_t"] == MISSING_T
    assert second(short, goods=2000).cut_t == MISSING_T
    draw(short, 1, now=NEXT_SUMMER)


def test_a_year_that_is_settled_is_passed_over(short: Stage) -> None:
    second(short)
    assert decide(short)[1]["cut_year"] == YEAR + 1


def test_the_auditor_follows_a_cut_from_decision_to_allowance(fresh_database: str) -> None:
    stage = breach(stages.open_stage())
    decide(stage)
    second(stage)
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks["cut"] >= 2
    assert owner.found_after("DELETE FROM compliance_allowancecut") == {"cut"}
    assert owner.found_after("UPDATE compliance_allowancecut SET quantity_t = 1") == {"cut", "trace"}
    assert owner.found_after("UPDATE compliance_allowancecut SET year = 2024") == {"cut"}
    assert owner.found_after("DELETE FROM compliance_penaltyentry WHERE step = 'REFUSED'") == {"cut"}
