"""The anomaly queue on pages: told on the form, shown to the officer, let pass by two."""

from datetime import date

from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.core import periods
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services
from tonnebook.emissions.services import FacilityDraft
from tonnebook.members import queries as members

TODAY = periods.day_of(NOW)


def test_two_officers_let_a_finding_pass_and_it_stands_at_the_end(town: Town) -> None:
    town.reported()
    officer = town.browser("zhou")
    page = officer.get(f"/officer/anomalies?year={YEAR}").content.decode()
    rows = emissions.anomalies(REGION, YEAR, TODAY)
    assert rows
    first = rows[0]
    assert first.finding.en in page or first.finding.zh in page
    address = f"/officer/anomalies/{first.entity}/{YEAR}/{first.finding.check}?place={first.finding.place}"
    assert officer.get(address).status_code == 200
    assert officer.post(address, {"reason": "", "until_on": "2099-01-01"}).status_code == 422
    assert officer.post(address, {"reason": "measured twice", "until_on": "2020-01-01"}).status_code == 422
    unknown = f"/officer/anomalies/{first.entity}/{YEAR}/X9"
    assert officer.post(unknown, {"reason": "measured twice", "until_on": "2099-01-01"}).status_code == 404
    assert members.open_approvals(REGION) == ()
    assert officer.post(address, {"reason": "measured twice", "until_on": "2099-01-01"}).status_code == 302
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302
    after = emissions.anomalies(REGION, YEAR, TODAY)
    assert after[-1].finding.is_waived
    assert after[-1].finding.check == first.finding.check


def test_the_queue_is_filtered_by_check_severity_and_words(town: Town) -> None:
    town.reported()
    officer = town.browser("zhou")
    rows = emissions.anomalies(REGION, YEAR, TODAY)
    check = rows[0].finding.check
    page = officer.get(f"/officer/anomalies?year={YEAR}&check={check}").content.decode()
    assert f"<code>{check}</code></td>" in page
    others = {row.finding.check for row in rows} - {check}
    assert not [other for other in others if f"<code>{other}</code></td>" in page]
    assert "</td>" not in officer.get(f"/officer/anomalies?year={YEAR}&q=nobody at all").content.decode()
    assert "</td>" not in officer.get(f"/officer/anomalies?year={YEAR}&check=X9").content.decode()


def test_a_company_sees_what_the_checks_found_in_its_own_report(town: Town) -> None:
    town.reported()
    row = emissions.anomalies(REGION, YEAR, TODAY)[0]
    assert row.entity == RED_RIVER
    page = town.browser("red").get(f"/company/reports?year={YEAR}").content.decode()
    assert row.finding.check in page
    assert row.finding.check not in town.browser("north").get(f"/company/reports?year={YEAR}").content.decode()


def test_who_fills_in_a_report_is_told_before_it_is_submitted(town: Town) -> None:
    red = town.actor("red")
    place = FacilityDraft("RR-1", RED_RIVER, "设施", "Facility", "industry", date(YEAR, 1, 1))
    services.register_facilities(red, drafts=[place], key="register-facility", now=NOW)
    form = {
        "line-TOTAL_FORMS": "1",
        "line-INITIAL_FORMS": "0",
        "line-0-facility": "RR-1",
        "line-0-kind": "COMBUSTION",
        "line-0-name": "natural_gas",
        "line-0-quantity": "0",
        "line-0-unit": "10^4Nm3",
        "output-TOTAL_FORMS": "0",
        "output-INITIAL_FORMS": "0",
    }
    page = town.browser("red").post(f"/company/reports/{YEAR}", form).content.decode()
    assert "L041" in page
    assert not emissions.anomalies(REGION, YEAR, TODAY)
