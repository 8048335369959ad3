"""A small demo town for the tests of pages: the stage of compliance with people who can sign in."""

import pytest
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns


@pytest.fixture
def town(db: None, settings: Settings) -> towns.Town:
    # A slow hash protects nobody here and costs half a second per test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()
