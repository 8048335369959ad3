"""What differs between two states of the rule book, and what should be looked up again."""

from datetime import date
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core.rules import Dated, Leaf, RulesAt, Status
from tonnebook.rulebook import comparison
from tonnebook.rulebook.comparison import Change, ChangeKind

CHECKED = date(2026, 1, 1)


def _dated(value: str | None, year: int, status: Status = Status.ENACTED, article: str = "Art. 1") -> Dated:
    return Dated(date(year, 1, 1), year, value, "S01", article, status, None, CHECKED)


def _rules(leaf: Leaf, year: int) -> RulesAt:
    return RulesAt("shanghai", date(year, 12, 31), year, {leaf.path: leaf}, "0" * 64)


def _change(before: Dated | None, after: Dated | None, unit: str = "t") -> Change | None:
    leaf = Leaf("a.b", unit, "甲", "A", tuple(one for one in (before, after) if one))
    found = comparison.differences(_rules(leaf, 2025), _rules(leaf, 2027))
    return found[0] if found else None


def test_a_state_is_the_last_day_of_a_year_or_a_day_of_it() -> None:
    assert comparison.state("shanghai@2025").on == date(2025, 12, 31)
    day = comparison.state("tianjin@2025-10-16")
    assert (day.region, day.on, day.year) == ("tianjin", date(2025, 10, 16), 2025)


def test_a_state_takes_the_plan_that_ships_when_asked() -> None:
    assert not comparison.state("shanghai@2026").has("allocation.cap_t")
    assert comparison.state("shanghai@2026", with_plan=True).has("allocation.cap_t")


@pytest.mark.parametrize("text", ["shanghai", "shanghai@", "shanghai@next", "shanghai@2025-13-01"])
def test_a_state_without_year_or_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be region@year or region@day"):
        comparison.state(text)


def test_a_new_and_a_gone_value_are_told_apart() -> None:
    new, gone = _change(None, _dated("2", 2027)), _change(_dated("1", 2025), None)
    assert new is not None
    assert gone is not None
    assert (new.kind, gone.kind) == (ChangeKind.ADDED, ChangeKind.REMOVED)
    assert (new.relative, gone.relative) == (None, None)


def test_another_number_says_by_how_much_it_rose() -> None:
    change = _change(_dated("200", 2025), _dated("150", 2027))
    assert change is not None
    assert (change.kind, change.relative) == (ChangeKind.CHANGED, Decimal("-0.25"))


def test_a_word_and_a_number_from_zero_rise_by_nothing() -> None:
    word, zero = _change(_dated("A", 2025), _dated("B", 2027), "word"), _change(_dated("0", 2025), _dated("1", 2027))
    assert word is not None
    assert zero is not None
    assert (word.relative, zero.relative) == (None, None)


def test_another_status_or_article_of_the_same_value_is_a_change_of_ground() -> None:
    status = _change(_dated("1", 2025), _dated("1", 2027, Status.RECALLED))
    article = _change(_dated("1", 2025), _dated("1", 2027, article="Art. 2"))
    assert status is not None
    assert article is not None
    assert {status.kind, article.kind} == {ChangeKind.GROUND}
    assert _change(_dated("1", 2025), _dated("1", 2027)) is None


def test_the_thresholds_of_shanghai_fall_from_2025_to_2027() -> None:
    found = comparison.differences(comparison.state("shanghai@2025"), comparison.state("shanghai@2027"))
    shipping = next(one for one in found if one.leaf.path == "coverage.threshold_t.shipping")
    assert shipping.before is not None
    assert shipping.after is not None
    assert (shipping.before.value, shipping.after.value, shipping.relative) == ("100000", "80000", Decimal("-0.2"))


def test_a_recalled_value_is_due_sooner_than_an_enacted_one() -> None:
    recalled, enacted = _dated("1", 2027, Status.RECALLED), _dated("2", 2027)
    leaf = Leaf("a.b", "t", "甲", "A", (recalled, enacted))
    due_on = date(2026, 4, 1)
    assert [one.dated for one in comparison.stale([leaf], due_on)] == [recalled]
    assert comparison.stale([leaf], date(2026, 3, 31)) == ()
    assert [one.dated for one in comparison.stale([leaf], date(2027, 1, 1))] == [recalled, enacted]


def test_what_ended_long_ago_need_not_be_looked_up() -> None:
    leaf = Leaf("a.b", "t", "甲", "A", (_dated("1", 2024), _dated(None, 2029)))
    assert comparison.stale([leaf], date(2028, 1, 1)) == ()


def test_nothing_of_the_rule_book_that_ships_is_overdue_on_the_day_after_it_was_checked() -> None:
    leaves = list(rulebook.at("shanghai", on=date(2026, 11, 22)).leaves.values())
    assert comparison.stale(leaves, date(2026, 11, 22)) == ()
    assert comparison.stale(leaves, date(2027, 3, 1))
