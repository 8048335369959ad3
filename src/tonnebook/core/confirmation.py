"""What is checked about the time of a surrender: before it is taken, whether the year still takes it; once more when it
is confirmed, what it was measured by and may have changed since.
"""

from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, StatusRule, SurrenderRefusal, credit_limit, obligation


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


def check_credits(duty: Duty, *, credits_t: int, rules: RulesAt) -> None:
    """Check that the credits of an entity still fit its limit, whose base a later recall may have made smaller.

    Args:
        duty: what the entity owes now; its `credits_t` are all credits submitted or confirmed, these included.
        credits_t: credits of the surrender to be confirmed.
        rules: rules of the compliance year.

    Raises:
        Refused: CREDITS_BEYOND_LIMIT when they do not; the entity may withdraw and submit anew.

    Source: as `core.surrender.credit_limit`; that it is checked twice is a design choice.
    """
    left_t = credit_limit(duty, rules).whole - (duty.credits_t - credits_t)
    if credits_t > max(0, left_t):
        raise Refused(SurrenderRefusal.CREDITS_BEYOND_LIMIT, credits_t=credits_t, left_t=max(0, left_t))
