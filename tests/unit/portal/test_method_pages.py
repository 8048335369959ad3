"""The methods of accounting as everybody reads them: guides, versions, factors in force, and a calculator."""

import pytest
from django.test import Client
from tests.unit.web.town import Town


def _page(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_guides_say_how_sure_they_are_and_what_is_missing(town: Town) -> None:
    page = _page(town.browser(), "/public/methods?year=2025")
    assert page.index("Shanghai: water transport") < page.index("Iron and steel")
    assert "The method for green methanol is not published" in page
    assert "/public/methods/ship_methane?year=2025" in page


def test_a_method_shows_formula_factors_in_force_and_all_versions(town: Town) -> None:
    page = _page(town.browser(), "/public/methods/cement_clinker?year=2025&name=portland")
    assert "clinker * factor" in page
    assert "0.535" in page
    assert "2013–2023" in page
    assert "/public/rules/mrv.process.clinker_portland.factor?year=2025" in page


def test_what_is_typed_is_computed_with_its_trace_and_a_mistake_is_said(town: Town) -> None:
    browser = town.browser()
    address = "/public/methods/gas_combustion?year=2025&name=natural_gas&unit_fuel=10^4Nm3&value_fuel="
    assert "25.980" in _page(browser, f"{address}1.2")
    assert "mrv.fuel.natural_gas.ncv" in _page(browser, f"{address}1.2")
    assert "Enter a number" in _page(browser, f"{address}lots", 422)
    wrong = address.replace("10^4Nm3", "MWh")
    assert "UNIT_MISMATCH" in _page(browser, f"{wrong}1", 422)


@pytest.mark.parametrize(("path", "status"), [("/public/methods/alchemy", 404), ("/public/methods/UP", 404)])
def test_an_unknown_method_has_no_page(town: Town, path: str, status: int) -> None:
    _page(town.browser(), path, status)


def test_a_year_without_a_version_shows_none_in_its_place(town: Town) -> None:
    page = _page(town.browser(), "/public/methods/aviation_fuel?year=2014")
    assert "No version applies to this year" in page
    assert "value_fuel" not in page


def test_methods_are_open_data(town: Town) -> None:
    told = town.browser().get("/public/methods.json?year=2025").json()
    power = next(one for one in told["methods"] if (one["id"], one["version"]) == ("electricity", "2022"))
    assert power["region"] == "shanghai"
    assert power["inputs"][1]["path"] == "mrv.electricity.factor"
    assert {one["id"] for one in told["guides"]} >= {"steel", "sh_data_centre"}
