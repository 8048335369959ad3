"""Where entities stand: the rules of a year with its plan, what is owed, what could be surrendered."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.db.models import Sum

from tonnebook import rulebook
from tonnebook.compliance.models import Allocation, AllocationPlan, DeadlineMove, Surrender
from tonnebook.core import deadlines, periods
from tonnebook.core.allocation import batches
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.deadlines import Move
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, Lot, SurrenderState
from tonnebook.emissions import queries as emissions
from tonnebook.registry import queries as registry

PENDING = (SurrenderState.SUBMITTED, SurrenderState.CONFIRMED)
CONFIRMED = (SurrenderState.CONFIRMED,)


def rules(region: str, year: int, today: date, *, overlay: str | None = None) -> RulesAt:
    """Give the rules of a compliance year, with the plan adopted for it and the deadlines moved by notice.

    Args:
        region: region code.
        year: compliance year.
        today: the day; a year that has not begun is read as on its first day.
        overlay: the text of a plan to lay over instead (for a draft), or None for the adopted one.
    """
    if overlay is None:
        stored = AllocationPlan.objects.filter(region=region, year=year).values_list("overlay", flat=True).first()
    else:
        stored = overlay
    found = rulebook.at(region, on=max(today, date(year, 1, 1)), year=year, overlays=(stored,) if stored else ())
    return deadlines.moved(found, _moves(region, year))


def _moves(region: str, year: int) -> list[Move]:
    rows = DeadlineMove.objects.filter(region=region, year=year).order_by("id")
    return [Move(row.name, row.from_on, row.to_on, row.notice, periods.day_of(row.published_at)) for row in rows]


def moved_from(region: str, year: int) -> dict[str, date]:
    """Give the day each moved deadline of a year had before its first move, by its name below `deadline`."""
    return {move.name: move.from_on for move in reversed(_moves(region, year))}


def allowance_asset(rules_of_year: RulesAt) -> AssetKey:
    """Give the asset that is allocated free in the compliance year of the rules."""
    scheme, year = rules_of_year.text("region.scheme"), rules_of_year.year
    return AssetKey(f"{scheme}-{year}", AssetKind.ALLOWANCE, scheme, year, "FREE")


def issued(usccs: Collection[str], year: int) -> dict[str, tuple[int, int]]:
    """Give what was issued to entities for a year, net of recalls, and what is still to be recalled (tonnes)."""
    rows = Allocation.objects.filter(entity__uscc__in=usccs, year=year, state=AllocationState.ISSUED)
    sums = rows.values_list("entity__uscc").annotate(Sum("issue_t"), Sum("recall_outstanding_t"))
    return {entity: (issue_t, outstanding_t) for entity, issue_t, outstanding_t in sums}


def issued_by_year(entity: str, *, from_year: int) -> dict[int, int]:
    """Give what was issued to an entity for a year and each later one, net of recalls, never below zero (tonnes)."""
    rows = Allocation.objects.filter(entity__uscc=entity, year__gte=from_year, state=AllocationState.ISSUED)
    return {year: max(0, issue_t) for year, issue_t in rows.values_list("year").annotate(Sum("issue_t"))}


def issued_to(usccs: Collection[str], year: int) -> dict[str, int]:
    """Give what was issued to entities for a year, net of recalls, tonnes."""
    return {entity: issued_t for entity, (issued_t, _) in issued(usccs, year).items()}


def surrendered(
    usccs: Collection[str], years: Collection[int], states: Sequence[SurrenderState]
) -> dict[tuple[str, int], tuple[int, int]]:
    """Give what entities surrendered by entity and year, in all and credits among it (tonnes)."""
    rows = Surrender.objects.filter(entity__uscc__in=usccs, year__in=years, state__in=states)
    sums = rows.values_list("entity__uscc", "year").annotate(Sum("total_t"), Sum("credits_t"))
    return {(entity, year): (total_t, credits_t) for entity, year, total_t, credits_t in sums}


def duties(usccs: Sequence[str], year: int, *, states: Sequence[SurrenderState] = PENDING) -> dict[str, Duty]:
    """Give what entities owe for a year and what they have handed in; entities without determined figure are left out.

    Args:
        usccs: unified social credit codes.
        year: compliance year.
        states: which surrenders count.
    """
    determined = emissions.history(usccs, (year,))
    issued_of, done = issued(usccs, year), surrendered(usccs, (year,), states)
    return {
        uscc: Duty(
            figures[year].determined_t,
            *issued_of.get(uscc, (0, 0)),
            *done.get((uscc, year), (0, 0)),
        )
        for uscc, figures in determined.items()
        if year in figures
    }


def lots(usccs: Sequence[str], *, type_: AccountType = AccountType.HOLDING) -> dict[str, tuple[Lot, ...]]:
    """Give what entities hold free in their accounts of a type, cash left out."""
    held = registry.holdings_of(usccs, type_)
    return {
        uscc: tuple(Lot(one.asset, one.free) for one in holdings if one.asset.kind is not AssetKind.CASH)
        for uscc, holdings in held.items()
    }


def held_totals(usccs: Sequence[str]) -> Mapping[str, list[tuple[AssetKey, int]]]:
    """Give what entities hold in all, in registry and trading accounts, held parts included: asset and tonnes."""
    found: dict[str, Counter[AssetKey]] = defaultdict(Counter)
    for type_ in (AccountType.HOLDING, AccountType.TRADING):
        for uscc, holdings in registry.holdings_of(usccs, type_).items():
            for one in holdings:
                if one.asset.kind is not AssetKind.CASH:
                    found[uscc][one.asset] += one.total
    return {uscc: sorted(held.items(), key=lambda one: one[0].code) for uscc, held in found.items()}


def surplus_t(uscc: str) -> int:
    """Give what an entity holds in allowances that anybody may use, held parts included, tonnes."""
    held = held_totals([uscc]).get(uscc, ())
    return sum(t for asset, t in held if asset.kind is AssetKind.ALLOWANCE and not asset.use_restriction)


def to_come(usccs: Sequence[str], year: int, so_far: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Estimate what the second batch of a year will bring each entity, tonnes; nothing once it has been issued.

    Args:
        usccs: unified social credit codes.
        year: compliance year.
        so_far: what `issued` says of that year.
    """
    batches_of = Allocation.objects.filter(entity__uscc__in=usccs, batch=Batch.SECOND, state=AllocationState.ISSUED)
    done = set(batches_of.filter(year=year).values_list("entity__uscc", flat=True))
    last = dict(batches_of.filter(year=year - 1).values_list("entity__uscc", "free_t"))
    return {
        uscc: batches.to_come_t(last_free_t=last.get(uscc, 0), issued_t=so_far.get(uscc, (0, 0))[0])
        for uscc in usccs
        if uscc not in done
    }
