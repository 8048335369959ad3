"""Opening the market of a region."""

from dataclasses import replace

import pytest
from tests.market_stage import REGION, Stage

from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal
from tonnebook.market import queries
from tonnebook.market import services as market


def open_market(stage: Stage, region: str) -> object:
    staff = replace(stage.cast["Exchange"], region=region)
    return market.open_instruments(staff, region=region, key=stage.key(), now=stage.now)["instruments"]


def test_a_region_trades_its_allowances_and_its_credits_from_their_reference_prices(stage: Stage) -> None:
    rows = queries.instruments(REGION)
    assert [(row.code, row.kind, row.previous_close_fen_per_t) for row in rows] == [
        ("SHEA", "ALLOWANCE", 7400),
        ("SHCER", "CREDIT", 6800),
    ]


def test_opening_twice_changes_nothing(stage: Stage) -> None:
    assert open_market(stage, REGION) == ["SHCER", "SHEA"]
    assert len(queries.instruments(REGION)) == 2


def test_credits_that_trade_elsewhere_are_not_opened(stage: Stage) -> None:
    assert open_market(stage, "national") == ["CEA"]


def test_only_exchange_staff_open_a_market(stage: Stage) -> None:
    with pytest.raises(Refused) as caught:
        market.open_instruments(stage.cast["Authority"], region="tianjin", key=stage.key(), now=stage.now)
    assert caught.value.code is AccessRefusal.NOT_PERMITTED
