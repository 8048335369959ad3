"""The demo is played on databases marked as demo only."""

import pytest
from django.db import connection

from tonnebook.core.errors import Fault
from tonnebook.demo import year as demo
from tonnebook.demo.world import World
from tonnebook.members import queries as members

pytestmark = pytest.mark.django_db


def test_nobody_of_the_demo_enters_a_database_that_is_no_demo() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_clock")
    with pytest.raises(Fault, match="P3"):
        demo.play(World("tianjin", 2026, 1))
    assert members.organisations("tianjin") == ()
