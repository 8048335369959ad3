"""The API as methods: read the market, place and cancel orders, bid, and ask for anything else by its path."""

import contextlib
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote as escaped
from urllib.parse import urlencode

import requests

from tonnebook_client.signing import signed_headers

API = "/api/v1"
_TIMEOUT_SECONDS = 10
_TRIES = 5
_LONGEST_WAIT_SECONDS = 10.0
_TOO_MANY, _UNAVAILABLE = 429, 503

# Sends method, address, headers and body; gives status, headers and body.
Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]


class Unreachable(Exception):
    """Nobody answered, or too busily, as often as it was tried; what was asked for may have been done.

    Attributes:
        idempotency_key: ask again with it, and nothing is done twice.
    """

    def __init__(self, reason: str, idempotency_key: str) -> None:
        super().__init__(reason)
        self.idempotency_key = idempotency_key


class Refused(Exception):
    """The market says no.

    Attributes:
        code: such as "INSUFFICIENT_FREE".
        status: of HTTP.
        facts: what the sentence names.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{problem.get('code', status)}: {problem.get('message', '')}")
        self.status, self.code, self.facts = status, str(problem.get("code", "")), dict(problem.get("facts", {}))


class Tonnebook:
    """A market as a program sees it.

    What changes the books carries an idempotency key, so it is safe to send it again: when nobody answers, or the
    market asks to wait, this is done with the same key.

    Args:
        url: of the market, such as "https://market.example".
        api_key: number of a key that signs; empty for what everybody may read.
        private_key: the 32 bytes of its Ed25519 key.
        language: of the sentences of refusals, "zh" or "en".
        send: how a request leaves; by `requests` when left out.
        wait: how a pause is made, in seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str = "",
        private_key: bytes = b"",
        language: str = "en",
        send: Send | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._api_key, self._private_key, self._language = url.rstrip("/"), api_key, private_key, language
        self._send, self._wait = send or _by_requests(), wait

    def instruments(self, region: str = "") -> Any:
        """What is traded in a region."""
        return self.get("/instruments", region=region)

    def quote(self, instrument: str) -> Any:
        """The state of an instrument now."""
        return self.get(f"/instruments/{instrument}")

    def depth(self, instrument: str) -> Any:
        """The five best prices of both sides."""
        return self.get(f"/instruments/{instrument}/depth")

    def trades(self, instrument: str) -> Any:
        """The latest trades, newest first."""
        return self.get(f"/instruments/{instrument}/trades")

    def orders(self, *, page: int = 1) -> Any:
        """The own orders, newest first."""
        return self.get("/orders", page=page)

    def order(self, number: str) -> Any:
        """One own order."""
        return self.get(f"/orders/{number}")

    def place_order(
        self,
        instrument: str,
        side: str,
        *,
        price_fen_per_t: int,
        quantity_t: int,
        asset: str = "",
        shown_total_fen: int | None = None,
        idempotency_key: str = "",
    ) -> Any:
        """Place a limit order for the day.

        Args:
            instrument: such as "SHEA".
            side: "BUY" or "SELL".
            price_fen_per_t: limit, fen per tonne.
            quantity_t: tonnes.
            asset: what a seller delivers, such as "SHEA-2026".
            shown_total_fen: what the trader confirmed; asked for when left out.
            idempotency_key: drawn when left out.
        """
        order = {"instrument": instrument, "side": side, "price_fen_per_t": price_fen_per_t, "quantity_t": quantity_t}
        if shown_total_fen is None:
            shown_total_fen = self.get("/orders/total", **order)["total_fen"]
        body = {**order, "asset": asset, "shown_total_fen": shown_total_fen}
        return self.ask("POST", "/orders", body=body, idempotency_key=idempotency_key)

    def cancel_order(self, number: str, *, if_match: str = "", idempotency_key: str = "") -> Any:
        """Take what is left of an own order back."""
        path = f"/orders/{number}"
        return self.ask("DELETE", path, if_match=if_match, idempotency_key=idempotency_key)

    @contextlib.contextmanager
    def watched(self, region: str, *, silence_ms: int = 900) -> Iterator[None]:
        """Have the own orders withdrawn when this program falls silent, for the length of a `with` block.

        A thread says all the while that it is still there. A block that ends orderly ends the watch and leaves the
        orders; one that ends by an exception, or with the program, leaves it to the market to withdraw them.

        Args:
            region: whose market.
            silence_ms: how long the silence lasts, milliseconds.
        """
        body, ended = {"region": region, "silence_ms": silence_ms}, threading.Event()
        self.ask("PUT", "/orders/watch", body=body)

        def beat() -> None:
            # Nothing to tell when it fails: the market hears nothing then, which is what the watch is for.
            with contextlib.suppress(Refused, Unreachable):
                while not ended.wait(silence_ms / 3000):
                    self.ask("PUT", "/orders/watch", body=body)

        beating = threading.Thread(target=beat, daemon=True)
        beating.start()
        try:
            yield
        finally:
            ended.set()
            beating.join()
        self.ask("DELETE", "/orders/watch", query=urlencode({"region": region}))

    def get(self, path: str, **query: object) -> Any:
        """Read any address of the API; what is empty is left out of the query."""
        given = {name: value for name, value in query.items() if value not in ("", None)}
        return self.ask("GET", path, query=urlencode(given))

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: object = None,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> Any:
        """Ask anything of the API.

        Args:
            method: of HTTP.
            path: after "/api/v1".
            query: as it is sent.
            body: what is sent as JSON.
            if_match: ETag of the version the change is meant for.
            idempotency_key: of a change; drawn when left out.

        Returns:
            The JSON of the answer.

        Raises:
            Refused: when the market says no.
            Unreachable: when it gave no answer, or had no time, as often as it was tried.
        """
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        key = "" if method == "GET" else idempotency_key or secrets.token_hex(16)
        reason = ""
        for number in range(_TRIES):
            try:
                status, headers, answer = self._once(method, API + path, query, content, key, if_match)
            except OSError as error:
                reason, pause = str(error), 0.5 * 2**number
            else:
                told = json.loads(answer) if answer else None
                if status < 400:
                    return told
                if status not in (_TOO_MANY, _UNAVAILABLE):
                    raise Refused(status, told if isinstance(told, dict) else {})
                reason, pause = f"answered {status}", float(headers.get("Retry-After", 1))
            if number + 1 < _TRIES:
                self._wait(min(pause, _LONGEST_WAIT_SECONDS))
        raise Unreachable(reason, key)

    def _once(
        self, method: str, path: str, query: str, body: bytes, key: str, if_match: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Accept": "application/json", "Accept-Language": self._language}
        if body:
            headers["Content-Type"] = "application/json"
        if self._api_key:
            headers |= signed_headers(
                self._api_key,
                self._private_key,
                method,
                path,
                query=query,
                body=body,
                idempotency_key=key,
                if_match=if_match,
            )
        return self._send(method, self._url + escaped(path) + (f"?{query}" if query else ""), headers, body)


def from_environment() -> Tonnebook:
    """Open the market that TONNEBOOK (address), TONNEBOOK_KEY and TONNEBOOK_SEED (hexadecimal) name."""
    seed = bytes.fromhex(os.environ.get("TONNEBOOK_SEED", ""))
    return Tonnebook(os.environ["TONNEBOOK"], api_key=os.environ.get("TONNEBOOK_KEY", ""), private_key=seed)


def _by_requests() -> Send:
    session = requests.Session()

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        answer = session.request(
            method, url, headers=dict(headers), data=body, timeout=_TIMEOUT_SECONDS, allow_redirects=False
        )
        if not any(name in answer.headers for name in ("Content-Length", "Transfer-Encoding")):
            raise ConnectionError("the answer ended among its headers")
        return answer.status_code, answer.headers, answer.content

    return send
