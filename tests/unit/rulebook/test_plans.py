"""A plan is looked through before anybody is asked to approve it: every flaw with its line or cell, rule and remedy."""

import re

import pytest

from tonnebook import rulebook
from tonnebook.core.plan import PlanRefusal
from tonnebook.rulebook import plans, sheets
from tonnebook.rulebook.reading import Problem

REGION, YEAR = "shanghai", 2026
TEXT = rulebook.overlay(REGION, YEAR)
LISTED = """
coverage.listed.{sector}:
  description: {{zh: "列名", en: "Listed by name"}}
  unit: words
  values:
    CY2026: {{value: "{codes}", reference: {{source: D00, article: "list"}}, status: scenario,
      published_on: null, last_checked_on: 2026-11-20}}
"""
LAW = (
    LISTED.replace("coverage.listed.{sector}", "penalty.surrender.fine_max_yuan")
    .format(codes="1")
    .replace("words", "yuan")
)
CODE, OTHER = "91310000MA1FL0001R", "91310000MA1FL0002W"


def _problems(text: str, *, region: str = REGION, year: int = YEAR) -> tuple[Problem, ...]:
    return plans.read(region, year, text, file="plan.yaml").problems


def _line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def listed(sector: str, codes: str) -> str:
    """A parameter that lists entities by name in a sector."""
    return LISTED.format(sector=sector, codes=codes)


def _word(path: str, value: str) -> str:
    """A parameter that is a word."""
    return LISTED.replace("coverage.listed.{sector}", path).replace("words", "word").format(codes=value)


def without(text: str, name: str) -> str:
    """The plan without the sector `industry` of one family."""
    start = text.index(f"  {name}:\n")
    block = re.search(r"    industry:\n(?:      .*\n)+", text[start:])
    assert block is not None
    return text[: start + block.start()] + text[start + block.end() :]


def set_to(text: str, name: str, value: str) -> str:
    """The plan with another value of the sector `industry` in one family."""
    start = text.index(f"  {name}:\n")
    return text[:start] + re.sub(r'value: "[^"]+"', f'value: "{value}"', text[start:], count=1)


@pytest.mark.parametrize("region", ["shanghai", "tianjin"])
@pytest.mark.parametrize("year", [2025, 2026])
def test_every_plan_that_ships_may_be_proposed(region: str, year: int) -> None:
    draft = plans.read(region, year, rulebook.overlay(region, year))
    assert draft.problems == ()
    assert draft.rules is not None
    assert draft.rules.digest == rulebook.digest(region, overlays=(draft.text,))
    assert "allocation.cap_t" in {change.leaf.path for change in draft.changes}


FLAWS = {
    "a factor is missing": (without(TEXT, "control_coefficient"), "FACTOR_MISSING"),
    "a method is missing": (without(TEXT, "method"), "FACTOR_MISSING"),
    "a coefficient is negative": (set_to(TEXT, "control_coefficient", "-0.98"), "VALUE_NEGATIVE"),
    "a share is above one": (set_to(TEXT, "paid_share", "5"), "SHARE_ABOVE_ONE"),
    "a share is above the guard": (set_to(TEXT, "paid_share", "0.0801"), "SHARE_ABOVE_GUARD"),
    "a method is not known": (set_to(TEXT, "method", "GUESSING"), "METHOD_UNKNOWN"),
    "a way of capping is not known": (TEXT + _word("allocation.cap_mode.industry", "STRICT"), "METHOD_UNKNOWN"),
    "an absolute cap has no number": (TEXT + _word("allocation.cap_mode.industry", "ABSOLUTE"), "FACTOR_MISSING"),
    "a path is not known": (TEXT.replace("  reserve_share:", "  reserv_share:", 1), "PATH_UNKNOWN"),
    "a law of many years is changed": (TEXT + LAW, "PATH_UNKNOWN"),
    "a sector is not known": (TEXT + listed("moon", CODE), "SECTOR_UNKNOWN"),
    "an entity is in two sectors": (
        TEXT + listed("industry", f"{CODE} | {OTHER}") + listed("building", CODE),
        "ENTITY_IN_TWO_SECTORS",
    ),
    "a code of an entity is wrong": (TEXT + listed("industry", CODE[:-1] + "0"), "ENTITY_CODE_WRONG"),
    "a new parameter has another unit": (
        TEXT.replace("unit: share", "unit: multiple", 1), "UNIT_WRONG"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), FLAWS.values(), ids=FLAWS)
def test_a_flaw_is_told_with_its_rule_and_remedy_in_both_languages(text: str, code: str) -> None:
    found = [one for one in _problems(text) if one.rule == PlanRefusal[code].sentence.article]
    sentence = PlanRefusal[code].sentence.en.rpartition("}")[2]
    problem = next(one for one in found if one.en.endswith(sentence))
    assert problem.file == "plan.yaml"
    assert problem.line >= 1
    assert re.search(r"[\u4e00-\u9fff]", problem.zh)


@pytest.mark.parametrize(("share", "is_taken"), [("0.0799", True), ("0.08", True), ("0.0801", False)])
def test_the_guard_itself_may_be_reached(share: str, is_taken: bool) -> None:
    assert (not _problems(set_to(TEXT, "paid_share", share))) is is_taken


def test_a_flaw_stands_at_the_line_of_its_parameter() -> None:
    text = set_to(TEXT, "paid_share", "0.09")
    (problem,) = _problems(text)
    assert problem.path == "allocation.paid_share.industry"
    assert "industry" in text.splitlines()[problem.line - 2]
    (missing,) = _problems(without(TEXT, "control_coefficient"))
    assert missing.path == "allocation.control_coefficient.industry"
    assert missing.line >= _line_of(TEXT, "  control_coefficient:")


