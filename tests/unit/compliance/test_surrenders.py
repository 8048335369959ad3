"""Surrender in two acts, the status of the year, carry-over, and what pages read."""

from datetime import UTC, datetime
from typing import cast

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.unit.compliance.stage import (
    CHEN,
    CREDIT,
    LITTLE_MILL,
    NEXT_SUMMER,
    NORTH_POWER,
    OWN,
    RED_RIVER,
    REGION,
    STEELWORKER,
    STRANGER,
    YEAR,
    ZHOU,
    Stage,
)

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import Surrender
from tonnebook.core import trace
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.carry_over import CarryOverRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import HoldReason, LedgerRefusal
from tonnebook.core.representation import RightRefusal
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.surrender import StatusCode, SurrenderRefusal, SurrenderState
from tonnebook.registry import services as ledger
from tonnebook.registry.models import Account, Representative
from tonnebook.registry.services import HoldDraft

TODAY = NEXT_SUMMER.date()


@pytest.fixture
def due(stage: Stage) -> Stage:
    """The first batch is out and 60,000 t of Red River's emission are determined; it also has credits."""
    stage.first_batch()
    stage.determine(red_t=60_000, north_t=50_000)
    stage.give(RED_RIVER, CREDIT, 5_000)
    return stage


def _refusal(stage: Stage, lines: dict[str, int], **changes: object) -> Refusal:
    with pytest.raises(Refused) as caught:
        stage.submit(lines, **changes)  # type: ignore[arg-type]
    return caught.value.code


def test_proposal_is_accepted_held_and_then_final(due: Stage) -> None:
    lines = {line.asset.code: line.quantity_t for line in queries.surrender_proposal(RED_RIVER, YEAR, TODAY)}
    assert lines == {"SHCER-2025": 3_000, "SHEA-2026": 57_000}
    number = due.submit(lines)
    held = queries.position(RED_RIVER, YEAR, TODAY)
    assert (held.submitted_t, held.confirmed_t, held.due_t, held.allowances_t) == (60_000, 0, 0, 13_000)
    assert due.confirm(number) == {"confirmed": 1, "surrendered_t": 60_000, "credits_t": 3_000}
    done = queries.position(RED_RIVER, YEAR, TODAY)
    assert (done.submitted_t, done.confirmed_t, done.gap_t) == (0, 60_000, 0)
    assert due.held(RED_RIVER) == {"SHCER-2025": 2_000, "SHEA-2026": 13_000}
    (row,) = queries.surrenders(RED_RIVER, YEAR)
    assert (row.state, row.decided_by, bool(row.transfer)) == (SurrenderState.CONFIRMED, ZHOU.person, True)


def test_surrender_refuses_by_table(due: Stage) -> None:
    due.give(RED_RIVER, OWN, 10)
    assert _refusal(due, {"SHEA-2026": 1}, entity=LITTLE_MILL, actor=ZHOU) is AccessRefusal.NOT_PERMITTED
    assert _refusal(due, {"SHEA-2026": 1}, actor=STRANGER) is AccessRefusal.NOT_YOUR_ORGANISATION
    assert _refusal(due, {}) is SurrenderRefusal.NO_LINES
    assert _refusal(due, {"SHEA-2026": -1}) is SurrenderRefusal.NO_LINES
    assert _refusal(due, {"SHEA-2026": 1}, shown_t=2) is SurrenderRefusal.TOTAL_DIFFERS
    assert _refusal(due, {"SHCER-2025": 3_001}) is SurrenderRefusal.CREDITS_BEYOND_LIMIT
    assert _refusal(due, {"SHEA-2026": 60_001}) is SurrenderRefusal.BEYOND_OBLIGATION
    assert _refusal(due, {"SHEA-2026-OWN": 11}) is SurrenderRefusal.NOT_ENOUGH_FREE
    assert _refusal(due, {"NO-SUCH": 11}) is LedgerRefusal.ASSET_UNKNOWN


def test_surrender_needs_a_determined_emission_and_an_open_year(stage: Stage) -> None:
    stage.first_batch()
    assert _refusal(stage, {"SHEA-2026": 1}) is SurrenderRefusal.NOT_DETERMINED
    stage.determine(red_t=60_000)
    stage.confirm(stage.submit({"SHEA-2026": 60_000}))
    stage.settle()
    assert _refusal(stage, {"SHEA-2026": 1}) is SurrenderRefusal.YEAR_SETTLED


