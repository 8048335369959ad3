"""The account book in core: the matrix, legs, holds, serial blocks."""

import copy
from dataclasses import replace
from itertools import product

import pytest

from tonnebook.core import ledger
from tonnebook.core.errors import Fault, Refused
from tonnebook.core.ledger import (
    AccountState,
    AccountType,
    AssetKind,
    Block,
    HoldReason,
    HoldState,
    LedgerRefusal,
    Leg,
    Position,
    TransferType,
)

CELLS = list(product(TransferType, AccountType, AccountType, AssetKind))
CASH_ACCOUNTS = {
    AccountType.CLIENT_CASH,
    AccountType.CLEARING,
    AccountType.GUARANTEE,
    AccountType.BANK,
    AccountType.TREASURY,
    AccountType.FEES,
}


def book() -> ledger.Book:
    """Red River and North Power with holdings and cash, beside the system accounts."""
    accounts = [ledger.Account(type_, type_, region="shanghai") for type_ in AccountType]
    accounts += [
        ledger.Account(f"{name}-{type_}", type_, region="shanghai")
        for name, type_ in product(("red", "north"), (AccountType.HOLDING, AccountType.CLIENT_CASH))
    ]
    assets = [
        ledger.AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE"),
        ledger.AssetKey("SHEA-2026-OWN", AssetKind.ALLOWANCE, "SHEA", 2026, "PAID", "OWN_SURRENDER"),
        ledger.AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025),
        ledger.AssetKey("CNY", AssetKind.CASH, "CNY"),
    ]
    made = ledger.Book({one.number: one for one in accounts}, {one.code: one for one in assets})
    made.apply(TransferType.ALLOCATE, [Leg("ISSUANCE", "red-HOLDING", "SHEA-2026", 100)])
    return made


def sell(quantity: int, *, asset: str = "SHEA-2026", hold: str = "") -> Leg:
    return Leg("red-HOLDING", "north-HOLDING", asset, quantity, hold)


def order(quantity: int, number: str = "H-1") -> ledger.Hold:
    return ledger.Hold(number, "red-HOLDING", "SHEA-2026", quantity, HoldReason.ORDER)


def refusal_of(made: ledger.Book, transfer: TransferType, leg: Leg) -> LedgerRefusal | None:
    """What the book says to a leg, having checked that a refusal changes nothing."""
    before = copy.deepcopy(made)
    code = None
    try:
        made.apply(transfer, [leg])
    except Refused as refused:
        code = refused.code
    if code is None:
        return None
    assert made == before
    return LedgerRefusal(code)


def test_every_cell_of_the_matrix_keeps_units_and_money_apart_and_terminals_closed() -> None:
    for transfer, debit, credit, kind in CELLS:
        if not ledger.is_allowed(transfer, debit=debit, credit=credit, kind=kind):
            continue
        cell = (transfer, debit, credit, kind)
        assert debit not in ledger.TERMINALS, cell
        assert ({debit, credit} <= CASH_ACCOUNTS) == (kind is AssetKind.CASH), cell
        assert credit is not AccountType.ISSUANCE, cell
        assert credit is not AccountType.BANK or transfer in (TransferType.CASH_OUT, TransferType.CORRECTION), cell


def test_every_transfer_type_has_a_cell_and_every_cell_outside_is_refused() -> None:
    made = book()
    codes = {AssetKind.ALLOWANCE: "SHEA-2026", AssetKind.CREDIT: "SHCER-2025", AssetKind.CASH: "CNY"}
    allowed = set()
    for transfer, debit, credit, kind in CELLS:
        if debit is credit:
            continue
        if ledger.is_allowed(transfer, debit=debit, credit=credit, kind=kind):
            allowed.add(transfer)
            continue
        with pytest.raises(Refused, match=r"TRANSFER_NOT_ALLOWED|TERMINAL_ACCOUNT"):
            made.apply(transfer, [Leg(debit, credit, codes[kind], 1)])
    assert allowed == set(TransferType)


def test_only_surrender_retirement_and_cancellation_reach_terminal_accounts() -> None:
    reached = {
        (transfer, credit)
        for transfer, debit, credit, kind in CELLS
        if credit in ledger.TERMINALS and ledger.is_allowed(transfer, debit=debit, credit=credit, kind=kind)
    }
    surrendered = {transfer for transfer, credit in reached if credit is AccountType.SURRENDER}
    assert surrendered == {TransferType.SURRENDER, TransferType.FORCE_SURRENDER}
    assert {transfer for transfer, credit in reached if credit is AccountType.RETIREMENT} == {TransferType.RETIRE}


