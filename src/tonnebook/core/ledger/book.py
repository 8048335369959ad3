"""An account book in memory: the one place where balances, holds and serial blocks change."""

from bisect import insort
from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import checks, matrix
from tonnebook.core.ledger import holds as claims
from tonnebook.core.ledger.blocks import Block, take_blocks
from tonnebook.core.ledger.freezes import Freeze
from tonnebook.core.ledger.holds import HoldOwner
from tonnebook.core.ledger.kinds import (
    SOURCES,
    Account,
    AssetKey,
    AssetKind,
    Hold,
    HoldState,
    Leg,
    Place,
    Position,
    TransferType,
)
from tonnebook.core.ledger.refusals import LedgerRefusal, with_units
from tonnebook.core.ledger.titles import TITLED, Lot, Title, add_lots, arriving, take_lots


@dataclass(frozen=True, slots=True)
class After:
    """The totals of both accounts of a leg once it is posted."""

    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Move:
    """A block that went from one account to another with leg `leg` of a transfer."""

    leg: int
    block: Block


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a transfer did, in order of the legs.

    Attributes:
        afters: totals after each leg.
        moves: the serial blocks that moved.
        lots: by leg, the lots that left the debit account; None for cash, empty where it has no titles.
    """

    afters: tuple[After, ...]
    moves: tuple[Move, ...]
    lots: tuple[tuple[Lot, ...] | None, ...] = ()


@dataclass(slots=True)
class Book:
    """An account book in memory; every change is whole or not at all.

    Attributes:
        accounts: by number.
        assets: by code.
        positions: by account and asset.
        holds: by number.
        blocks: serial blocks by account and asset, in order of serial; none for sources and cash.
        lots: how the units were acquired, by account and asset; only for accounts whose holders have titles.
        lot_orders: by region, the published order in which lots are used up; that of `Title` where none is given.
        today: the day on which lots are acquired.
        serial_next: the first serial number not yet issued.
        freezes: the switches in force.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    assets: dict[str, AssetKey] = field(default_factory=dict)
    positions: dict[Place, Position] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    blocks: dict[Place, list[Block]] = field(default_factory=dict)
    lots: dict[Place, tuple[Lot, ...]] = field(default_factory=dict)
    lot_orders: dict[str, tuple[Title, ...]] = field(default_factory=dict)
    today: date = date.min
    serial_next: int = 1
    freezes: tuple[Freeze, ...] = ()

    def apply(self, transfer: TransferType, legs: Sequence[Leg]) -> Outcome:
        """Post a transfer: all of its legs in order, or none.

        Returns:
            Totals after each leg, the serial blocks and the lots that moved.

        Raises:
            Refused: ACCOUNT_UNKNOWN, ASSET_UNKNOWN, HOLD_UNKNOWN, and what `check_leg`, `draw` and `post` refuse.
            Fault: A1 when blocks or lots and balance of an account differ.

        Source: design choice, no legal source (invariants A1 to A4).
        """
        positions: ChainMap[Place, Position] = ChainMap({}, self.positions)
        holds: ChainMap[str, Hold] = ChainMap({}, self.holds)
        afters = tuple(self._post_leg(transfer, leg, positions, holds) for leg in legs)
        self.positions.update(positions.maps[0])
        self.holds.update(holds.maps[0])
        for place in {(leg.credit, leg.asset) for leg in legs}:
            self.fill(place)
        # Nothing is refused from here on: serial numbers and lots follow balances that have been checked.
        return Outcome(afters, tuple(self._move_blocks(legs)), tuple(self._move_lots(transfer, leg) for leg in legs))

    def place(self, hold: Hold) -> None:
        """Set a quantity aside; where too little is free, `holds.CONFLICTS` decides.

        Args:
            hold: new; `remaining` is all it asks for.

        Raises:
            Refused: ACCOUNT_UNKNOWN, ASSET_UNKNOWN, what `checks.check_hold` refuses, INSUFFICIENT_FREE.

        Source: S75, S76 and design choices, each in `holds.CONFLICTS`.
        """
        self.check_hold(hold)
        place, ranked = (hold.account, hold.asset), claims.is_ranked(hold.reason)
        standing = self._standing(place) if ranked else []
        position = self.positions.get(place, Position())
        if not ranked and not position.waiting and hold.remaining <= position.free:
            self.holds[hold.number] = hold
            self.positions[place] = replace(position, held=position.held + hold.remaining)
            return
        missing = hold.remaining + position.waiting - position.free
        pushed = claims.overridden(hold, standing, missing=missing)
        short = missing - position.waiting - sum(taken for _, taken in pushed)
        if short > 0 and short > claims.may_wait(hold, standing):
            raise insufficient(hold.account, hold.asset, free=position.free, wanted=hold.remaining)
        for one, taken in pushed:
            self._push(one, taken)
        rank = claims.next_rank(standing) if ranked else 0
        self.holds[hold.number] = replace(hold, remaining=0, waiting=hold.remaining, rank=rank, state=HoldState.WAITING)
        position = self.positions.get(place, Position())
        self.positions[place] = replace(position, waiting=position.waiting + hold.remaining)
        self.fill(place)

    def extend(self, number: str, *, by: int) -> None:
        """Set more aside for a reserve.

        Args:
            number: of the reserve.
            by: how much more, tonnes or fen.

        Raises:
            Refused: HOLD_UNKNOWN, HOLD_NOT_ACTIVE or HOLD_OVERRIDDEN, what `checks.check_hold` refuses,
                INSUFFICIENT_FREE.
            ValueError: when it is no reserve.

        Source: design choice, no legal source.
        """
        hold = self._hold(number, self.holds)
        _check_standing(hold)
        if not hold.is_reserve:
            raise ValueError("only a reserve grows")
        self.check_hold(replace(hold, remaining=by))
        position = self.positions[hold.account, hold.asset]
        if by > position.free:
            raise insufficient(hold.account, hold.asset, free=position.free, wanted=by)
        self.positions[hold.account, hold.asset] = replace(position, held=position.held + by)
        self.holds[number] = replace(hold, remaining=hold.remaining + by)

    def release(self, number: str, *, by: HoldOwner | None = HoldOwner.HOLDER) -> int:
        """Set what remains of a hold free again; whoever waits for it gets it first.

        Args:
            number: of the hold.
            by: who lets it go; None when its time is over.

        Returns:
            The quantity released, tonnes or fen.

        Raises:
            Refused: HOLD_UNKNOWN, HOLD_NOT_ACTIVE, HOLD_OVERRIDDEN or HOLD_OF_ANOTHER.
        """
        hold = self._hold(number, self.holds)
        _check_standing(hold)
        terms = claims.TERMS[hold.reason]
        if by is not terms.owner and not (by is None and terms.ends_by_itself):
            raise Refused(LedgerRefusal.HOLD_OF_ANOTHER, hold=number, owner=str(terms.owner))
        self._end(hold, HoldState.RELEASED)
        self.fill((hold.account, hold.asset))
        return hold.remaining

    def lower(self, number: str, *, by: int) -> int:
        """Set a part of the holder's own hold free; whoever waits for it gets it first.

        What has given way of a reserve is no longer there to be set free: it is counted first.

        Args:
            number: of the hold.
            by: how much is no longer needed, tonnes or fen, > 0; all of it ends the hold.

        Returns:
            The quantity set free, tonnes or fen.

        Raises:
            Refused: HOLD_UNKNOWN, HOLD_NOT_ACTIVE, HOLD_OVERRIDDEN or HOLD_OF_ANOTHER.
            ValueError: when nothing, or more than there is, shall be set free.
        """
        hold = self._hold(number, self.holds)
        _check_standing(hold)
        if claims.TERMS[hold.reason].owner is not HoldOwner.HOLDER:
            raise Refused(LedgerRefusal.HOLD_OF_ANOTHER, hold=number, owner=str(claims.TERMS[hold.reason].owner))
        if not 0 < by <= hold.remaining + hold.given_way:
            raise ValueError("what is set free is a part of the hold")
        gone = min(by, hold.given_way)
        freed, hold = by - gone, replace(hold, given_way=hold.given_way - gone)
        if freed == hold.remaining:
            self._end(hold, HoldState.OVERRIDDEN if hold.given_way else HoldState.RELEASED)
        else:
            self._shrink(hold, freed)
        self.fill((hold.account, hold.asset))
        return freed

    def give_way(self, number: str) -> None:
        """End a hold that can no longer be used, if it still stands; what rests on it is void, and who waits is next.

        Args:
            number: of the hold.

        Raises:
            Refused: HOLD_UNKNOWN.
        """
        hold = self._hold(number, self.holds)
        if hold.state in claims.STANDING:
            self._end(hold, HoldState.OVERRIDDEN)
            self.fill((hold.account, hold.asset))

    def account(self, number: str) -> Account:
        """Find an account, or refuse ACCOUNT_UNKNOWN."""
        if number not in self.accounts:
            raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=number)
        return self.accounts[number]

    def asset(self, code: str) -> AssetKey:
        """Find an asset, or refuse ASSET_UNKNOWN."""
        if code not in self.assets:
            raise Refused(LedgerRefusal.ASSET_UNKNOWN, asset=code)
        return self.assets[code]

    def check_hold(self, hold: Hold) -> None:
        """Refuse what may not be set aside whatever is free: ACCOUNT_UNKNOWN, ASSET_UNKNOWN, as `checks.check_hold`."""
        account, asset = self.account(hold.account), self.asset(hold.asset)
        checks.check_hold(hold, account=account, asset=asset, freezes=self.freezes)

    def _standing(self, place: Place) -> list[Hold]:
        return [
            hold
            for hold in self.holds.values()
            if (hold.account, hold.asset) == place and hold.state in claims.STANDING
        ]

    def _push(self, hold: Hold, taken: int) -> None:
        if taken == hold.remaining:
            self._end(hold, HoldState.OVERRIDDEN)
        else:
            self._shrink(replace(hold, given_way=hold.given_way + taken), taken)

    def _shrink(self, hold: Hold, quantity: int) -> None:
        place = (hold.account, hold.asset)
        self.positions[place] = replace(self.positions[place], held=self.positions[place].held - quantity)
        self.holds[hold.number] = replace(hold, remaining=hold.remaining - quantity)

    def _end(self, hold: Hold, state: HoldState) -> None:
        place = (hold.account, hold.asset)
        position = self.positions[place]
        held, waiting = position.held - hold.remaining, position.waiting - hold.waiting
        self.positions[place] = Position(position.total, held, waiting)
        self.holds[hold.number] = _ended(hold, state)

    def fill(self, place: Place) -> None:
        """Give what is free at a place to the holds that wait there, the lowest rank first."""
        position = self.positions[place]
        if not position.waiting or position.free <= 0:
            return
        for hold in claims.fill(self._standing(place), position.free):
            gained = hold.remaining - self.holds[hold.number].remaining
            position = replace(position, held=position.held + gained, waiting=position.waiting - gained)
            self.holds[hold.number] = hold
        self.positions[place] = position

    def _post_leg(
        self,
        transfer: TransferType,
        leg: Leg,
        positions: MutableMapping[Place, Position],
        holds: MutableMapping[str, Hold],
    ) -> After:
        debit, credit, asset = self.account(leg.debit), self.account(leg.credit), self.asset(leg.asset)
        checks.check_leg(transfer, leg, debit=debit, credit=credit, asset=asset, freezes=self.freezes)
        if leg.hold:
            holds[leg.hold] = draw(self._hold(leg.hold, holds), transfer, leg)
        if leg.restores:
            self._check_bought(leg)
        return post(positions, leg, is_source=debit.type in SOURCES, is_drawn=bool(leg.hold))

    # Who has sold on what was delivered to him gives nothing else for it: others may rely on that by now.
    def _check_bought(self, leg: Leg) -> None:
        left_t = sum(lot.quantity_t for lot in self._bought(leg))
        if left_t < leg.quantity:
            facts = with_units(leg.asset, left=left_t, wanted=leg.quantity)
            raise Refused(LedgerRefusal.LOT_GONE, account=leg.debit, asset=leg.asset, **facts)

    def _bought(self, leg: Leg) -> list[Lot]:
        key = (Title.MARKET, self.today, leg.price_fen_per_t)
        return [lot for lot in self.lots.get((leg.debit, leg.asset), ()) if lot.key == key]

    def _move_blocks(self, legs: Sequence[Leg]) -> Iterable[Move]:
        for index, leg in enumerate(legs):
            if self.assets[leg.asset].kind is AssetKind.CASH:
                continue
            target = self.blocks.setdefault((leg.credit, leg.asset), [])
            for block in self._take(leg):
                insort(target, block)
                yield Move(index, block)

    def _move_lots(self, transfer: TransferType, leg: Leg) -> tuple[Lot, ...] | None:
        if self.assets[leg.asset].kind is AssetKind.CASH:
            return None
        debit, from_place, to_place = self.accounts[leg.debit], (leg.debit, leg.asset), (leg.credit, leg.asset)
        taken: tuple[Lot, ...] = ()
        if debit.type in TITLED:
            order = self.lot_orders.get(debit.region, tuple(Title))
            lots = self.lots.get(from_place, ())
            meant = self._bought(leg) if leg.restores else lots
            others = [lot for lot in lots if lot not in meant] if leg.restores else ()
            taken, left = take_lots(meant, leg.quantity, order)
            self.lots[from_place] = (*left, *others)
        if self.accounts[leg.credit].type in TITLED:
            price = leg.price_fen_per_t
            come = leg.restores or arriving(
                transfer, taken, quantity_t=leg.quantity, on=self.today, price_fen_per_t=price
            )
            self.lots[to_place] = add_lots(self.lots.get(to_place, ()), come)
        return taken

    def _take(self, leg: Leg) -> tuple[Block, ...]:
        if self.accounts[leg.debit].type in SOURCES:
            first, self.serial_next = self.serial_next, self.serial_next + leg.quantity
            return (Block(first, self.serial_next),)
        place = (leg.debit, leg.asset)
        taken, remaining = take_blocks(self.blocks.get(place, ()), leg.quantity)
        self.blocks[place] = list(remaining)
        return taken

    def _hold(self, number: str, holds: Mapping[str, Hold]) -> Hold:
        if number not in holds:
            raise Refused(LedgerRefusal.HOLD_UNKNOWN, hold=number)
        return holds[number]


