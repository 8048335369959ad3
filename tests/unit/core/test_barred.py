"""Which kinds of organisation must not trade, cell by cell."""

import pytest

from tonnebook.core import barred, roles
from tonnebook.core.barred import BarRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind, Role

MAY_TRADE = {"ENTITY", "INVESTOR", "PROJECT_OWNER", "FINANCE_BUREAU", "SETTLEMENT_BANK", "INCLUSION_CENTRE"}


@pytest.mark.parametrize("kind", OrganisationKind)
def test_supervisors_registry_exchange_and_service_bodies_are_barred(kind: OrganisationKind) -> None:
    if kind.value in MAY_TRADE:
        barred.check_kind(kind)
        return
    with pytest.raises(Refused) as refused:
        barred.check_kind(kind)
    assert refused.value.code is BarRefusal.BARRED_KIND


def test_no_barred_kind_has_a_traders_role() -> None:
    assert all(Role.TRADER not in roles.ROLES_OF[kind] for kind in barred.BARRED_KINDS)
