"""Who may act for whom on the market, and what may follow what."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import clients
from tonnebook.core.clients import ClientRefusal, ClientState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind

ON = date(2026, 3, 2)
INVESTOR, ENTITY = OrganisationKind.INVESTOR, OrganisationKind.ENTITY


@pytest.mark.parametrize(
    ("region", "kind", "client", "is_taken", "code"),
    [
        ("tianjin", ENTITY, "M", True, ClientRefusal.NO_COMPREHENSIVE_MEMBERS),
        ("shanghai", ENTITY, "M", True, ClientRefusal.NOT_A_COMPREHENSIVE_MEMBER),
        ("shanghai", INVESTOR, "M", True, ClientRefusal.OWN_CLIENT),
        ("shanghai", INVESTOR, "C", True, ClientRefusal.CLIENT_TAKEN),
    ],
)
def test_asking_is_refused_in_a_fixed_order(
    region: str, kind: OrganisationKind, client: str, is_taken: bool, code: ClientRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        clients.check_asking(rulebook.at(region, on=ON), kind, member="M", client=client, is_taken=is_taken)
    assert caught.value.code is code


def test_an_institution_may_ask_whom_nobody_has() -> None:
    clients.check_asking(rulebook.at("shanghai", on=ON), INVESTOR, member="M", client="C", is_taken=False)


@pytest.mark.parametrize("state", ClientState)
@pytest.mark.parametrize("wanted", ClientState)
def test_a_step_follows_only_where_the_table_says_so(state: ClientState, wanted: ClientState) -> None:
    if (state, wanted) in {("ASKED", "AGREED"), ("ASKED", "ENDED"), ("AGREED", "ENDED")}:
        clients.check_turn(state, wanted, member="M")
        return
    with pytest.raises(Refused) as caught:
        clients.check_turn(state, wanted, member="M")
    assert caught.value.code is ClientRefusal.NOT_ASKED_BY
