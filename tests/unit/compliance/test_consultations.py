"""Consultation through the services: who is asked, what each is sent, and what leaks to nobody."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.unit.compliance.stage import (
    CHEN,
    LITTLE_MILL,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    SPRING,
    STEELWORKER,
    YEAR,
    ZHOU,
    Stage,
    uscc,
)
from tests.unit.members import cast

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import Consulted
from tonnebook.compliance.queries.consultations import EntityLine, ParameterLine
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.consultations import ConsultationRefusal, ConsultationSubject, OpinionKind, OpinionState
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.plan import PlanRefusal
from tonnebook.core.roles import SYSTEM, AccessRefusal, Actor, MemberRefusal, OrganisationKind, Role
from tonnebook.journal.models import JournalLeaf
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members

INDUSTRY, HOUSING, ELSEWHERE = (uscc(count) for count in range(41, 44))
TODAY = SPRING.date()


def _officer(person: str, department: str, *sectors: str, region: str = REGION) -> Actor:
    role = frozenset({Role.SECTOR_OFFICER})
    return Actor(person, department, OrganisationKind.SECTOR_DEPARTMENT, role, region, remit=frozenset(sectors))


MAKER = _officer("P-41", INDUSTRY, "industry")
BUILDER = _officer("P-42", HOUSING, "building")
ABROAD = (replace(ZHOU, person="P-44", region="tianjin"), replace(CHEN, person="P-45", region="tianjin"))
NEIGHBOUR = _officer("P-43", ELSEWHERE, "industry", region="tianjin")


def _set_remit(department: str, sector: str, *, by: tuple[Actor, Actor] = (ZHOU, CHEN)) -> None:
    cast.remit_set(*by, department, sector, now=SPRING)


@pytest.fixture
def asked(stage: Stage) -> Stage:
    """A stage with the departments of industry and housing, and one of another region with the same sector."""
    drafts = [
        members.OrganisationDraft(code, "部门", "Department", OrganisationKind.SECTOR_DEPARTMENT, region)
        for code, region in ((INDUSTRY, REGION), (HOUSING, REGION), (ELSEWHERE, "tianjin"))
    ]
    members.register_organisations(SYSTEM, drafts=drafts, key=stage.key(), now=SPRING)
    for code, sector in ((INDUSTRY, "industry"), (HOUSING, "building"), (ELSEWHERE, "machinery")):
        _set_remit(code, sector, by=ABROAD if code == ELSEWHERE else (ZHOU, CHEN))
    return stage


def _consult(
    stage: Stage,
    subject: ConsultationSubject = ConsultationSubject.COVERAGE,
    *,
    departments: tuple[str, ...] = (INDUSTRY, HOUSING),
    overlay: str = "",
    by: Actor = ZHOU,
) -> Answer:
    return compliance.consult(
        by,
        region=REGION,
        year=YEAR,
        subject=subject,
        overlay=overlay,
        departments=departments,
        words="Please look.",
        key=stage.key(),
        now=SPRING,
    )


def _give(
    stage: Stage,
    number: object,
    *,
    by: Actor = MAKER,
    kind: OpinionKind = OpinionKind.SUGGESTS,
    words: str = "Kiln 2 opens in May.",
    now: datetime = SPRING,
) -> Answer:
    return compliance.give_opinion(by, consultation=str(number), kind=kind, words=words, key=stage.key(), now=now)


def _answer(
    stage: Stage, number: object, *, by: Actor = ZHOU, is_accepted: bool = False, reason: str = "It is known."
) -> Answer:
    return compliance.answer_opinion(
        by,
        consultation=str(number),
        department=INDUSTRY,
        is_accepted=is_accepted,
        reason=reason,
        key=stage.key(),
        now=SPRING,
    )


def _refusal(code: Refusal) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, check=lambda refused: refused.code is code)


def _sent(number: object) -> dict[str, set[str]]:
    (row,) = [one for one in queries.consultations_in(REGION, TODAY) if one.number == number]
    return {
        one.department: {line.entity if isinstance(line, EntityLine) else line.path for line in one.sent}
        for one in row.opinions
    }


def test_each_department_is_sent_the_lines_of_its_own_sectors_alone(asked: Stage) -> None:
    number = _consult(asked)["consultation"]
    assert _sent(number) == {INDUSTRY: {RED_RIVER, LITTLE_MILL}, HOUSING: {NORTH_POWER}}


def test_benchmarks_go_out_by_sector_and_the_plan_goes_out_whole(asked: Stage) -> None:
    text = rulebook.overlay(REGION, YEAR)
    parts = _sent(_consult(asked, ConsultationSubject.BENCHMARKS, overlay=text)["consultation"])
    whole = _sent(_consult(asked, ConsultationSubject.PLAN, overlay=text)["consultation"])
    assert all("industry" in path.split(".") for path in parts[INDUSTRY])
    assert all("building" in path.split(".") for path in parts[HOUSING])
    assert parts[INDUSTRY]
    assert whole[INDUSTRY] == whole[HOUSING] > parts[INDUSTRY] | parts[HOUSING]
    assert "allocation.cap_t" in whole[HOUSING]


def test_a_line_of_the_plan_carries_its_value_and_its_status(asked: Stage) -> None:
    _consult(asked, ConsultationSubject.PLAN, overlay=rulebook.overlay(REGION, YEAR))
    (row,) = queries.consultations_of(INDUSTRY, TODAY)
    found = {line.path: line for line in row.opinions[0].sent if isinstance(line, ParameterLine)}
    assert (found["allocation.cap_t"].after, found["allocation.cap_t"].status) == ("79000000", "scenario")


def test_a_department_reads_its_own_place_and_no_other(asked: Stage) -> None:
    number = _consult(asked)["consultation"]
    _give(asked, number)
    (row,) = queries.consultations_of(HOUSING, TODAY)
    assert [one.department for one in row.opinions] == [HOUSING]
    assert queries.consultations_of(ELSEWHERE, TODAY) == ()
    assert queries.consultations_in("tianjin", TODAY) == ()


def test_the_department_is_told_and_hears_what_became_of_its_opinion(asked: Stage) -> None:
    number = _consult(asked)["consultation"]
    _give(asked, number)
    _answer(asked, number)
    kinds = [one.kind.value for one in members_queries.notices_of(INDUSTRY)]
    assert sorted(kinds) == ["CONSULTED", "OPINION_ANSWERED"]
    (row,) = queries.consultations_of(INDUSTRY, TODAY)
    (own,) = row.opinions
    assert (own.state, own.kind, own.reason) == (OpinionState.DECLINED, OpinionKind.SUGGESTS, "It is known.")


def test_each_step_leaves_a_leaf_and_the_words_are_sealed(asked: Stage) -> None:
    number = _consult(asked)["consultation"]
    _give(asked, number)
    _answer(asked, number)
    kinds = ("compliance.consultation.opened", "compliance.opinion.given", "compliance.opinion.answered")
    found = {row.kind: row for row in JournalLeaf.objects.filter(kind__in=kinds)}
    assert found.keys() == set(kinds)
    openly = "".join(row.payload for row in found.values())
    assert str(number) in openly
    for private in ("Kiln 2", "It is known", RED_RIVER, "Please look"):
        assert private not in openly


def test_what_is_open_is_counted_until_it_is_answered_or_its_days_are_over(asked: Stage) -> None:
    number = _consult(asked)["consultation"]
    assert [row.open for row in queries.consultations_in(REGION, TODAY)] == [2]
    _give(asked, number)
    assert [row.open for row in queries.consultations_in(REGION, TODAY + timedelta(days=40))] == [1]
    _answer(asked, number, is_accepted=True, reason="")
    assert [row.open for row in queries.consultations_in(REGION, TODAY + timedelta(days=40))] == [0]


@pytest.mark.parametrize(
    ("departments", "code"),
    [
        ((), ConsultationRefusal.NOBODY_ASKED),
        ((RED_RIVER,), MemberRefusal.NO_SECTOR_DEPARTMENT),
        ((ELSEWHERE,), MemberRefusal.NO_SECTOR_DEPARTMENT),
        ((uscc(99),), MemberRefusal.NO_SECTOR_DEPARTMENT),
    ],
)
def test_only_sector_departments_of_the_region_are_asked(
    asked: Stage, departments: tuple[str, ...], code: Refusal
) -> None:
    with _refusal(code):
        _consult(asked, departments=departments)


def test_a_department_without_a_line_of_its_own_is_not_asked(asked: Stage) -> None:
    _set_remit(HOUSING, "shipping")
    with _refusal(ConsultationRefusal.NOTHING_TO_SEND):
        _consult(asked)
    assert not Consulted.objects.exists()


def test_a_plan_that_must_be_put_right_is_not_circulated(asked: Stage) -> None:
    with _refusal(PlanRefusal.PLAN_NOT_FIT):
        _consult(asked, ConsultationSubject.PLAN, overlay="allocation: {no_such: 1}")


@pytest.mark.parametrize("by", [MAKER, STEELWORKER])
def test_only_officers_circulate_and_answer(asked: Stage, by: Actor) -> None:
    with _refusal(AccessRefusal.NOT_PERMITTED):
        _consult(asked, by=by)
    number = _consult(asked)["consultation"]
    _give(asked, number)
    with _refusal(AccessRefusal.NOT_PERMITTED):
        _answer(asked, number, by=by)


def test_an_opinion_is_given_by_who_was_asked_once_and_in_time(asked: Stage) -> None:
    number = _consult(asked, departments=(INDUSTRY,))["consultation"]
    with _refusal(AccessRefusal.NOT_PERMITTED):
        _give(asked, number, by=ZHOU)
    for other in (BUILDER, NEIGHBOUR):
        with _refusal(ConsultationRefusal.NO_SUCH_CONSULTATION):
            _give(asked, number, by=other)
    with _refusal(ConsultationRefusal.OPINION_WITHOUT_WORDS):
        _give(asked, number, words="  ")
    with _refusal(ConsultationRefusal.OPINION_TOO_LATE):
        _give(asked, number, now=SPRING + timedelta(days=40))
    _give(asked, number, kind=OpinionKind.AGREES, words="")
    with _refusal(ConsultationRefusal.OPINION_GIVEN):
        _give(asked, number)


def test_an_opinion_is_answered_once_and_declined_with_a_reason(asked: Stage) -> None:
    number = _consult(asked)["consultation"]
    with _refusal(ConsultationRefusal.NO_OPINION_YET):
        _answer(asked, number)
    _give(asked, number)
    with _refusal(ConsultationRefusal.ANSWER_WITHOUT_REASON):
        _answer(asked, number, reason=" ")
    _answer(asked, number)
    with _refusal(ConsultationRefusal.OPINION_ANSWERED):
        _answer(asked, number)


def test_one_person_sets_no_sectors_and_nobody_others_than_two_saw(asked: Stage) -> None:
    told = {"region": REGION, "department": INDUSTRY, "sectors": ["shipping"]}
    seen = cast.approved(ZHOU, CHEN, "members.set_remit", told, now=SPRING)
    for approval, code in (("AP-0", ApprovalRefusal.NO_SUCH_APPROVAL), (seen, ApprovalRefusal.DIGEST_DIFFERS)):
        more = {**told, "sectors": ["building", "industry"], "approval": approval, "key": asked.key(), "now": SPRING}
        with _refusal(code):
            members.set_remit(ZHOU, **more)  # type: ignore[arg-type]
    assert members_queries.remits(INDUSTRY) == {INDUSTRY: ("industry",)}


def test_sectors_are_set_by_the_authority_of_the_region_for_departments_and_in_its_words(asked: Stage) -> None:
    with _refusal(AccessRefusal.NOT_YOUR_REGION):
        _set_remit(ELSEWHERE, "machinery")
    with _refusal(AccessRefusal.NOT_PERMITTED):
        members.check_remit(MAKER, department=INDUSTRY, sectors=["building"], now=SPRING)
    with _refusal(MemberRefusal.NO_SECTOR_DEPARTMENT):
        _set_remit(RED_RIVER, "industry")
    with _refusal(MemberRefusal.NO_SUCH_SECTOR):
        _set_remit(INDUSTRY, "sorcery")
    assert members_queries.remits(INDUSTRY) == {INDUSTRY: ("industry",)}
