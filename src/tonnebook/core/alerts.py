"""Alerts: what somebody must see and answer, and when an unread one is passed on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.roles import MAY, Act, Role

# An alert nobody has answered in this time goes to the next one in line (design choice, no legal source).
PATIENCE = timedelta(minutes=5)


# Who is told first; whoever else may answer is told when none of these has (design choice, no legal source).
FIRST_TOLD = frozenset({Role.REGISTRAR, Role.EXCHANGE_STAFF, Role.AUDITOR})


class AlertKind(StrEnum):
    """What an alert is about; a drill is raised every day, so that somebody notices when nobody is listening."""

    AUDIT_BREAK = "AUDIT_BREAK"
    DRILL = "DRILL"
    RECORDS_BREAK = "RECORDS_BREAK"


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


_WORDS: Mapping[AlertKind, tuple[str, str]] = MappingProxyType(
    {
        AlertKind.AUDIT_BREAK: (
            "警报 {alert}：审计发现账目或日志不符，转移已停止，请立即登录碳账本查看并应答。",
            "Alert {alert}: the auditor found that books or log do not hold and transfers stand still. "
            "Sign in, look, and answer it now.",
        ),
        AlertKind.RECORDS_BREAK: (
            "警报 {alert}：夜间复算发现排放报告或证据文件与提交时不符，请立即登录碳账本查看并应答。",
            "Alert {alert}: by night a report or an evidence file was found that is not what was handed in. "
            "Sign in, look, and answer it now.",
        ),
        AlertKind.DRILL: (
            "每日演练 {alert}：请在五分钟内登录碳账本应答。",
            "Daily drill {alert}: sign in and answer it within five minutes.",
        ),
    }
)
_UNREAD = ("五分钟内无人应答。", "Nobody has answered within five minutes. ")


def words(kind: AlertKind, *, alert: str, is_unread: bool) -> tuple[str, str]:
    """Write an alert out for those it is sent to.

    Args:
        kind: what it is about.
        alert: its number.
        is_unread: whether those who were told first have not answered.

    Returns:
        The Chinese and the English sentence.

    Source: design choice, no legal source (invariant O8).
    """
    before_zh, before_en = _UNREAD if is_unread else ("", "")
    zh, en = _WORDS[kind]
    return before_zh + zh.format(alert=alert), before_en + en.format(alert=alert)


def told(*, is_unread: bool) -> frozenset[Role]:
    """Give the roles whose people an alert is sent to: those on duty first, then everybody who may answer.

    Args:
        is_unread: whether those who were told first have not answered.

    Source: design choice, no legal source (invariant O8).
    """
    return MAY[Act.ACKNOWLEDGE] if is_unread else FIRST_TOLD


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