def draw(hold: Hold, transfer: TransferType, leg: Leg) -> Hold:
    """Take a leg's quantity out of the hold it names.

    Returns:
        The hold with less remaining, USED once nothing is.

    Raises:
        Refused: HOLD_NOT_ACTIVE, HOLD_OVERRIDDEN, HOLD_DIFFERS when it is for another account, asset or purpose, or
            HOLD_TOO_SMALL.

    Source: design choice, no legal source.
    """
    check_drawn(hold, transfer, leg.debit, leg.asset)
    remaining = hold.remaining - leg.quantity
    if remaining < 0:
        facts = with_units(hold.asset, remaining=hold.remaining, wanted=leg.quantity)
        raise Refused(LedgerRefusal.HOLD_TOO_SMALL, hold=hold.number, **facts)
    return drawn(hold, remaining)


def check_drawn(hold: Hold, transfer: TransferType, account: str, asset: str) -> None:
    """Refuse to draw on a hold: HOLD_NOT_ACTIVE, HOLD_OVERRIDDEN or HOLD_DIFFERS, as `draw`."""
    _check_standing(hold)
    if (hold.account, hold.asset) != (account, asset) or not matrix.may_draw(transfer, hold.reason):
        raise Refused(LedgerRefusal.HOLD_DIFFERS, hold=hold.number, account=account, asset=asset)


