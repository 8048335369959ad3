"""Every golden file passes to the last digit, holds every number that decides, and the runner tells what is wrong."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tonnebook import cli, golden, rulebook
from tonnebook.rulebook import loader, usage

FILES = sorted(golden.OWN_CASES.glob("*.yaml"))
PUBLISHED = Path(__file__).parents[2] / "shared" / "rules" / "worked_examples.yaml"

# Published examples that no formula can be held against, each with its reason.
NOT_COMPUTED = {
    "W20_ccer_offshore_magnitude": "an order of magnitude: megawatts and tonnes without output, factor or formula",
}

NOT_NUMBERS = ("word", "words", "flag", "text", "date", "days", "time")
# Numbers of these topics decide about an entity; every one that a formula reads stands in a golden case.
DECIDING = ("allocation", "auction", "carry_over", "coverage", "penalty", "stability", "surrender", "trading")
# One rule with a number for each sector or class: one of them in a golden case shows it.
FAMILIES = ("allocation.control_coefficient", "coverage.threshold_t", "coverage.threshold_tce")
# What is read for other reasons than to compare with it, each with its reason.
NOT_COMPARED = {
    r"allocation\.power\.(heat_)?balance\..*": "published balance values, which no allowance is computed from",
    r"auction\..*\.(quantity_t|mean_price_fen_per_t|floor_price_fen_per_t)": "single rounds as they were announced",
    r"auction\..*\.group_limit_t": "cut to at the opening of sealed bids, told in their own tests",
    r"auction\.last_resort\.price_ceiling_fen_per_t": "handed to the formula as `ceiling_yuan`",
    r"auction\.window_(open|close)": "handed to the formula as `opens` and `closes`",
    r"coverage\.published\..*": "published figures to compare with",
    r"penalty\..*\.person_(min|max)_yuan": "fixed ranges, nothing is computed from them",
    r"penalty\.(barred_trader|exchange|obstruction|records|report|report_cut|service_person|support|verification|verifier)"
    r"\..*": "fixed ranges, nothing is computed from them",
}

GOOD = """
- id: W1/sum
  source: a published example
  call: mrv.total
  input: {rows: ["1.10", "2.20"]}
  output: {tCO2: "3.3"}
  tolerance: "0"
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_file_passes_to_the_last_digit(path: Path) -> None:
    outcome = golden.run([path])
    assert not outcome.failed
    assert outcome.passed


def test_golden_ids_are_unique() -> None:
    ids = [entry["id"] for path in FILES for entry in golden.entries(path)]
    assert len(ids) == len(set(ids))


def test_every_number_that_decides_stands_in_a_golden_case() -> None:
    shown = {path for path in _parameters() if path.split(".")[0] in DECIDING}
    families = {family for family in FAMILIES if any(path.startswith(f"{family}.") for path in shown)}
    missing = {
        path
        for region in rulebook.regions()
        for path in rulebook.own_paths(region)
        if path.split(".")[0] in DECIDING
        and loader.book(region).leaves[path].unit not in NOT_NUMBERS
        and _is_read_by_core(path)
        and path not in shown
        and path.rpartition(".")[0] not in families
        and not any(re.fullmatch(pattern, path) for pattern in NOT_COMPARED)
    }
    assert missing == set()


def test_wrong_digit_fails(tmp_path: Path) -> None:
    outcome = golden.run([_file(tmp_path, GOOD.replace('"3.3"', '"3.4"'))])
    assert outcome.failed == {"W1/sum": "tCO2: expected 3.4, got 3.30"}
    assert list(outcome.lines())[-1] == "0 passed, 1 failed"


def test_tolerance_allows_its_own_width_and_no_more(tmp_path: Path) -> None:
    wide = GOOD.replace('"3.3"', '"3.4"').replace('tolerance: "0"', 'tolerance: "0.1"')
    assert not golden.run([_file(tmp_path, wide)]).failed
    assert golden.run([_file(tmp_path, wide.replace('"0.1"', '"0.09"'))]).failed


def test_rounding_of_the_case_is_applied_before_comparison(tmp_path: Path) -> None:
    rounded = GOOD.replace('"2.20"', '"2.249"').replace("tolerance", "rounding: half_up 1\n  tolerance")
    assert not golden.run([_file(tmp_path, rounded)]).failed
    assert golden.run([_file(tmp_path, rounded.replace("half_up", "ceil"))]).failed


