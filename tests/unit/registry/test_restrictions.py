"""One person stops an account at once, two let it go on; transfers and holds find stopped what its state stops."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from tests.signing import make_real, signed
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import CHEN, NOW, WANG, ZHOU, Desk

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, HoldReason, Leg, TransferType
from tonnebook.core.ledger.states import TRANSITIONS
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Actor
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.models import Account

TRADE = ("PLACE_ORDER", "DELIVER_TRADE")
WAYS = {"sell", "surrender", "order", "court", "buy", "allocate"}


def restrict(
    account: str, state: AccountState, barred: Sequence[str] = (), *, actor: Actor = ZHOU, key: str = ""
) -> None:
    registry.restrict_account(
        actor, account=account, state=state, barred=barred, reason="inquiry 7", key=f"{account}{state}{key}", now=NOW
    )


def reopen(account: str, state: AccountState, barred: Sequence[str] = ()) -> None:
    told = {"account": account, "state": state, "barred": list(barred), "reason": "inquiry 7 is over"}
    proposed = members.propose(ZHOU, kind="registry.reopen_account", payload=told, key=f"p{state}", now=NOW)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(CHEN, approval=approval, digest=digest, key=f"a{state}", now=NOW)
    registry.reopen_account(
        ZHOU,
        account=account,
        state=state,
        barred=list(barred),
        reason="inquiry 7 is over",
        approval=approval,
        key=f"x{state}",
        now=NOW,
    )


def passes(desk: Desk, way: str) -> bool:
    """Try one way out of or into North Power's account, and undo it."""
    tries: Mapping[str, Callable[[], object]] = {
        "sell": lambda: desk.trade(1),
        "surrender": lambda: desk.surrender(desk.north, 1),
        "order": lambda: desk.hold(desk.north, 1, HoldReason.ORDER),
        "court": lambda: desk.hold(desk.north, 1, HoldReason.COURT),
        "buy": lambda: desk.post(TransferType.DELIVER_TRADE, Leg(desk.red, desk.north, "SHEA-2026", 1)),
        "allocate": lambda: desk.allocate(desk.north, 1),
    }
    try:
        with transaction.atomic():
            tries[way]()
            transaction.set_rollback(True)
    except Refused as refused:
        return not refused.code.name.startswith("ACCOUNT_")
    return True


@pytest.mark.parametrize(
    ("state", "barred", "open_ways"),
    [
        (AccountState.SOME_RESTRICTED, TRADE, {"surrender", "court", "allocate"}),
        (AccountState.SOME_RESTRICTED, TRADE[:1], WAYS - {"order"}),
        (AccountState.ALL_RESTRICTED, (), {"surrender", "court", "buy", "allocate"}),
        (AccountState.FROZEN, (), {"court", "buy", "allocate"}),
        (AccountState.SUSPENDED, (), {"surrender", "court", "allocate"}),
    ],
)
def test_an_account_gives_and_takes_what_its_state_leaves_open_and_all_again_later(
    desk: Desk, state: AccountState, barred: Sequence[str], open_ways: set[str]
) -> None:
    desk.allocate(desk.north, 10)
    desk.allocate(desk.red, 10)
    restrict(desk.north, state, barred)
    assert {way for way in WAYS if passes(desk, way)} == open_ways
    reopen(desk.north, AccountState.OPEN)
    assert {way for way in WAYS if passes(desk, way)} == WAYS


def test_the_history_says_who_stopped_what_and_why_and_the_log_has_it_too(desk: Desk) -> None:
    restrict(desk.north, AccountState.SOME_RESTRICTED, TRADE)
    reopen(desk.north, AccountState.OPEN)
    last, first = queries.state_changes(desk.north)
    assert (first.state, set(first.barred), first.reason) == (AccountState.SOME_RESTRICTED, set(TRADE), "inquiry 7")
    assert (first.initiator, first.approver) == (ZHOU.person, "")
    assert (last.state, last.barred, last.reason) == (AccountState.OPEN, (), "inquiry 7 is over")
    assert {last.initiator, last.approver} == {ZHOU.person, CHEN.person}
    leaf = JournalLeaf.objects.get(leaf_hash=bytes.fromhex(first.leaf))
    assert leaf.kind == "registry.account.state_set"
    assert "DELIVER_TRADE" in leaf.payload
    assert "inquiry" not in leaf.payload


def test_the_holder_is_told_of_every_change(desk: Desk) -> None:
    restrict(desk.north, AccountState.SUSPENDED)
    reopen(desk.north, AccountState.OPEN)
    told = members_queries.notices_of(desks.NORTH)
    assert [one.kind for one in told] == [NoticeKind.ACCOUNT_STATE] * 2
    assert all(desk.north in sentence for one in told for sentence in (one.text_zh, one.text_en))


