"""Signing in through an outside identity provider: only linked people, only with an answer to this very sign-in."""

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
import pytest
import requests
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.members.cast import approved
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, REGION, Town

from tonnebook.core import identity_provider
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.identity_provider import IdentityRefusal
from tonnebook.core.roles import AccessRefusal, MemberRefusal
from tonnebook.members import queries as members
from tonnebook.members.services import identities

SUBJECT = "portal-4711"

# The provider of the tests warns of what its own libraries will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    """A provider on this machine; it knows the people below and their organisations."""
    users = [
        oidc_provider_mock.User(sub=SUBJECT, claims={"uscc": RED_RIVER}),
        oidc_provider_mock.User(sub="portal-other", claims={"uscc": NORTH_POWER}),
        oidc_provider_mock.User(sub="portal-typo", claims={"uscc": RED_RIVER[:-1] + "0"}),
        oidc_provider_mock.User(sub="portal-plain"),
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=users, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def browser(town: Town, portal: str, settings: Settings) -> Client:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = portal, "tonnebook", "a secret"
    return town.browser()


def link(town: Town, portal: str, subject: str = SUBJECT, person: str = "red") -> None:
    """Link a subject of the portal to somebody of the town."""
    number = town.actor(person).person
    told = {"region": REGION, "person": number, "provider": portal, "known_as": subject}
    approval = approved(town.actor("keeper"), town.actor("zhou"), "members.link_identity", told, now=NOW)
    identities.link_identity(town.actor("keeper"), **told, approval=approval, key=f"link-{subject}", now=NOW)


def came_back(browser: Client, subject: str = SUBJECT, *, start: str = "/sign-in/portal") -> dict[str, str]:
    """Sign in at the portal as the browser would; give what it sends back to us."""
    asked = browser.get(start)["Location"]
    answered = requests.post(asked, data={"sub": subject}, allow_redirects=False, timeout=10)
    return {name: values[0] for name, values in parse_qs(urlsplit(answered.headers["Location"]).query).items()}


def refusal(answer: HttpResponseBase) -> str:
    return "".join(re.findall(r"<code>([A-Z_]+)</code>", html.unescape(getattr(answer, "content", b"").decode())))


def test_a_linked_person_is_signed_in_and_goes_where_they_wanted(town: Town, browser: Client, portal: str) -> None:
    link(town, portal)
    answer = came_back(browser, start="/sign-in/portal?next=/company/reports")
    done = browser.get("/sign-in/portal/callback", answer)
    assert done["Location"] == "/company/reports"
    assert browser.get("/company/reports").status_code == 200


def test_what_is_asked_carries_state_nonce_and_a_challenge(browser: Client) -> None:
    asked = parse_qs(urlsplit(browser.get("/sign-in/portal")["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_somebody_unknown_is_refused_and_not_registered(town: Town, browser: Client) -> None:
    answer = browser.get("/sign-in/portal/callback", came_back(browser))
    assert (answer.status_code, refusal(answer)) == (403, "IDENTITY_UNKNOWN")
    assert SUBJECT in answer.content.decode()
    assert browser.get("/company/reports").status_code == 302


@pytest.mark.parametrize("subject", ["portal-other", "portal-typo"])
def test_the_organisation_must_be_the_persons_own_with_a_right_check_sign(
    town: Town, browser: Client, portal: str, subject: str
) -> None:
    link(town, portal, subject)
    answer = browser.get("/sign-in/portal/callback", came_back(browser, subject))
    assert (answer.status_code, refusal(answer)) == (403, "IDENTITY_ELSEWHERE")


def test_a_provider_that_says_nothing_of_the_organisation_is_enough(town: Town, browser: Client, portal: str) -> None:
    link(town, portal, "portal-plain")
    assert browser.get("/sign-in/portal/callback", came_back(browser, "portal-plain")).status_code == 302


def test_an_answer_counts_once_and_only_in_the_session_that_asked(town: Town, browser: Client, portal: str) -> None:
    link(town, portal)
    answer = came_back(browser)
    assert refusal(town.browser().get("/sign-in/portal/callback", answer)) == "IDENTITY_UNPROVEN"
    other_state = {**answer, "state": "x" * 43}
    assert refusal(browser.get("/sign-in/portal/callback", other_state)) == "IDENTITY_UNPROVEN"
    # The attempt is used up by the wrong answer too.
    assert refusal(browser.get("/sign-in/portal/callback", answer)) == "IDENTITY_UNPROVEN"


@pytest.mark.parametrize("kept", ["nonce"])
def test_a_token_of_another_sign_in_is_refused(town: Town, browser: Client, portal: str, kept: str) -> None:
    link(town, portal)
    answer = came_back(browser)
    session = browser.session
    session["portal_attempt"] = {**session["portal_attempt"], kept: "of another sign-in"}
    session.save()
    assert refusal(browser.get("/sign-in/portal/callback", answer)) == "IDENTITY_UNPROVEN"


def test_a_token_for_another_client_is_refused(town: Town, browser: Client, portal: str, settings: Settings) -> None:
    link(town, portal)
    answer = came_back(browser)
    settings.OIDC_CLIENT_ID = "somebody-else"
    assert refusal(browser.get("/sign-in/portal/callback", answer)) == "IDENTITY_UNPROVEN"


def test_without_a_provider_there_is_no_such_door(town: Town) -> None:
    assert town.browser().get("/sign-in/portal").status_code == 404
    assert "/sign-in/portal" not in town.browser().get("/sign-in").content.decode()


def test_nobody_is_asked_over_plain_http_elsewhere(browser: Client, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://portal.example.org"
    assert refusal(browser.get("/sign-in/portal")) == "IDENTITY_UNPROVEN"


def test_two_people_link_and_a_subject_means_one_person(town: Town, portal: str) -> None:
    link(town, portal)
    number = town.actor("red").person
    ask = {"region": REGION, "provider": portal, "known_as": SUBJECT}
    for person, code in (
        ("P-000999-00", MemberRefusal.NO_SUCH_PERSON),
        (number, IdentityRefusal.IDENTITY_LINKED),
    ):
        with pytest.raises(Refused) as refused:
            identities.check_link(REGION, person=person, provider=portal, known_as=SUBJECT)
        assert refused.value.code is code
    seen = {**ask, "person": number, "known_as": "red's own"}
    approval = approved(town.actor("keeper"), town.actor("zhou"), "members.link_identity", seen, now=NOW)
    told = {**seen, "known_as": "the registrar's own"}
    for who, number, expected in (
        ("red", approval, AccessRefusal.NOT_PERMITTED),
        ("keeper", "AP-0", ApprovalRefusal.NO_SUCH_APPROVAL),
        ("keeper", approval, ApprovalRefusal.DIGEST_DIFFERS),
    ):
        with pytest.raises(Refused) as refused:
            identities.link_identity(town.actor(who), **told, approval=number, key=f"again-{expected}", now=NOW)
        assert refused.value.code is expected


def test_the_portal_alone_lets_nobody_in_who_has_a_second_factor(
    town: Town, browser: Client, portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(town, portal)
    monkeypatch.setattr(members, "has_factor", lambda _person: True)
    answer = came_back(browser, start="/sign-in/portal?next=/company/reports")
    done = browser.get("/sign-in/portal/callback", answer)
    assert done["Location"] == "/sign-in/second-step?next=%2Fcompany%2Freports"
    assert browser.get("/company/reports").status_code == 302


@pytest.mark.parametrize("claims", [{"sub": "x", "nonce": ""}, {"sub": "", "nonce": "n"}, {"nonce": "n"}])
def test_a_token_without_subject_or_nonce_vouches_for_nobody(claims: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        identity_provider.vouched(claims, nonce=claims["nonce"], uscc_claim="uscc")
    assert refused.value.code is IdentityRefusal.IDENTITY_UNPROVEN
