"""What is checked once more when a surrender is confirmed: what it was measured by may have changed since."""

from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, SurrenderRefusal, credit_limit


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
