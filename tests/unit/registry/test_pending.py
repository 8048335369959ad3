"""Transfers between holders: barred in China, at once to trusted accounts, else waiting; limited, cancellable."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.unit.registry import desk as desks
from tests.unit.registry import union as unions
from tests.unit.registry.desk import NOW, Desk
from tests.unit.registry.union import ANNA, ASKED, BEN, EARLY, EUA, KEEPER, READY, Union

from tonnebook import rulebook
from tonnebook.core import canonical, limits, periods
from tonnebook.core.errors import Fault, Refused
from tonnebook.core.ledger import AccountState
from tonnebook.core.moves import PendingState
from tonnebook.core.representation import Right
from tonnebook.core.roles import Actor
from tonnebook.journal import services as journal
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.models import Account, PendingTransfer, Representative

OTTO, READER = replace(ANNA, person="P-OTTO"), replace(ANNA, person="P-READER")


@pytest.fixture
def union(db: None) -> Union:
    return unions.open_union()


def trust(union: Union, *, key: str = "trust") -> None:
    registry.trust_account(ANNA, account=union.holding, trusted=union.other, key=key, now=ASKED)


def test_holders_in_china_cannot_transfer_to_each_other_or_trust_each_other(desk: Desk) -> None:
    desk.allocate(desk.red, 10)
    with pytest.raises(Refused, match="HOLDER_TRANSFER_BARRED") as refused:
        registry.transfer_to_holder(
            desks.WANG, debit=desk.red, credit=desk.north, asset="SHEA-2026", quantity_t=1, key="t", now=NOW
        )
    assert "transfer.holder_to_holder" in refused.value.zh
    with pytest.raises(Refused, match="HOLDER_TRANSFER_BARRED"):
        registry.trust_account(desks.WANG, account=desk.red, trusted=desk.north, key="l", now=NOW)


def test_a_transfer_to_a_stranger_waits_four_working_days_and_not_a_microsecond_less(union: Union) -> None:
    number = union.transfer(1000)
    row = queries.pending(number)
    assert (row.state, row.ready_at, row.quantity) == (PendingState.WAITING, READY, 1000)
    assert union.free_t(union.holding) == 4_999_000
    assert registry.carry_out_due(now=EARLY) == 0
    assert union.free_t(union.other) == 0
    assert registry.carry_out_due(now=READY) == 1
    assert union.free_t(union.other) == 1000
    assert queries.pending(number).state is PendingState.DONE
    assert registry.carry_out_due(now=READY + timedelta(days=1)) == 0


def test_a_trusted_account_receives_at_once_from_the_fourth_working_day_on(union: Union) -> None:
    trust(union)
    assert queries.pending(union.transfer(1, key="1", now=EARLY)).state is PendingState.WAITING
    assert queries.pending(union.transfer(2, key="2", now=READY)).state is PendingState.DONE
    assert union.free_t(union.other) == 2


def test_an_account_leaves_the_trusted_list_at_once(union: Union) -> None:
    trust(union)
    with pytest.raises(Refused, match="ALREADY_TRUSTED"):
        trust(union, key="again")
    registry.distrust_account(ANNA, account=union.holding, trusted=union.other, key="d", now=READY)
    assert queries.pending(union.transfer(1, now=READY)).state is PendingState.WAITING
    assert queries.trusted_accounts(union.holding) == ()
    with pytest.raises(Refused, match="NOT_TRUSTED"):
        registry.distrust_account(ANNA, account=union.holding, trusted=union.other, key="e", now=READY)


def test_only_the_holder_transfers_and_trusts(union: Union) -> None:
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        union.transfer(1, actor=BEN)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        registry.trust_account(BEN, account=union.holding, trusted=union.other, key="l", now=ASKED)
    with pytest.raises(Refused, match="SAME_HOLDER"):
        registry.trust_account(ANNA, account=union.holding, trusted=union.trading, key="m", now=ASKED)
    with pytest.raises(Refused, match="SAME_HOLDER"):
        registry.transfer_to_holder(
            ANNA, debit=union.holding, credit=union.trading, asset=EUA.code, quantity_t=1, key="n", now=ASKED
        )
    with pytest.raises(Refused, match="QUANTITY_NOT_POSITIVE"):
        union.transfer(0, key="zero")


def appoint(union: Union, account: str, person: str, *rights: Right) -> None:
    Representative.objects.create(
        account=Account.objects.get(number=account),
        person=person,
        rights=[right.value for right in rights],
        appointed_at=ASKED,
    )


def approved(union: Union, number: str, actor: Actor, *, now: datetime = READY, key: str = "approve") -> PendingState:
    digest = queries.pending(number).digest
    answer = registry.approve_transfer(actor, pending=number, digest=digest, key=f"{key}-{actor.person}", now=now)
    return PendingState(str(answer["state"]))


def test_where_somebody_may_approve_nothing_leaves_before_a_second_representative_has(union: Union) -> None:
    appoint(union, union.holding, ANNA.person, Right.INITIATE, Right.APPROVE)
    appoint(union, union.holding, OTTO.person, Right.APPROVE)
    appoint(union, union.holding, READER.person, Right.READ)
    number = union.transfer(1000)
    assert registry.carry_out_due(now=READY) == 0
    assert union.free_t(union.other) == 0
    for actor, code in ((ANNA, "OWN_REQUEST"), (READER, "RIGHT_MISSING"), (BEN, "PENDING_UNKNOWN")):
        with pytest.raises(Refused, match=code):
            approved(union, number, actor)
    with pytest.raises(Refused, match="NOTHING_TO_APPROVE"):
        registry.approve_transfer(OTTO, pending=number, digest="0" * 64, key="swap", now=READY)
    assert approved(union, number, OTTO) is PendingState.DONE
    assert union.free_t(union.other) == 1000


def test_what_was_approved_early_still_waits_for_its_time(union: Union) -> None:
    appoint(union, union.holding, ANNA.person, Right.INITIATE)
    appoint(union, union.holding, OTTO.person, Right.APPROVE)
    number = union.transfer(1000)
    assert approved(union, number, OTTO, now=EARLY) is PendingState.WAITING
    assert registry.carry_out_due(now=EARLY) == 0
    assert registry.carry_out_due(now=READY) == 1


def test_a_trusted_account_receives_nothing_before_the_second_approval_either(union: Union) -> None:
    trust(union)
    appoint(union, union.holding, ANNA.person, Right.INITIATE)
    appoint(union, union.holding, OTTO.person, Right.APPROVE)
    number = union.transfer(1, now=READY)
    assert queries.pending(number).state is PendingState.WAITING
    assert approved(union, number, OTTO) is PendingState.DONE


def test_the_database_lets_nothing_be_done_without_the_second_person(union: Union) -> None:
    appoint(union, union.holding, OTTO.person, Right.APPROVE)
    appoint(union, union.holding, ANNA.person, Right.INITIATE)
    number = union.transfer(1)
    rows = PendingTransfer.objects.filter(number=number)
    for change in ({"approved_by": ANNA.person}, {"state": "DONE", "transfer": "T-1", "decided_at": READY}):
        with pytest.raises(IntegrityError, match="registry_pending_two_people"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        rows.update(needs_approval=False)


@pytest.mark.parametrize("actor", [ANNA, KEEPER])
def test_holder_or_registrar_takes_back_what_waits(union: Union, actor: Actor) -> None:
    number = union.transfer(1000)
    with pytest.raises(Refused, match="PENDING_UNKNOWN"):
        registry.cancel_transfer(BEN, pending=number, key="b", now=ASKED)
    registry.cancel_transfer(actor, pending=number, key="c", now=EARLY)
    assert union.free_t(union.holding) == 5_000_000
    assert registry.carry_out_due(now=READY) == 0
    with pytest.raises(Refused, match="NOT_WAITING"):
        registry.cancel_transfer(actor, pending=number, key="again", now=EARLY)
    with pytest.raises(Refused, match="PENDING_UNKNOWN"):
        registry.cancel_transfer(actor, pending="PT-0", key="none", now=EARLY)


def test_limits_hold_when_asking_and_what_was_taken_back_frees_them(union: Union) -> None:
    with pytest.raises(Refused, match="ABOVE_TRANSFER_LIMIT"):
        union.transfer(2_000_001, key="a")
    first = union.transfer(2_000_000, key="b")
    union.transfer(2_000_000, key="c")
    with pytest.raises(Refused, match="ABOVE_ACCOUNT_LIMIT"):
        union.transfer(1, key="d")
    # The next day's wait ends on another day.
    union.transfer(1, key="e", now=ASKED + timedelta(days=1))
    registry.cancel_transfer(ANNA, pending=first, key="f", now=ASKED)
    union.transfer(1, key="g")


def test_limits_hold_again_when_the_time_has_come(union: Union, monkeypatch: pytest.MonkeyPatch) -> None:
    number = union.transfer(1000)
    lowered = limits.Limits(999, 10**9, 10**9)
    monkeypatch.setattr(limits, "read", lambda rules, asset: lowered)
    assert registry.carry_out_due(now=READY) == 0
    row = queries.pending(number)
    assert row.state is PendingState.REFUSED
    assert "999" in row.refusal_en
    assert union.free_t(union.holding) == 5_000_000


def test_what_a_closed_account_refuses_ends_and_frees_what_was_held(union: Union) -> None:
    number = union.transfer(1000)
    with transaction.atomic():
        for state in (AccountState.CLOSING, AccountState.CLOSED):
            registry.set_state(union.other, state=state, reason="gone", initiator=ANNA.person, now=ASKED)
    registry.carry_out_due(now=READY)
    assert queries.pending(number).state is PendingState.REFUSED
    assert union.free_t(union.holding) == 5_000_000


def test_days_off_announced_meanwhile_are_waited_out(union: Union, monkeypatch: pytest.MonkeyPatch) -> None:
    number = union.transfer(1000)
    closed = periods.Calendar(holidays=frozenset({READY.date()}))
    monkeypatch.setattr(rulebook, "calendar", lambda region: closed)
    assert registry.carry_out_due(now=READY) == 0
    assert queries.pending(number).state is PendingState.WAITING
    assert registry.carry_out_due(now=READY + timedelta(days=1)) == 1


def alter(number: str, assignment: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE registry_pendingtransfer SET {assignment} WHERE number = %s", [number])


@pytest.mark.parametrize(
    "assignment",
    [
        "payload = jsonb_set(payload, '{credit}', '\"THIEF\"')",
        "ready_at = asked_at",
        "digest = repeat('0', 64)",
        "quantity = quantity + 1",
        "asked_at = asked_at - interval '9 days'",
    ],
)
def test_what_was_asked_for_is_altered_by_nobody(union: Union, assignment: str) -> None:
    number = union.transfer(1000)
    with pytest.raises(IntegrityError, match="A13"):
        alter(number, assignment)


def test_what_does_not_match_its_digest_is_a_fault_and_moves_nothing(
    union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = canonical.digest
    monkeypatch.setattr(canonical, "digest", lambda payload: digest({"other": payload}))
    number = union.transfer(1000)
    monkeypatch.undo()
    with pytest.raises(Fault, match="A13"):
        registry.carry_out_due(now=READY)
    assert union.free_t(union.other) == 0
    assert queries.pending(number).state is PendingState.WAITING


def test_the_database_s_own_clock_lets_nothing_be_done_early(db: None) -> None:
    journal.mark_demo()
    union = unions.open_union()
    number = union.transfer(1000)
    # Whoever asks believes that the time has come; the database, a minute before it, does not.
    journal.set_clock(at=READY - timedelta(minutes=1))
    with pytest.raises(IntegrityError, match="A12"):
        registry.carry_out_due(now=READY)
    journal.set_clock(at=READY)
    assert registry.carry_out_due(now=READY) == 1
    assert queries.pending(number).state is PendingState.DONE


def test_the_database_keeps_no_transfer_that_was_done_before_its_time(union: Union) -> None:
    number = union.transfer(1000)
    with pytest.raises(IntegrityError, match="registry_pending_never_early"):
        alter(number, "state = 'DONE', decided_at = ready_at - interval '1 microsecond', transfer = 'T-1'")
