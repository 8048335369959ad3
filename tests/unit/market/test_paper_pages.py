"""The pages of slips, invoices and fees: one's own only, in both languages, and as files."""

from datetime import date, time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns
from tests.unit.web.town import LOTUS, REGION, Town

from tonnebook.core import periods
from tonnebook.core.book import Side
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.journal import services as journal
from tonnebook.market import queries
from tonnebook.market import services as market
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

DAY = date(2027, 6, 10)


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    """Lotus buys 40 t of Red River."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    town.stage.first_batch()
    now = periods.instant(DAY, time(10))
    journal.set_clock(at=now)
    registry.open_accounts([registry.AccountDraft(AccountType.TRADING, REGION, LOTUS)], now=now)
    source = accounts.system_account(REGION, AccountType.BANK)
    leg = Leg(source, accounts.account_of(LOTUS, AccountType.CLIENT_CASH), "CNY", 50_000_000)
    registry.post([registry.TransferDraft(TransferType.CASH_IN, (leg,), "P-1", subject="bank-lotus")], now=now)
    for name, side, asset in (("red", Side.SELL, "SHEA-2026"), ("lotus", Side.BUY, "")):
        total = queries.total_fen("SHEA", side=side, price_fen_per_t=7500, quantity_t=40, on=DAY)
        market.place_order(
            town.actor(name),
            instrument="SHEA",
            side=side,
            price_fen_per_t=7500,
            quantity_t=40,
            shown_total_fen=total.whole,
            asset=asset,
            key=f"order-{name}",
            now=now,
        )
    return town


def text(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_trader_reads_the_slips_of_the_last_day_and_takes_them_along(town: Town, language: str) -> None:
    browser = town.browser("lotus", language)
    (row,) = queries.member_day(LOTUS, region=REGION, day=DAY).trades
    assert row.slip.trade in text(browser, "/market/slips")
    assert row.slip.trade in text(browser, f"/market/slips?day={DAY}&format=csv")
    made = browser.post("/market/slips/make", {"day": str(DAY), "trade": row.slip.trade})
    assert made["Content-Type"] == "application/pdf"
    document = made["Content-Disposition"].split('"')[1].removesuffix(".pdf")
    assert browser.get(f"/market/papers?document={document}").content == made.content
    assert town.browser("north").get(f"/market/papers?document={document}").status_code == 404
    assert row.slip.trade not in text(town.browser("north", language), f"/market/slips?day={DAY}")
    assert browser.get("/market/slips?day=someday").status_code == 422
    assert browser.post("/market/slips/make", {"day": "someday"}).status_code == 404


def test_a_member_makes_the_invoice_of_a_month_that_is_over(town: Town) -> None:
    browser = town.browser("lotus")
    assert "Nothing was charged" in text(browser, "/market/invoices")
    early = browser.post("/market/invoices/make", {"month": "2027-06-01"}, follow=True).content.decode()
    assert "is not over" in early
    journal.set_clock(at=periods.instant(date(2027, 7, 1), time(9)))
    # The session has run out with the month.
    browser = town.browser("lotus")
    page = text(browser, "/market/invoices")
    assert "Make the invoice" in page
    assert "not known" in page
    assert browser.post("/market/invoices/make", {"month": "2027-06-01"})["Content-Type"] == "application/pdf"
    assert "INV-" in text(browser, "/market/invoices")
    assert browser.post("/market/invoices/make", {"month": "June"}).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_reads_the_fees_with_their_ground_and_badge(town: Town, language: str) -> None:
    page = text(town.browser("", language), "/market/fees")
    assert "trading.fee_share" in page
    assert "badge-recalled" in page
    assert "badge-scenario" in page
