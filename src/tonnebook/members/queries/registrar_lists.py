"""The lists a registrar keeps of a region: keys for seals, links to an identity provider, bars, and controllers."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tonnebook.members.models import Bar, Controller, IdentityLink, SealKey

# Who is tied to whom by a controller, over as many steps as there are.
_BARRED = "SELECT subject, ground FROM members_bar WHERE subject = ANY(%s) AND lifted_at IS NULL"
_TIES = """
WITH RECURSIVE tie AS (
    SELECT organisation_id::text AS controlled, controller::text FROM members_controller WHERE ended_at IS NULL
), tied (uscc) AS (
    SELECT unnest(%s::text[])
    UNION
    SELECT CASE tied.uscc WHEN tie.controller THEN tie.controlled ELSE tie.controller END
    FROM tied JOIN tie ON tied.uscc IN (tie.controlled, tie.controller)
)
SELECT controlled, controller FROM tie JOIN tied ON tied.uscc = tie.controlled ORDER BY controlled
"""


@dataclass(frozen=True, slots=True)
class SealKeyRow:
    """A key for the seals of an organisation, known by its fingerprint; `valid_until` is None while nothing ends it."""

    organisation: str
    fingerprint: str
    valid_from: datetime
    valid_until: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Say whether a seal made now is checked with it."""
        return self.valid_from <= now and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class IdentityLinkRow:
    """A person, and the lasting name by which an identity provider knows them."""

    person: str
    organisation: str
    issuer: str
    subject: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class BarRow:
    """A person or organisation that must not trade, or must not until `lifted_at`."""

    subject: str
    ground: str
    barred_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ControllerRow:
    """An organisation and its last controller, until `ended_at`."""

    organisation: str
    controller: str
    entered_at: datetime
    ended_at: datetime | None


def fingerprint(public_key: str) -> str:
    """Give the sign by which a key is told: the first 16 hexadecimal digits of the SHA-256 of its PEM."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:16]


def seal_keys(region: str) -> tuple[SealKeyRow, ...]:
    """List the keys for seals of a region's organisations, newest first."""
    rows = SealKey.objects.select_related("organisation").filter(organisation__region=region).order_by("-id")
    return tuple(
        SealKeyRow(row.organisation.uscc, fingerprint(row.public_key), row.valid_from, row.valid_until) for row in rows
    )


def identity_links(region: str) -> tuple[IdentityLinkRow, ...]:
    """List the links of a region's people to identity providers, newest first."""
    rows = IdentityLink.objects.filter(person__organisation__region=region).order_by("-id")
    named = rows.values_list("person__number", "person__organisation__uscc", "issuer", "subject", "linked_at")
    return tuple(IdentityLinkRow(*row) for row in named)


def barred(region: str) -> tuple[BarRow, ...]:
    """List who is barred from trading in a region, and who was, newest first."""
    rows = Bar.objects.filter(region=region).order_by("-id")
    return tuple(BarRow(row.subject, row.ground, row.barred_at, row.lifted_at) for row in rows)


def controllers(region: str) -> tuple[ControllerRow, ...]:
    """List who controls, or controlled, the organisations of a region, newest first."""
    rows = Controller.objects.filter(organisation__region=region).order_by("-id")
    return tuple(ControllerRow(row.organisation_id, row.controller, row.entered_at, row.ended_at) for row in rows)


def controllers_of(usccs: Iterable[str]) -> dict[str, str]:
    """Give the last controller of many organisations by code; who has none entered is left out."""
    rows = Controller.objects.filter(organisation__uscc__in=list(usccs), ended_at=None)
    return dict(rows.values_list("organisation__uscc", "controller"))


def ties(usccs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """List who is tied to organisations by controllers, over others too: pairs of controlled and controller."""
    with connection.cursor() as cursor:
        cursor.execute(_TIES, [list(usccs)])
        return tuple(cursor.fetchall())


def grounds_of_bars(subjects: Sequence[str]) -> dict[str, str]:
    """Give the ground on which each of many people and organisations is barred; who is not is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_BARRED, [list(subjects)])
        return dict(cursor.fetchall())
