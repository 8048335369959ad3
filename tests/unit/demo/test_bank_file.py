"""The bank of the demo reports what staff credited by hand, so that people can load a statement of their own."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pytest_django.fixtures import Settings
from tests.unit.registry.test_bank_pages import load, open_bank
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, REGION, Town

from tonnebook.core import periods
from tonnebook.core.ledger import AccountType
from tonnebook.journal import services as journal
from tonnebook.registry import queries
from tonnebook.registry import services as registry


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


def test_its_file_confirms_what_was_credited_by_hand_and_credits_nothing_again(town: Town) -> None:
    teller = town.browser("bank")
    assert teller.get("/demo/bank-file").status_code == 404
    number, money = open_bank(), queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)
    registry.cash_in(
        town.actor("bell"), account=money, amount_fen=500, bank_reference="R-1", key="cash-in-1", now=journal.now()
    )
    before_fen = sum(held.total for held in queries.holdings(money))
    file = teller.get("/demo/bank-file")
    assert load(teller, number, SimpleUploadedFile("day.xml", file.content)) == 302
    assert sum(held.total for held in queries.holdings(money)) == before_fen
    (balance,) = queries.bank_balances(REGION, day=periods.day_of(journal.now()))
    assert (queries.suspense(REGION), balance.booked_fen >= 500) == ((), True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_clock")
    # On real data nobody makes a bank's file up.
    assert town.browser("bank").get("/demo/bank-file").status_code == 404