def test_posting_moves_the_quantity_and_gives_both_totals_after() -> None:
    made = book()
    outcome = made.apply(TransferType.DELIVER_TRADE, [sell(30), sell(20)])
    assert outcome.afters == (ledger.After(70, 30), ledger.After(50, 50))
    assert outcome.moves == (ledger.Move(0, Block(1, 31)), ledger.Move(1, Block(31, 51)))
    assert made.positions["red-HOLDING", "SHEA-2026"] == Position(50, 0)
    assert made.blocks["red-HOLDING", "SHEA-2026"] == [Block(51, 101)]


def test_transfer_is_whole_or_not_at_all() -> None:
    made = book()
    before = copy.deepcopy(made)
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"):
        made.apply(TransferType.DELIVER_TRADE, [sell(60), sell(60)])
    assert made == before


@pytest.mark.parametrize(
    ("leg", "code"),
    [
        (Leg("nobody", "north-HOLDING", "SHEA-2026", 1), LedgerRefusal.ACCOUNT_UNKNOWN),
        (Leg("red-HOLDING", "north-HOLDING", "GOLD", 1), LedgerRefusal.ASSET_UNKNOWN),
        (sell(0), LedgerRefusal.QUANTITY_NOT_POSITIVE),
        (sell(-5), LedgerRefusal.QUANTITY_NOT_POSITIVE),
        (Leg("red-HOLDING", "red-HOLDING", "SHEA-2026", 1), LedgerRefusal.SAME_ACCOUNT),
        (Leg("SURRENDER", "red-HOLDING", "SHEA-2026", 1), LedgerRefusal.TERMINAL_ACCOUNT),
        (Leg("red-HOLDING", "north-CLIENT_CASH", "SHEA-2026", 1), LedgerRefusal.TRANSFER_NOT_ALLOWED),
        (sell(1, asset="SHEA-2026-OWN"), LedgerRefusal.RESTRICTED_USE),
        (sell(1, hold="H-9"), LedgerRefusal.HOLD_UNKNOWN),
        (sell(101), LedgerRefusal.INSUFFICIENT_FREE),
    ],
)
def test_a_trade_leg_is_refused_with_the_code_that_says_why(leg: Leg, code: LedgerRefusal) -> None:
    assert refusal_of(book(), TransferType.DELIVER_TRADE, leg) is code


@pytest.mark.parametrize(
    ("account", "state", "code"),
    [
        ("red-HOLDING", AccountState.FROZEN, LedgerRefusal.ACCOUNT_FROZEN),
        ("red-HOLDING", AccountState.CLOSED, LedgerRefusal.ACCOUNT_CLOSED),
        ("north-HOLDING", AccountState.CLOSED, LedgerRefusal.ACCOUNT_CLOSED),
        ("north-HOLDING", AccountState.FROZEN, None),
    ],
)
def test_a_frozen_account_receives_but_gives_nothing(
    account: str, state: AccountState, code: LedgerRefusal | None
) -> None:
    made = book()
    made.accounts[account] = replace(made.accounts[account], state=state)
    assert refusal_of(made, TransferType.DELIVER_TRADE, sell(1)) is code


def test_accounts_of_two_regions_never_meet() -> None:
    made = book()
    made.accounts["north-HOLDING"] = replace(made.accounts["north-HOLDING"], region="tianjin")
    assert refusal_of(made, TransferType.DELIVER_TRADE, sell(1)) is LedgerRefusal.OTHER_REGION


def test_restricted_units_can_be_surrendered_but_not_traded_retired_ordered_or_pledged() -> None:
    made = book()
    made.apply(TransferType.ALLOCATE, [Leg("ISSUANCE", "red-HOLDING", "SHEA-2026-OWN", 10)])
    retire = Leg("red-HOLDING", "RETIREMENT", "SHEA-2026-OWN", 1)
    assert refusal_of(made, TransferType.RETIRE, retire) is LedgerRefusal.RESTRICTED_USE
    for reason in (HoldReason.ORDER, HoldReason.PLEDGE):
        with pytest.raises(Refused, match="RESTRICTED_USE"):
            made.place(ledger.Hold("H-1", "red-HOLDING", "SHEA-2026-OWN", 1, reason))
    made.apply(TransferType.SURRENDER, [Leg("red-HOLDING", "SURRENDER", "SHEA-2026-OWN", 10)])
    assert made.positions["SURRENDER", "SHEA-2026-OWN"].total == 10


