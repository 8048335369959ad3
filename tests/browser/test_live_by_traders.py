"""Two traders in two browsers trade with each other, and a third person watches: everybody sees it without asking."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from tests.browser.acting import become
from tests.browser.conftest import watched
from tests.browser.test_order_by_trader import open_market as open_market
from tests.streaming import streaming
from tests.unit.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("open_market", "live")]


@pytest.fixture
def live(town: Town, settings: Settings) -> Iterator[None]:
    """The stream on the database of the town, and pages that know its address and may connect to it."""
    with streaming() as port:
        settings.STREAM_URL = f"http://127.0.0.1:{port}/stream"
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        own = {**directives, "connect-src": [*directives["connect-src"], f"{settings.STREAM_URL}/"]}
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": own}
        yield


@pytest.fixture
def pages(browser: Browser, served: str) -> Iterator[list[Page]]:
    """Three browsers that know nothing of each other."""
    with watched(browser, served) as one, watched(browser, served) as two, watched(browser, served) as three:
        yield [one, two, three]


def fill(page: Page, side: str, price: str, quantity_t: str) -> None:
    page.get_by_label(side, exact=True).check()
    page.get_by_label("Price (yuan per tonne)").fill(price)
    page.get_by_label("Quantity (t)").fill(quantity_t)


def test_two_browsers_trade_and_everybody_sees_it_live(pages: list[Page]) -> None:
    buyer, seller, public = pages
    become(buyer, "Zhang Hong")
    become(seller, "Li Bei")
    for page in pages:
        page.goto("/market/")
        expect(page.locator("[data-live]")).to_have_attribute("data-now", "live")
        expect(page.locator("[data-chart]")).to_have_attribute("data-drawn", re.compile("DAY"))
    fill(buyer, "buy", "75.00", "100")
    expect(buyer.locator("#ticket-check")).to_contain_text("CNY 7,506.00".replace(" ", "\u202f"))
    buyer.get_by_label("Show me the order once more").uncheck()
    buyer.get_by_role("button", name="Count it up").click()
    expect(buyer.get_by_role("heading", name="Order accepted")).to_be_visible()
    buyer.goto("/market/")
    # The seller takes the offer over from the book, which has come by itself.
    seller.get_by_role("button", name="75.00").click()
    expect(seller.get_by_label("sell", exact=True)).to_be_checked()
    seller.get_by_label("Quantity (t)").fill("60")
    seller.get_by_label("Units to deliver").select_option("SHEA-2026")
    seller.get_by_role("button", name="Count it up").click()
    seller.locator("main .actions button").click()
    for page in (buyer, public):
        expect(page.locator(".tape tbody tr").first).to_contain_text("75.00")
        expect(page.locator("[data-of=volume]")).to_have_text("60")
    expect(buyer.locator("#board")).to_contain_text("SHEA-2026")
    buyer.locator("[id^=cancel-]").click()
    expect(buyer.get_by_role("status").filter(has_text="Withdrawn from the book")).to_be_visible()
    expect(public.get_by_text("No order rests in the book now.")).to_be_visible()


def test_what_would_be_refused_is_said_while_typing_and_keys_reach_the_ticket(pages: list[Page]) -> None:
    page = pages[0]
    become(page, "Zhang Hong")
    page.goto("/market/")
    expect(page.locator("[data-live]")).to_have_attribute("data-now", "live")
    page.keyboard.press("p")
    page.keyboard.type("200")
    expect(page.get_by_text("The price lies outside today's band.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    page.keyboard.type("100")
    expect(page.locator("#ticket-check")).to_contain_text("PRICE_OUTSIDE_BAND")
    page.get_by_label("Price (yuan per tonne)").fill("75.00")
    expect(page.get_by_text("The price lies outside today's band.")).to_be_hidden()
    page.get_by_label("Quantity (t)").fill("99999")
    expect(page.get_by_text("Your free money does not cover it.")).to_be_visible()
    expect(page.locator("#ticket-check")).to_contain_text("INSUFFICIENT_FREE")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_label("sell", exact=True)).to_be_checked()


def test_the_colours_turn_round_and_the_chart_changes_its_bars(pages: list[Page]) -> None:
    page = pages[2]
    page.goto("/market/")
    red = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--up')")
    page.get_by_role("button", name="Show them green").click()
    green = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--up')")
    assert red != green == page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--up')")
    page.get_by_role("button", name="5 min", exact=True).click()
    expect(page.locator("[data-chart]")).to_have_attribute("data-drawn", re.compile("MINUTES_5"))
    expect(page.get_by_role("button", name="5 min", exact=True)).to_have_attribute("aria-pressed", "true")
