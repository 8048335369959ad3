"""How sure the figures of a year are: the statuses of the parameters they rest on, read out of what was stored."""

from dataclasses import dataclass

from tonnebook.compliance.models import Allocation, ComplianceStatus, Coverage
from tonnebook.emissions import queries as emissions
from tonnebook.journal import stored_traces


@dataclass(frozen=True, slots=True)
class Certainty:
    """Statuses of parameters such as "enacted" or "scenario", each once, sorted, by what rests on them.

    Attributes:
        listed: who is on the list.
        determined: determined emissions.
        issued: allowances of all batches.
        settled: obligations, credits and how the year ended; determined emissions are among its grounds.
    """

    listed: tuple[str, ...]
    determined: tuple[str, ...]
    issued: tuple[str, ...]
    settled: tuple[str, ...]


def certainty(region: str, year: int) -> Certainty:
    """Say how sure the figures of a region's year are, with one statement for each kind of figure."""
    of_year = {"region": region, "year": year}
    determined = emissions.statuses(region, year)
    settled = stored_traces.statuses(ComplianceStatus.objects.filter(**of_year), "traces")
    return Certainty(
        listed=stored_traces.statuses(Coverage.objects.filter(**of_year), "trace"),
        determined=determined,
        issued=stored_traces.statuses(Allocation.objects.filter(**of_year), "traces"),
        settled=tuple(sorted({*settled, *determined})),
    )
