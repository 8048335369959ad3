"""Bad input, case by case: refused with place, rule and remedy in both languages, and nothing half-published."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pytest
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import REGION, YEAR, Stage
from tests.unit.emissions.story import GAS, NEXT_YEAR, POWER, RED_RIVER, STEELWORKER, Story
from tests.unit.rulebook.test_plans import CODE, OTHER, TEXT, listed, set_to, without

from tonnebook import rulebook
from tonnebook.compliance.models import AllocationPlan
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import MrvRefusal
from tonnebook.core.plan import PlanRefusal
from tonnebook.core.roles import SYSTEM
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import EmissionReport
from tonnebook.journal.models import JournalLeaf
from tonnebook.rulebook import plans

# The total once more, for two years of which the plan's own is one.
TWO_YEARS = TEXT[TEXT.index("      CY2026: {") : TEXT.index("  reserve_share:")].replace("CY2026", "CY2025-CY2026")


@dataclass(frozen=True)
class Told:
    """What whoever handed it in reads: the line, what it stands for there, the rule, and how to mend it."""

    line: int
    path: str
    rule: str
    zh: str
    en: str


def _plan(text: str, year: int = YEAR) -> Callable[[Stage], Told]:
    def refuse(stage: Stage) -> Told:
        problem = plans.read(REGION, year, text, file="plan.yaml").problems[0]
        with pytest.raises(Refused) as refused:
            stage.adopt(text, year=year)
        assert refused.value.code is PlanRefusal.PLAN_NOT_FIT
        return Told(problem.line, problem.path, problem.rule, problem.zh, problem.en)

    return refuse


def _report(stage: Stage) -> Told:
    place = emissions.FacilityDraft("RR-1", RED_RIVER, "设施", "Facility", "industry", date(2026, 1, 1))
    emissions.register_facilities(SYSTEM, drafts=[place], key=stage.key(), now=stages.SPRING)
    Story(keys=["used by the stage"] * 100).plan()
    lines = [emissions.ReportLine("RR-1", line) for line in (POWER, replace(GAS, unit="MWh"))]
    with pytest.raises(Refused) as refused:
        emissions.submit_report(
            STEELWORKER, entity=RED_RIVER, year=YEAR, lines=lines, outputs=[], key=stage.key(), now=NEXT_YEAR
        )
    told = refused.value
    assert told.code is MrvRefusal.UNIT_MISMATCH
    return Told(int(str(told.facts["line"])), str(told.facts["name"]), told.code.sentence.article, told.zh, told.en)


# By case: how it is refused, the path that is told, and how it can be mended.
CASES: Mapping[str, tuple[Callable[[Stage], Told], str, str]] = {
    "a plan with a missing factor": (
        _plan(without(TEXT, "control_coefficient")),
        "allocation.control_coefficient.industry",
        "Add it.",
    ),
    "a plan with a negative coefficient": (
        _plan(set_to(TEXT, "control_coefficient", "-0.98")),
        "allocation.control_coefficient.industry",
        "Correct it.",
    ),
    "a plan with overlapping dates": (
        _plan(TEXT.replace("  reserve_share:", TWO_YEARS + "  reserve_share:", 1)),
        "allocation.cap_t",
        "keep one per day or year",
    ),
    "a plan with a share above the guard": (
        _plan(set_to(TEXT, "paid_share", "0.0801")),
        "allocation.paid_share.industry",
        "lower it.",
    ),
    "a plan with an entity in two sectors": (
        _plan(TEXT + listed("industry", f"{CODE} | {OTHER}") + listed("building", CODE)),
        "coverage.listed.building",
        "keep one.",
    ),
    "a plan of a year without a rule": (
        _plan(TEXT.replace("CY2026", "CY2035"), 2035),
        "coverage.threshold_t",
        "add the rules of that year first, or correct the year.",
    ),
    "a report in the wrong unit": (_report, "2. natural_gas", "accepted: 10^4Nm3"),
}


@pytest.mark.parametrize(("refuse", "path", "remedy"), CASES.values(), ids=CASES)
@pytest.mark.django_db
def test_bad_input_is_refused_with_line_path_rule_and_remedy_and_nothing_of_it_is_published(
    refuse: Callable[[Stage], Told], path: str, remedy: str
) -> None:
    stage, digest = stages.open_stage(), rulebook.digest(REGION)
    told = refuse(stage)
    assert told.line >= 1
    assert told.path == path
    assert told.rule
    assert remedy in told.en
    assert re.search(r"[\u4e00-\u9fff]", told.zh)
    assert not AllocationPlan.objects.exists()
    assert not EmissionReport.objects.exists()
    assert not JournalLeaf.objects.filter(kind__in=["compliance.plan.adopted", "emissions.report.submitted"]).exists()
    assert rulebook.digest(REGION) == digest
