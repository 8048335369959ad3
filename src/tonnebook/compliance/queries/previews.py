"""What a draft of a plan would give every entity, beside what it would have without it; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tonnebook.compliance.queries import books, enforcement, figures, penalties, standing
from tonnebook.compliance.queries.plans import plans
from tonnebook.core import paid_shares, personas, plan
from tonnebook.core.allocation import bulk, columns, totals
from tonnebook.core.allocation.annual import ORDER, Annual, annual
from tonnebook.core.allocation.bulk import Amounts, SectorSums
from tonnebook.core.allocation.columns import Columns
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.totals import CapMode
from tonnebook.core.coverage import Stage
from tonnebook.core.enforcement import keeps_back
from tonnebook.core.errors import Refused
from tonnebook.core.paid_shares import PaidShares
from tonnebook.core.personas import Persona
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Origin

_NOTHING = SectorSums(0, 0, 0, 0, 0)
_CAP, _RESERVE, _GUARD = "allocation.cap_t", "allocation.reserve_share", "allocation.paid_share_max"


@dataclass(frozen=True, slots=True)
class SectorPreview:
    """A sector under the draft and without it, tonnes."""

    sector: str
    before: SectorSums
    after: SectorSums

    @property
    def change_t(self) -> int:
        """By how much the allowances of the sector grow; below zero they shrink."""
        return self.after.base_t - self.before.base_t


@dataclass(frozen=True, slots=True)
class PersonaPreview:
    """A typical company under the draft and without it: its allowance with its derivation, or why it gets none."""

    persona: Persona
    before: Annual | Refused
    after: Annual | Refused

    @property
    def is_refused(self) -> bool:
        """Whether the draft gives it nothing that can be computed."""
        return isinstance(self.after, Refused)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft does to a whole region.

    Attributes:
        year: compliance year of the draft.
        compared_with: year of the plan it is compared with; None where there is none.
        listed_for: year whose coverage list was taken.
        entities: entities of that list.
        cap_t: total of the draft, tonnes.
        reserve_t: of it kept in reserve, tonnes, rounded down.
        before: sums without the draft.
        after: sums under the draft.
        cut_t: what decisions take off what the entities would receive under the draft, tonnes; the sums are without it.
        kept_t: of what they receive free under the draft, what is kept back from entities at risk, tonnes.
        left_t: total less reserve less what the entities receive, free and paid; below zero it does not suffice.
        paid: both figures of paid allocation under the draft.
        sectors: sector by sector.
        personas: typical companies, one by one.
        order: the steps each allowance is computed in, and where that stands.
    """

    year: int
    compared_with: int | None
    listed_for: int
    entities: int
    cap_t: int
    reserve_t: int
    before: SectorSums
    after: SectorSums
    left_t: int
    cut_t: int
    kept_t: int
    paid: PaidShares
    sectors: tuple[SectorPreview, ...]
    personas: tuple[PersonaPreview, ...]
    order: tuple[str, Origin]


def preview(region: str, year: int, *, draft: str, today: date) -> Preview:
    """Compute a draft on every entity of the list and on typical companies, and compare.

    Args:
        region: region code.
        year: compliance year.
        draft: text of a plan without problems.
        today: the day whose rules apply.

    Returns:
        Sums by sector and the typical companies, with the draft and with the plan adopted for the year (or, before
        there is one, with the latest adopted plan as if it were of the year).

    Source: S01 (一), S03 [8]: a plan is weighed before it is published; what it is compared with: design choice.
    """
    after = standing.rules(region, year, today, overlay=draft)
    base_year, base = _compared_with(region, year)
    before = standing.rules(region, year, today, overlay=base)
    listed_for, facts = _population(region, year, after)
    years = tuple(range(year - figures.YEARS_BACK, year))
    laid_out = columns.of(facts, years)
    cuts = penalties.cuts(region, year)
    uncut = _amounts(laid_out, after)
    amounts = bulk.cut(laid_out, _amounts(laid_out, before), cuts), bulk.cut(laid_out, uncut, cuts)
    sectors = _sectors(laid_out, *amounts)
    sums = _total([one.after for one in sectors])
    cap_t = after.integer(_CAP)
    reserve_t = int(cap_t * after.decimal(_RESERVE))
    return Preview(
        year=year,
        compared_with=base_year,
        listed_for=listed_for,
        entities=len(laid_out),
        cap_t=cap_t,
        reserve_t=reserve_t,
        before=_total([one.before for one in sectors]),
        after=sums,
        left_t=cap_t - reserve_t - sums.base_t,
        cut_t=sum(uncut.free_t) - sums.free_t,
        kept_t=_kept_t(laid_out, amounts[1], after),
        paid=_paid(amounts[1], after, cap_t),
        sectors=sectors,
        personas=tuple(
            PersonaPreview(one, _weighed(one, before), _weighed(one, after)) for one in personas.personas(region, year)
        ),
        order=(after.text(ORDER), after.origin(ORDER)),
    )


