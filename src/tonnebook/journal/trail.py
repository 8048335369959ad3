"""The trail of looks (D7): what a request reads of others is gathered where it is found, and kept before the answer.

The queries that decide whether somebody may look are the ones that say so here; a face opens the gathering around a
request and writes the rows before the answer leaves, so that there is no page without its row. Looks outside a request,
by jobs and commands, have nobody behind them and are not gathered.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tonnebook.core.roles import Actor
from tonnebook.core.trail import LookKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import AuditEvent
from tonnebook.journal.tenancy import Why

READ, DENIED = "READ", "DENIED"
# What somebody typed as a number may be as long as an address.
_SUBJECT_SIGNS = 200
_DIGEST_SIGNS = 16


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked at.

    Attributes:
        kind: of what.
        subject: its number or credit code; of a list, its name.
        rows: of a list, how many it has; None for one thing.
        asked: of a list, a digest of what was asked for; empty without a filter.
    """

    kind: LookKind
    subject: str
    rows: int | None = None
    asked: str = ""


@dataclass(frozen=True, slots=True)
class LookRow:
    """A row of the trail.

    Attributes:
        person: number of who looked.
        address: name of the address, such as `registry:account`.
        outcome: READ, or DENIED where a door stayed closed.
        kind: of what.
        subject: whose or which: an account, a credit code, another number, the name of a list.
        at: when.
        rows: of a list, how many it had; None for one thing.
        asked: of a list, a digest of what was asked for; empty without a filter.
    """

    person: str
    address: str
    outcome: str
    kind: LookKind
    subject: str
    at: datetime
    rows: int | None
    asked: str

    @property
    def is_read(self) -> bool:
        """Whether it was shown."""
        return self.outcome == READ


_looks: ContextVar[dict[Look, None] | None] = ContextVar("looks", default=None)


@contextmanager
def gathering() -> Iterator[dict[Look, None]]:
    """Gather the looks of a block, each once, in order."""
    looks: dict[Look, None] = {}
    token = _looks.set(looks)
    try:
        yield looks
    finally:
        _looks.reset(token)


def looked(kind: LookKind, subject: str) -> None:
    """Say that something of another organisation is about to be shown.

    Args:
        kind: of what.
        subject: its number or credit code.
    """
    _gather(Look(kind, subject))


def listed(name: str, *, rows: int, asked: str = "") -> None:
    """Say that a list of what belongs to others is about to be shown: one row for all of it.

    Args:
        name: of the list, such as "coverage".
        rows: how many the list has.
        asked: what was asked for, such as the query of the address; kept as a digest, for it may hold names.
    """
    digest = hashlib.sha256(asked.encode()).hexdigest()[:_DIGEST_SIGNS] if asked else ""
    _gather(Look(LookKind.LIST, name, rows, digest))


def _gather(look: Look) -> None:
    looks = _looks.get()
    if looks is not None:
        looks[look] = None


@tenancy.everywhere(Why.LOG)
def note(actor: Actor, looks: Sequence[Look], *, outcome: str, address: str, now: datetime) -> None:
    """Keep looks as audit events, all with one statement; nobody can alter or remove them afterwards.

    Args:
        actor: who looked.
        looks: at what.
        outcome: `READ` or `DENIED`.
        address: name of the address.
        now: when.

    Source: design choice, no legal source.
    """
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor=actor.person,
            command=address,
            outcome=outcome,
            code=look.kind.value,
            facts={"subject": look.subject[:_SUBJECT_SIGNS], "region": actor.region, **_size_of(look)},
            at=now,
        )
        for look in looks
    )


@tenancy.everywhere(Why.LOG)
def count_looks(region: str, *, person: str, from_at: datetime, to_at: datetime) -> int:
    """Count the looks of the people of a region in the half-open period; of one person, or of all when it is empty."""
    return _events(region, person, from_at, to_at).count()


@tenancy.everywhere(Why.LOG)
def looks(
    region: str, *, person: str, from_at: datetime, to_at: datetime, first: int, limit: int
) -> tuple[LookRow, ...]:
    """List looks, newest first.

    Args:
        region: of the people who looked.
        person: number of one person; empty for all.
        from_at: first instant.
        to_at: first instant after the last.
        first: how many to pass over.
        limit: how many at most.
    """
    found = _events(region, person, from_at, to_at).order_by("-at", "-id")[first : first + limit]
    return tuple(_row(one) for one in found)


def _row(event: AuditEvent) -> LookRow:
    told = event.facts
    return LookRow(
        person=event.actor,
        address=event.command,
        outcome=event.outcome,
        kind=LookKind(event.code),
        subject=told["subject"],
        at=event.at,
        rows=told.get("rows"),
        asked=told.get("asked", ""),
    )


def _size_of(look: Look) -> dict[str, int | str]:
    return {} if look.rows is None else {"rows": look.rows, "asked": look.asked}


def _events(region: str, person: str, from_at: datetime, to_at: datetime) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.filter(outcome__in=(READ, DENIED), at__gte=from_at, at__lt=to_at, facts__region=region)
    return rows.filter(actor=person) if person else rows
