"""Importing filled templates: all of a file or nothing, once, and refusals that leave no trace."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.imports import sheets
from tests.unit.imports.sheets import Cell
from typer.testing import CliRunner

from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import SYSTEM, AccessRefusal, Actor, MemberRefusal, OrganisationKind, Role
from tonnebook.emissions import queries as known
from tonnebook.emissions import services as emissions
from tonnebook.imports import commands, company_import, workbook
from tonnebook.members import queries as people
from tonnebook.registry import queries as registry

NOW = datetime(2026, 3, 1, 1, tzinfo=UTC)
ENTITY = frozenset({Role.REPRESENTATIVE})
RED_RIVER_CLERK = Actor("P-1", sheets.RED_RIVER, OrganisationKind.ENTITY, ENTITY, "shanghai")
OFFICER = Actor("P-2", "", OrganisationKind.AUTHORITY, frozenset({Role.OFFICER}), "shanghai")


def post(
    folder: Path, kind: str, *, changes: dict[str, Cell] | None = None, actor: Actor = SYSTEM, keep: bool = True
) -> dict[str, Json]:
    """Fill a template and post it."""
    rows = sheets.ENTITIES if kind == "entities" else sheets.REPORTS
    filled = workbook.read(sheets.fill(folder / f"{kind}.xlsx", kind, rows, changes), kind)
    return company_import.post(kind, filled, actor, now=NOW, keep=keep)


def approve_plan() -> None:
    """Red River's data quality plan of the year reported on."""
    plan = {"entity": sheets.RED_RIVER, "year": 2025}
    emissions.submit_data_quality_plan(RED_RIVER_CLERK, **plan, sections={"a": "b"}, key="plan-1", now=NOW)  # type: ignore[arg-type]
    emissions.approve_data_quality_plans(
        OFFICER, region="shanghai", year=2025, entities=[sheets.RED_RIVER], key="plan-2", now=NOW
    )


@pytest.mark.django_db
def test_entities_get_accounts_and_facilities(tmp_path: Path) -> None:
    assert post(tmp_path, "entities") == {"entities": 2, "accounts": 4, "facilities": 2}
    assert people.organisation(sheets.RED_RIVER).district == "宝山"
    assert registry.account_of(sheets.NORTH_POWER, AccountType.HOLDING)
    assert [one.number for one in known.facilities_of(sheets.RED_RIVER)] == ["F-1"]


@pytest.mark.django_db
def test_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = sheets.fill(tmp_path / "a.xlsx", "entities", sheets.ENTITIES)
    filled = workbook.read(path, "entities")
    first = company_import.post("entities", filled, SYSTEM, now=NOW, keep=True)
    assert company_import.post("entities", filled, SYSTEM, now=NOW, keep=True) == first


@pytest.mark.django_db
def test_wrong_check_sign_loads_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        post(tmp_path, "entities", changes={"entities!A3": sheets.NORTH_POWER[:-1] + "0"})
    assert caught.value.code is MemberRefusal.USCC_MALFORMED
    assert people.organisations_named([sheets.RED_RIVER]) == {}


@pytest.mark.django_db
def test_facility_of_an_unknown_entity_loads_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        post(tmp_path, "entities", changes={"facilities!B2": sheets.uscc(9)})
    assert people.organisations_named([sheets.RED_RIVER]) == {}


@pytest.mark.django_db
def test_dry_run_keeps_nothing(tmp_path: Path) -> None:
    assert post(tmp_path, "entities", keep=False)["entities"] == 2
    assert people.organisations_named([sheets.RED_RIVER]) == {}


@pytest.mark.django_db
def test_report_is_computed_from_its_rows(tmp_path: Path) -> None:
    post(tmp_path, "entities")
    approve_plan()
    answer = post(tmp_path, "reports")
    report = known.report_of(sheets.RED_RIVER, 2025)
    assert report is not None
    assert answer == {"reports": [report.number], "total_t": report.total_t}
    assert report.total_t > 0


@pytest.mark.django_db
def test_refused_report_can_be_loaded_once_its_reason_is_gone(tmp_path: Path) -> None:
    post(tmp_path, "entities")
    filled = workbook.read(sheets.fill(tmp_path / "r.xlsx", "reports", sheets.REPORTS), "reports")
    with pytest.raises(Refused) as caught:
        company_import.post("reports", filled, SYSTEM, now=NOW, keep=True)
    assert caught.value.code is ReportingRefusal.NO_APPROVED_PLAN
    approve_plan()
    assert company_import.post("reports", filled, SYSTEM, now=NOW, keep=True)["reports"]


@pytest.mark.django_db
def test_representative_cannot_report_for_another_entity(tmp_path: Path) -> None:
    post(tmp_path, "entities")
    stranger = Actor("P-3", sheets.NORTH_POWER, OrganisationKind.ENTITY, ENTITY, "shanghai")
    with pytest.raises(Refused) as caught:
        post(tmp_path, "reports", actor=stranger)
    assert caught.value.code is AccessRefusal.NOT_YOUR_ORGANISATION


def test_import_prints_one_object_with_the_audit(
    fresh_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheets.fill(tmp_path / "a.xlsx", "entities", sheets.ENTITIES)
    assert company_import.run("entities", path, username="", dry_run=False, as_json=True) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["rows"], facts["refused"], facts["breaks"], facts["entities"]) == (4, 0, 0, 2)


@pytest.mark.django_db
def test_import_tells_refusal_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = sheets.fill(tmp_path / "a.xlsx", "entities", sheets.ENTITIES)
    assert company_import.run("entities", path, username="nobody", dry_run=False, as_json=True) == 1
    shown = capsys.readouterr()
    assert "没有导入任何内容" in shown.err
    assert "Nothing has been loaded" in shown.err
    assert json.loads(shown.out)["problems"][0]["code"] == "NO_SUCH_PERSON"


def test_template_command_leaves_an_existing_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"mine")
    done = CliRunner().invoke(commands.exports, ["template", "entities", str(path)])
    assert done.exit_code == 1
    assert path.read_bytes() == b"mine"


def test_template_command_writes_a_template(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    assert CliRunner().invoke(commands.exports, ["template", "reports", str(path)]).exit_code == 0
    assert path.read_bytes().startswith(b"PK")
