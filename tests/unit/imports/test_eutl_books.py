"""Posting a small extract: the books say what the files say, once, or nothing at all."""

import io
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.imports import extract

from tonnebook.compliance import queries as compliance
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, MemberRefusal, OrganisationKind
from tonnebook.emissions import queries as emissions
from tonnebook.imports import eutl, eutl_books, eutl_import
from tonnebook.imports.eutl_books import Loaded
from tonnebook.journal import queries as journal
from tonnebook.members import queries as people
from tonnebook.members import services as members
from tonnebook.registry import queries as registry

NOW = datetime(2026, 4, 1, 1, tzinfo=UTC)


def load(folder: Path) -> Loaded:
    """Load the small extract."""
    return eutl_books.load(eutl.read(extract.write(folder)), now=NOW, progress=lambda *_: None)


@pytest.mark.django_db
def test_every_installation_gets_its_account(tmp_path: Path) -> None:
    answer = load(tmp_path).answer
    assert (answer["accounts"], answer["accounts_with_values"]) == (4, 3)
    assert registry.account_of("EU-100004", AccountType.HOLDING)


@pytest.mark.django_db
def test_units_of_the_books_add_up(tmp_path: Path) -> None:
    load(tmp_path)
    totals = registry.totals("eu")
    # Allocated 360 t; entered 65 t for North Power (115 against 50) and 20 t for Red River (320 against 300).
    assert totals.issued_t == 360 + 65 + 20
    assert totals.surrendered_t == 320 + 115 + 10
    assert totals.held_t == totals.issued_t - totals.surrendered_t


@pytest.mark.django_db
def test_surrender_beyond_the_allocation_is_funded_by_an_opening_entry(tmp_path: Path) -> None:
    years = load(tmp_path).answer["years"]
    assert isinstance(years, dict)
    shown = {year: (one["opening_entries"], one["opening_entry_t"]) for year, one in years.items()}  # type: ignore[index,call-overload]
    assert shown == {"2005": (0, 0), "2006": (1, 65), "2007": (1, 20)}


@pytest.mark.django_db
def test_figures_of_all_years_are_brought(tmp_path: Path) -> None:
    load(tmp_path)
    figures = emissions.history(["EU-100001"], (2005, 2008))["EU-100001"]
    assert {year: row.determined_t for year, row in figures.items()} == {2005: 90, 2008: 50}


@pytest.mark.django_db
def test_statuses_follow_the_cumulative_rule(tmp_path: Path) -> None:
    load(tmp_path)
    assert eutl_books.booked_codes() == {
        "100001": {2005: "B", 2006: "A", 2007: "A"},
        "100002": {2005: "A", 2006: "A", 2007: "C"},
        "100003": {2005: "C", 2006: "A", 2007: "A"},
    }


@pytest.mark.django_db
def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    first = load(tmp_path)
    again = load(tmp_path)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.answer == first.answer


@pytest.mark.django_db
def test_refused_load_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    kind = OrganisationKind.ENTITY
    draft = members.OrganisationDraft("EU-100003", "Little Mill", "Little Mill", kind, "eu")
    members.register_organisations(SYSTEM, drafts=[draft], key="there-before", now=NOW)
    with pytest.raises(Refused) as caught:
        load(tmp_path)
    assert caught.value.code is MemberRefusal.ORGANISATION_EXISTS
    assert people.organisations_named(["EU-100001", "EU-REGISTRY"]) == {}
    assert compliance.covered_codes("eu", 2005) == ()
    # The same files are tried afresh, not answered from a stored refusal.
    with pytest.raises(Refused):
        load(tmp_path)


def test_import_prints_one_object_with_the_audit(fresh_database: str, tmp_path: Path) -> None:
    output = io.StringIO()
    with redirect_stdout(output):
        code = eutl_import.run(extract.write(tmp_path), dry_run=False, as_json=True)
    facts = json.loads(output.getvalue())
    assert (code, facts["breaks"], facts["refused"], facts["rows"]) == (0, 0, 0, 16)
    assert facts["agreement"] == 1.0
    assert (facts["issued_t"], facts["opening_entry_t"], facts["surrendered_t"]) == (360, 85, 445)
    assert facts["log_size"] == journal.log_size() > 0
    assert len(facts["log_root"]) == 64


@pytest.mark.django_db
def test_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert eutl_import.run(extract.write(tmp_path), dry_run=True, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["agreement"] == 1.0
    assert people.organisations_named(["EU-100001"]) == {}


@pytest.mark.django_db
def test_bad_cell_is_told_by_file_line_and_column_and_nothing_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = extract.write(tmp_path, changes={("verified_emissions", 2, 1): "forty"})
    assert eutl_import.run(folder, dry_run=False, as_json=True) == 1
    shown = capsys.readouterr()
    assert "installations_verified_emissions.csv:3:2005" in shown.err
    assert "没有导入任何内容" in shown.err
    assert json.loads(shown.out)["refused"] == 1
    assert people.organisations_named(["EU-100001"]) == {}
