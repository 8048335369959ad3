"""The factor desk: what is published and what lacks, whom a value touches, and a factor from the data of utilities."""

from tests.unit.web.town import YEAR, Town

POWER = "mrv.electricity.factor"
ROW = {
    "path": POWER, "first_year": str(YEAR), "last_year": str(YEAR), "value": "0.40", "unit": "tCO2/MWh",
    "boundary": "CONSUMPTION", "document": "test notice", "article": "1", "zh": "外购电力排放因子",
    "en": "Emission factor of purchased electricity", "reason": "",
}  # fmt: skip


def test_a_value_is_proposed_by_one_officer_and_published_by_the_approval_of_another(town: Town) -> None:
    zhou, chen = town.browser("zhou"), town.browser("chen")
    begun = zhou.get(f"/factors?path={POWER}&year={YEAR}").content.decode()
    assert 'value="tCO2/MWh"' in begun
    answer = zhou.post("/factors", {**ROW, "key": "factor-desk-0001"})
    assert (answer.status_code, answer["Location"]) == (302, "/approvals")
    assert "Publish factors" in chen.get("/approvals").content.decode()
    assert "Nothing is published yet" in zhou.get("/factors").content.decode()


def test_reports_that_rest_on_a_value_stand_beside_what_they_would_be_now(town: Town) -> None:
    number = town.reported()
    page = town.browser("zhou").get(f"/factors?path=mrv.fuel.natural_gas.ncv&year={YEAR}").content.decode()
    assert number in page
    other = town.browser("zhou").get(f"/factors?path={POWER}&year={YEAR}").content.decode()
    assert "No report of this year names it" in other


def test_a_factor_is_computed_from_the_data_of_utilities_with_its_trace(town: Town) -> None:
    zhou = town.browser("zhou")
    told = {
        "scenario": "RESIDUAL", "generated": "coal 600 0.9\nwind 200 0 non-fossil", "taken_in": "north 200 0.6",
        "sent_out_mwh": "0", "traded_non_fossil_mwh": "100",
    }  # fmt: skip
    page = zhou.get("/factors/utilities", told).content.decode()
    assert "0.733333" in page
    assert "Non-fossil power sold on the market" in page
    assert zhou.get("/factors/utilities", {**told, "generated": "coal"}).status_code == 422
    refused = zhou.get("/factors/utilities", {**told, "traded_non_fossil_mwh": "300"})
    assert "MORE_THAN_GENERATED" in refused.content.decode()


def test_only_officers_have_a_desk(town: Town) -> None:
    assert town.browser("red").get("/factors").status_code == 403
