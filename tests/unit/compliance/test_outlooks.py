"""Units that an entity has and cannot use: set aside by reason, lent and not come back; and how it came by the rest."""

from django.db import transaction
from tests.unit.compliance.stage import NEXT_SUMMER, NORTH_POWER, OWN, RED_RIVER, SPRING, YEAR, ZHOU, Stage

from tonnebook.compliance import queries
from tonnebook.core.ledger import HoldReason, Leg, Title, TransferType
from tonnebook.registry import services as registry

TODAY = NEXT_SUMMER.date()


def _move(stage: Stage, type_: TransferType, debit: str, credit: str, quantity_t: int) -> None:
    leg = Leg(stage.accounts[debit], stage.accounts[credit], "SHEA-2026", quantity_t)
    with transaction.atomic():
        registry.post([registry.TransferDraft(type_, (leg,), ZHOU.person)], now=SPRING)


def test_what_is_lent_and_has_not_come_back_is_at_risk(stage: Stage) -> None:
    stage.first_batch()
    _move(stage, TransferType.LEND, RED_RIVER, NORTH_POWER, 500)
    _move(stage, TransferType.RETURN_LOAN, NORTH_POWER, RED_RIVER, 200)
    account, reason = stage.accounts[RED_RIVER], HoldReason.COURT
    with transaction.atomic():
        registry.place_holds(
            [registry.HoldDraft(account, "SHEA-2026", 40, reason, "ORDER-1", owner="COURT")], now=SPRING
        )
    places = queries.positions([RED_RIVER, NORTH_POWER], region="shanghai", year=YEAR, today=TODAY)
    risks = queries.units_at_risk(places)
    assert (risks[RED_RIVER].lent_t, risks[RED_RIVER].by_reason) == (300, ((HoldReason.COURT, 40),))
    assert (risks[NORTH_POWER].lent_t, risks[NORTH_POWER].total_t) == (0, 0)


def test_units_in_the_trading_account_count_and_are_named(stage: Stage) -> None:
    stage.first_batch()
    before = queries.position(RED_RIVER, YEAR, TODAY).gap_t
    stage.keep_in_trading(RED_RIVER, 1_000)
    place = queries.position(RED_RIVER, YEAR, TODAY)
    assert place.gap_t == before
    assert {driver.value: one.whole for driver, one in place.outlook.drivers}["IN_TRADING"] == 1_000


def test_holdings_stand_by_how_they_were_acquired(stage: Stage) -> None:
    stage.first_batch()
    stage.give(RED_RIVER, OWN, 30)
    assert queries.holdings_by_title(RED_RIVER, on=TODAY) == {Title.ALLOCATED_FREE: 70_000, Title.OPENING: 30}
