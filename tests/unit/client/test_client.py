"""The client: what it sends, what it tries again, and what it says when the market says no."""

import json
import random
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.campaigns import SEED, times
from tests.unit.web import program as programs
from tests.unit.web import town as towns
from tests.unit.web.program import Program
from tests.unit.web.town import RED_RIVER

from tonnebook.core import webhooks
from tonnebook_client import NotGenuine, Refused, Tonnebook, Unreachable, from_environment, read_message

PRIVATE = bytes(range(32))
SECRET = webhooks.secret_text(bytes(32))
BODY = b'{"type":"trade.made","timestamp":"2026-03-02T02:00:00Z","data":{"quantity_t":100}}'


class Wire:
    """Answers requests with what is given, one after the other, and keeps them."""

    def __init__(self, *answers: tuple[int, Mapping[str, str], bytes] | OSError) -> None:
        self.answers, self.sent, self.waits = list(answers), [], []  # type: ignore[var-annotated]

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Keep a request and give the next answer."""
        self.sent.append((method, url, dict(headers), body))
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def market(self, **given: str) -> Tonnebook:
        """A client that talks over this wire."""
        return Tonnebook(
            "https://market.example/",
            api_key="K-1",
            private_key=PRIVATE,
            send=self.send,
            wait=self.waits.append,
            **given,
        )


def ok(said: object) -> tuple[int, Mapping[str, str], bytes]:
    return 200, {}, json.dumps(said).encode()


def signed(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> None:
    import hashlib

    lines = (
        "tonnebook-request-1",
        method,
        path,
        query,
        headers.get("Idempotency-Key", ""),
        headers.get("If-Match", ""),
        hashlib.sha256(body).hexdigest(),
        headers["Tonnebook-At"],
        headers["Tonnebook-Nonce"],
    )
    text = "".join(f"{line}\n" for line in lines).encode()
    public = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key()
    public.verify(bytes.fromhex(headers["Tonnebook-Signature"]), text)


@pytest.mark.parametrize(
    "sent",
    ["HTTP/1.1 200 OK\r\nServer: x", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n[1, "],
    ids=["headers", "body"],
)
def test_an_answer_that_was_cut_off_is_no_answer(sent: str) -> None:
    waits: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def cut() -> None:
            for _ in range(5):
                line, _ = server.accept()
                with line:
                    line.recv(65_536)
                    line.sendall(sent.encode())

        cutting = threading.Thread(target=cut)
        cutting.start()
        market = Tonnebook(f"http://127.0.0.1:{server.getsockname()[1]}", wait=waits.append)
        with pytest.raises(Unreachable):
            market.get("/orders")
        cutting.join()
    assert len(waits) == 4


def test_every_request_is_signed_as_it_is_sent() -> None:
    wire = Wire(ok({"total_fen": 800640}), ok({"order": "O-1"}), ok({"order": "O 1"}))
    market = wire.market()
    assert market.place_order("SHEA", "BUY", price_fen_per_t=8000, quantity_t=100) == {"order": "O-1"}
    market.cancel_order("O 1", if_match='"v1"')
    for method, url, headers, body in wire.sent:
        parts = urlsplit(url)
        signed(method, parts.path.replace("%20", " "), parts.query, headers, body)
    asked, placed, cancelled = wire.sent
    assert asked[1] == (
        "https://market.example/api/v1/orders/total?instrument=SHEA&side=BUY&price_fen_per_t=8000&quantity_t=100"
    )
    assert json.loads(placed[3])["shown_total_fen"] == 800640
    assert cancelled[:2] == ("DELETE", "https://market.example/api/v1/orders/O%201")
    assert "Idempotency-Key" not in asked[2]


def test_a_watched_program_says_that_it_is_there_until_its_block_ends_orderly() -> None:
    wire, beaten = Wire(), threading.Event()

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        wire.sent.append((method, url, headers, body))
        if len(wire.sent) == 3:
            beaten.set()
        return ok({})

    market = Tonnebook("https://market.example", api_key="K-1", private_key=PRIVATE, send=send)
    with market.watched("shanghai", silence_ms=30):
        assert beaten.wait(10)
    methods = [method for method, *_ in wire.sent]
    assert methods == ["PUT"] * (len(methods) - 1) + ["DELETE"]
    assert json.loads(wire.sent[0][3]) == {"region": "shanghai", "silence_ms": 30}


def test_a_watched_program_that_fails_leaves_it_to_the_market_to_withdraw_its_orders() -> None:
    wire = Wire(ok({}))
    with pytest.raises(ZeroDivisionError), wire.market().watched("shanghai", silence_ms=60_000):
        raise ZeroDivisionError
    assert [method for method, *_ in wire.sent] == ["PUT"]


def test_what_got_no_answer_is_sent_again_with_the_same_key_and_another_nonce() -> None:
    wire = Wire(ConnectionError("cut"), (503, {"Retry-After": "3"}, b"{}"), (429, {"Retry-After": "60"}, b""), ok({}))
    wire.market().cancel_order("O-1")
    assert len({headers["Idempotency-Key"] for _, _, headers, _ in wire.sent}) == 1
    assert len({headers["Tonnebook-Nonce"] for _, _, headers, _ in wire.sent}) == 4
    assert wire.waits == [0.5, 3.0, 10.0]


def test_the_key_is_handed_over_when_nobody_answers_at_all() -> None:
    wire = Wire(*(ConnectionError("cut") for _ in range(5)))
    with pytest.raises(Unreachable, match="cut") as caught:
        wire.market().cancel_order("O-1", idempotency_key="mine")
    assert caught.value.idempotency_key == "mine"
    assert len(wire.waits) == 4


def test_a_refusal_is_raised_with_its_code_and_facts_and_not_tried_again() -> None:
    problem = {"code": "INSUFFICIENT_FREE", "message": "too little", "facts": {"free": "5"}}
    wire = Wire((409, {}, json.dumps(problem).encode()))
    with pytest.raises(Refused, match="INSUFFICIENT_FREE: too little") as caught:
        wire.market().cancel_order("O-1")
    assert (caught.value.status, caught.value.code, caught.value.facts) == (409, "INSUFFICIENT_FREE", {"free": "5"})


def test_a_client_without_a_key_signs_nothing() -> None:
    wire = Wire(ok([]))
    Tonnebook("https://market.example", send=wire.send).instruments()
    assert wire.sent[0][1] == "https://market.example/api/v1/instruments"
    assert not [name for name in wire.sent[0][2] if name.startswith("Tonnebook")]


def through(program: Program) -> Tonnebook:
    """The client over the test server, its clock that of the database."""

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(url)
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = program.client.generic(method, address, body, "application/json", headers=dict(headers))
        return answer.status_code, answer.headers, answer.content

    private = program.private.private_bytes_raw()
    return Tonnebook("http://here", api_key=program.number, private_key=private, send=send)


@pytest.mark.django_db
def test_the_server_takes_what_the_client_sends() -> None:
    town = towns.open_town()
    market = through(programs.program_of(town, "red"))
    assert market.get("/me")["organisation"] == RED_RIVER
    assert market.instruments()[0]["code"] == "SHEA"
    assert market.quote("SHEA")["instrument"] == "SHEA"
    assert market.depth("SHEA") == {"bids": [], "asks": []}
    assert market.trades("SHEA") == []
    assert market.orders()["rows"] == []
    with pytest.raises(Refused) as caught:
        market.order("SHEA-O-000001-00")
    assert caught.value.status == 404


def headers_of(body: bytes = BODY, at: int = 1000) -> dict[str, str]:
    signature = webhooks.signature(SECRET, message="M-1", at=at, body=body.decode())
    return {"Webhook-Id": "M-1", "Webhook-Timestamp": str(at), "Webhook-Signature": f"v1,AAAA {signature}"}


def test_a_genuine_message_is_read() -> None:
    message = read_message(SECRET, headers_of(), BODY, at=1100)
    assert message == ("M-1", "trade.made", "2026-03-02T02:00:00Z", {"quantity_t": 100})


@pytest.mark.parametrize(
    ("secret", "changed", "body", "at"),
    [
        (webhooks.secret_text(bytes(31) + b"1"), {}, BODY, 1000),
        (SECRET, {"Webhook-Id": "M-2"}, BODY, 1000),
        (SECRET, {"Webhook-Timestamp": "1001"}, BODY, 1000),
        (SECRET, {"Webhook-Signature": "v1,AAAA"}, BODY, 1000),
        (SECRET, {"Webhook-Signature": ""}, BODY, 1000),
        (SECRET, {"Webhook-Timestamp": "soon"}, BODY, 1000),
        (SECRET, {}, BODY.replace(b"100", b"900"), 1000),
        (SECRET, {}, BODY, 1301),
        (SECRET, {}, BODY, 699),
        ("whsec_!", {}, BODY, 1000),
    ],
)
def test_a_message_that_is_not_genuine_or_not_new_is_not_read(
    secret: str, changed: dict[str, str], body: bytes, at: int
) -> None:
    with pytest.raises(NotGenuine):
        read_message(secret, headers_of() | changed, body, at=at)


def test_a_market_is_opened_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONNEBOOK", "http://127.0.0.1:9/")
    monkeypatch.setenv("TONNEBOOK_KEY", "K-1")
    monkeypatch.setenv("TONNEBOOK_SEED", PRIVATE.hex())
    assert isinstance(from_environment(), Tonnebook)
    monkeypatch.delenv("TONNEBOOK")
    with pytest.raises(KeyError):
        from_environment()


def as_told(count: int) -> list[tuple[dict[str, str], bytes]]:
    """Signed messages about two orders, each filled tonne by tonne, as they leave the market."""
    told = []
    for place in range(count):
        facts = {"order": f"O-{place % 2}", "filled_t": place // 2 + 1, "quantity_t": 1}
        body = json.dumps({"type": "order.filled", "timestamp": f"2026-03-02T02:00:{place:09d}Z", "data": facts})
        number = f"M-{place:09d}"
        signature = webhooks.signature(SECRET, message=number, at=1000, body=body)
        headers = {"Webhook-Id": number, "Webhook-Timestamp": "1000", "Webhook-Signature": signature}
        told.append((headers, body.encode()))
    return told


def books_of(received: Iterable[tuple[dict[str, str], bytes]], *, remembers: bool = True) -> dict[str, tuple[int, int]]:
    """A program that deals with each number once, and keeps of each order the state of the highest number."""
    dealt_with: set[str] = set()
    newest: dict[str, tuple[str, int]] = {}
    sums: Counter[str] = Counter()
    for headers, body in received:
        message = read_message(SECRET, headers, body, at=1000)
        if remembers and message.number in dealt_with:
            continue
        dealt_with.add(message.number)
        order = message.data["order"]
        sums[order] += message.data["quantity_t"]
        newest[order] = max(newest.get(order, ("", 0)), (message.number, message.data["filled_t"]))
    return {order: (sums[order], filled_t) for order, (_, filled_t) in newest.items()}


def test_a_program_that_remembers_numbers_ends_alike_whatever_is_shuffled_and_sent_again() -> None:
    chance, told = random.Random(SEED), as_told(times(400, 500_000))  # noqa: S311  repeatable tests
    shuffled = [*told, *chance.choices(told, k=len(told))]
    chance.shuffle(shuffled)
    assert books_of(shuffled) == books_of(told) == {f"O-{one}": (len(told) // 2, len(told) // 2) for one in range(2)}
    assert books_of(shuffled, remembers=False) != books_of(told)
