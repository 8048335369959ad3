"""A company submits its report in a real browser, and the verification body signs its opinion on that version."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.acting import become
from tests.unit.compliance.stage import SPRING
from tests.unit.web.town import BUREAU, NOW, RED_RIVER, REGION, TRUE_MEASURE, YEAR, Town

from tonnebook.emissions import queries, services

pytestmark = pytest.mark.browser

LINE = {"name": "natural_gas", "quantity": "120", "unit": "10^4Nm3"}


@pytest.fixture
def planned(town: Town) -> None:
    """Red River has a facility and an approved data-quality plan."""
    company, officer, key = town.actor("red"), town.actor("zhou"), town.stage.key
    assert officer.organisation == BUREAU
    facility = services.FacilityDraft("RR-1", RED_RIVER, "一号炉", "Furnace 1", "industry", SPRING.date())
    services.register_facilities(company, drafts=[facility], key=key(), now=SPRING)
    told = {"boundary": "Furnace"}
    services.submit_data_quality_plan(company, entity=RED_RIVER, year=YEAR, sections=told, key=key(), now=SPRING)
    services.approve_data_quality_plans(officer, region=REGION, year=YEAR, entities=[RED_RIVER], key=key(), now=SPRING)


@pytest.mark.usefixtures("planned")
def test_a_report_is_submitted_and_verified(page: Page, town: Town) -> None:
    become(page, "Zhang Hong")
    page.goto(f"/company/reports/{YEAR}")
    for name, text in LINE.items():
        page.locator(f"[name=line-0-{name}]").fill(text)
    page.get_by_role("button", name="Compute the total").click()
    expect(page.get_by_role("heading", name="What these lines come to")).to_be_visible()
    assert queries.report_of(RED_RIVER, YEAR) is None
    page.get_by_role("button", name="Submit this report").click()
    expect(page.get_by_text("Your report is submitted")).to_be_visible()
    report = queries.report_of(RED_RIVER, YEAR)
    assert report is not None
    assert report.total_t > 0
    services.assign_verifiers(
        town.actor("zhou"),
        region=REGION,
        year=YEAR,
        assignments={RED_RIVER: TRUE_MEASURE},
        key=town.stage.key(),
        now=NOW,
    )
    become(page, "Wu Zhen")
    page.goto(f"/board?year={YEAR}")
    page.get_by_role("link", name="Verify").click()
    page.locator("details.explain > summary").first.click()
    expect(page.get_by_text("How this number came about").first).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_label("Others of the team").select_option(label="Zheng Heng")
    page.get_by_role("button", name="Make this plan").click()
    page.get_by_role("button", name="Conclude and sign").click()
    for name in ("Shen He", "Yin Zhang"):
        become(page, name)
        page.goto(f"/board/{report.number}")
        page.get_by_role("button", name="Sign this opinion").click()
        expect(page.get_by_text("it stands in the log")).to_be_visible()
    signed = queries.report_of(RED_RIVER, YEAR)
    assert signed is not None
    assert signed.opinion is not None
    assert signed.opinion.verified_t == report.total_t


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.usefixtures("planned")
def test_the_pages_of_reporting_are_not_wider_than_the_screen(page: Page, town: Town, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    become(page, "Zhang Hong")
    addresses = (f"/company/filings?year={YEAR}", f"/company/filings/RR-1/{YEAR}/5", f"/company/reports/{YEAR}")
    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
