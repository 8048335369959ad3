"""Slips say what a trade did to the cash account, to the fen; a month is invoiced once, as the books have it."""

from datetime import date, time

import pytest
from tests.market_stage import MONDAY, REGION, Stage

from tonnebook.core.book import Side
from tonnebook.core.documents import DocumentKind
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.market import queries
from tonnebook.market import services as market
from tonnebook.registry import queries as accounts

MARCH, FIRST_OF_APRIL = date(2026, 3, 1), date(2026, 4, 1)
SITE = "https://registry.example"


@pytest.fixture
def traded(stage: Stage) -> Stage:
    """Red River buys 100 t of North Power at two prices; East Chemicals looks on."""
    stage.issue("North Power", 1_000)
    stage.fund("Red River Steel", 2_000_000)
    stage.order("North Power", Side.SELL, 7390, 60)
    stage.order("North Power", Side.SELL, 7395, 60)
    stage.order("Red River Steel", Side.BUY, 7395, 100)
    return stage


def day_of(stage: Stage, name: str, **asked: str) -> queries.SlipDay:
    return queries.member_day(stage.cast[name].organisation, region=REGION, day=MONDAY, **asked)


def cash_fen(stage: Stage, name: str) -> int:
    return sum(held.total for held in accounts.holdings(stage.account(name, AccountType.CLIENT_CASH)))


def invoice(stage: Stage, name: str, month: date = MARCH) -> str:
    answer = market.issue_invoice(
        stage.cast[name], month=month, language="en", site=SITE, key=stage.key(), now=stage.now
    )
    return str(answer["document"])


def test_the_slips_of_a_day_are_what_it_did_to_the_cash_account(traded: Stage) -> None:
    bought, sold = day_of(traded, "Red River Steel"), day_of(traded, "North Power")
    assert [(row.slip.side, row.slip.quantity_t) for row in bought.trades] == [(Side.BUY, 60), (Side.BUY, 40)]
    assert bought.totals.turnover_fen == sold.totals.turnover_fen == 7390 * 60 + 7395 * 40
    assert cash_fen(traded, "Red River Steel") == 2_000_000 + bought.totals.net_fen
    assert cash_fen(traded, "North Power") == sold.totals.net_fen
    assert bought.totals.fee_fen > 0
    (line,) = bought.cash
    assert (line.type, line.change) == (TransferType.CASH_IN, 2_000_000)
    assert (sold.cash, day_of(traded, "East Chemicals").trades) == ((), ())


def test_a_slip_of_one_trade_is_of_this_trade_alone_and_of_nobody_else_s(traded: Stage) -> None:
    number = day_of(traded, "Red River Steel").trades[1].slip.trade
    one = day_of(traded, "Red River Steel", trade=number)
    assert [row.slip.quantity_t for row in one.trades] == [40]
    assert day_of(traded, "East Chemicals", trade=number).trades == ()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_slip_is_a_document_that_anybody_can_check(traded: Stage, language: str) -> None:
    red = traded.cast["Red River Steel"]
    for trade in ("", day_of(traded, "Red River Steel").trades[0].slip.trade):
        told = market.issue_slip(
            red, day=MONDAY, trade=trade, language=language, site=SITE, key=traded.key(), now=traded.now
        )
        assert accounts.issued_content(str(told["document"])).startswith(b"%PDF")
        found = accounts.issued_document(str(told["digest"]))
        assert found is not None
        assert found.kind is DocumentKind.DELIVERY_SLIP
    assert len(accounts.issued_to(red.organisation, kind=DocumentKind.DELIVERY_SLIP)) == 2
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        market.issue_slip(
            traded.cast["Exchange"], day=MONDAY, trade="", language="en", site=SITE, key=traded.key(), now=traded.now
        )


def test_a_month_is_invoiced_once_after_it_is_over_with_what_the_books_charged(traded: Stage) -> None:
    with pytest.raises(Refused, match="MONTH_NOT_OVER"):
        invoice(traded, "Red River Steel")
    traded.at(time(9), FIRST_OF_APRIL)
    document = invoice(traded, "Red River Steel")
    assert accounts.issued_content(document).startswith(b"%PDF")
    (row,) = queries.invoices_of(traded.cast["Red River Steel"].organisation, region=REGION)
    assert (row.month, row.total_fen) == (MARCH, day_of(traded, "Red River Steel").totals.fee_fen)
    with pytest.raises(Refused, match="INVOICED_ALREADY"):
        invoice(traded, "Red River Steel", date(2026, 3, 15))
    with pytest.raises(Refused, match="NOTHING_CHARGED"):
        invoice(traded, "East Chemicals")
    with pytest.raises(Refused, match="NOTHING_CHARGED"):
        invoice(traded, "Red River Steel", date(2026, 2, 1))


def test_all_invoices_together_are_what_lies_in_the_account_of_fees(traded: Stage) -> None:
    traded.at(time(9), FIRST_OF_APRIL)
    for name in ("Red River Steel", "North Power"):
        invoice(traded, name)
    members = (traded.cast[name].organisation for name in ("Red River Steel", "North Power"))
    invoiced_fen = sum(row.total_fen for one in members for row in queries.invoices_of(one, region=REGION))
    fees = accounts.holdings(accounts.system_account(REGION, AccountType.FEES))
    assert invoiced_fen == sum(held.total for held in fees)


def test_the_fee_list_names_what_the_rule_book_knows() -> None:
    assert queries.fee_list("shanghai", on=MONDAY) == (
        "trading.fee_share",
        "fees.account_yuan",
        "fees.registration_yuan",
    )
    assert queries.fee_list("eu", on=MONDAY) == ()
