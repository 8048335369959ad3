"""Two officers, a representative and an officer of another region."""

import pytest
from tests.unit.members import cast as casting

from tonnebook.core.roles import Actor


@pytest.fixture
def cast(db: None) -> dict[str, Actor]:
    return casting.register()
