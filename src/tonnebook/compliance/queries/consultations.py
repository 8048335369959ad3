"""Consultations: what each department is sent of a draft, what it said, and which opinions are still open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from tonnebook.compliance.models import Consultation, Consulted
from tonnebook.compliance.queries import lists
from tonnebook.core import consultations as core
from tonnebook.core.consultations import OPEN, ConsultationSubject, OpinionKind, OpinionState
from tonnebook.core.coverage import Stage
from tonnebook.core.errors import Refused
from tonnebook.core.plan import PlanRefusal
from tonnebook.rulebook import plans
from tonnebook.rulebook.comparison import Change


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """A parameter that a draft sets: its value without it and with it, and how sure that is."""

    path: str
    zh: str
    en: str
    unit: str
    before: str | None
    after: str | None
    status: str | None

    @property
    def concerns(self) -> str:
        """What tells whose sectors it is of."""
        return self.path


@dataclass(frozen=True, slots=True)
class EntityLine:
    """An entity on the draft of a coverage list: its stage the year before and now, and why."""

    entity: str
    name_zh: str
    name_en: str
    sector: str
    before: Stage
    stage: Stage
    reason_zh: str
    reason_en: str

    @property
    def concerns(self) -> str:
        """What tells whose sectors it is of."""
        return self.sector


@dataclass(frozen=True, slots=True)
class Circulated:
    """A draft as it goes out: its digest and its lines."""

    digest: str
    lines: tuple[ParameterLine | EntityLine, ...]


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """One department's place in a consultation.

    Attributes:
        department: unified social credit code.
        sent: the lines of the draft it was sent.
        state: where its opinion stands.
        kind: what it said; None before it did.
        words: what it wants and why.
        reason: why its opinion was declined, or how it was taken up.
    """

    department: str
    name_zh: str
    name_en: str
    sent: tuple[ParameterLine | EntityLine, ...]
    state: OpinionState
    kind: OpinionKind | None
    words: str
    given_at: datetime | None
    reason: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsultationRow:
    """A draft that was circulated, with the opinions of those who were asked."""

    number: str
    region: str
    year: int
    subject: ConsultationSubject
    digest: str
    words: str
    answer_until: date
    asked_at: datetime
    opinions: tuple[OpinionRow, ...]

    @property
    def open(self) -> int:
        """How many opinions are awaited or unanswered."""
        return sum(one.state in OPEN for one in self.opinions)


def consultations_in(
    region: str, today: date, *, year: int | None = None, subjects: Collection[ConsultationSubject] = ()
) -> tuple[ConsultationRow, ...]:
    """List the consultations of a region, the latest first.

    Args:
        region: region code.
        today: the day to tell what is late by.
        year: compliance year; all when None.
        subjects: what they are about; all when empty.
    """
    found = Consultation.objects.filter(region=region)
    if year is not None:
        found = found.filter(year=year)
    if subjects:
        found = found.filter(subject__in=list(subjects))
    return _rows(found, today)


def consultations_of(department: str, today: date) -> tuple[ConsultationRow, ...]:
    """List the consultations a department was asked in, with its own place alone, the latest first."""
    return _rows(Consultation.objects.filter(consulted__department__uscc=department), today, department)


def circulated(subject: ConsultationSubject, region: str, year: int, *, overlay: str, today: date) -> Circulated:
    """Give a draft as it goes out.

    Args:
        subject: what it is.
        region: region code.
        year: compliance year.
        overlay: text of the plan, or of the benchmarks; empty for the coverage list.
        today: the day whose rules apply.

    Raises:
        Refused: PLAN_NOT_FIT when the text must be put right; what `draft_list` refuses.
    """
    if subject is ConsultationSubject.COVERAGE:
        listed = lists.draft_list(region, year, today)
        return Circulated(listed.digest, tuple(_entity(row) for row in listed.rows))
    draft = plans.read(region, year, overlay)
    if draft.problems or draft.rules is None:
        first = draft.problems[0]
        raise Refused(PlanRefusal.PLAN_NOT_FIT, count=len(draft.problems), first_zh=first.zh, first_en=first.en)
    return Circulated(draft.rules.digest, tuple(_parameter(one) for one in draft.changes))


def lines_for(
    subject: ConsultationSubject, draft: Circulated, sectors: Collection[str]
) -> list[ParameterLine | EntityLine]:
    """Choose the lines of a draft that a department is sent: the whole plan, else those of its own sectors alone."""
    whole = subject is ConsultationSubject.PLAN
    return [line for line in draft.lines if whole or core.concerns(line.concerns, sectors)]


def _parameter(change: Change) -> ParameterLine:
    before, after = (one.value if one else None for one in (change.before, change.after))
    status = change.after.status.value if change.after else None
    return ParameterLine(change.leaf.path, change.leaf.zh, change.leaf.en, change.leaf.unit, before, after, status)


def _entity(row: lists.DraftRow) -> EntityLine:
    named, decided = (row.entity, row.name_zh, row.name_en, row.sector), row.decision
    return EntityLine(*named, row.before, decided.stage, decided.zh, decided.en)


def _rows(found: QuerySet[Consultation], today: date, department: str = "") -> tuple[ConsultationRow, ...]:
    asked = Consulted.objects.select_related("department", "opinion", "opinion__answer").order_by("department_id")
    if department:
        asked = asked.filter(department__uscc=department)
    by_consultation: dict[int, list[Consulted]] = {}
    for one in asked.filter(consultation__in=found):
        by_consultation.setdefault(one.consultation_id, []).append(one)
    return tuple(_row(one, by_consultation.get(one.pk, ()), today) for one in found.order_by("-id"))


def _row(row: Consultation, asked: Sequence[Consulted], today: date) -> ConsultationRow:
    return ConsultationRow(
        row.number,
        row.region,
        row.year,
        ConsultationSubject(row.subject),
        row.digest,
        row.words,
        row.answer_until,
        row.asked_at,
        tuple(_opinion(one, row.answer_until, today) for one in asked),
    )


def _line(told: dict[str, Any]) -> ParameterLine | EntityLine:
    if "path" in told:
        return ParameterLine(**told)
    return EntityLine(**told | {"before": Stage(told["before"]), "stage": Stage(told["stage"])})


def _opinion(row: Consulted, last_on: date, today: date) -> OpinionRow:
    opinion = getattr(row, "opinion", None)
    answer = getattr(opinion, "answer", None)
    return OpinionRow(
        row.department_id,
        row.department.name_zh,
        row.department.name_en,
        tuple(_line(one) for one in row.sent),
        core.state_of(
            is_given=opinion is not None,
            is_accepted=answer.is_accepted if answer else None,
            last_on=last_on,
            today=today,
        ),
        OpinionKind(opinion.kind) if opinion else None,
        opinion.words if opinion else "",
        opinion.given_at if opinion else None,
        answer.reason if answer else "",
        answer.answered_at if answer else None,
    )
