"""What is known of a year's emission: months filed as source lines, then the report, then the determination."""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.emissions.story import NORTH_POWER, RED_RIVER, REGION, STEELWORKER, YEAR, ZHOU, Story

from tonnebook.core.early_warning import Known
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions

MARCH = datetime(2026, 3, 5, 1, tzinfo=UTC)


def _file_power(story: Story, month: int) -> None:
    emissions.file_month(
        STEELWORKER,
        facility="RR-1",
        year=YEAR,
        month=month,
        parameters=[emissions.ParameterRow("grid", "ELECTRICITY", Decimal("100.5"), "MWh")],
        evidence_digest="0" * 64,
        key=story.key(),
        now=MARCH,
    )


def _known(entity: str = RED_RIVER) -> Known:
    return queries.known([entity], region=REGION, year=YEAR)[entity]


def test_months_filed_as_source_lines_are_computed_and_others_are_left_out(story: Story) -> None:
    _file_power(story, 1)
    story.file(2, now=MARCH)
    known = _known()
    # 100.5 MWh × 0.42 tCO2/MWh, rounded as a report is.
    assert (known.filed_t, known.filed_months, known.all_months % 12) == (42, 1, 0)
    assert _known(NORTH_POWER).filed_t is None


def test_what_is_reported_stands_before_what_was_filed_and_what_is_determined_before_both(story: Story) -> None:
    _file_power(story, 1)
    emissions.import_history(
        ZHOU,
        region=REGION,
        rows=[emissions.HistoryRow(RED_RIVER, YEAR - 1, 2000, 2000)],
        key=story.key(),
        now=MARCH,
    )
    assert _known().last_t == 2000
    story.plan()
    number = story.report()
    assert (_known().reported_t, _known().filed_t, _known().determined_t) == (2892, None, None)
    story.assign()
    story.sign(number)
    story.determine()
    assert _known().determined_t == 2892


def test_many_entities_take_as_many_queries_as_one(story: Story) -> None:
    counts = []
    for usccs in ([RED_RIVER], [RED_RIVER, NORTH_POWER]):
        with CaptureQueriesContext(connection) as taken:
            queries.known(usccs, region=REGION, year=YEAR)
        counts.append(len(taken))
    assert counts[0] == counts[1]
