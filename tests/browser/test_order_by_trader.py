"""A trader buys on the market, another sells, both in a real browser; the phone shows the same pages."""

import re
from datetime import date, time

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect
from tests.browser.acting import become
from tests.unit.web.town import LOTUS, NORTH_POWER, RED_RIVER, REGION, Town

from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.journal import services as journal
from tonnebook.market import queries as market
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

pytestmark = pytest.mark.browser

TRADING_DAY = date(2027, 6, 10)
PAGES = ("/market/", "/market/?instrument=SHCER", "/market/auctions", "/registry/")


@pytest.fixture
def open_market(town: Town) -> None:
    """Ten o'clock on a trading day, with units in the holding accounts and money in the cash accounts."""
    town.stage.first_batch()
    journal.set_clock(at=periods.instant(TRADING_DAY, time(10)))
    bank = accounts.system_account(REGION, AccountType.BANK)
    cash = [accounts.account_of(uscc, AccountType.CLIENT_CASH) for uscc in (RED_RIVER, LOTUS)]
    drafts = [
        registry.TransferDraft(TransferType.CASH_IN, (Leg(bank, account, "CNY", 90_000_000),), "P-1", subject=account)
        for account in cash
    ]
    with transaction.atomic():
        registry.post(drafts, now=periods.instant(TRADING_DAY, time(9)))


def place(page: Page, side: str, price: str, quantity_t: str, asset: str = "") -> None:
    """Fill in the ticket with the keyboard's order of fields, count it up, and confirm."""
    page.goto("/market/")
    page.get_by_label(side, exact=True).check()
    page.get_by_label("Price (yuan per tonne)").fill(price)
    page.get_by_label("Quantity (t)").fill(quantity_t)
    if asset:
        page.get_by_label("Units to deliver").select_option(asset)
    page.get_by_role("button", name="Count it up").click()
    expect(page.get_by_role("heading", name="What exactly will happen")).to_be_visible()
    page.locator("main .actions button").click()


@pytest.mark.usefixtures("open_market")
def test_two_traders_meet_in_the_book(page: Page, town: Town) -> None:
    become(page, "Zhang Hong")
    place(page, "buy", "75.00", "100")
    expect(page.get_by_role("heading", name="Order accepted")).to_be_visible()
    page.get_by_role("link", name="Back to the market").click()
    expect(page.locator(".ladder tbody tr")).to_have_count(2)
    become(page, "Li Bei")
    place(page, "sell", "74.50", "60", "SHEA-2026")
    page.get_by_role("link", name="Open the receipt").click()
    expect(page.get_by_text("market.order.accepted")).to_be_visible()
    (trade,) = market.own_trades(NORTH_POWER)
    assert (trade.price_fen_per_t, trade.quantity_t) == (7500, 60)


@pytest.mark.usefixtures("open_market")
def test_a_refused_price_stands_beside_the_field(page: Page, town: Town) -> None:
    become(page, "Zhang Hong")
    place(page, "buy", "200.00", "100")
    expect(page.locator(".field", has_text="Price").locator(".error")).to_contain_text("PRICE_OUTSIDE_BAND")


@pytest.mark.usefixtures("open_market")
def test_the_book_refreshes_by_itself(page: Page, town: Town) -> None:
    page.goto("/market/")
    expect(page.get_by_text("No order rests in the book now.")).to_be_visible()
    with page.expect_response(re.compile("/market/SHEA/board")):
        pass
    expect(page.locator("#board")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.usefixtures("open_market")
def test_no_page_of_market_or_registry_is_wider_than_the_screen(
    page: Page, town: Town, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    become(page, "Zhang Hong")
    if language == "zh-hans":
        page.get_by_role("button", name="中文").click()
    units = accounts.account_of(RED_RIVER, AccountType.HOLDING)
    for address in (*PAGES, *(f"/registry/accounts/{units}{part}" for part in ("", "/statement", "/retire"))):
        page.goto(address)
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
