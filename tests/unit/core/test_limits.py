"""Limits of what leaves: the lowest wins."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import limits
from tonnebook.core.errors import Refused
from tonnebook.core.limits import LimitKind, LimitRefusal, Limits, Used

LIMITS = Limits(per_transfer=100, per_account_day=150, per_region_day=400)


@pytest.mark.parametrize(
    ("used", "quantity", "by"),
    [
        (Used(), 100, LimitKind.TRANSFER),
        (Used(account_day=50, region_day=50), 100, LimitKind.TRANSFER),
        (Used(account_day=51, region_day=51), 99, LimitKind.ACCOUNT_DAY),
        (Used(account_day=0, region_day=301), 99, LimitKind.REGION_DAY),
        (Used(account_day=140, region_day=395), 5, LimitKind.REGION_DAY),
        (Used(account_day=200, region_day=200), 0, LimitKind.ACCOUNT_DAY),
    ],
)
def test_the_lowest_limit_wins(used: Used, quantity: int, by: LimitKind) -> None:
    assert limits.room(LIMITS, used) == limits.Room(quantity, by)
    if quantity:
        limits.check(quantity, account="A", asset="EUA-2026", limits=LIMITS, used=used)
    with pytest.raises(Refused) as refused:
        limits.check(quantity + 1, account="A", asset="EUA-2026", limits=LIMITS, used=used)
    assert refused.value.facts["room"] == quantity


@pytest.mark.parametrize(
    ("used", "code"),
    [
        (Used(), LimitRefusal.ABOVE_TRANSFER_LIMIT),
        (Used(account_day=100), LimitRefusal.ABOVE_ACCOUNT_LIMIT),
        (Used(region_day=350), LimitRefusal.ABOVE_REGION_LIMIT),
    ],
)
def test_the_refusal_names_the_limit_that_leaves_least(used: Used, code: LimitRefusal) -> None:
    with pytest.raises(Refused) as refused:
        limits.check(101, account="A", asset="CNY", limits=LIMITS, used=used)
    assert refused.value.code is code
    assert "CNY 1.01" in refused.value.en


def test_a_region_s_limits_are_read_in_tonnes_and_fen() -> None:
    union, shanghai = (rulebook.at(region, on=date(2026, 9, 1)) for region in ("eu", "shanghai"))
    assert limits.read(union, "EUA-2026").per_transfer == 2_000_000
    assert limits.read(shanghai, "CNY").per_transfer == 50_000_000_00


def test_nothing_leaves_where_the_rule_book_has_no_limit() -> None:
    with pytest.raises(Refused, match="NO_SUCH_PARAMETER"):
        limits.read(rulebook.at("shanghai", on=date(2026, 9, 1)), "SHEA-2026")
