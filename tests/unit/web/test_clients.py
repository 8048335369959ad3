"""Pages and operations of members that act for clients."""

from datetime import date, time

import pytest
from tests.unit.web import program as programs
from tests.unit.web.program import told
from tests.unit.web.town import LOTUS, NORTH_POWER, RED_RIVER, REGION, Town

from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.journal import services as journal
from tonnebook.market import models
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

NOW = periods.instant(date(2027, 6, 10), time(10))
_ORDER = {"instrument": "SHEA", "side": "BUY", "price_fen_per_t": 7500, "quantity_t": 10, "shown_total_fen": 75_060}


@pytest.fixture
def agreed(town: Town) -> Town:
    """Two companies are clients of Lotus Capital, and have money."""
    journal.set_clock(at=NOW)
    for uscc in (RED_RIVER, NORTH_POWER):
        source = accounts.system_account(REGION, AccountType.BANK)
        leg = Leg(source, accounts.account_of(uscc, AccountType.CLIENT_CASH), "CNY", 10_000_000)
        registry.post([registry.TransferDraft(TransferType.CASH_IN, (leg,), "P-1", subject=f"b-{uscc}")], now=NOW)
        terms = {"asked_by": "P-1", "asked_at": NOW, "agreed_at": NOW}
        models.Client.objects.create(region=REGION, member=LOTUS, client=uscc, state="AGREED", **terms)
    return town


def test_a_program_places_orders_for_each_client_under_one_key(agreed: Town) -> None:
    program = programs.program_of(agreed, "lotus")
    for client in (RED_RIVER, NORTH_POWER, RED_RIVER):
        assert program.send("POST", "/orders", _ORDER | {"client": client}, key="same").status_code == 200
    owners = models.Order.objects.order_by("id").values_list("organisation", flat=True)
    assert list(owners) == [RED_RIVER, NORTH_POWER]
    assert told(program.get("/orders"))["count"] == 0
    (order,) = told(program.get("/orders", f"client={RED_RIVER}"))["rows"]
    answer = program.get(f"/orders/{order['number']}", f"client={RED_RIVER}")
    assert answer.status_code == 200
    assert program.get(f"/orders/{order['number']}").status_code == 404


def test_a_batch_for_a_client_is_looked_up_with_its_name(agreed: Town) -> None:
    program = programs.program_of(agreed, "lotus")
    batch = {"region": REGION, "client": RED_RIVER, "instructions": [{"kind": "PLACE", **_ORDER}]}
    sent = told(program.send("POST", "/orders/batch", batch))
    assert sent["answers"][0]["state"] == "OPEN"
    assert program.get(f"/orders/commands/{sent['command']}", f"client={RED_RIVER}").status_code == 200
    assert program.get(f"/orders/commands/{sent['command']}").status_code == 404


def test_no_program_places_orders_for_who_is_not_its_client(agreed: Town) -> None:
    program = programs.program_of(agreed, "north")
    answer = program.send("POST", "/orders", _ORDER | {"client": RED_RIVER})
    assert (answer.status_code, told(answer)["code"]) == (404, "NO_SUCH_CLIENT")
    assert models.Order.objects.count() == 0


def test_a_member_sees_its_clients_and_their_books_and_others_see_neither(agreed: Town) -> None:
    page = agreed.browser("lotus").get("/market/clients").content.decode()
    assert RED_RIVER in page
    assert NORTH_POWER in page
    assert NORTH_POWER not in agreed.browser("red").get("/market/clients").content.decode()
    assert agreed.browser("lotus").get(f"/market/clients/{RED_RIVER}").status_code == 200
    assert agreed.browser("north").get(f"/market/clients/{RED_RIVER}").status_code == 404


def test_a_client_agrees_and_ends_on_its_page(town: Town) -> None:
    terms = {"asked_by": "P-1", "asked_at": NOW}
    models.Client.objects.create(region=REGION, member=LOTUS, client=RED_RIVER, state="ASKED", **terms)
    red = town.browser("red")
    assert "Agree" in red.get("/market/clients").content.decode()
    assert red.post(f"/market/clients/{LOTUS}/agree").status_code == 302
    assert models.Client.objects.get().state == "AGREED"
    assert red.post(f"/market/clients/{LOTUS}/end").status_code == 302
    assert models.Client.objects.get().state == "ENDED"
    answer = red.post(f"/market/clients/{LOTUS}/agree", follow=True)
    assert "nothing between" in answer.content.decode()


def test_a_company_that_asks_is_told_why_it_cannot(town: Town) -> None:
    answer = town.browser("red").post("/market/clients", {"client": NORTH_POWER})
    assert answer.status_code == 403
    assert "Only institutions act for clients" in answer.content.decode()
