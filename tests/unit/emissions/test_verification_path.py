"""The path of a verification through the services: register, plan, findings, three signatures, and what breaks it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from tests.unit.emissions.story import (
    DUTIES,
    MEMBER,
    NEXT_YEAR,
    NORTH_POWER,
    OTHER_PEN,
    OTHER_VERIFIER,
    PEN,
    PLAIN_SCALE,
    RED_RIVER,
    REGION,
    REVIEWER,
    SIGNATORY,
    STEELWORKER,
    STRANGER,
    TRUE_MEASURE,
    VERIFIER,
    YEAR,
    ZHOU,
    Story,
)

from tonnebook.core.bodies import BodyRefusal, BodyState, InterestKind
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.independence import IndependenceRefusal
from tonnebook.core.mandates import MandateRefusal
from tonnebook.core.reporting import FindingKind, ReportingRefusal, Verdict
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.verification import Duty, Settlement, VerificationRefusal, VisitMode
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import Conclusion, ConclusionSignature, Verification, VerificationFinding
from tonnebook.journal.models import JournalLeaf
from tonnebook.members.services import controllers

LEAK = emissions.Finding(FindingKind.MISSTATEMENT, "meter read low", "line 1", is_material=True, effect_t=300)
LATER = NEXT_YEAR + timedelta(days=30)


def refused(code: Refusal, action: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        action()
    assert caught.value.code is code


@pytest.fixture
def report(story: Story) -> str:
    """A report that is assigned to True Measure."""
    story.plan()
    number = story.report()
    story.assign()
    return number


def test_every_signature_binds_one_digest_and_the_third_makes_the_opinion(story: Story, report: str) -> None:
    story.plan_verification(report)
    digest = story.conclude(report)
    assert queries.report(report).opinion is None
    story.countersign(report, digest, Duty.TECHNICAL_REVIEWER, REVIEWER)
    assert queries.report(report).opinion is None
    story.countersign(report, digest, Duty.SIGNATORY, SIGNATORY)
    opinion = queries.report(report).opinion
    assert opinion is not None
    assert (opinion.verified_t, opinion.signed_by) == (2892, SIGNATORY.person)
    signed = ConclusionSignature.objects.order_by("id").values_list("duty", "person", "digest")
    assert list(signed) == [
        (Duty.LEADER.value, VERIFIER.person, digest),
        (Duty.TECHNICAL_REVIEWER.value, REVIEWER.person, digest),
        (Duty.SIGNATORY.value, SIGNATORY.person, digest),
    ]
    leaves = [one.kind for one in JournalLeaf.objects.order_by("id")]
    assert leaves[-2:] == ["emissions.verification.signed", "emissions.opinion.signed"]


def test_a_conclusion_drawn_anew_takes_the_signatures_with_it(story: Story, report: str) -> None:
    story.plan_verification(report)
    first = story.conclude(report)
    story.countersign(report, first, Duty.TECHNICAL_REVIEWER, REVIEWER)
    second = story.conclude(report)
    assert second != first
    refused(VerificationRefusal.OTHER_CONCLUSION, lambda: story.countersign(report, first, Duty.SIGNATORY, SIGNATORY))
    refused(VerificationRefusal.OUT_OF_TURN, lambda: story.countersign(report, second, Duty.SIGNATORY, SIGNATORY))


def test_nobody_signs_in_the_place_of_another(story: Story, report: str) -> None:
    refused(VerificationRefusal.NOT_PLANNED, lambda: story.conclude(report))
    refused(VerificationRefusal.NOT_PLANNED, lambda: story.find(report, LEAK))
    story.plan_verification(report)
    refused(VerificationRefusal.NOT_YOUR_DUTY, lambda: story.conclude(report, actor=MEMBER))
    refused(
        VerificationRefusal.NOTHING_TO_SIGN,
        lambda: story.countersign(report, "0" * 64, Duty.TECHNICAL_REVIEWER, REVIEWER),
    )
    digest = story.conclude(report)
    refused(
        VerificationRefusal.NOT_YOUR_DUTY, lambda: story.countersign(report, digest, Duty.TECHNICAL_REVIEWER, VERIFIER)
    )
    row = Conclusion.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ConclusionSignature.objects.create(
            conclusion=row, duty=Duty.SIGNATORY.value, person=VERIFIER.person, digest=digest, signed_at=NEXT_YEAR
        )


def test_a_finding_waits_for_its_answer_and_then_for_its_end(story: Story, report: str) -> None:
    story.plan_verification(report)
    finding = story.find(report, LEAK)
    (row,) = queries.verification_findings([RED_RIVER])
    # Ten working days from Monday the 1st of February 2027; the Spring Festival lies between.
    assert row.due_on > NEXT_YEAR.date() + timedelta(days=10)
    refused(VerificationRefusal.NO_ANSWER_YET, lambda: story.settle(finding, Settlement.EXPLAINED))
    refused(VerificationRefusal.FINDINGS_OPEN, lambda: story.conclude(report))

    def answer(text: str = "the gauge was replaced") -> object:
        return emissions.answer_finding(STEELWORKER, finding=finding, text=text, key=story.key(), now=NEXT_YEAR)

    refused(
        VerificationRefusal.NO_SUCH_FINDING,
        lambda: emissions.answer_finding(STRANGER, finding=finding, text="?", key=story.key(), now=NEXT_YEAR),
    )
    answer()
    refused(VerificationRefusal.ANSWERED_ALREADY, answer)
    refused(VerificationRefusal.NOT_CORRECTED, lambda: story.settle(finding, Settlement.CORRECTED))
    story.settle(finding, Settlement.EXPLAINED)
    refused(VerificationRefusal.FINDING_SETTLED, answer)
    refused(VerificationRefusal.FINDING_SETTLED, lambda: story.settle(finding, Settlement.EXPLAINED))
    refused(VerificationRefusal.NO_SUCH_FINDING, lambda: story.settle("VF-0", Settlement.EXPLAINED))
    story.conclude(report)


def test_what_is_not_answered_is_estimated_and_the_figure_follows(story: Story, report: str) -> None:
    story.plan_verification(report)
    finding = story.find(report, LEAK)
    story.settle(finding, Settlement.ESTIMATED, added_t=350, now=LATER)
    comments = Verdict.VERIFIED_WITH_COMMENTS
    refused(VerificationRefusal.FIGURE_NOT_DERIVED, lambda: story.conclude(report, verdict=comments, now=LATER))
    story.sign(report, verdict=comments, verified_t=3242)
    opinion = queries.report(report).opinion
    assert opinion is not None
    assert opinion.findings[0]["settlement"] == "ESTIMATED"
    story.determine()
    assert queries.determined(REGION, YEAR)[RED_RIVER].determined_t == 3242


def test_a_correction_is_a_new_version_and_carries_the_finding_over(story: Story, report: str) -> None:
    story.plan_verification(report)
    finding = story.find(report, LEAK)
    second = story.report()
    story.settle(finding, Settlement.CORRECTED)
    story.sign(second)
    opinion = queries.report(second).opinion
    assert opinion is not None
    assert [row["settlement"] for row in opinion.findings] == ["CORRECTED"]


def test_a_material_misstatement_left_standing_forbids_a_positive_opinion(story: Story, report: str) -> None:
    story.plan_verification(report)
    story.settle(story.find(report, LEAK), Settlement.LEFT_STANDING)
    comments = Verdict.VERIFIED_WITH_COMMENTS
    refused(VerificationRefusal.MISSTATED_MATERIALLY, lambda: story.conclude(report, verdict=comments))
    story.sign(report, verdict=Verdict.NOT_VERIFIED, verified_t=0)


def test_a_plan_names_people_of_the_register(story: Story, report: str) -> None:
    refused(VerificationRefusal.TEAM_UNFIT, lambda: story.plan_verification(report, leader="P-3M"))
    refused(VerificationRefusal.VISIT_WITHOUT_REASON, lambda: story.plan_verification(report, mode=VisitMode.OFF_SITE))
    refused(
        VerificationRefusal.NOT_SIMPLIFIABLE,
        lambda: story.plan_verification(report, mode=VisitMode.SIMPLIFIED, reason="good record"),
    )
    refused(VerificationRefusal.SAMPLE_TOO_SMALL, lambda: story.plan_verification(report, samples=(0,)))
    refused(ReportingRefusal.NO_SUCH_REPORT, lambda: story.plan_verification("ER-0"))
    refused(AccessRefusal.NOT_PERMITTED, lambda: story.plan_verification(report, actor=ZHOU))


@pytest.mark.parametrize("step", ["plan", "conclude", "sign"])
def test_what_ties_a_body_after_the_assignment_stops_it_at_every_step(story: Story, report: str, step: str) -> None:
    def declare() -> None:
        emissions.declare_interest(
            OTHER_PEN, entity=RED_RIVER, kind=InterestKind.ADVISED, year=YEAR - 1, key=story.key(), now=NEXT_YEAR
        )
        tie = {"organisation": OTHER_PEN.organisation, "controller": TRUE_MEASURE}
        controllers.enter_controller(ZHOU, **tie, key=story.key(), now=NEXT_YEAR)

    if step != "plan":
        story.plan_verification(report)
    digest = story.conclude(report) if step == "sign" else ""
    declare()
    acts: dict[str, Callable[[], object]] = {
        "plan": lambda: story.plan_verification(report),
        "conclude": lambda: story.conclude(report),
        "sign": lambda: story.countersign(report, digest, Duty.TECHNICAL_REVIEWER, REVIEWER),
    }
    refused(IndependenceRefusal.ADVISED_LATELY, acts[step])
    assert not Verification.objects.exists()


def test_a_person_with_a_declared_conflict_takes_no_part(story: Story, report: str) -> None:
    def declare(person: str, kind: InterestKind = InterestKind.CONFLICT) -> None:
        emissions.declare_interest(
            VERIFIER, entity=RED_RIVER, kind=kind, year=YEAR, person=person, key=story.key(), now=NEXT_YEAR
        )

    refused(BodyRefusal.PERSON_OF_ANOTHER, lambda: declare("P-4"))
    refused(BodyRefusal.PERSON_OF_ANOTHER, lambda: declare(""))
    refused(BodyRefusal.PERSON_OF_ANOTHER, lambda: declare("P-3", InterestKind.ADVISED))
    declare("P-3R")
    refused(IndependenceRefusal.STAFF_CONFLICT, lambda: story.plan_verification(report))


def test_suspension_ends_open_work_and_bars_new_work_until_its_day(story: Story, report: str) -> None:
    def suspend(until_on: date, ground: str = "false statements") -> object:
        return emissions.suspend_body(
            ZHOU, body=TRUE_MEASURE, until_on=until_on, ground=ground, key=story.key(), now=NEXT_YEAR
        )

    refused(BodyRefusal.SUSPENSION_OVER, lambda: suspend(NEXT_YEAR.date() - timedelta(days=1)))
    refused(BodyRefusal.NO_GROUND, lambda: suspend(LATER.date(), " "))
    assert suspend(LATER.date())["ended"] == 1  # type: ignore[index]
    refused(ReportingRefusal.NO_SUCH_REPORT, lambda: story.plan_verification(report))
    refused(IndependenceRefusal.BODY_SUSPENDED, story.assign)
    assert queries.unassigned(REGION, YEAR) == (RED_RIVER,)
    story.assign(PLAIN_SCALE)


def test_removal_by_two_people_ends_open_work_and_leaves_what_was_signed(story: Story) -> None:
    number = story.verified()
    story.plan(entity=NORTH_POWER)
    story.report(entity=NORTH_POWER)
    story.assign(entity=NORTH_POWER)
    payload = {"region": REGION, "body": TRUE_MEASURE, "ground": "certificate withdrawn"}
    assert story.two_people("emissions.remove_body", {**payload}, NEXT_YEAR)["ended"] == 1
    assert queries.body(TRUE_MEASURE).state is BodyState.REMOVED
    assert queries.report(number).opinion is not None
    refused(IndependenceRefusal.BODY_NOT_ADMITTED, lambda: story.assign(entity=NORTH_POWER))
    empty = {**payload, "ground": " "}
    refused(BodyRefusal.NO_GROUND, lambda: story.two_people("emissions.remove_body", {**empty}, NEXT_YEAR))
    absent = {**payload, "body": RED_RIVER}
    refused(BodyRefusal.NO_SUCH_BODY, lambda: story.two_people("emissions.remove_body", {**absent}, NEXT_YEAR))


def test_admission_is_of_exactly_what_was_asked_for_and_once(story: Story) -> None:
    row = queries.body(TRUE_MEASURE)
    payload = {"region": REGION, "body": TRUE_MEASURE, "digest": row.digest}
    refused(BodyRefusal.ALREADY_ADMITTED, lambda: story.two_people("emissions.admit_body", {**payload}, NEXT_YEAR))
    emissions.apply_for_register(
        VERIFIER,
        certificate="C-2",
        scope=["paper"],
        from_on=date(2027, 1, 1),
        until_on=date(2030, 1, 1),
        people=DUTIES,
        key=story.key(),
        now=NEXT_YEAR,
    )
    refused(BodyRefusal.OTHER_APPLICATION, lambda: story.two_people("emissions.admit_body", {**payload}, NEXT_YEAR))
    refused(IndependenceRefusal.BODY_NOT_ADMITTED, story.assign)


def test_a_house_is_on_the_register_as_one_thing(story: Story) -> None:
    tie = {"organisation": PEN.organisation, "controller": PLAIN_SCALE}
    controllers.enter_controller(ZHOU, **tie, key=story.key(), now=NEXT_YEAR)
    refused(BodyRefusal.HOUSE_ON_REGISTER, lambda: story.admit(PEN))
    assert queries.body(PEN.organisation).state is BodyState.APPLIED


def test_a_writer_off_the_register_takes_no_mandate(story: Story) -> None:
    payload = {"region": REGION, "body": PEN.organisation, "ground": "closed"}
    story.two_people("emissions.remove_body", {**payload}, NEXT_YEAR)
    until_on = date(2028, 1, 1)
    with pytest.raises(Refused) as caught:
        emissions.give_mandate(
            STEELWORKER,
            writer=PEN.organisation,
            first_year=YEAR,
            last_year=YEAR,
            until_on=until_on,
            key=story.key(),
            now=NEXT_YEAR,
        )
    assert caught.value.code is MandateRefusal.NOT_A_REPORT_WRITER


def test_many_reports_cost_as_many_queries_as_one(
    story: Story, count_queries: Callable[[Callable[[], object]], list[str]]
) -> None:
    numbers = []
    for entity in (RED_RIVER, NORTH_POWER):
        story.plan(entity=entity)
        numbers.append(story.report(entity=entity))
        story.assign(entity=entity)

    def plan(*some: str) -> None:
        plans = [emissions.PlanDraft(one, "P-3", "P-3R", "P-3S", ("P-3M",)) for one in some]
        emissions.plan_verifications(VERIFIER, plans=plans, key=story.key(), now=NEXT_YEAR)

    def conclude(*some: str) -> dict[str, str]:
        satisfactory = Verdict.VERIFIED_AS_SATISFACTORY
        drafts = [emissions.ConclusionDraft(one, satisfactory, queries.report(one).total_t) for one in some]
        answer = emissions.conclude(VERIFIER, conclusions=drafts, key=story.key(), now=NEXT_YEAR)
        digests = answer["digests"]
        assert isinstance(digests, dict)
        return {report: str(digest) for report, digest in digests.items()}

    assert len(count_queries(lambda: plan(numbers[0]))) == len(count_queries(lambda: plan(*numbers)))
    digests = conclude(*numbers)

    def sign(duty: Duty, *some: str) -> None:
        actor = REVIEWER if duty is Duty.TECHNICAL_REVIEWER else SIGNATORY
        told = {one: digests[one] for one in some}
        emissions.sign_conclusions(actor, duty=duty, digests=told, key=story.key(), now=NEXT_YEAR)

    one = len(count_queries(lambda: sign(Duty.TECHNICAL_REVIEWER, numbers[0])))
    assert len(count_queries(lambda: sign(Duty.TECHNICAL_REVIEWER, numbers[1]))) == one
    sign(Duty.SIGNATORY, *numbers)
    assert Verification.objects.count() == 2


def test_what_was_found_and_signed_cannot_be_changed_in_the_database(story: Story, report: str) -> None:
    story.plan_verification(report)
    story.find(report, LEAK)
    story.settle(queries.verification_findings([RED_RIVER])[0].number, Settlement.LEFT_STANDING)
    story.conclude(report, verdict=Verdict.NOT_VERIFIED, verified_t=0)
    for model in (VerificationFinding, ConclusionSignature, Conclusion):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()


def test_another_body_sees_neither_findings_nor_plan(story: Story, report: str) -> None:
    story.plan_verification(report)
    finding = story.find(report, LEAK)
    refused(
        VerificationRefusal.NO_SUCH_FINDING,
        lambda: story.settle(finding, Settlement.EXPLAINED, actor=OTHER_VERIFIER),
    )
