"""The auditor reads coverage lists again: versions against leaves, lines against digests, reasons against facts."""

import pytest
from tests.unit.audit import owner
from tests.unit.compliance.stage import RED_RIVER, REGION, SPRING, YEAR, ZHOU, open_stage

from tonnebook.compliance import services as compliance
from tonnebook.core.canonical import Json
from tonnebook.core.coverage import Stage
from tonnebook.journal import queries as journal
from tonnebook.journal import services as log
from tonnebook_audit.auditor import audit

_LINE = "UPDATE compliance_coverage SET"
_VERSION = "UPDATE compliance_coveragelist SET"
_CHECKS = {"list version", "list digest", "list line", "list reason"}
_ALTERED = {
    f"{_VERSION} digest = repeat('0', 64) WHERE version = 2": {"list version", "list digest"},
    f"{_VERSION} version = 3 WHERE version = 2": {"list version", "list reason"},
    f"{_VERSION} approver = '' WHERE version = 1": {"list version"},
    f"{_LINE} stage = 'OUT' WHERE version = 2": {"list digest", "list line"},
    f"{_LINE} reason_en = 'Because.' WHERE version = 2": {"list digest"},
    f"{_LINE} stage = 'OUT' WHERE reason = 'ENTERED_BY_EMISSION'": {"list line", "list reason"},
    f"{_LINE} trace = jsonb_set(trace, '{{value}}', '\"-1\"') WHERE trace IS NOT NULL": {"list reason"},
    "UPDATE emissions_determination SET determined_t = determined_t + 1": {"list reason"},
    f"{_VERSION} ground = 'IMPORT' WHERE version = 2": {"list version", "list reason"},
}


@pytest.mark.usefixtures("fresh_database")
def test_an_altered_list_is_found_by_the_check_that_is_there_for_it() -> None:
    stage = open_stage()
    stage.cover()
    payload: dict[str, Json] = {"region": REGION, "year": YEAR, "entity": RED_RIVER}
    payload |= {"stage": Stage.MANAGED.value, "ground": "A line stops."}
    compliance.correct_list(
        ZHOU,
        region=REGION,
        year=YEAR,
        entity=RED_RIVER,
        stage=Stage.MANAGED,
        ground="A line stops.",
        approval=stage.approved("compliance.correct_list", payload),
        key=stage.key(),
        now=SPRING,
    )
    log.integrate(now=SPRING)
    report = audit(journal.audit_url())
    assert report.breaks == []
    assert report.checks.keys() >= _CHECKS
    found = {statement: owner.found_after(statement) & _CHECKS for statement in _ALTERED}
    assert found == _ALTERED
