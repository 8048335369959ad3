"""A member trades for a client on the pages of the market: with the client's money and units, while it agrees."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from tests.unit.market import test_views
from tests.unit.market.test_views import BUY, SELL, at
from tests.unit.web.town import LOTUS, NORTH_POWER, RED_RIVER, Town

from tonnebook.core.clients import ClientRefusal
from tonnebook.core.roles import Actor, Role
from tonnebook.market import services
from tonnebook.market.models import Order

FORM = "application/x-www-form-urlencoded"
FOR_RED = f"?client={RED_RIVER}"
town = test_views.town


@pytest.fixture
def agreed(town: Town) -> Town:
    services.ask_client(head(town, "lotus"), client=RED_RIVER, key="ask", now=at(9))
    services.agree_client(head(town, "red"), member=LOTUS, key="agree", now=at(9))
    return town


def head(town: Town, name: str) -> Actor:
    """Whoever represents an organisation and trades for it."""
    return replace(town.actor(name), roles=frozenset({Role.REPRESENTATIVE, Role.TRADER}))


def place(town: Town, ticket: dict[str, str]) -> str:
    """Send a ticket for the client: counted up, then confirmed."""
    browser, address = town.browser("lotus"), f"/market/SHEA/orders{FOR_RED}"
    shown = browser.post(address, ticket)
    assert f'action="{address}"' in shown.content.decode()
    assert RED_RIVER in shown.content.decode()
    answer = browser.post(address, {**ticket, "shown_total_fen": str(shown.context["total"].whole)})
    assert answer.status_code == 200
    return str(answer.context["answer"]["order"])


@pytest.mark.parametrize("ticket", [BUY, SELL], ids=["with its money", "with its units"])
def test_a_member_places_and_withdraws_an_order_of_its_client(agreed: Town, ticket: dict[str, str]) -> None:
    number, browser = place(agreed, ticket), agreed.browser("lotus")
    order = Order.objects.get(number=number)
    assert (order.organisation, order.person) == (RED_RIVER, agreed.actor("lotus").person)
    withdraw = f"/market/orders/{number}/cancel"
    page = browser.get(f"/market/{FOR_RED}").content.decode()
    assert f'action="{withdraw}{FOR_RED}"' in page
    assert f'hx-get="/market/SHEA/board{FOR_RED}"' in page
    assert withdraw not in browser.get("/market/").content.decode()
    assert number not in browser.get("/market/SHEA/board").content.decode()
    assert browser.post(withdraw).status_code == 404
    answer = browser.post(withdraw + FOR_RED)
    assert (answer.status_code, answer["Location"]) == (302, f"/market/{FOR_RED}")


def test_the_ticket_offers_and_counts_what_is_the_clients(agreed: Town) -> None:
    browser = agreed.browser("lotus")
    assert '<option value="SHEA-2026">' in browser.get(f"/market/{FOR_RED}").content.decode()
    assert '<option value="SHEA-2026">' not in browser.get("/market/").content.decode()
    assert browser.post(f"/market/SHEA/check{FOR_RED}", SELL).context["total"].whole > 0


@pytest.mark.parametrize(
    ("method", "address", "sent"),
    [
        ("GET", "/market/", {}),
        ("GET", "/market/SHEA/board", {}),
        ("GET", "/market/commands", {}),
        ("POST", "/market/SHEA/check", BUY),
        ("POST", "/market/SHEA/orders", BUY),
        ("POST", "/market/orders/X/cancel", {}),
    ],
)
def test_nobody_acts_on_a_page_for_who_has_not_agreed(
    agreed: Town, method: str, address: str, sent: dict[str, str]
) -> None:
    answer = agreed.browser("lotus").generic(method, f"{address}?client={NORTH_POWER}", urlencode(sent), FORM)
    assert answer.status_code == ClientRefusal.NO_SUCH_CLIENT.value.status


def test_whoever_is_no_trader_sees_the_market_without_any_client(agreed: Town) -> None:
    assert agreed.browser().get(f"/market/{FOR_RED}").context["is_trader"] is False
