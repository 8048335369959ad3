"""What the checks of a monthly filing and of a data quality plan look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tonnebook.core import periods
from tonnebook.core.checks.catalogue import Scope, Subject
from tonnebook.core.checks.kinds import Value
from tonnebook.core.checks.subjects import Month, subject


@dataclass(frozen=True, slots=True)
class Filing:
    """A month of a facility about to be filed.

    Attributes:
        parameters: what is filed.
        previous: what was filed for the month before.
        last_year: what was filed for the same month of the year before, by kind and name.
        evidence: digests of the files.
        evidence_again: of these, those that were filed for another month.
        streams: names of the registered source streams.
        filed_on: day in the region's zone.
        is_active: whether the facility was in use in the month.
    """

    facility: str
    year: int
    month: int
    parameters: Sequence[Month]
    previous: Sequence[Month]
    last_year: Mapping[tuple[str, str], Decimal]
    evidence: tuple[str, ...]
    filed_on: date
    is_late: bool
    reason_code: str
    evidence_again: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    is_active: bool = True


def of_filing(filing: Filing) -> tuple[Subject, ...]:
    """List what the checks of a monthly filing look at: the filing and each of its parameters.

    Args:
        filing: what is filed and what was filed before.

    Source: design choice, no legal source.
    """
    place = f"{filing.facility} {filing.year}-{filing.month:02d}"
    named = tuple(one.name for one in filing.parameters)
    whole: dict[str, Value | None] = {
        "parameters": named,
        "previous_parameters": tuple(one.name for one in filing.previous) or None,
        "evidence": filing.evidence,
        "evidence_again": filing.evidence_again,
        "nothing": (),
        "streams": filing.streams or None,
        "ended_on": periods.month(filing.year, filing.month).to_on - timedelta(days=1),
        "filed_on": filing.filed_on,
        "is_late": filing.is_late,
        "reason_code": filing.reason_code,
        "is_active": filing.is_active,
    }
    found = [subject(Scope.FILING, place, whole)]
    previous = {(one.kind, one.name): one for one in filing.previous}
    for one in filing.parameters:
        before = previous.get((one.kind, one.name))
        facts: dict[str, Value | None] = {
            "kind": one.kind,
            "name": one.name,
            "unit": one.unit,
            "value": one.value,
            "previous": before.value if before and before.unit == one.unit else None,
            "previous_unit": before.unit if before else None,
            "last_year": filing.last_year.get((one.kind, one.name)),
        }
        found.append(subject(Scope.MONTH, f"{place} · {one.name}", facts))
    return tuple(found)


def of_plan(
    sections: Mapping[str, str],
    *,
    submitted_on: date,
    due_on: date | None,
    names: Sequence[str],
    last_event_on: date | None,
) -> tuple[Subject, ...]:
    """List what the checks of a data quality plan look at: the plan.

    Args:
        sections: text by section.
        submitted_on: day in the region's zone.
        due_on: last day for it, where the region has one.
        names: numbers of facilities and codes of source streams that it should name.
        last_event_on: day of the latest event of the register in the year, if any.

    Source: design choice, no legal source.
    """
    text = " ".join(sections.values())
    facts: dict[str, Value | None] = {
        **{
            name: sections.get(name, "") for name in ("boundary", "sources", "missing_data", "duties", "internal_check")
        },
        "quantities": sections.get("quantities") or sections.get("data", ""),
        "submitted_on": submitted_on,
        "due_on": due_on,
        "facilities": tuple(names),
        "named": tuple(name for name in names if name in text),
        "is_older_than_event": last_event_on is not None and last_event_on > submitted_on,
    }
    return (subject(Scope.PLAN, "", facts),)
