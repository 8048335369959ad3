"""Entities at risk on pages: two officers keep back and end it, and the company is told."""

from tests.unit.compliance.stage import SPRING
from tests.unit.web.town import NORTH_POWER, RED_RIVER, REGION, Town

from tonnebook.compliance import queries as compliance
from tonnebook.journal import services as journal
from tonnebook.members import queries as members

FORM = {"entity": RED_RIVER, "ground": "BANKRUPTCY", "document": "法院公告〔2026〕1号"}


def approve(town: Town) -> None:
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302


def test_two_officers_keep_back_and_end_it_and_the_company_is_told(town: Town) -> None:
    journal.set_clock(at=SPRING)
    officer = town.browser("zhou")
    assert officer.post("/at-risk", FORM).status_code == 302
    assert not compliance.is_at_risk(RED_RIVER)
    approve(town)
    assert compliance.is_at_risk(RED_RIVER)
    assert "bankruptcy or winding up" in officer.get("/at-risk").content.decode()
    told = "The authority keeps what you are issued"
    assert told in town.browser("red").get("/").content.decode()
    assert told not in town.browser("north").get("/").content.decode()
    assert officer.post(f"/at-risk/{RED_RIVER}/end").status_code == 302
    approve(town)
    assert not compliance.is_at_risk(RED_RIVER)


def test_nobody_unknown_is_proposed(town: Town) -> None:
    officer = town.browser("zhou")
    assert officer.post("/at-risk", {**FORM, "entity": "91310000MA1FL9999X"}).status_code == 404
    assert officer.post("/at-risk", {**FORM, "ground": "WHIM"}).status_code == 422
    assert members.open_approvals(REGION) == ()
    assert NORTH_POWER not in {row.entity for row in compliance.entities_at_risk(REGION)}
