"""Reserves: one hold for all orders of an account in an asset, which grows and shrinks with them.

Each order counts by what it needs itself, so a thousand of them cost the books one change. What a claim that comes
first takes, it takes out of the reserve as a whole; the market then voids its newest orders until the rest suffices.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tonnebook.core.errors import Refused
from tonnebook.core.ledger.book import Book, insufficient
from tonnebook.core.ledger.kinds import Hold, HoldReason, Place


class Wanted(NamedTuple):
    """What one order needs of an account; a tuple, because an engine makes thousands in a second."""

    account: str
    asset: str
    quantity: int


def set_aside(
    book: Book,
    wanted: Sequence[Wanted],
    numbers: Mapping[Place, str],
    *,
    may_wait: Callable[[int], bool] = lambda place: False,
) -> list[str | Refused]:
    """Set quantities aside in order, each by itself; one that is refused stops no other.

    Args:
        book: with the places and the reserves that stand there; changed.
        wanted: any number.
        numbers: of the reserve at each place, whether it stands already or not.
        may_wait: whether one of `wanted`, by its place among them, had better be tried again later than be refused; it
            and those after it are left alone then.

    Returns:
        For each, up to the first that waits, the number of its reserve, or why it was refused: ACCOUNT_UNKNOWN,
        ASSET_UNKNOWN, what `checks.check_hold` refuses, INSUFFICIENT_FREE.

    Source: design choice, no legal source.
    """
    refusals: dict[Place, Refused] = {}
    free: dict[Place, int] = {}
    for place in {(one.account, one.asset) for one in wanted}:
        try:
            book.check_hold(Hold(numbers[place], *place, 1, HoldReason.ORDER))
            free[place] = book.positions[place].free
        except Refused as refused:
            refusals[place] = refused
    answers: list[str | Refused] = []
    taken: Counter[Place] = Counter()
    for index, (account, asset, quantity) in enumerate(wanted):
        place = (account, asset)
        if quantity <= free.get(place, -1):
            free[place] -= quantity
            taken[place] += quantity
            answers.append(numbers[place])
        elif may_wait(index):
            break
        else:
            short = refusals.get(place) or insufficient(*place, free=free[place], wanted=quantity)
            answers.append(short)
    for place, quantity in taken.items():
        number = numbers[place]
        if number in book.holds:
            book.extend(number, by=quantity)
        else:
            book.place(Hold(number, *place, quantity, HoldReason.ORDER, is_reserve=True))
    return answers
