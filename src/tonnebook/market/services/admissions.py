"""Ask for entry to trading, and decide on it."""

from collections.abc import Sequence
from datetime import date, datetime

from tonnebook.core import admission as core
from tonnebook.core import identity, periods
from tonnebook.core.admission import AdmissionRefusal, AdmissionState, ParticipantClass, SuitabilityQuestion
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Admission
from tonnebook.members import queries
from tonnebook.members import services as members

_STANDING = (AdmissionState.ASKED, AdmissionState.ADMITTED, AdmissionState.SUSPENDED)
NUMBER = "market_admission_number"


@journal.command("market.ask_admission")
def ask_admission(
    actor: Actor,
    *,
    participant_class: ParticipantClass,
    answers: Sequence[SuitabilityQuestion],
    documents: Sequence[str],
    key: str,
    now: datetime,
) -> Answer:
    """Ask for entry to trading: say what the organisation is, answer what the exchange must know, sign and hand in.

    Args:
        actor: representative of the organisation.
        participant_class: what it wants to enter as.
        answers: the questions answered with yes.
        documents: numbers of its signed risk letter and entry agreement.
        key: idempotency key.
        now: when.

    Returns:
        `admission` (number) and `receipt` (leaf hash); the log has the digests of the papers.

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; DOCUMENTS_MISSING, NO_SUCH_DOCUMENT;
            what `core.admission.check_request` refuses; ALREADY_ASKED.

    Source: S46 Art. 5; the form is a design choice (feature T16).
    """
    del key
    organisation = actor.organisation
    members.require(actor, Act.ASK_ENTRY, organisation=organisation)
    members.require_may_trade(actor)
    members.require_documents(organisation, documents)
    papers = queries.documents(organisation, numbers=documents)
    yes = [SuitabilityQuestion(answer) for answer in answers]
    core.check_request(actor.kind, ParticipantClass(participant_class), yes, [paper.purpose for paper in papers])
    there = Admission.objects.filter(region=actor.region, organisation=organisation, state__in=_STANDING).first()
    if there is not None:
        facts = {"organisation": organisation, "admission": there.number, "state": there.state}
        raise Refused(AdmissionRefusal.ALREADY_ASKED, **facts)
    (count,) = journal.next_counts(NUMBER, 1)
    row = Admission.objects.create(
        number=identity.numbered("AD", count),
        region=actor.region,
        organisation=organisation,
        participant_class=participant_class,
        state=AdmissionState.ASKED,
        answers=yes,
        documents=sorted(documents),
        asked_by=actor.person,
        asked_at=now,
    )
    asked = {"admission": row.number, "class": participant_class, "papers": sorted(paper.sha256 for paper in papers)}
    sealed = {"organisation": organisation, "answers": yes, "by": actor.person}
    receipt = journal.append(journal.Entry("market.admission.asked", asked, sealed), now=now)
    return {"admission": row.number, "receipt": receipt}


@journal.command("market.decide_admission")
def decide_admission(
    actor: Actor,
    *,
    admission: str,
    state: AdmissionState,
    reason: str = "",
    until_on: date | None = None,
    key: str,
    now: datetime,
) -> Answer:
    """Decide on an admission: admit or refuse what was asked for, suspend, admit again, or end it.

    Args:
        actor: exchange staff of the region.
        admission: number.
        state: what it becomes.
        reason: what the organisation is told.
        until_on: last day of the admission; None when it has none.
        key: idempotency key.
        now: when.

    Returns:
        `admission`, `state` and `receipt` (leaf hash).

    Raises:
        Refused: NO_SUCH_ADMISSION, also for one of another region; NOT_PERMITTED; DECISION_DOES_NOT_FIT.

    Source: S46 Art. 5; the steps are a design choice (feature T16).
    """
    del key
    row = Admission.objects.select_for_update().filter(number=admission).first()
    if row is None:
        raise Refused(AdmissionRefusal.NO_SUCH_ADMISSION, admission=admission)
    members.require(actor, Act.SUPERVISE, organisation=row.organisation)
    core.check_decision(row.number, AdmissionState(row.state), AdmissionState(state))
    if state is AdmissionState.ADMITTED:
        row.from_on, row.until_on = row.from_on or periods.day_of(now), until_on or row.until_on
    row.state, row.reason, row.decided_by = state, reason, actor.person
    row.save(update_fields=["state", "reason", "decided_by", "from_on", "until_on"])
    facts = {"admission": row.number, "state": state, "until_on": row.until_on, "by": actor.person}
    receipt = journal.append(journal.Entry("market.admission.decided", facts, {"reason": reason}), now=now)
    return {"admission": row.number, "state": str(state), "receipt": receipt}
