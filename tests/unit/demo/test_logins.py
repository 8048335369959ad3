"""The names that sign in to the demo are printed for the demo only."""

import pytest
from django.db import connection

from tonnebook.demo import logins

pytestmark = pytest.mark.django_db


def test_every_name_of_the_cast_is_printed_with_its_role_in_both_languages() -> None:
    printed = "\n".join(logins.lines())
    for words in (
        "zhou ",
        "zhou-tianjin, …",
        "redriver ",
        "northpower ",
        "主管部门人员 Officer",
    ):
        assert words in printed


def test_a_real_database_has_no_demo_names() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_clock")
    (line,) = logins.lines()
    assert "no demo logins" in line
