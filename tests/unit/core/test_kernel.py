"""The kernel's own concerns: what it is opened with, what it falls back to, its plain form and its limits."""

import importlib.util
import subprocess
import sys

import pytest
from tests import journals

from tonnebook.core import kernel
from tonnebook.core.book import Band, Book, Command, CommandKind, Level, Mode, OrderType, Outcome, Side

BAND = Band(7200, 8800)
SELL = Command(CommandKind.PLACE, Side.SELL, group=1, price_fen_per_t=8000, quantity_t=300)
BUY = Command(CommandKind.PLACE, Side.BUY, group=2, price_fen_per_t=8100, quantity_t=500)


def test_a_batch_is_numbered_matched_and_told() -> None:
    opened = kernel.open_kernel(BAND, seq=41)
    ran = opened.run(kernel.as_commands([SELL, BUY]))
    assert isinstance(opened, kernel.Kernel)
    assert (ran.first, opened.seq) == (42, 43)
    assert ran.results.tolist() == [(Outcome.RESTS, 300), (Outcome.RESTS, 200)]
    assert ran.fills.tolist() == [(43, 42, 8000, 300, 0)]
    assert opened.view().bids == (Level(8100, 200),)


def test_without_a_compiler_the_readable_book_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> None:
        assert name == "numba"

    monkeypatch.setattr(importlib.util, "find_spec", find)
    opened = kernel.open_kernel(BAND)
    assert isinstance(opened, kernel.Readable)
    assert journals.replay(opened, [SELL, BUY]) == journals.replay(kernel.Kernel(Book(BAND).snapshot()), [SELL, BUY])


def test_the_program_starts_without_numba() -> None:
    look = "import sys, tonnebook.cli, tonnebook.core.book; print({'numba', 'numpy'} & sys.modules.keys())"
    ended = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"


def test_an_order_reduced_in_its_place_is_amended_again_from_its_new_quantity() -> None:
    def amended(quantity_t: int) -> Command:
        return Command(CommandKind.AMEND, order=1, price_fen_per_t=8000, quantity_t=quantity_t)

    resting = Command(CommandKind.PLACE, Side.SELL, group=1, price_fen_per_t=8000, quantity_t=1_000)
    taking = Command(CommandKind.PLACE, Side.BUY, group=2, price_fen_per_t=8000, quantity_t=200)
    opened, read = kernel.open_kernel(BAND), Book(BAND)
    commands = [resting, amended(600), taking, amended(500)]
    ran = opened.run(kernel.as_commands(commands))
    told = [read.apply(one) for one in commands]
    assert ran.results["left_t"].tolist() == [one.left_t for one in told] == [1_000, 600, 0, 300]
    assert opened.state_hash() == read.state_hash()


def test_the_plain_form_makes_the_same_trades() -> None:
    plain = (CommandKind.PLACE, CommandKind.CANCEL)
    commands = kernel.as_commands(
        [
            one._replace(group=number, order_type=OrderType.LIMIT)
            for number, one in enumerate(journals.journal(3, 5_000))
            if one.kind in plain
        ]
    )
    empty = Book(journals.BAND).snapshot()
    full, bare = kernel.Kernel(empty), kernel.Kernel(empty, is_plain=True)
    for start in range(0, len(commands), 500):
        batch = commands[start : start + 500]
        ran, told = bare.run(batch), full.run(batch)
        assert ran.fills.tolist() == told.fills.tolist()
        assert ran.results.tolist() == told.results.tolist()
    assert bare.view() == full.view()
    with pytest.raises(ValueError, match="plain form"):
        bare.snapshot()


def test_orders_far_beyond_the_room_taken_at_first_find_room() -> None:
    opened = kernel.Kernel(Book(BAND).snapshot(), capacity=1)
    for _ in range(3):
        opened.run(kernel.as_commands([SELL] * 1_000))
    done = opened.run(kernel.as_commands([BUY._replace(quantity_t=900_000)]))
    assert len(done.fills) == 3_000
    assert done.results.tolist() == [(Outcome.FILLED, 0)]


@pytest.mark.parametrize("opened", [Book(Band(1, kernel.SPAN_MAX + 1)), Book(BAND, mode=Mode.CALL)])
def test_what_the_kernel_cannot_hold_is_not_opened(opened: Book) -> None:
    with pytest.raises(ValueError, match=r"a ladder of|only continuous trading"):
        kernel.Kernel(opened.snapshot())


def test_the_readable_book_behind_its_calls_goes_on_in_whatever_mode_it_was() -> None:
    assert kernel.Readable(Book(BAND, mode=Mode.LISTED_AGREEMENT).snapshot()).book.mode is Mode.LISTED_AGREEMENT
