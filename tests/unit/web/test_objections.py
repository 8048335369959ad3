"""The pages of objections and re-checks: the company's form, the authority's desk, and the decision of two."""

from tests.unit.compliance.stage import SPRING
from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.coverage import Stage
from tonnebook.core.objections import ObjectionState
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.members import queries as members

PAGE = f"/company/allocation?year={YEAR}"
DESK = f"/objections?year={YEAR}"


def _settled(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    town.stage.compute(Batch.SECOND, now=NOW)
    town.stage.issue(Batch.SECOND, now=NOW)


def test_a_company_objects_and_two_officers_decide(town: Town) -> None:
    _settled(town)
    company, officer = town.browser("red"), town.browser("zhou")
    assert company.get(PAGE).context["object_until"]
    filed = company.post(f"/company/objections/allocation/{YEAR}", {"reason": "Kiln 2 is missing."})
    assert filed.status_code == 302
    (row,) = compliance.open_objections(REGION, YEAR)
    assert "/objections" in officer.get("/inbox").content.decode()
    assert "Kiln 2 is missing." in officer.get(DESK).content.decode()
    address, due_t = f"/objections/{row.number}/decide", compliance.issued_to([RED_RIVER], YEAR)[RED_RIVER] + 7
    assert officer.post(address, {"year": YEAR, "is_upheld": "yes", "due_t": "", "reason": "x"}).status_code == 422
    form = {"year": YEAR, "is_upheld": "yes", "due_t": due_t, "reason": "Kiln 2 was left out."}
    assert officer.post(address, form).status_code == 302
    (waiting,) = members.open_approvals(REGION)
    decision = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", decision).status_code == 302
    assert compliance.issued_to([RED_RIVER], YEAR)[RED_RIVER] == due_t
    found = company.get(PAGE).context["objection"]
    assert (found.state, found.ground) == (ObjectionState.UPHELD, "Kiln 2 was left out.")
    assert not officer.get(DESK).context["desks"]


def test_the_form_is_not_offered_before_there_is_anything_to_object_to(town: Town) -> None:
    town.stage.first_batch()
    assert town.browser("red").get(PAGE).context["object_until"] is None


def test_an_objection_that_is_not_on_the_desk_is_not_decided(town: Town) -> None:
    form = {"year": YEAR, "is_upheld": "no", "due_t": 1, "reason": "x"}
    assert town.browser("zhou").post("/objections/OB-0/decide", form).status_code == 404
    assert not members.open_approvals(REGION)


def _approve(town: Town) -> None:
    (waiting,) = members.open_approvals(REGION)
    decision = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", decision).status_code == 302


def test_a_company_objects_to_the_list_and_is_taken_off_it(town: Town) -> None:
    journal.set_clock(at=SPRING)
    town.stage.cover()
    company, officer, page = town.browser("red"), town.browser("zhou"), f"/company/coverage?year={YEAR}"
    assert company.get(page).context["object_until"]
    filed = company.post(f"/company/objections/coverage/{YEAR}", {"reason": "We closed."})
    assert filed["Location"] == page
    assert company.get(page).context["object_until"] is None
    (row,) = compliance.open_objections(REGION, YEAR)
    (desk,) = officer.get(DESK).context["desks"]
    assert desk["form"].initial == {"stage": Stage.ALLOWANCES}
    told = {"year": YEAR, "is_upheld": "yes", "stage": "OUT", "reason": "Closed indeed."}
    assert officer.post(f"/objections/{row.number}/decide", told).status_code == 302
    _approve(town)
    shown = company.get(page)
    assert shown.context["row"].stage is Stage.OUT
    assert "Closed indeed." in shown.content.decode()


def test_a_company_asks_for_a_recheck_and_the_figure_changes(town: Town) -> None:
    journal.set_clock(at=SPRING)
    town.stage.cover()
    town.stage.determine(red_t=110_000)
    company, officer, page = town.browser("red"), town.browser("zhou"), f"/entity/{RED_RIVER}/standing?year={YEAR}"
    assert company.post(f"/company/objections/determination/{YEAR}", {"reason": "Twice."}).status_code == 302
    assert "being re-checked" in company.get(page).content.decode()
    (row,) = compliance.open_objections(REGION, YEAR)
    (desk,) = officer.get(DESK).context["desks"]
    assert desk["form"].initial["determined_t"] == 110_000
    told = {"year": YEAR, "is_upheld": "yes", "determined_t": 90_000, "direct_t": 0, "reason": "Kiln 2 counted twice."}
    assert officer.post(f"/objections/{row.number}/decide", told).status_code == 302
    _approve(town)
    shown = company.get(page).content.decode()
    assert "re-checked" in shown
    assert "Kiln 2 counted twice." in shown
    assert emissions.determined(REGION, YEAR)[RED_RIVER].determined_t == 90_000


def test_the_authority_opens_a_recheck_from_the_standing_of_the_year(town: Town) -> None:
    town.stage.cover()
    town.stage.determine()
    officer, page = town.browser("zhou"), f"/entity/{RED_RIVER}/standing?year={YEAR}"
    assert "Open a re-check" in officer.get(page).content.decode()
    answer = officer.post(f"/entity/{RED_RIVER}/recheck", {"year": YEAR, "reason": "A meter was broken."})
    assert answer["Location"] == DESK
    assert "opened by the authority" in officer.get(DESK).content.decode()
    assert "Open a re-check" not in officer.get(page).content.decode()


def test_nobody_objects_to_what_is_no_subject(town: Town) -> None:
    assert town.browser("red").post(f"/company/objections/weather/{YEAR}", {"reason": "x"}).status_code == 404
