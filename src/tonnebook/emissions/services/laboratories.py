"""Samples and test reports: laboratories enter what they tested, and the authority flags what is false."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from tonnebook.core import laboratories, periods, roles
from tonnebook.core.bodies import BodyRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.laboratories import LaboratoryRefusal, SampleFacts
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import Act, Actor, OrganisationKind
from tonnebook.emissions import queries
from tonnebook.emissions.models import Facility, FalseTestReport, Sample
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why


@dataclass(frozen=True, slots=True)
class SampleDraft:
    """A sample that was tested, with its test report.

    Attributes:
        number: of the laboratory, each once.
        facility: number of the facility it was taken at.
        month: 1 to 12; it stands for this month.
        parameter: such as "carbon_content", in the scope of the laboratory.
        seal: number of its seal, each once.
        test_report: number of the test report.
        report_digest: SHA-256 (hex) of the test report.
    """

    number: str
    facility: str
    year: int
    month: int
    parameter: str
    seal: str
    sampled_on: date
    received_on: date
    tested_on: date
    value: Decimal
    unit: str
    test_report: str
    report_digest: str


@journal.command("emissions.enter_samples")
def enter_samples(actor: Actor, *, samples: Sequence[SampleDraft], key: str, now: datetime) -> Answer:
    """Enter samples with their test reports; what was entered is never changed.

    Args:
        actor: analyst of the laboratory.
        samples: what was tested.
        key: idempotency key.
        now: when.

    Returns:
        {"entered": count}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_FACILITY; DAYS_OUT_OF_ORDER, NOT_SEALED, NOT_ACCREDITED, NOT_IN_SCOPE or
            SAMPLE_ENTERED as `core.laboratories.check_sample`, for the first sample named.

    Source: S65 (samples with receipts); S02 item 15.
    """
    del key
    roles.check(actor, Act.ENTER_SAMPLES)
    laboratory, today = actor.organisation, periods.day_of(now)
    places = _places([one.facility for one in samples])
    standing = queries.standings([laboratory], OrganisationKind.LABORATORY).get(laboratory)
    own = Sample.objects.filter(laboratory__uscc=laboratory)
    taken = own.filter(Q(number__in=[one.number for one in samples]) | Q(seal__in=[one.seal for one in samples]))
    used = {text for pair in taken.values_list("number", "seal") for text in pair}
    for one in samples:
        if one.facility not in places:
            raise Refused(ReportingRefusal.NO_SUCH_FACILITY, facility=one.facility)
        laboratories.check_sample(_facts(one, laboratory, {one.number, one.seal} & used, today), standing)
        used |= {one.number, one.seal}
    Sample.objects.bulk_create(_row(one, laboratory, places[one.facility], actor, now) for one in samples)
    entries = [
        Entry(
            "emissions.sample.entered",
            {"laboratory": laboratory, "sample": one.number, "facility": one.facility, "report": one.report_digest},
            {"parameter": one.parameter, "value": one.value, "unit": one.unit, "seal": one.seal, "by": actor.person},
        )
        for one in samples
    ]
    journal.append_many(entries, now=now)
    return {"entered": len(samples)}


@journal.command("emissions.flag_test_report")
def flag_test_report(actor: Actor, *, laboratory: str, sample: str, ground: str, key: str, now: datetime) -> Answer:
    """Say that the test report of a sample is false; the month falls back to the default of its parameter.

    Args:
        actor: officer of the region.
        laboratory: unified social credit code.
        sample: its number.
        ground: why.
        key: idempotency key.
        now: when.

    Returns:
        {"sample": number, "months": of the year that now stand on the default}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_SAMPLE; NO_GROUND; FLAGGED_ALREADY.

    Source: S02 item 15; the consequence is a design choice.
    """
    del key
    roles.check(actor, Act.KEEP_REGISTER)
    row = Sample.objects.filter(laboratory__uscc=laboratory, number=sample).select_related("facility").first()
    if row is None:
        raise Refused(LaboratoryRefusal.NO_SUCH_SAMPLE, sample=sample)
    if not ground.strip():
        raise Refused(BodyRefusal.NO_GROUND)
    if FalseTestReport.objects.filter(sample=row).exists():
        raise Refused(LaboratoryRefusal.FLAGGED_ALREADY, sample=sample)
    FalseTestReport.objects.create(sample=row, ground=ground.strip(), flagged_by=actor.person, flagged_at=now)
    months = queries.months_on_default(row.facility.number, row.parameter, row.year)
    facts = {"laboratory": laboratory, "sample": sample, "facility": row.facility.number}
    journal.append(
        Entry("emissions.test_report.flagged", facts, {"ground": ground.strip(), "by": actor.person}), now=now
    )
    return {"sample": sample, "months": [*months]}


# A laboratory sees no facility; that the one it names exists is asked all the same.
@tenancy.everywhere(Why.UNIQUENESS)
def _places(numbers: Sequence[str]) -> dict[str, int]:
    return dict(Facility.objects.filter(number__in=numbers).values_list("number", "pk"))


def _facts(one: SampleDraft, laboratory: str, used: set[str], today: date) -> SampleFacts:
    return SampleFacts(
        sample=one.number,
        laboratory=laboratory,
        parameter=one.parameter,
        year=one.year,
        month=one.month,
        sampled_on=one.sampled_on,
        received_on=one.received_on,
        tested_on=one.tested_on,
        seal=one.seal,
        digest=one.report_digest,
        is_entered=bool(used),
        today=today,
    )


def _row(one: SampleDraft, laboratory: str, facility: int, actor: Actor, now: datetime) -> Sample:
    return Sample(
        number=one.number,
        facility_id=facility,
        laboratory_id=laboratory,
        year=one.year,
        month=one.month,
        parameter=one.parameter,
        seal=one.seal,
        sampled_on=one.sampled_on,
        received_on=one.received_on,
        tested_on=one.tested_on,
        value=format(one.value, "f"),
        unit=one.unit,
        test_report=one.test_report,
        report_digest=one.report_digest,
        entered_by=actor.person,
        entered_at=now,
    )
