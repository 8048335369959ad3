"""One file per entity: everything on one line, for the authority and the entity itself, and for nobody else."""

import pytest
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns
from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance.models import Objection, PenaltyEntry, PenaltyFile
from tonnebook.core.objections import ObjectionSubject
from tonnebook.core.penalty import PenaltyStep, Regime


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    town = towns.open_town()
    town.stage.first_batch()
    town.stage.determine(red_t=60_000, north_t=50_000)
    town.stage.confirm(town.stage.submit({"SHEA-2026": 60_000}))
    return town


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("username", ["zhou", "keeper", "eye", "red"])
def test_the_file_of_a_company_tells_its_year_in_order(town: Town, username: str, language: str) -> None:
    answer = town.browser(username, language).get(f"/entity/{RED_RIVER}/file", {"year": str(YEAR)})
    events = answer.context["events"]
    assert {"coverage", "allocation", "surrender"} <= {one.topic for one in events}
    assert [one.at for one in events] == sorted(one.at for one in events)
    assert "60,000" in answer.content.decode()


def test_the_file_is_narrowed_to_a_topic_and_a_year(town: Town) -> None:
    browser = town.browser("zhou")
    only = browser.get(f"/entity/{RED_RIVER}/file", {"year": str(YEAR), "topic": "surrender"}).context["events"]
    assert {one.topic for one in only} == {"surrender"}
    earlier = browser.get(f"/entity/{RED_RIVER}/file", {"year": str(YEAR - 1)}).context["events"]
    assert [one.topic for one in earlier] == ["report"], "the figure that this year's allowance goes by"


def test_the_file_of_another_company_does_not_exist(town: Town) -> None:
    assert town.browser("north").get(f"/entity/{RED_RIVER}/file").status_code == 404
    assert town.browser("true").get(f"/entity/{RED_RIVER}/file").status_code == 403


def test_the_file_goes_from_the_figure_over_the_objection_to_the_penalty(town: Town) -> None:
    place = {"entity_id": RED_RIVER, "region": REGION, "year": YEAR}
    Objection.objects.create(
        **place,
        number="OB-000001-42",
        subject=ObjectionSubject.DETERMINATION,
        reason="the meter",
        decide_until=NOW.date(),
        filed_by="P-1",
        filed_at=NOW,
    )
    file = PenaltyFile.objects.create(
        **place,
        number="PF-000001-42",
        breach_on=NOW.date(),
        shortfall_t=1,
        regime=Regime.NO_SUPPORT,
        smallest_fen=0,
        largest_fen=0,
        traces={},
        rulebook_digest="",
        opened_at=NOW,
    )
    PenaltyEntry.objects.create(file=file, place=0, step=PenaltyStep.OPENED, ground="40 t short", by="P-1", at=NOW)
    browser = town.browser("red")
    for topic, named in (("report", "60,000"), ("objection", "OB-000001-42"), ("penalty", "PF-000001-42 · 40 t short")):
        events = browser.get(f"/entity/{RED_RIVER}/file", {"year": str(YEAR), "topic": topic}).context["events"]
        assert any(named in one.told for one in events), topic
