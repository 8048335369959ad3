"""Whether alerts are heard: what became of the daily drills."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from tonnebook.core import alerts
from tonnebook.core.alerts import AlertKind
from tonnebook.members.models import Acknowledgement, Alert


@dataclass(frozen=True, slots=True)
class DrillCount:
    """How many drills there were, and how many were answered in time."""

    raised: int
    answered: int


def count_drills(*, since: datetime) -> DrillCount:
    """Count the drills since an instant, and those that were answered before they were passed on."""
    drills = Alert.objects.filter(kind=AlertKind.DRILL, raised_at__gte=since)
    heard = Acknowledgement.objects.filter(alert__in=drills, at__lt=F("alert__raised_at") + alerts.PATIENCE)
    return DrillCount(drills.count(), heard.count())
