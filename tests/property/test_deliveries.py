"""Many trades delivered together end as if each had been delivered by itself; blocks end where the balances are."""

import copy
from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import (
    Account,
    AccountState,
    AccountType,
    AssetKey,
    AssetKind,
    Block,
    Book,
    Delivery,
    Freeze,
    FreezeScope,
    Hold,
    HoldReason,
    HoldState,
    Lot,
    Position,
    Title,
    TransferType,
)

TODAY = date(2026, 3, 2)
TRADERS = ("red", "north", "gold", "lotus")
UNITS = ("SHEA-2025", "SHEA-2026")
ORDER = (Title.ALLOCATED_FREE, Title.MARKET, Title.OPENING)
ASSETS = [AssetKey(code, AssetKind.ALLOWANCE, "SHEA", int(code[-4:])) for code in UNITS]

trades = st.lists(
    st.tuples(
        st.sampled_from(TRADERS),
        st.sampled_from(TRADERS),
        st.sampled_from(UNITS),
        st.integers(1, 30),
        st.integers(1, 9),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)
spoiled = st.sampled_from(("", "", "", "frozen", "switch", "queue", "lost hold", "other hold", "negative", "short"))


def book_of(lots: list[tuple[int, int, int]], held_t: int, held_fen: int, spoil: str) -> Book:
    accounts = [Account("fees", AccountType.FEES)]
    book = Book(assets={one.code: one for one in (*ASSETS, AssetKey("CNY", AssetKind.CASH, "CNY"))}, today=TODAY)
    book.lot_orders = {"": ORDER}
    first = 1
    for name in TRADERS:
        stands = AccountState.FROZEN if (spoil, name) == ("frozen", "gold") else AccountState.OPEN
        accounts += [Account(name, AccountType.HOLDING, stands), Account(f"{name}-cash", AccountType.CLIENT_CASH)]
        for code in UNITS:
            total_t = sum(lots[0])
            book.lots[name, code] = tuple(
                Lot(title, date(2026, 1, 1 + day), price, size_t)
                for (title, price), (day, size_t) in zip(
                    ((Title.OPENING, None), (Title.MARKET, 700), (Title.ALLOCATED_FREE, None)),
                    enumerate(lots[0]),
                    strict=True,
                )
                if size_t
            )
            book.blocks[name, code] = [Block(first, first + total_t)]
            first += total_t
            place(book, name, code, total_t, min(held_t, total_t))
        place(book, f"{name}-cash", "CNY", 900, held_fen)
    book.accounts = {one.number: one for one in accounts}
    if spoil == "switch":
        book.freezes = (Freeze("F-1", "", FreezeScope.ACCOUNT, "red"),)
    if spoil == "queue":
        position = book.positions["gold", UNITS[0]]
        book.positions["gold", UNITS[0]] = Position(position.total, position.total, 5)
        waiting = position.total - position.held
        book.holds["H-court"] = Hold(
            "H-court",
            "gold",
            UNITS[0],
            waiting,
            HoldReason.COURT,
            HoldState.ACTIVE if waiting else HoldState.WAITING,
            5,
        )
    return book


def place(book: Book, account: str, asset: str, total: int, held: int) -> None:
    book.positions[account, asset] = Position(total, held)
    if held:
        number = f"H-{account}-{asset}"
        book.holds[number] = Hold(number, account, asset, held, HoldReason.ORDER)


def wanted(drawn: list[tuple[str, str, str, int, int, int, int]], spoil: str) -> list[Delivery]:
    made = [
        Delivery(
            seller,
            buyer,
            asset,
            quantity_t,
            price,
            f"H-{seller}-{asset}",
            f"{buyer}-cash",
            f"{seller}-cash",
            f"H-{buyer}-cash-CNY",
            *fees,
        )
        for seller, buyer, asset, quantity_t, price, *fees in drawn
    ]
    changes: dict[str, dict[str, object]] = {
        "lost hold": {"seller_hold": "H-nobody"},
        "other hold": {"seller_hold": f"H-{made[-1].seller}-{UNITS[0]}", "asset": UNITS[1]},
        "negative": {"seller_fee_fen": -1},
    }
    return [*made[:-1], made[-1]._replace(**changes.get(spoil, {}))]  # type: ignore[arg-type]


def one_by_one(book: Book, deliveries: list[Delivery], type_: TransferType = TransferType.DELIVER_TRADE) -> object:
    try:
        legs = [ledger.legs_of(one, cash="CNY", fees="fees") for one in deliveries]
        outcomes = [book.apply(type_, each) for each in legs]
    except Refused:
        return None
    afters = [(after.debit, after.credit) for outcome in outcomes for after in outcome.afters]
    return afters, [lots for outcome in outcomes for lots in outcome.lots]


def together(book: Book, deliveries: list[Delivery], type_: TransferType = TransferType.DELIVER_TRADE) -> object:
    try:
        done = ledger.deliver(book, deliveries, cash="CNY", fees="fees", transfer=type_)
    except Refused:
        return None
    return [(leg.debit_after, leg.credit_after) for leg in done.legs], [leg.lots for leg in done.legs]


def lots_of(book: Book) -> dict[ledger.Place, dict[tuple[Title, date, int | None], int]]:
    found = {place: {lot.key: lot.quantity_t for lot in lots} for place, lots in book.lots.items()}
    return {place: lots for place, lots in found.items() if lots}


@settings(max_examples=300)
@given(
    trades,
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=1),
    st.integers(0, 90),
    st.sampled_from((900, 500, 40, 0)),
    spoiled,
)
def test_trades_delivered_together_end_as_one_by_one(
    drawn: list[tuple[str, str, str, int, int, int, int]],
    lots: list[tuple[int, int, int]],
    held_t: int,
    held_fen: int,
    spoil: str,
) -> None:
    slow = book_of(lots, held_t, held_fen, spoil)
    fast, deliveries = copy.deepcopy(slow), wanted(drawn, spoil)
    expected = one_by_one(slow, deliveries)
    assert together(fast, deliveries) == expected
    if expected is not None:
        assert {p: x for p, x in fast.positions.items() if x.total} == {
            p: x for p, x in slow.positions.items() if x.total
        }
        assert fast.holds == slow.holds
        assert lots_of(fast) == lots_of(slow)
        check_blocks(fast)


