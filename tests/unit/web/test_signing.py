"""The page of signing: what is signed stands there in words, and the proof goes with the form."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from tests.market_stage import OPENING_KEY
from tests.signing import WALL, code, enrolled, make_real
from tests.unit.web.town import BUREAU, NOW, PASSWORD, RED_RIVER, YEAR, Town

from tonnebook import commands
from tonnebook.core.approvals import ACT_OF
from tonnebook.faces import labels
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.web import sessions, wording

LATER = WALL + timedelta(minutes=2)
AUCTION = {"kind": "EARLY", "year": "2099", "quantity_t": "5000", "opening_key": OPENING_KEY}
AUCTION |= {"opens_at": "2099-06-11T09:30", "closes_at": "2099-06-11T11:30"}
PERSON = {"organisation": BUREAU, "username": "wu", "name_zh": "吴", "name_en": "Wu", "roles": "OFFICER"}


@dataclass(frozen=True)
class Desk:
    """An officer with a telephone, signed in at two browsers before it was enrolled."""

    secret: str
    browser: Client
    other_browser: Client


@pytest.fixture
def desks(town: Town, monkeypatch: pytest.MonkeyPatch) -> dict[str, Desk]:
    """Both officers on a real database, two minutes after they enrolled their telephones."""
    found = {}
    for name in ("zhou", "chen"):
        browsers = town.browser(name), town.browser(name)
        found[name] = Desk(enrolled(town.actor(name), password=PASSWORD, now=NOW), *browsers)
    make_real()
    monkeypatch.setattr(sessions, "wall", lambda: LATER)
    return found


def proposal(town: Town) -> tuple[str, dict[str, str]]:
    """The address and the form of an approval of what Zhou proposed."""
    from tests.signing import signed

    from tonnebook.journal import services as journal

    now = journal.now()
    answer = members.propose(
        signed(town.actor("zhou"), now),
        kind="emissions.determine",
        payload={"region": "shanghai", "year": YEAR, "entities": [RED_RIVER]},
        key="proposal-001",
        now=now,
    )
    form = {"decision": "approve", "digest": str(answer["digest"]), "key": "approval-0001"}
    return f"/approvals/{answer['approval']}", form


def hidden_fields(page: str) -> dict[str, str]:
    """The fields the page of signing would send once more."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_approving_asks_for_the_factor_and_shows_every_argument_in_words(town: Town, desks: dict[str, Desk]) -> None:
    address, form = proposal(town)
    answer = desks["chen"].browser.post(address, form)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Determine verified emissions" in page
    assert f"{members_queries.organisation(RED_RIVER).name_en} · {RED_RIVER}" in page
    assert form["digest"] in page
    assert {name: value for name, value in hidden_fields(page).items() if name in form} == form
    assert members_queries.approval(address.rpartition("/")[2]).state == "OPEN"


def test_the_form_with_the_right_code_is_signed_and_with_a_wrong_one_asked_again(
    town: Town, desks: dict[str, Desk]
) -> None:
    address, form = proposal(town)
    browser = desks["chen"].browser
    wrong = browser.post(address, {**form, "second_factor": "000000"})
    assert wrong.status_code == 403
    assert "is wrong or was used before" in wrong.content.decode()
    assert members_queries.approval(address.rpartition("/")[2]).state == "OPEN"
    browser.post(address, {**form, "second_factor": code(desks["chen"].secret, at=LATER)})
    assert members_queries.approval(address.rpartition("/")[2]).approver == town.actor("chen").person


def test_a_proof_is_of_one_session_and_one_person(town: Town, desks: dict[str, Desk]) -> None:
    address, form = proposal(town)
    desks["chen"].browser.post("/security/prove", {"second_factor": code(desks["chen"].secret, at=LATER)})
    # Another session of the same person has proved nothing.
    assert desks["chen"].other_browser.post(address, form).status_code == 403
    # Nor does the code of one person serve another.
    stolen = {**form, "second_factor": code(desks["zhou"].secret, at=LATER)}
    assert desks["chen"].other_browser.post(address, stolen).status_code == 403


