"""The switches of the frame: region, language and demo person."""

from django.db import connection
from tests.unit.web import town as towns
from tests.unit.web.town import PASSWORD, Town


def test_the_region_switch_changes_the_words(town: Town) -> None:
    town.stage.cover()
    browser = town.browser("zhou", "zh-hans")
    assert "纳管单位" in browser.get("/coverage", {"year": towns.YEAR}).content.decode()
    assert browser.post("/switch/region", {"region": "tianjin"}).status_code == 302
    assert "天津碳排放权交易市场" in browser.get("/").content.decode()
    assert browser.get("/coverage").status_code == 403
    assert browser.post("/switch/region", {"region": "atlantis"}).status_code == 400


def test_the_language_switch_stays_on_the_page(town: Town) -> None:
    browser = town.browser(language="zh-hans")
    answer = browser.post("/switch/language", {"language": "en", "next": "/public/log"})
    assert answer["Location"] == "/public/log"
    assert 'lang="en"' in browser.get("/public/log").content.decode()


def test_the_language_switch_leads_to_no_other_site(town: Town) -> None:
    answer = town.browser().post("/switch/language", {"language": "en", "next": "https://example.com/"})
    assert answer["Location"] == "/"


def test_the_role_bar_changes_the_demo_person_without_signing_out(town: Town) -> None:
    browser = town.browser("zhou")
    assert browser.post("/switch/role", {"person": "bell"}).status_code == 302
    assert "Trading day" in browser.get("/").content.decode()
    browser.post("/switch/role", {"person": ""})
    assert "Check a receipt" in browser.get("/").content.decode()


def test_nobody_becomes_a_person_by_name_on_a_real_database(db: None) -> None:
    town = towns.open_town()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_clock SET is_demo = false, \"offset\" = interval '0'")
    browser = town.browser()
    page = browser.get("/").content.decode()
    assert "Simulated" not in page
    assert "See it as" not in page
    assert browser.post("/switch/role", {"person": "zhou"}).status_code == 404
    assert browser.get("/coverage").status_code == 302


def test_demo_pages_are_stamped(town: Town) -> None:
    assert "模拟" in town.browser(language="zh-hans").get("/").content.decode()
    assert "模拟" in town.browser(language="zh-hans").get("/public/tables").content.decode()


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(town: Town) -> None:
    known = town.browser().post("/sign-in", {"username": "zhou", "password": "wrong"})
    unknown = town.browser().post("/sign-in", {"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 422
    assert "Name and password do not match" in known.content.decode()
    assert town.browser().post("/sign-in", {"username": "zhou", "password": PASSWORD}).status_code == 302
