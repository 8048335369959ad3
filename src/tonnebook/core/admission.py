"""Entry to the market: who may trade what as which class of participant, and how somebody is admitted (开户与适当性).

What a class may do stands in the rule book as words: kinds of units, sides and ways of trading. Whoever asks for entry
answers what the exchange must know and hands in a signed risk letter and entry agreement; staff check and decide.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.book import Side
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger import AssetKind
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.uploads import DocumentPurpose

_REQUIRED, _CLASSES = "trading.admission.required", "trading.admission.classes"


class ParticipantClass(StrEnum):
    """What a participant is to the market."""

    COVERED = "COVERED"
    INSTITUTION = "INSTITUTION"
    BANK = "BANK"
    NATURAL_PERSON = "NATURAL_PERSON"
    FOREIGN = "FOREIGN"


class TradingWay(StrEnum):
    """The ways to trade: in the book, by agreement of two, in an auction."""

    LISTED = "LISTED"
    AGREEMENT = "AGREEMENT"
    AUCTION = "AUCTION"


class AdmissionState(StrEnum):
    """Where an admission stands."""

    ASKED = "ASKED"
    ADMITTED = "ADMITTED"
    SUSPENDED = "SUSPENDED"
    REFUSED = "REFUSED"
    ENDED = "ENDED"


# What staff may decide, by where the admission stands.
DECISIONS: Mapping[AdmissionState, frozenset[AdmissionState]] = MappingProxyType(
    {
        AdmissionState.ASKED: frozenset({AdmissionState.ADMITTED, AdmissionState.REFUSED}),
        AdmissionState.ADMITTED: frozenset({AdmissionState.SUSPENDED, AdmissionState.ENDED}),
        AdmissionState.SUSPENDED: frozenset({AdmissionState.ADMITTED, AdmissionState.ENDED}),
        AdmissionState.REFUSED: frozenset(),
        AdmissionState.ENDED: frozenset(),
    }
)


class SuitabilityQuestion(StrEnum):
    """What whoever asks for entry declares; each must be answered with yes (design choice, no legal source)."""

    KNOWS_THE_RULES = "KNOWS_THE_RULES"
    BEARS_THE_RISK = "BEARS_THE_RISK"
    OWN_MONEY = "OWN_MONEY"
    TRAINED_STAFF = "TRAINED_STAFF"
    NO_BARRED_PEOPLE = "NO_BARRED_PEOPLE"


# What is signed and handed in with the request.
PAPERS = (DocumentPurpose.RISK_LETTER, DocumentPurpose.ENTRY)


class AdmissionRefusal(Refusal):
    """Why somebody is not admitted, or may not trade so, in order of precedence."""

    NO_SUCH_ADMISSION = Sentence(
        zh="没有编号为 {admission} 的入市申请。",
        en="There is no admission {admission}.",
        article="design choice",
        status=404,
    )
    NOT_ADMITTED = Sentence(
        zh="{organisation} 尚未办理入市（或入市已到期）；请在“入市申请”页提交适当性问卷、风险揭示书和入市协议。",
        en="{organisation} has not been admitted to trading, or its admission is over. Ask for it on the page "
        "“Entry to trading” with the answers on suitability, the risk letter and the entry agreement.",
        article="S46 Art. 5; that the exchange admits is a design choice",
        status=403,
    )
    ADMISSION_SUSPENDED = Sentence(
        zh="{organisation} 的入市资格已暂停：{reason}；请联系交易机构。",
        en="The admission of {organisation} is suspended: {reason}. Ask the exchange.",
        article="design choice",
        status=403,
    )
    CLASS_MAY_NOT = Sentence(
        zh="{participant_class} 类参与主体不得以此方式（{way}、{side}、{kind}）交易；该类可为：{may}。",
        en="Participants of class {participant_class} may not trade so ({way}, {side}, {kind}); theirs are: {may}.",
        article="S01, S40; by trading.admission.classes of the region",
        status=403,
    )
    CLASS_DOES_NOT_FIT = Sentence(
        zh="{kind} 类单位不能作为 {participant_class} 入市；请另选类别。",
        en="An organisation of kind {kind} cannot enter as {participant_class}; choose another class.",
        article="design choice",
        status=422,
    )
    NOT_SUITABLE = Sentence(
        zh="以下各项未作肯定回答，不能入市：{questions}。",
        en="These were not answered with yes, so entry is not possible: {questions}.",
        article="design choice",
        status=422,
    )
    PAPERS_OF_ENTRY_MISSING = Sentence(
        zh="缺少已签署的材料：{purposes}；请在入市申请中一并上传。",
        en="Signed papers are missing: {purposes}. Hand them in with the request for entry.",
        article="design choice",
        status=422,
    )
    ALREADY_ASKED = Sentence(
        zh="{organisation} 已有入市申请 {admission}（{state}）。",
        en="{organisation} has an admission already, {admission} ({state}).",
        article="design choice",
    )
    DECISION_DOES_NOT_FIT = Sentence(
        zh="入市申请 {admission} 的状态为 {state}，不能改为 {wanted}。",
        en="Admission {admission} is {state} and cannot become {wanted}.",
        article="design choice",
    )


# What an organisation may enter as; the first is what it counts as where no admission is asked for.
CLASSES_OF: Mapping[OrganisationKind, tuple[ParticipantClass, ...]] = MappingProxyType(
    {
        OrganisationKind.ENTITY: (ParticipantClass.COVERED,),
        OrganisationKind.INVESTOR: (
            ParticipantClass.INSTITUTION,
            ParticipantClass.BANK,
            ParticipantClass.NATURAL_PERSON,
            ParticipantClass.FOREIGN,
        ),
        OrganisationKind.PROJECT_OWNER: (ParticipantClass.INSTITUTION,),
    }
)


@dataclass(frozen=True, slots=True)
class May:
    """What a participant may do: its class, and kinds of units, sides and ways by their words."""

    participant_class: ParticipantClass
    words: frozenset[str]

    def check(self, way: TradingWay, side: Side, kind: AssetKind) -> None:
        """Refuse what the class may not do.

        Raises:
            Refused: CLASS_MAY_NOT.
        """
        if not {way.value, side.value, kind.value} <= self.words:
            raise Refused(
                AdmissionRefusal.CLASS_MAY_NOT,
                participant_class=self.participant_class.value,
                way=way.value,
                side=side.value,
                kind=kind.value,
                may=", ".join(sorted(self.words)) or "—",
            )


@dataclass(frozen=True, slots=True)
class Admission:
    """An admission as standings need it; `until_on` is its last day, None when it has none."""

    organisation: str
    participant_class: ParticipantClass
    state: AdmissionState
    until_on: date | None
    reason: str = ""


def is_required(rules: RulesAt) -> bool:
    """Say whether only who is admitted may trade; by `trading.admission.required`."""
    return rules.has(_REQUIRED) and rules.flag(_REQUIRED)


def may(rules: RulesAt, participant_class: ParticipantClass) -> May | None:
    """Read what a class may do, None where the region states nothing.

    Source: S01, S40; by `trading.admission.classes.*`, whose status says how sure it is.
    """
    path = f"{_CLASSES}.{participant_class.value.lower()}"
    if not rules.has(path):
        return None
    return May(participant_class, frozenset(rules.words(path)) - {"NONE"})


def class_of(kind: OrganisationKind, admission: Admission | None) -> ParticipantClass | None:
    """Give the class recorded on entry, else what the kind of the organisation says; None for who never trades."""
    if admission is not None:
        return admission.participant_class
    return CLASSES_OF.get(kind, (None,))[0]


def refusal(organisation: str, admission: Admission | None, *, is_required: bool, today: date) -> Refused | None:
    """Say why somebody's orders are refused for want of an admission, None when they are not.

    A suspension counts where no admission is required, too.

    Args:
        organisation: unified social credit code.
        admission: the last one, None when it has never been admitted.
        is_required: whether one is needed.
        today: in the region's zone.
    """
    if admission is not None and admission.state is AdmissionState.SUSPENDED:
        return Refused(AdmissionRefusal.ADMISSION_SUSPENDED, organisation=organisation, reason=admission.reason)
    holds = (
        admission is not None
        and admission.state is AdmissionState.ADMITTED
        and (admission.until_on is None or today <= admission.until_on)
    )
    return Refused(AdmissionRefusal.NOT_ADMITTED, organisation=organisation) if is_required and not holds else None


def check_request(
    kind: OrganisationKind,
    participant_class: ParticipantClass,
    yes: Collection[SuitabilityQuestion],
    papers: Collection[DocumentPurpose],
) -> None:
    """Refuse a request for entry that staff need not look at.

    Args:
        kind: of the organisation.
        participant_class: what it wants to enter as.
        yes: the questions it answers with yes.
        papers: purposes of the documents handed in.

    Raises:
        Refused: CLASS_DOES_NOT_FIT, NOT_SUITABLE, PAPERS_OF_ENTRY_MISSING.

    Source: S46 Art. 5; what is asked is a design choice.
    """
    if participant_class not in CLASSES_OF.get(kind, ()):
        facts = {"kind": kind.value, "participant_class": participant_class.value}
        raise Refused(AdmissionRefusal.CLASS_DOES_NOT_FIT, **facts)
    if no := [question.value for question in SuitabilityQuestion if question not in yes]:
        raise Refused(AdmissionRefusal.NOT_SUITABLE, questions=", ".join(no))
    if missing := [purpose.value for purpose in PAPERS if purpose not in papers]:
        raise Refused(AdmissionRefusal.PAPERS_OF_ENTRY_MISSING, purposes=", ".join(missing))


def check_decision(number: str, state: AdmissionState, wanted: AdmissionState) -> None:
    """Refuse a decision that does not follow from where the admission stands.

    Raises:
        Refused: DECISION_DOES_NOT_FIT.
    """
    if wanted not in DECISIONS[state]:
        facts = {"admission": number, "state": state.value, "wanted": wanted.value}
        raise Refused(AdmissionRefusal.DECISION_DOES_NOT_FIT, **facts)
