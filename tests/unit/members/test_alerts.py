"""Alerts: raised once, answered once and in words, passed on when nobody does."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from pytest_django.fixtures import Settings
from tests.unit.members.cast import NOW

from tonnebook.core import alerts
from tonnebook.core.alerts import AlertKind
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.journal import messengers
from tonnebook.journal import services as journal
from tonnebook.journal.models import Clock
from tonnebook.members import jobs, queries
from tonnebook.members import services as members
from tonnebook.members.models import Person


def raised(subject: str = "root 1") -> str:
    with transaction.atomic():
        return members.raise_alert(AlertKind.AUDIT_BREAK, subject=subject, facts={"breaks": ["B02"]}, now=NOW)


def answered(actor: Actor, alert: str, words: str = "looking", key: str = "answer") -> None:
    members.acknowledge(actor, alert=alert, words=words, key=key, now=NOW)


def messages(topic: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload->>'notice' FROM journal_outbox WHERE topic = %s ORDER BY id", [topic])
        return [row[0] for row in cursor.fetchall()]


def test_the_same_alert_is_raised_once_until_somebody_answers(cast: dict[str, Actor]) -> None:
    first = raised()
    assert raised() == first != raised("root 2")
    answered(cast["zhou"], first)
    assert raised() != first
    assert len(messages("alert.log")) == 3


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
    # First to the registrar's bureau, then to the other bureau as well.
    assert messages("alert.log") == [unread, read, unread, unread]


def test_an_alert_reaches_those_on_duty_first_and_then_everybody_who_may_answer(
    cast: dict[str, Actor], settings: Settings
) -> None:
    Clock.objects.update(is_demo=False, offset="0")
    settings.MAIL_FROM, settings.GATEWAYS = "registry@example.org", {}
    for person in Person.objects.all():
        Person.objects.filter(pk=person.pk).update(email=f"{person.username}@example.org")
    alert = raised()
    while journal.send_next(messengers.deliver, now=NOW):
        pass
    members.pass_on_alerts(now=NOW + alerts.PATIENCE)
    while journal.send_next(messengers.deliver, now=NOW):
        pass
    first, *second = mail.outbox
    assert first.to == ["chen@example.org"]
    assert alert in first.subject
    assert sorted(address for letter in second for address in letter.to) == [
        "chen@example.org",
        "jin@example.org",
        "zhou@example.org",
    ]
    assert all("Nobody has answered" in str(letter.body) for letter in second)


def test_every_day_a_drill_asks_whether_somebody_is_listening(cast: dict[str, Actor]) -> None:
    jobs.drill.func(0)
    assert queries.open_alerts() == 0
    Clock.objects.update(is_demo=False, offset="0")
    days = [NOW + timedelta(days=count) for count in range(3)]
    numbers = [members.drill(now=day) for day in days]
    assert members.drill(now=days[2] + timedelta(hours=1)) == numbers[2]
    for number, day, minutes in zip(numbers[:2], days, (4, 5), strict=False):
        at = day + timedelta(minutes=minutes)
        members.acknowledge(cast["zhou"], alert=number, words="here", key=number, now=at)
    assert queries.count_drills(since=NOW) == queries.DrillCount(raised=3, answered=1)
    assert queries.count_drills(since=days[1]) == queries.DrillCount(raised=2, answered=0)


def test_alerts_without_an_answer_stand_first(cast: dict[str, Actor]) -> None:
    numbers = [raised(f"root {count}") for count in range(3)]
    answered(cast["zhou"], numbers[2])
    assert [row.number for row in queries.alerts(10)] == [numbers[1], numbers[0], numbers[2]]


def test_an_answer_is_never_changed(cast: dict[str, Actor]) -> None:
    answered(cast["zhou"], raised())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("UPDATE members_acknowledgement SET words = 'nothing happened'")