@pytest.mark.parametrize("call", ["mrv.no_such", "no_such.total", "mrv._text", "total"])
def test_unknown_call_fails_and_does_not_stop_the_run(tmp_path: Path, call: str) -> None:
    path = _file(tmp_path, GOOD.replace("mrv.total", call) + GOOD.replace("W1/sum", "W1/again"))
    outcome = golden.run([path])
    assert list(outcome.failed) == ["W1/sum"]
    assert outcome.passed == ["W1/again"]


def test_input_the_call_does_not_take_fails(tmp_path: Path) -> None:
    outcome = golden.run([_file(tmp_path, GOOD.replace("rows:", "columns:"))])
    assert "does not take this input" in outcome.failed["W1/sum"]


def test_missing_field_is_an_error_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(golden.CaseError, match="source"):
        golden.run([_file(tmp_path, GOOD.replace("source: a published example", "notes: none"))])


def test_file_that_is_no_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(golden.CaseError, match="list of cases"):
        golden.run([_file(tmp_path, "id: alone")])


def test_published_case_runs_its_adapted_cases(tmp_path: Path) -> None:
    _file(tmp_path, GOOD)
    published = tmp_path / "published.txt"
    published.write_text('- {id: W1, expected: {t: "3.30"}, inputs: {rows: ["1.1"]}}\n- {id: W2}\n')
    outcome = golden.run([published], own_cases=tmp_path)
    assert (outcome.passed, outcome.failed, outcome.uncovered) == (["W1"], {}, ["W2"])
    assert list(outcome.lines()) == ["not yet covered: W2", "1 passed, 0 failed"]


@pytest.mark.parametrize("published", ['expected: {t: "3.4"}', 'inputs: {t: "5"}', 'expected: {t: "1.10"}'])
def test_published_case_fails_when_the_adapted_one_lost_a_number(tmp_path: Path, published: str) -> None:
    _file(tmp_path, GOOD)
    path = tmp_path / "published.txt"
    path.write_text(f"- {{id: W1, {published}}}\n")
    assert "lack the" in golden.run([path], own_cases=tmp_path).failed["W1"]


@pytest.mark.data
@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published examples are not beside the repository")
def test_published_worked_examples_pass_where_core_covers_them() -> None:
    outcome = golden.run([PUBLISHED])
    assert not outcome.failed
    assert not set(outcome.passed) & set(outcome.uncovered)


@pytest.mark.data
@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published examples are not beside the repository")
def test_published_worked_examples_are_all_covered_or_named_with_a_reason() -> None:
    assert golden.run([PUBLISHED]).uncovered == list(NOT_COMPUTED)


def test_numbers_are_read_as_text_and_never_through_a_float(tmp_path: Path) -> None:
    (entry,) = golden.entries(_file(tmp_path, "- {id: W1, value: 0.1000000000000000055511151231}"))
    assert Decimal(str(entry["value"])) == Decimal("0.1000000000000000055511151231")


@pytest.mark.parametrize(("text", "code", "last"), [(GOOD, 0, "1 passed, 0 failed"), ("id: alone", 1, "list of cases")])
def test_command_ends_with_the_count_or_says_what_is_wrong(tmp_path: Path, text: str, code: int, last: str) -> None:
    result = CliRunner().invoke(cli.app, ["golden", str(_file(tmp_path, text))])
    assert result.exit_code == code
    assert last in result.output.splitlines()[-1]


def test_command_fails_when_an_example_fails(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["golden", str(_file(tmp_path, GOOD.replace('"3.3"', '"3.4"')))])
    assert result.exit_code == 1
    assert result.output.splitlines() == ["FAILED W1/sum: tCO2: expected 3.4, got 3.30", "0 passed, 1 failed"]


def _parameters() -> set[str]:
    entries = (entry for path in FILES for entry in golden.entries(path))
    given = (entry["input"] for entry in entries)
    return {path for one in given if isinstance(one, dict) for path in one.get("parameters", ())}


def _is_read_by_core(path: str) -> bool:
    rooms = (use.module for use in usage.uses(path))
    return any(room.startswith("tonnebook.core.") and ".examples." not in room for room in rooms)


def _file(folder: Path, text: str) -> Path:
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return path