def check_blocks(book: Book) -> None:
    for name in TRADERS:
        for code in UNITS:
            assert sum(block.size_t for block in book.blocks[name, code]) == book.positions[name, code].total
    line = sorted(block for blocks in book.blocks.values() for block in blocks if block.size_t)
    assert all(left.serial_to == right.serial_from for left, right in pairwise(line))


awards = st.lists(st.tuples(st.sampled_from(TRADERS), st.integers(1, 30), st.integers(1, 9)), min_size=1, max_size=12)


@settings(max_examples=50)
@given(awards, st.integers(40, 300), st.sampled_from(("", "", "lost hold", "queue")))
def test_awards_delivered_together_end_as_one_by_one(
    drawn: list[tuple[str, int, int]], offered_t: int, spoil: str
) -> None:
    slow = book_of([(0, 0, 0)], 0, 0, spoil)
    slow.accounts["auction"] = Account("auction", AccountType.AUCTION)
    slow.accounts["treasury"] = Account("treasury", AccountType.TREASURY)
    slow.positions["auction", UNITS[0]] = Position(offered_t, 0)
    slow.blocks["auction", UNITS[0]] = [Block(1_000, 1_000 + offered_t)]
    deliveries = []
    for index, (name, quantity_t, price) in enumerate(drawn):
        number, purse = f"H-{index}", (f"{name}-cash", "CNY")
        deposit_fen = quantity_t * price + index
        position = slow.positions[purse]
        slow.positions[purse] = Position(position.total + deposit_fen, position.held + deposit_fen)
        if (spoil, index) != ("lost hold", 0):
            slow.holds[number] = Hold(number, purse[0], "CNY", deposit_fen, HoldReason.BID)
        sides = (f"{name}-cash", "treasury", number)
        deliveries.append(Delivery("auction", name, UNITS[0], quantity_t, price, "", *sides))
    fast = copy.deepcopy(slow)
    expected = one_by_one(slow, deliveries, TransferType.DELIVER_AUCTION)
    assert (expected is None) == (spoil == "lost hold" or sum(one.quantity_t for one in deliveries) > offered_t)
    assert together(fast, deliveries, TransferType.DELIVER_AUCTION) == expected
    if expected is not None:
        assert fast.positions.items() >= {p: x for p, x in slow.positions.items() if x.total}.items()
        assert fast.holds == slow.holds
        assert lots_of(fast) == lots_of(slow)
        assert {lot.title for lots in fast.lots.values() for lot in lots} == {Title.AUCTION}
