"""The page of grounds of incentives: an officer notes one with its evidence and withdraws it with a reason."""

from tests.unit.web.town import NORTH_POWER, RED_RIVER, YEAR, Town

PAGE = f"/year/{YEAR}/grounds"
FORM = {"entity": RED_RIVER, "ground": "metering", "evidence": "计量检查〔2026〕7号"}


def test_an_officer_notes_and_withdraws_on_the_page(town: Town) -> None:
    officer = town.browser("zhou", "en")
    assert officer.get(PAGE).context["form"] is None
    town.stage.adopt()
    assert officer.post(PAGE, FORM).status_code == 302
    assert officer.post(PAGE, FORM).status_code == 409
    assert officer.post(PAGE, {**FORM, "ground": "whim"}).status_code == 422
    assert officer.post(PAGE, {**FORM, "entity": "91310000MA1FL9999X"}).status_code == 404
    page = officer.get(PAGE).content.decode()
    assert "Factor on the paid share: quality of metering" in page
    assert FORM["evidence"] in page
    address = f"{PAGE}/{RED_RIVER}/metering/withdraw"
    assert officer.post(address, {"reason": ""}).status_code == 422
    assert officer.post(address, {"reason": "doubt"}).status_code == 302
    assert "doubt" in officer.get(PAGE).content.decode()
    assert officer.post(f"{PAGE}/{NORTH_POWER}/metering/withdraw", {"reason": "doubt"}).status_code == 404
