"""What the journal does by itself."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import transaction

from tonnebook.journal import jobs, messengers, queries
from tonnebook.journal import services as journal
from tonnebook.journal.outside import Unreachable

pytestmark = pytest.mark.django_db


def test_what_was_committed_is_numbered_and_signed() -> None:
    with transaction.atomic():
        journal.append(journal.Entry("trial.thing.happened", {"count": 1}), now=journal.now())
    jobs.publish.func(0)
    checkpoint = queries.latest_checkpoint()
    assert checkpoint is not None
    assert checkpoint.size == queries.log_size() == 1


def test_a_message_leaves_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(messengers, "deliver", lambda topic, _payload: sent.append(topic))
    for topic in ("notice.first", "notice.second"):
        journal.enqueue(topic, {"year": 2026}, now=journal.now())
    jobs.send.func(0)
    jobs.send.func(0)
    assert sent == ["notice.first", "notice.second"]


def test_a_message_that_nobody_took_waits_longer_each_time_and_holds_up_no_other() -> None:
    tried: list[str] = []

    def fail(topic: str, _payload: Mapping[str, object]) -> None:
        tried.append(topic)
        if topic == "notice.first":
            raise Unreachable("the messenger is away")

    now = journal.now()
    for topic in ("notice.first", "notice.second"):
        journal.enqueue(topic, {"year": 2026}, now=now)
    assert [journal.send_next(fail, now=now) for _ in range(3)] == [True, True, False]
    after = [timedelta(seconds=seconds) for seconds in (59, 60, 179, 180)]
    assert [journal.send_next(fail, now=now + wait) for wait in after] == [False, True, False, True]
    assert tried == ["notice.first", "notice.second", "notice.first", "notice.first"]
