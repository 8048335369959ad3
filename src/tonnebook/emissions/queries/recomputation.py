"""Every stored report computed again from its stored lines, and every document looked at byte by byte."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tonnebook.core import canonical, mrv, recomputation, trace
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import EmissionResult, SourceLine
from tonnebook.core.recomputation import Break, Kept
from tonnebook.emissions.models import EmissionReport
from tonnebook.emissions.queries.factors import rules_of

_REPORTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What came of computing every stored report again: how many, how many rest on corrected rules, what broke."""

    reports: int
    corrected: int
    breaks: tuple[Break, ...]


def recompute(rows: Iterable[EmissionReport] | None = None) -> Recomputed:
    """Compute reports again and compare them with what is stored.

    Args:
        rows: which; every version of every report when None.

    Source: design choice, no legal source (invariant C1).
    """
    reports = corrected = 0
    broken: list[Break] = []
    if rows is None:
        rows = EmissionReport.objects.order_by("pk").iterator(chunk_size=_REPORTS_AT_ONCE)
    for row in rows:
        reports += 1
        kept, result = kept_of(row), computed(row)
        anew = (result.total, result.direct) if result else (None, None)
        corrected += recomputation.is_corrected(kept.total, anew[0])
        broken.extend(recomputation.breaks(kept, total=anew[0], direct=anew[1]))
    return Recomputed(reports, corrected, tuple(broken))


def computed(row: EmissionReport) -> EmissionResult | None:
    """Compute a stored report by the rules of today and the factors of its day; None when they refuse its lines."""
    try:
        return mrv.emissions(list(lines_of(row)), rules_of(row.region, row.year, at=row.submitted_at))
    except Refused:
        return None


def lines_of(row: EmissionReport) -> Iterator[SourceLine]:
    """Read the source lines of a stored report back, exactly as they were handed in."""
    return (mrv.line_of(line["source"]) for line in row.lines)


def kept_of(row: EmissionReport) -> Kept:
    """Give a stored report as the recomputation looks at it."""
    return Kept(
        report=row.number,
        digest=row.digest,
        digest_now=digest_of(row),
        total_t=row.total_t,
        direct_t=row.direct_t,
        total=trace.from_json(row.traces["total"]),
        direct=trace.from_json(row.traces["direct"]),
    )


def digest_of(row: EmissionReport) -> str:
    """Give the digest of what the verifier signs: what was reported, what came out, and by which rules."""
    return canonical.digest(
        {
            "report": row.number,
            "lines": row.lines,
            "outputs": row.outputs,
            "total_t": row.total_t,
            "direct_t": row.direct_t,
            "rules": row.rules_digest,
        }
    )
