"""Declared facts: what a company declares for its allowance, row by row or as a table, and what of it counts."""

from datetime import datetime
from typing import Annotated

from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.utils.translation import gettext
from ninja import Router, Schema
from pydantic import Field

from tonnebook.compliance import queries, services, tables
from tonnebook.compliance.services import FactDraft
from tonnebook.core.allocation.declarations import DeclarationState, FactKind
from tonnebook.core.api_keys import Scope
from tonnebook.core.roles import Act
from tonnebook.faces import api, doors, problem
from tonnebook.faces.api import Base64, ComplianceYear, Key, Listed, Needs, PageNumber, PageSize, Word, Words
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import services as members

router = Router(tags=["compliance"])

_FACTS_MAX = 2_000


class Fact(Schema):
    """A fact of an allowance; `name` is the number of the certificate, unit or line, `values` are by name."""

    year: ComplianceYear = Field(examples=[2026])
    kind: FactKind = Field(examples=[FactKind.POWER])
    name: Word = Field(examples=["GEC-1"])
    values: dict[str, Annotated[str, Field(max_length=80)]] = Field(
        examples=[{"supply": "MARKET", "quantity_mwh": "1200.5"}]
    )
    evidence: Words = Field(examples=["contract 7 and its settlement"])


class Declaration(Schema):
    """A declared fact, and whether it counts; `reason` says why it was rejected."""

    number: str
    entity: str
    year: int
    kind: FactKind
    name: str
    values: dict[str, str]
    evidence: str
    state: DeclarationState
    declared_at: datetime
    decided_at: datetime | None
    reason: str


class Declaring(Schema):
    """Facts of the own company; all are declared, or none."""

    facts: list[Fact] = Field(min_length=1, max_length=_FACTS_MAX)


class HandingInFacts(Schema):
    """A table of facts, a row each, as the page gives it to fill in."""

    name: Words = Field(examples=["facts.csv"])
    content: Base64


class Declared(Schema):
    """The numbers of what is declared now; rows of a table that stood already are left out."""

    declarations: list[str]


class Deciding(Schema):
    """Declarations that count, or not and why."""

    declarations: list[Word] = Field(min_length=1, max_length=_FACTS_MAX, examples=[["DF-000001-23"]])
    is_accepted: bool = Field(examples=[True])
    reason: Words = Field("", examples=[""])


class FactsDecided(Schema):
    """How many were decided."""

    decided: int


@router.get("/declared-facts", response=Listed[Declaration], auth=Needs(Scope.READ_ACCOUNTS))
def declared_facts(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """What the own organisation declared, the latest first."""
    return api.listed(queries.declarations_of(doors.actor_of(request).organisation), page=page, size=size)


@router.get("/declared-facts/waiting", response=Listed[Declaration], auth=Needs(Scope.READ_ACCOUNTS))
def waiting_facts(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """What waits to be decided on in the region, the oldest first."""
    members.require(doors.actor_of(request), Act.COMPUTE_ALLOCATION)
    rows = queries.waiting_declarations(request.region)
    trail.listed("facts", rows=len(rows))
    return api.listed(rows, page=page, size=size)


@router.post("/declared-facts", response=Declared, auth=Needs(Scope.WRITE_YEAR))
def declare_facts(request: Request, body: Declaring, key: Key) -> dict[str, object]:
    """Declare facts of the own company; they count once the authority has accepted them."""
    actor, drafts = doors.actor_of(request), [FactDraft(**one.dict()) for one in body.facts]
    answer = services.declare_facts(actor, entity=actor.organisation, facts=drafts, key=key, now=request.now)
    return dict(answer)


@router.post("/declared-facts/tables", response=Declared, auth=Needs(Scope.WRITE_YEAR))
def declare_table(request: Request, body: HandingInFacts, key: Key) -> dict[str, object] | HttpResponse:
    """Declare the facts of a table (Excel or CSV) that are new; what is wrong is told by cell, and nothing declared."""
    actor = doors.actor_of(request)
    members.require(actor, Act.SUBMIT_REPORT, organisation=actor.organisation)
    _, table = tables.read_facts(ContentFile(body.content, name=body.name))
    if table.flaws:
        found = {flaw.cell or "table": problem.refused(flaw.refused).message for flaw in table.flaws}
        told = problem.invalid(gettext("Some cells are missing or wrong; the facts say which."), facts=found)
        return problem.as_json(told)
    return {"declarations": tables.declare_new(actor, table, key=key, now=request.now)}


@router.post("/declared-facts/decide", response=FactsDecided, auth=Needs(Scope.WRITE_YEAR))
def decide_facts(request: Request, body: Deciding, key: Key) -> dict[str, object]:
    """Accept declared facts, or reject them with a reason."""
    actor = doors.actor_of(request)
    return dict(services.decide_facts(actor, region=request.region, **body.dict(), key=key, now=request.now))
