"""The pages of the coverage list: draft, publication, a corrected line, the own line, the public table."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.unit.compliance.stage import LITTLE_MILL
from tests.unit.web.town import NORTH_POWER, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.core import coverage
from tonnebook.core.coverage import Stage
from tonnebook.members import queries as members

FACTS = "/coverage/facts"
DRAFT, LINE, OWN = f"/coverage/{YEAR}/draft", f"/coverage/{YEAR}/{RED_RIVER}", f"/company/coverage?year={YEAR}"


def _approve(town: Town) -> None:
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302


def test_two_officers_publish_exactly_the_draft_they_looked_at(town: Town) -> None:
    officer = town.browser("zhou")
    page = officer.get(DRAFT)
    assert len(page.context["page"].rows) == 3
    assert [row.entity for row in officer.get(f"{DRAFT}?turn=OUTSIDE").context["page"].rows] == [
        row.entity for row in page.context["draft"].rows if row.entity not in (RED_RIVER, NORTH_POWER)
    ]
    assert officer.post(DRAFT, {"digest": page.context["draft"].digest}).status_code == 302
    assert compliance.covered(REGION, YEAR) == ()
    _approve(town)
    assert len(compliance.covered(REGION, YEAR)) == 3
    assert officer.get(DRAFT)["Location"] == f"/coverage?year={YEAR}"


def test_a_line_is_corrected_by_two_and_the_company_sees_both_versions(town: Town) -> None:
    town.stage.cover()
    officer = town.browser("zhou")
    same = officer.post(LINE, {"stage": "ALLOWANCES", "ground": "x"})
    assert same.status_code == 422
    assert "LINE_UNCHANGED" in same.content.decode()
    assert officer.post(LINE, {"stage": "MANAGED", "ground": "Allowances come later."}).status_code == 302
    _approve(town)
    page = town.browser("red").get(OWN)
    assert page.context["row"].stage is Stage.MANAGED
    assert "Allowances come later." in page.content.decode()
    assert "Allowances come later." not in town.browser("north").get(OWN).content.decode()
    shown = officer.get(f"/coverage?year={YEAR}").content.decode()
    assert "Version 2" in shown
    public = town.browser().get(f"/public/tables/{YEAR}/coverage_corrections").content.decode()
    assert RED_RIVER in public
    assert "Allowances come later." not in public


def test_a_company_sees_its_line_with_articles_and_an_explained_number(town: Town) -> None:
    town.stage.cover()
    text = town.browser("red", language="zh-hans").get(OWN).content.decode()
    assert "2024年排放量达到纳管门槛" in text or "2025年排放量达到纳管门槛" in text
    assert "D00" in text
    assert "explain" in text
    assert "Nobody" not in town.browser("red").get("/company/coverage?year=2020").content.decode()
    assert town.browser("red").get("/company/coverage?year=2020").context["row"] is None


def test_a_company_of_a_sector_on_the_national_track_is_told_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.stage.cover()
    told = "reports and is verified as the national market asks"
    assert told not in town.browser("red", "en").get(OWN).content.decode()
    monkeypatch.setattr(coverage, "is_on_national_track", lambda sector, rules: sector == "industry")
    assert told in town.browser("red", "en").get(OWN).content.decode()


def test_the_public_table_says_which_version_it_is(town: Town) -> None:
    town.stage.cover()
    public = town.browser().get(f"/public/tables/{YEAR}/coverage").content.decode()
    assert "Version 1" in public
    assert "(7 working days; for a line corrected later, from its own day on): 0 made, 0 not decided yet" in public
    rows = town.browser().get(f"/public/tables/{YEAR}/coverage.csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3


def test_a_company_on_no_list_has_no_line_to_correct(town: Town) -> None:
    officer = town.browser("zhou")
    assert officer.get(LINE).context["row"] is None
    assert officer.post(LINE, {"stage": "OUT", "ground": "x"}).status_code == 404
    assert not members.open_approvals(REGION)


def _energy(text: str) -> dict[str, object]:
    file = SimpleUploadedFile("energy.csv", text.encode())
    return {"what": "energy", "year": YEAR - 1, "source": "Statistics of energy", "file": file}


def test_who_leaves_is_noted_once_and_is_out_on_the_draft(town: Town) -> None:
    officer, told = town.browser("zhou"), {"entity": RED_RIVER, "kind": "moved_away", "from_year": YEAR}
    assert officer.post(FACTS, told).status_code == 302
    (row,) = (one for one in officer.get(DRAFT).context["draft"].rows if one.entity == RED_RIVER)
    assert row.decision.reason.name == "MOVED_AWAY"
    again = officer.post(FACTS, told)
    assert again.status_code == 422
    assert "NOTED_BEFORE" in again.content.decode()
    assert "NO_SUCH_ORGANISATION" in officer.post(FACTS, {**told, "entity": "nobody"}).content.decode()


def test_energy_use_comes_in_as_a_table_and_counts_on_the_draft(town: Town) -> None:
    officer = town.browser("zhou")
    assert officer.post(FACTS, _energy(f"uscc,energy_tce\n{LITTLE_MILL},10000\n")).status_code == 302
    (row,) = (one for one in officer.get(DRAFT).context["draft"].rows if one.entity == LITTLE_MILL)
    assert row.decision.reason.name == "ENTERED_BY_ENERGY"
    assert "NOTED_BEFORE" in officer.post(FACTS, _energy(f"uscc,energy_tce\n{LITTLE_MILL},1\n")).content.decode()


@pytest.mark.parametrize(
    "lines", ["a,b\n", "uscc,energy_tce\nX,-1\n", "uscc,energy_tce\nX,0.0001\n", "uscc,energy_tce\nX,\n"]
)
def test_a_table_that_does_not_read_is_refused_with_its_line(town: Town, lines: str) -> None:
    answer = town.browser("zhou").post(FACTS, _energy(lines))
    assert answer.status_code == 422
    assert answer.context["energy"].errors["file"]
