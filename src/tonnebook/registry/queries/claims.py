"""What is set aside in an account and for whom, and how its holder came by what is in it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, Sum

from tonnebook import rulebook
from tonnebook.core import ledger
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, LedgerRefusal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.registry.models import Hold, Lot, Posting

_OWN = (AccountType.HOLDING, AccountType.TRADING)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A quantity that is set aside or waits to be, and for what; `owner` names the court or the pledgee."""

    number: str
    account: str
    asset: str
    quantity: int
    remaining: int
    waiting: int
    rank: int
    state: ledger.HoldState
    reason: ledger.HoldReason
    owner: str
    subject: str
    documents: tuple[str, ...]
    is_reserve: bool
    at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PledgeRow:
    """A pledge as its pledgee sees it: the hold, and the organisation whose units it holds."""

    hold: HoldRow
    holder: str


@dataclass(frozen=True, slots=True)
class LotRow:
    """Tonnes of an asset that an account acquired with one title on one day at one price."""

    asset: str
    lot: ledger.Lot


def standing_holds(account: str) -> tuple[HoldRow, ...]:
    """List what is set aside in an account and what waits to be, oldest first."""
    rows = Hold.objects.filter(account__number=account, state__in=ledger.STANDING).order_by("id")
    return tuple(_hold_row(row) for row in rows.select_related("account", "asset"))


@tenancy.everywhere(Why.BOOKS)
def pledges_to(pledgee: str) -> tuple[PledgeRow, ...]:
    """List what is pledged to an organisation now, oldest first; the accounts are others', the pledges are its own.

    Args:
        pledgee: unified social credit code.
    """
    rows = Hold.objects.filter(owner=pledgee, reason=ledger.HoldReason.PLEDGE, state__in=ledger.STANDING)
    found = rows.order_by("id").select_related("account__organisation", "asset")
    return tuple(PledgeRow(_hold_row(row), row.account.organisation.uscc) for row in found if row.account.organisation)


def holds_for(subjects: Sequence[str]) -> tuple[HoldRow, ...]:
    """List what is set aside now for any of many subjects, oldest first."""
    rows = Hold.objects.filter(subject__in=subjects, state__in=ledger.STANDING).order_by("id")
    return tuple(_hold_row(row) for row in rows.select_related("account", "asset"))


def hold(number: str) -> HoldRow:
    """Find a hold by its number.

    Raises:
        Refused: HOLD_UNKNOWN.
    """
    row = Hold.objects.filter(number=number).select_related("account", "asset").first()
    if row is None:
        raise Refused(LedgerRefusal.HOLD_UNKNOWN, hold=number)
    return _hold_row(row)


@tenancy.everywhere(Why.BOOKS)
def overridden_holds() -> frozenset[str]:
    """List the holds that gave way to a court or the authority; whatever rested on one is void."""
    rows = Hold.objects.filter(state=ledger.HoldState.OVERRIDDEN)
    return frozenset(rows.values_list("number", flat=True))


@tenancy.everywhere(Why.BOOKS)
def holds_that_gave_way() -> dict[str, int]:
    """Tell what is left of holds that gave way: of some nothing, of reserves a part until the market has looked.

    Returns:
        Tonnes or fen by hold number.
    """
    rows = Hold.objects.filter(Q(state=ledger.HoldState.OVERRIDDEN) | Q(given_way__gt=0))
    return dict(rows.values_list("number", "remaining"))


def set_aside(usccs: Sequence[str]) -> dict[str, dict[ledger.HoldReason, int]]:
    """Sum what is set aside of the units of organisations, by reason.

    Args:
        usccs: unified social credit codes.

    Returns:
        Tonnes by code and reason, in registry and trading accounts; who has nothing set aside is missing.
    """
    kept = Hold.objects.filter(
        account__organisation__uscc__in=usccs, account__type__in=_OWN, state=ledger.HoldState.ACTIVE, remaining__gt=0
    )
    found: dict[str, dict[ledger.HoldReason, int]] = {}
    sums = kept.values_list("account__organisation__uscc", "reason").annotate(Sum("remaining"))
    for uscc, reason, quantity_t in sums.order_by("account__organisation__uscc", "reason"):
        found.setdefault(uscc, {})[ledger.HoldReason(reason)] = quantity_t
    return found


def lent(usccs: Sequence[str]) -> dict[str, int]:
    """Sum what organisations have given away for a time: lent or laid down as collateral, and not come back (tonnes).

    Args:
        usccs: unified social credit codes.

    Returns:
        By code, above zero; who has nothing away is missing.
    """
    sums: Counter[str] = Counter()
    for side, types, sign in (("debit", ledger.LENDING, 1), ("credit", ledger.RETURNING, -1)):
        holder = f"{side}_account__organisation__uscc"
        rows = Posting.objects.filter(transfer__type__in=types, **{f"{holder}__in": usccs}).values_list(holder)
        for uscc, quantity_t in rows.annotate(Sum("quantity")):
            sums[uscc] += sign * quantity_t
    return {uscc: quantity_t for uscc, quantity_t in sums.items() if quantity_t > 0}


def lots(account: str, *, on: date) -> tuple[LotRow, ...]:
    """List how an account came by what it has, by asset, in the order in which the lots will be used up.

    Args:
        account: number.
        on: the day whose rules say the order.
    """
    rows = Lot.objects.filter(account__number=account).select_related("account", "asset")
    found = [
        (row, ledger.Lot(ledger.Title(row.title), row.acquired_on, row.price_fen_per_t, row.quantity_t)) for row in rows
    ]
    if not found:
        return ()
    order = ledger.order_of(rulebook.at(found[0][0].account.region, on=on))
    place = ledger.lot_place(order)
    return tuple(
        LotRow(row.asset.code, lot) for row, lot in sorted(found, key=lambda one: (one[0].asset.code, place(one[1])))
    )


def lots_delivered(transfer: str, place: int) -> tuple[ledger.Lot, ...]:
    """Give the lots that one delivery of a transfer took from its seller.

    Args:
        transfer: number.
        place: of the delivery among those of the transfer, from 0.
    """
    units = Posting.objects.filter(transfer__number=transfer).exclude(asset__kind=ledger.AssetKind.CASH)
    taken = units.order_by("index").values_list("lots", flat=True)[place]
    return tuple(
        ledger.Lot(ledger.Title(title), date.fromisoformat(on), price, quantity_t)
        for title, on, price, quantity_t in taken or ()
    )


def _hold_row(row: Hold) -> HoldRow:
    return HoldRow(
        number=row.number,
        account=row.account.number,
        asset=row.asset.code,
        quantity=row.quantity,
        remaining=row.remaining,
        waiting=row.waiting,
        rank=row.rank,
        state=ledger.HoldState(row.state),
        reason=ledger.HoldReason(row.reason),
        owner=row.owner,
        subject=row.subject,
        documents=tuple(row.documents),
        is_reserve=row.is_reserve,
        at=row.at,
        expires_at=row.expires_at,
    )
