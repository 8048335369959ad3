"""What is known of the emission of a year before it is determined: reports, and the months filed so far."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from tonnebook.core import mrv, periods
from tonnebook.core.early_warning import Known
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import LineKind, SourceLine
from tonnebook.core.rules import RulesAt
from tonnebook.emissions.models import EmissionReport, Facility, MonthlyFiling
from tonnebook.emissions.queries.factors import rules_of
from tonnebook.emissions.queries.figures import history

_KINDS = frozenset(LineKind)
_MONTHS = range(1, 13)


def known(usccs: Sequence[str], *, region: str, year: int) -> dict[str, Known]:
    """Give what is known of the emission of many entities, with a number of queries that does not grow with them.

    A month of a facility counts when every parameter filed for it is a source line as in the annual report; months
    that were filed otherwise are estimated like those that were not filed.

    Args:
        usccs: unified social credit codes.
        region: region code of them all.
        year: compliance year.

    Returns:
        By code, for every code.
    """
    figures = history(usccs, (year - 1, year))
    reported = _reported(usccs, year)
    determined = {uscc for uscc, years in figures.items() if year in years}
    open_codes = [uscc for uscc in usccs if uscc not in determined and uscc not in reported]
    months, filed = _all_months(open_codes, year), _filed(open_codes, year)
    rules = rules_of(region, year)
    found = {}
    for uscc in usccs:
        years = figures.get(uscc, {})
        filed_months, lines = filed.get(uscc, (0, {}))
        found[uscc] = Known(
            determined_t=years[year].determined_t if year in years else None,
            reported_t=reported.get(uscc),
            filed_t=_emission(lines, rules) if lines else None,
            filed_months=filed_months,
            all_months=months.get(uscc, 0),
            last_t=years[year - 1].determined_t if year - 1 in years else None,
        )
    return found


def _reported(usccs: Sequence[str], year: int) -> dict[str, int]:
    rows = EmissionReport.objects.filter(entity__uscc__in=usccs, year=year).order_by("entity_id", "-version")
    return dict(rows.distinct("entity_id").values_list("entity__uscc", "total_t"))


def _all_months(usccs: Collection[str], year: int) -> Counter[str]:
    months: Counter[str] = Counter()
    ends = [periods.month(year, month).to_on for month in _MONTHS]
    for uscc, from_on in Facility.objects.filter(entity__uscc__in=usccs).values_list("entity__uscc", "from_on"):
        months[uscc] += sum(from_on < end for end in ends)
    return months


_Lines = dict[tuple[LineKind, str, str], Decimal]


# By entity: how many facility-months count, and what was burnt or bought in them.
def _filed(usccs: Collection[str], year: int) -> Mapping[str, tuple[int, _Lines]]:
    months: Counter[str] = Counter()
    lines: dict[str, _Lines] = defaultdict(lambda: defaultdict(Decimal))
    rows = MonthlyFiling.objects.filter(facility__entity__uscc__in=usccs, year=year)
    for uscc, parameters in rows.values_list("facility__entity__uscc", "parameters"):
        if not parameters or any(one["kind"] not in _KINDS for one in parameters):
            continue
        months[uscc] += 1
        for one in parameters:
            lines[uscc][LineKind(one["kind"]), one["name"], one["unit"]] += Decimal(one["value"])
    return {uscc: (months[uscc], lines[uscc]) for uscc in months}


# What the rules cannot compute is not guessed: then the year before stands in.
def _emission(lines: _Lines, rules: RulesAt) -> int | None:
    sources = [SourceLine(kind, name, quantity, unit) for (kind, name, unit), quantity in lines.items()]
    try:
        return mrv.emissions(sources, rules).total.whole
    except Refused:
        return None
