"""What auctions brought in and what it was used for, as the public sees it, and the notices of a winner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Sum

from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Auction, PaymentNotice, UseOfProceeds


@dataclass(frozen=True, slots=True)
class ProceedsYear:
    """A compliance year: what its auctions brought in, what the treasury received, what was used in its budget, fen."""

    year: int
    noticed_fen: int
    received_fen: int
    used_fen: int


@dataclass(frozen=True, slots=True)
class ProceedsRow:
    """A cleared auction: winners, tonnes, and what was noticed and received, fen."""

    auction: str
    year: int
    cleared_at: datetime
    sold_t: int
    winners: int
    receipts: int
    noticed_fen: int
    received_fen: int


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A payment notice as its winner sees it; receipt and day are None before the finance bureau has recorded them."""

    number: str
    auction: str
    quantity_t: int
    amount_fen: int
    transfer: str
    at: datetime
    receipt: str | None
    received_on: date | None


@dataclass(frozen=True, slots=True)
class UseRow:
    """What a part of the proceeds was used for."""

    year: int
    purpose: str
    amount_fen: int
    at: datetime
    leaf: str


@tenancy.everywhere(Why.DISCLOSURE)
def proceeds(region: str) -> tuple[ProceedsRow, ...]:
    """List the auctions of a region that brought something in, the latest first, in sums over all winners."""
    sold = Auction.objects.filter(region=region, proceeds_fen__gt=0).order_by("-cleared_at", "-id")
    told = PaymentNotice.objects.filter(region=region).values("auction")
    sums = {
        row["auction"]: [row[name] or 0 for name in ("winners", "receipts", "noticed_fen", "received_fen")]
        for row in told.annotate(
            winners=Count("id"),
            receipts=Count("receipt"),
            noticed_fen=Sum("amount_fen"),
            received_fen=Sum("receipt__amount_fen"),
        )
    }
    return tuple(_row(row, sums[row.pk]) for row in sold)


def proceeds_by_year(region: str) -> tuple[ProceedsYear, ...]:
    """Add up proceeds and their use by year, the latest first."""
    found = proceeds(region)
    used = UseOfProceeds.objects.filter(region=region).values_list("year").annotate(sum=Sum("amount_fen"))
    used_fen = dict(used.values_list("year", "sum"))
    years = sorted({row.year for row in found} | used_fen.keys(), reverse=True)
    return tuple(
        ProceedsYear(
            year,
            sum(row.noticed_fen for row in found if row.year == year),
            sum(row.received_fen for row in found if row.year == year),
            used_fen.get(year, 0),
        )
        for year in years
    )


def uses_of_proceeds(region: str) -> tuple[UseRow, ...]:
    """List what the proceeds of a region were used for, the latest first."""
    rows = UseOfProceeds.objects.filter(region=region).order_by("-id")
    return tuple(UseRow(row.year, row.purpose, row.amount_fen, row.at, row.leaf_hash) for row in rows)


def notice_of(auction: str, *, organisation: str) -> NoticeRow | None:
    """Give the payment notice of a winner; None for whoever won nothing."""
    rows = PaymentNotice.objects.filter(auction__number=auction, organisation=organisation)
    told = rows.values_list(
        "number",
        F("auction__number"),
        "quantity_t",
        "amount_fen",
        "transfer",
        "at",
        F("receipt__number"),
        F("receipt__received_on"),
    )
    found = told.first()
    return NoticeRow(*found) if found else None


def _row(row: Auction, sums: Sequence[int]) -> ProceedsRow:
    assert row.cleared_at is not None
    return ProceedsRow(row.number, row.year, row.cleared_at, row.sold_t or 0, *sums)
