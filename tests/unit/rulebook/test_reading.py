"""Strictness of the rule format: each kind of mistake is refused with its line and a remedy in both languages."""

from datetime import date

import pytest

from tonnebook.core.rules import Status
from tonnebook.rulebook import reading

GOOD = """\
credit_limit_share:
  description: {zh: "抵销使用上限（占比）", en: "Upper limit of credits"}
  unit: share
  values:
    CY2022-CY2024: {value: "0.05", reference: {source: S15, article: "offsets"}, status: recalled,
      published_on: null, last_checked_on: 2026-11-20, notes: "Medium confidence."}
    2025-04-01: {value: "0.03", reference: {source: S29, article: "Art. 20"}, status: enacted,
      published_on: 2025-02-21, last_checked_on: 2026-11-20}
"""

# what is replaced, by what, in which line the problem lies, and a part of the remedy
MISTAKES = {
    "unknown key of a leaf": ("  unit: share", "  unit: share\n  colour: red", 4, "unknown key “colour”"),
    "missing key of a leaf": ("  unit: share\n", "", 2, "key “unit” is missing"),
    "missing language": (', en: "Upper limit of credits"', "", 2, "key “en” is missing"),
    "empty description": ('"Upper limit of credits"', '""', 2, "must be text"),
    "unknown unit": ("unit: share", "unit: parts", 3, "unknown unit “parts”"),
    "unknown key of a value": ("notes:", "remark:", 6, "unknown key “remark”"),
    "missing status": (" status: recalled,", "", 5, "key “status” is missing"),
    "missing reference": (' reference: {source: S15, article: "offsets"},', "", 5, "key “reference” is missing"),
    "missing article": (', article: "offsets"', "", 5, "key “article” is missing"),
    "missing day of publication": ("\n      published_on: null,", "", 5, "key “published_on” is missing"),
    "missing day of check": ("last_checked_on: 2026-11-20, notes", "notes", 5, "key “last_checked_on” is missing"),
    "null day of check": ("last_checked_on: 2026-11-20, notes", "last_checked_on: null, notes", 6, "needs a day"),
    "number without quotes": ('value: "0.05"', "value: 0.05", 5, "must stand in quotes"),
    "word without quotes": ('value: "0.05"', "value: five", 5, "must stand in quotes"),
    "word where a number belongs": ('value: "0.05"', 'value: "five"', 5, "does not fit the unit “share”"),
    "unknown status": ("status: recalled", "status: sure", 5, "unknown status “sure”"),
    "source that is no id": ("source: S15", "source: gazette", 5, "must be an id of docs/sources.md"),
    "day that is none": ("published_on: 2025-02-21", "published_on: 2025-02-30", 8, "is no day"),
    "key that is no day": ("2025-04-01:", "April:", 7, "neither a day"),
    "years that run backward": ("CY2022-CY2024", "CY2024-CY2022", 5, "neither a day"),
    "years before there were any": ("CY2022-CY2024", "CY0000-CY0001", 5, "neither a day"),
    "years without end": ("CY2022-CY2024", "CY0001-CY9999", 5, "neither a day"),
    "key written twice": ("  unit: share", "  unit: share\n  unit: t", 4, "key “unit” stands twice"),
    "day written twice": ("CY2022-CY2024", "2025-04-01", 7, "key “2025-04-01” stands twice"),
    "name with capitals": ("credit_limit_share:", "CreditLimit:", 2, "may only hold a-z"),
    "no values": (GOOD[GOOD.index("    CY2022") :], "    {}\n", 5, "write at least one"),
    "list instead of a mapping": (
        '{zh: "抵销使用上限（占比）", en: "Upper limit of credits"}',
        "[a, b]",
        2,
        "a mapping",
    ),
    "broken YAML": ("  unit: share", " unit: [share", 3, "not YAML"),
}


