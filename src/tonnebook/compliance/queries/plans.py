"""The plans of a region: adopted for which years, what they make of the rule book together, and the caps they set."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, AllocationPlan
from tonnebook.compliance.queries import headrooms
from tonnebook.compliance.queries.books import PlanRow
from tonnebook.compliance.queries.headrooms import Headroom
from tonnebook.core import dual_control, paid_shares, units
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.dual_control import Bridge
from tonnebook.core.paid_shares import PaidShares
from tonnebook.core.rules import Dated, RulesAt

_CAP, _GUARD, _MODE = "allocation.cap_t", "allocation.paid_share_max", "allocation.cap_mode"
_POT = "allocation.headroom_t"
# Allowance and paid part of an entity, and whether the figures of the year are still open.
_Part = tuple[int, int, bool]


@dataclass(frozen=True, slots=True)
class CapYear:
    """The cap of one year and what became of it.

    Attributes:
        year: compliance year.
        cap: the total with its source and status; None where none is known.
        cap_t: the same in tonnes.
        issued_t: issued so far, net of recalls.
        left_t: cap less issued; None without a cap.
        paid: both figures of paid allocation; None before anything is computed.
        modes: by sector, how its cap works; empty where the rules name none.
        open_t: what entities without figures of the year will take, as planned; zero once the year is settled.
        headroom: room for new industries and what was drawn on it; None where no plan names one.
        bridge: the cap beside the city's dual control; None without a cap or targets.
    """

    year: int
    cap: Dated | None
    cap_t: int | None
    issued_t: int
    left_t: int | None
    paid: PaidShares | None
    modes: Mapping[str, Dated]
    open_t: int
    headroom: Headroom | None
    bridge: Bridge | None


def plans(region: str) -> tuple[PlanRow, ...]:
    """List the adopted plans of a region, the latest year first."""
    rows = AllocationPlan.objects.filter(region=region).order_by("-year")
    return tuple(
        PlanRow(row.region, row.year, row.overlay, row.digest, row.initiator, row.approver, row.adopted_at)
        for row in rows
    )


def rules_with_plans(region: str, *, on: date, year: int) -> RulesAt:
    """Give the rules of a region with every plan that was adopted, of whatever year, laid over them.

    Unlike `rules`, whose digest is that of one plan and stands with results, this shows the history of a parameter.
    """
    texts = AllocationPlan.objects.filter(region=region).order_by("year").values_list("overlay", flat=True)
    return rulebook.at(region, on=on, year=year, overlays=tuple(texts))


def cap_path(region: str, *, today: date) -> tuple[CapYear, ...]:
    """List the caps of a region over the years, with what was issued and what is paid for; the earliest first.

    Args:
        region: region code.
        today: the day whose rules apply.
    """
    rules = rules_with_plans(region, on=today, year=today.year)
    parts = _parts(region)
    rows = Allocation.objects.filter(region=region, state=AllocationState.ISSUED)
    issued = dict(rows.values_list("year").annotate(Sum("issue_t")))
    leaf, drawn = rules.leaves.get(_CAP), headrooms.drawn(region)
    known = {dated.year for dated in leaf.values if dated.year} if leaf else set()
    return tuple(
        _cap_year(rules, year, issued_t=issued.get(year, 0), parts=parts.get(year, []), drawn_t=drawn.get(year, 0))
        for year in sorted({*known, *parts, *issued})
    )


def _cap_year(rules: RulesAt, year: int, *, issued_t: int, parts: list[_Part], drawn_t: int) -> CapYear:
    cap, guard, pot = (_of_year(rules, path, year) for path in (_CAP, _GUARD, _POT))
    cap_t = int(units.decimal_of(str(cap.value))) if cap else None
    share = Decimal(str(guard.value)) if guard else None
    modes = {path: _of_year(rules, path, year) for path in rules.leaves if path.startswith(f"{_MODE}.")}
    return CapYear(
        year,
        cap,
        cap_t,
        issued_t,
        None if cap_t is None else cap_t - issued_t,
        paid_shares.paid_shares([part[:2] for part in parts], cap_t=cap_t, guard=share) if parts else None,
        {path.removeprefix(f"{_MODE}."): dated for path, dated in modes.items() if dated},
        sum(base_t for base_t, _, is_open in parts if is_open),
        Headroom(int(units.decimal_of(str(pot.value))), drawn_t) if pot else None,
        None if cap_t is None else _bridge(rules, year, cap_t),
    )


# The targets as they are known today, for that year.
def _bridge(rules: RulesAt, year: int, cap_t: int) -> Bridge | None:
    of_year = rules_with_plans(rules.region, on=rules.on, year=year)
    return dual_control.bridge(cap_t, year=year, rules=of_year)


def _of_year(rules: RulesAt, path: str, year: int) -> Dated | None:
    leaf = rules.leaves.get(path)
    return leaf.in_force(date(year, 12, 31), year) if leaf else None


# The second batch of an entity holds the figures of the year; before it there are those of the first.
def _parts(region: str) -> Mapping[int, list[_Part]]:
    rows = Allocation.objects.filter(region=region).exclude(state=AllocationState.WITHHELD)
    last = rows.order_by("year", "entity_id", "-batch").distinct("year", "entity_id")
    found: dict[int, list[_Part]] = defaultdict(list)
    for year, base_t, paid_t, batch in last.values_list("year", "base_t", "paid_t", "batch"):
        found[year].append((base_t, paid_t, batch == Batch.FIRST))
    return found
