"""Who gets in: the people of a region, how far each has come, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from tonnebook.core.invitations import PersonState
from tonnebook.core.roles import Role
from tonnebook.members.models import FirstCode, IdentityLink, Person, SignIn


@dataclass(frozen=True, slots=True)
class AccessRow:
    """A person of a region.

    Attributes:
        number: such as "P-000012-34".
        username: sign-in name.
        name_zh: in Chinese.
        name_en: in English.
        organisation: unified social credit code.
        roles: what the person may do in it.
        state: whether they get in.
        has_factor: whether a second factor is enrolled.
        seen_at: when somebody last used a session of theirs that has not ended; None without one.
        drawn_by: numbers of who drew a first code that still counts.
    """

    number: str
    username: str
    name_zh: str
    name_en: str
    organisation: str
    roles: tuple[Role, ...]
    state: PersonState
    has_factor: bool
    seen_at: datetime | None
    drawn_by: tuple[str, ...]


def count_people(region: str, words: str = "") -> int:
    """Count the people of a region whose number, name or organisation holds some words."""
    return _people(region, words).count()


def people_in(region: str, words: str = "", *, first: int, limit: int, now: datetime) -> tuple[AccessRow, ...]:
    """List the people of a region, by organisation and number.

    Args:
        region: region code.
        words: in their number, name or organisation; empty for all.
        first: 0 for the first of them.
        limit: how many at most.
        now: when, for codes that are over.
    """
    factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    found = _people(region, words).annotate(has_factor=Exists(factors))
    rows = list(found.order_by("organisation__uscc", "number")[first : first + limit])
    keys = [row.pk for row in rows]
    states = person_states(keys)
    seen = dict(SignIn.objects.filter(person__in=keys).values_list("person").annotate(Max("seen_at")))
    drawn: dict[int, list[str]] = {}
    for key, drawer in FirstCode.objects.filter(person__in=keys, ends_at__gt=now).values_list("person", "drawn_by"):
        drawn.setdefault(key, []).append(drawer)
    return tuple(
        AccessRow(
            number=row.number,
            username=row.username,
            name_zh=row.name_zh,
            name_en=row.name_en,
            organisation=row.organisation.uscc if row.organisation else "",
            roles=tuple(Role(role) for role in row.roles),
            state=states[row.pk],
            has_factor=row.has_factor,
            seen_at=seen.get(row.pk),
            drawn_by=tuple(sorted(drawn.get(row.pk, ()))),
        )
        for row in rows
    )


def person_states(keys: Sequence[int]) -> dict[int, PersonState]:
    """Say of many people, by primary key, whether they get in: by a password or through a provider."""
    is_linked = Exists(IdentityLink.objects.filter(person=OuterRef("pk")))
    rows = Person.objects.filter(pk__in=keys).annotate(is_linked=is_linked)
    return {
        key: _state(is_active=is_active, gets_in=is_linked or not password.startswith(UNUSABLE_PASSWORD_PREFIX))
        for key, is_active, is_linked, password in rows.values_list("pk", "is_active", "is_linked", "password")
    }


def _state(*, is_active: bool, gets_in: bool) -> PersonState:
    if not is_active:
        return PersonState.ENDED
    return PersonState.IN if gets_in else PersonState.AWAITED


def _people(region: str, words: str) -> QuerySet[Person]:
    rows = Person.objects.filter(organisation__region=region).select_related("organisation")
    for word in words.split():
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(username__icontains=word)
            | Q(name_zh__icontains=word)
            | Q(name_en__icontains=word)
            | Q(organisation__uscc__icontains=word)
            | Q(organisation__name_zh__icontains=word)
            | Q(organisation__name_en__icontains=word)
        )
    return rows