def test_reporting_entities_have_nothing_to_surrender(stage: Stage) -> None:
    stage.first_batch()
    with pytest.raises(Refused) as caught:
        compliance.submit_surrenders(
            ZHOU,
            region=REGION,
            year=YEAR,
            rows=[compliance.SurrenderDraft(LITTLE_MILL, (compliance.SurrenderLine("SHEA-2026", 1),))],
            key=stage.key(),
            now=NEXT_SUMMER,
        )
    assert caught.value.code is SurrenderRefusal.NOT_COVERED


def test_credits_of_two_surrenders_share_one_limit(due: Stage) -> None:
    due.submit({"SHCER-2025": 2_000})
    assert _refusal(due, {"SHCER-2025": 1_001}) is SurrenderRefusal.CREDITS_BEYOND_LIMIT
    due.submit({"SHCER-2025": 1_000})


def test_a_withdrawal_gives_its_share_of_the_limit_back_and_no_more(due: Stage) -> None:
    first, _ = due.submit({"SHCER-2025": 2_000}), due.submit({"SHCER-2025": 1_000})
    compliance.withdraw_surrender(STEELWORKER, surrender=first, key=due.key(), now=NEXT_SUMMER)
    assert _refusal(due, {"SHCER-2025": 2_001}) is SurrenderRefusal.CREDITS_BEYOND_LIMIT
    due.submit({"SHCER-2025": 2_000})


def test_credits_are_measured_again_when_they_are_confirmed(stage: Stage) -> None:
    overlay = rulebook.overlay(REGION, YEAR)
    assert overlay.count('value: "DETERMINED"') == 1
    stage.cover()
    stage.adopt(overlay.replace('value: "DETERMINED"', 'value: "ISSUED"'))
    stage.compute()
    stage.issue()
    stage.determine(goods=100)
    stage.give(RED_RIVER, CREDIT, 5_000)
    limit = queries.position(RED_RIVER, YEAR, TODAY).credit_limit
    assert limit is not None
    number = stage.submit({"SHCER-2025": limit.whole})
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    stage.issue(Batch.SECOND, now=NEXT_SUMMER)
    with pytest.raises(Refused) as caught:
        stage.confirm(number)
    assert caught.value.code is SurrenderRefusal.CREDITS_BEYOND_LIMIT
    compliance.withdraw_surrender(STEELWORKER, surrender=number, key=stage.key(), now=NEXT_SUMMER)
    smaller = queries.position(RED_RIVER, YEAR, TODAY).credit_limit
    assert smaller is not None
    assert smaller.whole < limit.whole
    stage.confirm(stage.submit({"SHCER-2025": smaller.whole}))


def test_withdrawal_frees_the_units_and_is_terminal(due: Stage) -> None:
    number = due.submit({"SHEA-2026": 60_000})
    compliance.withdraw_surrender(STEELWORKER, surrender=number, key=due.key(), now=NEXT_SUMMER)
    assert queries.position(RED_RIVER, YEAR, TODAY).allowances_t == 70_000
    with pytest.raises(Refused) as caught:
        due.confirm(number)
    assert caught.value.code is SurrenderRefusal.NOT_OPEN
    due.submit({"SHEA-2026": 60_000})


def test_a_stranger_cannot_withdraw(due: Stage) -> None:
    number = due.submit({"SHEA-2026": 1})
    with pytest.raises(Refused) as caught:
        compliance.withdraw_surrender(STRANGER, surrender=number, key=due.key(), now=NEXT_SUMMER)
    assert caught.value.code is SurrenderRefusal.SURRENDER_UNKNOWN


def test_whoever_submitted_cannot_confirm(due: Stage) -> None:
    row = compliance.SurrenderDraft(RED_RIVER, (compliance.SurrenderLine("SHEA-2026", 5),))
    answer = compliance.submit_surrenders(ZHOU, region=REGION, year=YEAR, rows=[row], key=due.key(), now=NEXT_SUMMER)
    (number,) = cast("list[str]", answer["surrenders"])
    with pytest.raises(Refused) as caught:
        due.confirm(number)
    assert caught.value.code is SurrenderRefusal.OWN_SUBMISSION
    assert due.confirm(number, actor=CHEN)["confirmed"] == 1


