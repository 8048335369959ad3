"""Pages of nobody are read with a role that has grants on public tables only, so that no slip shows a private row."""

import pytest
from django.db import transaction
from tests.unit.web.town import Town

from tonnebook.journal.postgresql import base
from tonnebook.members.models import Person
from tonnebook.registry import queries as registry


@pytest.fixture
def slip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public page reaches for people by mistake, a table that row-level security leaves open to whoever signs in."""
    totals = registry.totals

    def slipped(region: str) -> object:
        assert Person.objects.exists()
        return totals(region)

    monkeypatch.setattr(registry, "totals", slipped)


@pytest.mark.parametrize("path", ["/", "/public/tables"])
def test_a_public_page_that_reaches_for_a_private_table_fails(town: Town, slip: None, path: str) -> None:
    stranger = town.browser()
    stranger.raise_request_exception = False
    with transaction.atomic():
        assert stranger.get(path).status_code == 500
        transaction.set_rollback(True)
    # Whoever has signed in is served as before.
    assert town.browser("lotus").get("/public/tables").status_code == 200


def test_control_without_the_switch_of_roles_it_reaches_it(
    town: Town, slip: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "role_of", lambda _scope: "none")
    assert town.browser().get("/public/tables").status_code == 200


def test_a_stranger_of_a_demo_signs_in_and_switches_person(town: Town) -> None:
    stranger = town.browser()
    assert stranger.post("/sign-in", {"username": "red", "password": "wrong"}).status_code == 422
    stranger.post("/switch/role", {"person": "zhou"})
    assert stranger.get("/approvals").status_code == 200
