"""Raise alerts, answer them, and pass on what nobody has answered."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tonnebook.core import alerts, canonical, identity, periods, roles
from tonnebook.core.alerts import AlertKind, AlertRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.models import Acknowledgement, Alert
from tonnebook.members.services import notices

NUMBER = "members_alert_number"


def raise_alert(kind: AlertKind, *, subject: str, facts: Mapping[str, object], now: datetime) -> str:
    """Raise an alert, inside the caller's transaction; the same one twice while nobody has answered is one.

    It stands on every page of those who may answer it, and leaves by every channel to those on duty.

    Args:
        kind: what it is about.
        subject: names what it is about in particular, such as the root of the log.
        facts: what the reader needs.
        now: when.

    Returns:
        Its number.

    Source: design choice, no legal source (invariant O8).
    """
    # Two audits that find the same at the same time take turns here.
    open_one = _open().select_for_update(of=("self",)).filter(kind=kind, subject=subject).first()
    if open_one is not None:
        return open_one.number
    (count,) = journal.next_counts(NUMBER, 1)
    number = identity.numbered("AL", count)
    Alert.objects.create(number=number, kind=kind, subject=subject, facts=canonical.plain(facts), raised_at=now)
    journal.append(Entry("members.alert.raised", {"number": number, "kind": kind}, {"subject": subject}), now=now)
    _tell(number, kind, is_unread=False, now=now)
    return number


@journal.command("members.acknowledge")
def acknowledge(actor: Actor, *, alert: str, words: str, key: str, now: datetime) -> Answer:
    """Answer an alert, so that everybody sees that somebody sees to it.

    Args:
        actor: officer, registrar, exchange staff or auditor.
        alert: its number.
        words: what has been done or will be done.
        key: idempotency key.
        now: when.

    Returns:
        {"alert": number}.

    Raises:
        Refused: NOT_PERMITTED, NO_SUCH_ALERT, and what `core.alerts.check_acknowledgement` refuses.

    Source: design choice, no legal source (invariant O8).
    """
    del key
    roles.check(actor, Act.ACKNOWLEDGE)
    row = Alert.objects.select_for_update().filter(number=alert).first()
    if row is None:
        raise Refused(AlertRefusal.NO_SUCH_ALERT, alert=alert)
    first = Acknowledgement.objects.filter(alert=row).first()
    alerts.check_acknowledgement(alert, words=words, acknowledged_by=first.person if first else "")
    Acknowledgement.objects.create(alert=row, person=actor.person, words=words.strip(), at=now)
    facts = {"number": alert, "by": actor.person}
    journal.append(Entry("members.alert.acknowledged", facts, {"words": words.strip()}), now=now)
    return {"alert": alert}


def pass_on_alerts(*, now: datetime) -> int:
    """Pass the alerts that nobody has answered in time on to everybody who may, each once; run by a job every minute.

    Args:
        now: when.

    Returns:
        How many were passed on.

    Source: design choice, no legal source (invariant O8).
    """
    with transaction.atomic():
        waiting = _open().select_for_update(of=("self",)).filter(passed_on_at=None).order_by("id")
        overdue = [row for row in waiting if alerts.is_overdue(row.raised_at, now=now)]
        for row in overdue:
            _tell(row.number, AlertKind(row.kind), is_unread=True, now=now)
        Alert.objects.filter(pk__in=[row.pk for row in overdue]).update(passed_on_at=now)
    return len(overdue)


def drill(*, now: datetime) -> str:
    """Raise the alert of the day that only asks whether somebody is listening; run by a job.

    Args:
        now: when.

    Returns:
        Its number.

    Source: design choice, no legal source (invariant O8).
    """
    with transaction.atomic():
        return raise_alert(AlertKind.DRILL, subject=periods.day_of(now).isoformat(), facts={}, now=now)


def _tell(number: str, kind: AlertKind, *, is_unread: bool, now: datetime) -> None:
    words = alerts.words(kind, alert=number, is_unread=is_unread)
    notices.tell_people("alert", number, roles=alerts.told(is_unread=is_unread), words=words, now=now)


def _open() -> QuerySet[Alert]:
    return Alert.objects.exclude(pk__in=Acknowledgement.objects.values("alert"))
