"""Waivers: a finding may be let pass for one entity, year and place, by two people, with a reason and an end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tonnebook.core.checks.catalogue import Finding, Severity
from tonnebook.core.errors import Refusal, Refused, Sentence


class ChecksRefusal(Refusal):
    """What the checks and their waivers can refuse, in order of precedence."""

    NO_SUCH_CHECK = Sentence(
        zh="校核规则库中没有编号 {check}；请核对编号。",
        en="The catalogue has no check {check}; look the number up.",
        article="design choice",
        status=404,
    )
    WAIVER_WITHOUT_REASON = Sentence(
        zh="豁免校核 {check} 须写明理由。",
        en="A waiver of check {check} needs a reason.",
        article="design choice",
        status=422,
    )
    WAIVER_OVER = Sentence(
        zh="豁免的截止日 {until_on} 已过；请填写将来的日期。",
        en="The waiver would have ended on {until_on}; name a day to come.",
        article="design choice",
        status=422,
    )
    CHECKS_FAILED = Sentence(
        zh="有 {count} 项校核未通过，报告未提交。首项 {check}（{place}）：{says_zh}",
        en="{count} checks failed, so the report was not submitted. The first is {check} ({place}): {says_en}",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that is let pass: which check, where (everywhere when `place` is empty), until when (that day too)."""

    check: str
    place: str
    until_on: date


def waived(findings: Iterable[Finding], waivers: Sequence[Waiver], today: date) -> tuple[Finding, ...]:
    """Mark the findings that a waiver lets pass.

    Args:
        findings: of one entity and year.
        waivers: of the same.
        today: day in the region's zone.

    Returns:
        The findings in their order.

    Source: design choice, no legal source.
    """
    live = {(one.check, one.place) for one in waivers if today <= one.until_on}
    return tuple(
        replace(one, is_waived=True) if {(one.check, one.place), (one.check, "")} & live else one for one in findings
    )


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Refuse a report with an error that nobody waived.

    Args:
        findings: after `waived`.

    Raises:
        Refused: CHECKS_FAILED, with the first of them.

    Source: design choice, no legal source.
    """
    errors = [one for one in findings if one.severity is Severity.ERROR and not one.is_waived]
    if errors:
        first = errors[0]
        facts = {"check": first.check, "place": first.place, "says_zh": first.zh, "says_en": first.en}
        raise Refused(ChecksRefusal.CHECKS_FAILED, count=len(errors), **facts)


def check_waiver(*, check: str, known: Iterable[str], reason: str, until_on: date, today: date) -> None:
    """Decide whether a waiver may be given.

    Args:
        check: number.
        known: numbers of the catalogue.
        reason: why.
        until_on: last day of it.
        today: day in the region's zone.

    Raises:
        Refused: NO_SUCH_CHECK, WAIVER_WITHOUT_REASON or WAIVER_OVER.

    Source: design choice, no legal source.
    """
    if check not in set(known):
        raise Refused(ChecksRefusal.NO_SUCH_CHECK, check=check)
    if not reason.strip():
        raise Refused(ChecksRefusal.WAIVER_WITHOUT_REASON, check=check)
    if until_on < today:
        raise Refused(ChecksRefusal.WAIVER_OVER, until_on=until_on)
