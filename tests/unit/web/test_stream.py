"""Live quotes: nothing missed, nothing twice, and no listener who costs more than another."""

import asyncio
import http.client
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import time as clock
from typing import Any

import pytest
import websockets.sync.client
from django.db import transaction
from starlette.types import Message
from tests import campaigns
from tests.market_stage import MONDAY, Stage
from tests.streaming import streaming
from tests.unit.market.test_busts import bust

from tonnebook.core import periods
from tonnebook.core.book import Side
from tonnebook.journal import services as journal
from tonnebook.market import queries
from tonnebook.web.stream import hub as hubs
from tonnebook.web.stream import serving, states
from tonnebook.web.stream.hub import CrowdedError, Hub, Listener
from tonnebook.web.stream.states import State

REGIONS = frozenset({"shanghai", "tianjin"})


class Market:
    """A market without a database: a price, and trades by number."""

    def __init__(self) -> None:
        self.price, self.trades, self.reads = 7500, 0, 0

    def trade(self, count: int = 1) -> None:
        """Make trades."""
        self.trades += count
        self.price += count

    def read(self, region: str, told: Mapping[str, int]) -> tuple[State, ...]:
        """Stand in for the database."""
        del region
        self.reads += 1
        new = range(max(told.get("SHEA", 0), self.trades - states.TAPE_ROWS) + 1, self.trades + 1)
        return (State("SHEA", {"price": self.price}, {seq: {"seq": seq} for seq in new}),)


@asynccontextmanager
async def served(market: Market) -> AsyncIterator[Hub]:
    hub = Hub(market.read, REGIONS)
    task = asyncio.create_task(hub.serve())
    yield hub
    task.cancel()


async def told(hub: Hub, listener: Listener) -> tuple[str, dict[str, Any]]:
    """Wait for the next message and give its cursor and its only instrument."""
    async with asyncio.timeout(10):
        while (message := hub.take(listener)) is None:
            await listener.changed.wait()
    (one,) = json.loads(message.text)
    return message.cursor, one


def seqs(one: dict[str, Any]) -> list[int]:
    return [trade["seq"] for trade in one["trades"]]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "CONFLATION_SECONDS", 0)


def test_who_comes_back_is_told_exactly_what_was_missed() -> None:
    async def story() -> None:
        market = Market()
        async with served(market) as hub:
            market.trade(40)
            first = hub.join("shanghai")
            cursor, one = await told(hub, first)
            assert (cursor, one["state"]["price"]) == ("SHEA:40", 7540)
            assert seqs(one) == list(range(11, 41)), "a beginner gets the end of the tape"
            hub.leave(first)
            market.trade(5)
            hub.mark("shanghai")
            cursor, one = await told(hub, hub.join("shanghai", cursor=cursor))
            assert (cursor, seqs(one)) == ("SHEA:45", [41, 42, 43, 44, 45])
            # Another process, or this one started again, knows nobody and answers the same.
            async with served(market) as other:
                assert seqs((await told(other, other.join("shanghai", cursor="SHEA:43")))[1]) == [44, 45]

    asyncio.run(story())


def test_who_is_slow_gets_the_newest_state_and_every_trade_and_nothing_queues() -> None:
    async def story() -> None:
        market = Market()
        async with served(market) as hub:
            slow, fast = hub.join("shanghai"), hub.join("shanghai")
            await told(hub, slow)
            for _ in range(20):
                market.trade()
                hub.mark("shanghai")
                await told(hub, fast)
            _, one = await told(hub, slow)
            assert (one["state"]["price"], seqs(one)) == (7520, list(range(1, 21)))
            assert hub.take(slow) is None
            assert len(vars(slow)["versions"]) == 1

    asyncio.run(story())


def test_a_region_nobody_listens_to_is_not_read_and_what_did_not_change_is_not_told() -> None:
    async def story() -> None:
        market = Market()
        async with served(market) as hub:
            listener = hub.join("shanghai")
            await told(hub, listener)
            reads = market.reads
            hub.mark("tianjin")
            hub.mark("nowhere")
            await asyncio.sleep(0.05)
            assert market.reads == reads
            hub.mark("shanghai")
            await asyncio.sleep(0.05)
            assert market.reads == reads + 1
            assert hub.take(listener) is None

    asyncio.run(story())


def test_what_is_written_for_one_is_written_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    dumps = json.dumps

    def counted(value: object, separators: tuple[str, str]) -> str:
        written.append(value)
        return dumps(value, separators=separators)

    monkeypatch.setattr(json, "dumps", counted)

    async def story() -> None:
        market = Market()
        async with served(market) as hub:
            listeners = [hub.join("shanghai") for _ in range(500)]
            for listener in listeners:
                await told(hub, listener)
            market.trade()
            hub.mark("shanghai")
            for listener in listeners:
                assert seqs((await told(hub, listener))[1]) == [1]

    asyncio.run(story())
    assert len(written) == 2


async def status(hub: Hub, path: str) -> int:
    """Ask the application without a server in between."""
    said: list[Message] = []

    async def hear() -> Message:
        return {"type": "http.request"}

    async def say(message: Message) -> None:
        said.append(message)

    asked = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await serving.application(hub)(asked, hear, say)
    return int(said[0]["status"])


