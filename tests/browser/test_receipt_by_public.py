"""The public checks a receipt in a real browser, and a stranger sees nothing that is private."""

import json

import pytest
from playwright.sync_api import Page, expect
from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.core.ledger import AccountType
from tonnebook.journal import services as journal
from tonnebook.registry import queries as registry
from tonnebook.registry import services as registry_services

pytestmark = pytest.mark.browser

PRIVATE = (
    "/registry/",
    "/company/surrender",
    "/company/reports",
    "/board",
    "/coverage",
    "/surrenders",
    "/approvals",
    "/market/auctions/announce",
)


def retire(town: Town) -> str:
    """Cancel two tonnes of Red River and give the leaf of it."""
    town.stage.first_batch()
    answer = registry_services.retire(
        town.actor("red"),
        account=registry.account_of(RED_RIVER, AccountType.HOLDING),
        asset="SHEA-2026",
        quantity_t=2,
        beneficiary="Lin",
        purpose="a quiet birthday",
        key=town.stage.key(),
        now=NOW,
    )
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return str(answer["leaf"])


def test_anybody_checks_a_receipt_and_sees_when_it_was_altered(page: Page, town: Town) -> None:
    leaf = retire(town)
    page.goto(f"/public/leaf/{leaf}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").click()
    text = download.value.path().read_text(encoding="utf-8")
    for told, verdict in ((text, "The receipt is good"), (altered(text), "The receipt does not hold")):
        page.goto("/public/receipt")
        page.get_by_label("Receipt (JSON)").fill(told)
        page.get_by_role("button", name="Check this receipt").click()
        expect(page.get_by_role("heading", name=verdict)).to_be_visible()


def altered(receipt: str) -> str:
    """Say that twenty tonnes were cancelled where it were two."""
    told = json.loads(receipt)
    assert told["leaf"]["facts"]["quantity_t"] == "2"
    told["leaf"]["facts"]["quantity_t"] = "20"
    return json.dumps(told)


def test_a_stranger_is_asked_to_sign_in_and_sees_no_company(page: Page, town: Town) -> None:
    town.stage.first_batch()
    account = registry.account_of(RED_RIVER, AccountType.HOLDING)
    for address in (*PRIVATE, f"/registry/accounts/{account}", f"/entity/{RED_RIVER}?year={YEAR}"):
        page.goto(address)
        assert "/sign-in?next=" in page.url, address
    for address in ("/", "/market/", "/market/auctions", "/public/tables"):
        page.goto(address)
        assert account not in page.content(), address
    assert registry.totals(REGION).issued_t > 0
