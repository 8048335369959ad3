"""Journals of commands for the order book, made from a number alone, and a program that replays them.

`python -m tests.journals FIRST COUNT EVENTS` prints, for each journal, a hash over its results and its state after
every thousand events, once by the readable book and once by the kernel.
"""

import hashlib
import random
import sys
from collections.abc import Iterator

from tonnebook.core import kernel
from tonnebook.core.book import SIDES, Band, Book, Command, CommandKind, OrderType, SelfTrade

BAND = Band(7900, 8100)
_KINDS = (CommandKind.PLACE,) * 6 + (CommandKind.CANCEL,) * 3 + (CommandKind.AMEND,)
_TYPES = (OrderType.LIMIT,) * 7 + tuple(OrderType)[1:]


def journal(number: int, events: int) -> list[Command]:
    """Make a journal: orders of all types around 80 yuan, amendments and cancellations of what may still rest."""
    chance = random.Random(number)  # noqa: S311 - journals, not secrets
    return [_command(chance, seq) for seq in range(1, events + 1)]


def _command(chance: random.Random, seq: int) -> Command:
    return Command(
        chance.choice(_KINDS),
        chance.choice(SIDES),
        chance.choice(_TYPES),
        chance.randint(1, 20),
        max(1, seq - chance.randint(0, 300)),
        8000 + round(chance.gauss(0, 20)),
        chance.randint(1, 60),
    )


def replay(matcher: kernel.Matcher, commands: list[Command], batch: int = 1000) -> str:
    """Feed a journal in batches and hash what comes out, and the state after each batch."""
    digest = hashlib.sha256()
    told = kernel.as_commands(commands)
    for start in range(0, len(told), batch):
        ran = matcher.run(told[start : start + batch])
        digest.update(ran.results.tobytes() + ran.fills.tobytes() + matcher.state_hash().encode())
    return digest.hexdigest()


def both(number: int, events: int) -> tuple[str, str]:
    """Replay a journal by the readable book and by the kernel."""
    empty = Book(BAND, policy=SelfTrade(number % len(SelfTrade))).snapshot()
    commands = journal(number, events)
    return replay(kernel.Readable(empty), commands), replay(kernel.Kernel(empty), commands)


def _lines(first: int, count: int, events: int) -> Iterator[str]:
    for number in range(first, first + count):
        yield " ".join(both(number, events))


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in _lines(*map(int, sys.argv[1:]))))
