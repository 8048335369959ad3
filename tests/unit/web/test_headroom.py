"""The page of the headroom: a draw is proposed, approved, listed, and shown to everybody in sums."""

from tests.unit.web.test_subjects import explained
from tests.unit.web.town import RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.members import queries as members

PAGE = f"/year/{YEAR}/headroom"


def test_a_draw_is_proposed_approved_and_public_in_sums(town: Town) -> None:
    officer, form = town.browser("zhou"), {"entity": RED_RIVER, "quantity_t": 0, "ground": "Chips"}
    assert officer.get(PAGE).context["headroom"] is None
    town.stage.first_batch()
    assert officer.post(PAGE, form).status_code == 422
    assert officer.post(PAGE, {**form, "quantity_t": 1234}).status_code == 302
    (waiting,) = members.open_approvals(REGION)
    decision = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", decision).status_code == 302
    assert [row.quantity_t for row in compliance.headroom_draws(REGION, YEAR)] == [1234]
    assert "1,234" in officer.get(PAGE).content.decode()
    assert f'href="/explain/headroom/{REGION}:{YEAR}"' in officer.get(PAGE).content.decode()
    assert explained(town, "zhou", "headroom", f"{REGION}:{YEAR}") == 1
    assert town.browser("red").get(f"/explain/headroom/{REGION}:{YEAR}").status_code == 404
    assert "1,234" in officer.get(f"/year/{YEAR}/batch/FIRST").content.decode()
    assert "1,234" in town.browser().get("/public/rules/caps").content.decode()
