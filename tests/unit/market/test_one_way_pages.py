"""The pages and the API of one-way auctions: from a lot to its result, and who reads what."""

from datetime import time

import pytest
from tests.unit.market.test_deal_pages import TRADING_DAY, at, town
from tests.unit.web import program as programs
from tests.unit.web.town import NORTH_POWER, RED_RIVER, Town

from tonnebook import rulebook
from tonnebook.core import one_way, periods
from tonnebook.core.api_keys import Scope
from tonnebook.journal import services as journal
from tonnebook.market import queries

__all__ = ["town"]

LOT = {"asset": "SHEA-2026", "quantity_t": "100000", "floor_drop": "0.10", "pricing": "PAY_AS_BID"}


@pytest.fixture(autouse=True)
def national(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules of the national market here, which are the only ones that know one-way auctions."""
    terms = one_way.terms(rulebook.at("national", on=TRADING_DAY))
    monkeypatch.setattr(one_way, "has", lambda _: True)
    monkeypatch.setattr(one_way, "terms", lambda _: terms)


def offer(town: Town) -> str:
    answer = town.browser("north").post("/market/one-way/SHEA/offer", LOT, follow=True)
    assert "Your lot is offered" in answer.content.decode()
    return str(answer.context["sale"].number)


def announce(town: Town, sale: str, *, opens: str = "14:40", closes: str = "14:50") -> str:
    window = {"opens_at": f"{TRADING_DAY}T{opens}", "closes_at": f"{TRADING_DAY}T{closes}"}
    return town.browser("bell").post(f"/market/one-way/{sale}/announce", window, follow=True).content.decode()


def test_a_lot_is_offered_announced_bid_for_and_cleared(town: Town) -> None:
    sale = offer(town)
    assert town.browser().get(f"/market/one-way/{sale}").status_code == 404
    assert NORTH_POWER in town.browser("bell").get("/market/one-way").content.decode()
    assert "announced" in announce(town, sale)
    journal.set_clock(at=at(14, 40))
    address, red = f"/market/one-way/{sale}/bids", town.browser("red")
    total = red.post(address, {"price": "75", "quantity_t": "60000"}).context["total"].whole
    bid = {"price": "75", "quantity_t": "60000", "shown_total_fen": str(total)}
    assert "Your bid stands" in red.post(address, bid, follow=True).content.decode()
    assert "75.00" not in town.browser("lotus").get(f"/market/one-way/{sale}").content.decode()
    journal.set_clock(at=at(14, 50))
    done = town.browser("bell").post(f"/market/one-way/{sale}/clear", follow=True).content.decode()
    assert "The auction is cleared" in done
    public = town.browser().get(f"/market/one-way/{sale}").content.decode()
    assert "75.00" in public
    assert "60,000" in public
    assert NORTH_POWER not in public
    assert RED_RIVER not in public


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_reads_the_list_and_nobody_else_the_forms(town: Town, language: str) -> None:
    announce(town, offer(town))
    text = town.browser(language=language).get("/market/one-way").content.decode()
    assert "SHEA-S" in text
    assert "<form" not in text.split("<main")[1]


def test_what_is_refused_stands_beside_its_field(town: Town) -> None:
    small = town.browser("north").post("/market/one-way/SHEA/offer", {**LOT, "quantity_t": "99999"})
    assert (small.status_code, "QUANTITY_BELOW_SALE_MIN" in small.content.decode()) == (409, True)
    sale = offer(town)
    assert "WINDOW_OUTSIDE_DAY" in announce(town, sale, closes="15:01")
    announce(town, sale)
    journal.set_clock(at=at(14, 40))
    red, address = town.browser("red"), f"/market/one-way/{sale}/bids"
    total = red.post(address, {"price": "200", "quantity_t": "10"}).context["total"].whole
    dear = red.post(address, {"price": "200", "quantity_t": "10", "shown_total_fen": str(total)})
    assert "BID_OUTSIDE_LIMITS" in dear.content.decode()


def test_a_lot_is_declined_with_a_reason_or_withdrawn(town: Town) -> None:
    declined, withdrawn = offer(town), offer(town)
    bell, north = town.browser("bell"), town.browser("north")
    assert bell.post(f"/market/one-way/{declined}/decline").status_code == 422
    bell.post(f"/market/one-way/{declined}/decline", {"reason": "papers missing"})
    assert "papers missing" in north.get(f"/market/one-way/{declined}").content.decode()
    assert "withdrawn" in north.post(f"/market/one-way/{withdrawn}/withdraw", follow=True).content.decode()


def test_programs_offer_bid_and_read_the_result(town: Town) -> None:
    north, red = (programs.program_of(town, name, Scope.READ_ORDERS, Scope.WRITE_ORDERS) for name in ("north", "red"))
    body = {**LOT, "instrument": "SHEA", "quantity_t": 100_000}
    first, sale = (str(programs.told(north.send("POST", "/sales", body, key=f"s-{one}"))["sale"]) for one in range(2))
    assert programs.told(north.send("DELETE", f"/sales/{first}", key="w-1")) == {"sale": first}
    announce(town, sale)
    journal.set_clock(at=at(14, 40))
    price = {"price_fen_per_t": 7500, "quantity_t": 100, "shown_total_fen": 750_600}
    number = programs.told(red.send("POST", f"/sales/{sale}/bids", price, key="b-1"))["bid"]
    assert [row["number"] for row in programs.told(red.get(f"/sales/{sale}/bids"))] == [number]
    assert programs.told(north.get(f"/sales/{sale}/bids")) == []
    journal.set_clock(at=periods.instant(TRADING_DAY, time(14, 50)))
    town.browser("bell").post(f"/market/one-way/{sale}/clear")
    (row,) = programs.told(town.browser().get("/api/v1/sales?region=shanghai"))
    assert (row["number"], row["sold_t"], "organisation" in row) == (sale, 100, False)
    (award,) = programs.told(town.browser().get(f"/api/v1/sales/{sale}/awards"))
    assert award == {"price_fen_per_t": 7500, "quantity_t": 100}
    assert queries.sale(sale).bids == 1
