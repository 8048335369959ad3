"""Many trades, or the awards of an auction, delivered together: units and lots against cash out of the buyers' holds.

Totals, holds and lots end as after `Book.apply` trade by trade; a property test holds them equal. Serial blocks are
netted: they go once from those who have sold more than they bought to those who have bought more than they sold.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from tonnebook.core.errors import Fault, Refused
from tonnebook.core.ledger import checks
from tonnebook.core.ledger.blocks import Block, take_blocks
from tonnebook.core.ledger.book import Book, check_drawn, drawn
from tonnebook.core.ledger.freezes import FreezeScope
from tonnebook.core.ledger.kinds import Leg, Place, Position, TransferType
from tonnebook.core.ledger.refusals import LedgerRefusal, with_units
from tonnebook.core.ledger.titles import GIVES, TITLED, Lot, Title, add_lots, lot_place


class Delivery(NamedTuple):
    """One trade or award to be delivered; a tuple, because an engine makes thousands in a second.

    Attributes:
        seller: account that gives the units.
        buyer: account that receives them.
        asset: what is delivered.
        quantity_t: tonnes, > 0.
        price_fen_per_t: fen per tonne, > 0.
        seller_hold: the units come out of it; empty where they come out of what is free, as in an auction.
        buyer_cash: account that pays.
        seller_cash: account that is paid.
        buyer_hold: amount and the buyer's fee come out of it.
        buyer_fee_fen: fen, >= 0.
        seller_fee_fen: fen, >= 0; comes out of what is free once the amount has arrived.
    """

    seller: str
    buyer: str
    asset: str
    quantity_t: int
    price_fen_per_t: int
    seller_hold: str
    buyer_cash: str
    seller_cash: str
    buyer_hold: str
    buyer_fee_fen: int = 0
    seller_fee_fen: int = 0


class DeliveredLeg(NamedTuple):
    """One movement of a delivery with the totals of both accounts after it, and the lots that left; None for cash."""

    debit: str
    credit: str
    asset: str
    quantity: int
    debit_after: int
    credit_after: int
    price_fen_per_t: int | None
    lots: tuple[Lot, ...] | None


class BlockMove(NamedTuple):
    """A serial block that went from one account to another."""

    debit: str
    credit: str
    asset: str
    block: Block


@dataclass(frozen=True, slots=True)
class Delivered:
    """What deliveries did: their legs in order, each delivery beginning with its units, and the blocks that moved."""

    legs: list[DeliveredLeg]
    moves: list[BlockMove]


def legs_of(delivery: Delivery, *, cash: str, fees: str) -> tuple[Leg, ...]:
    """Write a delivery as the legs of one transfer: units, amount, and a leg for each fee that is not nothing.

    Args:
        delivery: the trade.
        cash: code of the money it is paid in.
        fees: account of the fees.
    """
    one, amount_fen = delivery, delivery.price_fen_per_t * delivery.quantity_t
    paid = (
        Leg(one.buyer_cash, one.seller_cash, cash, amount_fen, one.buyer_hold),
        Leg(one.buyer_cash, fees, cash, one.buyer_fee_fen, one.buyer_hold),
        Leg(one.seller_cash, fees, cash, one.seller_fee_fen),
    )
    units = Leg(one.seller, one.buyer, one.asset, one.quantity_t, one.seller_hold, one.price_fen_per_t)
    return (units, *(leg for leg in paid if leg.quantity or leg is paid[0]))


def legs_back(delivery: Delivery, *, cash: str, fees: str, restores: tuple[Lot, ...]) -> tuple[Leg, ...]:
    """Write what takes a delivery back as the legs of one transfer: fees first, then the amount, then the units.

    Args:
        delivery: the trade that was delivered; its holds are not read.
        cash: code of the money it was paid in.
        fees: account of the fees.
        restores: the lots that the delivery took from the seller.

    Source: design choice, no legal source (invariant B13).
    """
    one, amount_fen = delivery, delivery.price_fen_per_t * delivery.quantity_t
    returned = (
        Leg(fees, one.seller_cash, cash, one.seller_fee_fen),
        Leg(fees, one.buyer_cash, cash, one.buyer_fee_fen),
        Leg(one.seller_cash, one.buyer_cash, cash, amount_fen),
        Leg(one.buyer, one.seller, one.asset, one.quantity_t, price_fen_per_t=one.price_fen_per_t, restores=restores),
    )
    return tuple(leg for leg in returned if leg.quantity)


def deliver(
    book: Book,
    deliveries: Sequence[Delivery],
    *,
    cash: str,
    fees: str,
    transfer: TransferType = TransferType.DELIVER_TRADE,
) -> Delivered:
    """Deliver trades in order, units against payment, all of them or none.

    Args:
        book: with everything they touch; changed, and after a refusal of no further use.
        deliveries: at least one.
        cash: code of the money they are paid in.
        fees: account of the fees.
        transfer: why; it says what title the buyers get, and which holds may be drawn on.

    Returns:
        Legs with the totals after each, and the serial blocks that moved.

    Raises:
        Refused: ACCOUNT_UNKNOWN, ASSET_UNKNOWN, HOLD_UNKNOWN, what `check_leg` and `check_drawn` refuse,
            INSUFFICIENT_FREE when a seller's fee, or a seller without a hold, finds too little.
        Fault: A1 when blocks or lots and balance of an account differ.

    Source: design choice, no legal source (invariants A1 to A4, B5).
    """
    _check(book, transfer, deliveries, cash=cash, fees=fees)
    if any(position.waiting for position in book.positions.values()):
        # A court or another claim waits for what arrives, in the middle of it: such accounts take the long way.
        return _one_by_one(book, transfer, deliveries, cash=cash, fees=fees)
    legs = _settle(book, transfer, deliveries, cash=cash, fees=fees)
    return Delivered(legs, net_blocks(book, _changes_t(deliveries)))


def net_blocks(book: Book, changes_t: Mapping[Place, int]) -> list[BlockMove]:
    """Let serial blocks follow balances: out of the accounts that have less, into those that have more.

    Args:
        book: with the blocks of the accounts that give; changed.
        changes_t: tonnes more (> 0) or less (< 0) by account and asset; they sum up to nothing for every asset.

    Returns:
        The moves, by account number on both sides, lowest serial first.

    Raises:
        Fault: A1 when an account has fewer serials than it gives, or the changes do not sum up to nothing.

    Source: design choice, no legal source.
    """
    moves: list[BlockMove] = []
    for asset in sorted({asset for _, asset in changes_t}):
        changes = sorted((account, change_t) for (account, code), change_t in changes_t.items() if code == asset)
        moves += _net_one(book, asset, changes)
    return moves


def _net_one(book: Book, asset: str, changes: Sequence[tuple[str, int]]) -> Iterator[BlockMove]:
    pool: list[tuple[str, Block]] = []
    for account, change_t in changes:
        if change_t < 0:
            place = (account, asset)
            taken, rest = take_blocks(book.blocks.get(place, ()), -change_t)
            book.blocks[place] = list(rest)
            pool += [(account, block) for block in taken]
    pool.reverse()
    for account, change_t in changes:
        come = []
        while change_t > 0:
            if not pool:
                raise Fault("A1", asset=asset, missing_t=change_t)
            giver, block = pool.pop()
            if block.size_t > change_t:
                cut = block.serial_from + change_t
                pool.append((giver, Block(cut, block.serial_to)))
                block = Block(block.serial_from, cut)
            change_t -= block.size_t
            come.append(block)
            yield BlockMove(giver, account, asset, block)
        if come:
            book.blocks[account, asset] = sorted([*book.blocks.get((account, asset), ()), *come])
    if pool:
        raise Fault("A1", asset=asset, left_t=sum(block.size_t for _, block in pool))


def _changes_t(deliveries: Iterable[Delivery]) -> Counter[Place]:
    changes: Counter[Place] = Counter()
    for one in deliveries:
        changes[one.seller, one.asset] -= one.quantity_t
        changes[one.buyer, one.asset] += one.quantity_t
    return changes


# The matrix, states and switches are asked once for each pair of kinds of accounts, not once for each delivery.
def _check(book: Book, transfer: TransferType, deliveries: Sequence[Delivery], *, cash: str, fees: str) -> None:
    accounts = {account for one in deliveries for account in (one.seller, one.buyer, one.buyer_cash, one.seller_cash)}
    kinds: dict[tuple[object, ...], int] = {}
    kind_of: dict[str, int] = {}
    for number in accounts:
        account = book.account(number)
        kind_of[number] = kinds.setdefault((account.type, account.state, account.region, account.barred), len(kinds))
    alike = {
        (
            kind_of[one.seller],
            kind_of[one.buyer],
            one.asset,
            kind_of[one.buyer_cash],
            kind_of[one.seller_cash],
            one.buyer_fee_fen > 0,
            one.seller_fee_fen > 0,
        ): one
        for one in deliveries
    }
    # A region or a product stands still for all accounts of a kind; a single account only for those that touch it.
    alone = {freeze.subject for freeze in book.freezes if freeze.scope is FreezeScope.ACCOUNT}
    odd = [one for one in deliveries if _is_odd(one) or (alone and not alone.isdisjoint(one))]
    for one in (*odd[:1], *alike.values()):
        for leg in legs_of(one, cash=cash, fees=fees):
            sides = {"debit": book.account(leg.debit), "credit": book.account(leg.credit)}
            checks.check_leg(transfer, leg, **sides, asset=book.asset(leg.asset), freezes=book.freezes)


def _is_odd(one: Delivery) -> bool:
    least = min(one.quantity_t, one.price_fen_per_t, one.buyer_fee_fen + 1, one.seller_fee_fen + 1)
    return least <= 0 or one.seller == one.buyer or one.buyer_cash == one.seller_cash


def _one_by_one(
    book: Book, transfer: TransferType, deliveries: Iterable[Delivery], *, cash: str, fees: str
) -> Delivered:
    done = Delivered([], [])
    for one in deliveries:
        legs = legs_of(one, cash=cash, fees=fees)
        outcome = book.apply(transfer, legs)
        done.legs.extend(
            DeliveredLeg(*_what(leg), after.debit, after.credit, leg.price_fen_per_t, lots)
            for leg, after, lots in zip(legs, outcome.afters, outcome.lots, strict=True)
        )
        done.moves.extend(BlockMove(*_what(legs[move.leg])[:3], move.block) for move in outcome.moves)
    return done


def _what(leg: Leg) -> tuple[str, str, str, int]:
    return leg.debit, leg.credit, leg.asset, leg.quantity


def _settle(
    book: Book, transfer: TransferType, deliveries: Sequence[Delivery], *, cash: str, fees: str
) -> list[DeliveredLeg]:
    left = _drawn(book, transfer, deliveries, cash)
    totals = defaultdict(int, {place: position.total for place, position in book.positions.items()})
    held = defaultdict(int, {place: position.held for place, position in book.positions.items()})
    shelves = _Shelves(book, GIVES[transfer], {(one.seller, one.asset) for one in deliveries})
    purse = (fees, cash)
    posted: list[DeliveredLeg] = []

    def move(debit: Place, credit: Place, quantity: int, price: int | None, lots: tuple[Lot, ...] | None) -> None:
        totals[debit] = debit_after = totals[debit] - quantity
        totals[credit] = credit_after = totals[credit] + quantity
        posted.append(DeliveredLeg(debit[0], credit[0], debit[1], quantity, debit_after, credit_after, price, lots))

    for one in deliveries:
        quantity_t, price, amount_fen = one.quantity_t, one.price_fen_per_t, one.quantity_t * one.price_fen_per_t
        seller, buyer = (one.seller, one.asset), (one.buyer, one.asset)
        payer, payee = (one.buyer_cash, cash), (one.seller_cash, cash)
        paid_fen = amount_fen + one.buyer_fee_fen
        if one.seller_hold:
            left[one.seller_hold] -= quantity_t
            held[seller] -= quantity_t
        left[one.buyer_hold] -= paid_fen
        held[payer] -= paid_fen
        _check_covered(book, one, left, free_t=totals[seller] - held[seller])
        move(seller, buyer, quantity_t, price, shelves.pass_on(seller, buyer, quantity_t, price))
        move(payer, payee, amount_fen, None, None)
        if one.buyer_fee_fen:
            move(payer, purse, one.buyer_fee_fen, None, None)
        if one.seller_fee_fen:
            if (free := totals[payee] - held[payee]) < one.seller_fee_fen:
                raise _too_little(payee, free=free, wanted=one.seller_fee_fen)
            move(payee, purse, one.seller_fee_fen, None, None)
    for place in totals:
        book.positions[place] = Position(totals[place], held[place])
    for number, remaining in left.items():
        book.holds[number] = drawn(book.holds[number], remaining)
    shelves.write_back()
    return posted


# What the holds of all deliveries have left, each of them checked once.
def _drawn(book: Book, transfer: TransferType, deliveries: Sequence[Delivery], cash: str) -> dict[str, int]:
    named = {(one.seller_hold, one.seller, one.asset) for one in deliveries if one.seller_hold}
    named |= {(one.buyer_hold, one.buyer_cash, cash) for one in deliveries}
    left = {}
    for number, account, asset in named:
        if number not in book.holds:
            raise Refused(LedgerRefusal.HOLD_UNKNOWN, hold=number)
        check_drawn(book.holds[number], transfer, account, asset)
        left[number] = book.holds[number].remaining
    return left


def _check_covered(book: Book, one: Delivery, left: Mapping[str, int], *, free_t: int) -> None:
    if not one.seller_hold and free_t < one.quantity_t:
        raise _too_little((one.seller, one.asset), free=free_t, wanted=one.quantity_t)
    for number in (one.seller_hold, one.buyer_hold):
        if number and left[number] < 0:
            is_units = number == one.seller_hold
            wanted = one.quantity_t if is_units else one.quantity_t * one.price_fen_per_t + one.buyer_fee_fen
            facts = with_units(book.holds[number].asset, remaining=left[number] + wanted, wanted=wanted)
            raise Refused(LedgerRefusal.HOLD_TOO_SMALL, hold=number, **facts)


def _too_little(place: Place, *, free: int, wanted: int) -> Refused:
    account, asset = place
    facts = with_units(asset, free=free, wanted=wanted)
    return Refused(LedgerRefusal.INSUFFICIENT_FREE, account=account, asset=asset, **facts)


_Key: TypeAlias = tuple[Title, date, int | None]


class _Shelves:
    """The lots of those who sell, each shelf in the published order; what comes to others is only counted.

    What the region itself keeps has no title: of a seller without lots nothing is taken.
    """

    def __init__(self, book: Book, title: Title, sellers: Iterable[Place]) -> None:
        self._book = book
        self._title = title
        self._tonnes: dict[Place, dict[_Key, int]] = {}
        self._queues: dict[Place, list[tuple[tuple[int, date, int], _Key]]] = {}
        self._sort: dict[Place, Callable[[Lot], tuple[int, date, int]]] = {}
        self._come: Counter[tuple[Place, int]] = Counter()
        for place in sellers:
            if book.account(place[0]).type not in TITLED:
                continue
            lots = book.lots.get(place, ())
            sort = lot_place(book.lot_orders.get(book.account(place[0]).region, tuple(Title)))
            self._sort[place] = sort
            self._tonnes[place] = {lot.key: lot.quantity_t for lot in lots}
            self._queues[place] = sorted((sort(lot), lot.key) for lot in lots)

    def pass_on(self, seller: Place, buyer: Place, quantity_t: int, price_fen_per_t: int) -> tuple[Lot, ...]:
        """Take tonnes off the seller's shelf and give the buyer a new lot; tell what was taken."""
        taken = tuple(self._take(seller, quantity_t)) if seller in self._tonnes else ()
        if buyer not in self._tonnes:
            self._come[buyer, price_fen_per_t] += quantity_t
            return taken
        lot = Lot(self._title, self._book.today, price_fen_per_t, quantity_t)
        tonnes = self._tonnes[buyer]
        if lot.key not in tonnes:
            heappush(self._queues[buyer], (self._sort[buyer](lot), lot.key))
        tonnes[lot.key] = tonnes.get(lot.key, 0) + quantity_t
        return taken

    def write_back(self) -> None:
        """Put what is left and what has come into the book."""
        for place, tonnes in self._tonnes.items():
            self._book.lots[place] = tuple(Lot(*key, quantity_t) for key, quantity_t in tonnes.items())
        for (place, price_fen_per_t), quantity_t in self._come.items():
            lot = Lot(self._title, self._book.today, price_fen_per_t, quantity_t)
            self._book.lots[place] = add_lots(self._book.lots.get(place, ()), [lot])

    def _take(self, place: Place, quantity_t: int) -> Iterator[Lot]:
        queue, tonnes = self._queues[place], self._tonnes[place]
        while quantity_t:
            if not queue:
                raise Fault("A1", missing_lots_t=quantity_t)
            key = queue[0][1]
            part_t = min(tonnes[key], quantity_t)
            quantity_t -= part_t
            yield Lot(*key, part_t)
            if part_t == tonnes[key]:
                heappop(queue)
                del tonnes[key]
            else:
                tonnes[key] -= part_t
