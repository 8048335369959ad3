"""An officer enrols a passkey and signs an approval with it, in a real browser with a virtual authenticator."""

import pytest
from playwright.sync_api import Page, expect
from tests.unit.web.town import NOW, PASSWORD, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.members import queries
from tonnebook.members import services as members

pytestmark = pytest.mark.browser


@pytest.fixture
def named_page(page: Page, served: str) -> Page:
    """The page at the name of this machine, for browsers know passkeys by names only, with an authenticator in it."""
    page.goto(served.replace("127.0.0.1", "localhost"))
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_a_passkey_is_enrolled_and_signs_an_approval(named_page: Page, served: str, town: Town) -> None:
    page, home = named_page, served.replace("127.0.0.1", "localhost")
    draft = compliance.draft_list(REGION, YEAR, NOW.date())
    proposed = members.propose(
        town.actor("zhou"),
        kind="compliance.cover",
        payload={"region": REGION, "year": YEAR, "digest": draft.digest},
        key="proposal-0001",
        now=NOW,
    )
    page.get_by_role("button", name="Chen Jing").click()
    page.goto(f"{home}/security/passkey")
    page.get_by_label("Your name for it").fill("key on the ring")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_text("key on the ring")).to_be_visible()
    page.goto(f"{home}/approvals")
    page.get_by_role("button", name="Approve and do it").click()
    expect(page.get_by_role("heading", name="Sign with your second factor")).to_be_visible()
    expect(page.get_by_text(str(proposed["digest"]))).to_be_visible()
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("Approved by two people and done")).to_be_visible()
    row = queries.approval(str(proposed["approval"]))
    assert (row.state, row.approver) == ("EXECUTED", town.actor("chen").person)
