"""One file per entity: everything on one line, for the authority and the entity itself, and for nobody else."""

import pytest
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, YEAR, Town


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
    assert browser.get(f"/entity/{RED_RIVER}/file", {"year": str(YEAR - 1)}).context["events"] == ()


def test_the_file_of_another_company_does_not_exist(town: Town) -> None:
    assert town.browser("north").get(f"/entity/{RED_RIVER}/file").status_code == 404
    assert town.browser("true").get(f"/entity/{RED_RIVER}/file").status_code == 403
