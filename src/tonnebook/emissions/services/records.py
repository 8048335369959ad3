"""Examine the records: every stored report computed again, every file that was handed in read byte by byte."""

from datetime import datetime

from django.db import transaction

from tonnebook.core import canonical
from tonnebook.core.alerts import AlertKind
from tonnebook.emissions import queries
from tonnebook.members import queries as members
from tonnebook.members.services import raise_alert

# An alert is read by people; the whole list is what `./tonnebook audit` prints.
_TOLD = 20


def examine_records(*, now: datetime) -> tuple[str, ...]:
    """Compute every report again, read every document, and call somebody when one is not what was handed in.

    Args:
        now: when.

    Returns:
        Numbers of the reports and documents that do not hold, each once.

    Source: design choice, no legal source (invariants C1 and C5).
    """
    found = [one.subject for one in queries.recompute().breaks]
    broken = tuple(dict.fromkeys([*found, *members.damaged_documents()]))
    if broken:
        with transaction.atomic():
            subject = canonical.digest(list(broken))
            raise_alert(AlertKind.RECORDS_BREAK, subject=subject, facts={"breaks": list(broken[:_TOLD])}, now=now)
    return broken
