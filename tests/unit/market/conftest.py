"""A stage with the cast for the tests of the market."""

import pytest
from tests.market_stage import Stage


@pytest.fixture
def stage(db: None) -> Stage:
    """A market at ten o'clock on a Monday, with accounts and without units or money."""
    found = Stage()
    found.open()
    return found
