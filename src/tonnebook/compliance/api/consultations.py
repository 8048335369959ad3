"""Consultations: the authority circulates a draft and answers; a department reads its part and gives its opinion."""

from datetime import date, datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.compliance import queries, services
from tonnebook.compliance.queries import ConsultationRow
from tonnebook.core.api_keys import Scope
from tonnebook.core.consultations import ConsultationRefusal, ConsultationSubject, OpinionKind, OpinionState
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Role
from tonnebook.faces import api, doors, requests
from tonnebook.faces.api import ComplianceYear, Key, Listed, Needs, PageNumber, PageSize, Word
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.members import services as members

router = Router(tags=["compliance"])

_Long = Annotated[str, Field(max_length=4000)]


class ParameterLine(Schema):
    """A parameter that a draft sets; `before` is null where it is new, `after` where it falls away."""

    path: str
    zh: str
    en: str
    unit: str
    before: str | None
    after: str | None
    status: str | None


class EntityLine(Schema):
    """An entity on the draft of a coverage list: its stage the year before and now, and why."""

    entity: str
    name_zh: str
    name_en: str
    sector: str
    before: Stage
    stage: Stage
    reason_zh: str
    reason_en: str


class Opinion(Schema):
    """A department's place in a consultation; `kind` is null before it said anything."""

    department: str
    state: OpinionState
    kind: OpinionKind | None
    words: str
    given_at: datetime | None
    reason: str = Field(description="Of the answer.")
    answered_at: datetime | None


class OpinionInFull(Opinion):
    """A department's place, with the lines of the draft it was sent."""

    sent: list[ParameterLine | EntityLine]


class Consultation(Schema):
    """A draft that was circulated; a department sees its own place alone."""

    number: str
    year: int
    subject: ConsultationSubject
    digest: str = Field(description="Of the draft as it went out.")
    words: str
    answer_until: date
    asked_at: datetime
    opinions: list[Opinion]


class ConsultationInFull(Consultation):
    """A draft that was circulated, line by line."""

    opinions: list[OpinionInFull]  # type: ignore[assignment]


class Circulating(Schema):
    """The draft that goes out: of a plan or of benchmarks its text, of a coverage list nothing."""

    year: ComplianceYear = Field(examples=[2026])
    subject: ConsultationSubject = Field(examples=[ConsultationSubject.COVERAGE])
    overlay: str = Field("", max_length=500_000, examples=[""])
    departments: list[Word] = Field(max_length=200, examples=[["91310000MA1FL00102"]])
    words: _Long = Field("", examples=["Are the companies of your sectors complete?"])


class Circulated(Schema):
    """What went out, and until when opinions may be given."""

    consultation: str
    digest: str
    answer_until: date


class GivingOpinion(Schema):
    """What a department says; changes and objections need words."""

    kind: OpinionKind = Field(examples=[OpinionKind.SUGGESTS])
    words: _Long = Field("", examples=["Two mills closed in March."])


class OpinionGiven(Schema):
    """The opinion that stands, and the digest of the draft it is about."""

    consultation: str
    digest: str


class Answering(Schema):
    """What became of an opinion; declining needs a reason."""

    is_accepted: bool = Field(examples=[True])
    reason: _Long = Field("", examples=["The list will follow."])


class Answered(Schema):
    """Whose opinion was answered; the department is told."""

    consultation: str
    department: str


@router.get("/consultations", response=Listed[Consultation], auth=Needs(Scope.READ_ACCOUNTS))
def consultations(request: Request, page: PageNumber = 1, size: PageSize = 50) -> dict[str, object]:
    """The drafts circulated in the region, or those the own department was asked about; the latest first."""
    return api.listed(_within(request), page=page, size=size)


@router.get("/consultations/{number}", response=ConsultationInFull, auth=Needs(Scope.READ_ACCOUNTS))
def consultation(request: Request, number: Word) -> ConsultationRow:
    """One draft with its lines: all that went out, or what the own department was sent."""
    found = next((row for row in _within(request) if row.number == number), None)
    if found is None:
        raise Refused(ConsultationRefusal.NO_SUCH_CONSULTATION, consultation=number)
    return found


@router.post("/consultations", response=Circulated, auth=Needs(Scope.WRITE_YEAR))
def consult(request: Request, body: Circulating, key: Key) -> dict[str, object]:
    """Circulate a draft to departments; each is sent what concerns its sectors."""
    actor = doors.actor_of(request)
    return dict(services.consult(actor, region=request.region, **body.dict(), key=key, now=request.now))


@router.post("/consultations/{number}/opinion", response=OpinionGiven, auth=Needs(Scope.WRITE_YEAR))
def give_opinion(request: Request, number: Word, body: GivingOpinion, key: Key) -> dict[str, object]:
    """Give the opinion of the own department, once and in time."""
    actor = doors.actor_of(request)
    return dict(services.give_opinion(actor, consultation=number, **body.dict(), key=key, now=request.now))


@router.post("/consultations/{number}/opinions/{department}/answer", response=Answered, auth=Needs(Scope.WRITE_YEAR))
def answer_opinion(request: Request, number: Word, department: Word, body: Answering, key: Key) -> dict[str, object]:
    """Accept the opinion of a department, or decline it with a reason."""
    told = {"consultation": number, "department": department, **body.dict()}
    return dict(services.answer_opinion(doors.actor_of(request), **told, key=key, now=request.now))


def _within(request: Request) -> tuple[ConsultationRow, ...]:
    actor, today = doors.actor_of(request), requests.today(request)
    if Role.SECTOR_OFFICER in actor.roles:
        return queries.consultations_of(actor.organisation, today)
    members.require(actor, Act.CONSULT)
    rows = queries.consultations_in(actor.region, today)
    trail.listed("consultations", rows=len(rows), asked=requests.asked_of(request))
    return rows
