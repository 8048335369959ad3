"""By night every report is computed again; one that does not follow from what is stored with it calls somebody."""

from tests.unit.emissions.story import NEXT_YEAR, Story

from tonnebook.core.alerts import AlertKind
from tonnebook.emissions import jobs
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import EmissionReport
from tonnebook.journal import services as journal
from tonnebook.members.models import Alert


def test_the_night_finds_a_report_that_does_not_follow_from_its_lines_and_calls_somebody_once(story: Story) -> None:
    story.plan()
    number = story.report()
    assert emissions.examine_records(now=NEXT_YEAR) == ()
    assert not Alert.objects.exists()
    # As somebody would put in a better version past the service.
    row = EmissionReport.objects.get(number=number)
    row.pk, row.number, row.version, row.total_t = None, f"{number}-x", 2, row.total_t - 1
    row.save(force_insert=True)
    assert emissions.examine_records(now=NEXT_YEAR) == (row.number,)
    assert emissions.examine_records(now=NEXT_YEAR) == (row.number,)
    alert = Alert.objects.get()
    assert (alert.kind, alert.facts) == (AlertKind.RECORDS_BREAK.value, {"breaks": [row.number]})


def test_the_job_of_the_night_examines_the_records(story: Story) -> None:
    story.plan()
    story.report()
    journal.set_clock(at=NEXT_YEAR)
    jobs.examine_records(timestamp=0)
    assert not Alert.objects.exists()
