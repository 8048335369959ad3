"""Two officers lead a year in a real browser; a company writes its plan; the public compares two states of the log."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.unit.web.town import NOW, RED_RIVER, YEAR, Town

from tonnebook.journal import services as journal

pytestmark = pytest.mark.browser

OFFICER_PAGES = (
    f"/year?year={YEAR}",
    f"/year/{YEAR}/plan",
    f"/year/{YEAR}/batch/FIRST",
    f"/year/plans?year={YEAR}",
    f"/late?year={YEAR}&what=report",
    f"/explain/allocation/{RED_RIVER}:{YEAR}",
    "/public/log/consistency",
)


def become(page: Page, name: str) -> None:
    """Change the demo person in the role bar."""
    page.goto("/")
    page.get_by_role("button", name=re.compile(name)).click()


def approve(page: Page) -> None:
    """Let the second officer approve what waits."""
    become(page, "Chen Jing")
    page.goto("/approvals")
    page.get_by_role("button", name=re.compile("^Approve and do it")).click()
    expect(page.get_by_text("Approved by two people and done")).to_be_visible()


def test_two_officers_come_from_the_coverage_list_to_the_first_batch(page: Page, town: Town) -> None:
    become(page, "Zhou Ming")
    page.goto(OFFICER_PAGES[0])
    page.get_by_role("link", name="Look at the draft of the list").click()
    page.get_by_role("button", name=f"Propose the coverage list of {YEAR}").click()
    approve(page)
    become(page, "Zhou Ming")
    page.goto(OFFICER_PAGES[0])
    page.get_by_role("link", name="Prepare the plan").click()
    page.get_by_role("button", name="Check the plan").click()
    expect(page.get_by_role("heading", name="The plan reads well")).to_be_visible()
    page.get_by_role("button", name=f"Propose this plan for {YEAR}").click()
    approve(page)
    become(page, "Zhou Ming")
    page.goto(OFFICER_PAGES[0])
    page.get_by_role("button", name="Compute the first batch").click()
    expect(page.get_by_text("Nothing is issued yet; look at the figures first")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Propose to issue")).click()
    approve(page)
    assert town.stage.held(RED_RIVER)


def test_a_company_writes_its_plan_and_an_officer_reads_and_approves_it(page: Page, town: Town) -> None:
    become(page, "Zhang Hong")
    page.goto(f"/company/plan?year={YEAR}")
    page.get_by_label("Emission sources").fill("Furnace 1, furnace 2")
    page.get_by_role("button", name=f"Submit the plan for {YEAR}").click()
    expect(page.get_by_text("an officer reads and approves it")).to_be_visible()
    become(page, "Zhou Ming")
    page.goto(f"/year/plans?year={YEAR}")
    page.get_by_text("version 1").click()
    expect(page.get_by_text("Furnace 1, furnace 2")).to_be_visible()
    page.get_by_role("button", name="Approve the ticked plans").click()
    expect(page.get_by_text("Approved: 1 plans.")).to_be_visible()


def test_the_public_sees_that_the_log_was_not_rewritten(page: Page, town: Town) -> None:
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    page.goto("/public/log")
    page.get_by_role("link", name="Compare two states of the log").click()
    page.get_by_label("Entries then").fill("1")
    page.get_by_role("button", name="Compare the two").click()
    expect(page.get_by_text("The older log is the beginning of the newer one")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_of_the_year_is_wider_than_the_screen(page: Page, town: Town, width: int, language: str) -> None:
    town.stage.first_batch()
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    page.set_viewport_size({"width": width, "height": 900})
    become(page, "Zhou Ming")
    if language == "zh-hans":
        page.get_by_role("button", name="中文").click()
    for address in OFFICER_PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
