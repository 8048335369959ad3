"""The page and the API of the board of surplus and shortfall: what strangers read, and the way to a deal."""

import pytest
from django.test import Client
from tests.unit.market.test_deal_pages import TRADING_DAY, town
from tests.unit.web import program as programs
from tests.unit.web.town import NORTH_POWER, Town

from tonnebook.core.api_keys import Scope

__all__ = ["town"]

SURPLUS = {"side": "SELL", "quantity_t": "100000", "vintage": "2026", "until_on": str(TRADING_DAY)}


def give(browser: Client, audience: str = "PUBLIC") -> str:
    answer = browser.post("/market/surplus/SHEA", {**SURPLUS, "audience": audience}, follow=True)
    text = answer.content.decode()
    assert "It stands on the board" in text
    return str(
        next(row.number for _, rows in answer.context["sides"] for row in rows if row.organisation == NORTH_POWER)
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_strangers_read_quantities_and_no_name(town: Town, language: str) -> None:
    number = give(town.browser("north"))
    text = town.browser(language=language).get("/market/surplus").content.decode()
    assert number in text
    assert NORTH_POWER not in text
    assert 'name="until_on"' not in text
    assert NORTH_POWER in town.browser("red").get("/market/surplus").content.decode()


def test_what_is_for_traders_is_shown_to_nobody_else(town: Town) -> None:
    number = give(town.browser("north"), "MEMBERS")
    assert number not in town.browser().get("/market/surplus").content.decode()
    assert number not in town.browser("zhou").get("/market/surplus").content.decode()
    assert number in town.browser("red").get("/market/surplus").content.decode()


def test_the_board_leads_to_a_proposal_to_who_gave_it(town: Town) -> None:
    number, red = give(town.browser("north")), town.browser("red")
    assert f"indication={number}" in red.get("/market/surplus").content.decode()
    form = red.get(f"/market/blocks?instrument=SHEA&indication={number}").context["form"]
    assert (form["counterparty"].value(), form["side"].value(), form["quantity_t"].value()) == (
        NORTH_POWER,
        "BUY",
        100_000,
    )
    ticket = {"side": "BUY", "price": "75.00", "quantity_t": "100000", "indication": number}
    total = red.post("/market/blocks/SHEA/proposals", ticket).context["total"].whole
    answer = red.post("/market/blocks/SHEA/proposals", {**ticket, "shown_total_fen": str(total)}, follow=True)
    assert answer.context["deal"].counterparty == NORTH_POWER


def test_an_indication_is_refused_beside_its_field_and_withdrawn(town: Town) -> None:
    north = town.browser("north")
    number = give(north)
    again = north.post("/market/surplus/SHEA", {**SURPLUS, "audience": "PUBLIC"})
    assert again.status_code == 409
    assert "INDICATION_STANDS" in again.content.decode()
    assert north.post("/market/surplus/SHEA", {**SURPLUS, "audience": "NOBODY"}).status_code == 422
    assert "off the board" in north.post(f"/market/indications/{number}/withdraw", follow=True).content.decode()


def test_programs_declare_read_and_withdraw(town: Town) -> None:
    north = programs.program_of(town, "north", Scope.READ_ORDERS, Scope.WRITE_ORDERS)
    body = {"instrument": "SHEA", "side": "SELL", "quantity_t": 500, "until_on": str(TRADING_DAY), "audience": "PUBLIC"}
    number = programs.told(north.send("POST", "/indications", body, key="i-1"))["indication"]
    (row,) = programs.told(north.get("/indications", "instrument=SHEA"))
    assert (row["number"], row["organisation"]) == (number, NORTH_POWER)
    (public,) = programs.told(town.browser().get("/api/v1/instruments/SHEA/indications"))
    assert (public["quantity_t"], "organisation" in public) == (500, False)
    assert programs.told(north.send("DELETE", f"/indications/{number}", key="i-2"))["indication"] == number
