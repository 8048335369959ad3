"""Deadlines on pages: the officer sees what a move does and proposes it, the public page follows."""

from datetime import date

from tests.unit.web.town import REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.members import queries as members

PATH, PUBLIC = f"/year/{YEAR}/deadlines", f"/public/deadlines?year={YEAR}"
ASKED = {"name": "surrender_on", "to_on": "2027-07-09", "notice": "沪环气候〔2027〕1号", "reason": "核查延期"}


def test_a_move_is_looked_at_proposed_and_carried_out_and_the_public_page_follows(town: Town) -> None:
    officer, anybody = town.browser("zhou"), town.browser()
    before = anybody.get(PUBLIC)
    assert (before.status_code, before.context["moves"]) == (200, ())
    shown = officer.post(PATH, {**ASKED, "decision": "look"})
    assert shown.context["effect"].to_on == date(2027, 7, 9)
    assert members.open_approvals(REGION) == ()
    assert officer.post(PATH, {**ASKED, "decision": "propose"}).status_code == 302
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302
    assert [one.to_on for one in compliance.moves(REGION, YEAR)] == [date(2027, 7, 9)]
    page = anybody.get(PUBLIC).content.decode()
    assert "沪环气候〔2027〕1号" in page
    assert "<s>" in page
    own = town.browser("red").get(f"/?year={YEAR}").content.decode()
    assert "2027-07-09" in own


def test_a_day_that_cannot_be_is_refused_beside_its_field(town: Town) -> None:
    officer = town.browser("zhou")
    assert officer.get(PATH).status_code == 200
    answer = officer.post(PATH, {**ASKED, "to_on": "2027-07-10", "decision": "propose"})
    assert answer.status_code == 422
    assert "NOT_A_WORKING_DAY" in answer.content.decode()
    assert officer.post(PATH, {**ASKED, "notice": ""}).status_code == 422


def test_a_year_without_rules_has_no_deadlines_on_the_public_page(town: Town) -> None:
    page = town.browser().get("/public/deadlines?year=2012")
    assert page.status_code == 200
