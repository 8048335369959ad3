"""Who may do what, cell by cell against a table written down a second time."""

import pytest

from tonnebook.core import roles
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal, Act, Actor, OrganisationKind, Role

# O officer, R registrar, X exchange staff, V verifier, E representative, T trader, A auditor, D district officer,
# F finance officer, B bank clerk, I inclusion staff, C technical reviewer, L laboratory analyst, W report writer,
# S officer of a sector department.
_SIGNS = dict(zip("ORXVETADFBICLWS", Role, strict=True))
_TABLE = """
REGISTER O R
OPEN_ACCOUNT O R
IMPORT O R
KEEP_DOCUMENT O R E
PROPOSE O R X
APPROVE O R X
CONSULT O
GIVE_OPINION S
COVER O
REGISTER_FACILITY O R E
DECLARE_EVENT E
DECIDE_EVENT O
SUBMIT_PLAN E
APPROVE_PLAN O
ADOPT_PLAN O
COMPUTE_ALLOCATION O
ISSUE_BATCH O
OBJECT E
DECIDE_OBJECTION O
FILE_MONTH E
GIVE_MANDATE E
WRITE_REPORT W
SUBMIT_REPORT E
SUBMIT_FOOTPRINT E
KEEP_INVENTORY O
FIRST_CHECK D
WAIVE_CHECK O
APPLY_FOR_REGISTER V L W
KEEP_REGISTER O
ASSIGN_VERIFIER O
ENTER_SAMPLES L
SIGN_OPINION V
DETERMINE O
OPEN_MARKET X
TRADE T
CASH_IN X
ANNOUNCE_AUCTION O X
HAND_IN_SHARE O X F
CLOSE_AUCTION X
RECORD_PROCEEDS F
CLOSE_DAY X
ASK_ENTRY E
REPORT_HOLDING E T
SUPERVISE X
STOP_TRADING X E T
STABILISE O
ISSUE_CREDITS O R
RETIRE E
MOVE E T
TRANSFER E
TRANSFER_NON_TRADE O R
TRUST_ACCOUNT E
REGISTER_BANK_ACCOUNT E T X
CONFIRM_BANK_ACCOUNT X R
KEEP_BANKS R X
SIGN_BANK_CONTRACT E T
CONFIRM_BANK_CONTRACT B
LOAD_BANK_STATEMENT R X B
WITHDRAW E T
CANCEL_TRANSFER E T O R X
TAKE_STATEMENT O R E T A
ASK_ACCOUNT E
SUBMIT_SURRENDER E
CONFIRM_SURRENDER O
FORCE_SURRENDER O
SETTLE_STATUS O
PENALISE O
ASK_CARRY_OVER E
CARRY_OVER O
MOVE_DEADLINE O
PUBLISH O
ERASE O
ACKNOWLEDGE O R X A
CONFIRM_RECEIPT E T S
READ_ALL O A
CHANGE_SIGN_IN O R X V E T A D F B I C L W S
PLEDGE O R
HOLD_FOR_COURT O R
CORRECT O R
FREEZE O R
LIFT_FREEZE O R
RESTRICT O R
ISSUE_PAPER O R
SEAL O R E
"""
EXPECTED = {line.split()[0]: {_SIGNS[sign] for sign in line.split()[1:]} for line in _TABLE.split("\n") if line}


def actor(*own: Role, region: str = "shanghai", organisation: str = "OWN") -> Actor:
    """Somebody with roles."""
    return Actor("P-000001-10", organisation, OrganisationKind.ENTITY, frozenset(own), region)


def test_every_act_has_a_row_in_the_table() -> None:
    assert set(EXPECTED) == {act.value for act in Act} == {act.value for act in roles.MAY}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_exactly_what_the_table_says(act: Act, role: Role) -> None:
    if role in EXPECTED[act.value]:
        roles.check(actor(role), act)
        return
    with pytest.raises(Refused) as refused:
        roles.check(actor(role), act)
    assert refused.value.code is AccessRefusal.NOT_PERMITTED
    assert act.value in refused.value.zh
    assert act.value in refused.value.en


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", Role)
def test_only_public_roles_act_for_another_organisation(act: Act, role: Role) -> None:
    if role not in EXPECTED[act.value]:
        return
    roles.check(actor(role), act, organisation="OWN")
    if role in (Role.OFFICER, Role.REGISTRAR, Role.EXCHANGE_STAFF, Role.AUDITOR, Role.DISTRICT_OFFICER):
        roles.check(actor(role), act, organisation="OTHER")
        return
    with pytest.raises(Refused) as refused:
        roles.check(actor(role), act, organisation="OTHER")
    assert refused.value.code is AccessRefusal.NOT_YOUR_ORGANISATION


def test_a_public_role_lends_nothing_to_an_act_that_another_role_allows() -> None:
    # An auditor who is also a representative still files for the own organisation only.
    with pytest.raises(Refused) as refused:
        roles.check(actor(Role.AUDITOR, Role.REPRESENTATIVE), Act.FILE_MONTH, organisation="OTHER")
    assert refused.value.code is AccessRefusal.NOT_YOUR_ORGANISATION


def test_a_district_officer_acts_for_no_other_district() -> None:
    officer = Actor(
        "P-000002-20",
        "BUREAU",
        OrganisationKind.DISTRICT_AUTHORITY,
        frozenset({Role.DISTRICT_OFFICER}),
        "shanghai",
        "A",
    )
    roles.check(officer, Act.FIRST_CHECK, organisation="ANYBODY", district="A")
    with pytest.raises(Refused) as refused:
        roles.check(officer, Act.FIRST_CHECK, organisation="ANYBODY", district="B")
    assert refused.value.code is AccessRefusal.NOT_YOUR_DISTRICT
    roles.check(actor(Role.OFFICER), Act.COVER, district="B")


def test_nobody_acts_in_another_region_but_the_system() -> None:
    with pytest.raises(Refused) as refused:
        roles.check(actor(Role.OFFICER), Act.COVER, region="tianjin")
    assert refused.value.code is AccessRefusal.NOT_YOUR_REGION
    roles.check(actor(Role.OFFICER), Act.COVER, region="shanghai")
    roles.check(roles.SYSTEM, Act.COVER, region="tianjin")


def test_every_kind_of_organisation_knows_its_roles_and_every_role_has_a_home() -> None:
    assert set(roles.ROLES_OF) == set(OrganisationKind)
    assert frozenset().union(*roles.ROLES_OF.values()) == set(Role)