def test_one_more_listener_than_are_served_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "LISTENERS_MAX", 1)
    hub = Hub(Market().read, REGIONS)
    hub.join("shanghai")
    with pytest.raises(CrowdedError):
        hub.join("shanghai")
    assert asyncio.run(status(hub, "/stream/shanghai")) == 503
    assert asyncio.run(status(hub, "/stream/nowhere")) == 404


@pytest.mark.parametrize("text", ["", "SHEA", "SHEA:x", ":5", "SHEA:-1", "SHEA:²", "SHEA:" + "9" * 30])
def test_a_cursor_that_is_none_of_ours_counts_as_nothing_known(text: str) -> None:
    assert hubs.read_cursor(text) == {}


# --- the real process -------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(fresh_database: str) -> Stage:
    del fresh_database
    made = Stage()
    with transaction.atomic():
        made.open()
        made.issue("North Power", 1_000)
        made.fund("Red River Steel", 100_000_000)
    journal.mark_demo()
    journal.set_clock(at=periods.instant(MONDAY, clock(10)))
    return made


@contextmanager
def events(port: int, *, after: str = "") -> Iterator[Iterator[tuple[str, Any]]]:
    """Listen as a browser does."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    asked.request("GET", "/stream/shanghai", headers={"Last-Event-ID": after} if after else {})
    answer = asked.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/event-stream; charset=utf-8")

    def read() -> Iterator[tuple[str, Any]]:
        cursor = ""
        while line := answer.readline().decode():
            if line.startswith("id: "):
                cursor = line[4:].strip()
            if line.startswith("data: "):
                yield cursor, {one["instrument"]: one for one in json.loads(line[6:])}

    yield read()
    answer.close()
    asked.close()


def trade(stage: Stage, price_fen_per_t: int) -> None:
    with transaction.atomic():
        stage.order("North Power", Side.SELL, price_fen_per_t, 10)
        stage.order("Red River Steel", Side.BUY, price_fen_per_t, 10)


def test_a_trade_reaches_who_listens_and_who_comes_back_gets_what_was_missed(stage: Stage) -> None:
    with streaming() as port:
        with events(port) as heard:
            cursor, first = next(heard)
            assert first["SHEA"]["state"]["quote"]["is_open"] is True
            assert (first["SHEA"]["trades"], set(first)) == ([], {"SHEA", "SHCER"})
            trade(stage, 7510)
            cursor, then = next(heard)
            assert [one["price_fen_per_t"] for one in then["SHEA"]["trades"]] == [7510]
            assert then["SHEA"]["state"]["quote"]["last_fen_per_t"] == 7510
        trade(stage, 7520)
        trade(stage, 7530)
        with events(port, after=cursor) as heard:
            _, missed = next(heard)
            assert [one["price_fen_per_t"] for one in missed["SHEA"]["trades"]] == [7520, 7530]
        address = f"ws://127.0.0.1:{port}/stream/shanghai/socket?instrument=SHEA&after=SHEA:2"
        with websockets.sync.client.connect(address) as talk:
            said = json.loads(talk.recv(timeout=30))
            assert [one["price_fen_per_t"] for one in said["instruments"][0]["trades"]] == [7530]
            assert said["cursor"] == "SHEA:3"
            with transaction.atomic():
                stage.order("North Power", Side.SELL, 7600, 10)
            (one,) = json.loads(talk.recv(timeout=30))["instruments"]
            assert [level["price_fen_per_t"] for level in one["state"]["depth"]["asks"]] == [7600]


def test_a_crowd_hears_of_every_trade(stage: Stage) -> None:
    crowd = campaigns.times(25, 500)
    heard = threading.Semaphore(0)

    async def listen(port: int) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /stream/shanghai?instrument=SHEA HTTP/1.1\r\nHost: localhost\r\n\r\n")
        prices: list[int] = []
        while 7530 not in prices:
            line = (await reader.readline()).decode()
            if line.startswith("data: "):
                heard.release()
                prices += [trade["price_fen_per_t"] for trade in json.loads(line[6:])[0]["trades"]]
        writer.close()
        return prices

    async def all_listen(port: int) -> list[list[int]]:
        return await asyncio.gather(*(listen(port) for _ in range(crowd)))

    with streaming() as port, ThreadPoolExecutor(1) as pool:
        told = pool.submit(lambda: asyncio.run(all_listen(port)))
        for _ in range(crowd):
            assert heard.acquire(timeout=60)
        for price_fen_per_t in (7510, 7520, 7530):
            trade(stage, price_fen_per_t)
        assert told.result(timeout=60) == [[7510, 7520, 7530]] * crowd


def test_whoever_was_told_of_a_trade_is_told_that_it_was_taken_back(stage: Stage) -> None:
    trade(stage, 7510)
    (made,) = queries.trades("SHEA")
    with transaction.atomic():
        bust(stage, made.number)
    told = {one.instrument: str(one.shown) for one in states.read("shanghai", {"SHEA": made.seq})}
    assert made.number in told["SHEA"]
    assert made.number not in told["SHCER"]


def test_nobodys_name_and_no_account_is_told(stage: Stage) -> None:
    trade(stage, 7510)
    with transaction.atomic():
        stage.order("North Power", Side.SELL, 7600, 10)
    said = str(states.read("shanghai", {}))
    assert "7600" in said
    for actor in stage.cast.values():
        assert actor.organisation not in said
        assert actor.person not in said
