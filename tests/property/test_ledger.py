"""What the account book keeps whatever is done to it: a machine that posts, holds and releases at random."""

import copy
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind, Block, HoldReason, HoldState, Leg, TransferType

TRADERS = ("red", "north", "gold")
UNITS = ("SHEA-2026", "SHCER-2025")
QUANTITIES = st.integers(min_value=-1, max_value=400)

blocks_and_quantity = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 50)), min_size=1, max_size=20).flatmap(
    lambda steps: st.tuples(st.just(steps), st.integers(1, sum(size for _, size in steps)))
)


@given(blocks_and_quantity)
def test_taking_blocks_loses_no_serial_and_takes_the_lowest(given_: tuple[list[tuple[int, int]], int]) -> None:
    steps, quantity_t = given_
    blocks, at = [], 1
    for gap, size in steps:
        blocks.append(Block(at + gap, at + gap + size))
        at += gap + size
    taken, remaining = ledger.take_blocks(blocks, quantity_t)
    serials = [serial for block in blocks for serial in range(block.serial_from, block.serial_to)]
    kept = [serial for block in (*taken, *remaining) for serial in range(block.serial_from, block.serial_to)]
    assert kept == serials
    assert [serial for block in taken for serial in range(block.serial_from, block.serial_to)] == serials[:quantity_t]


class _LedgerMachine(RuleBasedStateMachine):
    """Posts, holds, draws and releases at random; the invariants are checked after every step."""

    @initialize()
    def open(self) -> None:
        accounts = [ledger.Account(type_, type_) for type_ in AccountType]
        accounts += [ledger.Account(name, AccountType.HOLDING) for name in TRADERS]
        accounts += [ledger.Account(f"{name}-cash", AccountType.CLIENT_CASH) for name in TRADERS]
        assets = [
            ledger.AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026),
            ledger.AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025),
            ledger.AssetKey("CNY", AssetKind.CASH, "CNY"),
        ]
        self.book = ledger.Book({one.number: one for one in accounts}, {one.code: one for one in assets})
        self.final: dict[ledger.Place, int] = {}

    def attempt(self, transfer: TransferType, *legs: Leg) -> None:
        before = copy.deepcopy(self.book)
        try:
            self.book.apply(transfer, legs)
        except Refused:
            assert self.book == before

    @rule(to=st.sampled_from(TRADERS), quantity=QUANTITIES)
    def issue(self, to: str, quantity: int) -> None:
        self.attempt(TransferType.ALLOCATE, Leg("ISSUANCE", to, "SHEA-2026", quantity))
        self.attempt(TransferType.ISSUE_CREDITS, Leg("ISSUANCE", to, "SHCER-2025", quantity))
        self.attempt(TransferType.CASH_IN, Leg("BANK", f"{to}-cash", "CNY", quantity * 10))

    @rule(seller=st.sampled_from(TRADERS), buyer=st.sampled_from(TRADERS), asset=st.sampled_from(UNITS), q=QUANTITIES)
    def trade(self, seller: str, buyer: str, asset: str, q: int) -> None:
        cash = Leg(f"{buyer}-cash", f"{seller}-cash", "CNY", 7 * q)
        self.attempt(TransferType.DELIVER_TRADE, Leg(seller, buyer, asset, q), cash)

    @rule(owner=st.sampled_from(TRADERS), asset=st.sampled_from(UNITS), quantity=QUANTITIES)
    def hold(self, owner: str, asset: str, quantity: int) -> None:
        reason = HoldReason.ORDER if asset == "SHCER-2025" else HoldReason.SURRENDER
        before = copy.deepcopy(self.book)
        try:
            self.book.place(ledger.Hold(f"H-{len(before.holds)}", owner, asset, quantity, reason))
        except Refused:
            assert self.book == before

    @precondition(lambda self: self.book.holds)
    @rule(data=st.data(), buyer=st.sampled_from(TRADERS), quantity=QUANTITIES)
    def draw(self, data: st.DataObject, buyer: str, quantity: int) -> None:
        hold = self.book.holds[data.draw(st.sampled_from(sorted(self.book.holds)))]
        if hold.reason is HoldReason.ORDER:
            self.attempt(TransferType.DELIVER_TRADE, Leg(hold.account, buyer, hold.asset, quantity, hold.number))
        else:
            self.attempt(TransferType.SURRENDER, Leg(hold.account, "SURRENDER", hold.asset, quantity, hold.number))

    @precondition(lambda self: self.book.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.book.holds)))
        was_active = self.book.holds[number].state is HoldState.ACTIVE
        try:
            self.book.release(number)
            assert was_active
        except Refused:
            assert not was_active

    @rule(owner=st.sampled_from(TRADERS), asset=st.sampled_from(UNITS), quantity=QUANTITIES)
    def retire_and_try_to_come_back(self, owner: str, asset: str, quantity: int) -> None:
        self.attempt(TransferType.RETIRE, Leg(owner, "RETIREMENT", asset, quantity))
        for transfer in TransferType:
            self.attempt(transfer, Leg("RETIREMENT", owner, asset, 1))

    @invariant()
    def postings_sum_to_zero(self) -> None:
        sums: dict[str, int] = defaultdict(int)
        for (_, asset), position in self.book.positions.items():
            sums[asset] += position.total
        assert set(sums.values()) <= {0}

    @invariant()
    def balances_cover_what_is_held(self) -> None:
        held: dict[ledger.Place, int] = defaultdict(int)
        for hold in self.book.holds.values():
            held[hold.account, hold.asset] += hold.remaining
        for place, position in self.book.positions.items():
            assert position.held == held[place]
            assert self.book.accounts[place[0]].type in ledger.SOURCES or 0 <= position.held <= position.total

    @invariant()
    def blocks_are_the_balances_and_gapless(self) -> None:
        for place, position in self.book.positions.items():
            account, asset = self.book.accounts[place[0]], self.book.assets[place[1]]
            if account.type not in ledger.SOURCES and asset.kind is not AssetKind.CASH:
                assert sum(block.size_t for block in self.book.blocks.get(place, [])) == position.total
        line = ledger.merge_blocks(block for blocks in self.book.blocks.values() for block in blocks)
        assert line == ((Block(1, self.book.serial_next),) if self.book.serial_next > 1 else ())

    @invariant()
    def terminal_accounts_only_grow(self) -> None:
        for place, position in self.book.positions.items():
            if self.book.accounts[place[0]].type in ledger.TERMINALS:
                assert position.total >= self.final.get(place, 0)
                self.final[place] = position.total


test_the_ledger_keeps_its_promises_under_any_sequence = _LedgerMachine.TestCase
# Fifty runs of up to fifty steps each.
test_the_ledger_keeps_its_promises_under_any_sequence.settings = settings(max_examples=50, deadline=None)
