"""Where a year stands, a figure that is replaced, and penalty files, as pages show them."""

from datetime import UTC, datetime

import pytest
from tests.unit.compliance.stage import AFTER_DEADLINE
from tests.unit.web.town import NORTH_POWER, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core.year_status import YearCode
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.journal import services as journal
from tonnebook.members import queries as members

BREACHED = 2022
BEFORE = datetime(2023, 9, 1, 1, tzinfo=UTC)
STANDING, REPLACE = f"/entity/{RED_RIVER}/standing?year={YEAR}", f"/entity/{RED_RIVER}/redetermine?year={YEAR}"
FIGURE = {"determined_t": "60500", "direct_t": "0", "reason": "补充报告", "evidence": "ER-2026-S"}


@pytest.fixture
def met(town: Town) -> Town:
    """Red River has surrendered what was determined."""
    town.stage.first_batch()
    town.stage.determine(red_t=60_000)
    town.stage.confirm(town.stage.submit({"SHEA-2026": 60_000}))
    return town


@pytest.fixture
def breached(town: Town) -> Town:
    """Red River surrendered nothing for 2022."""
    zhou, key = town.actor("zhou"), town.stage.key
    for entity in (RED_RIVER,):
        compliance_services.list_entities(zhou, region=REGION, year=BREACHED, entities=[entity], key=key(), now=BEFORE)
    figure = emissions_services.HistoryRow(RED_RIVER, BREACHED, 100_000, 100_000, {})
    emissions_services.import_history(zhou, region=REGION, rows=[figure], key=key(), now=BEFORE)
    return town


@pytest.mark.parametrize("person", ["red", "zhou", "eye"])
def test_the_standing_is_shown_to_the_entity_and_the_authority(met: Town, person: str) -> None:
    page = met.browser(person).get(STANDING)
    assert page.status_code == 200
    assert page.context["history"].standing.code is YearCode.COVERED
    assert "surrendered in full" in page.content.decode()


def test_others_find_no_standing(met: Town) -> None:
    assert met.browser("north").get(STANDING).status_code == 404


def test_a_replaced_figure_is_looked_at_proposed_and_carried_out(met: Town) -> None:
    officer = met.browser("zhou")
    shown = officer.post(REPLACE, {**FIGURE, "decision": "look"})
    assert (shown.context["effect"].delta.whole, shown.context["effect"].missing.whole) == (500, 500)
    assert members.open_approvals(REGION) == ()
    assert officer.post(REPLACE, {**FIGURE, "decision": "propose"}).status_code == 302
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert met.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302
    assert emissions.determined(REGION, YEAR)[RED_RIVER].determined_t == 60_500
    assert compliance.position(RED_RIVER, YEAR, datetime.now(tz=UTC).date()).due_t == 500


def test_the_same_figure_again_is_refused_beside_its_field(met: Town) -> None:
    answer = met.browser("zhou").post(REPLACE, {**FIGURE, "determined_t": "60000", "decision": "propose"})
    assert answer.status_code == 409
    assert "SAME_FIGURE" in answer.content.decode()


def test_an_officer_opens_a_file_and_records_the_steps(breached: Town) -> None:
    officer, path = breached.browser("zhou"), f"/penalties?year={BREACHED}"
    assert [(one.uscc, found.missing_t) for one, found in officer.get(path).context["short"]] == [(RED_RIVER, 100_000)]
    opened = officer.post(
        f"/penalties/open?year={BREACHED}", {"entity": RED_RIVER, "year": BREACHED, "ground": "逾期未清缴"}
    )
    assert opened.status_code == 302
    page = officer.get(opened["Location"])
    assert page.context["file"].smallest_fen == 5_000_000
    assert officer.get(path).context["short"] == []
    late = officer.post(opened["Location"], {"step": "DECIDED", "ground": "x", "fine_yuan": "60000"})
    assert late.status_code == 422
    assert officer.post(opened["Location"], {"step": "ORDERED", "ground": "限期改正"}).status_code == 302
    number = compliance.penalty_files(REGION)[0].number
    own = breached.browser("red").get(f"/penalties/{number}")
    assert own.status_code == 200
    assert own.context["form"] is None
    assert breached.browser("north").get(f"/penalties/{number}").status_code == 404


def test_a_decision_outside_the_range_is_refused_beside_its_field(breached: Town) -> None:
    officer = breached.browser("zhou")
    opened = officer.post(
        f"/penalties/open?year={BREACHED}", {"entity": RED_RIVER, "year": BREACHED, "ground": "逾期未清缴"}
    )["Location"]
    for step in ("ORDERED", "REFUSED", "NOTIFIED", "WAIVED"):
        assert officer.post(opened, {"step": step, "ground": "依法"}).status_code == 302
    answer = officer.post(opened, {"step": "DECIDED", "ground": "x", "fine_yuan": "49999.99"})
    assert answer.status_code == 409
    assert "OUTSIDE_RANGE" in answer.content.decode()
    without = officer.post(opened, {"step": "DECIDED", "ground": "x"})
    assert without.status_code == 422
    assert officer.post(opened, {"step": "DECIDED", "ground": "首次违法", "fine_yuan": "50000"}).status_code == 302
    explained = officer.get(f"/explain/penalty/{compliance.penalty_files(REGION)[0].number}")
    assert explained.context["subject"].is_same


def test_a_file_whose_law_was_not_read_says_so_and_offers_no_derivation(town: Town) -> None:
    zhou, key, now = town.actor("zhou"), town.stage.key, datetime(2026, 5, 6, 1, tzinfo=UTC)
    compliance_services.list_entities(zhou, region=REGION, year=2025, entities=[RED_RIVER], key=key(), now=now)
    officer = town.browser("zhou")
    opened = officer.post("/penalties/open?year=2025", {"entity": RED_RIVER, "year": 2025, "ground": "逾期未清缴"})
    page = officer.get(opened["Location"]).content.decode()
    assert "No range is assumed." in page
    assert "/explain/penalty/" not in page


def test_what_is_refused_when_a_file_is_opened_is_told(met: Town) -> None:
    officer = met.browser("zhou")
    answer = officer.post(f"/penalties/open?year={YEAR}", {"entity": NORTH_POWER, "year": YEAR, "ground": "x"})
    assert answer.status_code == 409
    assert "NOT_SHORT" in answer.content.decode()
    assert officer.post("/penalties/open", {"entity": NORTH_POWER, "ground": ""}).status_code == 422


def test_what_is_missing_is_explained_and_computed_again(met: Town) -> None:
    page = met.browser("zhou").get(f"/explain/missing/{RED_RIVER}:{YEAR}")
    assert page.status_code == 200
    assert page.context["subject"].is_same


def test_a_settled_year_gives_its_certificate_as_a_file(met: Town) -> None:
    path = f"/entity/{RED_RIVER}/certificate?year={YEAR}"
    assert met.browser("red").post(path).status_code == 409
    met.stage.settle()
    journal.set_clock(at=AFTER_DEADLINE)
    company = met.browser("red")
    answer = company.post(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert met.browser("north").post(path).status_code == 404
    assert "certificate" in company.get(STANDING).content.decode()
