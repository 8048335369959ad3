"""The desk of the registry's tests."""

import pytest
from tests.unit.registry import desk as desks


@pytest.fixture
def desk(db: None) -> desks.Desk:
    return desks.open_desk()
