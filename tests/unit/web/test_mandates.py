"""The pages of mandates: a company gives and withdraws, a writer drafts, the company submits what it has checked."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from tests.unit.web.town import NOW, RED_RIVER, REGION, TRUE_MEASURE, WRITER, YEAR, Town

from tonnebook.core import periods
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.members import queries as members
from tonnebook.members.services import controllers

UNTIL = (periods.day_of(NOW) + timedelta(days=90)).isoformat()
GIVEN = {"writer": WRITER, "first_year": str(YEAR), "last_year": str(YEAR), "until_on": UNTIL}
ADDRESS = f"/writing/{RED_RIVER}/{YEAR}"
SHEET = {
    "line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "output-TOTAL_FORMS": "0", "output-INITIAL_FORMS": "0",
    "line-0-facility": "RR-1", "line-0-kind": "COMBUSTION", "line-0-name": "natural_gas", "line-0-quantity": "130",
    "line-0-unit": "10^4Nm3",
}  # fmt: skip


def filed(browser: Client, address: str, **more: str) -> str:
    """Send a sheet twice, as its reader does: to see the total, and with it; where it leads."""
    seen = browser.post(address, {**SHEET, **more}).content.decode()
    total = re.search(r'name="shown_total_t" value="(\d+)"', seen)
    assert total is not None
    sent = browser.post(address, {**SHEET, **more, "shown_total_t": total[1]})
    assert sent.status_code == 302, sent.content.decode()
    return sent["Location"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_writer_drafts_what_the_company_checks_and_submits(town: Town, language: str) -> None:
    town.reported()
    red, pen = town.browser("red", language), town.browser("pen", language)
    assert RED_RIVER not in pen.get("/").content.decode()
    assert "/company/mandates" in red.get(f"/company/reports?year={YEAR}").content.decode()
    assert red.post("/company/mandates", GIVEN)["Location"] == "/company/mandates"
    assert ADDRESS in pen.get("/").content.decode()
    assert '"10^4Nm3"' in pen.get(ADDRESS).content.decode()
    assert filed(pen, ADDRESS) == "/writing"
    draft = emissions.draft_of(RED_RIVER, YEAR)
    assert draft is not None
    page = red.get(f"/company/reports/{YEAR}").content.decode()
    assert draft.number in page
    assert "130" in page
    filed(red, f"/company/reports/{YEAR}", draft=draft.number)
    report = emissions.report_of(RED_RIVER, YEAR)
    assert report is not None
    assert (report.version, report.prepared_by, report.total_t) == (2, WRITER, draft.total_t)


def test_after_a_withdrawal_the_writer_finds_nothing(town: Town) -> None:
    town.reported()
    red, pen = town.browser("red"), town.browser("pen")
    red.post("/company/mandates", GIVEN)
    (row,) = emissions.mandates_of(RED_RIVER)
    assert pen.get(ADDRESS).status_code == 200
    assert red.post(f"/company/mandates/{row.number}/withdraw").status_code == 302
    assert pen.get(ADDRESS).status_code == 403
    assert RED_RIVER not in pen.get("/writing").content.decode()
    assert "withdrawn" in red.get("/company/mandates").content.decode()


def test_what_is_refused_stands_beside_its_field(town: Town) -> None:
    red, zhou = town.browser("red"), town.actor("zhou")
    late = {**GIVEN, "until_on": "2020-01-01"}
    answer = red.post("/company/mandates", late)
    assert (answer.status_code, "until_on" in answer.context["form"].errors) == (422, True)
    town.reported()
    controllers.enter_controller(zhou, organisation=WRITER, controller=TRUE_MEASURE, key=town.stage.key(), now=NOW)
    chosen = {RED_RIVER: TRUE_MEASURE}
    emissions_services.assign_verifiers(
        zhou, region=REGION, year=YEAR, assignments=chosen, key=town.stage.key(), now=NOW
    )
    answer = red.post("/company/mandates", GIVEN)
    assert (answer.status_code, "writer" in answer.context["form"].errors) == (409, True)
    assert "WRITER_NOT_INDEPENDENT" in answer.content.decode()


def test_a_registrar_keeps_who_controls_whom(town: Town) -> None:
    keeper = town.browser("keeper")
    sent = {"organisation": WRITER, "controller": TRUE_MEASURE}
    assert keeper.post("/members/controllers", sent).status_code == 302
    assert keeper.post("/members/controllers", sent).status_code == 409
    assert TRUE_MEASURE in keeper.get("/members/controllers").content.decode()
    assert keeper.post("/members/controllers/end", {"organisation": WRITER}).status_code == 302
    assert members.controllers_of([WRITER]) == {}