def test_one_person_does_not_loosen(desk: Desk) -> None:
    restrict(desk.north, AccountState.SUSPENDED)
    for state in (AccountState.OPEN, AccountState.ALL_RESTRICTED):
        with pytest.raises(Refused, match="SECOND_PERSON_NEEDED"):
            restrict(desk.north, state)
    reopen(desk.north, AccountState.SOME_RESTRICTED, TRADE)
    with pytest.raises(Refused, match="SECOND_PERSON_NEEDED"):
        restrict(desk.north, AccountState.SOME_RESTRICTED, TRADE[:1], key="less")
    restrict(desk.north, AccountState.SOME_RESTRICTED, [*TRADE, "RETIRE"], key="more")


@pytest.mark.parametrize(
    ("state", "barred"),
    [
        (AccountState.SOME_RESTRICTED, ()),
        (AccountState.FROZEN, TRADE),
        (AccountState.SOME_RESTRICTED, ("NONSENSE",)),
        (AccountState.SOME_RESTRICTED, (*TRADE, "SURRENDER")),
    ],
)
def test_a_list_names_what_can_be_barred_and_belongs_to_one_state(
    desk: Desk, state: AccountState, barred: Sequence[str]
) -> None:
    with pytest.raises(Refused, match="BARRED_MISSING"):
        restrict(desk.north, state, barred)


@pytest.mark.parametrize(
    ("before", "after"),
    [(one, two) for one in AccountState for two in AccountState if two not in TRANSITIONS[one]],
)
def test_a_change_that_the_table_does_not_have_is_refused(
    desk: Desk, before: AccountState, after: AccountState
) -> None:
    barred = {AccountState.SOME_RESTRICTED: frozenset({TransferType.RETIRE})}
    Account.objects.filter(number=desk.north).update(state=before, barred=sorted(barred.get(before, ())))
    with pytest.raises(Refused, match=r"STATE_CHANGE_NOT_ALLOWED|ACCOUNT_CLOSED"):
        registry.set_state(
            desk.north, state=after, barred=barred.get(after, ()), reason="x", initiator="P-ZHOU", now=NOW
        )
    assert queries.account(desk.north).state is before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AccountState.OPEN, AccountState.CLOSING),
        (AccountState.PENDING, AccountState.OPEN),
        (AccountState.PENDING, AccountState.FROZEN),
        (AccountState.CLOSING, AccountState.OPEN),
        (AccountState.CLOSING, AccountState.CLOSED),
    ],
)
def test_accounts_are_opened_and_closed_by_applications_alone(
    desk: Desk, before: AccountState, after: AccountState
) -> None:
    Account.objects.filter(number=desk.north).update(state=before)
    for change in (restrict, reopen):
        with pytest.raises(Refused, match="STATE_CHANGE_NOT_ALLOWED"):
            change(desk.north, after)


def test_a_closed_account_is_said_to_be_closed(desk: Desk) -> None:
    Account.objects.filter(number=desk.north).update(state=AccountState.CLOSED)
    for change in (restrict, reopen):
        with pytest.raises(Refused, match="ACCOUNT_CLOSED"):
            change(desk.north, AccountState.FROZEN)


def test_holders_and_other_regions_change_no_state(desk: Desk) -> None:
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        restrict(desk.red, AccountState.FROZEN, actor=WANG)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        restrict(desk.red, AccountState.FROZEN, actor=replace(ZHOU, region="tianjin"))
    assert queries.account(desk.red).state is AccountState.OPEN


def test_on_real_books_whoever_restricts_proves_a_second_factor(desk: Desk) -> None:
    make_real()
    with pytest.raises(Refused, match="SECOND_FACTOR_NEEDED"):
        restrict(desk.north, AccountState.FROZEN)
    restrict(desk.north, AccountState.FROZEN, actor=signed(ZHOU, NOW))


def test_nothing_is_reopened_on_an_approval_of_something_else(desk: Desk) -> None:
    for account in (desk.north, desk.red):
        restrict(account, AccountState.FROZEN)
    told = {"account": desk.red, "state": AccountState.OPEN, "barred": [], "reason": "inquiry 7 is over"}
    proposed = members.propose(ZHOU, kind="registry.reopen_account", payload=told, key="p", now=NOW)
    approval = str(proposed["approval"])

    def use(account: str, key: str) -> None:
        registry.reopen_account(
            ZHOU,
            account=account,
            state=AccountState.OPEN,
            barred=[],
            reason="inquiry 7 is over",
            approval=approval,
            key=key,
            now=NOW,
        )

    with pytest.raises(Refused, match="NOT_APPROVED"):
        use(desk.red, "one")
    members.approve(CHEN, approval=approval, digest=str(proposed["digest"]), key="a", now=NOW)
    with pytest.raises(Refused, match="DIGEST_DIFFERS"):
        use(desk.north, "two")
    use(desk.red, "three")
    assert [queries.account(one).state for one in (desk.north, desk.red)] == [AccountState.FROZEN, AccountState.OPEN]


def test_the_database_keeps_state_and_list_together(desk: Desk) -> None:
    row = Account.objects.filter(number=desk.north)
    for state, barred in (("SOME_RESTRICTED", []), ("OPEN", ["RETIRE"])):
        with pytest.raises(IntegrityError, match="registry_account_barred_named"), transaction.atomic():
            row.update(state=state, barred=barred)
