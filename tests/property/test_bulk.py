"""Many movements decided together end as if each had been posted by itself."""

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
    kinds = {name: str(account.type) for name, account in ACCOUNTS.items()}
    try:
        ledger.check_movements(
            TransferType.DELIVER_TRADE, wanted, kinds=kinds, account_of=ACCOUNTS.__getitem__, asset=CNY
        )
        totals = {name: position.total for name, position in positions.items()}
        floors: dict[str, int | None] = {name: position.held for name, position in positions.items()}
        return ledger.settle(wanted, totals=totals, floors=floors, asset="CNY")
    except Refused:
        return None


@given(movements | likely, st.lists(st.integers(0, 90), min_size=5, max_size=5), st.integers(0, 30))
def test_movements_decided_together_end_as_one_by_one(
    wanted: list[ledger.Movement], totals: list[int], held: int
) -> None:
    names = PLACES[:-1]
    positions = {name: Position(total, min(total, held)) for name, total in zip(names, totals, strict=True)}
    assert together(wanted, positions) == one_by_one(wanted, positions)
