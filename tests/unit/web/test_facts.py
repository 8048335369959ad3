"""The pages of declared facts: a company declares, the authority lets it count or not."""

import pytest
from tests.unit.web.town import RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.core.allocation.declarations import DeclarationState, FactKind

PAGE = f"/company/facts?year={YEAR}"
POWER = {"of_year": YEAR, "name": "GEC-1", "supply": "MARKET", "quantity_mwh": "120.5", "evidence": "Contract 7"}


@pytest.mark.parametrize("kind", FactKind)
def test_every_kind_of_fact_has_its_form(town: Town, kind: FactKind) -> None:
    page = town.browser("red").get(f"{PAGE}&kind={kind}")
    assert page.context["kind"] is kind
    assert page.status_code == 200


def test_a_company_declares_and_an_officer_lets_it_count(town: Town) -> None:
    company, officer = town.browser("red"), town.browser("zhou")
    assert company.post(PAGE, {**POWER, "quantity_mwh": ""}).status_code == 422
    assert company.post(PAGE, {**POWER, "quantity_mwh": "much"}).status_code == 422
    assert company.post(PAGE, POWER).status_code == 302
    assert company.post(PAGE, POWER).status_code == 409
    (row,) = compliance.waiting_declarations(REGION)
    assert "/facts" in officer.get("/inbox").content.decode()
    assert "GEC-1" in officer.get("/facts").content.decode()
    assert officer.post("/facts", {"declaration": row.number, "decision": "reject", "reason": ""}).status_code == 422
    assert officer.post("/facts", {"declaration": row.number, "decision": "accept"}).status_code == 302
    assert [one.state for one in compliance.declarations_of(RED_RIVER)] == [DeclarationState.ACCEPTED]
    assert officer.get("/facts").context["rows"] == ()
    assert row.number in company.get(PAGE).content.decode()
