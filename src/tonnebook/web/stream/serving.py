"""The protocols of the stream: server-sent events and WebSocket, both resumed where they were broken off.

An event's `id` is a cursor; a browser sends it back by itself as `Last-Event-ID`, a program as `?after=`. All of it is
public, so any page may read it and no cookie is looked at.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import psycopg
import structlog
import uvicorn
from django.conf import settings
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tonnebook import rulebook
from tonnebook.journal import tenancy
from tonnebook.market.services import quotes
from tonnebook.web.stream import states
from tonnebook.web.stream.hub import REFRESH_SECONDS, CrowdedError, Hub, Listener, Message

# A comment now and then keeps proxies from closing a quiet connection, and finds out who has gone.
HEARTBEAT_SECONDS = 15.0
_RETRY = b"retry: 2000\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*"}
_AGAIN_SECONDS = 1.0

log = structlog.get_logger(__name__)


def application(hub: Hub) -> Starlette:
    """Put the addresses together; while it runs, the hub is served and the database listened to."""

    @contextlib.asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(one) for one in (hub.serve(), _listen(hub), _refresh(hub))]
        yield
        for task in tasks:
            task.cancel()

    async def events(request: Request) -> Response:
        listener = _joined(hub, request)
        return listener if isinstance(listener, Response) else _events(hub, listener)

    async def socket(connection: WebSocket) -> None:
        listener = _joined(hub, connection)
        if isinstance(listener, Response):
            await connection.close(1013)
            return
        await connection.accept()
        await _talk(hub, listener, connection)

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [
        Route("/health", health),
        Route("/stream/{region}", events),
        WebSocketRoute("/stream/{region}/socket", socket),
    ]
    return Starlette(routes=routes, lifespan=running)


def serve() -> None:
    """Serve the stream on this machine until somebody ends it, in the reach of the public."""
    tenancy.serve_as(tenancy.PUBLIC)
    hub = Hub(states.read, frozenset(rulebook.regions()))
    # A proxy that stands before it speaks for the world outside; nobody else reaches this process.
    uvicorn.run(
        application(hub), host="127.0.0.1", port=settings.STREAM_PORT, log_level="warning", timeout_graceful_shutdown=1
    )


def _joined(hub: Hub, asked: HTTPConnection) -> Listener | Response:
    region = asked.path_params["region"]
    if region not in hub.regions:
        return PlainTextResponse("no such region", status_code=404, headers=_HEADERS)
    cursor = asked.headers.get("last-event-id") or asked.query_params.get("after", "")
    try:
        return hub.join(region, only=asked.query_params.get("instrument", ""), cursor=cursor)
    except CrowdedError:
        return PlainTextResponse("crowded", status_code=503, headers={**_HEADERS, "Retry-After": "30"})


def _events(hub: Hub, listener: Listener) -> Response:
    async def told() -> AsyncIterator[bytes]:
        try:
            yield _RETRY
            while True:
                message = await _next(hub, listener)
                # Who reads slowly holds up this line alone: the next message is the newest by then.
                yield f"id: {message.cursor}\ndata: {message.text}\n\n".encode() if message else b": still here\n\n"
        finally:
            hub.leave(listener)

    return StreamingResponse(told(), media_type="text/event-stream", headers=_HEADERS)


async def _talk(hub: Hub, listener: Listener, connection: WebSocket) -> None:
    async def said() -> None:
        while True:
            await connection.receive_text()

    async def told() -> None:
        while True:
            message = await _next(hub, listener)
            text = f'{{"cursor":"{message.cursor}","instruments":{message.text}}}' if message else "{}"
            await connection.send_text(text)

    # Nothing a listener says means anything, but that it goes away is heard there first.
    tasks = [asyncio.create_task(said()), asyncio.create_task(told())]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            with contextlib.suppress(WebSocketDisconnect):
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        hub.leave(listener)


async def _next(hub: Hub, listener: Listener) -> Message | None:
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            while (message := hub.take(listener)) is None:
                await listener.changed.wait()
            return message
    except TimeoutError:
        return None


# PostgreSQL tells of each change at its commit. When the line breaks, everything may have changed in between.
async def _listen(hub: Hub) -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(_address(), autocommit=True) as connection:
                await connection.execute(f"LISTEN {quotes.CHANNEL}")
                hub.mark()
                async for note in connection.notifies():
                    hub.mark(note.payload.partition("|")[0])
        except psycopg.Error as error:
            log.warning("stream.database.lost", reason=str(error))
            await asyncio.sleep(_AGAIN_SECONDS)


async def _refresh(hub: Hub) -> None:
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        hub.mark()


def _address() -> str:
    return settings.ROLE_URLS["public_ro"] or settings.APP_URL
