"""Mandates and representatives by program: given, listed and ended as on the pages, with documents and two people."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.faces import files
from tests.unit.web import program as programs
from tests.unit.web.program import Program, told
from tests.unit.web.town import NOW, RED_RIVER, TRUE_MEASURE, WRITER, YEAR, Town

from tonnebook.core import periods
from tonnebook.core.ledger import AccountType
from tonnebook.core.representation import Right
from tonnebook.emissions import queries as emissions
from tonnebook.registry import queries as registry

GIVEN = {
    "writer": WRITER,
    "first_year": YEAR,
    "last_year": YEAR,
    "until_on": (periods.day_of(NOW) + timedelta(days=90)).isoformat(),
}
PAPER = {"name": "决议.pdf", "purpose": "APPLICATION", "content": base64.b64encode(files.pdf()).decode()}


@pytest.fixture
def red(town: Town) -> Program:
    return programs.program_of(town, "red")


def test_a_mandate_is_given_read_by_both_sides_and_withdrawn(town: Town, red: Program) -> None:
    number = told(red.send("POST", "/mandates", GIVEN))["mandate"]
    pen, stranger = programs.program_of(town, "pen"), programs.program_of(town, "north")
    for reader in (red, pen):
        assert [row["number"] for row in told(reader.get("/mandates"))["rows"]] == [number]
        assert told(reader.get(f"/mandates/{number}"))["entity"] == RED_RIVER
    assert told(stranger.get("/mandates"))["rows"] == []
    assert told(stranger.get(f"/mandates/{number}"))["code"] == "NO_SUCH_MANDATE"
    seen = red.get(f"/mandates/{number}")["ETag"]
    assert told(red.send("DELETE", f"/mandates/{number}"))["code"] == "PRECONDITION_MISSING"
    assert told(pen.send("DELETE", f"/mandates/{number}", version=seen))["code"] == "NOT_PERMITTED"
    assert told(red.send("DELETE", f"/mandates/{number}", version=seen)) == {"mandate": number}
    assert told(red.send("DELETE", f"/mandates/{number}", version=seen))["code"] == "PRECONDITION_STALE"
    assert emissions.mandate_for(RED_RIVER, WRITER, YEAR, periods.day_of(NOW)) is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"writer": TRUE_MEASURE}, "NOT_A_REPORT_WRITER"),
        ({"first_year": YEAR + 1}, "MANDATE_YEARS_UNFIT"),
        ({"until_on": "2001-01-01"}, "MANDATE_OVER_ALREADY"),
    ],
)
def test_a_mandate_is_refused_as_on_the_page(red: Program, wrong: dict[str, object], code: str) -> None:
    assert told(red.send("POST", "/mandates", {**GIVEN, **wrong}))["code"] == code


def test_somebody_is_appointed_and_dismissed_by_two_people(town: Town, red: Program) -> None:
    account = registry.account_of(RED_RIVER, AccountType.HOLDING)
    path = f"/accounts/{account}/representatives"
    person = town.actor("red").person
    papers = [told(red.send("POST", "/documents", PAPER))["document"]]
    assert [row["number"] for row in told(red.get("/documents"))["rows"]] == papers
    asked = told(red.send("POST", path, {"person": person, "rights": ["INITIATE"], "documents": papers}))
    assert asked["account"] == account
    decided(town, asked["application"])
    assert registry.rights_at(account) == {person: {Right.INITIATE}}
    (row,) = told(red.get(path))["rows"]
    assert (row["person"], row["rights"], row["ended_at"]) == (person, ["INITIATE"], None)
    ending = told(red.send("POST", f"{path}/{person}/end", {"documents": papers}))
    decided(town, ending["application"])
    assert registry.rights_at(account) == {}
    assert told(red.get(path))["rows"][0]["ended_at"]


def decided(town: Town, number: str) -> None:
    """Check and grant an application: one proposes it, another approves exactly that."""
    zhou, chen, path = programs.program_of(town, "zhou"), programs.program_of(town, "chen"), f"/applications/{number}"
    assert number in [row["number"] for row in told(zhou.get("/applications"))["rows"]]
    assert told(zhou.send("POST", f"{path}/grant", {"approval": "AP-0"}, version=tag(zhou, path)))["code"] == (
        "NO_SUCH_APPROVAL"
    )
    approval = told(zhou.send("POST", f"{path}/check", version=tag(zhou, path)))["approval"]
    at = f"/approvals/{approval}"
    approve = {"digest": told(chen.get(at))["digest"]}
    assert told(zhou.send("POST", f"{at}/approve", approve, version=tag(zhou, at)))["code"] == "SAME_PERSON"
    assert told(chen.send("POST", f"{at}/approve", approve, version=tag(chen, at)))["state"] == "APPROVED"
    granted = told(zhou.send("POST", f"{path}/grant", {"approval": approval}, version=tag(zhou, path)))
    assert granted["application"] == number


def tag(program: Program, path: str) -> str:
    """The ETag of what somebody reads."""
    return program.get(path)["ETag"]


def test_an_application_is_taken_back_or_refused_with_a_reason(town: Town, red: Program) -> None:
    first, second = (asked(town, red)["application"] for _ in range(2))
    zhou, north = programs.program_of(town, "zhou"), programs.program_of(town, "north")
    assert told(north.get(f"/applications/{first}"))["code"] == "NO_SUCH_APPLICATION"
    seen = tag(red, f"/applications/{first}")
    assert told(red.send("DELETE", f"/applications/{first}", version=seen))["state"] == "WITHDRAWN"
    path, reason = f"/applications/{second}", {"reason": "the seal is missing"}
    assert told(zhou.send("POST", f"{path}/refuse", reason))["code"] == "PRECONDITION_MISSING"
    assert told(zhou.send("POST", f"{path}/refuse", reason, version=tag(zhou, path)))["state"] == "REFUSED"
    assert told(red.get(path))["reason"] == reason["reason"]
    assert told(zhou.send("POST", f"{path}/check", version=tag(zhou, path)))["code"] == "APPLICATION_DECIDED"


def asked(town: Town, red: Program) -> Any:
    """An application to appoint somebody, with a document."""
    account = registry.account_of(RED_RIVER, AccountType.HOLDING)
    papers = [told(red.send("POST", "/documents", PAPER))["document"]]
    wanted = {"person": town.actor("red").person, "rights": ["READ"], "documents": papers}
    return told(red.send("POST", f"/accounts/{account}/representatives", wanted))


def test_what_names_nobody_or_nothing_is_refused(town: Town, red: Program) -> None:
    account = registry.account_of(RED_RIVER, AccountType.HOLDING)
    path, person = f"/accounts/{account}/representatives", town.actor("red").person
    papers = [told(red.send("POST", "/documents", PAPER))["document"]]
    wanted = {"person": person, "rights": ["READ"], "documents": papers}
    stranger = town.actor("north").person
    assert told(red.send("POST", path, {**wanted, "person": stranger}))["code"] == "NOT_OF_THE_HOLDER"
    assert told(red.send("POST", path, {**wanted, "documents": ["D-0"]}))["code"] == "NO_SUCH_DOCUMENT"
    assert told(red.send("POST", f"{path}/{person}/end", {"documents": papers}))["code"] == "NOT_APPOINTED"
    north = programs.program_of(town, "north")
    assert told(north.send("POST", path, wanted))["code"] == "ACCOUNT_UNKNOWN"
    assert told(red.send("POST", "/documents", {**PAPER, "content": "§"}))["code"] == "INVALID"
    script = {**PAPER, "content": base64.b64encode(b"MZ\0\0").decode()}
    assert red.send("POST", "/documents", script).status_code == 422