def test_well_formed_text_gives_values_in_order_with_all_their_fields() -> None:
    found = reading.read(GOOD, file="surrender.yaml", below="surrender")
    leaf = found.leaves["surrender.credit_limit_share"]
    assert found.problems == []
    assert (leaf.unit, leaf.zh, leaf.en) == ("share", "抵销使用上限（占比）", "Upper limit of credits")
    assert [(value.year, value.from_on) for value in leaf.values] == [
        (2022, date(2022, 1, 1)),
        (2023, date(2023, 1, 1)),
        (2024, date(2024, 1, 1)),
        (None, date(2025, 4, 1)),
    ]
    first, last = leaf.values[0], leaf.values[-1]
    assert (first.value, first.source, first.article, first.status) == ("0.05", "S15", "offsets", Status.RECALLED)
    assert (first.published_on, first.notes) == (None, "Medium confidence.")
    assert (last.published_on, last.last_checked_on) == (date(2025, 2, 21), date(2026, 11, 20))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_named_with_line_and_remedy(mistake: str) -> None:
    old, new, line, remedy = MISTAKES[mistake]
    assert GOOD.count(old) >= 1
    found = reading.read(GOOD.replace(old, new, 1), file="surrender.yaml", below="surrender")
    hits = [problem for problem in found.problems if remedy in problem.en]
    assert hits, [str(problem) for problem in found.problems]
    assert hits[0].file == "surrender.yaml"
    assert hits[0].line == line
    assert any("\u4e00" <= sign <= "\u9fff" for sign in hits[0].zh)


def test_overlapping_years_are_refused() -> None:
    text = GOOD.replace("2025-04-01:", "CY2024:")
    problems = reading.read(text, file="surrender.yaml", below="surrender").problems
    assert [(problem.line, "overlap" in problem.en) for problem in problems] == [(7, True)]


def test_parameter_written_twice_under_a_dotted_name_is_refused() -> None:
    text = "a.b:\n" + _indented(GOOD, 2) + "a:\n  b:\n" + _indented(GOOD, 4)
    problems = reading.read(text, file="plan.yaml").problems
    assert ["stands twice (first in line 3)" in problem.en for problem in problems] == [True]


def test_empty_file_and_name_without_parameters_are_refused() -> None:
    assert "is empty" in reading.read("# nothing\n", file="x.yaml").problems[0].en
    assert "nothing stands here" in reading.read("a: {}\n", file="x.yaml").problems[0].en


def test_null_value_ends_a_parameter() -> None:
    text = GOOD.replace('value: "0.03"', "value: null")
    leaf = reading.read(text, file="x.yaml").leaves["credit_limit_share"]
    assert leaf.in_force(date(2025, 3, 31), 2024) is not None
    assert leaf.in_force(date(2025, 4, 1), 2025) is None


@pytest.mark.parametrize(
    ("unit", "value", "fits"),
    [
        ("flag", "yes", True),
        ("flag", "true", False),
        ("date", "2026-06-30", True),
        ("date", "2026-06-31", False),
        ("days", "2026-01-01/2026-01-03 | 2026-04-05", True),
        ("days", "2026-01-03/2026-01-01", False),
        ("words", "A | B", True),
        ("words", "A | ", False),
        ("word", " ", False),
        ("t", "NaN", False),
    ],
)
def test_value_must_fit_its_unit(unit: str, value: str, fits: bool) -> None:
    text = GOOD.replace("unit: share", f"unit: {unit}").replace('"0.05"', f'"{value}"').replace('"0.03"', f'"{value}"')
    assert (not reading.read(text, file="x.yaml").problems) is fits


def test_ranges_of_days_include_both_ends() -> None:
    assert reading.days("2026-01-01/2026-01-03 | 2026-04-05") == (
        date(2026, 1, 1),
        date(2026, 1, 2),
        date(2026, 1, 3),
        date(2026, 4, 5),
    )


def _indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" for line in text.splitlines())
