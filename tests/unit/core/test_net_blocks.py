"""Serial blocks that follow balances: netted, in order, and never more or fewer than there are."""

import pytest

from tonnebook.core import ledger
from tonnebook.core.errors import Fault
from tonnebook.core.ledger import Block, BlockMove, Book

A = "SHEA-2026"


def test_who_bought_as_much_as_it_sold_takes_no_part() -> None:
    book = Book(blocks={("north", A): [Block(1, 101)], ("gold", A): [Block(101, 111)]})
    moves = ledger.net_blocks(book, {("north", A): -30, ("gold", A): 0, ("red", A): 30})
    assert moves == [BlockMove("north", "red", A, Block(1, 31))]
    assert book.blocks["gold", A] == [Block(101, 111)]


def test_blocks_are_cut_where_one_account_has_enough_and_the_next_begins() -> None:
    book = Book(blocks={("east", A): [Block(1, 11)], ("north", A): [Block(20, 120)], ("red", A): [Block(15, 20)]})
    moves = ledger.net_blocks(book, {("north", A): -20, ("east", A): -10, ("gold", A): 12, ("red", A): 18})
    assert moves == [
        BlockMove("east", "gold", A, Block(1, 11)),
        BlockMove("north", "gold", A, Block(20, 22)),
        BlockMove("north", "red", A, Block(22, 40)),
    ]
    assert book.blocks["red", A] == [Block(15, 20), Block(22, 40)]
    assert book.blocks["north", A] == [Block(40, 120)]


@pytest.mark.parametrize("changes", [(-30, 31), (-30, 29), (-101, 101)])
def test_changes_that_do_not_add_up_or_are_not_there_are_a_fault(changes: tuple[int, int]) -> None:
    book = Book(blocks={("north", A): [Block(1, 101)]})
    with pytest.raises(Fault, match="A1"):
        ledger.net_blocks(book, {("north", A): changes[0], ("red", A): changes[1]})
