"""Every door × everybody × whose it is answers as the matrix says, and what is foreign like what does not exist."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests import campaigns
from tests.unit.compliance import stage as stages
from tests.unit.web.matrix import MATRIX, PUBLIC, SIGNS, Endpoint
from tests.unit.web.town import NORTH_POWER, NOW, PASSWORD, PEOPLE, RED_RIVER, YEAR, Town

from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, OrganisationKind, Role
from tonnebook.members import services as members
from tonnebook.registry import queries as registry

ELSEWHERE = stages.uscc(30)
# The values of all other parts of an address.
PLACES = {
    "year": YEAR, "month": 1, "code": "x", "batch": "FIRST", "form": "csv", "kind": "allocation", "place": 1,
    "level": "0", "document": "D-0", "leaf_hash": "0" * 64, "digest": "0" * 64, "path": "no.such",
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


ADDRESSES = {name: one for name, one in patterns(get_resolver()) if not name.startswith("api:")}


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert ADDRESSES.keys() == MATRIX.keys()


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
    everybody = [*people, Asker("jin", "O", ELSEWHERE, is_here=False), Asker("", PUBLIC, "")]
    return {one: town.browser(one.name) for one in everybody}


@pytest.fixture
def subjects(town: Town) -> dict[str, dict[str, str]]:
    """By kind of subject: whose (credit code, empty for nobody) by name."""
    town.stage.first_batch()
    report = town.reported()
    red, north = (registry.account_of(uscc, AccountType.HOLDING) for uscc in (RED_RIVER, NORTH_POWER))
    return {
        "entity": {RED_RIVER: RED_RIVER, NORTH_POWER: NORTH_POWER, ELSEWHERE: ELSEWHERE, stages.uscc(99): ""},
        "account": {red: RED_RIVER, north: NORTH_POWER, "SH-HOLDING-999999-00": ""},
        "report": {report: RED_RIVER, "ER-0": ""},
        "facility": {"RR-1": RED_RIVER, "RR-9": ""},
        "allocation": {
            f"{RED_RIVER}:{YEAR}": RED_RIVER, f"{NORTH_POWER}:{YEAR}": NORTH_POWER, f"{stages.uscc(99)}:{YEAR}": "",
        },
        "none": {"nothing": ""},
        "": {"": ""},
    }  # fmt: skip


def address_of(name: str, subject: str) -> str:
    pattern = ADDRESSES[name].pattern
    if name == "health":
        return "/health"
    names = pattern.regex.groupindex if hasattr(pattern, "regex") else {}
    values = {one: PLACES.get(one, subject) for one in names}
    if name == "web:explain":
        values["key"] = subject
    return reverse(name, kwargs=values)


def may_know(endpoint: Endpoint, asker: Asker, owner: str) -> bool:
    """Whether somebody may know what an address names."""
    if not endpoint.subject:
        return True
    is_of_the_region = asker.is_here is (owner != ELSEWHERE)
    is_keeper = is_of_the_region and bool(set(endpoint.keepers) & set(asker.signs))
    return bool(owner) and (is_keeper or (endpoint.is_for_owners and owner == asker.organisation))


def expected(endpoint: Endpoint, asker: Asker, method: str, owner: str) -> set[int]:
    """The statuses an address may answer with."""
    if method not in endpoint.methods.split():
        return {405}
    if not set(endpoint.opens) & set(asker.signs):
        return {302} if asker.signs == PUBLIC else {403}
    if endpoint.subject and not may_know(endpoint, asker, owner):
        # Which of them, the second test compares: what is foreign answers like what does not exist.
        return {403, 404, 422} if method == "POST" else {403, 404}
    return {200, 302, 303, 400, 403, 404, 409, 422} if method == "POST" or not endpoint.subject else {200, 422}


def methods_to_ask(endpoint: Endpoint, asker: Asker, place: int) -> list[str]:
    """The methods to try; the short form asks once where the answer cannot depend on the subject or the person."""
    if campaigns.LONG:
        return ["GET", "POST"]
    passes_the_door = bool(set(endpoint.opens) & set(asker.signs))
    offered = [method for method in ("GET", "POST") if method in endpoint.methods.split()]
    not_offered = [method for method in ("GET", "POST") if method not in offered]
    return (offered if passes_the_door or place == 0 else []) + (not_offered if asker.name == "zhou" else [])


def test_every_cell_answers_as_the_matrix_says(
    askers: dict[Asker, Client], subjects: dict[str, dict[str, str]]
) -> None:
    wrong, cells = [], 0
    for name, endpoint in MATRIX.items():
        for place, (subject, owner) in enumerate(subjects[endpoint.subject].items()):
            address = address_of(name, subject)
            for asker, browser in askers.items():
                for method in methods_to_ask(endpoint, asker, place):
                    status = ask(browser, method, address).status_code
                    cells += 1
                    if status not in expected(endpoint, asker, method, owner):
                        wrong.append((name, method, asker.name, subject, status))
    assert wrong == []
    assert cells >= (3_000 if campaigns.LONG else 1_500)


def test_what_is_foreign_answers_like_what_does_not_exist(
    askers: dict[Asker, Client], subjects: dict[str, dict[str, str]]
) -> None:
    for name, endpoint in MATRIX.items():
        named = subjects[endpoint.subject]
        nobodys = next((subject for subject, owner in named.items() if not owner), "")
        for subject, owner in named.items():
            if not owner or "GET" not in endpoint.methods:
                continue
            for asker, browser in askers.items():
                is_own = owner == asker.organisation
                if is_own or may_know(endpoint, asker, owner) or not set(endpoint.opens) & set(asker.signs):
                    continue
                foreign, unknown = (
                    VARYING.sub("", ask(browser, "GET", address_of(name, one)).content.decode()).replace(one, "…")
                    for one in (subject, nobodys)
                )
                assert foreign == unknown, (name, asker.name, subject)


class Answer(Protocol):
    """What a browser gets."""

    status_code: int
    content: bytes


def ask(browser: Client, method: str, address: str) -> Answer:
    # Whatever an address does, signing out among it, is undone in the database and in the browser.
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        answer = browser.generic(method, address)
        transaction.set_rollback(True)
    browser.cookies = cookies
    return answer
