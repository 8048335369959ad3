"""The total of a sector (总量): what an absolute cap leaves to each entity, and what an open year still owes the books.

Under an ABSOLUTE cap the allowances of a sector are corrected by one factor until they fit, to the tonne. Under an
INTENSITY cap every entity receives what its activity earns; the total settles only with the year, the reserve takes up
the difference, and until then the books show the open part. The headroom (预留发展空间) is a pot inside the reserve for
strategic emerging and future industries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tonnebook.core import trace, units
from tonnebook.core.allocation import issue
from tonnebook.core.allocation.annual import Annual
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class CapMode(StrEnum):
    """How the total of a sector comes about, as `allocation.cap_mode` names it."""

    INTENSITY = "INTENSITY"
    ABSOLUTE = "ABSOLUTE"


@dataclass(frozen=True, slots=True)
class Planned:
    """One entity in the sums of its sector.

    Attributes:
        sector: sector code.
        planned_t: annual allowance as planned before the year's figures, tonnes.
        settled_t: annual allowance once the year's figures are known, tonnes; None before.
        paid_t: part of the latest of both that is to be bought, tonnes.
    """

    sector: str
    planned_t: int
    settled_t: int | None
    paid_t: int


@dataclass(frozen=True, slots=True)
class SectorTotal:
    """A sector in sums, tonnes: `free_t + paid_t + open_t` is what it takes of the total.

    Attributes:
        sector: sector code.
        mode: how its total comes about.
        entities: how many receive allowances.
        planned_t: planned before the year's figures.
        free_t: settled and given.
        paid_t: settled and to be bought.
        open_t: planned for entities whose figures are not known; zero once the year is settled.
        drawn_t: what settling took from the reserve beyond the plan; below zero it flowed back.
    """

    sector: str
    mode: CapMode
    entities: int
    planned_t: int
    free_t: int
    paid_t: int
    open_t: int
    drawn_t: int


@dataclass(frozen=True, slots=True)
class RegionTotal:
    """The total of a region and year, tonnes, always and exactly the sum of its parts.

    `total_t = reserve_t + free_t + paid_t + open_t + drawn_t`.

    Attributes:
        total_t: cap of the plan, tonnes.
        set_aside_t: what the plan keeps in reserve at first.
        reserve_t: what is in reserve now: all that no entity takes, what is left of the headroom included.
        free_t: settled and given.
        paid_t: settled and to be bought.
        open_t: what entities without figures of the year will take, as planned.
        drawn_t: what was drawn on the headroom.
        sectors: the sectors, by code.
    """

    total_t: int
    set_aside_t: int
    reserve_t: int
    free_t: int
    paid_t: int
    open_t: int
    drawn_t: int
    sectors: tuple[SectorTotal, ...]

    @property
    def is_settled(self) -> bool:
        """Whether every figure of the year is known."""
        return self.open_t == 0


def mode_of(sector: str, rules: RulesAt) -> CapMode:
    """Give the cap mode of a sector; INTENSITY where the rule book names none.

    Source: S01 (一) (total and intensity controlled together); which sector has which: `allocation.cap_mode`.
    """
    path = f"allocation.cap_mode.{sector}"
    return CapMode(rules.text(path)) if rules.has(path) else CapMode.INTENSITY


def corrected(
    amounts: Mapping[str, Annual], facts: Mapping[str, EntityFacts], rules: RulesAt, *, taken_t: int = 0
) -> dict[str, Annual]:
    """Fit the allowances of one sector with an absolute cap into it by one factor for all.

    Args:
        amounts: annual allowance by entity, of one sector.
        facts: what they were computed from, by entity.
        rules: rules of the compliance year; `allocation.sector_cap_t` holds the cap.
        taken_t: of the cap, what entities of the sector have received before, tonnes.

    Returns:
        By entity; as it was where the cap is not reached, otherwise together exactly the cap. What rounding down leaves
        goes to the largest remainders, the first by code among equals.

    Raises:
        Refused: when the rule book has no cap for the sector.

    Source: S01 (一); one factor for all, largest remainders: design choice, no legal source.
    """
    if not amounts:
        return {}
    cap = rules.number(f"allocation.sector_cap_t.{facts[next(iter(amounts))].sector}")
    if taken_t:
        taken = trace.given(taken_t, "t", zh="此前已核发", en="received before")
        cap = trace.difference(cap, taken, "t", zh="行业总量余额", en="what is left of the cap")
    asked_t = sum(one.base.whole for one in amounts.values())
    if asked_t <= cap.whole:
        return dict(amounts)
    factor = trace.quotient(
        cap,
        trace.given(asked_t, "t", zh="行业配额合计", en="allowances of the sector"),
        "",
        zh="行业统一修正系数",
        en="correction factor of the sector",
    )
    entities = sorted(amounts)
    parts_t = units.split_by_largest_remainder(cap.whole, [amounts[entity].base.whole for entity in entities])
    return {
        entity: _corrected(amounts[entity], facts[entity], factor, part_t, rules)
        for entity, part_t in zip(entities, parts_t, strict=True)
    }


def total(entities: Iterable[Planned], rules: RulesAt, *, drawn_t: int = 0) -> RegionTotal:
    """Add up a region's year: reserve, free, paid, what is still open, and what was drawn on the headroom.

    Args:
        entities: every entity that receives allowances.
        rules: rules of the compliance year with the plan.
        drawn_t: what was drawn on the headroom, tonnes.

    Returns:
        Sums that make the total exactly; the reserve is what remains, below zero when more is planned than there is.

    Raises:
        Refused: when the plan names no total.

    Source: S01 (一); S15, S16 (total includes what is issued directly and the reserve).
    """
    by_sector: dict[str, list[Planned]] = {}
    for one in entities:
        by_sector.setdefault(one.sector, []).append(one)
    sectors = tuple(_sector(name, rows, rules) for name, rows in sorted(by_sector.items()))
    total_t = rules.integer("allocation.cap_t")
    free_t, paid_t, open_t = (sum(getattr(one, name) for one in sectors) for name in ("free_t", "paid_t", "open_t"))
    reserve_t = total_t - free_t - paid_t - open_t - drawn_t
    return RegionTotal(
        total_t, set_aside(rules).whole, reserve_t, free_t, paid_t, open_t, drawn_t=drawn_t, sectors=sectors
    )


def set_aside(rules: RulesAt) -> Traced:
    """Compute what a plan keeps in reserve, rounded down; zero where it names no share.

    Source: S32, S33 (share of the total); rounding: design choice.
    """
    if not rules.has("allocation.reserve_share"):
        return trace.given(0, "t", zh="无政府预留", en="no reserve")
    factors = [rules.number("allocation.cap_t"), rules.number("allocation.reserve_share")]
    exact = trace.product(factors, "t", zh="总量×政府预留比例", en="total × share kept in reserve")
    return trace.floor(exact, zh="政府预留配额（舍去小数）", en="reserve, rounded down")


def in_reserve(found: RegionTotal, rules: RulesAt) -> Traced:
    """Explain what is in reserve now: the total of the plan less what entities take: free, paid, open and drawn.

    Source: S01 (一); S15, S16 (total includes what is issued directly and the reserve).
    """
    parts = (
        (found.free_t, "免费发放", "given free"),
        (found.paid_t, "有偿部分", "to be bought"),
        (found.open_t, "待清算（按方案）", "open, as planned"),
        (found.drawn_t, "已动用预留发展空间", "drawn on the headroom"),
    )
    taken = trace.total(
        [trace.given(quantity_t, "t", zh=zh, en=en) for quantity_t, zh, en in parts],
        "t",
        zh="各单位合计",
        en="all entities together",
    )
    total = rules.number("allocation.cap_t")
    return trace.difference(total, taken, "t", zh="现有储备", en="in reserve now")


def check_headroom(*, wanted_t: int, drawn_t: int, rules: RulesAt) -> Traced:
    """Let a draw on the headroom pass only while the pot holds it.

    Args:
        wanted_t: what is to be drawn, tonnes, > 0.
        drawn_t: what was drawn before in the year, tonnes.
        rules: rules of the compliance year; `allocation.headroom_t` is the pot.

    Returns:
        What is left in the pot afterwards, tonnes.

    Raises:
        Refused: NO_HEADROOM when the plan names no pot; HEADROOM_SPENT when the pot holds less.

    Source: S01 (一) (room for strategic emerging and future industries); the pot: design choice, no legal source.
    """
    if not rules.has("allocation.headroom_t"):
        raise Refused(AllocationRefusal.NO_HEADROOM, region=rules.region, year=rules.year)
    pot = rules.number("allocation.headroom_t")
    gone = trace.given(drawn_t + wanted_t, "t", zh="已动用与本次动用", en="drawn, this draw included")
    left = trace.difference(pot, gone, "t", zh="预留发展空间余额", en="left in the headroom")
    if left.value < 0:
        raise Refused(AllocationRefusal.HEADROOM_SPENT, wanted_t=wanted_t, left_t=pot.whole - drawn_t)
    return left


# The trace shows the factor at work and, where rounding down left a tonne, who received it.
def _corrected(amount: Annual, facts: EntityFacts, factor: Traced, part_t: int, rules: RulesAt) -> Annual:
    exact = trace.product([amount.base, factor], "t", zh="配额×统一修正系数", en="allowance × correction factor")
    whole = trace.floor(exact, zh="修正后配额（舍去小数）", en="corrected allowance, rounded down")
    if part_t > whole.whole:
        more = trace.given(part_t - whole.whole, "t", zh="最大余数法分得", en="by largest remainder")
        whole = trace.total([whole, more], "t", zh="修正后配额", en="corrected allowance")
    parts = issue.divide(whole, facts, rules)
    return Annual(whole, parts.free, parts.paid)


def _sector(sector: str, rows: Sequence[Planned], rules: RulesAt) -> SectorTotal:
    settled = [(one, one.settled_t) for one in rows if one.settled_t is not None]
    settled_t, paid_t = sum(amount_t for _, amount_t in settled), sum(one.paid_t for one, _ in settled)
    return SectorTotal(
        sector,
        mode_of(sector, rules),
        len(rows),
        sum(one.planned_t for one in rows),
        settled_t - paid_t,
        paid_t,
        sum(one.planned_t for one in rows if one.settled_t is None),
        settled_t - sum(one.planned_t for one, _ in settled),
    )
