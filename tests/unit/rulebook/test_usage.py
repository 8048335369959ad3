"""Where a parameter is used, read from the program itself."""

from datetime import date

from tonnebook import rulebook
from tonnebook.rulebook import usage


def _functions(path: str) -> set[str]:
    return {f"{use.module}.{use.function}" for use in usage.uses(path)}


def test_a_function_that_names_a_parameter_is_found_with_what_it_says_of_itself() -> None:
    (use,) = usage.uses("surrender.credit_limit_share")
    assert (use.module, use.function) == ("tonnebook.core.surrender", "credit_limit")
    assert use.summary.endswith(".")


def test_a_path_put_together_counts_for_every_parameter_of_that_shape() -> None:
    assert any(".issue." in name for name in _functions("allocation.direct_issue_share.industry.at_least_75.other"))


def test_a_parameter_nobody_reads_has_no_use() -> None:
    assert usage.uses("comparator.beijing.late_report.fine_max_yuan") == ()


def test_a_good_part_of_the_rule_book_is_used() -> None:
    paths = rulebook.at("shanghai", on=date(2026, 1, 1)).leaves
    assert sum(bool(usage.uses(path)) for path in paths) > len(paths) // 3
