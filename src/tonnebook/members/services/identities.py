"""Link people to the subjects an identity provider knows them by, and find who a provider vouches for."""

from dataclasses import asdict
from datetime import datetime

from tonnebook.core import identity_provider, roles
from tonnebook.core.errors import Refused
from tonnebook.core.identity_provider import IdentityRefusal, Vouched
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.models import IdentityLink, Person
from tonnebook.members.services.people import use_approval


@journal.command("members.link_identity")
def link_identity(
    actor: Actor, *, region: str, person: str, provider: str, known_as: str, approval: str, key: str, now: datetime
) -> Answer:
    """Link a registered person to a subject of an identity provider, by two people; it enters the log sealed.

    Whoever could do this alone could sign in as anybody.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        person: number.
        provider: its address, as its tokens name it.
        known_as: its lasting name of the person, or of the organisation's own sign-in that the person answers for.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"person": number}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; NO_SUCH_PERSON, IDENTITY_LINKED
            as `check_link`.

    Source: design choice, no legal source (invariant A13).
    """
    del key
    roles.check(actor, Act.REGISTER, region=region)
    told = {"region": region, "person": person, "provider": provider, "known_as": known_as}
    people = use_approval(approval, kind="members.link_identity", payload=told, now=now)
    row = check_link(region, person=person, provider=provider, known_as=known_as)
    IdentityLink.objects.create(issuer=provider, subject=known_as, person=row, linked_at=now)
    facts = {"person": person, "issuer": provider, **asdict(people)}
    journal.append(Entry("members.identity.linked", facts, {"subject": known_as}), now=now)
    return {"person": person}


def check_link(region: str, *, person: str, provider: str, known_as: str) -> Person:
    """Refuse a link that could not be made; a page asks before it is proposed, the service when it is done.

    Raises:
        Refused: NO_SUCH_PERSON when nobody of the region has that number; IDENTITY_LINKED when the provider's name of
            them means somebody already.

    Source: design choice, no legal source.
    """
    row = Person.objects.filter(number=person, organisation__region=region, is_active=True).first()
    if row is None:
        raise Refused(MemberRefusal.NO_SUCH_PERSON, username=person)
    linked = IdentityLink.objects.select_related("person").filter(issuer=provider, subject=known_as).first()
    if linked is not None:
        raise Refused(IdentityRefusal.IDENTITY_LINKED, person=linked.person.number)
    return row


@journal.command("members.unlink_identity")
def unlink_identity(actor: Actor, *, issuer: str, subject: str, key: str, now: datetime) -> Answer:
    """Take a link to an identity provider away: nobody signs in by it any more.

    Args:
        actor: officer or registrar of the person's region.
        issuer: address of the provider.
        subject: its lasting name of the person.
        key: idempotency key.
        now: when.

    Returns:
        {"person": number}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_LINK.

    Source: design choice, no legal source.
    """
    del key
    rows = IdentityLink.objects.select_for_update(of=("self",)).select_related("person__organisation")
    row = rows.filter(issuer=issuer, subject=subject).first()
    body = row.person.organisation if row else None
    roles.check(actor, Act.REGISTER, region=body.region if body else None)
    if row is None:
        raise Refused(IdentityRefusal.NO_SUCH_LINK, subject=subject)
    person = row.person.number
    row.delete()
    facts = {"person": person, "issuer": issuer, "by": actor.person}
    journal.append(Entry("members.identity.unlinked", facts, {"subject": subject}), now=now)
    return {"person": person}


def person_vouched_for(one: Vouched) -> int:
    """Find the person a provider vouches for.

    Returns:
        Primary key of the person, as the session keeps it.

    Raises:
        Refused: IDENTITY_UNKNOWN when no active person is linked; IDENTITY_ELSEWHERE as
            `core.identity_provider.check_organisation`.

    Source: design choice, no legal source.
    """
    links = IdentityLink.objects.select_related("person__organisation").filter(person__is_active=True)
    row = links.filter(issuer=one.issuer, subject=one.subject).first()
    if row is None or row.person.organisation is None:
        raise Refused(IdentityRefusal.IDENTITY_UNKNOWN, subject=one.subject)
    identity_provider.check_organisation(one, own=row.person.organisation.uscc)
    return row.person_id
