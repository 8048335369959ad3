"""Alerts: what somebody must see and answer, and when an unread one is passed on."""

from datetime import datetime, timedelta
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence

# An alert nobody has answered in this time goes to the next one in line (design choice, no legal source).
PATIENCE = timedelta(minutes=5)


class AlertKind(StrEnum):
    """What an alert is about."""

    AUDIT_BREAK = "AUDIT_BREAK"


class AlertRefusal(Refusal):
    """Why an alert is not acknowledged."""

    NO_SUCH_ALERT = Sentence(
        zh="没有编号为 {alert} 的警报。", en="There is no alert {alert}.", article="design choice", status=404
    )
    WORDS_NEEDED = Sentence(
        zh="请写明已采取或将采取的措施。",
        en="Please say what has been done or will be done about it.",
        article="design choice",
        status=422,
    )
    ACKNOWLEDGED_ALREADY = Sentence(
        zh="警报 {alert} 已由 {person} 确认。",
        en="Alert {alert} was acknowledged by {person} already.",
        article="design choice",
    )


def check_acknowledgement(alert: str, *, words: str, acknowledged_by: str) -> None:
    """Refuse an acknowledgement that says nothing or comes second.

    Args:
        alert: its number.
        words: what the person says about it.
        acknowledged_by: number of who has acknowledged it before; empty when nobody has.

    Raises:
        Refused: WORDS_NEEDED when the words are blank, ACKNOWLEDGED_ALREADY when somebody was first.

    Source: design choice, no legal source (invariant O8).
    """
    if not words.strip():
        raise Refused(AlertRefusal.WORDS_NEEDED)
    if acknowledged_by:
        raise Refused(AlertRefusal.ACKNOWLEDGED_ALREADY, alert=alert, person=acknowledged_by)


def is_overdue(raised_at: datetime, *, now: datetime) -> bool:
    """Say whether an alert that nobody has answered must be passed on."""
    return now - raised_at >= PATIENCE