def test_a_smaller_first_batch_than_the_rules_ask_for_is_refused() -> None:
    text = rulebook.overlay("tianjin", YEAR)
    share = TEXT[TEXT.index("  first_batch_share:") : TEXT.index("  first_batch_base:")]
    low = f"allocation:\n{share.replace('0.70', '0.69')}" + text.replace("allocation:\n", "", 1)
    (problem,) = _problems(low, region="tianjin")
    assert problem.rule == PlanRefusal.FIRST_BATCH_TOO_SMALL.sentence.article
    assert _problems(low.replace("0.69", "0.70"), region="tianjin") == ()


def test_a_year_without_rules_is_refused_before_anything_else() -> None:
    (problem,) = _problems(TEXT.replace("CY2026", "CY2035"), year=2035)
    assert problem.rule == PlanRefusal.YEAR_WITHOUT_RULES.sentence.article
    assert "2035" in problem.en


def test_a_value_of_another_year_is_refused_at_its_line() -> None:
    (problem,) = _problems(TEXT.replace("CY2026", "CY2025", 1))
    assert "only hold values of CY2026" in problem.en
    assert problem.line == _line_of(TEXT, "description:")


def test_the_same_year_given_twice_is_refused() -> None:
    twice = TEXT.replace("      CY2026: {", "      CY2025-CY2026: {", 1)
    first = TEXT[TEXT.index("      CY2026: {") : TEXT.index("  reserve_share:")]
    problems = _problems(twice.replace("  reserve_share:", first + "  reserve_share:", 1))
    assert any("values overlap at CY2026" in problem.en for problem in problems)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("a: &x [1]\nb: *x\n", "anchors, aliases and tags", 1),
        ("a: 1\nb: !!python/object:os.system x\n", "anchors, aliases and tags", 2),
        ("a: " + "[" * 50 + "]" * 50, "deeper than", 1),
        ("a: " + "x" * plans.BYTES_MAX, "bytes; shorten it", 1),
        ("allocation: [", "not YAML", 2),
        ("", "the file is empty", 1),
        ("a: &x [*x, *x]\n", "anchors, aliases and tags", 1),
    ],
)
def test_a_text_that_is_more_than_a_tree_is_refused(text: str, said: str, line: int) -> None:
    problem = _problems(text)[0]
    assert said in problem.en
    assert problem.line == line


def _table(text: str = TEXT) -> list[list[object]]:
    rows = sheets.rows_of(plans.leaves_of(text), YEAR)
    return [list(sheets.COLUMNS), *([row[name] for name in sheets.COLUMNS] for row in rows)]


def test_a_table_and_its_text_are_the_same_plan() -> None:
    written = sheets.text_of(_table(), YEAR)
    draft = plans.read(REGION, YEAR, written.text, table=written)
    assert draft.problems == ()
    assert draft.rules is not None
    assert draft.rules.digest == rulebook.digest(REGION, overlays=(TEXT,))


def test_a_flaw_of_a_table_is_told_with_its_cell() -> None:
    table = _table()
    row = next(number for number, cells in enumerate(table) if cells[0] == "allocation.cap_t")
    table[row][3] = "parts"
    written = sheets.text_of(table, YEAR)
    problems = plans.read(REGION, YEAR, written.text, file="plan.xlsx", table=written).problems
    assert [(one.file, one.cell) for one in problems] == [("plan.xlsx", f"D{row + 1}")]
    assert str(problems[0]).startswith(f"plan.xlsx:D{row + 1}: allocation.cap_t")


def test_a_value_of_a_table_that_does_not_fit_is_told_with_its_own_cell() -> None:
    table = _table()
    row = next(number for number, cells in enumerate(table) if cells[0] == "allocation.paid_share.industry")
    table[row][4] = 0.09
    del table[next(number for number, cells in enumerate(table) if cells[0] == "allocation.method.shipping")]
    written = sheets.text_of(table, YEAR)
    found = plans.read(REGION, YEAR, written.text, table=written).problems
    assert {one.path: one.cell for one in found}["allocation.paid_share.industry"] == f"E{row}"
    assert "allocation.method.shipping" in {one.path for one in found}


def test_numbers_of_a_spreadsheet_are_what_was_typed_and_columns_may_stand_anywhere() -> None:
    table = [list(reversed(row)) for row in _table()]
    place = table[0].index("value")
    for cells in table[1:]:
        cells[place] = float(str(cells[place])) if str(cells[place]).startswith("0.") else cells[place]
    written = sheets.text_of(table, YEAR)
    assert 'value: "0.98"' in written.text
    assert plans.read(REGION, YEAR, written.text).problems == ()


@pytest.mark.parametrize("rows", [[], [["path"]], [[None, None], [1, 2]]])
def test_a_table_without_rows_is_an_empty_plan(rows: list[list[object]]) -> None:
    assert plans.read(REGION, YEAR, sheets.text_of(rows, YEAR).text).problems != ()


@pytest.mark.parametrize(("value", "is_refused"), [("0.0799", False), ("0.08", False), ("0.0801", True)])
def test_a_plan_may_lower_the_guard_of_the_law_and_not_raise_it(value: str, is_refused: bool) -> None:
    lower = set_to(TEXT, "paid_share", "0.01")
    own_guard = _word("allocation.paid_share_max", value).replace("unit: word", "unit: share")
    problems = [problem.zh for problem in plans.read("shanghai", 2026, lower + own_guard).problems]
    assert any("0.08" in words and "0.0801" in words for words in problems) is is_refused
    assert bool(problems) is is_refused
