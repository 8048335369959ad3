"""Mandates to write reports: who may write what for how long, and that no writer meets a verifier of its own house."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from tests.unit.emissions.story import (
    BLUNT_PEN,
    FINE_PEN,
    GAS,
    HOLDING,
    NEXT_YEAR,
    NORTH_POWER,
    OTHER_PEN,
    PEN,
    POWER,
    RED_RIVER,
    REGION,
    STEEL,
    STEELWORKER,
    STRANGER,
    TRUE_MEASURE,
    YEAR,
    ZHOU,
    Story,
)

from tonnebook.core import identity, periods
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.independence import IndependenceRefusal
from tonnebook.core.mandates import MandateRefusal
from tonnebook.core.reporting import ReportingRefusal, ReportState
from tonnebook.core.roles import AccessRefusal, Actor, MemberRefusal
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import EmissionReport, Facility, ReportDraft
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.models import JournalLeaf
from tonnebook.journal.services import Answer
from tonnebook.members.services import controllers

UNTIL = date(YEAR + 1, 6, 30)


@pytest.fixture
def clock() -> Callable[[datetime], None]:
    """Move the database's clock, which the policies of the tables ask."""
    journal.mark_demo()
    return lambda at: journal.set_clock(at=at)


@pytest.fixture(autouse=True)
def now(story: Story, clock: Callable[[datetime], None]) -> None:
    clock(NEXT_YEAR)


def give(story: Story, *, actor: Actor = STEELWORKER, writer: str = FINE_PEN, last_year: int = YEAR) -> str:
    answer = emissions.give_mandate(
        actor, writer=writer, first_year=YEAR, last_year=last_year, until_on=UNTIL, key=story.key(), now=NEXT_YEAR
    )
    return str(answer["mandate"])


def draft(
    story: Story, *, actor: Actor = PEN, year: int = YEAR, facility: str = "RR-1", now: datetime = NEXT_YEAR
) -> Answer:
    return emissions.file_draft(
        actor,
        entity=RED_RIVER,
        year=year,
        lines=[emissions.ReportLine(facility, GAS), emissions.ReportLine(facility, POWER)],
        outputs=[STEEL],
        key=story.key(),
        now=now,
    )


def control(story: Story, organisation: str, controller: str = HOLDING) -> None:
    controllers.enter_controller(ZHOU, organisation=organisation, controller=controller, key=story.key(), now=NEXT_YEAR)


