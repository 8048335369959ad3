"""Leaving Shanghai: hand-over, stepped conversion and exit, each step once, in plain numbers and by the services."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from tests.unit.compliance.stage import CHEN, NORTH_POWER, RED_RIVER, REGION, STEELWORKER, ZHOU, Stage

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import TransitionStep
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, TransferType
from tonnebook.core.transition import TransitionKind, TransitionRefusal
from tonnebook.core.year_status import Mark
from tonnebook.emissions import services as emissions
from tonnebook.registry import queries as books
from tonnebook.registry import services as registry

OLD = AssetKey("SHEA-2024", AssetKind.ALLOWANCE, "SHEA", 2024, "FREE")


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def _leave(stage: Stage, entity: str, from_year: int, *, is_national: bool = True) -> None:
    given = {
        "national": {entity: from_year} if is_national else {},
        "closed": {} if is_national else {entity: from_year},
    }
    compliance.record_departures(ZHOU, region=REGION, **given, key=stage.key(), now=_at(date(from_year - 1, 6, 1)))


def hand_over(stage: Stage, entity: str, now: datetime) -> dict[str, Json]:
    """Hand an entity over by two people."""
    asked: dict[str, Json] = {"region": REGION, "entity": entity}
    approval = stage.approved("compliance.hand_over", asked, now=now)
    return compliance.hand_over(ZHOU, region=REGION, entity=entity, approval=approval, key=stage.key(), now=now)


def _run(stage: Stage, on: date) -> dict[str, Json]:
    approval = stage.approved("compliance.run_transition", {"region": REGION, "on": on.isoformat()}, now=_at(on))
    return compliance.run_transition(ZHOU, region=REGION, on=on, approval=approval, key=stage.key(), now=_at(on))


def move(stage: Stage, from_year: int, *, surplus_t: int) -> None:
    """North Power met its last year here, holds a surplus and belongs to the national market from then on."""
    last, now = from_year - 1, _at(date(from_year, 7, 1))
    compliance.list_entities(ZHOU, region=REGION, year=last, entities=[NORTH_POWER], key=stage.key(), now=now)
    stage.give(NORTH_POWER, OLD, surplus_t)
    if last not in (2023, 2024, 2025):
        stage.history({last: {NORTH_POWER: 50_000}})
    asset = AssetKey(f"SHEA-{last}", AssetKind.ALLOWANCE, "SHEA", last, "FREE")
    stage.give(NORTH_POWER, asset, 50_000)
    draft = compliance.SurrenderDraft(NORTH_POWER, (compliance.SurrenderLine(asset.code, 50_000),))
    compliance.submit_surrenders(CHEN, region=REGION, year=last, rows=[draft], key=stage.key(), now=now)
    numbers = [row.number for row in queries.open_surrenders(REGION, last)]
    compliance.confirm_surrenders(ZHOU, region=REGION, year=last, surrenders=numbers, key=stage.key(), now=now)
    _leave(stage, NORTH_POWER, from_year)


@pytest.mark.parametrize("from_year", [2026, 2027, 2028])
def test_a_mover_converts_its_surplus_in_three_years_whatever_year_it_leaves(stage: Stage, from_year: int) -> None:
    move(stage, from_year, surplus_t=100)
    answer = hand_over(stage, NORTH_POWER, _at(date(from_year, 8, 1)))
    assert (answer["from_year"], answer["handed_t"], answer["surplus_t"]) == (from_year, 0, 100)
    plain = {"SHEA-2024": 100}
    for step, part_t in enumerate((33, 33, 34)):
        day = date(from_year + step, 12, 31)
        assert _run(stage, day) == {"steps": 1, "converted_t": part_t, "cancelled_t": 0}
        assert _run(stage, day) == {"steps": 0, "converted_t": 0, "cancelled_t": 0}
        plain["SHEA-2024"] -= part_t
        plain[f"SHEA-{day.year}"] = part_t
        assert stage.held(NORTH_POWER) == {asset: t for asset, t in plain.items() if t}
    assert sum(stage.held(NORTH_POWER).values()) == 100


def test_steps_that_were_missed_are_made_up_together_and_once(stage: Stage) -> None:
    move(stage, 2026, surplus_t=100)
    hand_over(stage, NORTH_POWER, _at(date(2026, 8, 1)))
    assert _run(stage, date(2029, 1, 1))["converted_t"] == 100
    assert _run(stage, date(2029, 1, 2))["steps"] == 0
    steps = TransitionStep.objects.filter(kind=TransitionKind.CONVERT).order_by("due_on")
    assert [(row.due_on, row.quantity_t) for row in steps] == [
        (date(2026, 12, 31), 33),
        (date(2027, 12, 31), 33),
        (date(2028, 12, 31), 34),
    ]
    row = steps[0]
    row.pk = None
    with pytest.raises(IntegrityError, match="compliance_transition_once"), transaction.atomic():
        row.save(force_insert=True)


def test_what_was_sold_meanwhile_is_not_converted(stage: Stage) -> None:
    move(stage, 2026, surplus_t=100)
    hand_over(stage, NORTH_POWER, _at(date(2026, 8, 1)))
    leg = registry.Leg(stage.accounts[NORTH_POWER], stage.accounts[RED_RIVER], "SHEA-2024", 90)
    with transaction.atomic():
        draft = registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), STEELWORKER.person)
        registry.post([draft], now=_at(date(2026, 9, 1)))
    assert _run(stage, date(2026, 12, 31))["converted_t"] == 10
    assert _run(stage, date(2027, 12, 31))["converted_t"] == 0


def test_allowances_of_later_years_are_handed_over_and_the_year_is_marked(stage: Stage) -> None:
    move(stage, 2026, surplus_t=100)
    stage.give(NORTH_POWER, AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE"), 35_000)
    answer = hand_over(stage, NORTH_POWER, _at(date(2026, 8, 1)))
    assert (answer["handed_t"], answer["surplus_t"]) == (35_000, 100)
    target = books.system_account(REGION, AccountType.HANDOVER)
    assert {one.asset.code: one.total for one in books.holdings(target)} == {"SHEA-2026": 35_000}
    found = queries.history(NORTH_POWER, region=REGION, year=2025, now=_at(date(2026, 9, 1))).standing
    assert Mark.HANDED_OVER in found.marks


def test_nobody_is_handed_over_who_does_not_leave_or_has_a_duty_open_or_twice(stage: Stage) -> None:
    now = _at(date(2026, 8, 1))
    with pytest.raises(Refused) as caught:
        hand_over(stage, RED_RIVER, now)
    assert caught.value.code is TransitionRefusal.NOT_LEAVING
    compliance.list_entities(ZHOU, region=REGION, year=2025, entities=[RED_RIVER], key=stage.key(), now=now)
    _leave(stage, RED_RIVER, 2026)
    with pytest.raises(Refused) as caught:
        hand_over(stage, RED_RIVER, now)
    assert caught.value.code is TransitionRefusal.DUTY_OPEN
    assert caught.value.facts["missing_t"] == 100_000
    move(stage, 2026, surplus_t=1)
    hand_over(stage, NORTH_POWER, now)
    with pytest.raises(Refused) as caught:
        hand_over(stage, NORTH_POWER, now)
    assert caught.value.code is TransitionRefusal.ALREADY_DONE


def test_no_step_is_done_before_its_day(stage: Stage) -> None:
    on = date(2026, 12, 31)
    approval = stage.approved("compliance.run_transition", {"region": REGION, "on": on.isoformat()})
    with pytest.raises(Refused) as caught:
        compliance.run_transition(
            ZHOU, region=REGION, on=on, approval=approval, key=stage.key(), now=_at(date(2026, 4, 2))
        )
    assert caught.value.code is TransitionRefusal.NOT_DUE


def _exit(stage: Stage, entity: str, now: datetime) -> dict[str, Json]:
    asked: dict[str, Json] = {"region": REGION, "entity": entity}
    approval = stage.approved("compliance.settle_exit", asked, now=now)
    return compliance.settle_exit(ZHOU, region=REGION, entity=entity, approval=approval, key=stage.key(), now=now)


def test_who_closes_in_mid_year_surrenders_its_last_emission_and_gives_back_what_the_rule_says(stage: Stage) -> None:
    stage.first_batch()
    now = _at(date(2026, 11, 2))
    with pytest.raises(Refused) as caught:
        _exit(stage, RED_RIVER, now)
    assert caught.value.code is TransitionRefusal.NOT_CLOSING
    _leave(stage, RED_RIVER, 2027, is_national=False)
    with pytest.raises(Refused) as caught:
        _exit(stage, RED_RIVER, now)
    assert caught.value.code is TransitionRefusal.DUTY_OPEN
    figure = emissions.HistoryRow(RED_RIVER, 2026, 40_000, 40_000, {})
    emissions.import_history(ZHOU, region=REGION, rows=[figure], key=stage.key(), now=now)
    stage.confirm(stage.submit({"SHEA-2026": 40_000}))
    later = datetime(2027, 6, 11, 1, tzinfo=UTC)
    answer = _exit(stage, RED_RIVER, later)
    # Shanghai takes back a share of later years only, and none was issued ahead.
    assert (answer["surrendered_t"], answer["give_back_t"], answer["returned_t"]) == (40_000, 0, 0)
    assert stage.held(RED_RIVER) == {"SHEA-2026": 30_000}
    found = queries.history(RED_RIVER, region=REGION, year=2026, now=later).standing
    assert Mark.EXITED in found.marks
    with pytest.raises(Refused) as caught:
        _exit(stage, RED_RIVER, later)
    assert caught.value.code is TransitionRefusal.ALREADY_DONE


def test_where_the_rule_says_so_the_rest_of_the_year_goes_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.first_batch()
    _leave(stage, RED_RIVER, 2027, is_national=False)
    figure = emissions.HistoryRow(RED_RIVER, 2026, 40_000, 40_000, {})
    emissions.import_history(ZHOU, region=REGION, rows=[figure], key=stage.key(), now=_at(date(2026, 11, 2)))
    stage.confirm(stage.submit({"SHEA-2026": 40_000}))
    monkeypatch.setattr("tonnebook.core.rules.RulesAt.flag", lambda _rules, _path: True)
    answer = _exit(stage, RED_RIVER, datetime(2027, 6, 11, 1, tzinfo=UTC))
    assert (answer["give_back_t"], answer["returned_t"]) == (30_000, 30_000)
    assert stage.held(RED_RIVER) == {}


def test_a_share_of_what_every_later_year_was_issued_ahead_goes_back(stage: Stage) -> None:
    stage.first_batch()
    for year, quantity_t in ((2027, 1_001), (2028, 2_000)):
        rows = [compliance.IssuedRow(RED_RIVER, quantity_t)]
        compliance.import_allocations(
            ZHOU, region=REGION, year=year, rows=rows, approver=CHEN.person, key=stage.key(), now=_at(date(2026, 6, 1))
        )
    _leave(stage, RED_RIVER, 2027, is_national=False)
    stage.determine(red_t=40_000)
    stage.confirm(stage.submit({"SHEA-2026": 40_000}))
    answer = _exit(stage, RED_RIVER, datetime(2027, 6, 11, 1, tzinfo=UTC))
    # Half of 3,001 t, rounded down, the latest vintage first; the rest of 2026 stays.
    assert (answer["give_back_t"], answer["returned_t"]) == (1_500, 1_500)
    assert stage.held(RED_RIVER) == {"SHEA-2026": 30_000, "SHEA-2027": 1_001, "SHEA-2028": 500}
