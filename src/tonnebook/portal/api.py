"""The API for everybody: public tables, and the log with its checkpoints, proofs and receipts."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.core.api_keys import Scope
from tonnebook.core.canonical import Json
from tonnebook.faces import doors, requests
from tonnebook.faces.api import Digest, Listed, Needs, PageNumber, PageSize, Word, listed
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal
from tonnebook.portal import openings, publications

router = Router(tags=["public"])

Year = Annotated[int, Field(ge=2000, le=2100)]
Size = Annotated[int, Query(ge=1, le=2**62, description="Entries of the log.")]


class Checkpoint(Schema):
    """A signed root over the first `size` entries of the log."""

    size: int
    root: str
    note: str
    at: datetime


class Consistency(Schema):
    """Proof that the older log is the beginning of the newer."""

    old_size: int
    old_root: str
    new_size: int
    new_root: str
    proof: list[str]


class Finding(Schema):
    """What the closes up to a day called for; price and quantity follow from it where something is called for."""

    on: date
    kind: str
    change: Decimal | None
    price_fen_per_t: int | None
    quantity_t: int | None
    intervention: str


class Intervention(Schema):
    """A sale from the reserve or a buy-back, and what came of it once it was settled."""

    number: str
    kind: str
    found_on: date
    year: int
    asset: str
    quantity_t: int
    price_fen_per_t: int
    buyer_limit_t: int | None
    budget_fen: int | None
    opens_at: datetime
    closes_at: datetime
    settled_at: datetime | None
    moved_t: int | None
    paid_fen: int | None


class TableName(Schema):
    """A public table."""

    code: str
    title: str
    rows: int


@router.get("/log/checkpoint", response=Checkpoint)
def checkpoint(request: Request) -> journal.CheckpointRow:
    """The newest signed root."""
    del request
    latest = journal.latest_checkpoint()
    if latest is None:
        raise Http404
    return latest


@router.get("/log/receipts/{leaf_hash}", response=dict[str, object])
def receipt(request: Request, leaf_hash: Digest) -> dict[str, Json]:
    """The proof of one entry, checked offline by `tonnebook verify`."""
    del request
    return journal.receipt(leaf_hash)


@router.get("/receipts/{leaf_hash}", response=dict[str, object], auth=Needs(Scope.READ_ACCOUNTS))
def opened_receipt(request: Request, leaf_hash: Digest) -> dict[str, Json]:
    """The proof of one entry with its private fields, for whom they concern; for others they are null."""
    return openings.receipt(leaf_hash, actor=doors.actor_of(request))


@router.get("/log/consistency", response=Consistency)
def consistency(request: Request, old_size: Size, new_size: Size) -> journal.ConsistencyRow:
    """Proof between two sizes of the log."""
    del request
    return journal.consistency(old_size=old_size, new_size=new_size)


@router.get("/stability/findings", response=list[Finding])
def findings(request: Request, region: Word = "") -> list[dict[str, object]]:
    """What the closes of the latest trading days called for, newest first."""
    return [
        {
            "on": one.on,
            "kind": one.kind.value,
            "change": one.traces["change"].value if "change" in one.traces else None,
            "price_fen_per_t": one.traces["price"].whole if "price" in one.traces else None,
            "quantity_t": one.traces["quantity"].whole if "quantity" in one.traces else None,
            "intervention": one.intervention,
        }
        for one in compliance.findings(_region(request, region))
    ]


@router.get("/stability/interventions", response=list[Intervention])
def interventions(request: Request, region: Word = "") -> list[dict[str, object]]:
    """Sales from the reserve and buy-backs, newest first."""
    return [
        asdict(one) | {"kind": one.kind.value, "price_fen_per_t": one.price.whole}
        for one in compliance.interventions(_region(request, region))
    ]


@router.get("/public/{year}", response=list[TableName])
def tables(request: Request, year: Year, region: Word = "") -> list[dict[str, object]]:
    """The tables a region publishes for a compliance year."""
    found = publications.index(_region(request, region), _published(request, year))
    return [{"code": one.code, "title": one.title, "rows": len(one.rows)} for one in found]


@router.get("/public/{year}/{code}", response=Listed[dict[str, object]])
def table(
    request: Request, year: Year, code: Word, region: Word = "", page: PageNumber = 1, size: PageSize = 50
) -> dict[str, object]:
    """The rows of one public table, such as `coverage`: the companies on the coverage list."""
    found = publications.table(code, _region(request, region), _published(request, year))
    return listed(found.plain_rows, page=page, size=size)


def _region(request: Request, asked: str) -> str:
    if asked and asked not in rulebook.regions():
        raise Http404
    return asked or request.region


def _published(request: Request, year: int) -> int:
    if year not in publications.years(requests.today(request)):
        raise Http404
    return year
