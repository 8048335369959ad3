"""The API: the same answers as the pages, one shape for every error, and no input that makes it fail."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from ninja import Schema
from tests.unit.web import program as programs
from tests.unit.web import test_papers as papers
from tests.unit.web.program import API, Program, told
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.core.api_keys import Scope
from tonnebook.core.book import Side
from tonnebook.core.ledger import AccountType, HoldReason
from tonnebook.faces.api import BODY_BYTES_MAX
from tonnebook.journal import services as journal
from tonnebook.market import queries as market
from tonnebook.members import queries as member_queries
from tonnebook.members import services as members
from tonnebook.registry import queries as registry
from tonnebook.registry import services as registry_services
from tonnebook.web.api import api

OPENAPI = Path(__file__).parents[3] / "docs" / "openapi.json"
NOON = NOW.replace(hour=3)
PROBLEM = {"code", "message", "facts", "article", "transient", "report"}


@pytest.fixture
def red(town: Town) -> Program:
    town.stage.first_batch()
    journal.set_clock(at=NOON)
    return programs.program_of(town, "red")


def test_an_account_and_its_holdings_read_as_the_books_say(red: Program) -> None:
    number = registry.account_of(RED_RIVER, AccountType.HOLDING)
    rows = told(red.get("/accounts"))
    assert number in [row["number"] for row in rows["rows"]]
    assert {row["organisation"] for row in rows["rows"]} == {RED_RIVER}
    (held,) = registry.holdings(number)
    (shown,) = told(red.get(f"/accounts/{number}/holdings"))
    assert (shown["asset"]["code"], shown["total"], shown["free"]) == (held.asset.code, held.total, held.free)


def test_a_statement_shows_the_period_in_pages(red: Program) -> None:
    number = registry.account_of(RED_RIVER, AccountType.HOLDING)
    query = "from_at=2025-01-01T00:00:00Z&to_at=2099-01-01T00:00:00Z&size=1"
    shown = told(red.get(f"/accounts/{number}/statement", query))
    assert (shown["page"], len(shown["rows"])) == (1, 1)
    assert shown["rows"][0]["type"] == "ALLOCATE"
    assert told(red.get(f"/accounts/{number}/statement", f"{query}&page=2"))["rows"] == []
    assert told(red.get(f"/accounts/{number}/statement", query.replace("2025", "2098")))["count"] == 0


def test_balances_read_as_they_were_at_any_time(red: Program) -> None:
    number = registry.account_of(RED_RIVER, AccountType.HOLDING)
    (held,) = registry.holdings(number)
    path = f"/accounts/{number}/balances"
    assert [row["total"] for row in told(red.get(path, "at=2099-01-01T00:00:00Z"))] == [held.total]
    assert told(red.get(path, "at=2020-01-01T00:00:00Z")) == []
    for wrong in ("at=2020-01-01T00:00:00", "at=0001-01-01T00:00:00Z", "at=9999-12-31T23:59:59-23:59"):
        assert red.get(path, wrong).status_code == 422


def test_what_is_set_aside_and_how_it_was_acquired_are_read_in_order(town: Town, red: Program) -> None:
    number = registry.account_of(RED_RIVER, AccountType.HOLDING)
    (held,) = registry.holdings(number)
    drafts = [registry_services.HoldDraft(number, held.asset.code, 10, HoldReason.COURT, name) for name in ("1", "2")]
    with transaction.atomic():
        registry_services.place_holds(drafts, now=NOON)
    shown = told(red.get(f"/accounts/{number}/holds"))
    assert [(row["reason"], row["remaining"], row["rank"], row["subject"]) for row in shown] == [
        ("COURT", 10, 1, "1"),
        ("COURT", 10, 2, "2"),
    ]
    (lot,) = told(red.get(f"/accounts/{number}/lots"))
    assert (lot["title"], lot["quantity_t"], lot["price_fen_per_t"]) == ("ALLOCATED_FREE", held.total, None)
    assert programs.program_of(town, "north").get(f"/accounts/{number}/holds").status_code == 404


def test_nobody_reads_what_is_not_theirs(town: Town, red: Program) -> None:
    account = registry.account_of(RED_RIVER, AccountType.HOLDING)
    order = told(red.send("POST", "/orders", order_of(10)))["order"]
    north = programs.program_of(town, "north")
    for path in (f"/accounts/{account}", f"/accounts/{account}/holdings", f"/orders/{order}"):
        assert (north.get(path).status_code, red.get(path).status_code) == (404, 200)
    assert north.send("DELETE", f"/orders/{order}").status_code == 404
    assert north.get("/approvals").status_code == 403
    keeper = programs.program_of(town, "keeper")
    assert keeper.get(f"/accounts/{account}").status_code == 200


def order_of(quantity_t: int) -> dict[str, object]:
    quote = market.quote("SHEA", now=NOW)
    price = quote.previous_close_fen_per_t
    shown = market.total_fen("SHEA", side=Side.SELL, price_fen_per_t=price, quantity_t=quantity_t, on=NOW.date())
    return {
        "instrument": "SHEA",
        "side": "SELL",
        "price_fen_per_t": price,
        "quantity_t": quantity_t,
        "shown_total_fen": int(shown.value),
        "asset": "SHEA-2026",
    }


def test_an_order_is_placed_once_for_its_key_and_cancelled_by_who_has_seen_it(red: Program) -> None:
    body = order_of(10)
    first, second = (red.send("POST", "/orders", body, key="one") for _ in range(2))
    assert told(first) == told(second)
    assert red.send("POST", "/orders", order_of(11), key="one").status_code == 422
    assert told(red.get("/orders"))["count"] == 1
    path = f"/orders/{told(first)['order']}"
    missing = red.send("DELETE", path)
    assert (missing.status_code, told(missing)["code"]) == (428, "PRECONDITION_MISSING")
    seen = red.get(path)["ETag"]
    stale = red.send("DELETE", path, version='"0123"')
    assert (stale.status_code, told(stale)["code"]) == (412, "PRECONDITION_STALE")
    assert told(red.send("DELETE", path, version=seen, key="two"))["cancelled_t"] == 10
    again = red.send("DELETE", path, version=seen)
    assert again.status_code == 412
    assert red.get(path)["ETag"] != seen


def test_an_approval_is_given_by_the_second_person_and_by_who_has_seen_it(town: Town) -> None:
    zhou, chen = (programs.program_of(town, name) for name in ("zhou", "chen"))
    proposal = members.propose(
        town.actor("zhou"), kind="compliance.cover", payload={"region": REGION, "year": 2026}, key="p", now=NOW
    )
    number, digest = proposal["approval"], proposal["digest"]
    (row,) = told(chen.get("/approvals"))["rows"]
    assert row["digest"] == digest
    path = f"/approvals/{number}"
    seen = chen.get(path)["ETag"]
    assert chen.send("POST", f"{path}/approve", {"digest": digest}).status_code == 428
    assert zhou.send("POST", f"{path}/approve", {"digest": digest}, version=seen).status_code == 403
    assert told(chen.send("POST", f"{path}/approve", {"digest": digest}, version=seen))["state"] == "APPROVED"
    assert chen.send("POST", f"{path}/reject", {"reason": "late"}, version=seen).status_code == 412


def test_units_are_cancelled_voluntarily_for_good(red: Program) -> None:
    number = registry.account_of(RED_RIVER, AccountType.HOLDING)
    seen = red.get(f"/accounts/{number}")["ETag"]
    body = {"asset": "SHEA-2026", "quantity_t": 7, "beneficiary": "Lin", "purpose": "a quiet birthday"}
    (before,) = registry.holdings(number)
    assert red.send("POST", f"/accounts/{number}/retire", body).status_code == 428
    answer = told(red.send("POST", f"/accounts/{number}/retire", body, version=seen))
    assert len(answer["leaf"]) == 64
    assert registry.holdings(number)[0].total == before.total - 7


def test_a_freeze_is_set_by_one_program_and_lifted_as_two_people_approved_it(town: Town) -> None:
    zhou, chen = (programs.program_of(town, name) for name in ("zhou", "chen"))
    account = registry.account_of(RED_RIVER, AccountType.HOLDING)
    body = {"scope": "ACCOUNT", "subject": account, "reason": "a doubt"}
    number = told(zhou.send("POST", "/freezes", body, key="stop"))["freeze"]
    assert told(zhou.send("POST", "/freezes", body, key="stop"))["freeze"] == number
    again = zhou.send("POST", "/freezes", body)
    assert (again.status_code, told(again)["code"]) == (409, "FREEZE_SET_ALREADY")
    (row,) = told(chen.get("/freezes"))["rows"]
    assert (row["number"], row["subject"], row["lifted_at"]) == (number, account, None)
    path = f"/freezes/{number}"
    seen = zhou.get(path)["ETag"]
    assert zhou.send("POST", f"{path}/lift/propose").status_code == 428
    proposed = told(zhou.send("POST", f"{path}/lift/propose", version=seen))
    lifting = {"approval": proposed["approval"]}
    early = zhou.send("POST", f"{path}/lift", lifting, version=seen)
    assert (early.status_code, told(early)["code"]) == (409, "NOT_APPROVED")
    approve(chen, proposed)
    assert told(zhou.send("POST", f"{path}/lift", lifting, version=seen))["freeze"] == number
    assert told(zhou.get(path))["code"] == "FREEZE_UNKNOWN"
    assert told(zhou.get("/freezes"))["rows"][0]["lifted_at"]


def approve(program: Program, proposed: dict[str, str]) -> None:
    path = f"/approvals/{proposed['approval']}"
    body, seen = {"digest": proposed["digest"]}, program.get(path)["ETag"]
    assert told(program.send("POST", f"{path}/approve", body, version=seen))["state"] == "APPROVED"


def test_an_account_is_restricted_by_one_program_and_reopened_as_two_people_approved_it(town: Town) -> None:
    zhou, chen, red = (programs.program_of(town, name) for name in ("zhou", "chen", "red"))
    path = f"/accounts/{registry.account_of(RED_RIVER, AccountType.HOLDING)}"
    body = {"state": "SOME_RESTRICTED", "barred": ["PLACE_ORDER", "RETIRE"], "reason": "inquiry 7"}
    assert zhou.send("POST", f"{path}/restrict", body).status_code == 428
    assert red.send("POST", f"{path}/restrict", body, version=red.get(path)["ETag"]).status_code == 403
    assert told(zhou.send("POST", f"{path}/restrict", body, version=zhou.get(path)["ETag"]))["state"] == body["state"]
    shown = told(red.get(path))
    assert (shown["state"], shown["barred"]) == ("SOME_RESTRICTED", ["RETIRE", "PLACE_ORDER"])
    (change,) = told(red.get(f"{path}/states"))
    assert (change["reason"], len(change["leaf"])) == ("inquiry 7", 64)
    seen, opened = zhou.get(path)["ETag"], {"state": "OPEN", "reason": "over"}
    alone = zhou.send("POST", f"{path}/restrict", opened, version=seen)
    assert (alone.status_code, told(alone)["code"]) == (403, "SECOND_PERSON_NEEDED")
    proposed = told(zhou.send("POST", f"{path}/reopen/propose", opened, version=seen))
    approve(chen, proposed)
    done = zhou.send("POST", f"{path}/reopen", {**opened, "approval": proposed["approval"]}, version=seen)
    assert told(done)["state"] == "OPEN"


def test_only_a_key_for_freezes_of_somebody_who_may_freeze_stops_anything(town: Town) -> None:
    body = {"scope": "REGION", "subject": REGION, "reason": "a doubt"}
    reading = programs.program_of(town, "zhou", Scope.READ_ACCOUNTS)
    for program, code in ((reading, "SCOPE_MISSING"), (programs.program_of(town, "red"), "NOT_PERMITTED")):
        refused = program.send("POST", "/freezes", body)
        assert (refused.status_code, told(refused)["code"]) == (403, code)
    assert programs.program_of(town, "red").get("/freezes").status_code == 403
    assert told(reading.get("/freezes"))["rows"] == []


def test_a_transfer_to_another_holder_waits_and_is_taken_back_by_who_has_seen_it(town: Town, red: Program) -> None:
    account, other = (registry.account_of(one, AccountType.HOLDING) for one in (RED_RIVER, NORTH_POWER))
    (held,) = registry.holdings(account)
    body = {"debit": account, "credit": other, "asset": held.asset.code, "quantity_t": 5}
    answer = red.send("POST", "/transfers", body)
    if answer.status_code == 409:
        # Where the rules of the region bar transfers between holders, the API bars them in the same words.
        assert told(answer)["article"]
        return
    path = f"/transfers/{told(answer)['pending']}"
    assert told(red.get(path))["state"] == "WAITING"
    assert programs.program_of(town, "north").get(path).status_code == 404
    assert red.send("DELETE", path).status_code == 428
    assert told(red.send("DELETE", path, version=red.get(path)["ETag"]))["state"] == "CANCELLED"


def test_the_public_reads_tables_the_log_and_the_market_without_a_key(town: Town, red: Program) -> None:
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    client = Client(headers={"accept-language": "en"})
    checkpoint = told(client.get(f"{API}/log/checkpoint"))
    assert checkpoint["size"] > 0
    size = checkpoint["size"]
    assert told(client.get(f"{API}/log/consistency?old_size={size}&new_size={size}"))["new_root"] == checkpoint["root"]
    codes = [row["code"] for row in told(client.get(f"{API}/public/{YEAR}"))]
    assert "coverage" in codes
    assert told(client.get(f"{API}/public/{YEAR}/coverage"))["count"] > 0
    assert "SHEA" in [row["code"] for row in told(client.get(f"{API}/instruments"))]
    for path in ("/instruments/SHEA", "/instruments/SHEA/depth", "/instruments/SHEA/trades"):
        assert client.get(API + path).status_code == 200
    (line, *_) = registry.statement(registry.account_of(RED_RIVER, AccountType.HOLDING), from_at=_OLD, to_at=_NEW)
    assert told(client.get(f"{API}/log/receipts/{line.leaf}"))["leaf"]


_OLD, _NEW = NOW.replace(year=2020), NOW.replace(year=2099)


def test_a_session_of_the_pages_reads_but_changes_with_its_token_only(town: Town) -> None:
    browser = town.browser("red")
    assert told(browser.get(f"{API}/me"))["organisation"] == RED_RIVER
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    body = json.dumps(order_of(1))
    answer = strict.post(f"{API}/orders", body, "application/json", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, told(answer)["code"]) == (403, "FORM_EXPIRED")
    token = strict.cookies["csrftoken"].value
    answer = strict.post(
        f"{API}/orders", body, "application/json", headers={"Idempotency-Key": "k", "X-CSRFToken": token}
    )
    assert told(answer)["code"] != "FORM_EXPIRED"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/me", 401, "SIGN_IN"),
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("PUT", "/me", 405, "METHOD"),
        ("GET", "/public/2026/nothing", 404, "NOT_FOUND"),
        ("GET", "/public/1/coverage", 422, "INVALID"),
        ("GET", "/public/2099/coverage", 404, "NOT_FOUND"),
        ("GET", "/public/2026/coverage?region=atlantis", 404, "NOT_FOUND"),
        ("GET", "/public/2026/coverage?page=0", 422, "INVALID"),
        ("GET", "/log/receipts/xyz", 422, "INVALID"),
        ("GET", f"/log/receipts/{'0' * 64}", 404, "NO_SUCH_LEAF"),
        ("GET", "/log/consistency?old_size=5&new_size=99999999", 404, "NO_SUCH_SIZES"),
        ("GET", "/instruments/%00", 422, "INVALID"),
        ("GET", "/instruments/%ED%A0%80", 404, "NO_SUCH_INSTRUMENT"),
        ("GET", "/instruments?region=%00", 422, "INVALID"),
    ],
)
def test_every_error_has_the_one_shape(town: Town, method: str, path: str, status: int, code: str) -> None:
    answer = Client(headers={"accept-language": "en"}).generic(method, API + path)
    body = told(answer)
    assert (answer.status_code, body["code"]) == (status, code)
    assert set(body) == PROBLEM
    assert answer["Content-Type"] == "application/problem+json"
    assert body["message"]


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b"\xff\xfe",
    "no object": b"[]",
    "text": b'"x"',
    "NaN": b'{"quantity_t": NaN}',
    "NUL": b'{"instrument": "\\u0000"}',
    "half a sign": b'{"instrument": "\\ud800"}',
    "half a key": b'{"\\ud800": 1}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "huge number": b'{"quantity_t": ' + b"9" * 100_000 + b"}",
    "large number": b'{"quantity_t": ' + b"9" * 4000 + b"}",
    "huge exponent": b'{"quantity_t": 1e999999}',
    "long text": b'{"instrument": "' + b"x" * 500_000 + b'"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/orders", "/approvals/AP-1/approve", "/accounts/X/retire"])
def test_no_body_makes_it_fail(town: Town, path: str, body: bytes) -> None:
    client = town.browser("red")
    answer = client.post(API + path, body, "application/json", headers={"Idempotency-Key": "k", "If-Match": "x"})
    assert answer.status_code in (400, 404, 422)
    assert set(told(answer)) == PROBLEM


def test_a_body_that_is_too_large_is_not_even_read(town: Town) -> None:
    answer = Client().post(f"{API}/orders", b"x" * (BODY_BYTES_MAX + 1), "application/json")
    assert (answer.status_code, told(answer)["code"]) == (413, "TOO_LARGE")


def test_busy_books_say_when_to_come_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*args: object, **kwargs: object) -> None:
        raise programs_busy

    from tonnebook.core.errors import Busy

    programs_busy = Busy("locked")
    monkeypatch.setattr(market, "instruments", busy)
    answer = Client().get(f"{API}/instruments")
    assert (answer.status_code, told(answer)["code"]) == (503, "BUSY")
    assert int(answer["Retry-After"]) > 0


def test_a_fault_tells_its_number_and_nothing_of_the_inside(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("password of the database")

    monkeypatch.setattr(market, "instruments", fail)
    client = Client(raise_request_exception=False)
    answer = client.get(f"{API}/instruments")
    assert (answer.status_code, told(answer)["code"]) == (500, "FAULT")
    assert b"password" not in answer.content
    assert len(told(answer)["report"]) == 12


def test_a_paper_is_read_by_whom_it_concerns_with_its_files_and_sent_once(town: Town) -> None:
    papers.issue(town)
    journal.set_clock(at=NOON)
    red = programs.program_of(town, "red", Scope.READ_PAPERS)
    (line,) = told(red.get("/papers"))["rows"]
    number = str(line["number"])
    path = f"/papers/{number}"
    answer = red.get(path)
    paper = told(answer)
    assert (paper["addressee"], paper["served_at"], paper["content"]["draft"]["subject"]) == (
        RED_RIVER,
        None,
        line["subject"],
    )
    browser = town.browser("red")
    for form, start in (("pdf", b"%PDF-"), ("docx", b"PK"), ("ofd", b"PK")):
        file = browser.get(paper[form])
        assert file.content.startswith(start)
        assert file["ETag"] == f'"{paper[f"{form}_sha256"]}"'
        again = browser.get(paper[form], headers={"If-None-Match": f'W/{file["ETag"]}, "else"'})
        assert (again.status_code, again.content) == (304, b"")
    known = {"If-None-Match": answer["ETag"]}
    assert browser.get(API + path, headers=known).status_code == 304
    (notice,) = member_queries.notices_of(RED_RIVER)
    browser.post(f"/notices/{notice.number}/receipt")
    assert browser.get(API + path, headers=known).status_code == 200
    assert told(programs.program_of(town, "north", Scope.READ_PAPERS).get("/papers"))["rows"] == []
    strangers = [town.browser("north").get(f"{API}/papers/{one}") for one in (number, "none")]
    assert [one.json()["code"] for one in strangers] == ["NO_SUCH_PAPER", "NO_SUCH_PAPER"]
    assert browser.get(f"{API}{path}/files/txt").status_code == 404
    assert [one["number"] for one in town.browser("zhou").get(f"{API}/papers").json()["rows"]] == [number]


def test_no_two_shapes_of_the_description_share_a_name() -> None:
    def below(schema: type[Schema]) -> Iterator[type[Schema]]:
        for one in schema.__subclasses__():
            yield one
            yield from below(one)

    ours = sorted(
        {f"{one.__module__}.{one.__name__}" for one in below(Schema) if one.__module__.startswith("tonnebook")}
    )
    names = Counter(one.rpartition(".")[2] for one in ours)
    assert [name for name, count in names.items() if count > 1] == []


def test_the_description_is_what_was_published() -> None:
    schema = json.loads(json.dumps(api.get_openapi_schema()))
    assert schema["openapi"].startswith("3.1")
    if os.environ.get("TONNEBOOK_WRITE_OPENAPI"):
        OPENAPI.write_text(json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert schema == json.loads(OPENAPI.read_text(encoding="utf-8"))
