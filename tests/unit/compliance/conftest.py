"""The stage of compliance's tests."""

import pytest
from tests.unit.compliance import stage as stages


@pytest.fixture
def stage(db: None) -> stages.Stage:
    return stages.open_stage()
