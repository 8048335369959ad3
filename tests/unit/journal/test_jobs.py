"""What the journal does by itself."""

from collections.abc import Mapping

import pytest
from django.db import transaction

from tonnebook.journal import jobs, queries
from tonnebook.journal import services as journal

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
    monkeypatch.setattr(jobs, "_to_log", lambda topic, _payload: sent.append(topic))
    for topic in ("notice.first", "notice.second"):
        journal.enqueue(topic, {"year": 2026}, now=journal.now())
    jobs.send.func(0)
    jobs.send.func(0)
    assert sent == ["notice.first", "notice.second"]


def test_a_message_that_was_not_delivered_is_sent_again() -> None:
    def fail(_topic: str, _payload: Mapping[str, object]) -> None:
        raise ConnectionError("the messenger is away")

    sent: list[str] = []
    journal.enqueue("notice.first", {"year": 2026}, now=journal.now())
    with pytest.raises(ConnectionError), transaction.atomic():
        journal.send_next(fail, now=journal.now())
    assert journal.send_next(lambda topic, _payload: sent.append(topic), now=journal.now())
    assert not journal.send_next(lambda topic, _payload: sent.append(topic), now=journal.now())
    assert sent == ["notice.first"]
