"""Dated values: the right one for the day and year, typed access, and badges that follow a value."""

from datetime import date
from decimal import Decimal

import pytest

from tonnebook.core import rules
from tonnebook.core.errors import Refused

CHECKED = date(2026, 11, 20)


def _dated(value: str | None, from_on: date, year: int | None = None, status: str = "enacted") -> rules.Dated:
    return rules.Dated(from_on, year, value, "S27", "notice", rules.Status(status), None, CHECKED)


def _at(on: date, year: int | None = None) -> rules.RulesAt:
    values = {
        "mrv.electricity.factor": (
            _dated("0.788", date(2013, 1, 1)),
            _dated("0.42", date(2022, 2, 11)),
            _dated(None, date(2030, 1, 1)),
        ),
        "surrender.credit_limit_share": (_dated("0.05", date(2024, 1, 1), 2024, "recalled"),),
        "trading.sessions": (_dated("09:30-11:30 | 13:00-15:00", date(2021, 7, 16)),),
        "trading.same_day_resale": (_dated("no", date(2021, 7, 16)),),
        "deadline.surrender_on": (_dated("2025-06-30", date(2024, 1, 1), 2024),),
    }
    leaves = {path: rules.Leaf(path, "", "参数", "parameter", dated) for path, dated in values.items()}
    return rules.RulesAt("shanghai", on, year, leaves, "digest")


def test_value_changes_on_its_first_day() -> None:
    assert _at(date(2022, 2, 10)).decimal("mrv.electricity.factor") == Decimal("0.788")
    assert _at(date(2022, 2, 11)).decimal("mrv.electricity.factor") == Decimal("0.42")


def test_value_before_the_first_day_or_after_its_end_is_refused() -> None:
    for day in (date(2012, 12, 31), date(2030, 1, 1)):
        with pytest.raises(Refused) as refused:
            _at(day).decimal("mrv.electricity.factor")
        assert refused.value.code is rules.RulesRefusal.NO_VALUE_IN_FORCE


def test_value_by_year_holds_for_its_year_alone() -> None:
    assert _at(date(2025, 6, 1), 2024).number("surrender.credit_limit_share").value == Decimal("0.05")
    with pytest.raises(Refused):
        _at(date(2025, 6, 1), 2025).number("surrender.credit_limit_share")
    assert not _at(date(2025, 6, 1)).has("surrender.credit_limit_share")


def test_status_follows_the_value_into_the_trace() -> None:
    origin = _at(date(2025, 6, 1), 2024).number("surrender.credit_limit_share").origin
    assert origin is not None
    assert (origin.status, origin.in_force_from) == ("recalled", "CY2024")


def test_typed_access_reads_words_flags_and_days() -> None:
    at = _at(date(2025, 6, 1), 2024)
    assert at.words("trading.sessions") == ("09:30-11:30", "13:00-15:00")
    assert at.flag("trading.same_day_resale") is False
    assert at.day("deadline.surrender_on") == date(2025, 6, 30)
    assert at.below("trading") == ("same_day_resale", "sessions")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("decimal", "trading.sessions"),
        ("day", "trading.sessions"),
        ("flag", "trading.sessions"),
        ("integer", "mrv.electricity.factor"),
    ],
)
def test_wrong_kind_names_the_value(method: str, path: str) -> None:
    with pytest.raises(Refused) as refused:
        getattr(_at(date(2025, 6, 1)), method)(path)
    assert refused.value.code is rules.RulesRefusal.WRONG_KIND
    assert path in refused.value.en


def test_unknown_path_is_refused_with_a_remedy() -> None:
    with pytest.raises(Refused) as refused:
        _at(date(2025, 6, 1)).text("no.such.path")
    assert refused.value.code is rules.RulesRefusal.NO_SUCH_PARAMETER
    assert "rules show" in refused.value.en
