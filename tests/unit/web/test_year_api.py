"""The compliance year by programs: consultations, facts, grounds, headroom, risks, the reserve, surrender."""

import base64
from typing import Any

import pytest
from tests.unit.compliance.stage import SPRING
from tests.unit.compliance.test_proofs import BLOCK as PROOF
from tests.unit.web import program as programs
from tests.unit.web.program import API, Program, told
from tests.unit.web.test_stability import TODAY, approve, begun, closed, fund, proposed
from tests.unit.web.town import INDUSTRY, NORTH_POWER, NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.core.allocation import fact_tables
from tonnebook.core.allocation.declarations import FactKind
from tonnebook.core.market_stability.reserve_moves import ReserveMoveKind
from tonnebook.journal import services as journal

FACT = {
    "year": YEAR,
    "kind": "POWER",
    "name": "GEC-1",
    "values": {"supply": "MARKET", "quantity_mwh": "120.5"},
    "evidence": "contract 7",
}
MARK = {"entity": RED_RIVER, "ground": "BANKRUPTCY", "document": "法院公告〔2026〕1号"}


@pytest.fixture
def zhou(town: Town) -> Program:
    return programs.program_of(town, "zhou")


def approved(town: Town, zhou: Program, path: str, body: object) -> str:
    """Propose as one officer and approve as another; the number of the approval."""
    proposal = told(zhou.send("POST", path, body))
    at, chen = f"/approvals/{proposal['approval']}", programs.program_of(town, "chen")
    version = chen.get(at)["ETag"]
    assert (
        told(chen.send("POST", f"{at}/approve", {"digest": proposal["digest"]}, version=version))["state"] == "APPROVED"
    )
    return str(proposal["approval"])


def test_a_department_is_asked_answers_and_is_answered(town: Town, zhou: Program) -> None:
    body = {"year": YEAR, "subject": "COVERAGE", "departments": [INDUSTRY], "words": "Complete?"}
    number = told(zhou.send("POST", "/consultations", body))["consultation"]
    maker = programs.program_of(town, "maker")
    (row,) = told(maker.get("/consultations"))["rows"]
    assert (row["number"], row["opinions"][0]["state"]) == (number, "AWAITED")
    (own,) = told(maker.get(f"/consultations/{number}"))["opinions"]
    assert {line["entity"] for line in own["sent"]} >= {RED_RIVER, NORTH_POWER}
    at = f"/consultations/{number}"
    assert told(maker.send("POST", f"{at}/opinion", {"kind": "OPPOSES"}))["code"] == "OPINION_WITHOUT_WORDS"
    assert told(maker.send("POST", f"{at}/opinion", {"kind": "AGREES"}))["consultation"] == number
    answer = {"is_accepted": True, "reason": "Thank you."}
    assert told(zhou.send("POST", f"{at}/opinions/{INDUSTRY}/answer", answer))["department"] == INDUSTRY
    assert told(zhou.get(at))["opinions"][0]["reason"] == "Thank you."
    assert told(zhou.get("/consultations/CO-0"))["code"] == "NO_SUCH_CONSULTATION"
    assert told(programs.program_of(town, "red").get("/consultations"))["code"] == "NOT_PERMITTED"


def test_facts_are_declared_one_by_one_and_decided(town: Town, zhou: Program) -> None:
    red = programs.program_of(town, "red")
    (number,) = told(red.send("POST", "/declared-facts", {"facts": [FACT]}))["declarations"]
    assert told(red.send("POST", "/declared-facts", {"facts": [FACT]}))["code"] == "ALREADY_DECLARED"
    (waiting,) = told(zhou.get("/declared-facts/waiting"))["rows"]
    assert (waiting["number"], waiting["entity"], waiting["values"]) == (number, RED_RIVER, FACT["values"])
    body = {"declarations": [number], "is_accepted": False}
    assert told(zhou.send("POST", "/declared-facts/decide", body))["code"] == "REASON_MISSING"
    assert told(zhou.send("POST", "/declared-facts/decide", {**body, "is_accepted": True})) == {"decided": 1}
    (own,) = told(red.get("/declared-facts"))["rows"]
    assert own["state"] == "ACCEPTED"
    assert told(programs.program_of(town, "north").get("/declared-facts"))["rows"] == []


