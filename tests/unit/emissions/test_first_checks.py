"""A district authority looks at the reports of its own district first, and at no others."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from tests.unit.emissions.story import NEXT_YEAR, NORTH_POWER, RED_RIVER, REGION, YEAR, ZHOU, Story, uscc

from tonnebook.core import roles
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import AccessRefusal, Actor, OrganisationKind, Role
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import FirstCheck
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import services as members

BUREAU, OTHER_BUREAU, GLAZIER = uscc(31), uscc(32), uscc(33)


def officer(district: str, organisation: str = BUREAU) -> Actor:
    role = frozenset({Role.DISTRICT_OFFICER})
    return Actor("P-31", organisation, OrganisationKind.DISTRICT_AUTHORITY, role, REGION, district)


@pytest.fixture
def report(story: Story) -> str:
    drafts = [
        members.OrganisationDraft(code, "区局", "Bureau", OrganisationKind.DISTRICT_AUTHORITY, REGION, district)
        for code, district in ((BUREAU, ""), (OTHER_BUREAU, "Baoshan"))
    ]
    members.register_organisations(roles.SYSTEM, drafts=drafts, key=story.key(), now=NEXT_YEAR)
    story.plan()
    return story.report()


def check(story: Story, report: str, actor: Actor, *, is_complete: bool = True, note: str = "") -> object:
    return emissions.first_check(
        actor, report=report, is_complete=is_complete, note=note, key=story.key(), now=NEXT_YEAR
    )


def test_a_first_check_is_kept_with_its_note_sealed_in_the_log(story: Story, report: str) -> None:
    check(story, report, officer(""), is_complete=False, note=" no meter readings ")
    found = queries.first_check_of(report)
    assert found is not None
    assert (found.bureau, found.is_complete, found.note) == (BUREAU, False, "no meter readings")
    leaf = JournalLeaf.objects.get(kind="emissions.report.first_checked")
    assert report in leaf.payload
    assert "meter" not in leaf.payload
    rows = {row.entity: row for row in queries.district_reports([RED_RIVER, NORTH_POWER], YEAR)}
    assert rows[RED_RIVER].check == found
    assert (rows[NORTH_POWER].report, rows[NORTH_POWER].check) == ("", None)


@pytest.mark.parametrize(
    ("actor", "code"),
    [(officer("Baoshan", OTHER_BUREAU), ReportingRefusal.NO_SUCH_REPORT), (ZHOU, AccessRefusal.NOT_PERMITTED)],
)
def test_nobody_checks_for_another_district_and_no_other_role_checks(
    story: Story, report: str, actor: Actor, code: Refusal
) -> None:
    with pytest.raises(Refused) as refused:
        check(story, report, actor)
    assert refused.value.code is code


def test_a_version_is_checked_once_and_a_superseded_one_never(story: Story, report: str) -> None:
    def refusal(number: str) -> object:
        with pytest.raises(Refused) as refused:
            check(story, number, officer(""))
        return refused.value.code

    check(story, report, officer(""))
    assert refusal(report) is ReportingRefusal.CHECKED_ALREADY
    story.report()
    assert refusal(report) is ReportingRefusal.VERSION_SUPERSEDED
    assert refusal("ER-0") is ReportingRefusal.NO_SUCH_REPORT


def test_an_incomplete_report_without_a_note_is_refused_by_service_and_database(story: Story, report: str) -> None:
    with pytest.raises(Refused) as refused:
        check(story, report, officer(""), is_complete=False)
    assert refused.value.code is ReportingRefusal.CHECK_WITHOUT_NOTE
    check(story, report, officer(""))
    row = FirstCheck.objects.get()
    row.pk, row.is_complete = None, False
    with pytest.raises(DatabaseError, match="emissions_first_check_note"), transaction.atomic():
        row.save(force_insert=True)


def test_a_district_is_listed_with_the_same_number_of_statements_for_any_number(
    story: Story, report: str, count_queries: Callable[[Callable[[], object]], list[str]]
) -> None:
    one = len(count_queries(lambda: queries.district_reports([RED_RIVER], YEAR)))
    assert one == len(count_queries(lambda: queries.district_reports([RED_RIVER, NORTH_POWER], YEAR)))