def refused(code: Refusal, action: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        action()
    assert caught.value.code is code


def seen_by(actor: Actor) -> tuple[int, int, int]:
    """How many facilities, reports and drafts the database shows somebody."""
    with tenancy.acting(tenancy.scope_of(actor)):
        return Facility.objects.count(), EmissionReport.objects.count(), ReportDraft.objects.count()


def test_who_has_a_mandate_files_drafts_and_the_company_submits(story: Story) -> None:
    story.plan()
    give(story)
    filed = draft(story)
    assert filed["draft"] == f"RD-{YEAR}-{RED_RIVER}-1"
    row = queries.draft_of(RED_RIVER, YEAR)
    assert row is not None
    assert (row.writer, row.total_t) == (FINE_PEN, filed["total_t"])
    refused(
        AccessRefusal.NOT_PERMITTED,
        lambda: emissions.submit_report(
            PEN, entity=RED_RIVER, year=YEAR, lines=[], outputs=[], key=story.key(), now=NEXT_YEAR
        ),
    )
    number = submit(story, str(filed["draft"]))
    report = queries.report(number)
    assert (report.prepared_by, report.total_t) == (FINE_PEN, row.total_t)
    assert queries.draft_of(RED_RIVER, YEAR) is None
    assert draft(story, now=NEXT_YEAR + timedelta(hours=2))["draft"] == f"RD-{YEAR}-{RED_RIVER}-2"
    assert queries.draft_of(RED_RIVER, YEAR) is not None


def submit(story: Story, drafted: str) -> str:
    answer = emissions.submit_report(
        STEELWORKER,
        entity=RED_RIVER,
        year=YEAR,
        lines=[emissions.ReportLine("RR-1", GAS), emissions.ReportLine("RR-1", POWER)],
        outputs=[STEEL],
        draft=drafted,
        key=story.key(),
        now=NEXT_YEAR + timedelta(hours=1),
    )
    return str(answer["report"])


def test_a_report_names_no_draft_of_another(story: Story) -> None:
    story.plan()
    refused(MandateRefusal.NO_SUCH_DRAFT, lambda: submit(story, f"RD-{YEAR}-{NORTH_POWER}-1"))


@pytest.mark.parametrize("change", ["no mandate", "another writer", "another year", "withdrawn", "over"])
def test_without_a_mandate_that_holds_nothing_is_written(story: Story, change: str) -> None:
    number = give(story) if change != "no mandate" else ""
    if change == "withdrawn":
        emissions.withdraw_mandate(STEELWORKER, mandate=number, key=story.key(), now=NEXT_YEAR)
    over = periods.instant(UNTIL + timedelta(days=1), datetime.min.time())
    refused(
        MandateRefusal.NO_MANDATE,
        lambda: draft(
            story,
            actor=OTHER_PEN if change == "another writer" else PEN,
            year=YEAR + (change == "another year"),
            now=over if change == "over" else NEXT_YEAR,
        ),
    )
    assert not ReportDraft.objects.exists()


def test_a_mandate_holds_to_the_end_of_its_last_day(story: Story, clock: Callable[[datetime], None]) -> None:
    give(story)
    last = periods.instant(UNTIL + timedelta(days=1), datetime.min.time()) - timedelta(minutes=1)
    clock(last)
    draft(story, now=last)
    assert seen_by(PEN) == (2, 0, 1)
    clock(last + timedelta(minutes=2))
    assert seen_by(PEN) == (0, 0, 0)


def test_the_database_shows_a_writer_what_its_mandates_cover_and_nobody_elses(story: Story) -> None:
    story.plan()
    story.plan(entity=NORTH_POWER)
    story.report()
    story.report(entity=NORTH_POWER)
    assert seen_by(PEN) == (0, 0, 0)
    number = give(story)
    draft(story)
    assert seen_by(PEN) == (2, 1, 1)
    assert seen_by(OTHER_PEN) == (0, 0, 0)
    assert seen_by(STRANGER) == (1, 1, 0)
    emissions.withdraw_mandate(STEELWORKER, mandate=number, key=story.key(), now=NEXT_YEAR)
    assert seen_by(PEN) == (0, 0, 0)
    assert seen_by(STEELWORKER) == (2, 1, 1)


def test_a_mandate_for_another_year_shows_no_report(story: Story) -> None:
    story.plan()
    story.report()
    emissions.give_mandate(
        STEELWORKER,
        writer=FINE_PEN,
        first_year=YEAR + 1,
        last_year=YEAR + 2,
        until_on=UNTIL,
        key=story.key(),
        now=NEXT_YEAR,
    )
    assert seen_by(PEN) == (2, 0, 0)


def test_a_writer_lists_its_companies_year_by_year(story: Story) -> None:
    story.plan()
    give(story, last_year=YEAR + 1)
    give(story, actor=STRANGER)
    draft(story)
    number = story.report()
    with tenancy.acting(tenancy.scope_of(PEN)):
        rows = queries.writing(FINE_PEN, periods.day_of(NEXT_YEAR))
        report = queries.report_of(RED_RIVER, YEAR)
    assert report is not None
    assert report.state is ReportState.SUBMITTED
    assert [(row.year, row.mandate.entity, row.report) for row in rows] == [
        (YEAR + 1, RED_RIVER, ""),
        *sorted([(YEAR, RED_RIVER, number), (YEAR, NORTH_POWER, "")], key=lambda row: row[1]),
    ]
    assert [row.draft.total_t if row.draft else None for row in rows].count(None) == 2


@pytest.mark.parametrize("writer", [TRUE_MEASURE, NORTH_POWER, "91310000MA1FL00000"])
def test_only_a_report_writer_is_given_a_mandate(story: Story, writer: str) -> None:
    refused(MandateRefusal.NOT_A_REPORT_WRITER, lambda: give(story, writer=writer))


def test_a_writer_has_one_mandate_for_a_year(story: Story) -> None:
    give(story)
    refused(MandateRefusal.ALREADY_MANDATED, lambda: give(story, last_year=YEAR + 1))
    give(story, writer=BLUNT_PEN)


def test_a_company_withdraws_its_own_mandates_once(story: Story) -> None:
    number = give(story)

    def withdraw(actor: Actor) -> None:
        emissions.withdraw_mandate(actor, mandate=number, key=story.key(), now=NEXT_YEAR)

    refused(MandateRefusal.NO_SUCH_MANDATE, lambda: withdraw(STRANGER))
    refused(AccessRefusal.NOT_PERMITTED, lambda: withdraw(PEN))
    withdraw(STEELWORKER)
    refused(MandateRefusal.NO_SUCH_MANDATE, lambda: withdraw(STEELWORKER))
    kinds = (
        JournalLeaf.objects.filter(kind__startswith="emissions.mandate").order_by("id").values_list("kind", flat=True)
    )
    assert list(kinds) == ["emissions.mandate.given", "emissions.mandate.withdrawn"]


def test_a_draft_is_of_the_companys_own_facilities_and_of_an_open_year(story: Story) -> None:
    story.verified()
    give(story)
    refused(ReportingRefusal.FACILITY_OF_ANOTHER, lambda: draft(story, facility="NP-1"))
    story.determine()
    refused(ReportingRefusal.ALREADY_DETERMINED, lambda: draft(story))


def test_a_verifier_of_the_writers_house_is_not_assigned(story: Story) -> None:
    give(story)
    control(story, FINE_PEN)
    control(story, TRUE_MEASURE)
    refused(MandateRefusal.WRITER_NOT_INDEPENDENT, story.assign)
    controllers.end_controller(ZHOU, organisation=FINE_PEN, key=story.key(), now=NEXT_YEAR)
    story.assign()


def test_a_writer_of_the_verifiers_house_is_given_no_mandate(story: Story) -> None:
    control(story, FINE_PEN, TRUE_MEASURE)
    story.assign()
    refused(MandateRefusal.WRITER_NOT_INDEPENDENT, lambda: give(story))
    give(story, actor=STRANGER)
    give(story, writer=BLUNT_PEN)


def test_who_wrote_a_draft_stays_a_writer_after_its_mandate(story: Story) -> None:
    number = give(story)
    draft(story)
    emissions.withdraw_mandate(STEELWORKER, mandate=number, key=story.key(), now=NEXT_YEAR)
    control(story, FINE_PEN, TRUE_MEASURE)
    refused(MandateRefusal.WRITER_NOT_INDEPENDENT, story.assign)


def test_relation_found_after_the_assignment_stops_the_opinion(story: Story) -> None:
    story.plan()
    number = story.report()
    give(story)
    story.assign()
    control(story, TRUE_MEASURE, FINE_PEN)
    refused(MandateRefusal.WRITER_NOT_INDEPENDENT, lambda: story.sign(number))


def test_a_verifier_under_the_companys_controller_is_not_assigned(story: Story) -> None:
    control(story, RED_RIVER)
    control(story, TRUE_MEASURE)
    refused(IndependenceRefusal.SAME_HOUSE, story.assign)


def test_a_controller_is_entered_once_and_is_another_organisation(story: Story) -> None:
    refused(MemberRefusal.USCC_MALFORMED, lambda: control(story, FINE_PEN, "1"))
    refused(MemberRefusal.USCC_MALFORMED, lambda: control(story, FINE_PEN, FINE_PEN))
    control(story, FINE_PEN)
    refused(MemberRefusal.CONTROLLER_ENTERED, lambda: control(story, FINE_PEN, RED_RIVER))

    def end() -> None:
        controllers.end_controller(ZHOU, organisation=FINE_PEN, key=story.key(), now=NEXT_YEAR)

    end()
    refused(MemberRefusal.NO_CONTROLLER, end)
    assert identity.is_organisation_code(HOLDING, region=REGION)
