"""The plan of a year on its pages: uploaded, checked, weighed, proposed, read by the second officer, adopted."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from tests.unit.web.test_year import adopt, approve
from tests.unit.web.town import REGION, YEAR, Town

from tonnebook import rulebook
from tonnebook.members import queries as members

PAGE = f"/year/{YEAR}/plan"
TEXT = rulebook.overlay(REGION, YEAR)


def _upload(browser: Client, name: str, content: bytes, decision: str = "check") -> Any:
    return browser.post(PAGE, {"file": SimpleUploadedFile(name, content), "decision": decision})


def _table(browser: Client, cell: str = "", value: float = 0) -> bytes:
    """The plan as a table, as the page gives it, with one cell changed."""
    answer = browser.get(f"/year/{YEAR}/plan.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    if cell:
        book.active[cell] = value  # type: ignore[index]
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_plan_is_uploaded_weighed_proposed_read_by_the_second_officer_and_adopted(town: Town) -> None:
    town.stage.cover()
    officer = town.browser("zhou")
    answer = _upload(officer, "plan-2026.yaml", TEXT.encode())
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "What it would give" in page
    assert "Steady manufacturer (demo)" in page
    assert page.partition("Steady manufacturer (demo)")[2].partition("</tr>")[0].count("explain this number") == 2
    assert "There is no earlier plan to compare with." in page
    assert officer.post(PAGE, {"overlay": TEXT, "decision": "propose"}).status_code == 302
    second = town.browser("chen")
    assert "See what it would give everybody" in second.get("/approvals").content.decode()
    waiting = second.get(PAGE)
    assert waiting.context["preview"].entities == 2
    assert "waits for the second person" in waiting.content.decode()
    assert "<textarea" not in waiting.content.decode()
    approve(town)
    adopted = officer.get(PAGE).content.decode()
    assert "every figure explained" in adopted
    assert rulebook.digest(REGION, overlays=(TEXT,)) in adopted


def test_a_table_is_taken_as_the_page_gives_it(town: Town) -> None:
    officer = town.browser("zhou")
    answer = _upload(officer, "plan.xlsx", _table(officer))
    assert answer.status_code == 200
    assert answer.context["digest"] == rulebook.digest(REGION, overlays=(TEXT,))


def test_a_flaw_of_a_table_is_shown_with_file_cell_path_rule_and_remedy(town: Town) -> None:
    officer = town.browser("zhou")
    book = load_workbook(io.BytesIO(_table(officer)))
    paths = [str(row[0].value) for row in book.active.iter_rows()]  # type: ignore[union-attr]
    row = paths.index("allocation.paid_share.industry") + 1
    answer = _upload(officer, "my plan.xlsx", _table(officer, f"E{row}", 0.09), "propose")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"my plan.xlsx · cell E{row}" in page
    assert "above the largest paid share of one entity, 0.08; lower it. <span" in page
    assert "S01 (四)" in page
    assert "Nothing was published." in page
    assert not members.open_approvals(REGION)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.yaml", b"", "is empty"),
        ("plan.exe", TEXT.encode(), "not what its ending says"),
        ("plan.yaml", b"\x00\x01\x02", "none of the kinds taken here"),
        ("plan.yaml", "方案".encode("gb18030"), "no UTF-8 text"),
        ("plan.xlsx", b"PK\x03\x04 no workbook", "damaged"),
        ("plan.yaml", b"a: &x [*x, *x]", "anchors, aliases and tags are not taken"),
        ("plan.yaml", b"a: " + b"[" * 5000, "deeper than"),
    ],
)
def test_a_bad_file_is_refused_on_the_page_and_nothing_is_proposed(
    town: Town, name: str, content: bytes, said: str
) -> None:
    answer = _upload(town.browser("zhou"), name, content, "propose")
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not members.open_approvals(REGION)


def test_plans_are_listed_by_year_with_where_each_stands(town: Town) -> None:
    officer = town.browser("zhou")
    rows = {row["year"]: row for row in officer.get("/year/allocation-plans").context["rows"]}
    assert (rows[YEAR]["adopted"], rows[YEAR]["proposed"]) == (None, None)
    assert officer.post(PAGE, {"overlay": TEXT, "decision": "propose"}).status_code == 302
    rows = {row["year"]: row for row in officer.get("/year/allocation-plans").context["rows"]}
    assert rows[YEAR]["proposed"].initiator
    approve(town)
    page = officer.get("/year/allocation-plans")
    adopted = {row["year"]: row for row in page.context["rows"]}[YEAR]["adopted"]
    assert adopted.digest[:16] in page.content.decode()


def test_a_year_without_a_plan_gives_an_empty_table(town: Town) -> None:
    book = load_workbook(io.BytesIO(town.browser("zhou").get("/year/2030/plan.xlsx").content))
    assert [len(list(page.iter_rows())) for page in book] == [1]


def test_an_adopted_plan_shows_what_it_changed_and_offers_no_other(town: Town) -> None:
    adopt(town)
    page = town.browser("zhou").get(PAGE)
    assert "allocation.cap_t" in {one.leaf.path for one in page.context["changes"]}
    assert "<textarea" not in page.content.decode()