def test_a_table_declares_what_is_new_and_a_wrong_cell_nothing(town: Town) -> None:
    red = programs.program_of(town, "red")

    def hand_in(*quantities_mwh: str) -> Any:
        rows = [
            fact_tables.row_of(YEAR, FactKind.POWER, f"GEC-{at}", {"supply": "MARKET", "quantity_mwh": one}, "contract")
            for at, one in enumerate(quantities_mwh)
        ]
        lines = [fact_tables.COLUMNS, *([str(row.get(name, "")) for name in fact_tables.COLUMNS] for row in rows)]
        content = base64.b64encode("\n".join(",".join(line) for line in lines).encode()).decode()
        body = {"name": "facts.csv", "content": content}
        return told(red.send("POST", "/declared-facts/tables", body))

    flaw = hand_in("1", "much")
    place = fact_tables.COLUMNS.index("quantity_mwh")
    assert (flaw["code"], list(flaw["facts"])) == ("INVALID", [f"{chr(65 + place)}3"])
    assert compliance.declarations_of(RED_RIVER) == ()
    assert len(hand_in("1")["declarations"]) == 1
    assert len(hand_in("1", "2")["declarations"]) == 1
    assert [one.name for one in compliance.declarations_of(RED_RIVER)] == ["GEC-1", "GEC-0"]


def test_a_ground_is_noted_listed_and_withdrawn_with_its_reason(town: Town, zhou: Program) -> None:
    body = {"year": YEAR, "grounds": {RED_RIVER: {"metering": "file 7"}}}
    assert told(programs.program_of(town, "red").send("POST", "/grounds", body))["code"] == "NOT_PERMITTED"
    assert told(zhou.send("POST", "/grounds", {**body, "grounds": {"E-0": {}}}))["code"] == "NO_SUCH_ORGANISATION"
    assert told(zhou.send("POST", "/grounds", body)) == {"grounds": 1}
    at = f"/grounds/{RED_RIVER}/{YEAR}/metering/withdraw"
    assert told(zhou.send("POST", at, {"reason": " "}))["code"] == "WITHDRAWN_WITHOUT_REASON"
    assert told(zhou.send("POST", at, {"reason": "a doubt"}))["ground"] == "metering"
    (row,) = told(zhou.get("/grounds", f"year={YEAR}"))["rows"]
    assert (row["entity"], row["evidence"], row["reason"]) == (RED_RIVER, "file 7", "a doubt")
    assert row["withdrawn_at"] is not None
    assert told(programs.program_of(town, "red").get("/grounds", f"year={YEAR}"))["code"] == "NOT_PERMITTED"


def test_two_officers_draw_on_the_headroom(town: Town, zhou: Program) -> None:
    assert told(zhou.get("/headroom", f"year={YEAR}")) is None
    town.stage.first_batch()
    journal.set_clock(at=SPRING)
    pot_t = told(zhou.get("/headroom", f"year={YEAR}"))["pot_t"]
    body = {"year": YEAR, "entity": RED_RIVER, "quantity_t": 1_234, "ground": "Chips, line 2"}
    stranger = {**body, "entity": "E-0"}
    assert told(zhou.send("POST", "/headroom/draws/propose", stranger))["code"] == "NO_SUCH_ORGANISATION"
    approval = approved(town, zhou, "/headroom/draws/propose", body)
    drawn = told(zhou.send("POST", "/headroom/draws", {**body, "approval": approval}))
    assert drawn["left_t"] == pot_t - 1_234
    (row,) = told(zhou.get("/headroom/draws", f"year={YEAR}"))["rows"]
    assert (row["number"], row["entity"], row["left_t"]) == (drawn["draw"], RED_RIVER, drawn["left_t"])
    assert told(programs.program_of(town, "red").get("/headroom/draws", f"year={YEAR}"))["code"] == "NOT_PERMITTED"


def test_two_officers_mark_an_entity_and_end_its_risk(town: Town, zhou: Program) -> None:
    journal.set_clock(at=SPRING)
    approval = approved(town, zhou, "/entities-at-risk/propose", MARK)
    other = {**MARK, "ground": "CLOSURE", "approval": approval}
    assert told(zhou.send("POST", "/entities-at-risk", other))["code"] == "DIGEST_DIFFERS"
    mark = told(zhou.send("POST", "/entities-at-risk", {**MARK, "approval": approval}))["mark"]
    (row,) = told(zhou.get("/entities-at-risk"))["rows"]
    assert (row["mark"], row["entity"], row["ended_at"]) == (mark, RED_RIVER, None)
    at = f"/entities-at-risk/{RED_RIVER}/end"
    approval = approved(town, zhou, f"{at}/propose", None)
    assert told(zhou.send("POST", at, {"approval": approval}))["freed_t"] == 0
    assert not compliance.is_at_risk(RED_RIVER)


