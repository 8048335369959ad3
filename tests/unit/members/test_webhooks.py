"""Webhooks: who may keep them, what they are told, and what becomes of a message that nobody takes."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from tests.signing import make_real
from tests.unit.web import town as towns
from tests.unit.web.town import LOTUS, NOW, RED_RIVER, Town

from tonnebook.core import webhooks
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.webhooks import MessageDraft, MessageKind, MessageState, WebhookRefusal
from tonnebook.journal import outside
from tonnebook.journal import services as journal
from tonnebook.journal.models import JournalLeaf
from tonnebook.journal.outside import Ground, Unreachable
from tonnebook.members import jobs, queries
from tonnebook.members import services as members
from tonnebook.members.models import Webhook, WebhookMessage
from tonnebook_client import read_message

TRADE = MessageDraft(RED_RIVER, MessageKind.TRADE_MADE, {"trade": "T-1", "quantity_t": 100, "at": NOW})


class Receiver(HTTPServer):
    """A program of a member: answers with a status and keeps what came."""

    status = 204

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keep)
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Keep(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.came.append(
            ({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length))
        )
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


def add(town: Town, url: str, *, username: str = "red", events: frozenset[MessageKind] = frozenset(MessageKind)) -> str:
    answer = members.add_webhook(town.actor(username), url=url, events=events, key=town.stage.key(), now=NOW)
    return str(answer["webhook"])


def states() -> list[tuple[str, int]]:
    return [(row.state, len(row.tries)) for row in WebhookMessage.objects.order_by("id")]


def test_a_message_comes_signed_and_is_read_by_the_client(town: Town, receiver: Receiver) -> None:
    webhook = add(town, receiver.url)
    assert members.tell_programs([TRADE], now=NOW) == 1
    jobs.deliver_messages.func(0)
    ((headers, body),) = receiver.came
    secret = members.secret_of(town.actor("red"), webhook)
    message = read_message(secret, headers, body, at=int(journal.real_now().timestamp()))
    assert (message.type, message.data["trade"], message.data["quantity_t"]) == ("trade.made", "T-1", 100)
    (row,) = queries.webhook_messages(RED_RIVER, limit=9)
    assert (row.number, row.state, [one.status for one in row.tries]) == (message.number, MessageState.TAKEN, [204])


def test_only_what_was_asked_for_is_told_and_only_to_whom_it_happened(town: Town, receiver: Receiver) -> None:
    add(town, receiver.url, events=frozenset({MessageKind.BID_DECIDED}))
    add(town, receiver.url, username="lotus")
    assert members.tell_programs([TRADE], now=NOW) == 0
    assert members.tell_programs([TRADE._replace(organisation=LOTUS)], now=NOW) == 1
    (row,) = WebhookMessage.objects.all()
    assert row.webhook.organisation_id == LOTUS


def test_telling_nobody_and_many_takes_the_same_few_questions(
    town: Town, receiver: Receiver, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        members.tell_programs([TRADE] * 50, now=NOW)
    add(town, receiver.url)
    with django_assert_num_queries(3):
        assert members.tell_programs([TRADE] * 50, now=NOW) == 50


def test_what_nobody_takes_is_tried_again_later_and_given_up_in_the_end(town: Town, receiver: Receiver) -> None:
    add(town, receiver.url)
    receiver.status = 500
    members.tell_programs([TRADE], now=NOW)
    at, waits = NOW, []
    assert members.webhooks.deliver_next(now=at)
    while WebhookMessage.objects.get().state == MessageState.WAITING:
        due_at = WebhookMessage.objects.get().due_at
        assert not members.webhooks.deliver_next(now=due_at - timedelta(seconds=1))
        waits.append(due_at - at)
        at = due_at
        assert members.webhooks.deliver_next(now=at)
    assert states() == [("GIVEN_UP", webhooks.TRIES_MAX)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert sum(waits, timedelta()) > timedelta(hours=20)
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1
    receiver.status = 200
    number = WebhookMessage.objects.get().number
    members.send_message_again(town.actor("red"), message=number, key=town.stage.key(), now=at)
    assert members.webhooks.deliver_next(now=at)
    assert states() == [("TAKEN", 1)]


def test_one_that_is_away_holds_up_no_other(town: Town, receiver: Receiver) -> None:
    add(town, "http://127.0.0.1:9/nobody")
    add(town, receiver.url)
    members.tell_programs([TRADE], now=NOW)
    jobs.deliver_messages.func(0)
    assert states() == [("WAITING", 1), ("TAKEN", 1)]
    assert queries.webhook_messages(RED_RIVER, limit=9)[1].tries[0].status == 0


def test_a_test_message_can_be_sent_whatever_else_is_told(town: Town, receiver: Receiver) -> None:
    webhook = add(town, receiver.url, events=frozenset({MessageKind.BID_DECIDED}))
    members.try_webhook(town.actor("red"), webhook=webhook, key=town.stage.key(), now=NOW)
    jobs.deliver_messages.func(0)
    assert b'"type":"test"' in receiver.came[0][1]


def test_a_removed_webhook_is_told_nothing_not_even_what_waited(town: Town, receiver: Receiver) -> None:
    webhook, red = add(town, receiver.url), town.actor("red")
    members.tell_programs([TRADE], now=NOW)
    members.remove_webhook(red, webhook=webhook, key=town.stage.key(), now=NOW)
    assert members.tell_programs([TRADE], now=NOW) == 0
    jobs.deliver_messages.func(0)
    assert receiver.came == []
    assert states() == [("GIVEN_UP", 0)]
    with pytest.raises(Refused) as caught:
        members.send_message_again(red, message=WebhookMessage.objects.get().number, key=town.stage.key(), now=NOW)
    assert caught.value.code is WebhookRefusal.NO_SUCH_MESSAGE


def test_the_secret_lies_encrypted_and_neither_it_nor_the_address_is_in_the_public_log(town: Town) -> None:
    webhook = add(town, "http://127.0.0.1:9/private-path")
    secret = members.secret_of(town.actor("red"), webhook)
    assert secret.startswith("whsec_")
    assert secret not in Webhook.objects.get().secret
    payload = JournalLeaf.objects.get(kind="members.webhook.added").payload
    assert webhook in payload
    assert "private-path" not in payload


def test_others_neither_see_nor_use_a_webhook(town: Town, receiver: Receiver) -> None:
    webhook, lotus = add(town, receiver.url), town.actor("lotus")
    assert queries.webhooks(LOTUS) == ()
    for act in (members.remove_webhook, members.try_webhook):
        with pytest.raises(Refused) as caught:
            act(lotus, webhook=webhook, key=town.stage.key(), now=NOW)
        assert caught.value.code is WebhookRefusal.NO_SUCH_WEBHOOK
    with pytest.raises(Refused):
        members.secret_of(lotus, webhook)


def test_only_traders_keep_webhooks_and_five_at_most(town: Town) -> None:
    with pytest.raises(Refused) as caught:
        add(town, "http://127.0.0.1:9/", username="zhou")
    assert caught.value.code is AccessRefusal.NOT_PERMITTED
    for _ in range(webhooks.WEBHOOKS_MAX):
        add(town, "http://127.0.0.1:9/")
    with pytest.raises(Refused) as caught:
        add(town, "http://127.0.0.1:9/")
    assert caught.value.code is WebhookRefusal.TOO_MANY_WEBHOOKS


def test_outside_a_demo_a_webhook_wants_a_second_factor(town: Town) -> None:
    make_real()
    with pytest.raises(Refused) as caught:
        add(town, "https://program.example/hook")
    assert caught.value.code is AccessRefusal.SECOND_FACTOR_NEEDED


@pytest.mark.parametrize(
    ("url", "is_demo"),
    [
        ("http://program.example/", False),
        ("https://name:word@program.example/", False),
        ("https:///hook", False),
        ("ftp://program.example/", True),
        ("https://program.example/ hook", True),
        ("https://程序.example/", True),
    ],
)
def test_an_address_that_will_not_do_is_refused(url: str, is_demo: bool) -> None:
    with pytest.raises(Refused) as caught:
        webhooks.check_address(url, is_demo=is_demo)
    assert caught.value.code is WebhookRefusal.ADDRESS_UNFIT


def test_nothing_is_said_to_a_machine_off_the_ground(receiver: Receiver) -> None:
    with pytest.raises(Unreachable, match="out in the world"):
        outside.post(receiver.url, b"{}", content_type="application/json", ground=Ground.WORLD)
    assert receiver.came == []
    reply = outside.post(receiver.url, b"{}", content_type="application/json", ground=Ground.THIS_MACHINE)
    assert reply.status == 204
    for private in ("10.0.0.1", "192.168.1.1", "169.254.169.254", "fd00::1", "127.0.0.1", "::1"):
        assert not Ground.WORLD.bears(private)
    assert Ground.WORLD.bears("93.184.215.14")
    assert not Ground.THIS_MACHINE.bears("93.184.215.14")


def test_messages_are_kept_to_their_organisation_by_the_database(town: Town, receiver: Receiver) -> None:
    add(town, receiver.url)
    members.tell_programs([TRADE], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE relname = 'members_webhook_message'")
        assert cursor.fetchone() == (True,)


def test_the_page_shows_webhooks_messages_and_the_secret(town: Town, receiver: Receiver) -> None:
    browser = town.browser("red")
    page = browser.post("/members/webhooks", {"url": "nonsense", "events": ["trade.made"], "key": "k1"})
    assert page.status_code == 422
    assert "will not do" in page.content.decode()
    page = browser.post("/members/webhooks", {"url": receiver.url, "events": ["trade.made"], "key": "k2"})
    assert page.status_code == 302
    (row,) = queries.webhooks(RED_RIVER)
    members.tell_programs([TRADE], now=NOW)
    jobs.deliver_messages.func(0)
    shown = browser.get("/members/webhooks").content.decode()
    assert receiver.url in shown
    assert "204" in shown
    secret = browser.post(f"/members/webhooks/{row.number}/secret").content.decode()
    assert members.secret_of(town.actor("red"), row.number) in secret
