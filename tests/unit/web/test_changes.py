"""The page of changes: one is proposed, approved by a second officer, listed, and shown to the company."""

from tests.unit.web.town import NORTH_POWER, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.core.allocation.changes import ChangeKind
from tonnebook.members import queries as members

FORM = {"entity": RED_RIVER, "kind": "MERGER", "on": f"{YEAR}-01-15", "share": "1", "document": "Order 7"}


def test_a_change_is_proposed_approved_and_shown_to_both_companies(town: Town) -> None:
    officer = town.browser("zhou")
    assert officer.post("/changes", {**FORM, "document": ""}).status_code == 422
    refused = officer.post("/changes", FORM)
    assert refused.status_code == 422
    assert refused.context["form"].errors["successor"]
    assert officer.post("/changes", {**FORM, "successor": NORTH_POWER}).status_code == 302
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302
    (row,) = compliance.entity_changes(REGION)
    assert row.change.kind is ChangeKind.MERGER
    assert "Order 7" in officer.get("/changes").content.decode()
    assert "Order 7" in town.browser("red").get(f"/company/allocation?year={YEAR}").content.decode()
