"""Alerts: raised once, answered once and in words, passed on when nobody does."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from tests.unit.members.cast import NOW

from tonnebook.core import alerts
from tonnebook.core.alerts import AlertKind
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.members import queries
from tonnebook.members import services as members


def raised(subject: str = "root 1") -> str:
    with transaction.atomic():
        return members.raise_alert(AlertKind.AUDIT_BREAK, subject=subject, facts={"breaks": ["B02"]}, now=NOW)


def answered(actor: Actor, alert: str, words: str = "looking", key: str = "answer") -> None:
    members.acknowledge(actor, alert=alert, words=words, key=key, now=NOW)


def messages(topic: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload->>'number' FROM journal_outbox WHERE topic = %s ORDER BY id", [topic])
        return [row[0] for row in cursor.fetchall()]


def test_the_same_alert_is_raised_once_until_somebody_answers(cast: dict[str, Actor]) -> None:
    first = raised()
    assert raised() == first != raised("root 2")
    answered(cast["zhou"], first)
    assert raised() != first
    assert len(messages("alert.raised")) == 3


def test_an_answer_says_something_and_comes_first(cast: dict[str, Actor]) -> None:
    alert = raised()
    with pytest.raises(Refused, match="WORDS_NEEDED"):
        answered(cast["zhou"], alert, "  ", "blank")
    answered(cast["zhou"], alert, " the bank was asked ")
    with pytest.raises(Refused, match="ACKNOWLEDGED_ALREADY"):
        answered(cast["chen"], alert, "me too", "second")
    (row,) = queries.alerts(10)
    assert (row.acknowledged_by, row.words, row.facts) == (
        cast["zhou"].person,
        "the bank was asked",
        {"breaks": ["B02"]},
    )


def test_only_who_keeps_the_books_answers_and_only_what_there_is(cast: dict[str, Actor]) -> None:
    alert = raised()
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        answered(cast["steel"], alert)
    with pytest.raises(Refused, match="NO_SUCH_ALERT"):
        answered(cast["zhou"], "AL-999999-00")
    assert queries.open_alerts() == 1


def test_an_unread_alert_is_passed_on_once(cast: dict[str, Actor]) -> None:
    unread, read = raised(), raised("root 2")
    answered(cast["zhou"], read)
    assert members.pass_on_alerts(now=NOW + alerts.PATIENCE - timedelta(seconds=1)) == 0
    assert members.pass_on_alerts(now=NOW + alerts.PATIENCE) == 1
    assert members.pass_on_alerts(now=NOW + alerts.PATIENCE) == 0
    assert messages("alert.unread") == [unread]


def test_alerts_without_an_answer_stand_first(cast: dict[str, Actor]) -> None:
    numbers = [raised(f"root {count}") for count in range(3)]
    answered(cast["zhou"], numbers[2])
    assert [row.number for row in queries.alerts(10)] == [numbers[1], numbers[0], numbers[2]]


def test_an_answer_is_never_changed(cast: dict[str, Actor]) -> None:
    answered(cast["zhou"], raised())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("UPDATE members_acknowledgement SET words = 'nothing happened'")
