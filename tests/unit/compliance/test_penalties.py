"""Penalty files: opened on a breach under the regime of its day, decided by an officer step by step."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.unit.compliance.stage import LITTLE_MILL, RED_RIVER, REGION, STEELWORKER, ZHOU, Stage

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import trace
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.penalty import PenaltyRefusal, PenaltyStep, Regime
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.rules import RulesAt, RulesRefusal
from tonnebook.core.surrender import SurrenderRefusal
from tonnebook.core.year_status import YearCode
from tonnebook.emissions import services as emissions

# The last day for 2022 was 30 November 2023: the measures of 2013, with a fine between fixed sums, were in force.
BREACHED = 2022
BEFORE, LATER = datetime(2023, 9, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, 1, tzinfo=UTC)


@pytest.fixture
def short(stage: Stage) -> Stage:
    """Red River is on the list of the year and has surrendered nothing."""
    compliance.list_entities(ZHOU, region=REGION, year=BREACHED, entities=[RED_RIVER], key=stage.key(), now=BEFORE)
    figure = emissions.HistoryRow(RED_RIVER, BREACHED, 100_000, 100_000, {})
    emissions.import_history(ZHOU, region=REGION, rows=[figure], key=stage.key(), now=BEFORE)
    return stage


def _open(stage: Stage, entity: str = RED_RIVER, *, year: int = BREACHED, **changes: object) -> str:
    asked: dict[str, object] = {"ground": "截止日后仍未清缴", "now": LATER, **changes}
    return str(compliance.open_penalty_file(ZHOU, entity=entity, year=year, key=stage.key(), **asked)["file"])  # type: ignore[arg-type]


def _step(stage: Stage, file: str, step: PenaltyStep, **changes: object) -> None:
    asked: dict[str, object] = {"ground": "依法办理", "now": LATER, **changes}
    compliance.record_penalty_step(ZHOU, file=file, step=step, key=stage.key(), **asked)  # type: ignore[arg-type]


def _refusal(stage: Stage, entity: str = RED_RIVER, **changes: object) -> Refusal:
    with pytest.raises(Refused) as caught:
        _open(stage, entity, **changes)  # type: ignore[arg-type]
    return caught.value.code


def test_a_file_keeps_the_range_of_the_day_of_the_breach(short: Stage) -> None:
    row = queries.penalty_file(_open(short))
    assert (row.breach_on, row.shortfall_t, row.regime) == (date(2023, 12, 1), 100_000, Regime.FIXED_FINE)
    assert (row.smallest_fen, row.largest_fen, row.cut_t) == (5_000_000, 10_000_000, None)
    assert all(trace.replay(one) == one.value for one in row.traces.values())
    assert {one.status for one in trace.origins(row.traces["smallest"])} == {"recalled"}
    assert (row.state, row.following) == (PenaltyStep.OPENED, (PenaltyStep.ORDERED, PenaltyStep.CLOSED))


def test_the_procedure_runs_to_a_decision_and_its_payment(short: Stage) -> None:
    file = _open(short)
    for step in (PenaltyStep.ORDERED, PenaltyStep.REFUSED, PenaltyStep.NOTIFIED, PenaltyStep.HEARD):
        _step(short, file, step)
    assert queries.history(RED_RIVER, region=REGION, year=BREACHED, now=LATER).standing.code is YearCode.SHORT
    with pytest.raises(Refused) as caught:
        _step(short, file, PenaltyStep.DECIDED, fine_fen=4_999_999)
    assert caught.value.code is PenaltyRefusal.OUTSIDE_RANGE
    _step(
        short, file, PenaltyStep.DECIDED, fine_fen=5_000_000, ground="首次违法，情节较轻", document="沪环罚〔2024〕1号"
    )
    assert queries.history(RED_RIVER, region=REGION, year=BREACHED, now=LATER).standing.code is YearCode.PENALISED
    _step(short, file, PenaltyStep.PAID)
    (row,) = queries.penalty_files(REGION)
    assert [one.step for one in row.steps][-2:] == [PenaltyStep.DECIDED, PenaltyStep.PAID]
    assert (row.steps[-2].fine_fen, row.following) == (5_000_000, ())
    assert queries.penalty_files_of(RED_RIVER) == (row,)


def test_a_file_is_opened_once_on_a_breach_and_with_its_ground(short: Stage) -> None:
    assert _refusal(short, LITTLE_MILL) is SurrenderRefusal.NOT_COVERED
    assert _refusal(short, ground=" ") is PenaltyRefusal.GROUND_MISSING
    assert _refusal(short, now=datetime(2023, 11, 30, 15, tzinfo=UTC)) is PenaltyRefusal.NOT_SHORT
    number = _open(short)
    with pytest.raises(Refused) as caught:
        _open(short)
    assert caught.value.code is PenaltyRefusal.FILE_EXISTS
    assert caught.value.facts["file"] == number


def test_who_met_its_duty_gets_no_file(stage: Stage) -> None:
    stage.first_batch()
    stage.determine(red_t=60_000)
    stage.confirm(stage.submit({"SHEA-2026": 60_000}))
    later = datetime(2027, 8, 1, tzinfo=UTC)
    assert _refusal(stage, year=2026, now=later) is PenaltyRefusal.NOT_SHORT


def test_where_no_fine_was_found_the_procedure_begins_and_the_decision_waits(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.first_batch()
    stage.determine()
    later = datetime(2027, 8, 1, tzinfo=UTC)
    file = _open(stage, year=2026, now=later)
    row = queries.penalty_file(file)
    assert (row.regime, row.smallest_fen, row.largest_fen, row.traces) == (Regime.NOT_READ, None, None, {})
    for step in (PenaltyStep.ORDERED, PenaltyStep.CORRECTED, PenaltyStep.NOTIFIED, PenaltyStep.WAIVED):
        _step(stage, file, step, now=later)
    with pytest.raises(Refused) as caught:
        _step(stage, file, PenaltyStep.DECIDED, fine_fen=5_000_000, now=later)
    assert caught.value.code is RulesRefusal.NO_VALUE_IN_FORCE
    assert caught.value.facts["path"] == "penalty.surrender.fine_min_yuan"
    # The rule book learns what the law of that day provides: fixed sums from 50,000 yuan, say.
    real, read = rulebook.at, rulebook.at(REGION, on=date(2023, 12, 1))
    monkeypatch.setattr(
        "tonnebook.rulebook.at", lambda region, **asked: real(region, **asked) if asked.get("year") else read
    )
    with pytest.raises(Refused) as caught:
        _step(stage, file, PenaltyStep.DECIDED, fine_fen=4_999_999, now=later)
    assert caught.value.code is PenaltyRefusal.OUTSIDE_RANGE
    _step(stage, file, PenaltyStep.DECIDED, fine_fen=5_000_000, now=later)


def test_a_file_has_a_range_or_says_that_none_was_read(short: Stage) -> None:
    file = queries.penalty_file(_open(short))
    with pytest.raises(IntegrityError, match="compliance_penalty_range_read"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO compliance_penaltyfile"
            " (number, entity_id, region, year, breach_on, shortfall_t, regime, traces, rulebook_digest, opened_at)"
            " SELECT 'PF-2', entity_id, region, year + 1, breach_on, shortfall_t, regime, traces, rulebook_digest,"
            " opened_at FROM compliance_penaltyfile WHERE number = %s",
            [file.number],
        )


def test_a_supplementary_report_after_the_penalty_asks_for_its_delta_and_no_more(short: Stage) -> None:
    file = _open(short)
    for step in (PenaltyStep.ORDERED, PenaltyStep.CORRECTED, PenaltyStep.NOTIFIED, PenaltyStep.WAIVED):
        _step(short, file, step)
    _step(short, file, PenaltyStep.DECIDED, fine_fen=5_000_000)
    before = queries.history(RED_RIVER, region=REGION, year=BREACHED, now=LATER).standing
    assert (before.code, before.missing_t) == (YearCode.PENALISED, 100_000)
    asked: dict[str, Json] = {"region": REGION, "year": BREACHED, "entity": RED_RIVER, "determined_t": 100_007}
    asked |= {"direct_t": 0, "reason": "补充报告", "evidence": "ER-补充"}
    later = datetime(2024, 2, 1, 1, tzinfo=UTC)
    approval = short.approved("emissions.redetermine", asked, now=later)
    emissions.redetermine(ZHOU, **asked, approval=approval, key=short.key(), now=later)  # type: ignore[arg-type]
    after = queries.history(RED_RIVER, region=REGION, year=BREACHED, now=later).standing
    assert (after.code, after.missing_t) == (YearCode.PENALISED, 100_007)
    assert queries.penalty_file(file).shortfall_t == 100_000


def test_a_multiple_of_the_price_is_computed_where_something_was_traded(
    short: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, national = rulebook.at, rulebook.at("national", on=date(2024, 6, 1))

    # The day of the breach is read without a year; it is that of the national Regulation here.
    def at(region: str, *, on: date, year: int | None = None, overlays: tuple[str, ...] = ()) -> RulesAt:
        return real(region, on=on, year=year, overlays=overlays) if year else national

    monkeypatch.setattr("tonnebook.rulebook.at", at)
    assert _refusal(short) is PenaltyRefusal.NO_PRICE
    price = trace.given(9_850, "fen/t", zh="均价", en="mean price")
    monkeypatch.setattr("tonnebook.market.queries.mean_price", lambda *_given, **_named: price)
    row = queries.penalty_file(_open(short))
    assert (row.regime, row.smallest_fen, row.largest_fen) == (Regime.PRICE_MULTIPLE, 4_925_000_000, 9_850_000_000)
    assert row.cut_t == 100_000


def test_only_officers_open_and_record(short: Stage) -> None:
    file = _open(short)
    with pytest.raises(Refused) as caught:
        compliance.record_penalty_step(
            STEELWORKER, file=file, step=PenaltyStep.ORDERED, ground="x", key=short.key(), now=LATER
        )
    assert caught.value.code is AccessRefusal.NOT_PERMITTED
    with pytest.raises(Refused) as caught:
        _step(short, "PF-000000-00", PenaltyStep.ORDERED)
    assert caught.value.code is PenaltyRefusal.NO_SUCH_FILE


@pytest.mark.parametrize("table", ["compliance_penaltyfile", "compliance_penaltyentry"])
def test_nothing_of_a_file_is_changed_or_deleted(short: Stage, table: str) -> None:
    _open(short)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
        with pytest.raises(DatabaseError, match=r"never|permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_a_step_without_a_decision_has_no_fine_in_the_database(short: Stage) -> None:
    file = queries.penalty_file(_open(short))
    with pytest.raises(IntegrityError, match="compliance_penalty_fine_decided"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO compliance_penaltyentry (file_id, place, step, ground, document, fine_fen, by, at)"
            " SELECT id, 9, 'ORDERED', 'x', '', 5, 'P', now() FROM compliance_penaltyfile WHERE number = %s",
            [file.number],
        )
