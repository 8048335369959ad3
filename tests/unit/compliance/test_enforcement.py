"""What was not surrendered is taken by two people, exactly as approved, and the year says that it was by force."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import CHEN, NEXT_SUMMER, RED_RIVER, REGION, YEAR, Stage

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core.canonical import Json
from tonnebook.core.enforcement import EnforcementRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, HoldOwner, HoldReason, HoldState
from tonnebook.core.notices import NoticeKind
from tonnebook.core.year_status import EventKind, Mark, YearCode
from tonnebook.journal import queries as journal
from tonnebook.members import queries as members
from tonnebook.registry import queries as books
from tonnebook.registry import services as registry
from tonnebook_audit import auditor

LATER = datetime(2027, 7, 5, 1, tzinfo=UTC)


@pytest.fixture
def short(stage: Stage) -> Stage:
    """Red River owes 60,000 t and holds 70,000 t, of which 30,000 t rest in an order and 25,000 t are pledged."""
    stage.first_batch()
    stage.determine(red_t=60_000)
    account = stage.accounts[RED_RIVER]
    drafts = [
        registry.HoldDraft(account, "SHEA-2026", 30_000, HoldReason.ORDER, "ORDER-1"),
        registry.HoldDraft(account, "SHEA-2026", 25_000, HoldReason.PLEDGE, "LOAN-1", owner="BANK"),
    ]
    with transaction.atomic():
        registry.place_holds(drafts, now=NEXT_SUMMER)
    return stage


def force(stage: Stage, quantity_t: int, *, now: datetime = LATER) -> dict[str, Json]:
    """Take from Red River by two people."""
    payload: dict[str, Json] = {"region": REGION, "entity": RED_RIVER, "year": YEAR, "quantity_t": quantity_t}
    approval = stage.approved("compliance.force_surrender", payload, now=now)
    return compliance.force_surrender(
        CHEN,
        region=REGION,
        entity=RED_RIVER,
        year=YEAR,
        quantity_t=quantity_t,
        approval=approval,
        key=stage.key(),
        now=now,
    )


def _refused(stage: Stage, quantity_t: int, *, now: datetime = LATER) -> Refusal:
    with pytest.raises(Refused) as caught:
        force(stage, quantity_t, now=now)
    return caught.value.code


def test_what_is_free_and_what_rests_in_orders_is_taken_and_pledges_stay(short: Stage) -> None:
    shown = queries.forced_takings(RED_RIVER, region=REGION, year=YEAR, now=LATER)
    assert (shown.missing_t, shown.total_t, [one.resting_t for one in shown.takings]) == (60_000, 45_000, [30_000])
    answer = force(short, 45_000)
    assert (answer["taken_t"], answer["missing_t"]) == (45_000, 15_000)
    assert short.held(RED_RIVER) == {"SHEA-2026": 25_000}
    states = {one.reason: one.state for one in books.standing_holds(short.accounts[RED_RIVER])}
    assert states == {HoldReason.PLEDGE: HoldState.ACTIVE}
    found = queries.history(RED_RIVER, region=REGION, year=YEAR, now=LATER)
    assert [one.kind for one in found.events][-1] is EventKind.FORCED
    assert (found.standing.code, found.standing.missing_t) == (YearCode.SHORT, 15_000)
    assert {Mark.FORCED, Mark.LATE} <= found.standing.marks
    kinds = [row.kind for row in members.notices_of(RED_RIVER)]
    assert NoticeKind.SURRENDER_FORCED in kinds


def test_a_duty_met_by_force_is_made_good_and_is_forced_once(short: Stage) -> None:
    short.submit({"SHEA-2026": 15_000})
    assert _refused(short, 45_000) is EnforcementRefusal.QUANTITY_CHANGED
    number = queries.surrenders(RED_RIVER, YEAR)[0].number
    short.confirm(number)
    force(short, 30_000)
    with transaction.atomic():
        (pledge,) = books.standing_holds(short.accounts[RED_RIVER])
        registry.release_holds([pledge.number], by=HoldOwner.PLEDGEE, now=LATER)
    force(short, 15_000)
    standing = queries.history(RED_RIVER, region=REGION, year=YEAR, now=LATER).standing
    assert (standing.code, standing.missing_t, standing.surrendered_t) == (YearCode.COVERED, 0, 60_000)
    assert _refused(short, 1) is EnforcementRefusal.NOTHING_MISSING


@pytest.mark.parametrize("quantity_t", [44_999, 45_001])
def test_a_tonne_more_or_less_than_was_approved_is_not_taken(short: Stage, quantity_t: int) -> None:
    assert _refused(short, quantity_t) is EnforcementRefusal.QUANTITY_CHANGED
    assert short.held(RED_RIVER) == {"SHEA-2026": 70_000}


def test_nothing_is_taken_before_the_last_day_is_over(short: Stage) -> None:
    last_day = datetime(2027, 6, 30, 15, 59, tzinfo=UTC)
    assert _refused(short, 45_000, now=last_day) is EnforcementRefusal.TOO_EARLY
    assert force(short, 45_000, now=datetime(2027, 6, 30, 16, tzinfo=UTC))["taken_t"] == 45_000


def test_units_in_the_trading_account_are_taken_after_those_of_the_registry_account(stage: Stage) -> None:
    stage.first_batch()
    stage.determine(red_t=70_000)
    stage.keep_in_trading(RED_RIVER, 2_000)
    force(stage, 70_000)
    trading = books.account_of(RED_RIVER, AccountType.TRADING)
    assert (stage.held(RED_RIVER), books.holdings(trading)) == ({}, ())


def test_what_is_taken_counts_when_the_year_is_settled(short: Stage) -> None:
    force(short, 45_000)
    short.settle()
    rows = {row.entity: (row.surrendered_t, row.shortfall_t) for row in queries.compliance_table(REGION, YEAR)}
    assert rows[RED_RIVER] == (45_000, 15_000)


def test_the_auditor_finds_nothing_wrong_with_what_was_taken(fresh_database: str) -> None:
    stage = stages.open_stage()
    stage.first_batch()
    stage.determine(red_t=70_000)
    stage.keep_in_trading(RED_RIVER, 2_000)
    force(stage, 70_000)
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks["surrender transfer"] == 2
