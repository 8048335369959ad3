"""A month's evidence is looked at and kept; a new report begins with the months; a plan shows what it changes."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from tests.unit.faces import files
from tests.unit.web.town import RED_RIVER, YEAR, Town

from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services
from tonnebook.emissions.models import MonthlyFiling
from tonnebook.emissions.services import FacilityDraft, ParameterRow
from tonnebook.journal import services as journal
from tonnebook.members import queries as members

SPRING = datetime(YEAR, 3, 1, 1, tzinfo=UTC)
ADDRESS = f"/company/filings/RR-1/{YEAR}/1"
MONTH = {
    "parameter-TOTAL_FORMS": "1",
    "parameter-INITIAL_FORMS": "0",
    "parameter-0-name": "natural_gas",
    "parameter-0-kind": "MEASURED",
    "parameter-0-value": "10.5",
    "parameter-0-unit": "10^4Nm3",
}


def registered(town: Town) -> None:
    """Have Red River register its facility."""
    journal.set_clock(at=SPRING)
    place = FacilityDraft("RR-1", RED_RIVER, "设施", "Facility", "industry", date(YEAR, 1, 1))
    services.register_facilities(town.actor("red"), drafts=[place], key="register-facility", now=SPRING)


def test_evidence_is_looked_at_and_kept_and_its_digest_is_in_the_month(town: Town) -> None:
    registered(town)
    company = town.browser("red")
    disguised = ContentFile(b"MZ" + bytes(100), name="receipt.pdf")
    assert company.post(ADDRESS, {**MONTH, "evidence": disguised}).status_code == 422
    assert not MonthlyFiling.objects.exists()
    content = files.pdf()
    assert company.post(ADDRESS, {**MONTH, "evidence": ContentFile(content, name="receipt.pdf")}).status_code == 302
    (document,) = members.documents(RED_RIVER)
    digest = hashlib.sha256(content).hexdigest()
    assert members.document_content(document.number) == content
    assert MonthlyFiling.objects.get().evidence_digest == document.sha256 == digest


def test_a_new_report_begins_with_the_filed_months(town: Town) -> None:
    registered(town)
    for month in (1, 2):
        services.file_month(
            town.actor("red"),
            facility="RR-1",
            year=YEAR,
            month=month,
            parameters=[ParameterRow("natural_gas", "COMBUSTION", Decimal("10.5"), "10^4Nm3")],
            evidence_digest="0" * 64,
            key=f"month-{month}",
            now=SPRING,
        )
    (line,) = emissions.beginning(RED_RIVER, YEAR)
    assert (line.facility, line.source.quantity) == ("RR-1", Decimal(21))
    page = town.browser("red").get(f"/company/reports/{YEAR}").content.decode()
    assert 'value="21.0"' in page


def test_a_plan_shows_what_its_newest_version_changes(town: Town) -> None:
    company, address = town.browser("red"), f"/company/plan?year={YEAR}"
    sections = {"boundary": "site", "sources": "gas", "quantities": "meter", "missing_data": "higher"}
    assert company.post(address, {**sections, "duties": "energy office"}).status_code == 302
    assert "<del>" not in company.get(address).content.decode()
    assert company.post(address, {**sections, "sources": "gas and power", "duties": "energy office"}).status_code == 302
    page = company.get(address).content.decode()
    assert "<del>gas</del>" in page
    assert "<ins>gas and power</ins>" in page
    assert "energy office" in page


def test_a_report_stands_beside_its_months_and_the_inspection_takes_everything_along(town: Town) -> None:
    town.reported()
    company = town.browser("red")
    page = company.get(f"/company/reports?year={YEAR}").content.decode()
    assert "Beside its months and the year before" in page
    answer = company.get(f"/entity/{RED_RIVER}/inspection.zip?year={YEAR}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer.content.startswith(b"PK")