def drawn(hold: Hold, remaining: int) -> Hold:
    """Give what becomes of a hold that was drawn on, so that so much remains."""
    if remaining:
        return replace(hold, remaining=remaining)
    if hold.waiting:
        return replace(hold, remaining=0, state=HoldState.WAITING)
    # What had given way is all that its other orders rested on.
    return _ended(hold, HoldState.OVERRIDDEN if hold.given_way else HoldState.USED)


# Written out: an auction ends a hundred thousand holds at once, and `replace` takes more than twice the time.
def _ended(hold: Hold, state: HoldState) -> Hold:
    return Hold(
        hold.number, hold.account, hold.asset, 0, hold.reason, state, rank=hold.rank, is_reserve=hold.is_reserve
    )


def _check_standing(hold: Hold) -> None:
    if hold.state is HoldState.OVERRIDDEN:
        raise Refused(LedgerRefusal.HOLD_OVERRIDDEN, hold=hold.number)
    if hold.state not in claims.STANDING:
        raise Refused(LedgerRefusal.HOLD_NOT_ACTIVE, hold=hold.number)


def post(positions: MutableMapping[Place, Position], leg: Leg, *, is_source: bool, is_drawn: bool) -> After:
    """Move a leg's quantity between two positions.

    Args:
        positions: by account and asset; a missing one is zero. Both of the leg are replaced.
        leg: already checked by `check_leg`.
        is_source: the debit account may go below zero.
        is_drawn: the quantity comes out of a hold rather than out of what is free.

    Returns:
        Both totals after the leg.

    Raises:
        Refused: INSUFFICIENT_FREE when less than the quantity is free.

    Source: design choice, no legal source (invariants A1 and A2).
    """
    from_place, to_place = (leg.debit, leg.asset), (leg.credit, leg.asset)
    debit, credit = positions.get(from_place, Position()), positions.get(to_place, Position())
    if not is_source and not is_drawn and debit.free < leg.quantity:
        raise insufficient(leg.debit, leg.asset, free=debit.free, wanted=leg.quantity)
    held = debit.held - leg.quantity if is_drawn else debit.held
    debit = replace(debit, total=debit.total - leg.quantity, held=held)
    credit = replace(credit, total=credit.total + leg.quantity)
    positions[from_place], positions[to_place] = debit, credit
    return After(debit.total, credit.total)


def insufficient(account: str, asset: str, *, free: int, wanted: int) -> Refused:
    """Say that too little is free."""
    facts = with_units(asset, free=free, wanted=wanted)
    return Refused(LedgerRefusal.INSUFFICIENT_FREE, account=account, asset=asset, **facts)
