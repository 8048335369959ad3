"""A holder moves units, registers a bank account and asks for money; on a telephone nothing hangs over the edge."""

from datetime import timedelta

import pytest
from django.db import transaction
from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.acting import become
from tests.unit.web.town import NOW, RED_RIVER, REGION, Town

from tonnebook.core.ledger import AccountType
from tonnebook.journal import services as journal
from tonnebook.members import queries as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
OVERHANG = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def red_cash(town: Town) -> str:
    """Units, a trading account, and money of Red River."""
    town.stage.first_batch()
    with transaction.atomic():
        registry.open_accounts([registry.AccountDraft(AccountType.TRADING, REGION, RED_RIVER)], now=NOW)
    cash = queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)
    registry.cash_in(
        town.actor("bell"), account=cash, amount_fen=9_000_00, bank_reference="B-100001", key="cash-in-1", now=NOW
    )
    return cash


def fits(page: Page) -> None:
    """Look at the page as a telephone shows it."""
    page.set_viewport_size(PHONE)
    assert page.evaluate(OVERHANG) <= 0, page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def test_money_and_units_leave_in_two_steps_and_what_waits_is_taken_back(town: Town, page: Page, red_cash: str) -> None:
    become(page, "Zhang Hong")
    page.goto("/registry/")
    fits(page)
    page.get_by_role("link", name="Move to the trading account").click()
    page.get_by_label("Quantity (t)").fill("40")
    page.get_by_role("button", name="See what will happen").click()
    fits(page)
    page.get_by_role("button", name="Move now").click()
    expect(page.get_by_text("Moved; the units can be used there now.")).to_be_visible()
    page.goto("/registry/bank-accounts")
    page.get_by_label("Bank and branch").fill("ICBC Shanghai")
    page.get_by_label("Number of the bank account").fill("6222 0210 0111 2233")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("··2233")).to_be_visible()
    fits(page)
    become(page, "Zhong Ling")
    page.goto("/registry/bank-accounts")
    fits(page)
    page.get_by_role("button", name="Propose to confirm").click()
    expect(page.get_by_text("Proposed; a second person must approve it.")).to_be_visible()
    become(page, "Gan Shou")
    page.goto("/approvals")
    page.get_by_role("button", name="Approve and do it: Confirm a bank account").click()
    (row,) = queries.bank_accounts(RED_RIVER, region=REGION)
    assert members.open_approvals(REGION) == ()
    assert row.ready_at is not None
    journal.set_clock(at=row.ready_at + timedelta(minutes=1))
    become(page, "Zhang Hong")
    page.goto(f"/registry/accounts/{red_cash}/withdraw")
    page.get_by_label("Amount (yuan)").fill("1234.50")
    page.get_by_role("button", name="See what will happen").click()
    fits(page)
    page.get_by_role("button", name="Withdraw", exact=True).click()
    page.goto("/registry/waiting")
    fits(page)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back; what was set aside is free again.")).to_be_visible()
