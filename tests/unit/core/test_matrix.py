"""Every cell of the matrix, allowed and refused, tried on a book; the table is read from the page that people read."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from tonnebook.commands import COMMANDS
from tonnebook.core import ledger, moves
from tonnebook.core.approvals import ACT_OF
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import (
    AccountState,
    AccountType,
    AssetKind,
    Block,
    HoldReason,
    HoldType,
    Leg,
    Position,
    StateType,
    TransferType,
)
from tonnebook.core.ledger.matrix import MATRIX, PLACED_BY, STAYS_OPEN, Effect
from tonnebook.core.ledger.states import TRANSITIONS

ROOT = Path(__file__).resolve().parents[3]
ASSETS = {AssetKind.ALLOWANCE: "SHEA-2026", AssetKind.CREDIT: "SHCER-2025", AssetKind.CASH: "CNY"}
PLENTY = 1_000_000
Cell = tuple[str, str, str, str]


def page_rows() -> Iterator[list[str]]:
    """The rows of all tables of the page, without their heads."""
    for line in (ROOT / "docs" / "matrix.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] in {*TransferType, *HoldType, *StateType, *AccountState}:
            yield cells


@cache
def page_cells() -> frozenset[Cell]:
    """Transaction, debit type, credit type ("" for a hold) and kind of asset, of every lane on the page."""
    found: set[Cell] = set()
    for name, lanes, *_ in page_rows():
        if name in {*AccountState, *StateType}:
            continue
        for lane in lanes.split("<br>"):
            places, kinds = lane.split(":")
            debits, _, credits = places.partition("→")
            found |= set(product([name], debits.split(), credits.split() or [""], kinds.split()))
    return frozenset(found)


def book(debit: AccountType, credit: AccountType = AccountType.HOLDING) -> ledger.Book:
    """Two accounts with plenty of everything."""
    accounts = {name: ledger.Account(name, type_) for name, type_ in (("from", debit), ("to", credit))}
    assets = {code: ledger.AssetKey(code, kind, code[:4]) for kind, code in ASSETS.items()}
    positions = {(name, code): Position(PLENTY) for name, code in product(accounts, assets)}
    blocks = {
        (name, code): [Block(first, first + PLENTY)]
        for (name, code), first in zip(product(accounts, assets), range(1, 6 * PLENTY, PLENTY), strict=True)
        if code != "CNY"
    }
    lot = ledger.Lot(ledger.Title.OPENING, date(2026, 1, 1), None, PLENTY)
    lots: dict[ledger.Place, tuple[ledger.Lot, ...]] = {
        place: (lot,) for place in blocks if accounts[place[0]].type in ledger.TITLED
    }
    return ledger.Book(accounts, assets, positions, blocks=blocks, lots=lots, serial_next=6 * PLENTY + 1)


def answer(made: ledger.Book, transaction: TransferType | HoldReason, kind: AssetKind) -> str:
    """What the book says to one unit of a kind: "" when it lets it through."""
    try:
        if isinstance(transaction, TransferType):
            made.apply(transaction, [Leg("from", "to", ASSETS[kind], 1)])
        else:
            made.place(ledger.Hold(f"H-{transaction}", "from", ASSETS[kind], 1, transaction))
    except Refused as refused:
        return refused.code.name
    return ""


def test_every_transfer_between_every_two_types_does_what_the_page_says() -> None:
    for debit, credit in product(AccountType, AccountType):
        made = book(debit, credit)
        for transfer, kind in product(TransferType, AssetKind):
            cell = (transfer.value, debit.value, credit.value, kind.value)
            expected = "" if cell in page_cells() else "TRANSFER_NOT_ALLOWED"
            if debit in ledger.TERMINALS:
                expected = "TERMINAL_ACCOUNT"
            assert answer(made, transfer, kind) == expected, cell


def test_every_hold_of_every_type_does_what_the_page_says() -> None:
    for account in AccountType:
        made = book(account)
        for reason, kind in product(HoldReason, AssetKind):
            cell = (PLACED_BY[reason].type.value, account.value, "", kind.value)
            expected = "" if cell in page_cells() else "HOLD_NOT_ALLOWED"
            if account in ledger.TERMINALS:
                expected = "TERMINAL_ACCOUNT"
            assert answer(made, reason, kind) == expected, cell


# What each state lets through, written once more by hand: out, into.
ALWAYS = set(
    [
        "ALLOCATE",
        "TRUE_UP",
        "RECALL",
        "FILL_RESERVE",
        "SURRENDER",
        "FORCE_SURRENDER",
        "CARRY_OVER",
        "CANCEL",
        "COURT_TRANSFER",
        "CORRECTION",
    ]
)
HELD_ALWAYS = {"SUBMIT_SURRENDER", "COURT_FREEZE", "CLAIM_RECALL"}
NEW = {"PLACE_ORDER", "PLACE_BID", "ASK_TRANSFER", "PLEDGE", "BRIDGE"}


def leaves(state: AccountState, name: str) -> bool:
    """Whether a transaction may take out of an account, or set aside in it."""
    return {
        AccountState.PENDING: False,
        AccountState.OPEN: True,
        AccountState.SOME_RESTRICTED: name not in ("DELIVER_TRADE", "PLACE_ORDER"),
        AccountState.ALL_RESTRICTED: name in ALWAYS | HELD_ALWAYS,
        AccountState.FROZEN: name in ("COURT_TRANSFER", "COURT_FREEZE", "CLAIM_RECALL"),
        AccountState.SUSPENDED: name in ALWAYS | HELD_ALWAYS,
        AccountState.CLOSING: name not in NEW,
        AccountState.CLOSED: False,
    }[state]


def arrives(state: AccountState, name: str) -> bool:
    """Whether a transfer may put something into an account."""
    return {
        AccountState.PENDING: False,
        AccountState.OPEN: True,
        AccountState.SOME_RESTRICTED: name not in ("DELIVER_TRADE", "PLACE_ORDER"),
        AccountState.ALL_RESTRICTED: True,
        AccountState.FROZEN: True,
        AccountState.SUSPENDED: name in ALWAYS,
        AccountState.CLOSING: name == "CORRECTION",
        AccountState.CLOSED: False,
    }[state]


STOPPED = {
    "ACCOUNT_PENDING",
    "ACCOUNT_RESTRICTED",
    "ACCOUNT_FROZEN",
    "ACCOUNT_SUSPENDED",
    "ACCOUNT_CLOSING",
    "ACCOUNT_CLOSED",
}
BARRED: frozenset[ledger.TransactionType] = frozenset({TransferType.DELIVER_TRADE, HoldType.PLACE_ORDER})


def barred_in(state: AccountState) -> frozenset[ledger.TransactionType]:
    """What is barred for an account of a state."""
    return BARRED if state is AccountState.SOME_RESTRICTED else frozenset()


def put(made: ledger.Book, name: str, state: AccountState) -> None:
    """Bring an account into a state."""
    made.accounts[name] = replace(made.accounts[name], state=state, barred=barred_in(state))


def test_every_allowed_transfer_meets_every_pair_of_states() -> None:
    for name, debit, credit, kind in page_cells():
        if name not in set(TransferType):
            continue
        made = book(AccountType(debit), AccountType(credit))
        for giving, receiving in product(AccountState, AccountState):
            put(made, "from", giving)
            put(made, "to", receiving)
            found = answer(made, TransferType(name), AssetKind(kind))
            cell = (name, debit, giving, credit, receiving, kind, found)
            assert (not found) == (leaves(giving, name) and arrives(receiving, name)), cell
            assert found in STOPPED | {""}, cell


def test_every_allowed_hold_meets_every_state() -> None:
    for reason, state in product(HoldReason, AccountState):
        row = PLACED_BY[reason]
        for lane in row.lanes:
            for account, kind in product(lane.debits, lane.kinds):
                made = book(account)
                put(made, "from", state)
                found = answer(made, reason, kind)
                assert (not found) == leaves(state, row.type.value), (reason, state, account, found)
                assert found in STOPPED | {""}


@pytest.mark.parametrize("scope", ledger.FreezeScope)
def test_a_freeze_switch_stops_all_but_what_the_page_calls_open(scope: ledger.FreezeScope) -> None:
    open_here = {cells[0] for cells in page_rows() if len(cells) > 6 and cells[6] == "yes"}
    for name, debit, credit, kind in page_cells():
        if name not in {*TransferType, *(PLACED_BY[reason].type for reason in HoldReason)}:
            continue
        made = book(AccountType(debit), AccountType(credit or "HOLDING"))
        transaction = (
            TransferType(name)
            if name in set(TransferType)
            else next(reason for reason in HoldReason if PLACED_BY[reason].type == name)
        )
        subject = {"REGION": "", "ASSET": ASSETS[AssetKind(kind)], "ACCOUNT": "from"}[scope.value]
        made.freezes = (ledger.Freeze("F-1", "", scope, subject),)
        expected = "" if name in open_here else "FREEZE_IN_FORCE"
        assert answer(made, transaction, AssetKind(kind)) == expected, (name, scope)


def test_a_freeze_of_something_else_stops_nothing() -> None:
    made = book(AccountType.HOLDING)
    made.freezes = tuple(
        ledger.Freeze("F-1", region, scope, subject)
        for region, scope, subject in (
            ("tianjin", ledger.FreezeScope.REGION, "tianjin"),
            ("tianjin", ledger.FreezeScope.ASSET, "SHEA-2026"),
            ("", ledger.FreezeScope.ASSET, "TJEA"),
            ("", ledger.FreezeScope.ACCOUNT, "third"),
        )
    )
    assert answer(made, TransferType.DELIVER_TRADE, AssetKind.ALLOWANCE) == ""


def test_a_freeze_of_a_scheme_stops_each_of_its_assets_on_either_side() -> None:
    made = book(AccountType.HOLDING)
    made.freezes = (ledger.Freeze("F-1", "", ledger.FreezeScope.ASSET, "SHEA"),)
    assert answer(made, TransferType.DELIVER_TRADE, AssetKind.ALLOWANCE) == "FREEZE_IN_FORCE"
    assert answer(made, TransferType.DELIVER_TRADE, AssetKind.CREDIT) == ""
    made.freezes = (ledger.Freeze("F-1", "", ledger.FreezeScope.ACCOUNT, "to"),)
    assert answer(made, TransferType.DELIVER_TRADE, AssetKind.CREDIT) == "FREEZE_IN_FORCE"


def test_every_change_of_state_is_allowed_or_refused_as_the_page_says() -> None:
    told = {cells[0]: set(cells[3].split()) - {"nothing"} for cells in page_rows() if cells[0] in set(AccountState)}
    for before, after in product(AccountState, AccountState):
        account = ledger.Account("from", AccountType.HOLDING, before)
        try:
            ledger.check_transition(account, state=after, barred=barred_in(after))
            found = ""
        except Refused as refused:
            found = refused.code.name
        closed = "ACCOUNT_CLOSED" if before is AccountState.CLOSED else "STATE_CHANGE_NOT_ALLOWED"
        assert found == ("" if after.value in told[before] else closed), (before, after)
    assert TRANSITIONS[AccountState.CLOSED] == frozenset()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (AccountState.OPEN, AccountState.FROZEN, False),
        (AccountState.OPEN, AccountState.SUSPENDED, False),
        (AccountState.OPEN, AccountState.CLOSING, False),
        (AccountState.SUSPENDED, AccountState.CLOSED, False),
        (AccountState.FROZEN, AccountState.OPEN, True),
        (AccountState.ALL_RESTRICTED, AccountState.OPEN, True),
        (AccountState.FROZEN, AccountState.ALL_RESTRICTED, True),
        (AccountState.FROZEN, AccountState.SUSPENDED, True),
        (AccountState.SUSPENDED, AccountState.FROZEN, True),
        (AccountState.CLOSING, AccountState.OPEN, True),
        (AccountState.PENDING, AccountState.OPEN, True),
    ],
)
def test_whatever_lets_more_through_loosens(before: AccountState, after: AccountState, expected: bool) -> None:
    assert ledger.loosens(ledger.Account("from", AccountType.HOLDING, before), state=after) is expected


def test_a_shorter_list_of_barred_transactions_loosens_and_a_longer_one_does_not() -> None:
    state = AccountState.SOME_RESTRICTED
    account = ledger.Account("from", AccountType.HOLDING, state, barred=BARRED)
    assert ledger.loosens(account, state=state, barred=BARRED - {HoldType.PLACE_ORDER})
    assert not ledger.loosens(account, state=state, barred=BARRED | {TransferType.RETIRE})


@pytest.mark.parametrize(
    ("state", "barred"),
    [
        (AccountState.SOME_RESTRICTED, frozenset()),
        (AccountState.FROZEN, BARRED),
        (AccountState.SOME_RESTRICTED, frozenset({HoldType.WITHDRAW_ORDER})),
        (AccountState.SOME_RESTRICTED, BARRED | {TransferType.SURRENDER}),
        (AccountState.SOME_RESTRICTED, BARRED | {TransferType.CASH_OUT}),
    ],
)
def test_barred_transactions_are_named_for_their_own_state_and_no_other(
    state: AccountState, barred: frozenset[ledger.TransactionType]
) -> None:
    account = ledger.Account("from", AccountType.HOLDING)
    with pytest.raises(Refused, match="BARRED_MISSING"):
        ledger.check_transition(account, state=state, barred=barred)


def test_what_can_be_barred_is_what_such_an_account_does_and_no_freeze_lets_go_on() -> None:
    named = set(ledger.barrable(AccountType.CLIENT_CASH))
    assert {TransferType.CASH_OUT, TransferType.DELIVER_TRADE, HoldType.PLACE_BID} <= named
    assert not named & (STAYS_OPEN | {TransferType.RETIRE, HoldType.WITHDRAW_BID})


def test_restricted_units_go_only_where_the_page_lets_them() -> None:
    told = {cells[0]: cells[7] == "yes" for cells in page_rows() if len(cells) > 7}
    for name, debit, credit, kind in page_cells():
        if kind == AssetKind.CASH or name not in set(TransferType):
            continue
        made = book(AccountType(debit), AccountType(credit))
        code = ASSETS[AssetKind(kind)]
        made.assets[code] = replace(made.assets[code], use_restriction="OWN_SURRENDER")
        found = answer(made, TransferType(name), AssetKind(kind))
        assert found == ("" if told[name] else "RESTRICTED_USE"), name


def test_the_matrix_has_a_row_for_every_transaction_and_every_type_of_account_a_lane() -> None:
    assert set(MATRIX) == {*TransferType, *HoldType, *StateType}
    assert len(TransferType) + len(HoldType) >= 45
    assert len(AccountType) >= 18
    reached = {type_ for row in MATRIX.values() for lane in row.lanes for type_ in lane.debits | lane.credits}
    assert reached == set(AccountType)
    assert set(PLACED_BY) == set(HoldReason)


def commands_in_code() -> set[str]:
    """Every command that a service is registered as."""
    files = (ROOT / "src" / "tonnebook").rglob("*.py")
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return {*re.findall(r'command\(\s*"([a-z_.]+)"', code), *COMMANDS}


def test_every_row_names_a_command_that_exists_or_a_room_that_brings_it() -> None:
    known = commands_in_code()
    rooms = {"registry", "compliance", "market", "finance", "inclusion"}
    for row in MATRIX.values():
        assert row.served_by in known | rooms, row.type


def test_every_transfer_that_a_service_posts_is_marked_with_a_command() -> None:
    # Core decides and the benches measure; neither is a service.
    files = [file for file in (ROOT / "src" / "tonnebook").rglob("*.py") if not {"core", "bench"} & {*file.parts}]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    posted = {*re.findall(r"TransferType\.([A-Z_]+)", code), *moves.NON_TRADE}
    marked = {row.type.value for row in MATRIX.values() if row.effect is Effect.TRANSFER and "." in row.served_by}
    assert posted == marked


def test_two_people_are_needed_exactly_where_the_command_is_approved() -> None:
    # A surrender is submitted by one and confirmed by another; opening entries come with the import of both; what two
    # people decided is settled when its window is over.
    by_themselves = {"compliance.confirm_surrenders", "compliance.settle_intervention", "imports.eutl"}
    for row in MATRIX.values():
        if "." in row.served_by:
            assert bool(row.approval_act) == (row.served_by in {*ACT_OF, *by_themselves}), row.type
    assert set(ACT_OF) == set(COMMANDS)


@pytest.mark.parametrize(("initiator", "approver"), [("P-1", ""), ("P-1", "P-1")])
def test_a_transfer_of_two_people_is_refused_to_one(initiator: str, approver: str) -> None:
    with pytest.raises(Refused, match="SECOND_PERSON_NEEDED"):
        ledger.check_people(TransferType.ALLOCATE, initiator=initiator, approver=approver)
    ledger.check_people(TransferType.ALLOCATE, initiator="P-1", approver="P-2")
    ledger.check_people(TransferType.RETIRE, initiator="P-1", approver="")
