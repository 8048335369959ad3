"""The books that an engine keeps in memory from step to step, and how it knows that they are still the stored ones."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tonnebook.core import book
from tonnebook.core.book import OrderState
from tonnebook.core.errors import Fault
from tonnebook.market.models import BookMark, Instrument, Order
from tonnebook.market.services import books, standing
from tonnebook.market.services.books import Asked, OpenBook
from tonnebook.market.services.gate import Market


@dataclass(slots=True)
class _Kept:
    open_book: OpenBook
    day: date
    mode: book.Mode
    # The number of the next command on the book, when nobody else has changed it meanwhile.
    command_seq: int


class KeptBooks:
    """The books of the instruments of a region, filled once and then kept in step.

    The open orders in the database are the snapshot from which a book is filled: they change in the same transaction as
    everything else, so that there is no tail to be played after it.

    Args:
        is_compiled: match by the kernel where there is a compiler; for a single command the readable book is faster.
    """

    def __init__(self, *, is_compiled: bool = True) -> None:
        self._kept: dict[int, _Kept] = {}
        self._is_compiled = is_compiled

    def of(self, market: Market, instrument: Instrument, asked: Sequence[Asked]) -> OpenBook:
        """Give the book of an instrument as it stands, with whatever others have changed."""
        kept = self._kept.get(instrument.pk)
        stored = (market.today, market.terms_of(instrument).mode, instrument.command_seq)
        if kept is None or (kept.day, kept.mode, kept.command_seq) != stored:
            kept = self._kept[instrument.pk] = self._filled(market, instrument)
        found = kept.open_book
        known = found.groups
        if new := {one.order.organisation for one in asked} - known.keys():
            found.learn(standing.groups([*known, *sorted(new)]))
        kept.command_seq += len(asked)
        return found

    def forget(self) -> None:
        """Let go of all books, as after a step that was undone."""
        self._kept.clear()

    def mark(self, instruments: Sequence[Instrument]) -> None:
        """Write down the hashes of the books that are kept, for `_check` after the next start.

        Args:
            instruments: locked.
        """
        for row in instruments:
            kept = self._kept.get(row.pk)
            if kept is not None and kept.command_seq == row.command_seq:
                marked = {"command_seq": row.command_seq, "state_hash": state_hash(kept.open_book)}
                BookMark.objects.update_or_create(instrument=row, defaults=marked)

    def _filled(self, market: Market, instrument: Instrument) -> _Kept:
        open_ = Order.objects.filter(instrument=instrument, state=OrderState.OPEN, trading_on=market.today)
        resting = [books.Resting(*row) for row in open_.values_list(*books.Resting._fields)]
        groups = standing.groups(list(dict.fromkeys(order.organisation for order in resting)))
        band = book.band(instrument.previous_close_fen_per_t, market.terms)
        terms = market.terms_of(instrument)
        found = books.filled(band, terms, resting, groups, is_compiled=self._is_compiled)
        _check(instrument, found)
        return _Kept(found, market.today, terms.mode, instrument.command_seq)


def state_hash(found: OpenBook) -> str:
    """Hash the open orders of a book with their priority, 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(found.state()).encode()).hexdigest()


# After a start: what is stored must be what the engine before had when it last looked, unless it went on since.
def _check(instrument: Instrument, found: OpenBook) -> None:
    mark = BookMark.objects.filter(instrument=instrument, command_seq=instrument.command_seq).first()
    if mark is not None and mark.state_hash != state_hash(found):
        raise Fault("B1", instrument=instrument.code, command=instrument.command_seq)
