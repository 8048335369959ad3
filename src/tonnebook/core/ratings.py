"""Ratings of verification bodies: points from what they signed, by factors that the rule book publishes."""

from dataclasses import dataclass

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class Record:
    """What counts for a body in a year.

    Attributes:
        signed: opinions that stand.
        late: of these, signed after their day.
        overturned: of these, figures that a re-check changed.
        suspended: whether the body is suspended.
    """

    signed: int
    late: int
    overturned: int
    suspended: bool


def rating(record: Record, rules: RulesAt) -> Traced:
    """Rate a body.

    Args:
        record: what counts.
        rules: of region and year.

    Returns:
        Points with their derivation, never below 0.

    Source: rule book `verification.rating.start_points` and what stands beside it.
    """
    counts = (
        ("late", record.late, "逾期意见", "late opinions"),
        ("overturned", record.overturned, "被复核改变", "changed by a re-check"),
        ("suspended", int(record.suspended), "暂停业务", "suspensions"),
    )
    points = rules.number("verification.rating.start_points")
    for name, count, zh, en in counts:
        given = trace.given(count, "", zh=zh, en=en)
        each = rules.number(f"verification.rating.{name}_points")
        lost = trace.product([given, each], "", zh=f"{zh}扣分", en=f"points for {en}")
        points = trace.difference(points, lost, "", zh="余分", en="points left")
    zero = trace.given(0, "", zh="零分", en="zero")
    return trace.largest([points, zero], "", zh="评分", en="rating")
