"""Numbers and days as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from tonnebook.faces import formats
from tonnebook.faces.formats import Figure


def test_small_tonnes_are_written_out_in_both_languages() -> None:
    assert formats.tonnes(12_400, "zh-hans") == Figure("12,400 吨")
    assert formats.tonnes(12_400, "en").text == "12,400\u202ft"


def test_large_tonnes_become_wan_tonnes_with_the_exact_figure_beside() -> None:
    assert formats.tonnes(1_234_567, "zh-hans") == Figure("123.46万吨", "1,234,567 吨")
    assert formats.tonnes(100_000, "zh-hans").text == "10.00万吨"
    assert formats.tonnes(99_999, "zh-hans").text == "99,999 吨"


def test_money_is_written_in_yuan() -> None:
    assert formats.yuan(123_456, "zh-hans").text == "1,234.56 元"
    assert formats.yuan(5, "en").text == "CNY\u202f0.05"
    assert formats.yuan_per_t(7_429, "zh-hans").text == "74.29 元/吨"
    assert formats.yuan_per_t(7_429, "en").text == "74.29 CNY/t"


def test_shares_are_written_as_per_cent_without_idle_zeros() -> None:
    assert formats.share(Decimal("0.05")).text == "5%"
    assert formats.share("0.125").text == "12.5%"
    assert formats.share("10").text == "1000%"


def test_moments_are_told_by_the_clock_of_shanghai() -> None:
    shown = formats.moment(datetime(2026, 3, 31, 17, 5, tzinfo=UTC))
    assert shown == Figure("2026-04-01 01:05", "2026-03-31T17:05:00Z")
    assert formats.day(date(2026, 3, 31)).text == "2026-03-31"


def test_long_quotients_are_shortened_and_keep_their_exact_form() -> None:
    third = Decimal(1) / Decimal(3)
    shown = formats.measure(third, "tCO2/MWh", "en")
    assert shown.text == "0.333333 tCO₂/MWh"
    assert shown.exact.startswith("0.3333333333333333")


def test_measures_follow_their_unit() -> None:
    assert formats.measure(Decimal(250_000), "tCO2", "zh-hans").text == "25.00万吨"
    assert formats.measure(Decimal(250), "fen", "zh-hans").text == "2.50 元"
    assert formats.measure(Decimal("1200.50"), "MWh", "zh-hans").text == "1,200.5 MWh"


def test_units_of_the_rule_book_are_written_as_people_do() -> None:
    assert formats.measure(Decimal(10), "working_day", "zh-hans").text == "10 个工作日"
    assert formats.measure(Decimal("0.5"), "10^4kWh", "en").text == "0.5 10⁴ kWh"
    assert formats.measure(Decimal("1.5"), "t", "zh-hans").text == "1.5 吨"
    assert formats.measure(Decimal(3), "count", "en").text == "3"


def test_very_small_factors_keep_four_digits() -> None:
    shown = formats.measure(Decimal("0.00001234567"), "tCO2/t", "en")
    assert shown.text == "0.00001235 tCO₂/t"
    assert shown.exact == "0.00001234567 tCO₂/t"
