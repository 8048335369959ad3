"""Orders sent by the thousand over the API, and what became of them."""

import pytest
from pytest_django.fixtures import Settings
from tests.unit.web import program as programs
from tests.unit.web import town as towns
from tests.unit.web.program import told
from tests.unit.web.town import REGION, Town

_TWO = {
    "region": REGION,
    "instructions": [
        {"kind": "CANCEL", "order": "SHEA-O-000001-00"},
        {"kind": "CANCEL", "order": "SHEA-O-000002-00"},
    ],
}


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


def test_each_instruction_of_a_batch_is_answered_and_can_be_asked_for_again(town: Town) -> None:
    program = programs.program_of(town, "red")
    sent = program.send("POST", "/orders/batch", _TWO, key="a-batch")
    assert sent.status_code == 200, sent.content
    answers = told(sent)["answers"]
    assert [one["refused"]["code"] for one in answers] == ["MarketRefusal.NO_SUCH_ORDER"] * 2
    again = program.get(f"/orders/commands/{told(sent)['command']}")
    assert again.status_code == 200
    assert told(again) == told(sent)
    assert told(program.send("POST", "/orders/batch", _TWO, key="a-batch"))["command"] == told(sent)["command"]


def test_what_others_sent_is_as_unknown_as_what_nobody_did(town: Town) -> None:
    sent = programs.program_of(town, "red").send("POST", "/orders/batch", _TWO)
    other = programs.program_of(town, "lotus")
    for number in (told(sent)["command"], "SHANGHAI-C-000009-00"):
        answer = other.get(f"/orders/commands/{number}")
        assert (answer.status_code, told(answer)["code"]) == (404, "NO_SUCH_COMMAND")


def test_a_batch_of_nothing_or_of_nonsense_is_refused_whole(town: Town) -> None:
    program = programs.program_of(town, "red")
    for instructions in ([], [{"kind": "PLACE", "instrument": "SHEA", "side": "SELL", "asset": ""}]):
        body = {"region": REGION, "instructions": instructions}
        assert program.send("POST", "/orders/batch", body).status_code == 422
