"""The auditor reads grounds and draws again: against their leaves, against what was computed, within the pot."""

import pytest
from tests.unit.audit import owner
from tests.unit.compliance.stage import CHEN, RED_RIVER, REGION, SPRING, YEAR, ZHOU, open_stage

from tonnebook.compliance import services as compliance
from tonnebook.core.canonical import Json
from tonnebook.journal import queries as journal
from tonnebook.journal import services as log
from tonnebook_audit.auditor import audit

_CHECKS = {"ground", "ground used", "headroom"}
_GROUND = "UPDATE compliance_incentiveground SET"
_WITHDRAWAL = "UPDATE compliance_groundwithdrawal SET"
_DRAW = "UPDATE compliance_headroomdraw SET"
_ALTERED = {
    f"{_GROUND} evidence = 'another file' WHERE ground = 'metering'": {"ground"},
    f"{_GROUND} noted_at = noted_at + interval '1 day' WHERE ground = 'metering'": {"ground used"},
    f"{_GROUND} year = year + 1 WHERE ground = 'metering'": {"ground", "ground used"},
    f"{_WITHDRAWAL} reason = 'none'": {"ground"},
    "DELETE FROM compliance_groundwithdrawal": {"ground"},
    # Nobody can say any more which ground the leaf names, but one is missing.
    "DELETE FROM journal_secret AS secret USING journal_leaf AS leaf, compliance_groundwithdrawal "
    "WHERE leaf.id = secret.leaf_id AND leaf.payload LIKE '%compliance.ground.withdrawn%'": set(),
    f"{_WITHDRAWAL} ground_id = (SELECT id FROM compliance_incentiveground WHERE ground = 'metering'), "
    "withdrawn_at = withdrawn_at - interval '1 day'": {"ground", "ground used"},
    f"{_DRAW} quantity_t = quantity_t + 1": {"headroom"},
    f"{_DRAW} transfer = 'none'": {"headroom"},
    "DELETE FROM compliance_headroomdraw": {"headroom"},
    "UPDATE compliance_allocationplan SET overlay = replace(overlay, '\"500000\"', '\"999\"')": {"headroom"},
}


@pytest.mark.usefixtures("fresh_database")
def test_an_altered_ground_or_draw_is_found_by_the_check_that_is_there_for_it() -> None:
    stage = open_stage()
    stage.cover()
    stage.adopt()
    grounds = {RED_RIVER: {"metering": "file 7", "co_reduction": "file 8"}}
    compliance.record_grounds(CHEN, year=YEAR, grounds=grounds, key=stage.key(), now=SPRING)
    why = {"ground": "co_reduction", "reason": "the file was another plant's"}
    compliance.withdraw_ground(CHEN, entity=RED_RIVER, year=YEAR, key=stage.key(), now=SPRING, **why)
    stage.compute()
    stage.issue()
    drawn: dict[str, Json] = {"region": REGION, "year": YEAR, "entity": RED_RIVER, "quantity_t": 1_000}
    drawn |= {"ground": "Chips, line 2"}
    approval = stage.approved("compliance.draw_headroom", drawn)
    compliance.draw_headroom(ZHOU, approval=approval, key=stage.key(), now=SPRING, **drawn)  # type: ignore[arg-type]
    log.integrate(now=SPRING)
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks.keys() >= _CHECKS
    found = {statement: owner.found_after(statement) & _CHECKS for statement in _ALTERED}
    assert found == _ALTERED
