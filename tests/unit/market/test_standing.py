"""Standings on the database: affiliates are one, the barred are refused, and nobody buys beyond the limit."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.market_stage import CREDIT, FREE, REGION, Stage
from tests.unit.market.test_amendments import amend
from tests.unit.market.test_orders import refused

from tonnebook.core.barred import BarRefusal
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.errors import Refused
from tonnebook.core.roles import SYSTEM
from tonnebook.core.standing import Standing, Use
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market import services as market
from tonnebook.market.services import standing
from tonnebook.members import services as members
from tonnebook.members.services import controllers

BUY, SELL = Side.BUY, Side.SELL
HOLDING_COMPANY = "91310000MA1FL99990"


def standing_of(stage: Stage, name: str) -> Standing:
    uscc = stage.cast[name].organisation
    return standing.standings(REGION, [uscc], now=stage.now)[uscc]


def tie(stage: Stage, name: str, controller: str) -> None:
    controllers.enter_controller(
        SYSTEM, organisation=stage.cast[name].organisation, controller=controller, key=stage.key(), now=stage.now
    )


def test_open_buy_orders_and_holdings_of_affiliates_count_together(stage: Stage) -> None:
    tie(stage, "East Chemicals", stage.cast["North Power"].organisation)
    stage.issue("North Power", 60_000)
    stage.issue("East Chemicals", 50_000)
    stage.fund("East Chemicals", 10_000_000)
    stage.order("East Chemicals", BUY, 7500, 400)
    # Together they were given more than 100,000 t, so the limit is that of a medium entity.
    assert standing_of(stage, "North Power").use == Use(3_000_000, 110_400)
    assert standing_of(stage, "East Chemicals").use == Use(3_000_000, 110_400)
    assert standing_of(stage, "Red River Steel").use == Use(1_000_000, 0)
    assert standing_of(stage, "Lotus Capital").use == Use(3_000_000, 0)


def test_a_buyer_reaches_the_limit_and_does_not_pass_it(stage: Stage) -> None:
    stage.issue("Red River Steel", 100_000)
    stage.issue("North Power", 950_000)
    stage.fund("Red River Steel", 10_000_000_000)
    for quantity_t in [99_000] * 9 + [8_900]:
        stage.order("North Power", SELL, 7400, quantity_t)
        stage.order("Red River Steel", BUY, 7400, quantity_t)
    assert standing_of(stage, "Red River Steel").headroom_t == 100
    with pytest.raises(Refused) as refused:
        stage.order("Red River Steel", BUY, 7400, 101)
    assert refused.value.code is MarketRefusal.ABOVE_HOLDING_LIMIT
    assert refused.value.facts == {"headroom": 100, "quantity": 101}
    stage.order("Red River Steel", BUY, 7400, 100)
    assert standing_of(stage, "Red River Steel").headroom_t == 0
    stage.order("Red River Steel", SELL, 7500, 100)  # selling is not limited


def test_what_an_amended_order_has_bought_already_is_not_counted_twice(stage: Stage) -> None:
    stage.issue("Red River Steel", 100_000)
    stage.issue("North Power", 990_000)
    stage.fund("Red River Steel", 10_000_000_000)
    limit_t = standing_of(stage, "Red River Steel").headroom_t
    assert limit_t is not None
    for _ in range((limit_t - 100) // 99_000):
        stage.order("North Power", SELL, 7400, 99_000)
        stage.order("Red River Steel", BUY, 7400, 99_000)
    left_t = standing_of(stage, "Red River Steel").headroom_t
    assert left_t is not None
    order = stage.order("Red River Steel", BUY, 7300, left_t)["order"]
    stage.order("North Power", SELL, 7300, 40)
    with pytest.raises(Refused) as refused:
        amend(stage, "Red River Steel", order, 7310, left_t + 1)
    assert refused.value.code is MarketRefusal.ABOVE_HOLDING_LIMIT
    assert amend(stage, "Red River Steel", order, 7310, left_t)["filled_t"] == 40


def test_credits_have_no_holding_limit(stage: Stage) -> None:
    stage.issue("Red River Steel", 5_000_000)
    stage.issue("Reed Wetland", 10, CREDIT)
    stage.fund("Red River Steel", 10_000_000)
    stage.order("Reed Wetland", SELL, 6800, 10, asset=CREDIT.code, instrument="SHCER")
    with pytest.raises(Refused) as refused:
        stage.order("Red River Steel", BUY, 7400, 1)
    assert refused.value.code is MarketRefusal.ABOVE_HOLDING_LIMIT
    assert stage.order("Red River Steel", BUY, 6800, 10, instrument="SHCER")["state"] == "FILLED"


@pytest.mark.parametrize("ties", [("holding", "holding"), ("holding", "sister")])
def test_affiliates_never_trade_with_each_other(stage: Stage, ties: tuple[str, str]) -> None:
    codes = {"holding": HOLDING_COMPANY, "sister": stage.cast["North Power"].organisation}
    tie(stage, "North Power", codes[ties[0]])
    tie(stage, "East Chemicals", codes[ties[1]])
    stage.issue("North Power", 1_000)
    stage.fund("East Chemicals", 10_000_000)
    stage.order("North Power", SELL, 7400, 100)
    met = stage.order("East Chemicals", BUY, 7400, 60)
    assert (met["state"], met["cancelled_t"], met["trades"]) == ("CANCELLED", 60, [])
    assert stage.units("North Power", FREE.code) == (1_000, 100)


def test_affiliation_ends_with_control(stage: Stage) -> None:
    tie(stage, "East Chemicals", stage.cast["North Power"].organisation)
    stage.issue("North Power", 1_000)
    stage.fund("East Chemicals", 10_000_000)
    organisation = stage.cast["East Chemicals"].organisation
    controllers.end_controller(SYSTEM, organisation=organisation, key=stage.key(), now=stage.now)
    stage.order("North Power", SELL, 7400, 100)
    assert stage.order("East Chemicals", BUY, 7400, 60)["state"] == "FILLED"


def test_the_barred_by_name_and_by_kind_are_refused_and_others_not(stage: Stage) -> None:
    trader = stage.cast["Red River Steel"].organisation
    members.bar_from_trading(SYSTEM, subject=trader, ground="works for the exchange", key=stage.key(), now=stage.now)
    exchange = stage.cast["Exchange"].organisation
    found = standing.standings(REGION, [trader, exchange, stage.cast["North Power"].organisation], now=stage.now)
    codes = [one.refusal and one.refusal.code for one in found.values()]
    assert codes == [BarRefusal.BARRED_BY_NAME, BarRefusal.BARRED_KIND, None]
    laid_out = standing.columns(REGION, found, now=stage.now)
    assert laid_out.is_refused.tolist() == [True, True, False]


def test_the_number_of_queries_does_not_depend_on_how_many_are_asked_about(stage: Stage) -> None:
    everybody = [actor.organisation for actor in stage.cast.values()]
    counts = set()
    for some in (everybody[:1], everybody):
        with CaptureQueriesContext(connection) as captured:
            standing.standings(REGION, some, now=stage.now)
        counts.add(len(captured))
    assert len(counts) == 1


def test_a_large_holder_reports_what_its_group_holds_and_others_cannot(stage: Stage) -> None:
    tie(stage, "East Chemicals", stage.cast["North Power"].organisation)
    stage.issue("North Power", 4_000_000)
    now, region = stage.now, REGION

    def report(name: str) -> Answer:
        return market.report_holding(stage.cast[name], purpose="hedging", key=stage.key(), now=now)

    told = report("East Chemicals")
    assert (told["used_t"], told["limit_t"]) == (4_000_000, 5_000_000)
    refused(SupervisionRefusal.NO_REPORT_DUE, lambda: report("Lotus Capital"))
    (row,) = queries.holding_reports(region)
    assert (row.organisation, row.purpose) == (stage.cast["East Chemicals"].organisation, "hedging")
    assert queries.holding_reports(region, stage.cast["North Power"].organisation) == ()
    with tenancy.acting(tenancy.scope_of(stage.cast["Lotus Capital"])):
        assert queries.holding_reports(region) == ()


def test_a_group_reports_from_the_share_of_its_limit_on(stage: Stage) -> None:
    tie(stage, "East Chemicals", stage.cast["North Power"].organisation)
    stage.issue("North Power", 2_399_999)
    assert [one.use.used_t for one in standing.large_holders(REGION, now=stage.now)] == []
    stage.issue("East Chemicals", 1_600_001)
    (holder,) = standing.large_holders(REGION, now=stage.now)
    assert holder.use == Use(5_000_000, 4_000_000)
    assert set(holder.organisations) == {stage.cast[name].organisation for name in ("North Power", "East Chemicals")}
