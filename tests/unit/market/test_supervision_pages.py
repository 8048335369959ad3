"""Pages of supervision: the exchange halts, stops and decides; a member asks for entry and stops itself."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings
from tests.unit.faces.files import pdf
from tests.unit.web import town as towns
from tests.unit.web.town import NORTH_POWER, RED_RIVER, REGION, Town

from tonnebook.core.admission import SuitabilityQuestion
from tonnebook.core.phases import Phase
from tonnebook.core.standing import Use
from tonnebook.market import models, queries
from tonnebook.market.services import standing
from tonnebook.members import queries as members
from tonnebook.members.models import Approval

PAGE = "/market/supervision"


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


def test_a_large_holder_is_asked_for_its_report_and_the_exchange_sees_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    red, address = town.browser("red"), "/market/entry/holding"
    assert "Large-holder report" not in red.get("/market/entry").content.decode()
    assert red.post(address, {"purpose": "hedging"}).status_code == 409
    monkeypatch.setattr(
        standing, "_large", lambda region, told, now: {one.group: Use(100, 90) for one in told.values()}
    )
    assert "Large-holder report" in red.get("/market/entry").content.decode()
    assert "not yet" in town.browser("bell").get("/market/holders").content.decode()
    assert red.post(address, {"purpose": ""}).status_code == 422
    assert red.post(address, {"purpose": "hedging"}).status_code == 302
    assert "hedging" in red.get("/market/entry").content.decode()
    assert "hedging" in town.browser("zhou").get("/market/holders").content.decode()


def test_the_exchange_halts_and_proposes_to_resume(town: Town) -> None:
    browser = town.browser("bell")
    missing = browser.post(f"{PAGE}/halt", {"instrument": "SHEA", "reason": ""})
    assert missing.status_code == 422
    assert browser.post(f"{PAGE}/halt", {"instrument": "SHEA", "reason": "断电"}).status_code == 302
    assert models.Instrument.objects.get(code="SHEA").phase == Phase.HALTED
    assert "断电" in browser.get(PAGE).content.decode()
    again = browser.post(f"{PAGE}/halt", {"instrument": "SHEA", "reason": "断电"})
    assert again.status_code == 409
    assert "ALREADY_HALTED" in again.content.decode()
    assert browser.post(f"{PAGE}/resume/SHEA", {"reason": "恢复"}).status_code == 302
    assert Approval.objects.get(kind="market.resume").payload == {"instrument": "SHEA", "reason": "恢复"}


def test_the_exchange_stops_a_member_and_proposes_to_allow_it(town: Town) -> None:
    browser = town.browser("bell")
    sent = {"organisation": RED_RIVER, "reason": "失控"}
    assert browser.post(f"{PAGE}/stop", sent).status_code == 302
    assert "ALREADY_STOPPED" in browser.post(f"{PAGE}/stop", sent).content.decode()
    assert RED_RIVER in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}/allow/{RED_RIVER}", {"reason": "已修复"}).status_code == 302
    assert Approval.objects.get(kind="market.allow_trading").payload["organisation"] == RED_RIVER


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_member_stops_itself_and_sees_its_entry_and_no_other(town: Town, language: str) -> None:
    browser = town.browser("red", language=language)
    assert browser.post("/market/entry/stop", {"reason": "失控的程序"}).status_code == 302
    text = browser.get("/market/entry").content.decode()
    assert "失控的程序" in text
    assert browser.post("/market/entry", {"participant_class": "COVERED"}).status_code == 422
    assert queries.stops(REGION, NORTH_POWER) == ()
    assert members.organisation(RED_RIVER).region == REGION


def test_a_company_asks_for_entry_with_its_papers_on_one_page(town: Town) -> None:
    browser = town.browser("red")

    def ask(answers: list[str], key: str) -> int:
        papers = {name: SimpleUploadedFile(f"{name}.pdf", pdf()) for name in ("risk_letter", "agreement")}
        sent = {"participant_class": "COVERED", "answers": answers, "key": key, **papers}
        return browser.post("/market/entry", sent).status_code

    assert ask([], "k1") == 422
    assert ask([question.value for question in SuitabilityQuestion], "k2") == 302
    (row,) = queries.admissions(REGION, RED_RIVER)
    assert len(row.documents) == 2