def test_confirm_names_an_unknown_number(due: Stage) -> None:
    with pytest.raises(Refused) as caught:
        due.confirm("SU-000000-00")
    assert caught.value.code is SurrenderRefusal.SURRENDER_UNKNOWN


@pytest.mark.parametrize("change", ["state = 'SUBMITTED'", "total_t = 1", "decided_by = 'P-9'"])
def test_a_confirmed_surrender_cannot_be_changed_in_the_database(due: Stage, change: str) -> None:
    due.confirm(due.submit({"SHEA-2026": 10}))
    with pytest.raises(IntegrityError, match="A6"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE compliance_surrender SET {change}")


def test_an_open_surrender_keeps_what_it_is_about(due: Stage) -> None:
    due.submit({"SHEA-2026": 10})
    with pytest.raises(IntegrityError, match="A6"), transaction.atomic():
        Surrender.objects.update(total_t=9)
    with pytest.raises(IntegrityError, match="A6"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM compliance_surrender")


def test_submitting_again_with_the_same_key_answers_the_same(due: Stage) -> None:
    key = due.key()
    answers = [
        compliance.submit_surrender(
            STEELWORKER,
            entity=RED_RIVER,
            year=YEAR,
            lines=[compliance.SurrenderLine("SHEA-2026", 60_000)],
            shown_total_t=60_000,
            key=key,
            now=NEXT_SUMMER,
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(queries.surrenders(RED_RIVER, YEAR)) == 1


def test_status_counts_confirmed_surrenders_only(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    due.submit({"SHEA-2026": 35_000}, entity=NORTH_POWER, actor=STRANGER)
    answer = due.settle()
    assert answer["codes"] == {"COMPLIANT": 1, "SHORT": 1}
    table = {row.entity: row for row in queries.compliance_table(REGION, YEAR)}
    assert (table[RED_RIVER].code, table[RED_RIVER].surplus_t) == (StatusCode.COMPLIANT, 10_000)
    assert (table[NORTH_POWER].code, table[NORTH_POWER].shortfall_t) == (StatusCode.SHORT, 50_000)
    assert all(trace.replay(one) == one.value for row in table.values() for one in row.traces.values())


def test_status_is_not_settled_before_the_deadline_is_over(due: Stage) -> None:
    deadline_day = datetime(2027, 6, 30, 15, tzinfo=UTC)
    with pytest.raises(Refused) as caught:
        compliance.settle_status(ZHOU, region=REGION, year=YEAR, key=due.key(), now=deadline_day)
    assert caught.value.code is SurrenderRefusal.DEADLINE_NOT_OVER


def test_status_is_settled_once(due: Stage) -> None:
    due.settle()
    with pytest.raises(Refused) as caught:
        due.settle()
    assert caught.value.code is SurrenderRefusal.YEAR_SETTLED


def test_an_entity_without_figure_is_named_so(stage: Stage) -> None:
    stage.cover()
    assert stage.settle()["codes"] == {"NO_FIGURE": 2}


def test_carry_over_keeps_surplus_and_returns_own_use_units(due: Stage) -> None:
    due.give(RED_RIVER, OWN, 10)
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    with pytest.raises(Refused) as caught:
        due.carry_over()
    assert caught.value.code is CarryOverRefusal.NOT_SETTLED
    due.settle()
    answer = due.carry_over()
    assert answer == {"entities": 2, "kept_t": 45_000, "returned_t": 10, "cancelled_t": 0}
    assert due.held(RED_RIVER) == {"SHCER-2025": 5_000, "SHEA-2026": 10_000}
    with pytest.raises(Refused) as caught:
        due.carry_over()
    assert caught.value.code is CarryOverRefusal.ALREADY_CARRIED


def test_what_lies_in_trading_accounts_or_is_held_is_carried_over_too(due: Stage) -> None:
    due.confirm(due.submit({"SHEA-2026": 60_000}))
    due.keep_in_trading(RED_RIVER, 4_000)
    frozen = HoldDraft(due.accounts[RED_RIVER], "SHEA-2026", 1_000, HoldReason.COURT, "(2027)沪74执1号")
    with transaction.atomic():
        ledger.place_holds([frozen], now=NEXT_SUMMER)
    due.settle()
    table = {row.entity: row for row in queries.compliance_table(REGION, YEAR)}
    assert table[RED_RIVER].surplus_t == 10_000
    assert due.carry_over()["kept_t"] == 45_000


def test_cockpit_puts_the_shortest_first_and_counts_days(due: Stage) -> None:
    cockpit = queries.cockpit(REGION, YEAR, TODAY)
    assert cockpit.stages == {"ALLOWANCES": 2, "REPORTING": 1}
    assert [(one.entity, one.shortfall_t) for one in cockpit.short] == [(NORTH_POWER, 15_000)]
    assert cockpit.shortfall_t == 15_000
    assert cockpit.next_deadline is not None
    assert cockpit.next_deadline.code == "last_resort_auction"
    days = {one.code: one.working_days_left for one in cockpit.deadlines}
    assert days["surrender"] > days["last_resort_auction"] > 0 > days["report"]


def test_early_warning_expects_last_years_emission(stage: Stage) -> None:
    stage.first_batch()
    place = queries.position(RED_RIVER, YEAR, TODAY)
    assert (place.determined_t, place.expected_t, place.gap_t, place.obligation) == (None, 100_000, 30_000, None)
    assert queries.surrender_proposal(RED_RIVER, YEAR, TODAY) == ()


def test_a_surrender_takes_few_queries(due: Stage) -> None:
    with CaptureQueriesContext(connection) as one:
        due.submit({"SHEA-2026": 10, "SHCER-2025": 10})
    assert len(one) <= 30


def test_bulk_surrenders_take_no_more_queries_than_one(due: Stage) -> None:
    def rows(*usccs: str) -> list[compliance.SurrenderDraft]:
        return [compliance.SurrenderDraft(uscc, (compliance.SurrenderLine("SHEA-2026", 10),)) for uscc in usccs]

    counts = []
    for drafts in (rows(RED_RIVER), rows(RED_RIVER, NORTH_POWER)):
        with CaptureQueriesContext(connection) as taken:
            answer = compliance.submit_surrenders(
                ZHOU, region=REGION, year=YEAR, rows=drafts, key=due.key(), now=NEXT_SUMMER
            )
        numbers = cast("list[str]", answer["surrenders"])
        with CaptureQueriesContext(connection) as confirmed:
            due.confirm(*numbers, actor=CHEN)
        counts.append((len(taken), len(confirmed)))
    # The first confirmation also opens the balance of the surrender account.
    assert counts[1] <= counts[0]


def test_two_drafts_of_one_entity_in_one_call_share_its_duty(due: Stage) -> None:
    draft = compliance.SurrenderDraft(RED_RIVER, (compliance.SurrenderLine("SHEA-2026", 30_001),))
    with pytest.raises(Refused) as caught:
        compliance.submit_surrenders(
            ZHOU, region=REGION, year=YEAR, rows=[draft, draft], key=due.key(), now=NEXT_SUMMER
        )
    assert caught.value.code is SurrenderRefusal.BEYOND_OBLIGATION


def test_a_plan_cannot_be_changed_in_the_database(due: Stage) -> None:
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_allocationplan SET overlay = ''")


@pytest.mark.parametrize(
    ("right", "may"), [("SURRENDER_ONLY", True), ("INITIATE", True), ("APPROVE", False), ("READ", False)]
)
def test_who_is_appointed_to_the_account_surrenders_by_right(due: Stage, right: str, may: bool) -> None:
    account = Account.objects.get(number=due.accounts[RED_RIVER])
    Representative.objects.create(account=account, person=STEELWORKER.person, rights=[right], appointed_at=NEXT_SUMMER)
    if may:
        number = due.submit({"SHEA-2026": 10})
        compliance.withdraw_surrender(STEELWORKER, surrender=number, key=due.key(), now=NEXT_SUMMER)
        return
    assert _refusal(due, {"SHEA-2026": 10}) is RightRefusal.RIGHT_MISSING


def test_who_is_not_appointed_neither_submits_nor_withdraws(due: Stage) -> None:
    number = due.submit({"SHEA-2026": 10})
    account = Account.objects.get(number=due.accounts[RED_RIVER])
    Representative.objects.create(account=account, person="P-99", rights=["READ"], appointed_at=NEXT_SUMMER)
    assert _refusal(due, {"SHEA-2026": 10}) is RightRefusal.RIGHT_MISSING
    with pytest.raises(Refused, match="RIGHT_MISSING"):
        compliance.withdraw_surrender(STEELWORKER, surrender=number, key=due.key(), now=NEXT_SUMMER)
