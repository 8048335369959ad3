"""A company surrenders in a real browser, and an officer confirms."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.acting import become
from tests.unit.web.town import YEAR, Town

pytestmark = pytest.mark.browser


def test_a_company_surrenders_and_an_officer_confirms(page: Page, town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    become(page, "Zhang Hong")
    page.goto(f"/company/surrender?year={YEAR}")
    page.get_by_role("button", name="Count it up").click()
    expect(page.get_by_role("heading", name="What exactly will happen")).to_be_visible()
    page.locator("main .actions button").click()
    expect(page.get_by_text("The units are set aside until the authority confirms")).to_be_visible()
    become(page, "Zhou Ming")
    page.goto(f"/surrenders?year={YEAR}")
    page.get_by_role("button", name="Confirm the ticked surrenders for good").click()
    expect(page.get_by_text("Confirmed for good: 1 surrenders.")).to_be_visible()


def test_an_explained_number_opens_its_trace(page: Page, town: Town) -> None:
    town.stage.first_batch()
    become(page, "Zhang Hong")
    page.goto(f"/company/allocation?year={YEAR}")
    page.locator("details.explain > summary").first.click()
    expect(page.get_by_text("How this number came about").first).to_be_visible()
    drawer = page.locator("details.explain[open] .drawer")
    # The control coefficient stands two branches deep; its article is shown when both are open.
    drawer.get_by_text("made from").nth(1).click()
    drawer.get_by_text("made from").nth(2).click()
    expect(drawer.locator(".trace-origin").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_the_screen(page: Page, town: Town, width: int) -> None:
    town.stage.first_batch()
    town.stage.determine()
    page.set_viewport_size({"width": width, "height": 900})
    become(page, "Zhou Ming")
    for address in (f"/?year={YEAR}", f"/coverage?year={YEAR}", f"/progress?year={YEAR}", "/public/tables", "/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_filter_of_the_coverage_list_answers_while_typing(page: Page, town: Town) -> None:
    town.stage.cover()
    become(page, "Zhou Ming")
    page.goto(f"/coverage?year={YEAR}")
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    page.get_by_label("Filter", exact=True).press_sequentially("building")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert "q=building" in page.url
