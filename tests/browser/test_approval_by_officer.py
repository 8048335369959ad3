"""The exchange proposes an auction in a real browser; only a second person can approve it, and then it is announced."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.acting import become
from tests.market_stage import OPENING_KEY
from tests.unit.web.town import NOW, REGION, Town

from tonnebook.market import queries as market

pytestmark = pytest.mark.browser


def test_an_auction_is_announced_by_two_people(page: Page, town: Town) -> None:
    become(page, "Zhong Ling")
    page.goto("/market/auctions")
    page.get_by_role("link", name="Propose an auction").click()
    page.get_by_label("Quantity (t)").fill("5000")
    page.get_by_label("Opens (Shanghai time)").fill("2027-06-11T09:30")
    page.get_by_label("Closes (Shanghai time)").fill("2027-06-11T11:30")
    page.get_by_label("Opening key").fill(OPENING_KEY)
    page.get_by_role("button", name="Propose to the second person").click()
    expect(page.get_by_text("A second person approves it")).to_be_visible()
    page.goto("/approvals")
    expect(page.get_by_text("somebody else must approve it")).to_be_visible()
    expect(page.get_by_role("button", name="Approve and do it")).to_have_count(0)
    assert market.auctions(REGION, now=NOW) == ()
    become(page, "Zhou Ming")
    page.goto("/approvals")
    page.get_by_role("button", name="Approve and do it").click()
    expect(page.get_by_text("Approved by two people and done")).to_be_visible()
    assert [row.quantity_t for row in market.auctions(REGION, now=NOW)] == [5000]
