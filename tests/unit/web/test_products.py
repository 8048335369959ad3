"""The pages of footprints, published factors, the one view and the inventory of the city."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.core.test_pact import record
from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook import commands
from tonnebook.core.canonical import Json
from tonnebook.core.footprints import factors, record_rules
from tonnebook.core.footprints.study import Rating
from tonnebook.core.inventory import COLUMNS
from tonnebook.emissions import queries as emissions
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members

FACTOR = {
    "code": "made_up.power", "name_zh": "电力（虚构）", "name_en": "Power (made up)", "value": "0.6",
    "unit": "kgCO2e/kWh", "place": "CN", "from_year": str(YEAR), "published_year": str(YEAR),
    "publisher": "Made-up bureau", "note": "Made-up notice", "boundary": "LIFE_CYCLE", "quality": "2",
}  # fmt: skip
STUDY = {
    "product": "rebar", "name": "Rebar", "description": "made up", "declared_unit": "kilogram",
    "unitary_amount": "1000", "made": "500000", "boundary": "CRADLE_TO_GATE",
    "from_on": f"{YEAR}-01-01", "to_on": f"{YEAR + 1}-01-01",
    "fossil_carbon_kg": "0", "biogenic_carbon_kg": "0", "exempted_percent": "0", "gwp_sets": "AR6",
    "input-TOTAL_FORMS": "2", "input-INITIAL_FORMS": "0", "input-0-stage": "PRODUCTION", "input-0-name": "power",
    "input-0-quantity": "1000", "input-0-unit": "MWh", "input-0-factor": "made_up.power", "input-0-is_primary": "on",
    **{f"input-0-{rating.value}": "1" for rating in Rating},
    "input-1-stage": "RAW_MATERIALS", "input-1-factor": "made_up.power",
    **{f"input-1-{rating.value}": "2" for rating in Rating},
}  # fmt: skip


def publish(town: Town, **changed: str) -> None:
    """Propose a factor on its page, approve it as the second officer, and carry it out."""
    zhou, chen = town.actor("zhou"), town.actor("chen")
    assert town.browser("zhou").post("/factors/products/propose", {**FACTOR, **changed})["Location"] == "/approvals"
    (waiting,) = members_queries.open_approvals(REGION)
    members.approve(chen, approval=waiting.number, digest=waiting.digest, key=town.stage.key(), now=NOW)
    commands.execute(zhou, approval=waiting.number, key=town.stage.key(), now=NOW)


def uploaded(browser: Client, *rows: list[Json]) -> object:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    table: list[list[Json]] = [[*COLUMNS], *rows]
    for row in table:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    file = SimpleUploadedFile("city.xlsx", buffer.getvalue())
    return browser.post("/officer/inventory", {"year": str(YEAR), "file": file})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_company_submits_a_footprint_and_hands_its_record_on(town: Town, language: str) -> None:
    publish(town)
    red = town.browser("red", language)
    assert "made_up.power" in red.get("/company/products").content.decode()
    address = red.post("/company/products", STUDY)["Location"]
    page = red.get(address).content.decode()
    assert "1.2" in page
    assert "Made-up notice" in page
    handed = json.loads(red.get(f"{address}/record.json").content)
    assert record_rules.breaches(handed) == ()
    assert handed["pcf"]["geographyCountrySubdivision"] == "CN-SH"
    assert town.browser("north").get(address).status_code == 404
    assert red.get(f"/explain/footprint/{handed['id']}").status_code == 200
    assert town.browser("north").get(f"/explain/footprint/{handed['id']}").status_code == 404
    assert red.post(f"{address}/end", {"reason": "a new furnace"}).status_code == 302
    assert json.loads(red.get(f"{address}/record.json").content)["status"] == "Deprecated"


def test_a_refused_footprint_stands_beside_its_field(town: Town) -> None:
    publish(town)
    answer = town.browser("red").post("/company/products", {**STUDY, "to_on": f"{YEAR}-01-01"})
    assert (answer.status_code, "to_on" in answer.context["form"].errors) == (422, True)


def test_a_suppliers_record_is_offered_as_a_factor(town: Town) -> None:
    red = town.browser("red")
    good = SimpleUploadedFile("steel.json", json.dumps(record()).encode())
    assert red.post("/company/products/records", {"file": good}).status_code == 302
    assert f"pact.{record()['id']}" in red.get("/company/products").content.decode()
    bad = SimpleUploadedFile("steel.json", json.dumps(record() | {"status": "Draft"}).encode())
    assert b"STATUS" in red.post("/company/products/records", {"file": bad}).content
    assert red.post("/company/products/records").status_code == 422


def test_everybody_reads_published_factors_and_only_officers_publish(town: Town) -> None:
    publish(town)
    publish(town, value="0.5", name_en="")
    nobody = town.browser()
    page = nobody.get("/factors/products?q=power").content.decode()
    assert ("0.5" in page, "0.6" in page, "propose" in page) == (True, True, False)
    rows = json.loads(nobody.get("/factors/products/all.json").content)["rows"]
    assert [(row["version"], row["value"]) for row in rows] == [(2, "0.5"), (1, "0.6")]
    assert nobody.get("/factors/products/all.csv").content.decode().count("made_up.power") == 2
    zhou = town.browser("zhou")
    assert "英文名称" in zhou.get("/factors/products").content.decode()
    file = zhou.get("/factors/products/contribution.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    assert sheet is not None
    told = list(sheet.iter_rows(values_only=True))
    assert (told[0], told[1][2]) == (factors.TEMPLATE, "0.5")
    assert zhou.post("/factors/products/propose", {**FACTOR, "value": "-1"}).status_code == 422


def test_the_one_view_leads_from_facility_to_allocation(town: Town) -> None:
    red = town.browser("red")
    assert "No report of this year yet" in red.get(f"/company/products/view?year={YEAR}").content.decode()
    town.reported()
    page = red.get(f"/company/products/view?year={YEAR}").content.decode()
    assert "RR-1" in page
    assert "The report names no product." in page


def test_the_inventory_takes_all_of_a_sheet_or_nothing(town: Town) -> None:
    zhou = town.browser("zhou")
    gas: list[Json] = ["HOUSEHOLDS", "COMBUSTION", "natural_gas", "1000", "10^4Nm3"]
    wrong = uploaded(zhou, gas, ["INDUSTRY", "COMBUSTION", "moonshine", "1", "t"])
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    assert "C3" in wrong.content.decode()  # type: ignore[attr-defined]
    assert emissions.inventory_of(REGION, YEAR) is None
    assert uploaded(zhou, gas).status_code == 302  # type: ignore[attr-defined]
    page = zhou.get(f"/officer/inventory?year={YEAR}").content.decode()
    assert "Households" in page
    assert zhou.get(f"/explain/inventory/{REGION}:{YEAR}").status_code == 200
    assert town.browser("red").get(f"/explain/inventory/{REGION}:{YEAR}").status_code == 404
    assert "natural_gas" in zhou.get(f"/officer/inventory/lines.csv?year={YEAR}").content.decode()
    assert zhou.get(f"/officer/inventory/lines.xlsx?year={YEAR}&blank=yes").status_code == 200
    assert zhou.post("/officer/inventory", {"year": str(YEAR)}).status_code == 422
    assert RED_RIVER not in page
