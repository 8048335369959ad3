"""Send notices to organisations, and note who confirmed their receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.core import canonical, identity, notices
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind, NoticeRefusal
from tonnebook.core.roles import Act, Actor
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
    mail = _mail_addresses(usccs)
    told = [_told(row, draft, mail) for row, draft in zip(rows, drafts, strict=True)]
    channels = messengers.channels()
    journal.enqueue_many([(f"notice.{channel}", one) for channel in channels for one in told], now=now)
    return [row.number for row in rows]


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


def _mail_addresses(usccs: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    people = Person.objects.filter(organisation__uscc__in=usccs, is_active=True).exclude(email="").order_by("id")
    for uscc, email in people.values_list("organisation__uscc", "email"):
        found.setdefault(uscc, []).append(email)
    return found


# Telephone numbers are not kept here: whoever runs the gateway knows them by the organisation.
def _told(row: Notice, draft: NoticeDraft, mail: dict[str, list[str]]) -> dict[str, object]:
    zh, en = notices.words(NoticeKind(row.kind), draft.facts)
    to = mail.get(draft.organisation, [])
    return {"notice": row.number, "organisation": draft.organisation, "to": to, "zh": zh, "en": en}
