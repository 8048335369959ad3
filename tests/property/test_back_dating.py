"""C3: however a month is dated, none is taken early, twice, or late without a reason."""

import calendar
import random
from datetime import date, timedelta

from tests import campaigns

from tonnebook.core import reporting
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import Filing

ATTEMPTS = campaigns.times(1_000, 10_000)
DAYS = 40


def last_day(year: int, month: int) -> date:
    """The last day of a month, told by the calendar and not by our own periods."""
    return date(year, month, calendar.monthrange(year, month)[1])


def test_no_attempt_to_date_a_month_back_is_taken_silently() -> None:
    draw = random.Random(campaigns.SEED)  # noqa: S311  a campaign, not a secret
    silent = late = refused = 0
    for _ in range(ATTEMPTS):
        year, month = draw.randint(2024, 2030), draw.randint(1, 12)
        # Around both edges as often as far from them.
        edge = last_day(year, month) + timedelta(days=draw.choice((0, DAYS, draw.randint(-400, 400))))
        filed_on = edge + timedelta(days=draw.randint(-2, 2))
        reason, is_filed = draw.choice(("", " ", "laboratory closed")), draw.random() < 0.2
        filing = Filing("RR-1", year, month, filed_on, date(2020, 1, 1), is_filed, reason, DAYS)
        in_time = last_day(year, month) < filed_on <= last_day(year, month) + timedelta(days=DAYS)
        try:
            is_late = reporting.check_filing(filing)
        except Refused:
            refused += 1
            assert is_filed or filed_on <= last_day(year, month) or not (in_time or reason.strip())
            continue
        assert not is_filed
        assert filed_on > last_day(year, month)
        assert is_late is not in_time
        assert in_time or reason.strip()
        silent, late = silent + (not is_late), late + is_late
    # The campaign met all three.
    assert min(silent, late, refused) > ATTEMPTS // 50