@pytest.mark.parametrize(
    ("name", "address", "form", "asked"),
    [
        ("zhou", "/market/auctions/announce", AUCTION, "Announce an auction"),
        ("zhou", "/members/people", PERSON, "Admit a person"),
    ],
)
def test_no_form_takes_the_want_of_a_signature_for_a_wrong_field(
    town: Town, desks: dict[str, Desk], name: str, address: str, form: dict[str, str], asked: str
) -> None:
    answer = desks[name].browser.post(address, form)
    page = answer.content.decode()
    assert (answer.status_code, asked in page) == (403, True)
    assert hidden_fields(page).items() >= form.items()


def test_a_digest_swapped_on_the_way_signs_nothing(town: Town, desks: dict[str, Desk]) -> None:
    address, form = proposal(town)
    swapped = {**form, "digest": "0" * 64, "second_factor": code(desks["chen"].secret, at=LATER)}
    answer = desks["chen"].browser.post(address, swapped)
    assert "DIGEST_DIFFERS" in answer.content.decode()
    assert members_queries.approval(address.rpartition("/")[2]).state == "OPEN"


def test_somebody_without_a_factor_is_led_to_set_one_up(town: Town) -> None:
    make_real()
    answer = town.browser("zhou").post(f"/coverage/{YEAR}/draft", {"key": "cover-000001"})
    assert answer.status_code == 403
    assert 'href="/security"' in answer.content.decode()
    assert "second_factor" not in hidden_fields(answer.content.decode())


def test_a_program_is_told_what_is_missing_in_the_one_shape(town: Town, desks: dict[str, Desk]) -> None:
    address, form = proposal(town)
    told = desks["chen"].browser.post(address, form, headers={"accept": "application/json"})
    assert told["Content-Type"] == "application/problem+json"
    assert told.json()["code"] == "SECOND_FACTOR_NEEDED"


def test_codes_are_set_up_on_the_page_and_removed_with_a_proof(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = town.browser("red")
    monkeypatch.setattr(sessions, "wall", lambda: WALL)
    secret = browser.get("/security/codes").context["secret"]
    form = {"code": code(secret, at=WALL), "password": "wrong"}
    assert browser.post("/security/codes", form).status_code == 422
    done = browser.post("/security/codes", {**form, "password": PASSWORD})
    assert done["Location"] == "/security"
    (row,) = members_queries.factors(town.actor("red").person)
    monkeypatch.setattr(sessions, "wall", lambda: LATER)
    assert browser.post(f"/security/factors/{row.place}/remove").status_code == 403
    codes = browser.post("/security/recovery-codes", {"second_factor": code(secret, at=LATER)}).context["codes"]
    assert len(codes) == 10
    assert browser.post(f"/security/factors/{row.place}/remove").status_code == 302
    assert members_queries.factors(town.actor("red").person) == ()


@pytest.mark.parametrize("page", ["/security", "/security/codes", "/security/passkey"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_signing_in_are_for_the_signed_in(town: Town, page: str, language: str) -> None:
    assert town.browser("lotus", language).get(page).status_code == 200
    assert Client().get(page)["Location"].startswith("/sign-in?next=")


def test_a_demo_says_that_nobody_signed(town: Town) -> None:
    assert "Demo: counts as signed" in town.browser("zhou").get("/approvals").content.decode()


def test_every_argument_of_every_approved_command_has_words() -> None:
    import inspect

    for kind in ACT_OF:
        wanted = inspect.signature(commands.service_of(kind)).parameters
        for name in wanted.keys() - {"actor", "approval", "key", "now"}:
            assert labels.label(name, "argument") != name, f"{kind}: {name}"
        assert labels.label(kind, "command") != kind


@pytest.mark.django_db
def test_values_are_written_exactly_and_nothing_is_left_out(town: Town) -> None:
    from django.utils import translation

    long = "x" * 500
    payload = {"quantity_t": 1_234_567, "floor_fen_per_t": 5, "entities": [BUREAU, RED_RIVER], "overlay": long}
    with translation.override("zh-hans"):
        told = {fact.name: fact for fact in wording.told(payload)}
    assert told["quantity_t"].text == "1,234,567 吨"
    assert told["floor_fen_per_t"].text == "0.05 元/吨"
    named = members_queries.organisations_named([BUREAU, RED_RIVER])
    assert told["entities"].lines == tuple(f"{named[code].name_zh} · {code}" for code in (BUREAU, RED_RIVER))
    assert told["overlay"].lines == (long,)
