"""The compiled kernel answers every sequence of commands as the readable book does, byte for byte, wherever it runs."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests import campaigns, journals

from tonnebook.core import kernel
from tonnebook.core.book import Band, Book, Command, CommandKind, OrderType, SelfTrade, Side

REPOSITORY = Path(__file__).resolve().parents[2]
LOW = 100


@st.composite
def markets(draw: st.DrawFn) -> tuple[bytes, list[Command], list[int]]:
    """An empty book, commands that hit each other often, and where batches end."""
    tick = draw(st.sampled_from([1, 5]))
    # Short ladders, where everything meets, and long ones with several words of bits.
    span = draw(st.sampled_from([1, 8, 20, 64, 65, 300]))
    seq = draw(st.sampled_from([0, 10**9]))
    commands = draw(
        st.lists(
            st.builds(
                Command,
                st.sampled_from([CommandKind.PLACE, CommandKind.PLACE, CommandKind.AMEND, CommandKind.CANCEL]),
                st.sampled_from(Side),
                st.sampled_from(OrderType) | st.just(OrderType.LIMIT),
                st.integers(1, 3),
                st.integers(0, 41).map(lambda number: number + seq),
                st.integers(LOW - 1, LOW + tick * span) | st.integers(0, 20).map(lambda step: LOW + tick * step),
                st.integers(-1, 20) | st.sampled_from([2**31 - 1, 2**31, 2**40]),
            ),
            max_size=40,
        )
    )
    policy = draw(st.sampled_from(SelfTrade))
    empty = Book(Band(LOW, LOW + tick * (span - 1)), tick_fen=tick, policy=policy, seq=seq)
    return empty.snapshot(), commands, draw(st.lists(st.integers(1, 12), min_size=40, max_size=40))


@settings(max_examples=campaigns.times(200, 100_000))
@given(markets())
def test_the_kernel_is_the_book(market: tuple[bytes, list[Command], list[int]]) -> None:
    empty, commands, sizes = market
    readable, compiled = kernel.Readable(empty), kernel.Kernel(empty, capacity=1)
    while commands:
        batch, commands = commands[: sizes[0]], commands[sizes.pop(0) :]
        told = kernel.as_commands(batch)
        expected, ran = readable.run(told), compiled.run(told)
        assert ran.first == expected.first
        assert ran.results.tolist() == expected.results.tolist()
        assert ran.fills.tolist() == expected.fills.tolist()
        assert compiled.view() == readable.view()
        assert compiled.snapshot() == readable.snapshot()
        if sizes[0] % 3 == 0:
            compiled = kernel.Kernel(compiled.snapshot(), capacity=1)


def replayed(hash_seed: int, count: int, events: int) -> list[list[str]]:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.journals", "1", str(count), str(events)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": "src"},
        check=True,
        capture_output=True,
        text=True,
    )
    return [line.split() for line in ended.stdout.splitlines()]


def test_a_journal_replays_to_the_same_bytes_whatever_the_hash_seed() -> None:
    count, events = campaigns.times(3, 1_000), campaigns.times(2_000, 10_000)
    first, second = replayed(1, count, events), replayed(2, count, events)
    assert first == second
    assert len({book for book, _ in first}) == count
    assert all(book == compiled for book, compiled in first)


def test_a_stop_at_any_batch_goes_on_as_if_there_had_been_none() -> None:
    commands = kernel.as_commands(journals.journal(7, 3_000))
    whole = kernel.Kernel(Book(journals.BAND).snapshot())
    whole.run(commands)
    for stop in (1, 999, 2_500):
        before = kernel.Kernel(Book(journals.BAND).snapshot())
        before.run(commands[:stop])
        after = kernel.Kernel(before.snapshot())
        after.run(commands[stop:])
        assert after.state_hash() == whole.state_hash()
