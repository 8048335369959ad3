"""What the market can tell of its members: who asked for entry and who is admitted, and whose trading is stopped."""

from dataclasses import dataclass
from datetime import date, datetime

from tonnebook.core.admission import DECISIONS, AdmissionState, ParticipantClass, SuitabilityQuestion
from tonnebook.market.models import Admission, Exemption, HoldingReport, Stop


@dataclass(frozen=True, slots=True)
class AdmissionRow:
    """An admission with what was declared and handed in; `until_on` is None when it has no last day."""

    number: str
    organisation: str
    participant_class: ParticipantClass
    state: AdmissionState
    answers: tuple[SuitabilityQuestion, ...]
    documents: tuple[str, ...]
    asked_at: datetime
    from_on: date | None
    until_on: date | None
    reason: str

    @property
    def decisions(self) -> tuple[AdmissionState, ...]:
        """What staff may decide now."""
        return tuple(state for state in AdmissionState if state in DECISIONS[self.state])


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop of a member's trading; `allowed_at` is None while it lasts."""

    organisation: str
    reason: str
    stopped_at: datetime
    allowed_at: datetime | None


def admissions(region: str, organisation: str | None = None) -> tuple[AdmissionRow, ...]:
    """List the admissions of a region, or those of one organisation, newest first."""
    rows = Admission.objects.filter(region=region).order_by("-id")
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return tuple(
        AdmissionRow(
            number=row.number,
            organisation=row.organisation,
            participant_class=ParticipantClass(row.participant_class),
            state=AdmissionState(row.state),
            answers=tuple(SuitabilityQuestion(answer) for answer in row.answers),
            documents=tuple(row.documents),
            asked_at=row.asked_at,
            from_on=row.from_on,
            until_on=row.until_on,
            reason=row.reason,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class HoldingReportRow:
    """The report of a large holder: how much of its largest holding its group had used, and what for."""

    organisation: str
    used_t: int
    limit_t: int
    purpose: str
    reported_at: datetime


def holding_reports(region: str, organisation: str | None = None) -> tuple[HoldingReportRow, ...]:
    """List the last report of each large holder of a region, or of one organisation."""
    rows = HoldingReport.objects.filter(region=region)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    latest = rows.order_by("organisation", "-id").distinct("organisation")
    return tuple(
        HoldingReportRow(row.organisation, row.used_t, row.limit_t, row.purpose, row.reported_at) for row in latest
    )


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    """An exemption from the largest holding, tonnes; `ended_at` is None when nobody has ended it early."""

    number: str
    organisation: str
    limit_t: int
    ordinary_t: int
    reason: str
    until_on: date
    granted_at: datetime
    granted_by: str
    approved_by: str
    ended_at: datetime | None

    def is_in_force(self, today: date) -> bool:
        """Whether it counts on a day."""
        return self.ended_at is None and today <= self.until_on


def exemptions(region: str) -> tuple[ExemptionRow, ...]:
    """List the exemptions from the largest holding that were ever given in a region, newest first."""
    rows = Exemption.objects.filter(region=region).order_by("-id")
    return tuple(
        ExemptionRow(
            number=row.number,
            organisation=row.organisation,
            limit_t=row.limit_t,
            ordinary_t=row.ordinary_t,
            reason=row.reason,
            until_on=row.until_on,
            granted_at=row.granted_at,
            granted_by=row.granted_by,
            approved_by=row.approved_by,
            ended_at=row.ended_at,
        )
        for row in rows
    )


def stops(region: str, organisation: str | None = None) -> tuple[StopRow, ...]:
    """List whose trading is or was stopped in a region, or that of one organisation, newest first."""
    rows = Stop.objects.filter(region=region).order_by("-id")
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return tuple(StopRow(row.organisation, row.reason, row.stopped_at, row.allowed_at) for row in rows)
