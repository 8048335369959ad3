"""Freeze switches: which are in force, and which were."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from tonnebook.core.ledger import FreezeScope
from tonnebook.registry.models import Account, Asset, FreezeSwitch


@dataclass(frozen=True, slots=True)
class FreezeRow:
    """A switch; `lifted_at` is None while it is in force."""

    number: str
    region: str
    scope: FreezeScope
    subject: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str
    lifted_at: datetime | None


def freezes(region: str, *, limit: int) -> tuple[FreezeRow, ...]:
    """List the switches of a region, those in force first, then the latest lifted.

    Args:
        region: in whose books.
        limit: how many at most.
    """
    rows = FreezeSwitch.objects.filter(region=region).order_by(F("lifted_at").desc(nulls_first=True), "-id")[:limit]
    return tuple(
        FreezeRow(
            row.number,
            row.region,
            FreezeScope(row.scope),
            row.subject,
            row.reason,
            row.set_by,
            row.set_at,
            row.lifted_by,
            row.lifted_at,
        )
        for row in rows
    )


def is_product(subject: str) -> bool:
    """Say whether there is an asset of that code or of that scheme."""
    return Asset.objects.filter(Q(code=subject) | Q(scheme=subject)).exists()


def regions() -> tuple[str, ...]:
    """List the regions that have books."""
    return tuple(Account.objects.order_by("region").values_list("region", flat=True).distinct())
