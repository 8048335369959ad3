"""Leaving the market on pages: who leaves is listed with what has been done, and the next step is proposed."""

from tests.unit.compliance import stage as stages
from tests.unit.web.town import NORTH_POWER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core.transition import TransitionKind
from tonnebook.members import queries as members


def test_a_mover_is_proposed_handed_over_and_then_only_dated_steps_are_left(town: Town) -> None:
    officer = town.browser("zhou")
    assert officer.get("/leaving").context["rows"] == ()
    hand_over(town)
    (row,) = compliance.leaving(REGION)
    assert ([step.kind for step in row.steps], row.command) == ([TransitionKind.HAND_OVER], "")
    assert officer.post("/leaving", {"entity": NORTH_POWER}).headers["Location"] == "/leaving"
    assert officer.post("/leaving").status_code == 302
    (due,) = members.open_approvals(REGION)
    assert due.kind == "compliance.run_transition"
    assert officer.get("/leaving").status_code == 200


def hand_over(town: Town) -> None:
    """Note that North Power leaves, and have two officers hand it over."""
    compliance_services.record_departures(
        town.actor("zhou"),
        region=REGION,
        national={NORTH_POWER: YEAR},
        closed={},
        key=town.stage.key(),
        now=stages.SPRING,
    )
    assert town.browser("zhou").post("/leaving", {"entity": NORTH_POWER}).status_code == 302
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302