def test_a_hold_keeps_its_quantity_from_everything_but_its_own_purpose() -> None:
    made = book()
    made.place(order(80))
    assert made.positions["red-HOLDING", "SHEA-2026"] == Position(100, 80)
    assert refusal_of(made, TransferType.DELIVER_TRADE, sell(21)) is LedgerRefusal.INSUFFICIENT_FREE
    surrender = Leg("red-HOLDING", "SURRENDER", "SHEA-2026", 1, "H-1")
    assert refusal_of(made, TransferType.SURRENDER, surrender) is LedgerRefusal.HOLD_DIFFERS
    made.apply(TransferType.DELIVER_TRADE, [sell(30, hold="H-1")])
    assert made.positions["red-HOLDING", "SHEA-2026"] == Position(70, 50)
    assert made.holds["H-1"].remaining == 50
    assert refusal_of(made, TransferType.DELIVER_TRADE, sell(51, hold="H-1")) is LedgerRefusal.HOLD_TOO_SMALL
    made.apply(TransferType.DELIVER_TRADE, [sell(50, hold="H-1")])
    assert made.holds["H-1"].state is HoldState.USED
    assert refusal_of(made, TransferType.DELIVER_TRADE, sell(1, hold="H-1")) is LedgerRefusal.HOLD_NOT_ACTIVE


def test_a_hold_cannot_be_drawn_on_for_another_account() -> None:
    made = book()
    made.place(order(80))
    made.apply(TransferType.DELIVER_TRADE, [sell(20)])
    leg = Leg("north-HOLDING", "red-HOLDING", "SHEA-2026", 5, "H-1")
    assert refusal_of(made, TransferType.DELIVER_TRADE, leg) is LedgerRefusal.HOLD_DIFFERS


def test_one_transfer_cannot_draw_twice_on_what_a_hold_has_once() -> None:
    made = book()
    made.place(order(80))
    with pytest.raises(Refused, match="HOLD_TOO_SMALL"):
        made.apply(TransferType.DELIVER_TRADE, [sell(50, hold="H-1"), sell(50, hold="H-1")])
    assert made.holds["H-1"].remaining == 80


def test_releasing_a_hold_sets_the_rest_free_once() -> None:
    made = book()
    made.place(order(80))
    made.apply(TransferType.DELIVER_TRADE, [sell(30, hold="H-1")])
    assert made.release("H-1") == 50
    assert made.positions["red-HOLDING", "SHEA-2026"] == Position(70, 0)
    with pytest.raises(Refused, match="HOLD_NOT_ACTIVE"):
        made.release("H-1")
    with pytest.raises(Refused, match="HOLD_UNKNOWN"):
        made.release("H-2")


@pytest.mark.parametrize(
    ("hold", "code"),
    [
        (order(0), "QUANTITY_NOT_POSITIVE"),
        (order(101), "INSUFFICIENT_FREE"),
        (replace(order(1), account="nobody"), "ACCOUNT_UNKNOWN"),
        (replace(order(1), asset="GOLD"), "ASSET_UNKNOWN"),
        (replace(order(1), account="SURRENDER"), "TERMINAL_ACCOUNT"),
    ],
)
def test_a_hold_is_refused_with_the_code_that_says_why(hold: ledger.Hold, code: str) -> None:
    made = book()
    with pytest.raises(Refused, match=code):
        made.place(hold)
    assert not made.holds


def test_a_court_may_hold_what_lies_in_a_frozen_account_and_its_owner_may_not() -> None:
    made = book()
    made.accounts["red-HOLDING"] = replace(made.accounts["red-HOLDING"], state=AccountState.FROZEN)
    with pytest.raises(Refused, match="ACCOUNT_FROZEN"):
        made.place(order(1))
    made.place(replace(order(1), reason=HoldReason.COURT))
    made.accounts["red-HOLDING"] = replace(made.accounts["red-HOLDING"], state=AccountState.CLOSED)
    with pytest.raises(Refused, match="ACCOUNT_CLOSED"):
        made.place(replace(order(1), reason=HoldReason.COURT))


