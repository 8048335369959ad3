"""How sure the figures of a year are is read out of their stored derivations."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.compliance.stage import RED_RIVER, REGION, YEAR, Stage

from tonnebook.compliance import queries
from tonnebook.compliance.queries import Certainty
from tonnebook.core import trace


def test_before_anything_is_computed_nothing_rests_on_anything(stage: Stage) -> None:
    del stage
    assert queries.certainty(REGION, YEAR) == Certainty((), (), (), ())


def test_what_is_issued_and_settled_names_the_statuses_it_rests_on(stage: Stage) -> None:
    stage.first_batch()
    stage.determine()
    stage.settle()
    found = queries.certainty(REGION, YEAR)
    named = {
        origin.status
        for row in queries.allocation_of(RED_RIVER, YEAR)
        for one in row.traces.values()
        for origin in trace.origins(one)
    }
    assert set(found.issued) == named == {"enacted", "scenario"}
    assert found.listed == found.settled == ("scenario",)
    # The figures of the stage were taken over: no report of this system stands behind them.
    assert found.determined == ()


def test_the_number_of_statements_does_not_grow_with_the_entities(stage: Stage) -> None:
    with CaptureQueriesContext(connection) as of_nobody:
        queries.certainty(REGION, YEAR)
    stage.first_batch()
    with CaptureQueriesContext(connection) as of_all:
        queries.certainty(REGION, YEAR)
    assert len(of_all) == len(of_nobody)
