"""Lots: which are used up first, and what title arrives where."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import ledger
from tonnebook.core.errors import Fault
from tonnebook.core.ledger import AccountType, Lot, Title, TransferType

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
FREE = Lot(Title.ALLOCATED_FREE, APRIL, None, 5)
DEAR, CHEAP = Lot(Title.MARKET, MARCH, 9000, 5), Lot(Title.MARKET, MARCH, 7000, 5)
LATER = Lot(Title.MARKET, APRIL, 1000, 5)
ORDER = tuple(Title)


def test_title_comes_before_age_and_age_before_price() -> None:
    taken, remaining = ledger.take_lots([LATER, DEAR, CHEAP, FREE], 16, ORDER)
    assert [lot.key for lot in taken] == [FREE.key, CHEAP.key, DEAR.key, LATER.key]
    assert [(lot.key, lot.quantity_t) for lot in remaining] == [(LATER.key, 4)]


def test_the_published_order_decides_not_our_own() -> None:
    taken, _ = ledger.take_lots([FREE, CHEAP], 5, (Title.MARKET, Title.ALLOCATED_FREE))
    assert taken == (CHEAP,)


def test_lots_that_hold_less_than_the_balance_are_a_fault() -> None:
    with pytest.raises(Fault, match="A1"):
        ledger.take_lots([FREE], 6, ORDER)


def test_a_title_stays_within_one_holder_and_with_a_successor() -> None:
    for kept in (
        TransferType.MOVE_TO_TRADING,
        TransferType.MERGE,
        TransferType.INHERIT,
        TransferType.RETURN_COLLATERAL,
    ):
        assert ledger.arriving(kept, [CHEAP], quantity_t=5, on=APRIL, price_fen_per_t=None) == (CHEAP,)


def test_what_is_bought_begins_anew_with_its_price() -> None:
    (lot,) = ledger.arriving(TransferType.DELIVER_TRADE, [FREE], quantity_t=5, on=APRIL, price_fen_per_t=7500)
    assert lot == Lot(Title.MARKET, APRIL, 7500, 5)


def test_what_comes_from_an_account_without_titles_is_not_from_a_trade() -> None:
    (lot,) = ledger.arriving(TransferType.CORRECTION, [], quantity_t=5, on=APRIL, price_fen_per_t=None)
    assert lot.title is Title.NON_TRADE


@pytest.mark.parametrize("region", ["national", "shanghai", "tianjin", "eu"])
def test_every_region_publishes_an_order_with_every_title_once(region: str) -> None:
    assert sorted(ledger.order_of(rulebook.at(region, on=APRIL))) == sorted(Title)


def test_every_way_from_outside_into_a_holders_account_gives_a_title() -> None:
    sources = {
        transfer
        for transfer, row in ledger.MATRIX.items()
        for lane in row.lanes
        if AccountType.ISSUANCE in lane.debits and lane.credits & ledger.TITLED
    }
    assert sources <= set(ledger.GIVES)
