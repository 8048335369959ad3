"""Objections to an allocation (异议): who may object until when, by when the authority decides, what a decision may be.

The days run by the working-day calendar from the day the annual allowance was issued. The first batch is an advance
that the second one settles, so an objection is about the second. A decision that upholds it names the tonnes that
should have been issued in all; the correction is an entry of its own. The module does *not* decide who is right.
"""

from datetime import date, timedelta
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.periods import Calendar
from tonnebook.core.rules import RulesAt


class ObjectionRefusal(Refusal):
    """What objections and their decisions can be refused for, in order of precedence."""

    NOTHING_ISSUED = Sentence(
        "{entity} 的 {year} 年度配额尚未核发，没有可异议的结果。",
        "The annual allowance of {entity} for {year} has not been issued; there is nothing to object to.",
        "S06 Art. 16",
    )
    ALREADY_OBJECTED = Sentence(
        "{entity} 已对 {year} 年度配额提出过异议。",
        "{entity} has objected to its allowance of {year} before.",
        "design choice",
    )
    OBJECTION_TOO_LATE = Sentence(
        "异议期至 {last_on} 届满。",
        "Objections could be made until {last_on}.",
        "S06 Art. 16",
    )
    NO_GROUND_GIVEN = Sentence(
        "请写明理由。",
        "Say why, in words.",
        "design choice",
        status=422,
    )
    NO_SUCH_OBJECTION = Sentence(
        "没有编号为 {objection} 的异议。",
        "There is no objection {objection}.",
        "design choice",
        status=404,
    )
    ALREADY_DECIDED = Sentence(
        "异议 {objection} 已经处理。",
        "Objection {objection} has been decided.",
        "design choice",
    )
    NOTHING_TO_CORRECT = Sentence(
        "支持异议须写明与已核发 {issued_t} 吨不同的应发数量；驳回则不改数量。",
        "To uphold an objection name tonnes other than the {issued_t} issued; to reject it name none.",
        "design choice",
        status=422,
    )


class ObjectionState(StrEnum):
    """Where an objection stands."""

    FILED = "FILED"
    UPHELD = "UPHELD"
    REJECTED = "REJECTED"


def object_until(issued_on: date, rules: RulesAt, calendar: Calendar) -> date:
    """Give the last day to object.

    Args:
        issued_on: day the annual allowance was issued; the working day after it is the first that counts.
        rules: rules of the region; `coverage.objection_working_days` says how many.
        calendar: working days of the region.

    Source: S06 Art. 16, 27 (7 working days; for a region by its own value).
    """
    return _working_day_after(issued_on, rules.integer("coverage.objection_working_days"), calendar)


def decide_until(filed_on: date, rules: RulesAt, calendar: Calendar) -> date:
    """Give the last day to decide on an objection, by `coverage.decision_working_days`.

    Source: S06 Art. 16, 27 (10 working days; for a region by its own value).
    """
    return _working_day_after(filed_on, rules.integer("coverage.decision_working_days"), calendar)


def check_filing(last_on: date, *, today: date, reason: str) -> None:
    """Let an objection be filed while its days run, with its reason.

    Raises:
        Refused: OBJECTION_TOO_LATE after the last day; NO_GROUND_GIVEN without words.

    Source: S06 Art. 16.
    """
    if today > last_on:
        raise Refused(ObjectionRefusal.OBJECTION_TOO_LATE, last_on=last_on)
    if not reason.strip():
        raise Refused(ObjectionRefusal.NO_GROUND_GIVEN)


def check_decision(*, is_upheld: bool, due_t: int, issued_t: int, reason: str) -> None:
    """Let a decision pass that says why, and names other tonnes exactly when it upholds the objection.

    Args:
        is_upheld: whether the entity is right.
        due_t: what should have been issued in all, tonnes; what was, when the objection is rejected.
        issued_t: what was issued, net of recalls, tonnes.
        reason: the ground.

    Raises:
        Refused: NO_GROUND_GIVEN; NOTHING_TO_CORRECT.

    Source: design choice, no legal source.
    """
    if not reason.strip():
        raise Refused(ObjectionRefusal.NO_GROUND_GIVEN)
    if is_upheld != (due_t != issued_t) or due_t < 0:
        raise Refused(ObjectionRefusal.NOTHING_TO_CORRECT, issued_t=issued_t)


def _working_day_after(day: date, count: int, calendar: Calendar) -> date:
    while count:
        day += timedelta(days=1)
        count -= calendar.is_working_day(day)
    return day
