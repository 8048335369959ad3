"""Post transfers: the only way that units and money move."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection

from tonnebook.core import ledger, periods
from tonnebook.core.errors import Fault
from tonnebook.core.ledger import AssetKind, Leg, Outcome, TransferType
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import Posting, SerialMove, Transfer
from tonnebook.registry.services import locks, lots, numbers
from tonnebook_audit import proposals


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """A transfer to be posted: all of its legs or none.

    Attributes:
        type: why.
        legs: at least one.
        initiator: number of the person, or the system's.
        approver: second person, where two are needed.
        subject: number of the order, surrender, batch … it belongs to; a bank reference for CASH_IN.
        note: free text.
        corrects: number of the transfer that a correction takes back.
    """

    type: TransferType
    legs: tuple[Leg, ...]
    initiator: str
    approver: str = ""
    subject: str = ""
    note: str = ""
    corrects: str = ""

    def __post_init__(self) -> None:
        """Refuse a transfer without legs: it would do nothing and look as if it had."""
        if not self.legs:
            raise ValueError("a transfer needs at least one leg")


@dataclass(frozen=True, slots=True)
class Posted:
    """A transfer that is in the books: its number and its leaf hash."""

    number: str
    leaf: str


@tenancy.everywhere(Why.BOOKS)
def post(drafts: Sequence[TransferDraft], *, now: datetime) -> list[Posted]:
    """Post transfers in order, all or none, inside the caller's command.

    Serial blocks move with their balance in the same call, lowest serial first; a leg out of ISSUANCE draws new
    serials from the global line. The number of statements does not depend on the number of drafts.

    Args:
        drafts: any number.
        now: when.

    Returns:
        Number and leaf hash of each, in order.

    Raises:
        Refused: SECOND_PERSON_NEEDED; what `core.ledger.Book.apply` refuses, INSUFFICIENT_FREE above all.
        Busy: when a balance was locked by others for more than three seconds.
        Fault: A14 when the second ledger does not agree with what people have decided one by one.

    Source: design choice, no legal source (invariants A1 to A4).
    """
    if not drafts:
        return []
    for draft in drafts:
        ledger.check_people(draft.type, initiator=draft.initiator, approver=draft.approver)
    locked = locks.lock_legs((leg for draft in drafts for leg in draft.legs), today=periods.day_of(now))
    outcomes = [locked.book.apply(draft.type, draft.legs) for draft in drafts]
    ids, taken = zip(*numbers.take_transfers(len(drafts)), strict=True)
    entries = [_posted(locked, *one) for one in zip(taken, drafts, outcomes, strict=True)]
    leaves = journal.prepare([*entries, *locks.pushed_holds(locked)], now=now)
    posted = [Posted(*one) for one in zip(taken, leaves.hashes, strict=False)]
    locks.save(
        locked,
        leaves.write,
        rows.insertion(Transfer, _TRANSFER, map(partial(_head, now), ids, drafts, posted)),
        rows.insertion(Posting, _POSTING, _postings(locked, ids, drafts, outcomes)),
        rows.insertion(SerialMove, _MOVE, _moves(locked, ids, drafts, outcomes)),
    )
    _ask_second_ledger(one.number for one, draft in zip(posted, drafts, strict=True) if _is_proposal(draft))
    return posted


# What the market and the banks bring by the thousand is looked at in the night; all else somebody has decided.
_BY_ITSELF = {TransferType.DELIVER_TRADE, TransferType.DELIVER_AUCTION, TransferType.CASH_IN}


def _is_proposal(draft: TransferDraft) -> bool:
    return draft.approver != "" or draft.type not in _BY_ITSELF


def _ask_second_ledger(transfers: Iterable[str]) -> None:
    proposed = [*transfers]
    if proposed and (breaks := proposals.check(connection.connection, proposed)):
        raise Fault("A14", transfers=proposed, breaks=breaks)


_LEG = ("debit_account_id", "credit_account_id", "asset_id")
_TRANSFER = ("id", "number", "type", "initiator", "approver", "subject", "note", "corrects_id", "at", "leaf_hash")
_POSTING = ("transfer_id", "index", *_LEG, "quantity", "debit_after", "credit_after", "price_fen_per_t", "lots")
_MOVE = ("transfer_id", *_LEG, "serial_from", "serial_to")


def _head(now: datetime, transfer_id: int, draft: TransferDraft, posted: Posted) -> tuple[object, ...]:
    people = (draft.initiator, draft.approver)
    about = (draft.subject, draft.note, draft.corrects or None)
    return transfer_id, posted.number, str(draft.type), *people, *about, now, posted.leaf


def _posted(locked: locks.Locked, number: str, draft: TransferDraft, outcome: Outcome) -> journal.Entry:
    # Who holds how much is confidential: legs and serials enter the log as a commitment only.
    units = {locked.book.assets[leg.asset] for leg in draft.legs}
    schemes = sorted({asset.scheme for asset in units if asset.kind is not AssetKind.CASH})
    legs = [
        {"debit": leg.debit, "credit": leg.credit, "asset": leg.asset, "quantity": leg.quantity} for leg in draft.legs
    ]
    serials = [[move.block.serial_from, move.block.serial_to] for move in outcome.moves]
    facts: dict[str, object] = {"number": number, "type": draft.type, "schemes": schemes}
    if draft.corrects:
        facts["corrects"] = draft.corrects
    return journal.Entry("registry.transfer.posted", facts, {"legs": legs, "serials": serials})


def _leg_ids(locked: locks.Locked, leg: Leg) -> tuple[int, int, int]:
    return locked.account_ids[leg.debit], locked.account_ids[leg.credit], locked.asset_ids[leg.asset]


def _postings(
    locked: locks.Locked, ids: Sequence[int], drafts: Sequence[TransferDraft], outcomes: Sequence[Outcome]
) -> Iterator[tuple[int | str | None, ...]]:
    for transfer_id, draft, outcome in zip(ids, drafts, outcomes, strict=True):
        for index, (leg, after, taken) in enumerate(zip(draft.legs, outcome.afters, outcome.lots, strict=True)):
            amounts = (leg.quantity, after.debit, after.credit, leg.price_fen_per_t)
            yield transfer_id, index, *_leg_ids(locked, leg), *amounts, lots.written(taken)


def _moves(
    locked: locks.Locked, ids: Sequence[int], drafts: Sequence[TransferDraft], outcomes: Sequence[Outcome]
) -> Iterator[tuple[int, ...]]:
    for transfer_id, draft, outcome in zip(ids, drafts, outcomes, strict=True):
        for move in outcome.moves:
            block = move.block
            yield transfer_id, *_leg_ids(locked, draft.legs[move.leg]), block.serial_from, block.serial_to
