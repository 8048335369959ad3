"""The officer's year from the coverage list to the carry-over, done with its buttons alone; plans and the late."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from tests.unit.compliance import stage as stages
from tests.unit.web.town import BUREAU, NORTH_POWER, NOW, RED_RIVER, REGION, TRUE_MEASURE, YEAR, Town

from tonnebook import rulebook
from tonnebook.core.mrv import LineKind, SourceLine
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.journal import services as journal
from tonnebook.members import queries as members

PAGE = f"/year?year={YEAR}"


def states(browser: Client) -> dict[str, str]:
    """Where each act of the year stands."""
    return {act.code: act.state.value for act in browser.get(PAGE).context["acts"]}


def press(browser: Client, code: str) -> None:
    """Press the button of an act."""
    answer = browser.post(f"/year/{YEAR}/act/{code}")
    assert answer.status_code == 302, answer.content.decode()[:2000]


def approve(town: Town) -> None:
    """Have the second officer carry out what waits."""
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302


def adopt(town: Town) -> None:
    """Propose the plan that ships and have it approved."""
    browser = town.browser("zhou")
    text = browser.get(f"/year/{YEAR}/plan").context["overlay"]
    sent = text.replace("\n", "\r\n")
    assert browser.post(f"/year/{YEAR}/plan", {"overlay": sent, "decision": "propose"}).status_code == 302
    approve(town)


def report(town: Town, *, sign: bool = True) -> None:
    """Have Red River report, the officer assign and the verifier sign."""
    facility = emissions_services.FacilityDraft("F-1", RED_RIVER, "一厂", "Works 1", "industry", stages.SPRING.date())
    emissions_services.register_facilities(town.actor("keeper"), drafts=[facility], key=town.stage.key(), now=NOW)
    sections = {"boundary": "一厂"}
    emissions_services.submit_data_quality_plan(
        town.actor("red"), entity=RED_RIVER, year=YEAR, sections=sections, key=town.stage.key(), now=NOW
    )
    emissions_services.approve_data_quality_plans(
        town.actor("zhou"), region=REGION, year=YEAR, entities=[RED_RIVER], key=town.stage.key(), now=NOW
    )
    line = emissions_services.ReportLine("F-1", SourceLine(LineKind.ELECTRICITY, "grid", Decimal(100_000), "MWh"))
    answer = emissions_services.submit_report(
        town.actor("red"), entity=RED_RIVER, year=YEAR, lines=[line], outputs=[], key=town.stage.key(), now=NOW
    )
    press(town.browser("zhou"), "assign")
    if sign:
        total_t = emissions.report(str(answer["report"])).total_t
        town.verified(str(answer["report"]), total_t)


def test_the_buttons_of_the_page_lead_from_the_coverage_list_to_the_first_batch(town: Town) -> None:
    officer = town.browser("zhou")
    assert states(officer)["cover"] == "DUE"
    draft = f"/coverage/{YEAR}/draft"
    officer.post(draft, {"digest": officer.get(draft).context["draft"].digest})
    assert states(officer)["cover"] == "WAITING"
    approve(town)
    adopt(town)
    assert {states(officer)[code] for code in ("cover", "adopt")} == {"DONE"}
    press(officer, "first")
    preview = officer.get(f"/year/{YEAR}/batch/FIRST")
    assert preview.context["sums"].previewed == 2
    assert "explain this number" in preview.content.decode()
    assert preview.context["total"].open_t == preview.context["sums"].base_t
    press(officer, "issue_first")
    assert states(officer)["first"] == "WAITING"
    approve(town)
    assert states(officer)["first"] == "DONE"
    assert town.stage.held(RED_RIVER)


def test_the_buttons_lead_from_the_report_to_the_carry_over(town: Town) -> None:
    town.stage.first_batch()
    officer = town.browser("zhou")
    report(town)
    press(officer, "determine")
    approve(town)
    assert states(officer)["determine"] == "DONE"
    assert emissions.determined(REGION, YEAR)[RED_RIVER].determined_t > 0
    assert states(officer)["settle"] == "LATER"
    journal.set_clock(at=NOW.replace(month=12))
    assert states(officer)["settle"] == "DUE"
    press(officer, "settle")
    press(officer, "carry_over")
    approve(town)
    assert {states(officer)[code] for code in ("settle", "carry_over")} == {"DONE"}


def test_the_second_batch_waits_for_the_first_and_for_the_figures(town: Town) -> None:
    town.stage.cover()
    officer = town.browser("zhou")
    assert states(officer)["second"] == "LATER"
    refused = officer.post(f"/year/{YEAR}/act/second")
    assert refused.status_code == 409
    assert "NO_PLAN" in refused.content.decode()


def test_an_unknown_act_is_no_page(town: Town) -> None:
    assert town.browser("zhou").post(f"/year/{YEAR}/act/abolish").status_code == 404


def test_a_plan_that_does_not_read_is_shown_with_its_line_and_not_proposed(town: Town) -> None:
    answer = town.browser("zhou").post(f"/year/{YEAR}/plan", {"overlay": "allocation: [", "decision": "propose"})
    assert answer.status_code == 422
    assert "must be put right" in answer.content.decode()
    assert not members.open_approvals(REGION)


def test_a_plan_shows_its_digest_and_what_it_sets_before_it_is_proposed(town: Town) -> None:
    text = rulebook.overlay(REGION, YEAR)
    answer = town.browser("zhou").post(f"/year/{YEAR}/plan", {"overlay": text, "decision": "check"})
    assert answer.context["digest"] == rulebook.digest(REGION, overlays=(text,))
    assert "allocation.cap_t" in answer.content.decode()


def test_reports_are_assigned_to_the_verification_body_of_the_region(town: Town) -> None:
    town.stage.cover()
    report(town, sign=False)
    assert [row.entity for row in emissions.board(TRUE_MEASURE, YEAR)] == [RED_RIVER]


def test_a_company_writes_its_plan_and_an_officer_approves_it(town: Town) -> None:
    company, officer = town.browser("red"), town.browser("zhou")
    address = f"/company/plan?year={YEAR}"
    beginning = company.get(address).context["form"].initial
    assert company.post(address, beginning).status_code == 302
    plan = emissions.plan_of(RED_RIVER, YEAR)
    assert plan is not None
    assert set(plan.sections) == {"boundary", "sources", "data", "missing_data", "duties", "internal_check"}
    assert states(officer)["plans"] == "DUE"
    read = officer.get(f"/year/plans?year={YEAR}").content.decode()
    assert plan.sections["missing_data"] in read
    assert officer.post(f"/year/plans?year={YEAR}", {"entity": [RED_RIVER]}).status_code == 302
    assert "approved" in company.get(address).content.decode()


def test_next_year_begins_with_the_plan_of_this_year(town: Town) -> None:
    company = town.browser("red")
    sections = {"boundary": "B", "sources": "S", "quantities": "Q", "missing_data": "M"}
    assert company.post(f"/company/plan?year={YEAR}", sections).status_code == 302
    form = company.get(f"/company/plan?year={YEAR + 1}").context["form"]
    assert {name: form.initial[name] for name in sections} == sections


def test_the_late_are_listed_by_name_with_a_link_to_their_file(town: Town) -> None:
    town.stage.cover()
    page = town.browser("zhou").get("/late", {"year": str(YEAR), "what": "report"})
    assert page.context["counts"]["report"] == 2
    assert re.search(rf'href="/entity/{NORTH_POWER}\?year={YEAR}"', page.content.decode())


def test_the_late_and_the_covered_are_filtered_on_the_page_and_in_the_file_alike(town: Town) -> None:
    town.stage.cover()
    officer = town.browser("zhou")
    late = {"year": str(YEAR), "what": "report", "q": RED_RIVER.lower()}
    assert [row.entity for row in officer.get("/late", late).context["page"].rows] == [RED_RIVER]
    lines = officer.get("/late", {**late, "form": "csv"}).content.decode().splitlines()
    assert lines[0] == "\ufeffuscc,name,sector,months_overdue,lacks_plan,lacks_report"
    assert [line.split(",")[0] for line in lines[1:]] == [RED_RIVER]
    covered = {"year": str(YEAR), "form": "csv"}
    assert len(officer.get("/coverage", covered).content.decode().splitlines()) > 2
    filtered = officer.get("/coverage", {**covered, "q": RED_RIVER.lower()}).content.decode().splitlines()
    assert [line.split(",")[0] for line in filtered[1:]] == [RED_RIVER]


def test_whoever_has_reported_is_not_on_the_list_of_the_late(town: Town) -> None:
    town.stage.cover()
    report(town)
    rows = emissions.late(REGION, YEAR, [NORTH_POWER, RED_RIVER], today=NOW.date())
    assert {row.entity for row in rows if row.lacks_report} == {NORTH_POWER}
    assert {row.entity: row.months for row in rows}[RED_RIVER] > 0


@pytest.mark.parametrize("page", ["/year", "/year/plans", f"/year/{YEAR}/plan", f"/year/{YEAR}/batch/FIRST", "/late"])
def test_the_year_is_for_officers_only(town: Town, page: str) -> None:
    assert town.browser("red").get(page).status_code == 403
    assert BUREAU not in town.browser().get(page).content.decode()


def test_the_count_of_missing_months_is_that_of_the_covered_companies(town: Town) -> None:
    town.stage.cover()
    drafts = [
        emissions_services.FacilityDraft(f"F-{uscc}", uscc, "厂", "Works", "industry", stages.SPRING.date())
        for uscc in (RED_RIVER, stages.LITTLE_MILL)
    ]
    emissions_services.register_facilities(town.actor("keeper"), drafts=drafts, key=town.stage.key(), now=NOW)
    counted = town.browser("zhou").get(PAGE).context["progress"].filings_missing
    listed = sum(row.months for row in emissions.late(REGION, YEAR, [RED_RIVER, NORTH_POWER], today=NOW.date()))
    assert counted == listed > 0
