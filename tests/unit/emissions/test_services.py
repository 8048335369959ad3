"""The year of one entity through the services: what each step answers, stores, logs and refuses."""

import functools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from tests.signing import make_real
from tests.unit.emissions.story import (
    BUREAU,
    EAST_GLASS,
    NEXT_YEAR,
    NORTH_POWER,
    OTHER_VERIFIER,
    PLAIN_SCALE,
    RED_RIVER,
    REGION,
    STRANGER,
    TRUE_MEASURE,
    YEAR,
    ZHOU,
    Story,
    uscc,
)

from tonnebook.core import roles, trace
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.independence import IndependenceRefusal
from tonnebook.core.mandates import MandateRefusal
from tonnebook.core.reporting import DeterminationSource, FindingKind, PlanState, ReportingRefusal, ReportState, Verdict
from tonnebook.core.roles import AccessRefusal, MemberRefusal
from tonnebook.core.verification import Settlement
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import EmissionReport, MonthlyFiling
from tonnebook.journal.services import Answer

FEBRUARY = datetime(2026, 2, 10, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 10, 1, tzinfo=UTC)
REMARK = emissions.Finding(FindingKind.NONCONFORMITY, "meter late", is_material=True)


def refused(code: Refusal, action: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        action()
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en
    return caught.value


def test_year_runs_from_plan_to_determined_figure(story: Story) -> None:
    number = story.verified()
    assert story.determine() == {"determined": 1, "determined_t": 2892}
    row = queries.determined(REGION, YEAR)[RED_RIVER]
    assert (row.determined_t, row.direct_t, row.report) == (2892, 2598, number)
    assert row.outputs == {"steel": Decimal("1001.0")}
    assert (row.purchased_mwh, row.green_mwh) == (Decimal(1000), Decimal(300))
    assert row.source is DeterminationSource.SYSTEM
    assert queries.history([RED_RIVER, NORTH_POWER], [YEAR, YEAR + 1]) == {RED_RIVER: {YEAR: row}}


def test_facility_number_is_registered_once(story: Story) -> None:
    draft = emissions.FacilityDraft("RR-1", RED_RIVER, "设施", "Facility", "industry", date(2026, 1, 1))

    def register(*drafts: emissions.FacilityDraft) -> None:
        emissions.register_facilities(roles.SYSTEM, drafts=drafts, key=story.key(), now=FEBRUARY)

    refused(ReportingRefusal.FACILITY_EXISTS, lambda: register(draft))
    unknown = emissions.FacilityDraft("X-1", uscc(99), "设施", "Facility", "industry", date(2026, 1, 1))
    refused(MemberRefusal.NO_SUCH_ORGANISATION, lambda: register(unknown))
    assert [row.number for row in queries.facilities_of(RED_RIVER)] == ["RR-1", "RR-2"]


def test_a_facility_number_of_another_company_is_taken_too(story: Story) -> None:
    """The actor's own reach does not show the other company's facility."""
    draft = emissions.FacilityDraft("RR-1", NORTH_POWER, "设施", "Facility", "industry", date(2026, 1, 1))
    refused(
        ReportingRefusal.FACILITY_EXISTS,
        lambda: emissions.register_facilities(STRANGER, drafts=[draft], key=story.key(), now=FEBRUARY),
    )


def test_new_plan_version_supersedes_the_waiting_and_then_the_approved_one(story: Story) -> None:
    story.plan(approve=False)
    story.plan()
    plan = queries.plan_of(RED_RIVER, YEAR)
    assert plan
    assert (plan.version, plan.state) == (2, PlanState.APPROVED)
    story.plan()
    progress = queries.progress(REGION, YEAR, date(2026, 2, 1))
    assert (progress.plans_submitted, progress.plans_approved) == (1, 1)


def test_plan_that_was_not_submitted_cannot_be_approved(story: Story) -> None:
    def approve() -> None:
        emissions.approve_data_quality_plans(
            ZHOU, region=REGION, year=YEAR, entities=[NORTH_POWER], key=story.key(), now=FEBRUARY
        )

    refused(ReportingRefusal.NO_SUBMITTED_PLAN, approve)


def test_filing_answers_with_receipt_and_deadline(story: Story) -> None:
    answer = story.file(now=FEBRUARY)
    row = queries.filings(RED_RIVER, YEAR)[0]
    assert answer == {"receipt": row.receipt, "late": False, "due_on": row.due_on.isoformat()}
    assert len(queries.filings(RED_RIVER, YEAR)) == 24
    assert sum(row.filed_at is not None for row in queries.filings(RED_RIVER, YEAR)) == 1


def test_late_filing_needs_a_reason_and_is_marked(story: Story) -> None:
    refused(ReportingRefusal.LATE_WITHOUT_REASON, lambda: story.file(now=MAY))
    assert story.file(now=MAY, reason="laboratory closed")["late"] is True
    progress = queries.progress(REGION, YEAR, date(2026, 5, 10))
    assert (progress.filings_made, progress.filings_late, progress.facilities) == (1, 1, 4)
    assert progress.filings_due - progress.filings_missing == 1
    assert progress.filings_missing > 1


@pytest.mark.parametrize(
    ("code", "month", "facility"),
    [
        (ReportingRefusal.NO_SUCH_FACILITY, 1, "RR-9"),
        (ReportingRefusal.NO_SUCH_FACILITY, 1, "NP-1"),
        (ReportingRefusal.MONTH_NOT_OVER, 2, "RR-1"),
    ],
)
def test_filing_is_refused(story: Story, code: Refusal, month: int, facility: str) -> None:
    refused(code, lambda: story.file(month, now=FEBRUARY, facility=facility))


def test_month_is_filed_once(story: Story) -> None:
    story.file(now=FEBRUARY)
    refused(ReportingRefusal.MONTH_ALREADY_FILED, lambda: story.file(now=FEBRUARY))
    assert MonthlyFiling.objects.count() == 1


def test_database_itself_refuses_a_second_filing_and_any_change(story: Story) -> None:
    story.file(now=FEBRUARY)
    row = MonthlyFiling.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        MonthlyFiling.objects.update(reason="changed")
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_filing_costs_few_queries(story: Story, count_queries: Callable[[Callable[[], object]], list[str]]) -> None:
    story.file(1, now=MAY, reason="warm caches")
    sent = count_queries(lambda: story.file(2, now=MAY, reason="late"))
    own = [sql for sql in sent if "emissions_" in sql]
    assert len(own) == 2
    assert len([sql for sql in sent if "SAVEPOINT" not in sql]) <= 5


@pytest.mark.parametrize("actor", [ZHOU, roles.SYSTEM])
def test_batch_of_a_district_is_filed_in_as_many_queries_as_one_month(
    story: Story, count_queries: Callable[[Callable[[], object]], list[str]], actor: roles.Actor
) -> None:
    def take(month: int, *facilities: str) -> Answer:
        drafts = [emissions.MonthDraft(number, [], "0" * 64, "flood") for number in facilities]
        return emissions.file_months(actor, year=YEAR, month=month, filings=drafts, key=story.key(), now=MAY)

    answer = take(1, "RR-1", "NP-1")
    assert answer["late"] == 2
    receipts = answer["receipts"]
    assert isinstance(receipts, dict)
    assert receipts["RR-1"] == queries.filings(RED_RIVER, YEAR)[0].receipt
    one = len(count_queries(functools.partial(take, 2, "RR-1")))
    three = len(count_queries(functools.partial(take, 2, "RR-2", "NP-1", "EG-1")))
    assert one == three
    refused(ReportingRefusal.MONTH_ALREADY_FILED, lambda: take(3, "RR-1", "RR-1"))
    refused(ReportingRefusal.MONTH_ALREADY_FILED, lambda: take(2, "RR-1"))
    assert MonthlyFiling.objects.filter(month=3).count() == 0


def test_representative_cannot_file_for_others_in_a_batch(story: Story) -> None:
    drafts = [emissions.MonthDraft(number, [], "0" * 64) for number in ("RR-1", "NP-1")]
    refused(
        ReportingRefusal.NO_SUCH_FACILITY,
        lambda: emissions.file_months(STRANGER, year=YEAR, month=1, filings=drafts, key=story.key(), now=FEBRUARY),
    )


def test_report_computes_tonnes_and_explains_them(story: Story) -> None:
    story.plan()
    number = story.report()
    row = queries.report_of(RED_RIVER, YEAR)
    assert row
    assert (row.number, row.version, row.state) == (number, 1, ReportState.SUBMITTED)
    assert (row.total_t, row.direct_t) == (2892, 2598)
    assert trace.replay(row.total) == row.total_t
    assert "mrv.electricity.factor" in {origin.path for origin in trace.origins(row.total)}
    assert row.outputs == ({"product": "steel", "quantity": "1001.0", "unit": "t"},)


def test_report_of_the_same_content_names_the_version_in_its_digest(story: Story) -> None:
    story.plan()
    first, second = queries.report(story.report()), queries.report(story.report())
    assert (first.version, second.version) == (1, 2)
    assert first.digest != second.digest
    assert queries.report(first.number).state is ReportState.SUPERSEDED


@pytest.mark.parametrize(
    ("code", "approve", "facility", "now"),
    [
        (ReportingRefusal.NO_APPROVED_PLAN, False, "RR-1", NEXT_YEAR),
        (ReportingRefusal.FACILITY_OF_ANOTHER, True, "NP-1", NEXT_YEAR),
        (ReportingRefusal.YEAR_NOT_OVER, True, "RR-1", MAY),
    ],
)
def test_report_is_refused(story: Story, code: Refusal, approve: bool, facility: str, now: datetime) -> None:
    story.plan(approve=approve)
    refused(code, lambda: story.report(facility=facility, now=now))


def test_report_after_determination_is_refused(story: Story) -> None:
    story.verified()
    story.determine()
    refused(ReportingRefusal.ALREADY_DETERMINED, story.report)


def test_submitted_version_cannot_be_changed_in_the_database(story: Story) -> None:
    story.plan()
    story.report()
    with pytest.raises(DatabaseError), transaction.atomic():
        EmissionReport.objects.update(total_t=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        EmissionReport.objects.all().delete()


@pytest.mark.parametrize(
    ("code", "verifier"),
    [
        (IndependenceRefusal.BODY_NOT_ADMITTED, BUREAU),
        (IndependenceRefusal.BODY_NOT_ADMITTED, uscc(77)),
        (MandateRefusal.WRITER_NOT_INDEPENDENT, PLAIN_SCALE),
    ],
)
def test_assignment_is_refused(story: Story, code: Refusal, verifier: str) -> None:
    story.plan()
    story.report(prepared_by=PLAIN_SCALE)
    refused(code, lambda: story.assign(verifier))


def test_verifier_is_assigned_once(story: Story) -> None:
    story.assign()
    refused(ReportingRefusal.ALREADY_ASSIGNED, lambda: story.assign(PLAIN_SCALE))


def test_independence_is_checked_again_at_the_signature(story: Story) -> None:
    story.plan()
    story.assign()
    number = story.report(prepared_by=TRUE_MEASURE)
    refused(MandateRefusal.WRITER_NOT_INDEPENDENT, lambda: story.sign(number))


def test_opinion_of_somebody_else_is_refused(story: Story) -> None:
    story.plan()
    number = story.report()
    # To whom it is not assigned it is not even there.
    refused(ReportingRefusal.NO_SUCH_REPORT, lambda: story.sign(number))
    story.assign()
    refused(ReportingRefusal.NO_SUCH_REPORT, lambda: story.sign(number, actor=OTHER_VERIFIER))
    refused(AccessRefusal.NOT_PERMITTED, lambda: story.sign(number, actor=STRANGER))
    refused(ReportingRefusal.NO_SUCH_REPORT, lambda: story.sign("ER-0"))


def test_opinion_on_a_superseded_version_is_refused(story: Story) -> None:
    story.plan()
    story.assign()
    first = story.report()
    story.report()
    refused(ReportingRefusal.VERSION_SUPERSEDED, lambda: story.sign(first))


def test_opinion_is_signed_once_over_the_digest_of_the_version(story: Story) -> None:
    number = story.verified()
    refused(ReportingRefusal.ALREADY_SIGNED, lambda: story.sign(number))
    row = queries.report(number)
    assert row.opinion
    assert row.opinion.report_digest == row.digest
    assert row.state is ReportState.VERIFIED


def test_an_opinion_on_real_data_is_signed_with_a_second_factor(story: Story) -> None:
    story.plan()
    story.assign()
    number = story.report()
    make_real()
    refused(AccessRefusal.SECOND_FACTOR_NEEDED, lambda: story.sign(number))
    assert queries.report(number).opinion is None


def test_satisfactory_opinion_must_confirm_the_figure_and_others_must_name_findings(story: Story) -> None:
    story.plan()
    story.assign()
    number = story.report()
    comments = Verdict.VERIFIED_WITH_COMMENTS
    refused(ReportingRefusal.FINDING_MISSING, lambda: story.sign(number, verdict=comments))
    finding = story.find(number, REMARK)
    later = NEXT_YEAR + timedelta(days=30)
    story.settle(finding, Settlement.ESTIMATED, added_t=8, now=later)
    refused(ReportingRefusal.FIGURE_DIFFERS, lambda: story.conclude(number, verified_t=2900, now=later))
    story.sign(number, verdict=comments, verified_t=2900)
    story.determine()
    row = queries.determined(REGION, YEAR)[RED_RIVER]
    assert (row.determined_t, row.direct_t) == (2900, 2606)


@pytest.mark.parametrize("with_negative_opinion", [False, True])
def test_determination_needs_a_positive_opinion(story: Story, with_negative_opinion: bool) -> None:
    story.plan()
    story.assign()
    number = story.report()
    if with_negative_opinion:
        story.sign(number, verdict=Verdict.NOT_VERIFIED, verified_t=0, findings=(REMARK,))
    refused(ReportingRefusal.NO_POSITIVE_OPINION, story.determine)


def test_opinion_on_an_older_version_is_not_enough(story: Story) -> None:
    story.verified()
    story.report()
    refused(ReportingRefusal.NO_POSITIVE_OPINION, story.determine)


def test_figure_is_determined_once_and_for_good(story: Story) -> None:
    story.verified()
    story.determine()
    refused(ReportingRefusal.ALREADY_DETERMINED, story.determine)
    refused(ReportingRefusal.ALREADY_DETERMINED, lambda: story.assign(PLAIN_SCALE))


def test_history_is_taken_over_once_in_a_constant_number_of_queries(
    story: Story, count_queries: Callable[[Callable[[], object]], list[str]]
) -> None:
    def take(*years: int) -> None:
        rows = [
            emissions.HistoryRow(entity, year, 100, 60, {"steel": Decimal("7.5")})
            for entity in (RED_RIVER, NORTH_POWER)
            for year in years
        ]
        emissions.import_history(ZHOU, region=REGION, rows=rows, key=story.key(), now=FEBRUARY)

    few = len(count_queries(lambda: take(2023)))
    assert len(count_queries(lambda: take(2020, 2021, 2022))) == few
    row = queries.history([RED_RIVER], [2022])[RED_RIVER][2022]
    assert (row.determined_t, row.direct_t, row.outputs) == (100, 60, {"steel": Decimal("7.5")})
    assert (row.source, row.report, row.purchased_mwh) == (DeterminationSource.IMPORTED, "", Decimal(0))
    refused(ReportingRefusal.ALREADY_DETERMINED, lambda: take(2022))
    with pytest.raises(Refused):
        emissions.import_history(
            ZHOU, region=REGION, rows=[emissions.HistoryRow(uscc(99), 2020, 1, 1)], key=story.key(), now=FEBRUARY
        )


def test_many_entities_cost_as_many_queries_as_one(
    story: Story, count_queries: Callable[[Callable[[], object]], list[str]]
) -> None:
    def approve(*entities: str) -> None:
        emissions.approve_data_quality_plans(
            ZHOU, region=REGION, year=YEAR, entities=entities, key=story.key(), now=FEBRUARY
        )

    def assign(*entities: str) -> None:
        chosen = dict.fromkeys(entities, TRUE_MEASURE)
        emissions.assign_verifiers(ZHOU, region=REGION, year=YEAR, assignments=chosen, key=story.key(), now=NEXT_YEAR)

    everybody = (RED_RIVER, NORTH_POWER, EAST_GLASS)
    for entity in everybody:
        story.plan(entity=entity, approve=False)
    costs = [len(count_queries(lambda: approve(RED_RIVER))), len(count_queries(lambda: approve(*everybody[1:])))]
    costs += [len(count_queries(lambda: assign(RED_RIVER))), len(count_queries(lambda: assign(*everybody[1:])))]
    for entity in everybody:
        story.sign(story.report(entity=entity))
    costs += [len(count_queries(story.determine)), len(count_queries(lambda: story.determine(*everybody[1:])))]
    assert costs[0::2] == costs[1::2]
    assert set(queries.determined(REGION, YEAR)) == set(everybody)


def test_assignment_of_an_entity_of_no_known_region_is_refused(story: Story) -> None:
    refused(MemberRefusal.NO_SUCH_ORGANISATION, lambda: story.assign(entity=uscc(98)))


def test_board_shows_each_assigned_entity_with_its_latest_version(story: Story) -> None:
    story.plan()
    story.assign()
    (empty,) = queries.board(TRUE_MEASURE, YEAR)
    assert (empty.report, empty.state, empty.total_t) == ("", None, None)
    story.report()
    number = story.report()
    (row,) = queries.board(TRUE_MEASURE, YEAR)
    assert (row.report, row.version, row.state, row.total_t) == (number, 2, ReportState.ASSIGNED, 2892)
    story.sign(number)
    assert queries.board(TRUE_MEASURE, YEAR)[0].state is ReportState.VERIFIED
    story.determine()
    assert queries.board(TRUE_MEASURE, YEAR)[0].state is ReportState.DETERMINED
    assert queries.board(PLAIN_SCALE, YEAR) == ()


def test_progress_counts_every_step(story: Story) -> None:
    story.verified()
    story.determine()
    progress = queries.progress(REGION, YEAR, date(2027, 2, 1))
    counts = (progress.reports, progress.assigned, progress.verified, progress.not_verified, progress.determined)
    assert counts == (1, 1, 1, 0, 1)


def test_same_key_answers_the_same_and_stores_once(story: Story) -> None:
    story.plan()
    number = story.report()
    story.keys.pop()
    assert story.report() == number
    assert EmissionReport.objects.count() == 1


def test_leaf_of_a_report_seals_the_figures(story: Story) -> None:
    story.plan()
    story.report()
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM journal_leaf WHERE kind = 'emissions.report.submitted'")
        (payload,) = cursor.fetchone()
    assert RED_RIVER in payload
    assert "2892" not in payload
    assert '"sealed"' in payload
