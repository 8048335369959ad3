"""Pages of the register: the public reads it, officers admit, suspend and draw, companies answer findings."""

import json

from tests.unit.web.town import NOW, RED_RIVER, REGION, TRUE_MEASURE, YEAR, Town

from tonnebook.core.reporting import FindingKind
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.members import queries as members
from tonnebook_audit import draw as second


def test_officers_draw_and_the_public_repeats_it(town: Town) -> None:
    town.reported()
    zhou, anybody = town.browser("zhou"), town.browser()
    address = f"/bodies/register?year={YEAR}"
    assert zhou.post(address, {"step": "announce", "kind": "VERIFIERS"}).status_code == 302
    (drawn,) = emissions.draws(REGION)
    assert drawn.commitment in anybody.get("/bodies").content.decode()
    assert anybody.get(f"/draws/{drawn.number}.json").status_code == 404
    assert zhou.post(address, {"step": "hold", "number": drawn.number}).status_code == 302
    published = json.loads(anybody.get(f"/draws/{drawn.number}.json").content)
    assert published["result"] == [[RED_RIVER, TRUE_MEASURE]]
    assert second.check(published) == []
    assert zhou.post(address, {"step": "nonsense"}).status_code == 404


def test_a_suspension_is_published_and_a_removal_waits_for_a_second_officer(town: Town) -> None:
    zhou, anybody = town.browser("zhou"), town.browser()
    sent = {"step": "standing", "body": TRUE_MEASURE, "until_on": "2039-01-01", "ground": "false statements"}
    assert zhou.post("/bodies/register", {**sent, "until_on": "2020-01-01"}).status_code == 422
    assert zhou.post("/bodies/register", sent).status_code == 302
    assert "false statements" in anybody.get("/bodies").content.decode()
    assert zhou.post("/bodies/register", {**sent, "until_on": ""}).status_code == 302
    assert [row.kind for row in members.open_approvals(REGION)] == ["emissions.remove_body"]


def test_verifier_and_company_walk_a_finding_on_their_pages(town: Town) -> None:
    number = town.reported()
    zhou, key = town.actor("zhou"), town.stage.key
    chosen = {RED_RIVER: TRUE_MEASURE}
    emissions_services.assign_verifiers(zhou, region=REGION, year=YEAR, assignments=chosen, key=key(), now=NOW)
    leader, member, reviewer, signatory = (town.actor(name).person for name in ("true", "beam", "proof", "stamp"))
    true, red, page = town.browser("true"), town.browser("red"), f"/board/{number}"
    team = {"leader": leader, "members": member, "reviewer": reviewer, "signatory": signatory}
    assert true.post(page, {"step": "plan", "mode": "OFF_SITE", "reason": "", **team}).status_code == 422
    assert true.post(page, {"step": "plan", "mode": "ON_SITE", "reason": "", **team}).status_code == 302
    found = {"step": "finding", "kind": FindingKind.NONCONFORMITY.value, "text": "no seal", "effect_t": "0"}
    assert true.post(page, found).status_code == 302
    (row,) = emissions.verification_findings([RED_RIVER])
    assert "no seal" in red.get("/company/findings").content.decode()
    settle = {"step": "settle", "finding": row.number, "settlement": "EXPLAINED", "added_t": "0", "note": "seen"}
    assert true.post(page, settle).status_code in {409, 422}
    assert red.post("/company/findings", {"finding": row.number, "text": "sealed again"}).status_code == 302
    assert true.post(page, settle).status_code == 302
    total_t = str(emissions.report(number).total_t)
    verdict = "VERIFIED_AS_SATISFACTORY"
    assert true.post(page, {"step": "conclude", "verdict": verdict, "verified_t": total_t}).status_code == 302
    digest = emissions.conclusions_of([number])[number].digest
    for name, duty in (("proof", "TECHNICAL_REVIEWER"), ("stamp", "SIGNATORY")):
        browser = town.browser(name)
        assert "Sign this opinion" in browser.get(page).content.decode()
        assert browser.post(page, {"step": "sign", "duty": duty, "digest": digest}).status_code == 302
    assert emissions.report(number).opinion is not None
    assert true.post(page, {"step": "nonsense"}).status_code == 404
