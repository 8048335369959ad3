"""Freeze switches: which are in force, and which were."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import FreezeScope, LedgerRefusal
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
    return tuple(_freeze_row(row) for row in rows)


def freeze_in_force(number: str, *, region: str) -> FreezeRow:
    """Find a switch that is in force.

    Args:
        number: of the switch.
        region: in whose books.

    Raises:
        Refused: FREEZE_UNKNOWN when there is none of that number in force there.
    """
    row = FreezeSwitch.objects.filter(number=number, region=region, lifted_at=None).first()
    if row is None:
        raise Refused(LedgerRefusal.FREEZE_UNKNOWN, freeze=number)
    return _freeze_row(row)


def is_product(subject: str) -> bool:
    """Say whether there is an asset of that code or of that scheme."""
    return Asset.objects.filter(Q(code=subject) | Q(scheme=subject)).exists()


def regions() -> tuple[str, ...]:
    """List the regions that have books."""
    return tuple(Account.objects.order_by("region").values_list("region", flat=True).distinct())


def _freeze_row(row: FreezeSwitch) -> FreezeRow:
    return FreezeRow(
        number=row.number,
        region=row.region,
        scope=FreezeScope(row.scope),
        subject=row.subject,
        reason=row.reason,
        set_by=row.set_by,
        set_at=row.set_at,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
    )
