"""The pages of declared facts: a company declares, the authority lets it count or not."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook
from tests.unit.web.town import RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.core.allocation import fact_tables
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


def test_a_table_goes_out_comes_back_with_new_rows_and_what_stood_changes_nothing(town: Town) -> None:
    company = town.browser("red")
    assert company.post(PAGE, POWER).status_code == 302
    book = load_workbook(io.BytesIO(company.get(f"/company/facts.xlsx?year={YEAR}").content))
    sheet = book.active
    assert sheet is not None
    first = [cell.value for cell in sheet[2]]
    again = list(first)
    again[2] = "GEC-2"
    sheet.append(again)
    buffer = io.BytesIO()
    book.save(buffer)
    assert _upload(company, "facts.xlsx", buffer.getvalue()).status_code == 302
    assert sorted(one.name for one in compliance.declarations_of(RED_RIVER)) == ["GEC-1", "GEC-2"]


def test_a_table_with_a_flaw_declares_nothing_and_names_the_cell(town: Town) -> None:
    company = town.browser("red")
    head = ",".join(fact_tables.COLUMNS)
    good = [
        str(
            fact_tables.row_of(YEAR, FactKind.POWER, "GEC-3", {"supply": "MARKET", "quantity_mwh": "1"}, "C").get(
                column, ""
            )
        )
        for column in fact_tables.COLUMNS
    ]
    bad = ["soon", *good[1:]]
    answer = _upload(company, "facts.csv", "\n".join([head, ",".join(good), ",".join(bad)]).encode())
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "cell A3" in page
    assert "Nothing was declared." in page
    assert compliance.declarations_of(RED_RIVER) == ()


def test_a_certificate_that_is_used_is_refused_with_its_cell(town: Town) -> None:
    assert town.browser("north").post(PAGE, POWER).status_code == 302
    row = fact_tables.row_of(YEAR, FactKind.POWER, "GEC-1", {"supply": "MARKET", "quantity_mwh": "1"}, "C")
    text = "\n".join(
        ",".join(line) for line in (fact_tables.COLUMNS, [str(row.get(c, "")) for c in fact_tables.COLUMNS])
    )
    answer = _upload(town.browser("red"), "facts.csv", text.encode())
    assert answer.status_code == 409
    assert "cell C2" in answer.content.decode()


def test_what_is_no_table_is_refused_in_words(town: Town) -> None:
    company = town.browser("red")
    assert company.post("/company/facts/upload").status_code == 422
    assert _upload(company, "facts.xlsx", b"no workbook").status_code in (415, 422)


def _upload(browser: Client, name: str, content: bytes) -> HttpResponse:
    answer = browser.post("/company/facts/upload", {"year": YEAR, "file": SimpleUploadedFile(name, content)})
    assert isinstance(answer, HttpResponse)
    return answer
