"""The register on pages: a company declares with evidence, an officer decides, and both see it."""

from datetime import date

from django.core.files.base import ContentFile
from tests.unit.faces import files
from tests.unit.web.town import RED_RIVER, REGION, YEAR, Town

from tonnebook.emissions import queries as emissions

STREAM = {
    "what": "stream",
    "facility": "RR-1",
    "number": "SS-1",
    "line_kind": "COMBUSTION",
    "name": "natural_gas",
    "unit": "10^4Nm3",
    "process": "Furnace",
    "reach": "FACILITY",
    "from_on": f"{YEAR}-01-01",
}


def event(on: str = f"{YEAR}-07-01") -> dict[str, object]:
    """A closure with its paper."""
    paper = ContentFile(files.pdf(), name="停产公告.pdf")
    told = {"what": "event", "subject": "SS-1", "event": "CLOSURE", "on": on, "detail": "old furnace"}
    return {**told, "paper": paper}


def test_a_company_declares_and_an_officer_decides(town: Town) -> None:
    town.reported()
    company, officer = town.browser("red"), town.browser("zhou")
    assert company.post("/company/register", STREAM).status_code == 302
    assert company.post("/company/register", STREAM).status_code in {302, 409}
    assert company.post("/company/register", event("2020-01-01")).status_code == 422
    assert company.post("/company/register", event()).status_code == 302
    (waiting,) = emissions.open_events(REGION)
    assert waiting.subject == "SS-1"
    assert "old furnace" in officer.get("/officer/register").content.decode()
    address = f"/officer/register/{waiting.number}/decide"
    assert officer.post(address, {"decision": "return", "note": ""}).status_code == 422
    assert officer.post(address, {"decision": "approve", "note": ""}).status_code == 302
    assert emissions.open_events(REGION) == ()
    assert emissions.register_of(RED_RIVER)[0].streams[0].spans[0].to_on == date(YEAR, 7, 1)
    page = company.get(f"/company/register?year={YEAR}").content.decode()
    assert "SS-1" in page
    assert "approved" in page


def test_who_has_no_facility_is_told_where_to_ask(town: Town) -> None:
    page = town.browser("north").get("/company/register")
    assert page.status_code == 200
    assert "No facility is registered" in page.content.decode()
