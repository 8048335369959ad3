"""Ask departments of the city about a draft, take their opinions within days, and answer each."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook import rulebook
from tonnebook.compliance.models import Consultation, Consulted, Opinion, OpinionAnswer
from tonnebook.compliance.queries import consultations as known
from tonnebook.compliance.queries import standing
from tonnebook.compliance.services.rows import lock_place
from tonnebook.core import canonical, consultations, identity, periods, roles
from tonnebook.core.canonical import Json
from tonnebook.core.consultations import ConsultationRefusal, ConsultationSubject, OpinionKind
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Act, Actor, MemberRefusal, OrganisationKind
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members import services as membership
from tonnebook.members.services import NoticeDraft


@journal.command("compliance.consult")
def consult(
    actor: Actor,
    *,
    region: str,
    year: int,
    subject: ConsultationSubject,
    overlay: str = "",
    departments: Sequence[str],
    words: str = "",
    key: str,
    now: datetime,
) -> Answer:
    """Circulate a draft to sector departments; each is sent what concerns its sectors and is told by a notice.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        subject: the plan, the coverage list, or benchmarks of sectors.
        overlay: text of the plan or the benchmarks; empty for the coverage list, which is drafted here.
        departments: unified social credit codes of those asked.
        words: what is asked, in words.
        key: idempotency key.
        now: when.

    Returns:
        {"consultation", "digest": of the draft, "answer_until"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NOBODY_ASKED; NO_SECTOR_DEPARTMENT when one is not a sector department
            of the region; PLAN_NOT_FIT and what `draft_list` refuses; NOTHING_TO_SEND.

    Source: S01 (一), (二), (四) (the departments that answer for the plan beside the authority); how: design choice.
    """
    del key
    roles.check(actor, Act.CONSULT, region=region)
    _check_asked(region, departments)
    today, sectors = periods.day_of(now), members.remits(*departments)
    draft = known.circulated(subject, region, year, overlay=overlay, today=today)
    sent = {code: known.lines_for(subject, draft, sectors.get(code, ())) for code in sorted(set(departments))}
    for code, lines in sent.items():
        if not lines:
            raise Refused(ConsultationRefusal.NOTHING_TO_SEND, department=code)
    (count,) = journal.next_counts("compliance_consultation_number", 1)
    row = Consultation.objects.create(
        number=identity.numbered("CO", count),
        region=region,
        year=year,
        subject=subject,
        digest=draft.digest,
        words=words,
        answer_until=consultations.answer_until(today, standing.rules(region, year, today), rulebook.calendar(region)),
        asked_by=actor.person,
        asked_at=now,
    )
    Consulted.objects.bulk_create(
        Consulted(consultation=row, department_id=code, region=region, sent=canonical.plain(lines))
        for code, lines in sent.items()
    )
    facts = {"consultation": row.number, "region": region, "year": year, "subject": subject, "digest": row.digest}
    facts |= {"departments": list(sent), "answer_until": row.answer_until}
    journal.append(Entry("compliance.consultation.opened", facts, {"words": words, "sent": sent}), now=now)
    told: dict[str, Json] = {"consultation": row.number, "year": year, "answer_until": row.answer_until.isoformat()}
    membership.notify(NoticeKind.CONSULTED, [NoticeDraft(code, told) for code in sent], now=now)
    return {"consultation": row.number, "digest": row.digest, "answer_until": row.answer_until.isoformat()}


@journal.command("compliance.give_opinion")
def give_opinion(
    actor: Actor, *, consultation: str, kind: OpinionKind, words: str = "", key: str, now: datetime
) -> Answer:
    """Give the opinion of one's own department on a draft it was asked about.

    Args:
        actor: officer of a sector department that was asked.
        consultation: its number.
        kind: whether it agrees (which countersigns the draft by its digest), suggests changes, or opposes.
        words: what should change, and why; private.
        key: idempotency key.
        now: when.

    Returns:
        {"consultation", "digest": of the draft it is about}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_CONSULTATION when the department was not asked; OPINION_GIVEN,
            OPINION_TOO_LATE, OPINION_WITHOUT_WORDS.

    Source: design choice, no legal source.
    """
    del key
    membership.require(actor, Act.GIVE_OPINION)
    asked = _asked(consultation, actor.organisation)
    about = asked.consultation
    is_given = Opinion.objects.filter(consulted=asked).exists()
    today = periods.day_of(now)
    consultations.check_opinion(
        kind, words, consultation=consultation, is_given=is_given, last_on=about.answer_until, today=today
    )
    Opinion.objects.create(consulted=asked, kind=kind, words=words, given_by=actor.person, given_at=now)
    facts = {"consultation": consultation, "department": actor.organisation, "digest": about.digest}
    sealed = {"kind": kind, "words": words, "by": actor.person}
    journal.append(Entry("compliance.opinion.given", facts, sealed), now=now)
    return {"consultation": consultation, "digest": about.digest}


@journal.command("compliance.answer_opinion")
def answer_opinion(
    actor: Actor, *, consultation: str, department: str, is_accepted: bool, reason: str = "", key: str, now: datetime
) -> Answer:
    """Answer the opinion of a department: it is taken up, or it is not and why; the department is told.

    Args:
        actor: officer of the region.
        consultation: its number.
        department: unified social credit code of the department.
        is_accepted: whether the opinion is taken up.
        reason: why not, or how; private.
        key: idempotency key.
        now: when.

    Returns:
        {"consultation", "department"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_CONSULTATION; NO_OPINION_YET, OPINION_ANSWERED,
            ANSWER_WITHOUT_REASON.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.CONSULT)
    asked = _asked(consultation, department)
    roles.check(actor, Act.CONSULT, region=asked.region)
    opinion = Opinion.objects.filter(consulted=asked).first()
    if opinion is None:
        raise Refused(ConsultationRefusal.NO_OPINION_YET, consultation=consultation, department=department)
    if OpinionAnswer.objects.filter(opinion=opinion).exists():
        raise Refused(ConsultationRefusal.OPINION_ANSWERED, department=department)
    if not is_accepted and not reason.strip():
        raise Refused(ConsultationRefusal.ANSWER_WITHOUT_REASON)
    OpinionAnswer.objects.create(
        opinion=opinion, is_accepted=is_accepted, reason=reason, answered_by=actor.person, answered_at=now
    )
    facts = {"consultation": consultation, "department": department}
    sealed = {"is_accepted": is_accepted, "reason": reason, "by": actor.person}
    journal.append(Entry("compliance.opinion.answered", facts, sealed), now=now)
    told: dict[str, Json] = {"consultation": consultation, "year": asked.consultation.year}
    membership.notify(NoticeKind.OPINION_ANSWERED, [NoticeDraft(department, told)], now=now)
    return {"consultation": consultation, "department": department}


def _check_asked(region: str, departments: Sequence[str]) -> None:
    if not departments:
        raise Refused(ConsultationRefusal.NOBODY_ASKED)
    found = members.organisations_named(departments)
    for code in departments:
        row = found.get(code)
        if row is None or row.region != region or row.kind is not OrganisationKind.SECTOR_DEPARTMENT:
            raise Refused(MemberRefusal.NO_SECTOR_DEPARTMENT, uscc=code)


# The lock is held to the end of the transaction, so that an opinion is given, and answered, once.
def _asked(consultation: str, department: str) -> Consulted:
    lock_place(f"compliance/consultation/{consultation}/{department}")
    rows = Consulted.objects.select_related("consultation")
    row = rows.filter(consultation__number=consultation, department__uscc=department).first()
    if row is None:
        raise Refused(ConsultationRefusal.NO_SUCH_CONSULTATION, consultation=consultation)
    return row
