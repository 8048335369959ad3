"""What the stream tells of an instrument: quote, five levels and the tape, as the public pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import close_old_connections

from tonnebook.core import canonical, periods
from tonnebook.core.canonical import Json
from tonnebook.journal import services as journal
from tonnebook.market import queries

# Whoever was away is told so many trades of what they missed; the rest stands in the history.
TAPE_ROWS = 200


@dataclass(frozen=True, slots=True)
class State:
    """An instrument at an instant.

    Attributes:
        instrument: code.
        shown: quote, levels and trades taken back as JSON values; two equal ones need not be told twice.
        trades: new on the tape, oldest first, by number.
    """

    instrument: str
    shown: Json
    trades: Mapping[int, Json]


def read(region: str, told: Mapping[str, int]) -> tuple[State, ...]:
    """Read every instrument of a region.

    Args:
        region: region code.
        told: number of the last trade that has been read, by instrument.
    """
    close_old_connections()
    now = journal.now()
    today = periods.day_of(now)
    states = []
    for row in queries.instruments(region):
        quote, depth = queries.quote(row.code, now=now), queries.depth(row.code, on=today)
        # Whoever has been told of a trade is told that it was taken back.
        busted = [bust.trade for bust in queries.busts_of(row.code, day=today)]
        shown = canonical.plain({"quote": quote, "depth": depth, "busted": busted})
        trades = queries.trades(row.code, TAPE_ROWS, after_seq=told.get(row.code, 0))
        states.append(State(row.code, shown, {one.seq: canonical.plain(one) for one in trades[::-1]}))
    return tuple(states)
