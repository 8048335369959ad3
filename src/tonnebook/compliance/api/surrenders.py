"""The API of surrender: what is owed and proposed, what was handed in, and to hand in or take back."""

from collections.abc import Sequence
from datetime import datetime

from ninja import Router, Schema
from pydantic import Field

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core.api_keys import Scope
from tonnebook.core.surrender import SurrenderState
from tonnebook.faces import doors, requests
from tonnebook.faces.api import ComplianceYear, Key, Needs, Quantity, Word
from tonnebook.faces.requests import Request

router = Router(tags=["compliance"])


class HandedLine(Schema):
    """Units of one asset, tonnes; a line that was handed in may name serials cancelled in another registry instead."""

    asset: Word
    quantity_t: Quantity


class ForeignProof(Schema):
    """Credits that another registry has cancelled for this duty; `refusal` is the code of why they cannot be used."""

    serials: str
    quantity_t: int
    used_in: str
    refusal: str


class SurrenderProposal(Schema):
    """What is owed for a year and what would be used for it, in the order of use; null before determination.

    `due_t` is what was neither submitted nor surrendered, `credit_limit_t` how many credits may be used in all.
    """

    year: int
    obligation_t: int | None
    due_t: int
    credit_limit_t: int | None
    order: list[str]
    lines: list[HandedLine]
    proofs: list[ForeignProof]


class SurrenderHandedIn(Schema):
    """What was handed in, and whether the authority has confirmed it."""

    number: str
    year: int
    state: SurrenderState
    total_t: int
    credits_t: int
    lines: list[HandedLine]
    submitted_at: datetime
    decided_at: datetime | None
    transfer: str


class Handing(Schema):
    """What is handed in for a year, with its total as it was shown."""

    year: ComplianceYear
    lines: list[HandedLine] = Field(default_factory=list, max_length=200)
    proofs: list[Word] = Field(default_factory=list, max_length=200)
    shown_total_t: Quantity


class SurrenderSubmitted(Schema):
    """A surrender that waits for the authority; its units are set aside."""

    surrender: str
    total_t: int
    receipt: str = Field(description="Hash of the leaf of its proof.")


class SurrenderWithdrawn(Schema):
    """A surrender that was taken back."""

    surrender: str
    state: SurrenderState


@router.get("/surrenders", response=list[SurrenderHandedIn], auth=Needs(Scope.READ_ACCOUNTS))
def own_surrenders(request: Request, year: ComplianceYear) -> list[dict[str, object]]:
    """What the own organisation has handed in for a year, the oldest first."""
    rows = queries.surrenders(doors.actor_of(request).organisation, year)
    names = ("number", "year", "state", "total_t", "credits_t", "submitted_at", "decided_at", "transfer")
    return [{**{name: getattr(row, name) for name in names}, "lines": _lines(row.lines)} for row in rows]


@router.get("/surrenders/proposal", response=SurrenderProposal, auth=Needs(Scope.READ_ACCOUNTS))
def surrender_proposal(request: Request, year: ComplianceYear) -> dict[str, object]:
    """What the own organisation owes for a year, and what the order of use proposes for it."""
    actor, today = doors.actor_of(request), requests.today(request)
    place, rules = queries.position(actor.organisation, year, today), queries.rules(actor.region, year, today)
    proposed = queries.surrender_proposal(actor.organisation, year, today)
    proofs = queries.proofs_of(actor.organisation, region=actor.region, year=year, today=today)
    return {
        "year": year,
        "obligation_t": place.obligation.whole if place.obligation else None,
        "due_t": place.due_t,
        "credit_limit_t": place.credit_limit.whole if place.credit_limit else None,
        "order": rules.words("surrender.order") if rules.has("surrender.order") else (),
        "lines": _lines([(line.asset.code, line.quantity_t) for line in proposed]),
        "proofs": [
            {
                "serials": one.block.serials,
                "quantity_t": one.block.quantity_t,
                "used_in": one.used_in,
                "refusal": one.refusal.code.name if one.refusal else "",
            }
            for one in proofs
        ],
    }


@router.post("/surrenders", response=SurrenderSubmitted, auth=Needs(Scope.WRITE_UNITS))
def submit_surrender(request: Request, body: Handing, key: Key) -> dict[str, object]:
    """Hand in units and proofs for a year; they are set aside until the authority confirms."""
    actor = doors.actor_of(request)
    answer = compliance.submit_surrender(
        actor,
        entity=actor.organisation,
        year=body.year,
        lines=[compliance.SurrenderLine(line.asset, line.quantity_t) for line in body.lines],
        shown_total_t=body.shown_total_t,
        proofs=body.proofs,
        key=key,
        now=request.now,
    )
    return dict(answer)


@router.post("/surrenders/{number}/withdraw", response=SurrenderWithdrawn, auth=Needs(Scope.WRITE_UNITS))
def withdraw_surrender(request: Request, number: Word, key: Key) -> dict[str, object]:
    """Take back what the authority has not confirmed; its units are free again."""
    actor = doors.actor_of(request)
    return dict(compliance.withdraw_surrender(actor, surrender=number, key=key, now=request.now))


def _lines(pairs: Sequence[tuple[str, int]]) -> list[dict[str, object]]:
    return [{"asset": asset, "quantity_t": quantity_t} for asset, quantity_t in pairs]
