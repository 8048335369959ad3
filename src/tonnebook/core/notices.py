"""Official notices to organisations: what each kind says, and when one that could not be delivered is tried again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.errors import Refusal, Sentence

# Tried again after one minute, then after twice as long each time, at last every six hours (design choice).
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_DOUBLINGS_MAX = 9


class NoticeKind(StrEnum):
    """What a notice is about."""

    DETERMINED = "DETERMINED"
    LISTED = "LISTED"
    OBJECTION_DECIDED = "OBJECTION_DECIDED"
    SURRENDER_CONFIRMED = "SURRENDER_CONFIRMED"
    SURRENDER_FORCED = "SURRENDER_FORCED"
    ACCOUNT_STATE = "ACCOUNT_STATE"
    PAPER = "PAPER"
    TASK_DUE = "TASK_DUE"
    SHORTFALL_EXPECTED = "SHORTFALL_EXPECTED"
    CONSULTED = "CONSULTED"
    OPINION_ANSWERED = "OPINION_ANSWERED"
    TRADE_BUSTED = "TRADE_BUSTED"


class NoticeRefusal(Refusal):
    """Why the receipt of a notice is not noted."""

    NO_SUCH_NOTICE = Sentence(
        zh="没有编号为 {notice} 的通知。", en="There is no notice {notice}.", article="design choice", status=404
    )
    READ_ALREADY = Sentence(
        zh="通知 {notice} 已由 {person} 签收。",
        en="Receipt of notice {notice} was confirmed by {person} already.",
        article="design choice",
    )


_WORDS: Mapping[NoticeKind, tuple[str, str]] = MappingProxyType(
    {
        NoticeKind.DETERMINED: (
            "贵单位 {year} 年度排放量已审定，请登录碳账本查看。",
            "Your emission of {year} has been determined; sign in to see it.",
        ),
        NoticeKind.LISTED: (
            "{year} 年度纳管名单已公布，请登录碳账本查看贵单位所处阶段及理由；如有异议请在期限内提出。",
            "The coverage list of {year} is published; sign in to see your stage and its reason, and object in time.",
        ),
        NoticeKind.OBJECTION_DECIDED: (
            "贵单位 {year} 年度异议（复核）{objection} 已有处理决定，请登录碳账本查看。",
            "Your objection {objection} of {year} has been decided; sign in to see how and why.",
        ),
        NoticeKind.SURRENDER_CONFIRMED: (
            "贵单位 {year} 年度清缴申请 {surrender} 已确认，清缴完成。",
            "Your surrender {surrender} for {year} has been confirmed and is final.",
        ),
        NoticeKind.SURRENDER_FORCED: (
            "贵单位 {year} 年度未足额清缴，主管部门已强制履约（{surrender}），请登录碳账本查看。",
            "You had not surrendered enough for {year}; the authority has taken allowances by force ({surrender}). "
            "Sign in to see which.",
        ),
        NoticeKind.ACCOUNT_STATE: (
            "贵单位账户 {account} 的状态已变更，请登录碳账本查看现状与原因。",
            "The state of your account {account} has changed; sign in to see what goes for it now, and why.",
        ),
        NoticeKind.PAPER: (
            "文书 {paper} 已送达贵单位，请登录碳账本查看并签收。",
            "Official paper {paper} is addressed to you; sign in to read it and confirm its receipt.",
        ),
        NoticeKind.TASK_DUE: (
            "提醒：{year} 年度“{deadline_zh}”为 {due_on}，贵单位尚有事项未完成，请登录碳账本查看。",
            "Reminder for {year}: “{deadline_en}” is {due_on}, and something of yours is left to do. "
            "Sign in to see it.",
        ),
        NoticeKind.SHORTFALL_EXPECTED: (
            "预警：按现有数据，贵单位 {year} 年度配额预计不足；“{deadline_zh}”为 {due_on}，请登录碳账本查看。",
            "Warning: as things stand you will be short for {year}; “{deadline_en}” is {due_on}. "
            "Sign in to see by how much and why.",
        ),
        NoticeKind.CONSULTED: (
            "就 {year} 年度草案征求贵部门意见（{consultation}），请于 {answer_until} 前登录碳账本反馈。",
            "Your opinion on a draft of {year} is asked for ({consultation}); sign in and give it by {answer_until}.",
        ),
        NoticeKind.OPINION_ANSWERED: (
            "贵部门对 {year} 年度草案的意见（{consultation}）已有采纳情况反馈，请登录碳账本查看。",
            "Your opinion on a draft of {year} ({consultation}) has been answered; sign in to see how and why.",
        ),
        NoticeKind.TRADE_BUSTED: (
            "贵单位的成交 {trade} 已由交易机构撤销或更正，请登录碳账本查看交割单。",
            "The exchange has taken back or corrected your trade {trade}; sign in to see your delivery slip.",
        ),
    }
)


def words(kind: NoticeKind, facts: Mapping[str, object]) -> tuple[str, str]:
    """Write a notice out; it holds no figure, for it passes through the hands of others.

    Args:
        kind: what it is about.
        facts: what the sentence of the kind names.

    Returns:
        The Chinese and the English sentence.

    Source: design choice, no legal source (feature O23).
    """
    zh, en = _WORDS[kind]
    return zh.format(**facts), en.format(**facts)


def next_try_at(attempts: int, *, now: datetime) -> datetime:
    """Say when to try again what could not be delivered.

    Args:
        attempts: how often it has been tried, >= 1.
        now: the instant of the last try.

    Returns:
        The instant of the next one.

    Source: design choice, no legal source.
    """
    wait: timedelta = _FIRST_WAIT * (1 << min(attempts - 1, _DOUBLINGS_MAX))
    return now + min(wait, _LONGEST_WAIT)
