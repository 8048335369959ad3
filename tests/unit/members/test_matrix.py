"""Who proposes and who approves: every role tried at every command of the page of the matrix."""

from collections.abc import Callable

import pytest
from tests.unit.core.test_matrix import page_rows
from tests.unit.members.cast import AUTHORITY, NOW

from tonnebook.core.approvals import ACT_OF, ApprovalRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal, Actor, OrganisationKind, Role
from tonnebook.members import services as members

# Roles that begin and roles that approve each command that is approved here, as people read them.
TOLD = {cells[-1]: (cells[2].split(), cells[3].split()) for cells in page_rows() if cells[-1] in ACT_OF}
# A proposal is nobody's business whose role has none with proposals: the database does not show it.
CLOSED = {AccessRefusal.NOT_PERMITTED, ApprovalRefusal.NO_SUCH_APPROVAL}


def somebody(role: Role, number: int) -> Actor:
    return Actor(f"P-{role}-{number}", AUTHORITY, OrganisationKind.AUTHORITY, frozenset({role}), "shanghai")


def proposed(role: Role, number: int, kind: str) -> dict[str, str]:
    actor = somebody(role, number)
    asked = members.propose(actor, kind=kind, payload={}, key=f"propose-{actor.person}-{kind}", now=NOW)
    return {"approval": str(asked["approval"]), "digest": str(asked["digest"])}


def is_open(act: Callable[..., object], *args: object, **told: object) -> bool:
    try:
        act(*args, **told)
    except Refused as refused:
        if refused.code not in CLOSED:
            raise
        return False
    return True


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(TOLD))
def test_those_propose_and_approve_whom_the_page_names_and_nobody_else(kind: str) -> None:
    begin, approve = TOLD[kind]
    assert begin == [role.value for role in Role if is_open(proposed, role, 1, kind)]
    for count, role in enumerate(Role, start=2):
        asked = proposed(Role[begin[0]], count, kind)
        may = is_open(members.approve, somebody(role, 0), **asked, key=f"approve-{kind}", now=NOW)
        assert may == (role.value in approve), role
