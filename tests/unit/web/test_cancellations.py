"""Credits of another registry on pages: the list comes in as a file, the company ticks what it uses."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.web.views.cancellations import COLUMNS

ROW = f"CCER,1001,2000,{RED_RIVER},{YEAR},CCER-01-001,WIND,NM,CO2,,2025-01-01,2026-01-01,2027-05-01,C-1"
PAGE = f"/company/surrender?year={YEAR}"


def upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode())


def test_a_list_comes_in_and_its_block_is_surrendered_by_a_tick(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine(red_t=60_000)
    officer, company = town.browser("zhou"), town.browser("red")
    text = f"{','.join(COLUMNS)}\n{ROW}\n"
    assert officer.post("/cancellations", {"file": upload(text)}).status_code == 302
    shown = company.get(PAGE)
    assert [one.block.serials for one in shown.context["proofs"]] == ["CCER 1001-2000"]
    form = {"t:SHEA-2026": "100", "proof": "CCER 1001-2000"}
    counted = company.post(PAGE, form)
    assert counted.context["total_t"] == 1_100
    assert company.post(PAGE, {**form, "shown_total_t": "1100"}).status_code == 302
    (row,) = compliance.surrenders(RED_RIVER, YEAR)
    assert row.lines == (("SHEA-2026", 100), ("CCER 1001-2000", 1_000))
    again = officer.post("/cancellations", {"file": upload(text)})
    assert again.status_code == 409
    assert "SERIALS_TAKEN" in again.content.decode()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "The columns must be"),
        (f"{','.join(COLUMNS)}\n{ROW.replace('2000', 'x')}\n", "Line 2"),
        (f"{','.join(COLUMNS)}\nCCER,1\n", "Line 2"),
    ],
)
def test_a_list_that_is_not_one_is_refused_by_its_line(town: Town, text: str, told: str) -> None:
    answer = town.browser("keeper").post("/cancellations", {"file": upload(text)})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert compliance.proofs_of(RED_RIVER, region=REGION, year=YEAR, today=NOW.date()) == ()
