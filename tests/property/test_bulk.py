"""Many movements decided together end as if each had been posted by itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import Account, AccountType, AssetKey, AssetKind, Leg, Position, TransferType

CNY = AssetKey("CNY", AssetKind.CASH, "CNY")
PLACES = ("red", "north", "gold", "fees", "holding", "nobody")
TYPES = {"fees": AccountType.FEES, "holding": AccountType.HOLDING}
ACCOUNTS = {name: Account(name, TYPES.get(name, AccountType.CLIENT_CASH)) for name in PLACES[:-1]}

movements = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(-1, 60)), min_size=1, max_size=12
)
likely = st.lists(
    st.tuples(st.sampled_from(PLACES[:3]), st.sampled_from(PLACES[:4]), st.integers(1, 60)).filter(
        lambda movement: movement[0] != movement[1]
    ),
    min_size=1,
    max_size=12,
)


def one_by_one(wanted: list[ledger.Movement], positions: dict[str, Position]) -> list[tuple[int, int]] | None:
    book = ledger.Book(
        accounts=ACCOUNTS,
        assets={"CNY": CNY},
        positions={(name, "CNY"): position for name, position in positions.items()},
    )
    try:
        outcome = book.apply(
            TransferType.DELIVER_TRADE, [Leg(debit, credit, "CNY", fen) for debit, credit, fen in wanted]
        )
    except Refused:
        return None
    return [(after.debit, after.credit) for after in outcome.afters]


def together(wanted: list[ledger.Movement], positions: dict[str, Position]) -> list[tuple[int, int]] | None:
    columns = ledger.in_columns(wanted)
    types = [*AccountType]
    known = [ACCOUNTS.get(name) for name in columns.accounts]
    kinds = np.array([types.index(account.type) if account else ledger.UNKNOWN_KIND for account in known])
    here = [positions.get(name, Position()) for name in columns.accounts]
    totals, floors = np.array([one.total for one in here]), np.array([one.held for one in here])
    try:
        ledger.check_movements(
            TransferType.DELIVER_TRADE,
            columns,
            kinds=kinds,
            account_of=lambda place: ACCOUNTS[columns.accounts[place]],
            asset=CNY,
        )
        settled = ledger.settle(columns, totals=totals, floors=floors, asset="CNY")
    except Refused:
        return None
    last = dict(zip(columns.accounts, settled.totals.tolist(), strict=True))
    afters = list(zip(settled.debit_after.tolist(), settled.credit_after.tolist(), strict=True))
    for (debit, credit, _), (left, come) in zip(wanted, afters, strict=True):
        positions |= {debit: replace(positions[debit], total=left), credit: replace(positions[credit], total=come)}
    assert last == {name: positions[name].total for name in last}
    return afters


@given(movements | likely, st.lists(st.integers(0, 90), min_size=5, max_size=5), st.integers(0, 30))
def test_movements_decided_together_end_as_one_by_one(
    wanted: list[ledger.Movement], totals: list[int], held: int
) -> None:
    names = PLACES[:-1]
    positions = {name: Position(total, min(total, held)) for name, total in zip(names, totals, strict=True)}
    assert together(wanted, dict(positions)) == one_by_one(wanted, positions)


def test_a_total_that_no_column_can_hold_is_never_written_as_another() -> None:
    columns = ledger.in_columns([("red", "north", 5)])
    totals = np.array([5, (1 << 63) - 2])
    with pytest.raises(OverflowError):
        ledger.settle(columns, totals=totals, floors=np.zeros(2, np.int64), asset="CNY")
