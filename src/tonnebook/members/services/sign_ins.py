"""Where somebody is signed in: begin, keep up, end. A session that stands in no row is signed in as nobody.

Instants named `at` are those of the wall: the clock of a demo may leap, a browser does not.
"""

import hashlib
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from tonnebook.core import sign_in
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.core.second_factor import FactorRefusal
from tonnebook.core.sign_in import SignedIn
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal.services import Entry
from tonnebook.members.models import Person, SignIn

_BROWSER_LENGTH = 200


def begin(person_pk: int, *, session: str, address: str, browser: str, at: datetime) -> None:
    """Note that somebody has signed in; the oldest of too many other places ends.

    People of a demo are shared by whoever looks at it, so there the number is not limited.

    Args:
        person_pk: primary key of the person, as the session keeps it.
        session: key of the session, after its change at sign-in.
        address: from where; empty when not known.
        browser: as it calls itself.
        at: on the wall.

    Source: design choice, no legal source (invariant E10).
    """
    with transaction.atomic():
        # Two sign-ins at once would each see one place too few.
        Person.objects.select_for_update().get(pk=person_pk)
        SignIn.objects.create(
            person_id=person_pk,
            session_digest=digest(session),
            started_at=at,
            seen_at=at,
            address=address or None,
            browser=browser[:_BROWSER_LENGTH],
        )
        if not journal_queries.clock().is_demo:
            newest = SignIn.objects.filter(person_id=person_pk).order_by("-started_at", "-id")
            kept = list(newest.values_list("pk", flat=True)[: sign_in.SESSIONS_MAX])
            SignIn.objects.filter(person_id=person_pk).exclude(pk__in=kept).delete()


def is_live(person_pk: int, *, session: str, at: datetime) -> bool:
    """Say whether a session is still signed in, and keep it up; one that is over is ended.

    Args:
        person_pk: whose it claims to be.
        session: its key.
        at: on the wall.

    Source: design choice, no legal source (invariant E10).
    """
    own = SignIn.objects.filter(person_id=person_pk, session_digest=digest(session))
    row = own.first()
    if row is None:
        return False
    standing = SignedIn(row.started_at, row.seen_at)
    if sign_in.is_over(standing, at=at):
        own.delete()
        return False
    if sign_in.is_to_be_noted(standing, at=at):
        own.update(seen_at=at)
    return True


def end(*, session: str) -> None:
    """End one session: somebody signs out."""
    SignIn.objects.filter(session_digest=digest(session)).delete()


def renew(*, old: str, new: str) -> None:
    """Follow a session whose key was changed."""
    SignIn.objects.filter(session_digest=digest(old)).update(session_digest=digest(new))


def forget(*, at: datetime) -> int:
    """Drop the sessions that are over; return how many there were.

    Args:
        at: on the wall.

    Source: design choice, no legal source (invariant E10).
    """
    is_old = Q(seen_at__lte=at - sign_in.IDLE) | Q(started_at__lte=at - sign_in.ABSOLUTE)
    return SignIn.objects.filter(is_old).delete()[0]


def end_others(actor: Actor, *, session: str) -> int:
    """End every other session of somebody; return how many there were."""
    others = SignIn.objects.filter(person__number=actor.person).exclude(session_digest=digest(session))
    return others.delete()[0]


def change_password(actor: Actor, *, old: str, new: str, session: str, now: datetime) -> list[str]:
    """Change the password; every other session ends.

    Args:
        actor: whose.
        old: the present one.
        new: the next one.
        session: key of the session that stays.
        now: when, for the log.

    Returns:
        Why the new one is too weak, in the current language; empty when it was changed.

    Raises:
        Refused: PASSWORD_WRONG when the present one is another.

    Source: GB/T 22239-2019 (strength of passwords); the rest is a design choice.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(number=actor.person)
        if not person.check_password(old):
            raise Refused(FactorRefusal.PASSWORD_WRONG)
        try:
            validate_password(new, person)
        except ValidationError as weak:
            return list(weak.messages)
        person.set_password(new)
        person.save(update_fields=["password"])
        end_others(actor, session=session)
        journal.append(Entry("members.password.changed", {"person": actor.person}), now=now)
    return []


def digest(session: str) -> str:
    """Give the digest by which a session is known here."""
    return hashlib.sha256(session.encode()).hexdigest()
