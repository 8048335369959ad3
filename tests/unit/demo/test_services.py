"""An empty database becomes the demo, a playing that was cut off is taken up again, and visitors are not overruled."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client

from tonnebook.core import periods
from tonnebook.core.demonstration import DemoRefusal
from tonnebook.core.errors import Refused
from tonnebook.demo import queries, schedule, services
from tonnebook.demo import year as demo
from tonnebook.demo.models import Performance, PlayedStep
from tonnebook.demo.schedule import Step
from tonnebook.demo.world import World
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal

pytestmark = pytest.mark.django_db

UNTIL = services.STARTS_AT


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the steps of every year by three that only tell their name."""
    told: list[str] = []

    def step(world: World, code: str, at: datetime) -> Step:
        def play(_world: World, _now: datetime) -> None:
            told.append(f"{world.region} {world.year} {code}")

        return Step(code, "一步", "a step", at, play)

    def steps(world: World) -> tuple[Step, ...]:
        opens_at = periods.instant(UNTIL.date().replace(year=world.year - 1, day=1), time(10))
        return (
            step(world, "found", opens_at),
            step(world, "determine", opens_at + timedelta(days=500)),
            step(world, "first_batch", opens_at + timedelta(days=100)),
        )

    monkeypatch.setattr(schedule, "steps", steps)
    return told


def waiting_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [services.JOB]
        )
        return int(cursor.fetchone()[0])


def empty() -> None:
    """Take the demo mark off, as a database is before its first start."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_clock")


def test_an_empty_database_becomes_a_demo_with_one_job_however_often_it_is_asked() -> None:
    empty()
    assert services.seed()
    assert services.seed()
    assert journal_queries.clock().is_demo
    assert [row.region for row in queries.progress()] == list(services.REGIONS)
    assert waiting_jobs() == 1
    assert timedelta(0) <= journal.now() - UNTIL < timedelta(minutes=1)


def test_a_database_with_books_of_its_own_is_left_alone() -> None:
    journal.append(journal.Entry("trial.thing.happened", {}), now=UNTIL)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_clock SET is_demo = false")
    assert not services.seed()
    assert not journal_queries.clock().is_demo
    assert queries.progress() == ()
    assert waiting_jobs() == 0


def test_years_are_played_in_the_order_of_the_calendar_and_the_batch_waits_for_last_years_figures(
    told: list[str],
) -> None:
    worlds = [World("shanghai", year, services.SEED) for year in (2025, 2026)]
    demo.play_together(worlds)
    years = ["2025 found", "2025 first_batch", "2026 found", "2025 determine", "2026 first_batch", "2026 determine"]
    assert told == [f"shanghai {one}" for one in years]


def test_a_playing_that_was_cut_off_goes_on_where_it_stopped(told: list[str]) -> None:
    empty()
    services.seed()
    begun = PlayedStep.objects.create

    def fall_over(**facts: object) -> PlayedStep:
        if len(told) == 2:
            raise KeyboardInterrupt
        return begun(**facts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlayedStep.objects, "create", fall_over)
        with pytest.raises(KeyboardInterrupt):
            services.play_on()
    assert PlayedStep.objects.count() == 1
    services.play_on()
    assert queries.being_played() is None
    # The step that was cut off is played again, the one before it is not.
    assert told[:3] == ["shanghai 2025 found", "shanghai 2025 first_batch", "shanghai 2025 first_batch"]
    assert told.count("shanghai 2025 found") == 1


def test_playing_ends_with_the_clock_where_it_shall_be(told: list[str]) -> None:
    empty()
    services.seed()
    services.play_on()
    assert queries.being_played() is None
    to = UNTIL + timedelta(days=30)
    services.advance(to=to, now=UNTIL)
    row = queries.being_played()
    assert row is not None
    assert row.until == to
    services.play_on()
    assert queries.being_played() is None
    assert timedelta(0) <= journal.now() - to < timedelta(minutes=1)


def test_the_clock_is_not_moved_while_the_demo_is_being_played(told: list[str]) -> None:
    empty()
    services.seed()
    with pytest.raises(Refused) as refused:
        services.advance(to=UNTIL + timedelta(days=1), now=UNTIL)
    assert refused.value.code is DemoRefusal.STILL_PLAYING


def test_what_a_visitor_has_done_already_is_left_out_and_the_rest_goes_on(told: list[str]) -> None:
    def refuse(_world: World, _now: datetime) -> None:
        raise Refused(DemoRefusal.NOT_A_DEMO)

    world = World("shanghai", 2025, services.SEED)
    done = Step("done", "已做", "done", UNTIL, refuse)
    forgiven: list[str] = []
    steps = schedule.steps(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "steps", lambda _world: (done, *steps))
        demo.play_together([world], forgiven=lambda step, _refused: forgiven.append(step.code))
    assert forgiven == ["done"]
    assert len(told) == 3
    assert PlayedStep.objects.filter(code="done").exists()


def test_a_refusal_while_the_demo_is_prepared_is_shown_and_ends_it(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_world: World, _now: datetime) -> None:
        raise Refused(DemoRefusal.NOT_FORWARD, now=UNTIL)

    empty()
    services.seed()
    broken = Step("broken", "坏", "broken", UNTIL, refuse)
    monkeypatch.setattr(schedule, "steps", lambda _world: (broken,))
    with pytest.raises(Refused):
        services.play_on()
    assert "NOT_FORWARD" in Performance.objects.order_by("id")[0].error


def test_the_page_of_the_clock_moves_it_once_and_waits(told: list[str]) -> None:
    empty()
    services.seed()
    services.play_on()
    browser = Client(headers={"accept-language": "en"})
    to = journal.now() + timedelta(days=3)
    answer = browser.post("/demo/advance", {"to": to.isoformat(), "next": "/public/tables"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/demo/playing?next=%2Fpublic%2Ftables"
    assert browser.post("/demo/advance", {"to": to.isoformat()}).status_code == 409
    assert "Playing the demo" in browser.get("/demo/playing?next=/public/tables").content.decode()
    assert "Playing the demo" in browser.get("/demo/progress").content.decode()
    services.play_on()
    assert browser.get("/demo/progress?next=/public/tables").headers["HX-Redirect"] == "/public/tables"
    assert browser.get("/demo/playing?next=https://elsewhere.example/").headers["Location"] == "/"


def test_the_page_of_the_clock_refuses_what_is_no_instant_and_a_database_that_is_no_demo() -> None:
    browser = Client()
    for nonsense in ("", "tomorrow", "2026-11-20T10:00:00"):
        assert browser.post("/demo/advance", {"to": nonsense}).status_code == 400
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_clock SET is_demo = false, \"offset\" = interval '0'")
    later = journal.now() + timedelta(days=1)
    assert browser.post("/demo/advance", {"to": later.isoformat()}).status_code == 403
    assert "/demo/advance" not in browser.get("/").content.decode()
