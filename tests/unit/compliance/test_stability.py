"""Market stability on the database: found every day, decided by two, settled once, units against money."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from tests.market_stage import FREE, OWN, REGION
from tests.stability_stage import ASSET, BUY_BACK, SALE, YEAR, StabilityStage, opened

from tonnebook.compliance import jobs, queries
from tonnebook.compliance import services as compliance
from tonnebook.core import trace
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal, Leg, TransferType
from tonnebook.core.market_stability.interventions import RequestState, StabilityRefusal
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.core.roles import AccessRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.models import JournalLeaf
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry
from tonnebook.registry.models import Hold

RICH_FEN = 10**12
HOLDING, CASH = AccountType.HOLDING, AccountType.CLIENT_CASH


@pytest.fixture
def stage(db: None) -> StabilityStage:
    made = opened()
    for name in ("Red River Steel", "North Power", "East Chemicals", "Lotus Capital"):
        made.fund(name, RICH_FEN)
    made.set_aside()
    return made


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


def risen(stage: StabilityStage) -> date:
    on = stage.closes("0.30")
    stage.find(on)
    return on


def on_sale(stage: StabilityStage, quantity_t: int = 1_000) -> tuple[str, date]:
    on = risen(stage)
    number = str(stage.decide(SALE, quantity_t, on=on)["intervention"])
    stage.open_window(on)
    return number, on


def wanted_back(stage: StabilityStage, quantity_t: int = 100) -> tuple[str, date]:
    on = stage.closes("-0.30")
    stage.find(on)
    number = str(stage.decide(BUY_BACK, quantity_t, on=on)["intervention"])
    stage.open_window(on)
    return number, on


def test_the_reserve_of_a_plan_is_put_aside_once_with_how_it_came_about(stage: StabilityStage) -> None:
    assert queries.reserve(REGION) == {ASSET: stage.reserve_t()}
    assert queries.years_set_aside(REGION) == {YEAR}
    refused(StabilityRefusal.NOTHING_TO_SET_ASIDE, stage.set_aside)
    leaf = JournalLeaf.objects.get(kind="compliance.reserve.set_aside")
    assert f'"quantity_t":"{stage.reserve_t()}"' in str(leaf.payload)


def test_what_is_in_reserve_is_not_given_out(stage: StabilityStage) -> None:
    assert accounts.given_out_t("SHEA", YEAR) == 0
    assert stage.reserve_t() > 0


def test_a_year_without_plan_has_no_reserve_and_no_intervention(stage: StabilityStage) -> None:
    approval = stage.approved("compliance.set_aside", {"region": REGION, "year": 2027})
    refused(
        AllocationRefusal.NO_PLAN,
        lambda: compliance.set_aside(
            stage.officer, region=REGION, year=2027, approval=approval, key=stage.key(), now=stage.now
        ),
    )
    on = risen(stage)
    refused(AllocationRefusal.NO_PLAN, lambda: stage.decide(SALE, 1, on=on, year=2027))


def test_a_day_is_found_once_even_when_it_calls_for_nothing(stage: StabilityStage) -> None:
    on = stage.closes("0.2999")
    assert stage.find(on)["kind"] == PriceMove.CALM
    refused(StabilityRefusal.FINDING_EXISTS, lambda: stage.find(on))
    refused(StabilityRefusal.DAY_NOT_CLOSED, lambda: stage.find(on + timedelta(days=1)))
    (row,) = queries.findings(REGION)
    assert (row.kind, row.intervention, set(row.traces)) == (PriceMove.CALM, "", {"change"})


def test_a_rise_shows_price_quantity_and_that_the_thresholds_are_ours(stage: StabilityStage) -> None:
    risen(stage)
    (row,) = queries.findings(REGION)
    assert row.kind is PriceMove.RISE
    assert row.traces["price"].whole == 10_300
    assert row.traces["quantity"].whole == stage.reserve_t() // 10
    assert trace.statuses(row.traces["quantity"]) == ("scenario",)


def test_the_job_finds_every_new_day_and_settles_what_is_over(
    stage: StabilityStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, on = on_sale(stage)
    stage.subscribe("North Power", number, 10)
    stage.close_window(on)
    monkeypatch.setattr(journal, "now", lambda: stage.now)
    jobs.stabilise(0)
    jobs.stabilise(0)
    assert queries.intervention(number).moved_t == 10
    assert [row.on for row in queries.findings(REGION)] == [on]


def test_the_first_finding_is_of_the_latest_close_and_later_ones_leave_no_day_out(stage: StabilityStage) -> None:
    on = stage.closes("0")
    assert compliance.record_due_findings(region=REGION, now=stage.now) == 1
    stage.now += timedelta(days=1)
    later = stage.closes("0", days=3)
    assert compliance.record_due_findings(region=REGION, now=stage.now) == 3
    assert [row.on for row in queries.findings(REGION)] == [later - timedelta(days=back) for back in range(3)] + [on]


def test_nobody_decides_alone_or_otherwise_than_approved(stage: StabilityStage) -> None:
    on = risen(stage)
    number = stage.approved("compliance.set_aside", {"region": REGION, "year": YEAR})
    refused(
        ApprovalRefusal.KIND_DIFFERS,
        lambda: compliance.intervene(
            stage.officer,
            region=REGION,
            on=on,
            kind=SALE,
            year=YEAR,
            quantity_t=1,
            opens_at=stage.now,
            closes_at=stage.now + timedelta(hours=1),
            approval=number,
            key=stage.key(),
            now=stage.now,
        ),
    )
    refused(
        AccessRefusal.NOT_PERMITTED,
        lambda: compliance.record_finding(stage.cast["Exchange"], region=REGION, on=on, key=stage.key(), now=stage.now),
    )


def test_a_finding_leads_to_one_intervention(stage: StabilityStage) -> None:
    refused(StabilityRefusal.NO_SUCH_FINDING, lambda: stage.decide(SALE, 1, on=date(2026, 3, 1)))
    on = risen(stage)
    number = stage.decide(SALE, 1, on=on)["intervention"]
    with pytest.raises(Refused) as caught:
        stage.decide(SALE, 1, on=on)
    assert caught.value.code is StabilityRefusal.FINDING_USED
    assert caught.value.facts["intervention"] == number
    assert queries.findings(REGION)[0].intervention == number


def test_a_release_keeps_its_limits_the_reserve_and_the_total(stage: StabilityStage) -> None:
    on = risen(stage)
    single_t = stage.reserve_t() // 5
    refused(StabilityRefusal.ABOVE_SINGLE_LIMIT, lambda: stage.decide(SALE, single_t + 1, on=on))
    cap_t = queries.rules(REGION, YEAR, on).integer("allocation.cap_t")
    stage.issue("North Power", cap_t - single_t + 1)
    refused(AllocationRefusal.CAP_EXCEEDED, lambda: stage.decide(SALE, single_t, on=on))
    stage.decide(SALE, single_t - 1, on=on)


def test_a_reserve_of_another_year_is_not_sold_for_this_one(stage: StabilityStage) -> None:

    reserve, end = (accounts.system_account(REGION, one) for one in (AccountType.RESERVE, AccountType.CANCELLATION))
    everything = stage.reserve_t()
    on = risen(stage)
    leg = Leg(reserve, end, ASSET, everything)
    registry.post([registry.TransferDraft(TransferType.CANCEL, (leg,), "P-1", "P-2")], now=stage.now)
    stage.issue("North Power", everything)
    recall = Leg(stage.account("North Power", HOLDING), reserve, FREE.code, everything)
    registry.post([registry.TransferDraft(TransferType.RECALL, (recall,), "P-1", "P-2")], now=stage.now)
    refused(StabilityRefusal.RESERVE_TOO_SMALL, lambda: stage.decide(SALE, 1, on=on))


def test_a_sale_delivers_against_payment_and_sets_the_rest_free(stage: StabilityStage) -> None:
    before_t = stage.reserve_t()
    number, on = on_sale(stage)
    first = stage.subscribe("North Power", number, 200)
    stage.subscribe("Red River Steel", number, 150)
    taken_back = stage.subscribe("East Chemicals", number, 30)
    compliance.withdraw_request(stage.cast["East Chemicals"], request=taken_back, key=stage.key(), now=stage.now)
    assert stage.has("North Power", CASH, "CNY") == (RICH_FEN, 200 * 10_300)
    stage.close_window(on)
    answer = stage.settle(number)
    assert (answer["moved_t"], answer["paid_fen"]) == (350, 350 * 10_300)
    assert stage.has("North Power", HOLDING, ASSET) == (200, 0)
    assert stage.has("North Power", CASH, "CNY") == (RICH_FEN - 200 * 10_300, 0)
    assert stage.has("East Chemicals", CASH, "CNY") == (RICH_FEN, 0)
    assert stage.reserve_t() == before_t - 350
    assert stage.system(AccountType.TREASURY, "CNY") == 350 * 10_300
    rows = queries.requests_of(number)
    assert (rows[0].number, rows[0].state, rows[-1].state) == (first, RequestState.SERVED, RequestState.WITHDRAWN)
    assert [row.number for row in queries.requests_of(number, stage.cast["North Power"].organisation)] == [first]


def test_a_sale_asked_out_cuts_everybody_in_proportion(stage: StabilityStage) -> None:
    number, on = on_sale(stage, 10)
    for name in ("North Power", "Red River Steel", "East Chemicals"):
        stage.subscribe(name, number, 2)
    # A fifth each is never too much for three buyers, so what cuts them is what else left the reserve meanwhile.
    reserve, end = (accounts.system_account(REGION, one) for one in (AccountType.RESERVE, AccountType.CANCELLATION))
    leg = Leg(reserve, end, ASSET, stage.reserve_t() - 5)
    registry.post([registry.TransferDraft(TransferType.CANCEL, (leg,), "P-1", "P-2")], now=stage.now)
    stage.close_window(on)
    assert stage.settle(number)["moved_t"] == 5
    assert [row.served_t for row in queries.requests_of(number)] == [2, 2, 1]
    assert [row.state for row in queries.requests_of(number)][-1] is RequestState.PARTLY_SERVED
    assert stage.has("East Chemicals", CASH, "CNY") == (RICH_FEN - 10_300, 0)


def test_requests_keep_window_kind_limit_and_money(stage: StabilityStage) -> None:
    number, on = on_sale(stage)
    refused(StabilityRefusal.ABOVE_BUYER_LIMIT, lambda: stage.subscribe("North Power", number, 201))
    stage.subscribe("North Power", number, 150)
    refused(StabilityRefusal.ABOVE_BUYER_LIMIT, lambda: stage.subscribe("North Power", number, 51))
    refused(StabilityRefusal.NOT_ADMITTED, lambda: stage.subscribe("Lotus Capital", number, 1))
    refused(AccessRefusal.NOT_PERMITTED, lambda: stage.subscribe("Authority", number, 1))
    refused(StabilityRefusal.NO_SUCH_INTERVENTION, lambda: stage.subscribe("North Power", "SHEA-I999", 1))
    refused(
        StabilityRefusal.OTHER_INTERVENTION,
        lambda: stage.offer_back("North Power", number, 1, 1, asset=FREE.code),
    )
    with pytest.raises(ValueError, match="positive"):
        stage.subscribe("North Power", number, 0)
    stage.close_window(on)
    refused(StabilityRefusal.NOT_OPEN_NOW, lambda: stage.subscribe("North Power", number, 1))


def test_who_has_no_money_reserves_nothing(stage: StabilityStage) -> None:
    number, _ = on_sale(stage)
    stage.subscribe("North Power", number, 1)

    bank = accounts.system_account(REGION, AccountType.BANK)
    leg = Leg(stage.account("East Chemicals", CASH), bank, "CNY", RICH_FEN)
    registry.post([registry.TransferDraft(TransferType.CASH_OUT, (leg,), "P-1")], now=stage.now)
    refused(LedgerRefusal.INSUFFICIENT_FREE, lambda: stage.subscribe("East Chemicals", number, 1))


def test_a_request_is_withdrawn_by_its_owner_in_the_window_and_once(stage: StabilityStage) -> None:
    number, on = on_sale(stage)
    request = stage.subscribe("North Power", number, 1)

    def withdraw(name: str) -> object:
        return compliance.withdraw_request(stage.cast[name], request=request, key=stage.key(), now=stage.now)

    refused(StabilityRefusal.NO_SUCH_REQUEST, lambda: withdraw("Red River Steel"))
    withdraw("North Power")
    refused(StabilityRefusal.REQUEST_DECIDED, lambda: withdraw("North Power"))
    stage.close_window(on)
    refused(StabilityRefusal.NOT_OPEN_NOW, lambda: withdraw("North Power"))


def test_an_intervention_is_settled_after_its_window_and_once(stage: StabilityStage) -> None:
    number, on = on_sale(stage)
    refused(StabilityRefusal.STILL_OPEN, lambda: stage.settle(number))
    stage.close_window(on)
    assert stage.settle(number)["moved_t"] == 0
    refused(StabilityRefusal.ALREADY_SETTLED, lambda: stage.settle(number))


def test_a_buy_back_takes_the_cheapest_first_at_their_own_price(stage: StabilityStage) -> None:
    number, on = wanted_back(stage)
    limit_fen = queries.intervention(number).price.whole
    assert limit_fen == 9_700
    stage.issue("Red River Steel", 100)
    stage.issue("North Power", 100)
    before_t = stage.reserve_t()
    stage.offer_back("Red River Steel", number, 80, limit_fen, asset=FREE.code)
    stage.offer_back("North Power", number, 60, 9_000, asset=FREE.code)
    assert stage.has("North Power", HOLDING, FREE.code) == (100, 60)
    refused(
        StabilityRefusal.ABOVE_PRICE,
        lambda: stage.offer_back("North Power", number, 1, limit_fen + 1, asset=FREE.code),
    )
    stage.issue("North Power", 5, OWN)
    refused(StabilityRefusal.NOT_ACCEPTED, lambda: stage.offer_back("North Power", number, 1, 1, asset=OWN.code))
    refused(StabilityRefusal.OTHER_INTERVENTION, lambda: stage.subscribe("North Power", number, 1))
    _fill_treasury(stage, 60 * 9_000 + 40 * limit_fen)
    stage.close_window(on)
    answer = stage.settle(number)
    assert (answer["moved_t"], answer["paid_fen"]) == (100, 60 * 9_000 + 40 * limit_fen)
    assert stage.has("North Power", HOLDING, FREE.code) == (40, 0)
    assert stage.has("Red River Steel", HOLDING, FREE.code) == (60, 0)
    assert stage.has("North Power", CASH, "CNY")[0] == RICH_FEN + 60 * 9_000
    assert stage.reserve_t() == before_t + 100
    assert stage.system(AccountType.TREASURY, "CNY") == 0


def test_a_buy_back_spends_no_more_than_the_treasury_has(stage: StabilityStage) -> None:
    number, on = wanted_back(stage)
    stage.issue("North Power", 100)
    stage.offer_back("North Power", number, 60, 9_000, asset=FREE.code)
    _fill_treasury(stage, 10 * 9_000 + 8_999)
    stage.close_window(on)
    assert stage.settle(number)["moved_t"] == 10
    assert stage.has("North Power", HOLDING, FREE.code) == (90, 0)


def test_what_a_court_took_is_not_bought_back(stage: StabilityStage) -> None:

    number, on = wanted_back(stage)
    stage.issue("North Power", 100)
    stage.offer_back("North Power", number, 60, 9_000, asset=FREE.code)
    Hold.objects.filter(reason="BID").update(state="OVERRIDDEN", remaining=0)
    _fill_treasury(stage, 10**6)
    stage.close_window(on)
    assert stage.settle(number)["moved_t"] == 0
    assert [row.state for row in queries.requests_of(number)] == [RequestState.UNSERVED]


def _fill_treasury(stage: StabilityStage, amount_fen: int) -> None:

    bank, treasury = (accounts.system_account(REGION, one) for one in (AccountType.BANK, AccountType.TREASURY))
    leg = Leg(bank, treasury, "CNY", amount_fen)
    registry.post([registry.TransferDraft(TransferType.OPENING_ENTRY, (leg,), "P-1", "P-2")], now=stage.now)
