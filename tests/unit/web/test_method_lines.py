"""A line of a report computed by a method: typed with its inputs, kept, and computed again to the same trace."""

import re
from datetime import date
from decimal import Decimal

from tests.unit.web.town import RED_RIVER, YEAR, Town

from tonnebook import rulebook
from tonnebook.core import canonical, mrv, trace
from tonnebook.core.methods import LineKind
from tonnebook.core.mrv import InputRow, MethodLine, SourceLine
from tonnebook.emissions import queries as emissions

ADDRESS = f"/company/reports/{YEAR}"
SHEET = {
    "line-TOTAL_FORMS": "1", "line-INITIAL_FORMS": "0", "output-TOTAL_FORMS": "0", "output-INITIAL_FORMS": "0",
    "line-0-facility": "RR-1", "line-0-kind": "METHOD", "line-0-name": "caco3", "line-0-quantity": "1000",
    "line-0-unit": "t", "line-0-method": "carbonate", "line-0-inputs": "purity = 95 %; conversion = 100 %",
}  # fmt: skip
LINES = (
    SourceLine(LineKind.COMBUSTION, "bituminous", Decimal("12.50"), "t", ncv=Decimal("26")),
    MethodLine(
        LineKind.METHOD, "methanol", Decimal(3), "t", method="carbon_stream", direction="PRODUCT",
        inputs=(InputRow("carbon_content", Decimal("0.37"), "tC/t"),),
    ),
)  # fmt: skip


def test_a_line_read_back_from_what_is_stored_gives_the_same_trace() -> None:
    rules = rulebook.at("shanghai", on=date(2025, 12, 31), year=2025)
    for line in LINES:
        stored = canonical.plain(line)
        assert isinstance(stored, dict)
        again = mrv.line_of(stored)
        assert again == line
        assert trace.to_json(mrv.line_emissions(again, rules)) == trace.to_json(mrv.line_emissions(line, rules))


def test_a_line_by_method_is_typed_with_its_inputs_and_kept(town: Town) -> None:
    town.reported()
    browser = town.browser("red")
    seen = browser.post(ADDRESS, SHEET).content.decode()
    total = re.search(r'name="shown_total_t" value="(\d+)"', seen)
    assert total is not None
    assert total[1] == "418"
    sent = browser.post(ADDRESS, {**SHEET, "shown_total_t": total[1], "key": "method-line-0001"})
    assert sent.status_code == 302
    report = emissions.report_of(RED_RIVER, YEAR)
    assert report is not None
    assert report.total_t == 418
    begun = browser.get(ADDRESS).content.decode()
    assert "purity = 95 %; conversion = 100 %" in begun


def test_what_is_no_input_is_said_beside_the_field(town: Town) -> None:
    town.reported()
    browser = town.browser("red")
    for change, said in (
        ({"line-0-inputs": "about a lot"}, "Write name = value unit"),
        ({"line-0-method": ""}, "Choose the method of this line"),
        ({"line-0-inputs": "purity = 95 %"}, "INPUT_MISSING"),
    ):
        answer = browser.post(ADDRESS, {**SHEET, **change})
        assert answer.status_code == 422
        assert said in answer.content.decode()
