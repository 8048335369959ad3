"""Reading the extract: figures, known words, and everything that is refused, by file, line and column."""

from pathlib import Path

import pytest
from tests.unit.imports import extract

from tonnebook.imports import eutl
from tonnebook.imports.eutl import Agreement
from tonnebook.imports.problems import Problem, Unreadable


def problem_of(folder: Path, changes: dict[tuple[str, int, int], str]) -> Problem:
    """The one problem of an extract with changed cells."""
    with pytest.raises(Unreadable) as caught:
        eutl.read(extract.write(folder, changes=changes))
    (problem,) = caught.value.problems
    assert problem.zh
    assert problem.en
    return problem


def test_extract_gives_every_installation_and_its_values(tmp_path: Path) -> None:
    read = eutl.read(extract.write(tmp_path))
    assert [one.account for one in read.installations] == ["100001", "100002", "100003", "100004"]
    assert read.installations[2].name == "Little Mill, Upper"
    assert read.values["100001"].verified_t == {2005: 90, 2006: 110, 2007: 120, 2008: 50}
    assert read.years == (2005, 2006, 2007, 2008)
    assert read.rows == 16


def test_account_without_yearly_values_is_no_error(tmp_path: Path) -> None:
    assert "100004" not in eutl.read(extract.write(tmp_path)).values


def test_words_are_counted_and_give_no_figure(tmp_path: Path) -> None:
    read = eutl.read(extract.write(tmp_path))
    assert read.words["verified_emissions"] == {"Excluded": 1, "Not Reported": 1, "blank": 2}
    assert read.words["compliance_code"]["A*"] == 1
    assert 2007 not in read.values["100002"].verified_t


def test_zero_is_a_figure_and_blank_is_none(tmp_path: Path) -> None:
    values = eutl.read(extract.write(tmp_path)).values["100002"]
    assert values.allocated_t == {2005: 50, 2006: 0}


def test_amounts_marked_with_stars_are_added(tmp_path: Path) -> None:
    read = eutl.read(extract.write(tmp_path))
    assert read.values["100001"].allocated_t[2008] == 95
    assert read.words["allocated_allowances"] == {"****": 1, "*****": 1, "blank": 5}


def test_agreement_counts_cells_with_figure_and_official_a_or_b(tmp_path: Path) -> None:
    read = eutl.read(extract.write(tmp_path, changes={("compliance_code", 1, 3): "B"}))
    ours = {account: eutl.status_codes(values, read.years) for account, values in read.values.items()}
    found = eutl.agreement(read, ours)
    # 2005: Red River B and North Power A agree, Little Mill has no figure. 2007: Red River is A to us, B officially.
    assert found[2005] == Agreement(comparable=2, agreeing=2)
    assert found[2006] == Agreement(comparable=3, agreeing=3)
    assert found[2007] == Agreement(comparable=2, agreeing=1)


def test_codes_are_judged_over_all_years_so_far(tmp_path: Path) -> None:
    read = eutl.read(extract.write(tmp_path))
    codes = eutl.status_codes(read.values["100001"], read.years)
    assert codes == {2005: "B", 2006: "A", 2007: "A", 2008: "A"}


@pytest.mark.parametrize("cell", ["12.5", "1,234", "n/a", "1 000", "１２", "+3"])
def test_cell_that_is_no_number_is_refused(tmp_path: Path, cell: str) -> None:
    problem = problem_of(tmp_path, {("verified_emissions", 2, 1): cell})
    assert (problem.file, problem.line, problem.column) == ("installations_verified_emissions.csv", 3, "2005")
    assert problem.place == "installations_verified_emissions.csv:3:2005"


@pytest.mark.parametrize(("cell", "word"), [("-5", "negative"), ("9" * 14, "too large")])
def test_quantity_out_of_range_is_refused(tmp_path: Path, cell: str, word: str) -> None:
    assert word in problem_of(tmp_path, {("units_surrendered", 1, 2): cell}).en


def test_word_known_in_one_table_is_refused_in_another(tmp_path: Path) -> None:
    assert "known word" in problem_of(tmp_path, {("units_surrendered", 1, 2): "Excluded"}).en


def test_unknown_code_is_refused(tmp_path: Path) -> None:
    assert problem_of(tmp_path, {("compliance_code", 3, 4): "F"}).column == "2008"


def test_unknown_account_is_refused(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, {("verified_emissions", 2, 0): "999999"})
    assert (problem.line, problem.column) == (3, "account_id")
    assert "999999" in problem.zh


def test_account_that_stands_twice_is_refused(tmp_path: Path) -> None:
    assert "twice" in problem_of(tmp_path, {("units_surrendered", 3, 0): "100001"}).en


def test_malformed_account_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        eutl.read(extract.write(tmp_path, changes={("installations", 4, 0): "EU 4"}))
    assert caught.value.problems[0].line == 5


def test_installation_without_name_is_refused(tmp_path: Path) -> None:
    assert problem_of(tmp_path, {("installations", 1, 1): " "}).column == "installation_name"


def test_missing_year_of_the_first_period_is_refused(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, {("allocated_allowances", 0, 2): "year two"})
    assert (problem.line, problem.column) == (1, "2006")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    extract.write(tmp_path)
    (tmp_path / "installations_compliance_code.csv").unlink()
    with pytest.raises(Unreadable) as caught:
        eutl.read(tmp_path)
    assert [one.file for one in caught.value.problems] == ["installations_compliance_code.csv"]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    changes = {("verified_emissions", 1, 1): "x", ("units_surrendered", 2, 3): "-1", ("compliance_code", 1, 1): "Z"}
    with pytest.raises(Unreadable) as caught:
        eutl.read(extract.write(tmp_path, changes=changes))
    assert len(caught.value.problems) == 3


def test_digest_changes_with_one_cell(tmp_path: Path) -> None:
    before = eutl.read(extract.write(tmp_path)).digest
    assert eutl.read(extract.write(tmp_path)).digest == before
    assert eutl.read(extract.write(tmp_path, changes={("verified_emissions", 1, 1): "91"})).digest != before


@pytest.mark.data
def test_real_extract_reaches_the_agreement_of_its_oracle(shared: Path) -> None:
    read = eutl.read(shared / "data" / "eutl")
    ours = {account: eutl.status_codes(values, read.years) for account, values in read.values.items()}
    booked = [eutl.agreement(read, ours)[year] for year in eutl.BOOKED_YEARS]
    assert (len(read.installations), len(read.values)) == (16_040, 9_646)
    assert sum(one.comparable for one in booked) == 19_384
    assert sum(one.agreeing for one in booked) == 19_378
