"""Carrying over on pages and by program: the holder sees why and asks, the authority decides a round and lists it."""

import csv
import io
from datetime import datetime

import pytest
from django.test import Client
from tests.unit.compliance import test_carry_over as nations
from tests.unit.compliance.stage import BUREAU, NORTH_POWER, RED_RIVER
from tests.unit.compliance.test_carry_over import FEBRUARY, PROCESSED, REGION, YEAR, Nation
from tests.unit.web.test_leaving import hand_over
from tests.unit.web.town import PASSWORD, Town
from tests.unit.web.town import YEAR as TOWN_YEAR

from tonnebook.compliance import queries as compliance
from tonnebook.core.roles import SYSTEM, Role
from tonnebook.journal import services as journal
from tonnebook.members import queries as member_queries
from tonnebook.members import services as members

PEOPLE = {
    "gu": (BUREAU, (Role.OFFICER,)),
    "mei": (BUREAU, (Role.OFFICER,)),
    "red": (RED_RIVER, (Role.REPRESENTATIVE,)),
    "north": (NORTH_POWER, (Role.REPRESENTATIVE,)),
}
OWN, LIST = f"/company/carry-over?year={YEAR}", f"/carried?year={YEAR}"


@pytest.fixture
def nation(db: None) -> Nation:
    nation = nations.open_nation()
    drafts = [
        members.PersonDraft(username, username, username.title(), uscc, roles, PASSWORD)
        for username, (uscc, roles) in PEOPLE.items()
    ]
    members.register_people(SYSTEM, drafts=drafts, key=nation.key(), now=nations.BEFORE)
    nations.play(nation)
    journal.set_clock(at=FEBRUARY)
    return nation


def browser(username: str, *, at: datetime | None = None) -> Client:
    if at:
        journal.set_clock(at=at)
    client = Client(headers={"accept-language": "en"})
    assert client.post("/sign-in", {"username": username, "password": PASSWORD}).status_code == 302
    return client


def test_a_holder_sees_what_and_why_asks_and_the_authority_decides_the_round(nation: Nation) -> None:
    holder, officer = browser("red"), browser("gu")
    page = holder.get(OWN).content.decode()
    assert all(text in page for text in ("40,000", "20,000", "net sales"))
    assert holder.get(f"/explain/carry_over/{RED_RIVER}:{YEAR}").context["subject"].is_same
    too_much = holder.post(OWN, {"quantity_t": "40001"})
    assert too_much.status_code == 409
    assert "ABOVE_LIMIT" in too_much.content.decode()
    assert holder.post(OWN, {"quantity_t": "40000"}).status_code == 302
    assert holder.get(OWN).context["form"] is None
    assert officer.post(f"/carried/propose?year={YEAR}", {"round_on": "2026-06-26"}).headers["Location"] == LIST
    assert officer.get(LIST).context["found"].unasked_t == 24_000
    assert officer.post(f"/carried/propose?year={YEAR}", {"round_on": "2026-03-27"}).status_code == 302
    (waiting,) = member_queries.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert browser("mei").post(f"/approvals/{waiting.number}", form).status_code == 302
    assert compliance.carried_year(REGION, YEAR, now=PROCESSED).totals["converted_t"] == 40_000
    assert "GRANTED" in {row.state.value for row in browser("gu").get(LIST).context["found"].requests}


def test_a_request_is_withdrawn_on_the_page_by_its_holder_alone(nation: Nation) -> None:
    number = str(nation.ask(RED_RIVER, 40_000)["request"])
    address = f"/company/carry-over/{number}/withdraw?year={YEAR}"
    assert browser("north").post(address).status_code == 404
    assert browser("red").post(address).status_code == 302
    assert browser("red").get(OWN).context["form"] is not None


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_both_lists_are_taken_away_as_files(nation: Nation, form: str) -> None:
    nation.ask(RED_RIVER, 40_000)
    nation.decide()
    officer = browser("gu", at=PROCESSED)
    for name in ("carried", "requests"):
        answer = officer.get(f"{LIST}&list={name}&format={form}")
        assert answer.status_code == 200
        assert f'"{REGION}-{YEAR}-{name}.{form}"' in answer.headers["Content-Disposition"]
        if form == "csv":
            (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
            assert row["entity"] == RED_RIVER
            assert row["converted_t" if name == "carried" else "granted_t"] == "40000"


def test_the_year_leads_to_the_requests_where_they_are_asked_for(nation: Nation) -> None:
    page = browser("gu").get(f"/year?year={YEAR}").content.decode()
    assert "To the requests" in page
    assert "Propose to carry over" not in page


def test_who_leaves_stands_in_the_list_of_its_year_with_rule_and_day(town: Town) -> None:
    hand_over(town)
    (row,) = compliance.carried_year("shanghai", TOWN_YEAR, now=nations.PROCESSED).rows
    assert (row.entity, row.kind, row.handed_t) == (NORTH_POWER, "HAND_OVER", 0)
    page = town.browser("zhou").get(f"/carried?year={TOWN_YEAR}").content.decode()
    assert f"/explain/transition/{NORTH_POWER}:{TOWN_YEAR}" in page


def test_the_api_takes_requests_and_tells_the_list(nation: Nation) -> None:
    red = browser("red")
    may = red.get(f"/api/v1/carry-over?year={YEAR}").json()
    assert (may["limit_t"], may["sold_t"], may["apply_by"]) == (40_000, 20_000, "2026-06-10")
    assert red.get("/api/v1/carry-over?year=2025").json() is None
    asked = sent(red, "", {"year": YEAR, "quantity_t": 5})
    assert asked["round_on"] == "2026-03-27"
    sent(red, f"/{asked['request']}/withdraw", {})
    (row,) = red.get(f"/api/v1/carry-over/requests?year={YEAR}").json()
    assert (row["state"], row["granted_t"]) == ("WITHDRAWN", None)
    nation.ask(RED_RIVER, 10)
    nation.decide()
    listed = browser("gu", at=PROCESSED).get(f"/api/v1/carried?year={YEAR}").json()
    assert [(one["converted_t"], one["article"]) for one in listed["rows"]] == [(10, "annex 5")]


def sent(client: Client, path: str, body: dict[str, int]) -> dict[str, str]:
    headers = {"Idempotency-Key": f"carry-over-{path or 'asks'}"}
    answer = client.post(f"/api/v1/carry-over/requests{path}", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    told: dict[str, str] = answer.json()
    return told