def test_two_officers_move_the_reserve_and_everybody_reads_it(town: Town, zhou: Program) -> None:
    town.stage.adopt()
    approval = town.stage.approved("compliance.set_aside", {"region": REGION, "year": YEAR}, now=NOW)
    compliance_services.set_aside(
        town.actor("zhou"), region=REGION, year=YEAR, approval=approval, key="set-aside", now=NOW
    )
    closed("0.3")
    body = {"on": TODAY.isoformat(), "kind": ReserveMoveKind.RELEASE.value, "year": YEAR, "quantity_t": 7}
    approval = approved(town, zhou, "/stability/reserve-moves/propose", body)
    moved = told(zhou.send("POST", "/stability/reserve-moves", {**body, "approval": approval}))
    (row,) = town.browser().get(f"{API}/stability/reserve-moves?region={REGION}").json()["rows"]
    assert (row["number"], row["quantity_t"], row["found_on"]) == (moved["reserve_move"], 7, TODAY.isoformat())
    assert row["limit_t"] >= 7


def test_a_company_reads_what_is_proposed_hands_it_in_and_takes_it_back(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine(red_t=60_000)
    compliance_services.import_cancellations(
        town.actor("zhou"), region=REGION, rows=[PROOF], key=town.stage.key(), now=NOW
    )
    red, own = programs.program_of(town, "red"), ("/surrenders", f"year={YEAR}")
    proposal = told(red.get("/surrenders/proposal", f"year={YEAR}"))
    assert (proposal["obligation_t"], proposal["due_t"], proposal["credit_limit_t"]) == (60_000, 60_000, 3_000)
    assert proposal["order"] == ["OWN_SURRENDER", "CREDIT", "ALLOWANCE_OLDEST_FIRST"]
    assert proposal["lines"] == [{"asset": "SHEA-2026", "quantity_t": 60_000}]
    assert proposal["proofs"] == [{"serials": PROOF.serials, "quantity_t": 1_000, "used_in": "", "refusal": ""}]
    lines = [{"asset": "SHEA-2026", "quantity_t": 59_000}]
    body = {"year": YEAR, "lines": lines, "proofs": [PROOF.serials], "shown_total_t": 59_999}
    assert told(red.send("POST", "/surrenders", body))["code"] == "TOTAL_DIFFERS"
    done = told(red.send("POST", "/surrenders", {**body, "shown_total_t": 60_000}))
    (row,) = told(red.get(*own))
    assert (row["number"], row["state"], row["credits_t"]) == (done["surrender"], "SUBMITTED", 1_000)
    assert row["lines"] == [*lines, {"asset": PROOF.serials, "quantity_t": 1_000}]
    north = programs.program_of(town, "north")
    assert told(north.get(*own)) == []
    path = f"/surrenders/{done['surrender']}/withdraw"
    assert told(north.send("POST", path, {}))["code"] == "SURRENDER_UNKNOWN"
    assert told(red.send("POST", path, {}))["state"] == "WITHDRAWN"
    assert told(red.get(*own))[0]["state"] == "WITHDRAWN"


def test_a_company_takes_part_in_a_sale_from_the_reserve_and_withdraws(town: Town) -> None:
    officer = town.browser("zhou")
    town.stage.adopt()
    assert officer.post("/stability/set-aside", {"year": YEAR}).status_code == 302
    approve(town)
    closed("0.3")
    assert proposed(officer) == 302
    approve(town)
    number = begun()
    fund(NORTH_POWER)
    north, at = programs.program_of(town, "north"), f"/stability/interventions/{number}"
    assert told(north.send("POST", f"{at}/subscribe", {"quantity_t": 201}))["code"] == "ABOVE_BUYER_LIMIT"
    offer = {"asset": f"SHEA-{YEAR}", "quantity_t": 1, "price_fen_per_t": 1}
    assert told(north.send("POST", f"{at}/offer", offer))["code"] == "OTHER_INTERVENTION"
    asked = told(north.send("POST", f"{at}/subscribe", {"quantity_t": 5}))["request"]
    (own,) = told(north.get(f"{at}/requests"))
    assert (own["number"], own["quantity_t"], own["state"]) == (asked, 5, "STANDING")
    assert told(programs.program_of(town, "red").get(f"{at}/requests")) == []
    withdrawal = f"/stability/requests/{asked}/withdraw"
    assert told(programs.program_of(town, "red").send("POST", withdrawal))["code"] == "NO_SUCH_REQUEST"
    assert told(north.send("POST", withdrawal))["request"] == asked
    assert told(north.get(f"{at}/requests"))[0]["state"] == "WITHDRAWN"
    assert told(programs.program_of(town, "zhou").send("POST", f"{at}/subscribe", {"quantity_t": 5}))["code"] == (
        "NOT_PERMITTED"
    )
