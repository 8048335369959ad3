"""What is checked about the time of a surrender: before it is taken, whether the year still takes it; once more when it
is confirmed, what it was measured by and may have changed since.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tonnebook.core import errors
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, Line, StatusRule, SurrenderRefusal, obligation, unfit


def check_year(duty: Duty | None, *, year: int, settled_by: StatusRule | None) -> None:
    """Check that a year takes a surrender: a settled one takes what is still missing and no more.

    That may have been ordered after a breach, or be due after a supplementary report. Where all years count together,
    what is missing is handed in for the next one.

    Args:
        duty: what the entity owes; None without a determined figure.
        year: compliance year.
        settled_by: rule by which the year was settled, None while it is open.

    Raises:
        Refused: YEAR_SETTLED.

    Source: design choice, no legal source.
    """
    is_met = duty is not None and duty.surrendered_t >= obligation(duty).whole
    if settled_by is StatusRule.CUMULATIVE or (settled_by is not None and is_met):
        raise Refused(SurrenderRefusal.YEAR_SETTLED, year=year)


def check(duty: Duty, lines: Sequence[Line], *, rules: RulesAt) -> None:
    """Check a surrender once more before it is final: a figure, a recall or a rule may have come in between.

    Args:
        duty: what the entity owes now; all it has submitted or surrendered counts, these lines included.
        lines: of the surrender to be confirmed.
        rules: rules of the compliance year.

    Raises:
        Refused: what `core.surrender.unfit` finds; the entity may withdraw and submit anew.

    Source: as `core.surrender.check`; that it is checked twice is a design choice.
    """
    refused = errors.first(unfit(_changed(duty, lines, -1), lines, rules))
    if refused is not None:
        raise refused


def counted(duty: Duty, lines: Sequence[Line]) -> Duty:
    """Count lines to what an entity has handed in."""
    return _changed(duty, lines, 1)


def _changed(duty: Duty, lines: Sequence[Line], sign: int) -> Duty:
    credits = [line for line in lines if line.asset.kind is AssetKind.CREDIT]
    labelled = Counter(duty.credits_by_label_t or {})
    for line in credits:
        labelled.update(dict.fromkeys(line.labels, sign * line.quantity_t))
    return replace(
        duty,
        surrendered_t=duty.surrendered_t + sign * sum(line.quantity_t for line in lines),
        credits_t=duty.credits_t + sign * sum(line.quantity_t for line in credits),
        credits_by_label_t=labelled,
    )
