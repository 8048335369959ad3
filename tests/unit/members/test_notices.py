"""Notices reach their organisation, leave by the channels set up, and are served by the confirmation of receipt."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.db import transaction
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, YEAR, Town

from tonnebook.core import canonical
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.journal import messengers
from tonnebook.journal import services as journal
from tonnebook.journal.models import Clock, JournalLeaf, Outbox
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import Person

KEY = "a key the gateway knows"


class _Gateway(BaseHTTPRequestHandler):
    """A gateway that keeps what it is sent, and answers as told."""

    bodies: list[bytes] = []  # noqa: RUF012
    status = 200

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Gateway)
    _Gateway.bodies, _Gateway.status = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    Outbox.objects.all().delete()
    return town


def notify(*usccs: str) -> None:
    drafts = [members.NoticeDraft(uscc, {"year": YEAR}) for uscc in usccs]
    with transaction.atomic():
        members.notify(NoticeKind.DETERMINED, drafts, now=NOW)


def real(settings: Settings, **gateways: tuple[str, str]) -> None:
    """Make it no demo, with an e-mail address and gateways."""
    Clock.objects.update(is_demo=False, offset="0")
    settings.MAIL_FROM, settings.GATEWAYS = "registry@example.org", gateways


def test_each_organisation_sees_its_own_notices_alone(town: Town) -> None:
    notify(RED_RIVER, NORTH_POWER)
    (row,) = queries.notices_of(RED_RIVER)
    assert (row.kind, row.read_at) == (NoticeKind.DETERMINED, None)
    assert str(YEAR) in row.text_en
    assert queries.unread_notices(RED_RIVER) == 1
    with pytest.raises(Refused, match="NO_SUCH_NOTICE"):
        members.confirm_receipt(town.actor("north"), notice=row.number, key="k", now=NOW)


def test_the_first_receipt_serves_the_notice_and_a_second_is_refused(town: Town) -> None:
    notify(RED_RIVER)
    (row,) = queries.notices_of(RED_RIVER)
    answer = members.confirm_receipt(town.actor("red"), notice=row.number, key="k", now=NOW)
    (read,) = queries.notices_of(RED_RIVER)
    assert (read.read_at, read.read_by) == (NOW, town.actor("red").person)
    leaf = JournalLeaf.objects.get(kind="members.notice.read")
    assert bytes(leaf.leaf_hash).hex() == answer["receipt"]
    with pytest.raises(Refused, match="READ_ALREADY"):
        members.confirm_receipt(town.actor("red"), notice=row.number, key="again", now=NOW)


def test_somebody_without_the_role_confirms_no_receipt(town: Town) -> None:
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        members.confirm_receipt(town.actor("zhou"), notice="NO-000001-00", key="k", now=NOW)


def test_the_log_does_not_tell_who_was_notified(town: Town) -> None:
    notify(RED_RIVER)
    assert RED_RIVER not in JournalLeaf.objects.get(kind="members.notice.sent").payload


def test_nothing_leaves_a_demo(town: Town, settings: Settings, gateway: str) -> None:
    settings.MAIL_FROM, settings.GATEWAYS = "registry@example.org", {"sms": (gateway, KEY)}
    Person.objects.filter(username="red").update(email="red@example.org")
    notify(RED_RIVER)
    Outbox.objects.update(topic="notice.sms")
    assert journal.send_next(messengers.deliver, now=NOW)
    assert (_Gateway.bodies, mail.outbox) == ([], [])


def test_a_notice_leaves_by_mail_and_by_a_signed_message(town: Town, settings: Settings, gateway: str) -> None:
    Person.objects.filter(username="red").update(email="red@example.org")
    real(settings, sms=(gateway, KEY))
    notify(RED_RIVER)
    while journal.send_next(messengers.deliver, now=NOW):
        pass
    (letter,) = mail.outbox
    assert (letter.to, letter.from_email) == (["red@example.org"], "registry@example.org")
    told = json.loads(_Gateway.bodies[0])
    signed = hmac.new(KEY.encode(), canonical.text(told["message"]).encode(), hashlib.sha256).hexdigest()
    assert told["hmac_sha256"] == signed
    assert told["message"]["organisation"] == RED_RIVER
    assert "red@example.org" not in _Gateway.bodies[0].decode()


def test_a_message_the_gateway_refuses_is_sent_again_later(town: Town, settings: Settings, gateway: str) -> None:
    real(settings, messenger=(gateway, KEY))
    settings.MAIL_FROM = ""
    notify(RED_RIVER)
    _Gateway.status = 503
    assert journal.send_next(messengers.deliver, now=NOW)
    row = Outbox.objects.get()
    assert (row.sent_at, row.attempts) == (None, 1)
    assert row.due_at is not None
    _Gateway.status = 200
    assert journal.send_next(messengers.deliver, now=row.due_at)
    assert Outbox.objects.get().sent_at == row.due_at


def test_determination_and_surrender_notify_and_the_page_takes_the_receipt(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    town.stage.confirm(town.stage.submit({"SHEA-2026": 10}))
    (row,) = (one for one in queries.notices_of(RED_RIVER) if one.kind is NoticeKind.SURRENDER_CONFIRMED)
    red = town.browser("red")
    assert row.text_en in red.get("/notices").content.decode()
    unread = queries.unread_notices(RED_RIVER)
    assert red.post(f"/notices/{row.number}/receipt").status_code == 302
    assert queries.unread_notices(RED_RIVER) == unread - 1
    assert town.browser("zhou").get("/notices").status_code == 403
