"""The way of an application from the question to the answer."""

import pytest

from tonnebook.core import applications
from tonnebook.core.applications import ApplicationState
from tonnebook.core.errors import Refused

ALLOWED = {
    ("ASKED", "CHECKED"),
    ("ASKED", "REFUSED"),
    ("ASKED", "WITHDRAWN"),
    ("CHECKED", "CHECKED"),
    ("CHECKED", "GRANTED"),
    ("CHECKED", "REFUSED"),
    ("CHECKED", "WITHDRAWN"),
}


@pytest.mark.parametrize("before", ApplicationState)
@pytest.mark.parametrize("after", ApplicationState)
def test_an_application_takes_the_steps_of_the_table_and_no_others(
    before: ApplicationState, after: ApplicationState
) -> None:
    if (before, after) in ALLOWED:
        applications.check_next("AA-1", before, after)
        return
    with pytest.raises(Refused, match="APPLICATION_DECIDED"):
        applications.check_next("AA-1", before, after)
