"""The pages of an objection: the company's form, the authority's desk, and the decision of two."""

from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.objections import ObjectionState
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
    filed = company.post(f"/company/allocation/{YEAR}/object", {"reason": "Kiln 2 is missing."})
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
