"""Releases of the reserve by auction and withdrawals into it: upon a finding, by two people, back when unsold."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.db import transaction
from tests.market_stage import REGION
from tests.stability_stage import ASSET, RELEASE, SALE, WITHDRAWAL, YEAR, StabilityStage, opened
from tests.unit.audit import owner

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.queries import stability
from tonnebook.core import trace
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.auction import AuctionKind
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.market_stability.interventions import StabilityRefusal
from tonnebook.core.roles import AccessRefusal
from tonnebook.journal import queries as journal
from tonnebook.journal.models import JournalLeaf
from tonnebook.market import queries as market
from tonnebook.registry import queries as accounts
from tonnebook_audit import auditor


@pytest.fixture
def stage(db: None) -> StabilityStage:
    made = opened()
    made.set_aside()
    return made


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code


def found(stage: StabilityStage, change: str) -> date:
    on = stage.closes(change)
    stage.find(on)
    return on


def released(stage: StabilityStage, quantity_t: int) -> tuple[str, date]:
    on = found(stage, "0.30")
    return stage.move(RELEASE, quantity_t, on=on), on


def announced(stage: StabilityStage, quantity_t: int, on: date) -> str:
    """An early auction of the day after, whose window is open."""
    day = on + timedelta(days=1)
    number = str(stage.announce(AuctionKind.EARLY, quantity_t, day=day)["auction"])
    stage.at(time(10), day)
    return number


def test_what_is_released_is_offered_first_and_returns_to_the_reserve_unsold(stage: StabilityStage) -> None:
    before_t = stage.reserve_t()
    number, on = released(stage, 1_000)
    assert stage.reserve_t() == before_t - 1_000
    assert market.waiting_t(REGION, ASSET) == accounts.given_out_t("SHEA", YEAR) == 1_000
    auction = announced(stage, 1_000, on)
    assert market.auction(auction, now=stage.now).carried_t == 1_000
    assert market.waiting_t(REGION, ASSET) == 0
    stage.fund("North Power", 10**9)
    stage.bid("North Power", auction, 20_000, 300)
    stage.at(time(12), on + timedelta(days=1))
    stage.close_auction(auction)
    assert stage.reserve_t() == before_t - 300
    assert stage.has("North Power", AccountType.HOLDING, ASSET) == (300, 0)
    (row,) = queries.reserve_moves(REGION)
    assert (row.number, row.kind, row.found_on, row.quantity_t) == (number, RELEASE, on, 1_000)
    assert trace.statuses(row.limit) == ("scenario",)
    assert JournalLeaf.objects.filter(kind="compliance.reserve.moved").count() == 1


def test_only_what_no_auction_offers_is_withdrawn_and_up_to_the_share(stage: StabilityStage) -> None:
    before_t = stage.reserve_t()
    released(stage, 1_000)
    stage.now += timedelta(days=1)
    on = found(stage, "-0.30")
    announced(stage, 600, on)
    refused(StabilityRefusal.ABOVE_SINGLE_LIMIT, lambda: stage.move(WITHDRAWAL, 201, on=on))
    refused(StabilityRefusal.NOT_CALLED_FOR, lambda: stage.move(RELEASE, 1, on=on))
    stage.move(WITHDRAWAL, 200, on=on)
    assert stage.reserve_t() == before_t - 800
    assert market.waiting_t(REGION, ASSET) == 200
    assert accounts.given_out_t("SHEA", YEAR) == 800


def test_a_finding_leads_to_one_move_or_one_intervention(stage: StabilityStage) -> None:
    number, on = released(stage, 10)
    with pytest.raises(Refused) as caught:
        stage.decide(SALE, 1, on=on)
    assert (caught.value.code, caught.value.facts["intervention"]) == (StabilityRefusal.FINDING_USED, number)
    assert queries.findings(REGION)[0].reserve_move == number
    stage.now += timedelta(days=1)
    later = found(stage, "0.30")
    stage.decide(SALE, 1, on=later)
    refused(StabilityRefusal.FINDING_USED, lambda: stage.move(RELEASE, 1, on=later))


def test_sales_and_releases_share_the_limit_of_the_year(stage: StabilityStage) -> None:
    reserve_t = stage.reserve_t()
    for _ in range(2):
        released(stage, queries.move_limit(RELEASE, queries.rules(REGION, YEAR, stage.now.date())).whole)
        stage.now += timedelta(days=1)
    third = found(stage, "0.30")
    left_t = queries.move_limit(RELEASE, queries.rules(REGION, YEAR, stage.now.date())).whole
    assert left_t == reserve_t // 2 - 2 * (reserve_t // 5)
    refused(StabilityRefusal.ABOVE_YEAR_LIMIT, lambda: stage.decide(SALE, left_t + 1, on=third))
    refused(StabilityRefusal.ABOVE_SINGLE_LIMIT, lambda: stage.move(RELEASE, left_t + 1, on=third))
    stage.move(RELEASE, left_t, on=third)


def test_what_comes_back_does_not_count_against_the_limit_of_the_year(stage: StabilityStage) -> None:
    reserve_t, rules = stage.reserve_t(), queries.rules(REGION, YEAR, stage.now.date())
    _, on = released(stage, 1_000)
    auction = announced(stage, 600, on)
    stage.fund("North Power", 10**9)
    stage.bid("North Power", auction, 20_000, 150)
    stage.at(time(12), on + timedelta(days=1))
    stage.close_auction(auction)
    assert stability.moved_t(REGION, SALE, YEAR) == 550
    stage.move(WITHDRAWAL, 100, on=found(stage, "-0.30"))
    assert stability.moved_t(REGION, SALE, YEAR) == 450
    bases = {one.whole for one in _leaves(queries.move_limit(RELEASE, rules)) if one.en == "held and released together"}
    assert bases == {stage.reserve_t() + 450} == {reserve_t}


def test_what_is_promised_to_a_sale_is_not_released(stage: StabilityStage) -> None:
    rules = queries.rules(REGION, YEAR, stage.now.date())
    on = found(stage, "0.30")
    stage.decide(SALE, 10, on=on)
    limit = queries.move_limit(RELEASE, rules)
    spare = [one for one in _leaves(limit) if one.en == "what the reserve can spare"]
    assert [one.whole for one in spare] == [stage.reserve_t() - 10]


def test_a_release_keeps_the_total_of_the_plan(stage: StabilityStage) -> None:
    on = found(stage, "0.30")
    cap_t = queries.rules(REGION, YEAR, on).integer("allocation.cap_t")
    stage.issue("North Power", cap_t - 9)
    refused(AllocationRefusal.CAP_EXCEEDED, lambda: stage.move(RELEASE, 10, on=on))
    stage.move(RELEASE, 9, on=on)


def test_nobody_moves_the_reserve_alone_or_without_the_right(stage: StabilityStage) -> None:
    on = found(stage, "0.30")
    number = stage.approved("compliance.set_aside", {"region": REGION, "year": YEAR})

    def move(name: str) -> object:
        return compliance.move_reserve(
            stage.cast[name],
            region=REGION,
            on=on,
            kind=RELEASE,
            year=YEAR,
            quantity_t=1,
            approval=number,
            key=stage.key(),
            now=stage.now,
        )

    refused(ApprovalRefusal.KIND_DIFFERS, lambda: move("Authority"))
    refused(AccessRefusal.NOT_PERMITTED, lambda: move("Exchange"))


def test_an_altered_move_and_a_reserve_that_does_not_add_up_are_found(fresh_database: str) -> None:
    del fresh_database
    with transaction.atomic():
        stage = opened()
        stage.set_aside()
        released(stage, 1_000)
        stage.now += timedelta(days=1)
        stage.move(WITHDRAWAL, 400, on=found(stage, "-0.30"))
    report = auditor.audit(journal.audit_url(), **journal.signer().keys)
    assert report.breaks == []
    assert report.checks["reserve move"] == 4
    assert {statement: owner.found_after(statement) & _OURS for statement in _ALTERED} == _ALTERED


_OURS = {"carried", "reserve", "reserve move", "trace"}
_MOVE = "UPDATE compliance_reservemove SET"
_ALTERED = {
    f"{_MOVE} quantity_t = quantity_t + 1 WHERE kind = 'RELEASE'": {"carried", "reserve move"},
    f"{_MOVE} limit_t = limit_t + 1": {"trace"},
    f"{_MOVE} kind = 'WITHDRAWAL'": {"carried", "reserve move"},
    "DELETE FROM compliance_reservemove": {"carried", "reserve move"},
    "UPDATE compliance_stabilityfinding SET kind = 'RISE' WHERE kind = 'FALL'": {"reserve move"},
    """UPDATE registry_balance SET total = total + 1
       WHERE account_id IN (SELECT id FROM registry_account WHERE type = 'RESERVE')""": {"reserve"},
}


def _leaves(node: trace.Traced) -> list[trace.Traced]:
    return [node, *(one for below in node.inputs for one in _leaves(below))]
