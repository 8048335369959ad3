"""Every door × everybody × whose it is answers as the matrix says, and what is foreign like what does not exist."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests import campaigns
from tests.unit.compliance import stage as stages
from tests.unit.web import program as programs
from tests.unit.web.matrix import ALL, EVERYBODY, MATRIX, PUBLIC, SIGNS, Endpoint
from tests.unit.web.program import Answer
from tests.unit.web.town import NORTH_POWER, NOW, PASSWORD, PEOPLE, RED_RIVER, REGION, YEAR, Town

from tonnebook.core.api_keys import SCOPES_OF_SECRETS, Scope
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, OrganisationKind, Role
from tonnebook.journal import services as journal
from tonnebook.market.models import Instrument, Order
from tonnebook.members import services as members
from tonnebook.registry import queries as registry
from tonnebook.registry.models import Account, PendingTransfer
from tonnebook.web.api import api

ELSEWHERE = stages.uscc(30)
API = "api:"
FIRST_PAGE = "/public/check-it-yourself"
# The values of all other parts of an address.
PLACES = {
    "year": YEAR, "month": 1, "code": "x", "batch": "FIRST", "form": "csv", "kind": "allocation",
    "subject": "allocation", "place": 1, "level": "0", "document": "D-0", "leaf_hash": "0" * 64,
    "digest": "0" * 64, "path": "no.such",
}  # fmt: skip
# What differs between two answers of the same page: tokens, keys of forms, the moment, and the name that was asked for.
VARYING = re.compile(r'value="[\w-]{36,}"|datetime="[^"]+"|[?&](amp;)?next=[^"]*')


@dataclass(frozen=True)
class Asker:
    """Somebody, with the signs of their roles and whether it is their region."""

    name: str
    signs: str
    organisation: str
    is_here: bool = True


def patterns(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield f"{space}{one.name or one.pattern}", one


# The description of the API, which everybody may read, is no operation.
ADDRESSES = {name: one for name, one in patterns(get_resolver()) if name not in ("api:api-root", "api:openapi-json")}


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert ADDRESSES.keys() == MATRIX.keys()


def test_every_operation_is_listed_with_its_method_and_the_scope_of_its_door() -> None:
    """An operation without a row fails above; one whose door was changed fails here."""
    doors = {}
    for path in api.get_openapi_schema()["paths"].values():
        for method, operation in path.items():
            name = operation["operationId"].rpartition("_api_")[2]
            doors[API + name] = (method.upper(), "security" in operation)
    listed = {name: (row.methods, row.scope is not None) for name, row in MATRIX.items() if name.startswith(API)}
    assert listed == doors


@pytest.fixture
def askers(town: Town) -> dict[Asker, Client]:
    """Everybody of the town, somebody of no organisation, and an officer of another region, each with a browser."""
    bureau = members.OrganisationDraft(
        ELSEWHERE, "天津局", "Tianjin Bureau", OrganisationKind.AUTHORITY, "tianjin", "Elsewhere"
    )
    members.register_organisations(SYSTEM, drafts=[bureau], key=town.stage.key(), now=NOW)
    officer = members.PersonDraft("jin", "津官", "Jin", ELSEWHERE, (Role.OFFICER,), PASSWORD)
    members.register_people(SYSTEM, drafts=[officer], key=town.stage.key(), now=NOW)
    people = [Asker(name, "".join(SIGNS[role] for role in roles), uscc) for name, (uscc, _, _, roles) in PEOPLE.items()]
    alike = {} if campaigns.LONG else {"chen", "north"}  # who stands before every door as Zhou and Red do
    everybody = [one for one in people if one.name not in alike]
    everybody += [Asker("jin", "O", ELSEWHERE, is_here=False), Asker("", PUBLIC, "")]
    browsers = {one: town.browser(one.name) for one in everybody}
    for browser in browsers.values():
        browser.get(FIRST_PAGE)  # what a session keeps of its first page is looked up once, not in every cell
        browser.defaults["HTTP_ACCEPT"] = "application/json"  # refusals without the frame around them
    return browsers


@pytest.fixture
def subjects(town: Town) -> dict[str, dict[str, str]]:
    """By kind of subject: whose (credit code, empty for nobody) by name."""
    town.stage.first_batch()
    report = town.reported()
    cover = {"region": REGION, "year": YEAR}
    asked = members.propose(town.actor("zhou"), kind="compliance.cover", payload=cover, key=town.stage.key(), now=NOW)
    red, north = (registry.account_of(uscc, AccountType.HOLDING) for uscc in (RED_RIVER, NORTH_POWER))
    for uscc, account in ((RED_RIVER, red), (NORTH_POWER, north)):
        _ask_and_order(uscc, account)
    return {
        "entity": {RED_RIVER: RED_RIVER, NORTH_POWER: NORTH_POWER, ELSEWHERE: ELSEWHERE, stages.uscc(99): ""},
        "account": {red: RED_RIVER, north: NORTH_POWER, "SH-HOLDING-999999-00": ""},
        "report": {report: RED_RIVER, "ER-0": ""},
        "facility": {"RR-1": RED_RIVER, "RR-9": ""},
        "allocation": {
            f"{RED_RIVER}:{YEAR}": RED_RIVER, f"{NORTH_POWER}:{YEAR}": NORTH_POWER, f"{stages.uscc(99)}:{YEAR}": "",
        },
        "order": {f"O-{RED_RIVER}": RED_RIVER, f"O-{NORTH_POWER}": NORTH_POWER, "O-0": ""},
        "pending": {f"W-{RED_RIVER}": RED_RIVER, f"W-{NORTH_POWER}": NORTH_POWER, "W-0": ""},
        "approval": {str(asked["approval"]): stages.BUREAU, "AP-0": ""},
        "none": {"nothing": ""},
        "": {"": ""},
    }  # fmt: skip


# Rows alone: the doors are asked here, not what lies behind them.
def _ask_and_order(uscc: str, account: str) -> None:
    day, empty = date(YEAR, 6, 1), dict.fromkeys(("debit", "credit", "asset", "bank_account"), "")
    Order.objects.create(
        number=f"O-{uscc}", instrument=Instrument.objects.get(code="SHEA"), seq=int(uscc[13:17]), side="SELL",
        organisation=uscc, person="P-0", unit_account=account, cash_account=account, price_fen_per_t=1, quantity_t=1,
        hold=uscc, trading_on=day, at=NOW,
    )  # fmt: skip
    PendingTransfer.objects.create(
        number=f"W-{uscc}", region=REGION, type="TRANSFER", account=Account.objects.get(number=account), quantity=1,
        payload=empty, digest="0" * 64, hold=uscc, counts_on=day, asked_by="P-0", asked_at=NOW,
        ready_at=NOW + timedelta(days=4),
    )  # fmt: skip


def address_of(name: str, subject: str) -> str:
    pattern = ADDRESSES[name].pattern
    if name == "health":
        return "/health"
    names = pattern.regex.groupindex if hasattr(pattern, "regex") else {}
    values = {one: PLACES.get(one, subject) for one in names}
    if name in ("web:explain", "api:explanation"):
        values["key"] = subject
    return reverse(name, kwargs=values)


def may_know(endpoint: Endpoint, asker: Asker, owner: str) -> bool:
    """Whether somebody may know what an address names."""
    if not endpoint.subject:
        return True
    is_of_the_region = asker.is_here is (owner != ELSEWHERE)
    is_keeper = is_of_the_region and bool(set(endpoint.keepers) & set(asker.signs))
    return bool(owner) and (is_keeper or (endpoint.is_for_owners and owner == asker.organisation))


def expected(name: str, endpoint: Endpoint, asker: Asker, method: str, owner: str) -> set[int]:
    """The statuses an address may answer with."""
    if method not in endpoint.methods.split():
        return {405}
    is_change = method != "GET"
    if not set(endpoint.opens) & set(asker.signs):
        if name.startswith(API):
            # An operation may find that there is nothing of the name before it asks for the role.
            return {401} if asker.signs == PUBLIC else {403, 404, 428} if is_change else {403}
        return {302} if asker.signs == PUBLIC else {403}
    if endpoint.subject and not may_know(endpoint, asker, owner):
        # Which of them, the comparison of answers tells: what is foreign answers like what does not exist.
        return {403, 404, 422} if is_change else {403, 404}
    return {200, 302, 303, 400, 403, 404, 409, 422, 428} if is_change or not endpoint.subject else {200, 422}


def methods_to_ask(name: str, endpoint: Endpoint, asker: Asker, place: int) -> list[str]:
    """The methods to try; the short form asks once where the answer cannot depend on the subject or the person."""
    offered = endpoint.methods.split()
    not_offered = [] if name.startswith(API) else [method for method in ("GET", "POST") if method not in offered]
    if campaigns.LONG:
        return offered + not_offered
    if (
        endpoint.opens in (ALL, EVERYBODY)
        and endpoint.subject in ("", "none")
        and asker.name not in ("", "zhou", "red")
    ):
        return []
    passes_the_door = bool(set(endpoint.opens) & set(asker.signs))
    asked = offered if passes_the_door else offered[:1] if place == 0 else []
    return asked + (not_offered if asker.name == "zhou" else [])


@dataclass(frozen=True)
class Cell:
    """One question at one door."""

    name: str
    method: str
    asker: Asker
    subject: str


def test_every_cell_answers_as_the_matrix_says_and_what_is_foreign_like_what_does_not_exist(
    askers: dict[Asker, Client], subjects: dict[str, dict[str, str]]
) -> None:
    wrong, leaks, cells = [], [], 0
    for name, endpoint in MATRIX.items():
        named = subjects[endpoint.subject]
        nobodys = next((subject for subject, owner in named.items() if not owner), "")
        answers: dict[Cell, str] = {}
        for place, (subject, owner) in enumerate(named.items()):
            for asker, browser in askers.items():
                for method in methods_to_ask(name, endpoint, asker, place):
                    answer, cell = ask(browser, method, name, subject), Cell(name, method, asker, subject)
                    answers[cell] = VARYING.sub("", answer.content.decode(errors="replace")).replace(
                        subject or "…", "…"
                    )
                    if answer.status_code not in expected(name, endpoint, asker, method, owner):
                        wrong.append((cell, answer.status_code))
        cells += len(answers)
        leaks += [one for one in answers if _is_leak(one, endpoint, named, nobodys, answers)]
    assert wrong == []
    assert leaks == []
    assert cells >= (3_500 if campaigns.LONG else 1_200)


# What is foreign must be answered word for word as what there is not.
def _is_leak(cell: Cell, endpoint: Endpoint, named: dict[str, str], nobodys: str, answers: dict[Cell, str]) -> bool:
    owner, asker = named[cell.subject], cell.asker
    is_compared = cell.method == "GET" or cell.name.startswith(API)
    if not owner or not is_compared or owner == asker.organisation or may_know(endpoint, asker, owner):
        return False
    unknown = answers.get(Cell(cell.name, cell.method, asker, nobodys))
    return unknown is not None and answers[cell] != unknown


def test_a_key_opens_the_operations_of_its_scope_and_no_others(town: Town, subjects: dict[str, dict[str, str]]) -> None:
    journal.set_clock(at=NOW)
    people = {scope: "zhou" if scope.name.endswith("APPROVALS") else "red" for scope in Scope}
    alone = {scope: programs.program_of(town, people[scope], scope) for scope in Scope}
    others = {scope: programs.program_of(town, people[scope], *({*Scope} - {scope})) for scope in Scope}
    secrets = {scope: programs.secret_of(town, people[scope], scope) for scope in SCOPES_OF_SECRETS}
    for name, endpoint in MATRIX.items():
        if endpoint.scope is None:
            continue
        address, query, body = request_of(name, next(iter(subjects[endpoint.subject])))
        path, scope = address.removeprefix(programs.API), endpoint.scope
        told = [
            one.get(path, query) if endpoint.methods == "GET" else one.ask(endpoint.methods, path, body.encode())
            for one in (alone[scope], others[scope])
        ]
        assert [b"SCOPE_MISSING" in one.content for one in told] == [False, True], name
        for held, secret in secrets.items():
            headers = {"Authorization": f"Bearer {secret}"}
            told_to_reader = Client(headers=headers).generic(
                endpoint.methods, f"{address}?{query}", body, "application/json", headers={"Idempotency-Key": "k"}
            )
            assert (b"SCOPE_MISSING" in told_to_reader.content) is (held is not scope), (name, held)


def request_of(name: str, subject: str) -> tuple[str, str, str]:
    """Address, query and body of a question."""
    endpoint = MATRIX[name]
    sent = endpoint.sent.replace("{subject}", subject)
    return address_of(name, subject), *((sent, "") if endpoint.methods in ("GET", "DELETE") else ("", sent))


def ask(browser: Client, method: str, name: str, subject: str) -> Answer:
    # Whatever an address does, signing out among it, is undone in the database and in the browser.
    cookies = copy.deepcopy(browser.cookies)
    address, query, body = request_of(name, subject)
    with transaction.atomic():
        answer: Answer = browser.generic(
            method, f"{address}?{query}" if query else address, body,
            "application/json" if body else "application/octet-stream", headers={"Idempotency-Key": "matrix"},
        )  # fmt: skip
        transaction.set_rollback(True)
    browser.cookies = cookies
    return answer
