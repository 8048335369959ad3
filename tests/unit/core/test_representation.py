"""Who may use an account for its holder."""

import pytest

from tonnebook.core import representation
from tonnebook.core.errors import Refused
from tonnebook.core.representation import Right

# Rows: what somebody was appointed with; signs: what it lets them do (Initiate, Approve, Read, Surrender).
TABLE = {
    Right.INITIATE: "IRS",
    Right.APPROVE: "AR",
    Right.READ: "R",
    Right.SURRENDER_ONLY: "RS",
}
SIGNS = {"I": Right.INITIATE, "A": Right.APPROVE, "R": Right.READ, "S": Right.SURRENDER_ONLY}


@pytest.mark.parametrize("own", Right)
@pytest.mark.parametrize("wanted", Right)
def test_a_right_lets_do_exactly_what_the_table_says(own: Right, wanted: Right) -> None:
    appointed = {"P-1": frozenset({own})}
    allowed = {SIGNS[sign] for sign in TABLE[own]}
    assert representation.has_right(appointed, "P-1", wanted) is (wanted in allowed)


@pytest.mark.parametrize("wanted", Right)
def test_the_first_appointment_closes_the_account_to_all_others(wanted: Right) -> None:
    representation.check_right({}, "P-1", wanted, account="A")
    with pytest.raises(Refused, match="RIGHT_MISSING"):
        representation.check_right({"P-2": frozenset(Right)}, "P-1", wanted, account="A")
