"""A thief sits in a holder's session over a long weekend: within the window nothing leaves, afterwards nothing did.

The thief may do whatever the holder's representative may, for as long as the wait of four working days lasts; the
holder sees it on the morning of the first working day and takes everything back.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.signing import make_real
from tests.unit.registry import desk as desks
from tests.unit.registry import union as unions
from tests.unit.registry.desk import CLERK, WANG, Desk
from tests.unit.registry.union import ANNA, EUA, Union

from tonnebook.core import delays
from tonnebook.core.errors import Refused
from tonnebook.core.moves import PendingState
from tonnebook.core.roles import SIGNED_ACTS, Act, Actor, OrganisationKind, Role
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

HOUR = timedelta(hours=1)
# How often the thief tries; offices open and close in between.
STEP = 4 * HOUR
# Friday evening before the Monday on which the owner comes back.
STOLEN = datetime(2026, 5, 8, 16, 0, tzinfo=UTC)
BACK = datetime(2026, 5, 11, 7, 0, tzinfo=UTC)
# Working days in China, the first of which is the day before the seven days off of October.
CHINA_STOLEN = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)


def left_t(union: Union) -> int:
    """Tonnes that are no longer the holder's."""
    own = (union.holding, union.trading)
    return 5_000_000 - sum(held.total for number in own for held in queries.holdings(number))


def every_few_hours(from_at: datetime, to_at: datetime, act: Callable[[datetime], None]) -> None:
    now = from_at
    while now < to_at:
        act(now)
        now += STEP


def steal_units(union: Union) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        # Everything a thief can try: put the own account on the list, transfer, transfer again, let the job run.
        for attempt in (
            lambda: registry.trust_account(
                ANNA, account=union.holding, trusted=union.other, key=f"trust{now}", now=now
            ),
            lambda: union.transfer(1_000_000, key=f"transfer{now}", now=now),
            lambda: registry.transfer_to_holder(
                ANNA, debit=union.trading, credit=union.other, asset=EUA.code, quantity_t=1, key=f"t{now}", now=now
            ),
        ):
            try:
                attempt()
            except Refused:
                continue
        registry.carry_out_due(now=now)

    return act


def test_no_unit_leaves_within_the_window_and_none_after_the_owner_came_back(db: None) -> None:
    union = unions.open_union()
    window_ends = datetime(2026, 5, 15, 8, 0, tzinfo=UTC)
    every_few_hours(STOLEN, BACK, steal_units(union))
    assert left_t(union) == 0
    waiting = queries.pending_of(unions.HOLDER, region="eu")
    # The limits of the day alone stop the greatest part of it.
    assert sum(row.quantity for row in waiting) <= 4_000_000
    assert {row.ready_at for row in waiting} == {window_ends}
    registry.distrust_account(ANNA, account=union.holding, trusted=union.other, key="off", now=BACK)
    for row in waiting:
        registry.cancel_transfer(ANNA, pending=row.number, key=f"back{row.number}", now=BACK)
    registry.carry_out_due(now=window_ends + 30 * 24 * HOUR)
    assert left_t(union) == 0
    assert union.free_t(union.holding) == 5_000_000


def test_until_the_last_microsecond_nothing_has_left_even_when_nobody_comes_back(db: None) -> None:
    union = unions.open_union()
    window_ends = datetime(2026, 5, 15, 8, 0, tzinfo=UTC)
    every_few_hours(STOLEN, window_ends, steal_units(union))
    registry.carry_out_due(now=window_ends - timedelta(microseconds=1))
    assert left_t(union) == 0


def test_control_without_the_wait_the_units_are_gone_at_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delays, "ready_at", lambda asked_at, *, working_days, clock: asked_at)
    union = unions.open_union()
    steal_units(union)(STOLEN)
    registry.carry_out_due(now=STOLEN)
    assert left_t(union) > 0


def confirmed(desk: Desk) -> str:
    """A bank account of the holder that was confirmed long ago."""
    told = registry.register_bank_account(WANG, bank="ICBC", account_number="62220001", key="r", now=desks.NOW)
    number = str(told["bank_account"])
    confirm(number, ending="0001", now=desks.NOW)
    return number


def confirm(number: str, *, ending: str, now: datetime) -> None:
    bell = Actor("P-BELL", desks.EXCHANGE, OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), "shanghai")
    payload = {"region": "shanghai", "bank_account": number, "bank": "ICBC", "ending": ending}
    asked = members.propose(CLERK, kind="registry.confirm_bank_account", payload=payload, key=f"p{number}", now=now)
    approval = str(asked["approval"])
    members.approve(bell, approval=approval, digest=str(asked["digest"]), key=f"a{number}", now=now)
    registry.confirm_bank_account(CLERK, **payload, approval=approval, key=f"c{number}", now=now)


def left_fen(desk: Desk) -> int:
    return 900_000_00 - sum(held.total for held in queries.holdings(desk.red_cash))


def test_no_fen_leaves_within_the_window_neither_to_an_old_nor_to_a_new_bank_account(desk: Desk) -> None:
    desk.pay_in(desk.red_cash, 900_000_00, "B-1")
    old = confirmed(desk)
    told = registry.register_bank_account(WANG, bank="ICBC", account_number="99990002", key="t", now=CHINA_STOLEN)
    new = str(told["bank_account"])
    # Even when two clerks are deceived, the new account has a wait of its own.
    confirm(new, ending="0002", now=CHINA_STOLEN)

    def act(now: datetime) -> None:
        for number in (old, new):
            try:
                registry.withdraw(
                    WANG, account=desk.red_cash, bank_account=number, amount_fen=1_00, key=f"{number}{now}", now=now
                )
            except Refused:
                continue
        registry.carry_out_due(now=now)

    # Seven days off and a worked Saturday later: Monday, the twelfth, ten in the morning.
    window_ends = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
    every_few_hours(CHINA_STOLEN, window_ends, act)
    registry.carry_out_due(now=window_ends - timedelta(microseconds=1))
    assert left_fen(desk) == 0
    waiting = queries.pending_of(desks.RED, region="shanghai")
    assert {row.bank_account for row in waiting} == {old}
    for row in waiting:
        registry.cancel_transfer(WANG, pending=row.number, key=f"c{row.number}", now=window_ends)
    registry.carry_out_due(now=window_ends + 30 * 24 * HOUR)
    assert left_fen(desk) == 0
    assert {queries.pending(row.number).state for row in waiting} == {PendingState.CANCELLED}


@pytest.fixture
def desk(db: None) -> Desk:
    return desks.open_desk()


def test_a_thief_without_the_second_factor_does_not_even_begin(db: None) -> None:
    signed = {Act.TRANSFER, Act.TRUST_ACCOUNT, Act.REGISTER_BANK_ACCOUNT, Act.WITHDRAW}
    union = unions.open_union()
    make_real()
    for act in (
        lambda: union.transfer(1, now=STOLEN),
        lambda: registry.trust_account(ANNA, account=union.holding, trusted=union.other, key="t", now=STOLEN),
        lambda: registry.register_bank_account(ANNA, bank="B", account_number="62220001", key="b", now=STOLEN),
        lambda: registry.withdraw(ANNA, account=union.holding, bank_account="BA-1", amount_fen=1, key="w", now=STOLEN),
    ):
        with pytest.raises(Refused, match="SECOND_FACTOR_NEEDED"):
            act()
    assert signed <= SIGNED_ACTS
