"""Entry to trading: what a class may do, who is refused without it, what is asked, and what staff may decide."""

from datetime import date

import pytest

from tonnebook import rulebook
from tonnebook.core import admission
from tonnebook.core.admission import (
    PAPERS,
    Admission,
    AdmissionRefusal,
    AdmissionState,
    ParticipantClass,
    SuitabilityQuestion,
    TradingWay,
)
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind
from tonnebook.core.roles import OrganisationKind

TODAY = date(2026, 3, 2)
WORDS = {*TradingWay, *Side, AssetKind.ALLOWANCE, AssetKind.CREDIT}


@pytest.mark.parametrize("region", ["shanghai", "tianjin", "national"])
@pytest.mark.parametrize("participant_class", list(ParticipantClass))
def test_every_region_says_of_every_class_what_it_may_do(region: str, participant_class: ParticipantClass) -> None:
    may = admission.may(rulebook.at(region, on=TODAY), participant_class)
    assert may is not None
    assert may.words <= {word.value for word in WORDS}
    assert bool(may.words) is (participant_class in (ParticipantClass.COVERED, ParticipantClass.INSTITUTION))


def test_institutions_buy_allowances_in_shanghai_and_not_in_the_national_market() -> None:
    asked = (TradingWay.LISTED, Side.BUY, AssetKind.ALLOWANCE)
    for region, is_allowed in (("shanghai", True), ("national", False)):
        may = admission.may(rulebook.at(region, on=TODAY), ParticipantClass.INSTITUTION)
        assert may is not None
        may.check(TradingWay.LISTED, Side.BUY, AssetKind.CREDIT)
        if is_allowed:
            may.check(*asked)
        else:
            with pytest.raises(Refused) as refused:
                may.check(*asked)
            assert refused.value.code is AdmissionRefusal.CLASS_MAY_NOT


def test_the_kind_says_the_class_until_one_is_recorded() -> None:
    recorded = Admission("X", ParticipantClass.BANK, AdmissionState.ADMITTED, None)
    assert admission.class_of(OrganisationKind.INVESTOR, None) is ParticipantClass.INSTITUTION
    assert admission.class_of(OrganisationKind.INVESTOR, recorded) is ParticipantClass.BANK
    assert admission.class_of(OrganisationKind.VERIFIER, None) is None


@pytest.mark.parametrize(
    ("state", "until_on", "without", "where_required"),
    [
        (None, None, None, AdmissionRefusal.NOT_ADMITTED),
        (AdmissionState.ASKED, None, None, AdmissionRefusal.NOT_ADMITTED),
        (AdmissionState.ADMITTED, None, None, None),
        (AdmissionState.ADMITTED, TODAY, None, None),
        (AdmissionState.ADMITTED, date(2026, 3, 1), None, AdmissionRefusal.NOT_ADMITTED),
        (AdmissionState.SUSPENDED, None, AdmissionRefusal.ADMISSION_SUSPENDED, AdmissionRefusal.ADMISSION_SUSPENDED),
        (AdmissionState.ENDED, None, None, AdmissionRefusal.NOT_ADMITTED),
    ],
)
def test_who_is_not_admitted_is_refused_where_the_rule_asks_for_it(
    state: AdmissionState | None,
    until_on: date | None,
    without: AdmissionRefusal | None,
    where_required: AdmissionRefusal | None,
) -> None:
    row = None if state is None else Admission("X", ParticipantClass.COVERED, state, until_on, "not reached")
    for is_required, code in ((False, without), (True, where_required)):
        refused = admission.refusal("X", row, is_required=is_required, today=TODAY)
        assert (refused and refused.code) is code


def test_an_entry_is_required_from_the_day_of_the_rule() -> None:
    assert not admission.is_required(rulebook.at("shanghai", on=date(2029, 12, 31)))
    assert admission.is_required(rulebook.at("shanghai", on=date(2030, 1, 1)))


def test_a_request_answers_every_question_and_brings_every_paper() -> None:
    kind, participant_class = OrganisationKind.ENTITY, ParticipantClass.COVERED
    admission.check_request(kind, participant_class, list(SuitabilityQuestion), PAPERS)
    for asked, code in (
        ((kind, ParticipantClass.BANK, list(SuitabilityQuestion), PAPERS), AdmissionRefusal.CLASS_DOES_NOT_FIT),
        ((kind, participant_class, list(SuitabilityQuestion)[1:], PAPERS), AdmissionRefusal.NOT_SUITABLE),
        ((kind, participant_class, list(SuitabilityQuestion), PAPERS[:1]), AdmissionRefusal.PAPERS_OF_ENTRY_MISSING),
    ):
        with pytest.raises(Refused) as refused:
            admission.check_request(*asked)
        assert refused.value.code is code


def test_what_is_refused_or_ended_stays_so() -> None:
    for state in AdmissionState:
        for wanted in AdmissionState:
            if wanted in admission.DECISIONS[state]:
                admission.check_decision("AD-1", state, wanted)
            else:
                with pytest.raises(Refused) as refused:
                    admission.check_decision("AD-1", state, wanted)
                assert refused.value.code is AdmissionRefusal.DECISION_DOES_NOT_FIT
    assert not admission.DECISIONS[AdmissionState.REFUSED] | admission.DECISIONS[AdmissionState.ENDED]
