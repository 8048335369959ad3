"""Objections (异议, 复核): to what, until when, by when the authority decides, what a decision may be.

An entity may object to its line of the coverage list, to its annual allowance, and ask for a re-check of its determined
emission; the authority may open a re-check itself. The days run by the working-day calendar from the day of what is
objected to. The first batch is an advance that the second one settles, so an objection is about the second. A decision
that upholds it names another result, and its effect is an entry of its own: a new version of the list, a correction
beside the batches, another figure beside the first. The module does *not* decide who is right.
"""

from datetime import date
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.periods import Calendar
from tonnebook.core.rules import RulesAt


class ObjectionRefusal(Refusal):
    """What objections and their decisions can be refused for, in order of precedence."""

    NOTHING_DECIDED = Sentence(
        "{entity} 的 {year} 年度尚无可异议的结果。",
        "Nothing has been decided about {entity} for {year} that could be objected to.",
        "S06 Art. 16, 27",
    )
    ALREADY_OBJECTED = Sentence(
        "{entity} 的 {year} 年度该项结果已有异议或复核（{objection}）。",
        "There is an objection to this result of {entity} for {year} already ({objection}).",
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
        "支持异议须写明与现有结果（{standing}）不同的结果；驳回则不改。",
        "To uphold an objection name another result than {standing}; to reject it leave the result as it is.",
        "design choice",
        status=422,
    )


class ObjectionSubject(StrEnum):
    """What an objection is about."""

    COVERAGE = "COVERAGE"
    ALLOCATION = "ALLOCATION"
    DETERMINATION = "DETERMINATION"


class ObjectionState(StrEnum):
    """Where an objection stands."""

    FILED = "FILED"
    UPHELD = "UPHELD"
    REJECTED = "REJECTED"


def object_until(decided_on: date, rules: RulesAt, calendar: Calendar) -> date:
    """Give the last day to object.

    Args:
        decided_on: day of what is objected to; the working day after it is the first that counts.
        rules: rules of the region; `coverage.objection_working_days` says how many.
        calendar: working days of the region.

    Source: S06 Art. 16, 27 (7 working days; for a region by its own value, for the list by analogy).
    """
    return calendar.working_day_after(decided_on, rules.integer("coverage.objection_working_days"))


def decide_until(filed_on: date, rules: RulesAt, calendar: Calendar) -> date:
    """Give the last day to decide on an objection, by `coverage.decision_working_days`.

    Source: S06 Art. 16, 27 (10 working days; for a region by its own value).
    """
    return calendar.working_day_after(filed_on, rules.integer("coverage.decision_working_days"))


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


def check_decision(*, is_upheld: bool, due: int | str, standing: int | str, reason: str) -> None:
    """Let a decision pass that says why, and names another result exactly when it upholds the objection.

    Args:
        is_upheld: whether the entity is right.
        due: the result that should have been: tonnes or a stage; the standing one, when the objection is rejected.
        standing: the result that stands: tonnes issued net of recalls, tonnes determined, or a stage.
        reason: the ground.

    Raises:
        Refused: NO_GROUND_GIVEN; NOTHING_TO_CORRECT.

    Source: design choice, no legal source.
    """
    if not reason.strip():
        raise Refused(ObjectionRefusal.NO_GROUND_GIVEN)
    if is_upheld != (due != standing) or (isinstance(due, int) and due < 0):
        raise Refused(ObjectionRefusal.NOTHING_TO_CORRECT, standing=standing)
