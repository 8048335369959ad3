"""The newest state of every region that somebody listens to, and what each listener has been told of it.

Nothing queues. A listener holds the number of the last state and of the last trade it was told, for each instrument;
what it gets next is the newest state and the trades since. Who is slow skips states, but no trade that the tape still
holds, and costs no more memory than who is fast.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from django.db import DatabaseError

from tonnebook.core.canonical import Json
from tonnebook.web.stream.states import TAPE_ROWS, State

# Changes of a quarter of a second reach everybody together, as one state.
CONFLATION_SECONDS = 0.25
# Sessions open and close, and the clock of a demo is set, without anybody trading.
REFRESH_SECONDS = 5.0
LISTENERS_MAX = 2_000
# What of the tape is told to who has not listened before.
_FIRST_ROWS = 30

log = structlog.get_logger(__name__)

Read = Callable[[str, Mapping[str, int]], tuple[State, ...]]


class CrowdedError(Exception):
    """As many listen as this process serves."""


@dataclass
class _Instrument:
    shown: Json = None
    version: int = 0
    tape: dict[int, Json] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        return max(self.tape, default=0)


@dataclass(eq=False)
class Listener:
    """Somebody who listens to a region, or to one instrument of it.

    Attributes:
        region: region code.
        only: instrument, empty for all of them.
        trades: number of the last trade told, by instrument; what it did not know yet is told from the state's tape.
        is_ready: whether its region has been read since it came; before, it would be told what is no longer so.
        changed: set when there is something to tell.
    """

    region: str
    only: str = ""
    trades: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    is_ready: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Message:
    """What a listener is told at once: its new cursor, and the instruments that changed, as JSON text."""

    cursor: str
    text: str


class Hub:
    """Keeps regions up to date for as long as somebody listens to them.

    Args:
        read: what may be told of a region, given the last trades that have been read; runs in one thread.
        regions: codes that exist.
    """

    def __init__(self, read: Read, regions: frozenset[str]) -> None:
        self.regions = regions
        self.listeners: set[Listener] = set()
        self._read = read
        self._instruments: dict[str, dict[str, _Instrument]] = {region: {} for region in regions}
        self._stale: set[str] = set()
        self._wake = asyncio.Event()
        # The same text goes to all who know the same, so that it is written once.
        self._written: dict[object, str] = {}

    def join(self, region: str, *, only: str = "", cursor: str = "") -> Listener:
        """Begin to listen.

        Args:
            region: one of `regions`.
            only: instrument, empty for all.
            cursor: of the last message received, empty for the newest state alone.

        Raises:
            CrowdedError: when there are too many already.
        """
        if len(self.listeners) >= LISTENERS_MAX:
            raise CrowdedError
        listener = Listener(region, only, read_cursor(cursor))
        self.listeners.add(listener)
        self.mark(region)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        self.listeners.discard(listener)

    def mark(self, region: str = "") -> None:
        """Note that a region has changed, or any may have; it is read at the next turn, once for all notes."""
        self._stale |= {region} & self.regions if region else self.regions
        self._wake.set()

    async def serve(self) -> None:
        """Read what has changed and wake who listens, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            listened = {one.region for one in self.listeners}
            try:
                for region in sorted(self._stale & listened):
                    await self._refresh(region)
            except DatabaseError as error:
                log.warning("stream.read.failed", reason=str(error))
            await asyncio.sleep(CONFLATION_SECONDS)

    async def _refresh(self, region: str) -> None:
        known = self._instruments[region]
        told = {code: one.last_seq for code, one in known.items()}
        # Struck off before it is read: what changes while it is being read is read again.
        self._stale.discard(region)
        for state in await asyncio.to_thread(self._read, region, told):
            one = known.setdefault(state.instrument, _Instrument())
            if state.shown == one.shown and not state.trades:
                continue
            one.version, one.shown = one.version + 1, state.shown
            one.tape = dict([*one.tape.items(), *state.trades.items()][-TAPE_ROWS:])
        self._written.clear()
        for listener in self.listeners:
            if listener.region == region:
                listener.is_ready = True
                listener.changed.set()

    def take(self, listener: Listener) -> Message | None:
        """Give what a listener has not been told yet, and count it as told; nothing when it knows everything."""
        listener.changed.clear()
        if not listener.is_ready:
            return None
        told, instruments = [], self._instruments[listener.region]
        for code, one in instruments.items():
            if listener.only in ("", code) and listener.versions.get(code) != one.version:
                told.append(self._text(code, one, listener.trades.get(code)))
                listener.versions[code], listener.trades[code] = one.version, one.last_seq
        known = {code: seq for code, seq in listener.trades.items() if code in instruments}
        return Message(write_cursor(known), f"[{','.join(told)}]") if told else None

    def _text(self, code: str, one: _Instrument, after_seq: int | None) -> str:
        key = (code, after_seq)
        if key not in self._written:
            since = one.last_seq - _FIRST_ROWS if after_seq is None else after_seq
            trades = [trade for seq, trade in one.tape.items() if seq > since]
            said = {"instrument": code, "state": one.shown, "trades": trades}
            self._written[key] = json.dumps(said, separators=(",", ":"))
        return self._written[key]


def write_cursor(trades: Mapping[str, int]) -> str:
    """Write what somebody knows: `SHEA:12 SHCER:3`, the number of the last trade of each instrument."""
    return " ".join(f"{code}:{seq}" for code, seq in trades.items())


def read_cursor(text: str) -> dict[str, int]:
    """Read a cursor; what is none of ours counts as nothing known."""
    pairs = (one.partition(":") for one in text.split())
    return {code: int(seq) for code, _, seq in pairs if code and seq.isascii() and seq.isdigit() and len(seq) < 19}
