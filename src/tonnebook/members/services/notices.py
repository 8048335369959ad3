"""Send notices to organisations, and note who confirmed their receipt."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tonnebook.core import canonical, identity, notices
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind, NoticeRefusal
from tonnebook.core.roles import Act, Actor, Role
from tonnebook.journal import messengers
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.models import Notice, Organisation, Person
from tonnebook.members.services.people import require

NUMBER = "members_notice_number"
_ROWS_PER_INSERT = 5000


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A notice to one organisation: its code, and what the sentence of the kind names."""

    organisation: str
    facts: dict[str, Json]


def notify(kind: NoticeKind, drafts: Sequence[NoticeDraft], *, now: datetime) -> list[str]:
    """Notify organisations, any number at once, inside the command that gives the reason.

    Each notice stands in the inbox of its organisation and in the log; a message about it leaves after commit by every
    channel the operator has set up.

    Args:
        kind: what it is about.
        drafts: one per notice.
        now: when.

    Returns:
        Numbers, in the order of the drafts.

    Source: design choice, no legal source (feature O23).
    """
    usccs = {draft.organisation for draft in drafts}
    ids = dict(Organisation.objects.filter(uscc__in=usccs).values_list("uscc", "pk"))
    counts = journal.next_counts(NUMBER, len(drafts))
    rows = [
        Notice(
            number=identity.numbered("NO", count),
            organisation_id=ids[draft.organisation],
            kind=kind,
            facts=canonical.plain(draft.facts),
            sent_at=now,
        )
        for count, draft in zip(counts, drafts, strict=True)
    ]
    Notice.objects.bulk_create(rows, _ROWS_PER_INSERT)
    entries = [
        Entry("members.notice.sent", {"notice": row.number, "kind": kind}, {"organisation": draft.organisation})
        for row, draft in zip(rows, drafts, strict=True)
    ]
    journal.append_many(entries, now=now)
    mail = _mail_addresses(Person.objects.filter(organisation__uscc__in=usccs))
    told = [
        _told(row.number, draft.organisation, mail, notices.words(NoticeKind(row.kind), draft.facts))
        for row, draft in zip(rows, drafts, strict=True)
    ]
    _send("notice", told, now)
    return [row.number for row in rows]


def tell_people(topic: str, number: str, *, roles: Collection[Role], words: tuple[str, str], now: datetime) -> int:
    """Send everybody with one of some roles a message by every channel, one for each organisation of theirs.

    Args:
        topic: what the message is, in the outbox.
        number: of what it is about.
        roles: any of them is enough.
        words: the Chinese and the English sentence.
        now: when.

    Returns:
        How many organisations are told.

    Source: design choice, no legal source (invariant O8).
    """
    people = Person.objects.filter(roles__overlap=[role.value for role in roles], organisation__isnull=False)
    mail = _mail_addresses(people)
    usccs = people.filter(is_active=True).values_list("organisation__uscc", flat=True).distinct()
    told = [_told(number, uscc, mail, words) for uscc in sorted(usccs)]
    _send(topic, told, now)
    return len(told)


@journal.command("members.confirm_receipt")
def confirm_receipt(actor: Actor, *, notice: str, key: str, now: datetime) -> Answer:
    """Confirm the receipt of a notice: from then on it counts as served.

    Args:
        actor: representative or trader of the organisation it was sent to.
        notice: its number.
        key: idempotency key.
        now: when.

    Returns:
        {"notice": number, "receipt": leaf hash}.

    Raises:
        Refused: NO_SUCH_NOTICE when there is none or it is another's, in the same words; NOT_PERMITTED; READ_ALREADY
            when a colleague was first.

    Source: design choice, no legal source (feature O23).
    """
    del key
    require(actor, Act.CONFIRM_RECEIPT, organisation=actor.organisation)
    own = Notice.objects.select_for_update().filter(organisation__uscc=actor.organisation)
    row = own.filter(number=notice).first()
    if row is None:
        raise Refused(NoticeRefusal.NO_SUCH_NOTICE, notice=notice)
    if row.read_at is not None:
        raise Refused(NoticeRefusal.READ_ALREADY, notice=notice, person=row.read_by)
    row.read_at, row.read_by = now, actor.person
    row.save(update_fields=["read_at", "read_by"])
    leaf = journal.append(Entry("members.notice.read", {"notice": notice, "by": actor.person}), now=now)
    return {"notice": notice, "receipt": leaf}


def _mail_addresses(people: QuerySet[Person]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    reached = people.filter(is_active=True).exclude(email="").order_by("id")
    for uscc, email in reached.values_list("organisation__uscc", "email"):
        found.setdefault(uscc, []).append(email)
    return found


# Telephone numbers are not kept here: whoever runs the gateway knows them by the organisation.
def _told(number: str, uscc: str, mail: Mapping[str, list[str]], words: tuple[str, str]) -> dict[str, object]:
    zh, en = words
    return {"notice": number, "organisation": uscc, "to": mail.get(uscc, []), "zh": zh, "en": en}


def _send(topic: str, told: Sequence[Mapping[str, object]], now: datetime) -> None:
    channels = messengers.channels()
    journal.enqueue_many([(f"{topic}.{channel}", one) for channel in channels for one in told], now=now)
