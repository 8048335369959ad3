"""Invoices and delivery slips: sums a clerk can check by hand."""

from datetime import date
from decimal import Decimal

import pytest

from tonnebook.core import invoices, slips
from tonnebook.core.book import Side
from tonnebook.core.invoices import Line
from tonnebook.core.slips import Slip


def test_a_buyer_pays_amount_and_fee_and_a_seller_receives_the_amount_less_it() -> None:
    bought, sold = Slip("TR-1", Side.BUY, 8500, 100, 680), Slip("TR-2", Side.SELL, 8600, 40, 275)
    assert (bought.net_fen, sold.net_fen) == (-850_680, 343_725)
    total = slips.totals([bought, sold])
    assert (total.bought_t, total.sold_t, total.turnover_fen) == (100, 40, 1_194_000)
    assert (total.fee_fen, total.net_fen) == (955, -506_955)


def test_what_rounding_leaves_goes_to_the_largest_remainders() -> None:
    assert invoices.split(10, [1, 1, 4]) == (2, 2, 6)
    assert invoices.split(1, [5, 5]) == (1, 0)
    for weights in ([], [0, 0], [-1, 2]):
        with pytest.raises(ValueError, match="nothing to share by"):
            invoices.split(5, weights)


def test_the_tax_is_inside_what_was_charged_and_rounded_once() -> None:
    made = invoices.invoice([Line("a", 1, 1_00), Line("b", 2, 1_00), Line("c", 3, 1_00)], vat_share=Decimal("0.06"))
    assert (made.total_fen, made.vat_fen) == (3_00, 17)
    assert [taxed.vat_fen for taxed in made.lines] == [6, 6, 5]


def test_no_tax_is_made_up_where_the_rate_is_not_known() -> None:
    made = invoices.invoice([Line("a", 1, 1_00)], vat_share=None)
    assert (made.vat_fen, made.lines[0].vat_fen) == (None, None)


def test_a_month_follows_the_other_over_the_turn_of_the_year() -> None:
    assert invoices.month_after(invoices.month_of(date(2026, 12, 31))) == date(2027, 1, 1)
    assert invoices.month_after(date(2026, 1, 1)) == date(2026, 2, 1)
