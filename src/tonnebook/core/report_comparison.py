"""A report beside what is known of it: its twelve filed months and the year before, source by source."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from tonnebook.core import units
from tonnebook.core.checks.subjects import Line, Month
from tonnebook.core.mrv import LineKind, SourceLine

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One source of a facility in one unit: what three tellings say of it; None where one says nothing.

    Attributes:
        reported: quantity of the report.
        filed: sum of the months that were filed.
        months: how many months that sum covers.
        last: quantity of the year before.
    """

    facility: str
    kind: LineKind
    name: str
    unit: str
    reported: Decimal | None
    filed: Decimal | None
    months: int
    last: Decimal | None

    @property
    def off_filed(self) -> Decimal | None:
        """Reported less filed; None where either is missing."""
        return None if self.reported is None or self.filed is None else self.reported - self.filed

    @property
    def off_last(self) -> Decimal | None:
        """Reported less last year's; None where either is missing."""
        return None if self.reported is None or self.last is None else self.reported - self.last


def compare(lines: Sequence[Line], months: Sequence[Month], last: Sequence[Line]) -> tuple[Row, ...]:
    """Put a report beside its months and the year before.

    Args:
        lines: of the report.
        months: what was filed for the year; parameters that are no source are passed over.
        last: lines of the year before.

    Returns:
        One row per source, in the order of the report, then what only the months or last year have.

    Source: S10 (monthly evidence); design choice for the rest.
    """
    with localcontext(units.EXACT):
        reported, before = _sums(lines), _sums(last)
        filed: dict[_Key, Decimal] = defaultdict(Decimal)
        covered: dict[_Key, set[int]] = defaultdict(set)
        for one in months:
            if one.kind in _KINDS:
                key = (one.facility, one.kind, one.name, one.unit)
                filed[key] += one.value
                covered[key].add(one.month)
        return tuple(
            Row(
                facility=key[0],
                kind=LineKind(key[1]),
                name=key[2],
                unit=key[3],
                reported=reported.get(key),
                filed=filed.get(key),
                months=len(covered.get(key, ())),
                last=before.get(key),
            )
            for key in dict.fromkeys((*reported, *filed, *before))
        )


def beginning(months: Sequence[Month], last: Sequence[Line]) -> tuple[Line, ...]:
    """Give the lines a report begins with: those of the year before with the quantities of the filed months.

    Args:
        months: what was filed for the year.
        last: lines of the year before; none where there was no report.

    Returns:
        Lines of last year, each with the sum of its months where there are any, then sources that only the months have.

    Source: design choice, no legal source.
    """
    rows = {(row.facility, row.kind.value, row.name, row.unit): row for row in compare((), months, last)}
    found = []
    for line in last:
        row = rows.pop((line.facility, line.source.kind.value, line.source.name, line.source.unit), None)
        quantity = line.source.quantity if row is None or row.filed is None else row.filed
        found.append(replace(line, source=replace(line.source, quantity=quantity)))
    for row in rows.values():
        if row.filed is not None and row.kind is not LineKind.METHOD:
            found.append(Line(row.facility, SourceLine(row.kind, row.name, row.filed, row.unit)))
    return tuple(found)


def _sums(lines: Sequence[Line]) -> dict[_Key, Decimal]:
    found: dict[_Key, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line.facility, line.source.kind.value, line.source.name, line.source.unit] += line.source.quantity
    return found


_KINDS = frozenset(LineKind)
