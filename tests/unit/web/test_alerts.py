"""The page of alerts and the line in the frame that points to it."""

from django.db import transaction
from tests.unit.web.town import NOW, Town

from tonnebook.core.alerts import AlertKind
from tonnebook.members import services as members


def raised() -> str:
    with transaction.atomic():
        return members.raise_alert(AlertKind.AUDIT_BREAK, subject="root 1", facts={"breaks": ["B02 x"]}, now=NOW)


def test_an_alert_stands_on_every_page_of_who_can_answer_it(town: Town) -> None:
    officer, company = town.browser("zhou"), town.browser("red")
    assert "waits for an answer" not in officer.get("/").content.decode()
    alert = raised()
    assert "1 alert waits for an answer" in officer.get("/").content.decode()
    assert "waits for an answer" not in company.get("/").content.decode()
    page = officer.get("/alerts").content.decode()
    assert alert in page
    assert "B02 x" in page
    assert "The books do not hold" in page


def test_an_alert_is_answered_in_words(town: Town) -> None:
    alert, browser = raised(), town.browser("eye")
    assert browser.post(f"/alerts/{alert}/acknowledge", {"words": "  "}).status_code == 422
    assert browser.post(f"/alerts/{alert}/acknowledge", {"words": "the backup is compared"}).status_code == 302
    page = browser.get("/alerts").content.decode()
    assert "the backup is compared" in page
    assert "waits for an answer" not in page
    again = browser.post(f"/alerts/{alert}/acknowledge", {"words": "again"})
    assert again.status_code == 409


def test_the_audit_is_offered_to_those_who_may_open_it(town: Town) -> None:
    for username, is_offered in {"zhou": True, "eye": True, "keeper": False, "bell": False}.items():
        browser = town.browser(username)
        assert ('href="/audit"' in browser.get("/alerts").content.decode().partition("<main")[2]) is is_offered
        assert browser.get("/audit").status_code == (200 if is_offered else 403)


def test_alerts_are_not_for_companies(town: Town) -> None:
    assert town.browser("red").get("/alerts").status_code == 403
    assert town.browser().get("/alerts").status_code == 302
