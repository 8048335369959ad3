"""Consultation (征求意见): sector departments are asked about a draft, answer within days, and hear what became of it.

The authority circulates what it drafts to departments of the city: the yearly plan whole, of the coverage list and of
benchmarks the part that concerns their sectors. A department agrees, suggests changes or opposes within working days,
once; the authority accepts its opinion or says why not. An opinion binds nobody: whoever approves the draft sees which
are open. The module does *not* decide what stands in a draft.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.periods import Calendar
from tonnebook.core.rules import RulesAt


class ConsultationRefusal(Refusal):
    """What consultations, opinions and their answers can be refused for, in order of precedence."""

    NOBODY_ASKED = Sentence(
        "请至少选择一个行业主管部门。", "Choose at least one department to ask.", "design choice", status=422
    )
    NOTHING_TO_SEND = Sentence(
        "该草案没有涉及 {department} 主管行业的内容；请核对其主管行业，或不向其征求意见。",
        "Nothing in the draft concerns the sectors of {department}; look at its sectors, or leave it out.",
        "design choice",
    )
    NO_SUCH_CONSULTATION = Sentence(
        "没有向贵部门发出的编号为 {consultation} 的征求意见。",
        "There is no consultation {consultation} that asks this department.",
        "design choice",
        status=404,
    )
    OPINION_GIVEN = Sentence(
        "对 {consultation} 的意见已经反馈。", "An opinion on {consultation} has been given.", "design choice"
    )
    OPINION_TOO_LATE = Sentence(
        "反馈期限 {answer_until} 已过；请联系主管部门重新征求意见。",
        "Opinions could be given until {answer_until}; ask the authority to consult you again.",
        "design choice",
    )
    OPINION_WITHOUT_WORDS = Sentence(
        "提出修改意见或不同意的，请写明内容和理由。",
        "Say in words what should change, or why you oppose it.",
        "design choice",
        status=422,
    )
    NO_OPINION_YET = Sentence(
        "{department} 尚未对 {consultation} 反馈意见。",
        "{department} has given no opinion on {consultation} yet.",
        "design choice",
    )
    OPINION_ANSWERED = Sentence(
        "对 {department} 意见的采纳情况已经反馈。", "The opinion of {department} has been answered.", "design choice"
    )
    ANSWER_WITHOUT_REASON = Sentence(
        "不予采纳的，请说明理由。",
        "Say in words why the opinion is not accepted.",
        "design choice",
        status=422,
    )


class ConsultationSubject(StrEnum):
    """What is asked about."""

    PLAN = "PLAN"
    COVERAGE = "COVERAGE"
    BENCHMARKS = "BENCHMARKS"


class OpinionKind(StrEnum):
    """What a department says: it countersigns, wants changes, or is against."""

    AGREES = "AGREES"
    SUGGESTS = "SUGGESTS"
    OPPOSES = "OPPOSES"


class OpinionState(StrEnum):
    """Where the opinion of one department stands."""

    AWAITED = "AWAITED"
    MISSING = "MISSING"
    GIVEN = "GIVEN"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"


# What a second person should know of before the draft is approved.
OPEN = frozenset({OpinionState.AWAITED, OpinionState.GIVEN})


def answer_until(asked_on: date, rules: RulesAt, calendar: Calendar) -> date:
    """Give the last day for an opinion, by `consultation.opinion_working_days`.

    Args:
        asked_on: day on which the draft was circulated; the working day after it is the first that counts.
        rules: rules of the region.
        calendar: working days of the region.

    Source: design choice, no legal source.
    """
    return calendar.working_day_after(asked_on, rules.integer("consultation.opinion_working_days"))


def concerns(path: str, sectors: Collection[str]) -> bool:
    """Say whether a parameter is one of certain sectors: one of them is a word of its path.

    Args:
        path: such as "allocation.control_coefficient.petrochemical".
        sectors: sector codes.

    Source: design choice, no legal source.

    Example:
        >>> concerns("allocation.control_coefficient.petrochemical", {"petrochemical"})
        True
        >>> concerns("allocation.cap_t", {"petrochemical"})
        False
    """
    return not set(sectors).isdisjoint(path.split("."))


def check_opinion(
    kind: OpinionKind, words: str, *, consultation: str, is_given: bool, last_on: date, today: date
) -> None:
    """Let an opinion be given once, in time, and with words unless it agrees.

    Args:
        kind: what the department says.
        words: what it wants and why.
        consultation: number.
        is_given: whether it has given one.
        last_on: the last day for it.
        today: the day.

    Raises:
        Refused: OPINION_GIVEN, OPINION_TOO_LATE, OPINION_WITHOUT_WORDS.

    Source: design choice, no legal source.
    """
    if is_given:
        raise Refused(ConsultationRefusal.OPINION_GIVEN, consultation=consultation)
    if today > last_on:
        raise Refused(ConsultationRefusal.OPINION_TOO_LATE, answer_until=last_on)
    if kind is not OpinionKind.AGREES and not words.strip():
        raise Refused(ConsultationRefusal.OPINION_WITHOUT_WORDS)


def state_of(*, is_given: bool, is_accepted: bool | None, last_on: date, today: date) -> OpinionState:
    """Say where the opinion of one department stands.

    Args:
        is_given: whether there is one.
        is_accepted: what the authority answered; None before it did.
        last_on: the last day for an opinion.
        today: the day.

    Returns:
        MISSING from the day after the last one; silence is told as silence, never as consent.

    Source: design choice, no legal source.
    """
    if is_given:
        if is_accepted is None:
            return OpinionState.GIVEN
        return OpinionState.ACCEPTED if is_accepted else OpinionState.DECLINED
    return OpinionState.MISSING if today > last_on else OpinionState.AWAITED
