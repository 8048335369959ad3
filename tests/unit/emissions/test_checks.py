"""The numbered checks of a report: told before, refused where they are errors, kept, and waived by two."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from tests.unit.emissions.story import (
    CHEN,
    GAS,
    NEXT_YEAR,
    POWER,
    RED_RIVER,
    REGION,
    STEEL,
    STEELWORKER,
    YEAR,
    ZHOU,
    Story,
)

from tonnebook.core import mrv
from tonnebook.core.canonical import Json
from tonnebook.core.checks import ChecksRefusal, Severity
from tonnebook.core.checks.subjects import Line
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import SourceLine
from tonnebook.core.roles import AccessRefusal
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import CheckRun, EmissionReport
from tonnebook.emissions.queries import Draft
from tonnebook.journal.services import Answer
from tonnebook.members import services as members

# A calorific value typed in kilojoules: no gas holds that much carbon.
IMPOSSIBLE = replace(GAS, ncv=Decimal("389310"))
TODAY = date(2027, 2, 1)


def submit(story: Story, *lines: SourceLine) -> str:
    """Submit a report of these lines."""
    answer = emissions.submit_report(
        STEELWORKER,
        entity=RED_RIVER,
        year=YEAR,
        lines=[emissions.ReportLine("RR-1", line) for line in lines],
        outputs=[STEEL],
        key=story.key(),
        now=NEXT_YEAR,
    )
    return str(answer["report"])


def waive(story: Story, check: str, place: str = "", *, until_on: date = TODAY) -> Answer:
    """Have two officers let a finding pass."""
    payload: dict[str, Json] = {
        "entity": RED_RIVER,
        "year": YEAR,
        "check": check,
        "place": place,
        "reason": "the laboratory confirms it",
        "until_on": until_on.isoformat(),
    }
    kind = "emissions.waive_check"
    proposed = members.propose(ZHOU, kind=kind, payload=payload, key=story.key(), now=NEXT_YEAR)
    number, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(CHEN, approval=number, digest=digest, key=story.key(), now=NEXT_YEAR)
    asked = {**payload, "until_on": until_on}
    return emissions.waive_check(ZHOU, **asked, approval=number, key=story.key(), now=NEXT_YEAR)  # type: ignore[arg-type]


def test_an_error_keeps_a_report_from_being_submitted_and_nothing_of_it_stays(story: Story) -> None:
    story.plan()
    with pytest.raises(Refused) as refused:
        submit(story, IMPOSSIBLE, POWER)
    assert refused.value.code is ChecksRefusal.CHECKS_FAILED
    assert "L024" in refused.value.en or "L163" in refused.value.en
    assert not EmissionReport.objects.exists()
    submit(story, GAS, POWER)


def test_what_the_checks_found_is_kept_with_the_report_and_shown_later(story: Story) -> None:
    story.plan()
    number = submit(story, GAS, GAS, POWER)
    found = queries.findings_of(number, TODAY)
    assert "L042" in {one.check for one in found}
    assert CheckRun.objects.get().warnings == queries.counted(found)[Severity.WARNING]
    assert {row.report for row in queries.anomalies(REGION, YEAR, TODAY)} == {number}
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE emissions_checkrun SET findings = '[]'")


def test_two_officers_let_one_finding_pass_at_its_place_until_its_day(story: Story) -> None:
    story.plan()
    waive(story, "L024", "1 · RR-1 · natural_gas")
    waive(story, "L163")
    number = submit(story, IMPOSSIBLE, POWER)
    passed = {one.check for one in queries.findings_of(number, TODAY) if one.is_waived}
    assert {"L024", "L163"} <= passed
    assert "L024" not in {one.check for one in queries.findings_of(number, date(2027, 2, 2)) if one.is_waived}
    with pytest.raises(Refused):
        submit(story, POWER, IMPOSSIBLE)


def test_a_waiver_is_an_officers_and_names_a_check_of_the_catalogue(story: Story) -> None:
    with pytest.raises(Refused) as refused:
        waive(story, "L999")
    assert refused.value.code is ChecksRefusal.NO_SUCH_CHECK
    asked = {"entity": RED_RIVER, "year": YEAR, "check": "L024", "place": "", "reason": "x", "until_on": TODAY}
    with pytest.raises(Refused) as refused:
        emissions.waive_check(STEELWORKER, **asked, approval="A-1", key=story.key(), now=NEXT_YEAR)  # type: ignore[arg-type]
    assert refused.value.code is AccessRefusal.NOT_PERMITTED


def test_what_a_draft_is_told_is_what_its_report_is_told(story: Story) -> None:
    story.plan()
    lines = [GAS, replace(GAS, unit="Nm3"), POWER]
    result = mrv.emissions(lines, queries.rules_of(REGION, YEAR))
    draft = Draft(
        entity=RED_RIVER,
        region=REGION,
        year=YEAR,
        lines=[Line("RR-1", line) for line in lines],
        outputs=[STEEL],
        submitted_on=TODAY,
    )
    before = queries.findings_of_draft(draft, result)
    assert before
    assert queries.findings_of(submit(story, *lines), TODAY) == before


def test_the_year_is_held_against_its_months_and_the_year_before(story: Story) -> None:
    story.plan()
    first = submit(story, GAS)
    emissions.submit_data_quality_plan(
        STEELWORKER, entity=RED_RIVER, year=YEAR + 1, sections={"boundary": "x"}, key=story.key(), now=NEXT_YEAR
    )
    jump = SourceLine(GAS.kind, GAS.name, GAS.quantity * 2, GAS.unit)
    draft = Draft(RED_RIVER, REGION, YEAR + 1, [Line("RR-1", jump)], [STEEL], date(2028, 2, 1))
    found = {
        one.check: one
        for one in queries.findings_of_draft(draft, mrv.emissions([jump], queries.rules_of(REGION, YEAR + 1)))
    }
    assert first
    assert {"L051", "R051", "F001"} <= found.keys()
    assert "240" in found["L051"].en
    assert "120" in found["L051"].en


def test_the_checks_of_a_report_ask_the_database_no_more_often_for_more_lines(
    story: Story, count_queries: Callable[[Callable[[], object]], list[str]]
) -> None:
    story.plan()
    few = len(count_queries(lambda: submit(story, GAS)))
    many = len(count_queries(lambda: submit(story, *([GAS] * 200))))
    assert many == few