def test_precedence_follows_the_order_of_the_refusals() -> None:
    # Each leg keeps all faults of the next one and adds an earlier one.
    made = book()
    made.accounts["red-HOLDING"] = replace(made.accounts["red-HOLDING"], state=AccountState.FROZEN)
    made.accounts["CLIENT_CASH"] = replace(made.accounts["CLIENT_CASH"], state=AccountState.CLOSED)
    legs = [
        Leg("nobody", "CLIENT_CASH", "GOLD", 0, "H-9"),
        Leg("red-HOLDING", "CLIENT_CASH", "GOLD", 0, "H-9"),
        Leg("red-HOLDING", "red-HOLDING", "SHEA-2026-OWN", 0, "H-9"),
        Leg("red-HOLDING", "red-HOLDING", "SHEA-2026-OWN", 999, "H-9"),
        Leg("red-HOLDING", "CLIENT_CASH", "SHEA-2026-OWN", 999, "H-9"),
        Leg("red-HOLDING", "BANK", "SHEA-2026-OWN", 999, "H-9"),
        Leg("north-HOLDING", "BANK", "SHEA-2026-OWN", 999, "H-9"),
        Leg("north-HOLDING", "HOLDING", "SHEA-2026-OWN", 999, "H-9"),
        Leg("north-HOLDING", "HOLDING", "SHEA-2026", 999, "H-9"),
        Leg("north-HOLDING", "HOLDING", "SHEA-2026", 999),
    ]
    seen = [refusal_of(made, TransferType.DELIVER_TRADE, leg) for leg in legs]
    order_of = list(LedgerRefusal)
    places = [order_of.index(code) for code in seen if code]
    assert len(places) == len(legs)
    assert places == sorted(set(places))


def test_blocks_are_taken_lowest_serial_first_and_split() -> None:
    blocks = (Block(1, 4), Block(9, 12))
    assert ledger.take_blocks(blocks, 2) == ((Block(1, 3),), (Block(3, 4), Block(9, 12)))
    assert ledger.take_blocks(blocks, 3) == ((Block(1, 4),), (Block(9, 12),))
    assert ledger.take_blocks(blocks, 6) == (blocks, ())


def test_blocks_that_hold_less_than_the_balance_are_a_fault() -> None:
    with pytest.raises(Fault, match="A1"):
        ledger.take_blocks((Block(1, 4),), 4)


def test_neighbouring_blocks_are_shown_as_one_range() -> None:
    assert ledger.merge_blocks([Block(4, 6), Block(1, 4), Block(9, 10)]) == (Block(1, 6), Block(9, 10))


def test_money_has_no_serial_numbers() -> None:
    made = book()
    before = made.serial_next
    outcome = made.apply(TransferType.CASH_IN, [Leg("BANK", "red-CLIENT_CASH", "CNY", 5_000)])
    assert outcome.moves == ()
    assert made.serial_next == before
    assert made.positions["BANK", "CNY"] == Position(-5_000, 0)


def test_only_a_reserve_grows_and_never_beyond_what_is_free() -> None:
    kept = book()
    kept.place(order(60))
    with pytest.raises(ValueError, match="only a reserve"):
        kept.extend("H-1", by=10)
    kept.place(replace(order(10, "H-2"), is_reserve=True))
    kept.extend("H-2", by=30)
    with pytest.raises(Refused) as refused:
        kept.extend("H-2", by=1)
    assert refused.value.code is LedgerRefusal.INSUFFICIENT_FREE
    assert (kept.holds["H-2"].remaining, kept.positions["red-HOLDING", "SHEA-2026"].free) == (40, 0)


def test_what_is_set_free_of_a_reserve_counts_first_against_what_has_given_way() -> None:
    kept = book()
    kept.place(replace(order(100), is_reserve=True))
    kept.place(ledger.Hold("H-2", "red-HOLDING", "SHEA-2026", 70, HoldReason.COURT))
    assert (kept.holds["H-1"].remaining, kept.holds["H-1"].given_way) == (30, 70)
    assert kept.lower("H-1", by=60) == 0
    assert kept.lower("H-1", by=15) == 5
    assert (kept.holds["H-1"].remaining, kept.holds["H-1"].given_way) == (25, 0)
    assert kept.positions["red-HOLDING", "SHEA-2026"].free == 5
    assert kept.lower("H-1", by=25) == 25
    assert kept.holds["H-1"].state is HoldState.RELEASED


def test_a_reserve_drawn_to_its_end_while_more_rested_on_it_has_given_way() -> None:
    reserve = replace(order(30), is_reserve=True, given_way=70)
    assert ledger.draw(reserve, TransferType.DELIVER_TRADE, sell(10)).given_way == 70
    ended = ledger.draw(reserve, TransferType.DELIVER_TRADE, sell(30))
    assert (ended.state, ended.given_way) == (HoldState.OVERRIDDEN, 0)
