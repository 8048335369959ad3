"""Every main page of every role, light on a wide screen and dark on a narrow one, can be read by everybody."""

from collections.abc import Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.unit.web.town import PASSWORD, RED_RIVER, YEAR, Town

from tonnebook.core.ledger import AccountType
from tonnebook.registry import queries as registry

pytestmark = pytest.mark.browser

PUBLIC = (
    "/",
    "/sign-in",
    "/nothing-here",
    "/search?q=credit",
    "/market/",
    "/market/auctions",
    "/public/tables",
    f"/public/tables/{YEAR}/plan",
    "/public/receipt",
    "/public/log",
    "/public/unit",
    "/public/check-it-yourself",
    f"/public/rules?year={YEAR}",
    f"/public/rules/surrender.credit_limit_share?year={YEAR}",
    "/public/rules/compared?before=shanghai@2025&after=shanghai@2027",
    "/public/rules/overdue?year=2028",
    "/public/rules/caps",
    "/public/rules/releases",
)
PAGES: Mapping[str, tuple[str, ...]] = {
    "": PUBLIC,
    "zhou": (
        "/",
        f"/coverage?year={YEAR}",
        f"/late?year={YEAR}",
        f"/year?year={YEAR}",
        "/year/allocation-plans",
        f"/year/{YEAR}/plan",
        f"/year/{YEAR}/batch/FIRST",
        f"/progress?year={YEAR}",
        f"/surrenders?year={YEAR}",
        "/approvals",
        f"/entity/{RED_RIVER}?year={YEAR}",
        "/market/auctions/announce",
    ),
    "red": (
        "/",
        f"/company/surrender?year={YEAR}",
        f"/company/allocation?year={YEAR}",
        f"/company/plan?year={YEAR}",
        f"/company/filings?year={YEAR}",
        f"/company/reports/{YEAR}",
        "/registry/",
        "/market/",
        f"/explain/allocation/{RED_RIVER}:{YEAR}",
    ),
    "true": ("/", f"/board?year={YEAR}"),
    "bell": ("/", "/exchange/day", "/approvals"),
    "keeper": ("/", "/registry/"),
    "lotus": ("/", "/registry/", "/market/"),
    "eye": ("/", "/audit"),
}
GRAVE = frozenset({"serious", "critical"})


def grave_findings(page: Page) -> list[str]:
    """What axe calls serious or critical on a page, with the element and the reason."""
    return [
        f"{page.url}: {found['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_page_keeps_a_reader_out(browser: Browser, served: str, town: Town, scheme: str, width: int) -> None:
    town.stage.first_batch()
    account = registry.account_of(RED_RIVER, AccountType.HOLDING)
    findings: list[str] = []
    for username, addresses in PAGES.items():
        with browser.new_context(
            base_url=served,
            locale="en-GB",
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        ) as context:
            page = context.new_page()
            if username:
                sign_in(page, username)
            own = (f"/registry/accounts/{account}", f"/registry/accounts/{account}/statement")
            for address in (*addresses, *(own if username == "red" else ())):
                answer = page.goto(address)
                assert answer is not None, address
                assert answer.status == (404 if address == "/nothing-here" else 200), (username, address)
                findings += grave_findings(page)
    assert findings == []


def test_the_check_finds_a_page_that_keeps_a_reader_out(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang='en'><title>A page</title><main><input type='text'></main></html>")
    assert any(": label: " in found for found in grave_findings(page))
    page.close()


def sign_in(page: Page, username: str) -> None:
    """Become somebody by name and password."""
    page.goto("/sign-in")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("input[name=password]").press("Enter")
