"""Deliver the trades of a batch or the awards of an auction: units against payment for thousands, as one transfer."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from tonnebook.core import ledger, merkle, periods
from tonnebook.core.ledger import DeliveredLeg, Delivery, Lot, Place, TransferType
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import Posting, SerialMove, Transfer
from tonnebook.registry.services import holds, locks, numbers
from tonnebook.registry.services.transfers import Posted


@dataclass(frozen=True, slots=True)
class DeliveryDraft:
    """Trades to be delivered as one transfer, in order, all or none.

    Attributes:
        deliveries: at least one, of any assets.
        cash: code of the money they are paid in.
        fees: number of the account of the fees.
        initiator: number of the person, or the system's.
        subject: number of the batch they belong to.
        leaf_each: a leaf for every delivery; otherwise one leaf with the root over all of them.
        type: why.
        ended: holds of that money which end with it, by number their accounts; what is left of them is set free.
        freed: what holds no longer need once all is delivered, tonnes or fen, by account, asset and number of the hold.
    """

    deliveries: Sequence[Delivery]
    cash: str
    fees: str
    initiator: str
    subject: str = ""
    leaf_each: bool = False
    type: TransferType = TransferType.DELIVER_TRADE
    ended: Mapping[str, str] = field(default_factory=dict)
    freed: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


@tenancy.everywhere(Why.BOOKS)
def deliver_trades(draft: DeliveryDraft, *, now: datetime) -> Posted:
    """Deliver many trades against payment as one transfer, inside the caller's command.

    Each delivery gives the units out of the seller's hold, or out of what is free, to the buyer, who gets a lot of the
    trade's price; the amount and the buyer's fee out of the buyer's hold; and the seller's fee out of what has just
    arrived. Holds end used up when nothing is left of them. What is left of those named as ended is set free, and
    so is what others no longer need; whoever waits gets it first. Serial blocks move once for all, netted. The number
    of statements does not depend on the number of deliveries.

    Every delivery is provable: by a leaf of its own, or under the root that the transfer's leaf carries. Both are made
    of the same text, in which who gave what to whom stands as a commitment only.

    Args:
        draft: what to deliver; the market has locked its instruments or the auction before.
        now: when.

    Returns:
        Number of the transfer, which every trade of the draft names, and its leaf.

    Raises:
        Refused: SECOND_PERSON_NEEDED; what `core.ledger.deliver` refuses, HOLD_TOO_SMALL above all.
        Busy: when a balance was locked by others for more than three seconds.

    Source: design choice, no legal source (invariants A1 to A4, B5).
    """
    ledger.check_people(draft.type, initiator=draft.initiator, approver="")
    locked = _lock(draft, now)
    done = ledger.deliver(locked.book, draft.deliveries, cash=draft.cash, fees=draft.fees, transfer=draft.type)
    released = holds.release_standing(locked.book, draft.ended)
    released += holds.lower_standing(locked.book, {hold: less for (*_, hold), less in draft.freed.items()})
    ((transfer_id, number),) = numbers.take_transfers(1)
    salt = journal.draw_salt()
    texts = delivery_texts(number, done.legs, cash=draft.cash, salt=salt, at=periods.iso(now))
    facts: dict[str, object] = {"number": number, "type": draft.type, "deliveries": len(texts)}
    if draft.leaf_each:
        journal.append_texts(_KIND, texts, now=now)
    else:
        facts["root"] = merkle.root([merkle.leaf_hash(text.encode()) for text in texts]).hex()
    entry = journal.Entry("registry.bulk.posted", facts, {"salt": salt.hex()})
    leaves = journal.prepare([entry, *released, *locks.pushed_holds(locked)], now=now)
    people = (draft.initiator, "")
    head = (transfer_id, number, str(draft.type), *people, draft.subject, "", now, leaves.hashes[0])
    locks.save(locked, leaves.write, rows.insertion(Transfer, _TRANSFER, [head]))
    rows.copy_lines(Posting, _POSTING, _postings(locked, transfer_id, done.legs))
    rows.copy_lines(SerialMove, _MOVE, _moves(locked, transfer_id, done.moves))
    return Posted(number, leaves.hashes[0])


def delivery_texts(number: str, legs: Sequence[DeliveredLeg], *, cash: str, salt: bytes, at: str) -> list[str]:
    """Write deliveries as the public log shows them: canonical JSON, who and how much as a salted commitment.

    Args:
        number: of the transfer.
        legs: of all deliveries in order; each begins with its units.
        cash: code of the money; whatever else moves is units.
        salt: of the transfer; each delivery's own is derived from it and from its place in the transfer.
        at: ISO instant.
    """
    begun, ended = f'{{"at":"{at}","facts":{{"delivery":"{number}/', f'"}},"kind":"{_KIND}","sealed":"'
    told: list[list[str]] = []
    for debit, credit, asset, quantity, *_ in legs:
        leg = f'{{"asset":"{asset}","credit":"{credit}","debit":"{debit}","quantity":"{quantity}"}}'
        if asset == cash:
            told[-1].append(leg)
        else:
            told.append([leg])
    texts = []
    for index, each in enumerate(told):
        own = merkle.keyed_digest(salt, f"{number}/{index}".encode())
        sealed = merkle.keyed_digest(own, f'{{"legs":[{",".join(each)}]}}'.encode())
        texts.append(f'{begun}{index}{ended}{sealed.hex()}"}}')
    return texts


_KIND = "registry.delivery.posted"


def _lock(draft: DeliveryDraft, now: datetime) -> locks.Locked:
    places: set[Place] = {(draft.fees, draft.cash), *((account, draft.cash) for account in draft.ended.values())}
    places |= {(account, asset) for account, asset, _ in draft.freed}
    drawn = {*draft.ended, *(hold for *_, hold in draft.freed)}
    sold_t: Counter[Place] = Counter()
    for one in draft.deliveries:
        seller = (one.seller, one.asset)
        places |= {seller, (one.buyer, one.asset), (one.buyer_cash, draft.cash), (one.seller_cash, draft.cash)}
        drawn |= {hold for hold in (one.seller_hold, one.buyer_hold) if hold}
        sold_t[seller] += one.quantity_t
    locked = locks.lock_places(places, holds=drawn)
    known_t = {place: tonnes for place, tonnes in sold_t.items() if place in locked.book.positions}
    locks.load_units(locked, known_t, today=periods.day_of(now))
    return locked


_TRANSFER = ("id", "number", "type", "initiator", "approver", "subject", "note", "at", "leaf_hash")
_LEG = ("debit_account_id", "credit_account_id", "asset_id")
_POSTING = ("transfer_id", "index", *_LEG, "quantity", "debit_after", "credit_after", "price_fen_per_t", "lots")
_MOVE = ("transfer_id", *_LEG, "serial_from", "serial_to")


# Whole numbers, titles and days only, so the lines of COPY need no escaping.
def _postings(locked: locks.Locked, transfer_id: int, legs: Iterable[DeliveredLeg]) -> Iterator[str]:
    accounts, assets = locked.account_ids, locked.asset_ids
    for index, (debit, credit, asset, quantity, left, come, price, lots) in zip(count(), legs, strict=False):
        place = f"{transfer_id}\t{index}\t{accounts[debit]}\t{accounts[credit]}\t{assets[asset]}"
        about = "\\N\t\\N" if lots is None else f"{price}\t[{','.join(map(_written, lots))}]"
        yield f"{place}\t{quantity}\t{left}\t{come}\t{about}\n"


def _written(lot: Lot) -> str:
    price = "null" if lot.price_fen_per_t is None else lot.price_fen_per_t
    return f'["{lot.title}","{lot.acquired_on}",{price},{lot.quantity_t}]'


def _moves(locked: locks.Locked, transfer_id: int, moves: Iterable[ledger.BlockMove]) -> Iterator[str]:
    for debit, credit, asset, block in moves:
        place = f"{locked.account_ids[debit]}\t{locked.account_ids[credit]}\t{locked.asset_ids[asset]}"
        yield f"{transfer_id}\t{place}\t{block.serial_from}\t{block.serial_to}\n"
