"""Entry on the database: asked for with signed papers, decided by staff, and required from the day of the rule."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

import pytest
from tests.market_stage import REGION, Stage

from tonnebook.core.admission import PAPERS, AdmissionRefusal, AdmissionState, ParticipantClass, SuitabilityQuestion
from tonnebook.core.book import Side
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import AccessRefusal, Role
from tonnebook.core.uploads import DocumentRefusal, UploadKind
from tonnebook.faces.uploads import Upload
from tonnebook.market import services as market
from tonnebook.members import services as members

NEW_YEAR = date(2030, 3, 4)


def refused(code: Refusal, act: object) -> None:
    with pytest.raises(Refused) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code is code


def papers(stage: Stage, name: str = "Red River Steel") -> list[str]:
    actor = replace(stage.cast[name], roles=frozenset({Role.REPRESENTATIVE}))
    kept = (
        members.keep_document(
            actor,
            organisation=actor.organisation,
            upload=Upload(
                f"{purpose}.pdf",
                UploadKind.PDF,
                hashlib.sha256(purpose.encode()).hexdigest(),
                len(purpose),
                purpose.encode(),
            ),
            purpose=purpose,
            key=stage.key(),
            now=stage.now,
        )
        for purpose in PAPERS
    )
    return [str(one["document"]) for one in kept]


def ask(stage: Stage, documents: Sequence[str], name: str = "Red River Steel") -> str:
    actor = replace(stage.cast[name], roles=frozenset({Role.REPRESENTATIVE}))
    answer = market.ask_admission(
        actor,
        participant_class=ParticipantClass.COVERED,
        answers=list(SuitabilityQuestion),
        documents=documents,
        key=stage.key(),
        now=stage.now,
    )
    return str(answer["admission"])


def decide(stage: Stage, number: str, state: AdmissionState, until_on: date | None = None) -> object:
    answer = market.decide_admission(
        stage.cast["Exchange"],
        admission=number,
        state=state,
        reason="材料齐全",
        until_on=until_on,
        key=stage.key(),
        now=stage.now,
    )
    return answer["state"]


def buy(stage: Stage) -> object:
    return stage.order("Red River Steel", Side.BUY, 7400, 10)["state"]


@pytest.fixture
def required(stage: Stage) -> Stage:
    """A Monday on which the rule asks for an admission, and a buyer with money."""
    stage.at(time(10), NEW_YEAR)
    stage.fund("Red River Steel", 10_000_000)
    return stage


def test_who_was_admitted_trades_until_suspended_or_over(required: Stage) -> None:
    refused(AdmissionRefusal.NOT_ADMITTED, lambda: buy(required))
    number = ask(required, papers(required))
    refused(AdmissionRefusal.NOT_ADMITTED, lambda: buy(required))
    assert decide(required, number, AdmissionState.ADMITTED, until_on=NEW_YEAR) == "ADMITTED"
    assert buy(required) == "OPEN"
    decide(required, number, AdmissionState.SUSPENDED)
    refused(AdmissionRefusal.ADMISSION_SUSPENDED, lambda: buy(required))
    decide(required, number, AdmissionState.ADMITTED)
    assert buy(required) == "OPEN"
    required.at(time(10), date(2030, 3, 5))
    refused(AdmissionRefusal.NOT_ADMITTED, lambda: buy(required))
    refused(AdmissionRefusal.DECISION_DOES_NOT_FIT, lambda: decide(required, number, AdmissionState.REFUSED))


def test_an_organisation_asks_once_with_its_own_papers(stage: Stage) -> None:
    refused(DocumentRefusal.DOCUMENTS_MISSING, lambda: ask(stage, []))
    refused(DocumentRefusal.NO_SUCH_DOCUMENT, lambda: ask(stage, papers(stage), "North Power"))
    own = papers(stage)
    refused(AdmissionRefusal.PAPERS_OF_ENTRY_MISSING, lambda: ask(stage, own[:1]))
    number = ask(stage, own)
    refused(AdmissionRefusal.ALREADY_ASKED, lambda: ask(stage, own))
    decide(stage, number, AdmissionState.REFUSED)
    assert ask(stage, own) != number


def test_only_staff_of_the_region_decides(stage: Stage) -> None:
    number = ask(stage, papers(stage))
    refused(AdmissionRefusal.NO_SUCH_ADMISSION, lambda: decide(stage, "AD-000000-00", AdmissionState.ADMITTED))
    for actor, code in (
        (stage.cast["Red River Steel"], AccessRefusal.NOT_PERMITTED),
        (replace(stage.cast["Exchange"], region="tianjin"), AdmissionRefusal.NO_SUCH_ADMISSION),
    ):
        stage.cast["Exchange"] = actor
        refused(code, lambda: decide(stage, number, AdmissionState.ADMITTED))


def test_a_class_that_is_not_let_in_is_refused_before_any_rule_asks_for_an_entry(stage: Stage) -> None:
    bank = replace(stage.cast["Lotus Capital"], roles=frozenset({Role.REPRESENTATIVE}))
    number = market.ask_admission(
        bank,
        participant_class=ParticipantClass.BANK,
        answers=list(SuitabilityQuestion),
        documents=papers(stage, "Lotus Capital"),
        key=stage.key(),
        now=stage.now,
    )["admission"]
    decide(stage, str(number), AdmissionState.ADMITTED)
    stage.fund("Lotus Capital", 10_000_000)
    refused(AdmissionRefusal.CLASS_MAY_NOT, lambda: stage.order("Lotus Capital", Side.BUY, 7400, 10))
    assert bank.region == REGION
