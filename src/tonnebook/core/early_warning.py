"""Early warning (缺口预警): what an entity will be short of if nothing more is bought, and what that rests on.

Before the emission of a year is determined, the best figure known stands in: the annual report, the months filed so
far with the rest as in the year before, or the year before alone. Against it stands what the entity has: surrendered,
held and usable, and what the second batch is expected to bring. Units that are set aside and credits beyond their limit
do not count. Nothing here is a status: that is `year_status`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tonnebook.core import surrender, trace
from tonnebook.core.ledger import AssetKind, HoldReason
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, Lot
from tonnebook.core.trace import Traced


class Basis(StrEnum):
    """What an expected emission rests on, the surest first."""

    DETERMINED = "DETERMINED"
    REPORTED = "REPORTED"
    FILED = "FILED"
    LAST_YEAR = "LAST_YEAR"
    NOTHING = "NOTHING"


class Driver(StrEnum):
    """What makes a shortfall larger, then what makes it smaller, in the order in which it is shown."""

    EMISSION = "EMISSION"
    RECALL_OWED = "RECALL_OWED"
    SURRENDERED = "SURRENDERED"
    OF_THE_YEAR = "OF_THE_YEAR"
    CARRIED_OVER = "CARRIED_OVER"
    IN_TRADING = "IN_TRADING"
    CREDITS = "CREDITS"
    TO_COME = "TO_COME"


# What adds to the obligation; every other driver covers a part of it.
NEEDS = frozenset({Driver.EMISSION, Driver.RECALL_OWED})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an entity's emission of a year, tonnes; None where there is no such figure.

    Attributes:
        determined_t: determined emission.
        reported_t: total of the latest report.
        filed_t: emission of the months filed so far.
        filed_months: how many facility-months those are.
        all_months: facility-months of the whole year.
        last_t: determined emission of the year before.
    """

    determined_t: int | None = None
    reported_t: int | None = None
    filed_t: int | None = None
    filed_months: int = 0
    all_months: int = 0
    last_t: int | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected emission and what it rests on."""

    basis: Basis
    emission: Traced


@dataclass(frozen=True, slots=True)
class Means:
    """What an entity has towards its duty, tonnes.

    Attributes:
        lots: what it holds free in its registry account, eligible or not.
        trading: what it holds free in its trading account; it can be moved and then surrendered.
        to_come_t: what the second batch is expected to bring.
    """

    lots: Sequence[Lot] = ()
    trading: Sequence[Lot] = ()
    to_come_t: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a year is expected to end.

    Attributes:
        expected: emission and what it rests on.
        drivers: what the shortfall is made of; all of `Driver`, in its order.
        idle_t: units held free that do not count: credits beyond their limit, and what the year does not take.
        shortfall: what is missing, never below zero.
        surplus: what is left over, never below zero.
        credit_room_t: credits that could still be used beyond those held.
    """

    expected: Expected
    drivers: tuple[tuple[Driver, Traced], ...]
    idle_t: int
    shortfall: Traced
    surplus: Traced
    credit_room_t: int = 0


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Units that an entity has and cannot use now, tonnes.

    Attributes:
        by_reason: set aside in its accounts, by reason; what is submitted for surrender is not among it.
        lent_t: lent or given as collateral, and not come back.
        covering: how much of the expected shortfall they would cover if they came free in time.
    """

    by_reason: tuple[tuple[HoldReason, int], ...]
    lent_t: int
    covering: Traced

    @property
    def total_t(self) -> int:
        """All of them."""
        return self.lent_t + sum(quantity_t for _, quantity_t in self.by_reason)


def expected_emission(known: Known) -> Expected:
    """Give the best figure there is for the emission of a year.

    Args:
        known: what is known.

    Returns:
        Whole tonnes: determined, else reported, else filed so far with the months not filed as in the year before
        (without one, as the months filed), rounded up; else that of the year before; else zero.

    Source: design choice, no legal source.

    Example:
        >>> expected_emission(Known(filed_t=400, filed_months=3, all_months=12, last_t=1000)).emission.whole
        1150
    """
    for basis, figure_t, zh, en in (
        (Basis.DETERMINED, known.determined_t, "审定排放量", "determined emission"),
        (Basis.REPORTED, known.reported_t, "报告排放量", "reported emission"),
    ):
        if figure_t is not None:
            return Expected(basis, trace.given(figure_t, "t", zh=zh, en=en))
    if known.filed_t is not None and known.filed_months:
        return Expected(Basis.FILED, _filed_on(known.filed_t, known))
    if known.last_t is not None:
        return Expected(Basis.LAST_YEAR, trace.given(known.last_t, "t", zh="上一年审定排放量", en="as last year"))
    return Expected(Basis.NOTHING, trace.given(0, "t", zh="尚无任何数据", en="no figure yet"))


def outlook(known: Known, duty: Duty, means: Means, rules: RulesAt) -> Outlook:
    """Say how a year is expected to end for an entity if nothing more is bought or sold.

    Args:
        known: what is known of its emission.
        duty: issued, still to be recalled and surrendered so far; its emission is not looked at.
        means: what it holds and what is to come.
        rules: rules of the compliance year.

    Returns:
        Drivers, shortfall and surplus; the shortfall's trace is made of the drivers and replays to the same number.

    Source: design choice, no legal source.
    """
    expected = expected_emission(known)
    owed = replace(duty, determined_t=expected.emission.whole)
    held = [*means.lots, *means.trading]
    usable = [lot for lot in held if surrender.ineligible(lot.asset, rules) is None]
    credits_left_t = max(0, surrender.credit_limit(owed, rules).whole - duty.credits_t)
    credits_t = min(credits_left_t, sum(lot.free_t for lot in usable if lot.asset.kind is AssetKind.CREDIT))
    own_t, older_t = _allowances(means.lots, rules)
    covers = {
        Driver.SURRENDERED: duty.surrendered_t,
        Driver.OF_THE_YEAR: own_t,
        Driver.CARRIED_OVER: older_t,
        Driver.IN_TRADING: sum(_allowances(means.trading, rules)),
        Driver.CREDITS: credits_t,
        Driver.TO_COME: means.to_come_t,
    }
    counted_t = own_t + older_t + covers[Driver.IN_TRADING] + credits_t
    needs = {
        Driver.EMISSION: expected.emission,
        Driver.RECALL_OWED: _given(Driver.RECALL_OWED, duty.recall_outstanding_t),
    }
    given = {driver: _given(driver, quantity_t) for driver, quantity_t in covers.items()}
    need = trace.total(list(needs.values()), "t", zh="预计应清缴量", en="expected obligation")
    cover = trace.total(list(given.values()), "t", zh="已有和将有", en="had and to come")
    return Outlook(
        expected,
        tuple({**needs, **given}.items()),
        sum(lot.free_t for lot in held) - counted_t,
        _at_least_zero(need, cover, "预计缺口", "expected shortfall"),
        _at_least_zero(cover, need, "预计盈余", "expected surplus"),
        credits_left_t - credits_t,
    )


def at_risk(found: Outlook, held: Mapping[HoldReason, int], *, lent_t: int) -> AtRisk:
    """Set the units that are pledged, frozen, on offer or lent against what is expected to be missing.

    Args:
        found: how the year is expected to end.
        held: tonnes set aside, by reason.
        lent_t: tonnes lent or given as collateral.

    Returns:
        The units at risk; `covering` is the smaller of them and the shortfall.

    Source: design choice, no legal source.
    """
    kept = tuple((reason, held[reason]) for reason in HoldReason if reason in _RISKS and held.get(reason))
    away = trace.given(sum(t for _, t in kept) + lent_t, "t", zh="受限或在外的单位", en="units set aside or away")
    covering = trace.smallest([away, found.shortfall], "t", zh="其中可补缺口", en="of it could cover the shortfall")
    return AtRisk(kept, lent_t, covering)


# A surrender counts as handed in already, and money for a bid is no unit.
_RISKS = frozenset(HoldReason) - {HoldReason.SURRENDER, HoldReason.BID}


_WORDS = {
    Driver.RECALL_OWED: ("未能收回的配额", "allowances that could not be recalled"),
    Driver.SURRENDERED: ("已提交或确认的清缴", "submitted or confirmed so far"),
    Driver.OF_THE_YEAR: ("本年度配额（可用）", "allowances of the year, free"),
    Driver.CARRIED_OVER: ("以前年度配额（可用）", "allowances of earlier years, free"),
    Driver.IN_TRADING: ("交易账户中的配额（可用）", "allowances in the trading account, free"),
    Driver.CREDITS: ("上限内的减排量", "credits within the limit"),
    Driver.TO_COME: ("预计第二批次", "expected second batch"),
}


def _given(driver: Driver, quantity_t: int) -> Traced:
    zh, en = _WORDS[driver]
    return trace.given(quantity_t, "t", zh=zh, en=en)


# Eligible allowances of the year, and of earlier ones.
def _allowances(lots: Sequence[Lot], rules: RulesAt) -> tuple[int, int]:
    allowances = [lot for lot in lots if lot.asset.kind is AssetKind.ALLOWANCE]
    usable = [lot for lot in allowances if surrender.ineligible(lot.asset, rules) is None]
    own_t = sum(lot.free_t for lot in usable if lot.asset.vintage_year == rules.year)
    return own_t, sum(lot.free_t for lot in usable) - own_t


def _filed_on(filed_t: int, known: Known) -> Traced:
    so_far = trace.given(filed_t, "t", zh="已存证月份排放量", en="emission of the months filed")
    done = trace.given(known.filed_months, "month", zh="已存证月数", en="months filed")
    whole = trace.given(known.all_months, "month", zh="全年月数", en="months of the year")
    if known.last_t is None:
        scaled = trace.product(
            [so_far, whole], "t", zh="已存证排放量×全年月数", en="emission filed × months of the year"
        )
        exact = trace.quotient(scaled, done, "t", zh="按月数推算全年", en="whole year by the month")
    else:
        last = trace.given(known.last_t, "t", zh="上一年审定排放量", en="determined emission of the year before")
        left = trace.difference(whole, done, "month", zh="未存证月数", en="months not filed")
        scaled = trace.product([last, left], "t", zh="上一年排放量×未存证月数", en="last year × months not filed")
        rest = trace.quotient(scaled, whole, "t", zh="其余月份预计", en="rest of the year, as last year")
        exact = trace.total([so_far, rest], "t", zh="全年预计", en="whole year")
    return trace.ceil(exact, zh="全年预计排放量（进一）", en="expected emission, rounded up")


def _at_least_zero(minuend: Traced, subtrahend: Traced, zh: str, en: str) -> Traced:
    left = trace.difference(minuend, subtrahend, "t", zh="差额", en="difference")
    return trace.largest([left, trace.given(0, "t", zh="零", en="zero")], "t", zh=zh, en=en)