def _compared_with(region: str, year: int) -> tuple[int | None, str]:
    adopted = [one for one in plans(region) if one.year <= year]
    if not adopted:
        return None, ""
    latest = adopted[0]
    return latest.year, plan.moved(latest.overlay, from_year=latest.year, to_year=year)


# Before the list of a year is out, that of the year before shows what the plan would do.
def _population(region: str, year: int, rules: RulesAt) -> tuple[int, list[EntityFacts]]:
    listed_for = year if books.covered_codes(region, year) else year - 1
    inside = {row.entity: row for row in books.covered(region, listed_for) if row.stage is Stage.ALLOWANCES}
    return listed_for, list(figures.entity_facts(inside, rules).values())


# A sector with an absolute cap is corrected by one factor for all of it, as the batch will be.
def _amounts(laid_out: Columns, rules: RulesAt) -> Amounts:
    amounts = bulk.annual(laid_out, rules)
    for sector in sorted(set(laid_out.sector)):
        if totals.mode_of(sector, rules) is CapMode.INTENSITY:
            continue
        places = [
            place for place, name in enumerate(laid_out.sector) if name == sector and place not in amounts.refused
        ]
        facts = {laid_out.entity[place]: columns.row(laid_out, place) for place in places}
        whole = {entity: annual(one, rules) for entity, one in facts.items()}
        fitted = totals.corrected(whole, facts, rules)
        for place in places:
            one = fitted[laid_out.entity[place]]
            amounts.base_t[place], amounts.free_t[place] = one.base.whole, one.free.whole
            amounts.paid_t[place] = one.paid.whole
    return amounts


def _sectors(laid_out: Columns, before: Amounts, after: Amounts) -> tuple[SectorPreview, ...]:
    were, are = bulk.sums(laid_out, before), bulk.sums(laid_out, after)
    found = [SectorPreview(name, were.get(name, _NOTHING), are.get(name, _NOTHING)) for name in {*were, *are}]
    return tuple(sorted(found, key=lambda one: (-one.after.base_t, one.sector)))


def _total(sums: Sequence[SectorSums]) -> SectorSums:
    return SectorSums(
        sum(one.entities for one in sums),
        sum(one.refused for one in sums),
        sum(one.base_t for one in sums),
        sum(one.free_t for one in sums),
        sum(one.paid_t for one in sums),
    )


def _kept_t(laid_out: Columns, amounts: Amounts, rules: RulesAt) -> int:
    if not keeps_back(rules):
        return 0
    marks = enforcement.risk_marks(laid_out.entity)
    return sum(free_t for entity, free_t in zip(laid_out.entity, amounts.free_t, strict=True) if entity in marks)


def _paid(amounts: Amounts, rules: RulesAt, cap_t: int) -> PaidShares:
    guard: Decimal | None = rules.decimal(_GUARD) if rules.has(_GUARD) else None
    return paid_shares.paid_shares(list(zip(amounts.base_t, amounts.paid_t, strict=True)), cap_t=cap_t, guard=guard)


# By the readable formulas: there are few of them, and each figure of theirs is explained.
def _weighed(persona: Persona, rules: RulesAt) -> Annual | Refused:
    try:
        return annual(persona.facts, rules)
    except Refused as refused:
        return refused
