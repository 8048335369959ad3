"""How organisations stand with a market: with whom each is one, why its orders are refused, how much it may still buy.

Organisations with one controller are an *ownership group*: its orders never trade with each other, and the largest
holding the rules allow is that of the group. `Columns` hold the same by place, for who matches a thousand orders at a
time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tonnebook.core.admission import May, TradingWay
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind
from tonnebook.core.rules import RulesAt

_LIMIT = "trading.holding_limit_t"


@dataclass(frozen=True, slots=True)
class HoldingLimits:
    """The largest holding of one vintage by initial allowance, and that of those who were given none, tonnes."""

    small_max_t: int
    medium_max_t: int
    small_t: int
    medium_t: int
    large_t: int
    investor_t: int


@dataclass(frozen=True, slots=True)
class Position:
    """What counts against the limit of one organisation.

    Attributes:
        is_covered: whether it is covered by the scheme, so that its limit goes by its initial allowance.
        initial_t: what it was given of the last vintage it was given any of, tonnes.
        held_t: what it holds, pledged to it or by it included, by vintage, tonnes.
        buying_t: what its open buy orders may still bring, tonnes.
        exempt_t: the largest holding that two people of the exchange allow it today, tonnes; 0 when it has none.
    """

    is_covered: bool = False
    initial_t: int = 0
    held_t: Mapping[int, int] = field(default_factory=dict)
    buying_t: int = 0
    exempt_t: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """How much of its limit an ownership group has used, tonnes: of the vintage it holds most of, with open orders."""

    limit_t: int
    used_t: int

    @property
    def headroom_t(self) -> int:
        """What it may still buy; zero, too, for who was given more than the limit."""
        return max(self.limit_t - self.used_t, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one organisation stands with the market.

    Attributes:
        group: number of its ownership group; equal within one answer, and nothing more.
        refusal: why its orders are refused altogether, None when they are not.
        use: of the group's holding limit; None where the region has none.
        may: what its class of participant may do; None where the region does not say.
    """

    group: int
    refusal: Refused | None = None
    use: Use | None = None
    may: May | None = None

    def check(self, way: TradingWay, side: Side, kind: AssetKind) -> None:
        """Refuse its orders altogether, or those of a kind.

        Args:
            way: of trading.
            side: buy or sell.
            kind: of the units.

        Raises:
            Refused: as `refusal`; CLASS_MAY_NOT.
        """
        if self.refusal is not None:
            raise self.refusal
        if self.may is not None:
            self.may.check(way, side, kind)

    @property
    def headroom_t(self) -> int | None:
        """How many allowances the group may still buy, tonnes; None when as many as it likes."""
        return None if self.use is None else self.use.headroom_t


@dataclass(frozen=True, slots=True)
class Columns:
    """The standings of many organisations by place, for matching in batches.

    Attributes:
        place: of an organisation in the arrays below.
        group: (n_organisations,) int64, number of the ownership group, from zero without gaps.
        is_refused: (n_organisations,) bool, whether its orders are refused altogether.
        headroom_t: (n_groups,) int64, what a group may still buy, tonnes; the largest int64 where there is no limit.
        refusals: why, by organisation.
    """

    place: Mapping[str, int]
    group: NDArray[np.int64]
    is_refused: NDArray[np.bool_]
    headroom_t: NDArray[np.int64]
    refusals: Mapping[str, Refused]


def read(rules: RulesAt) -> HoldingLimits | None:
    """Read the holding limits of a region, None where it states none.

    Source: S63, exchange rules of the region, by `trading.holding_limit_t.*`.
    """
    if not rules.has(f"{_LIMIT}.small"):
        return None
    paths = ("trading.holding_small_max_t", "trading.holding_medium_max_t")
    sizes = (f"{_LIMIT}.{size}" for size in ("small", "medium", "large", "investor"))
    return HoldingLimits(*(rules.integer(path) for path in (*paths, *sizes)))


def limit_t(limits: HoldingLimits, *, is_covered: bool, initial_t: int) -> int:
    """Give the largest holding of one vintage.

    Args:
        limits: of the region.
        is_covered: whether it goes by the initial allowance.
        initial_t: initial allowance, tonnes, >= 0.

    Returns:
        Tonnes.

    Source: S63, exchange rules of the region, by `trading.holding_limit_t.*`.

    Example:
        >>> rule = HoldingLimits(100_000, 1_000_000, 1_000_000, 3_000_000, 5_000_000, 3_000_000)
        >>> [limit_t(rule, is_covered=True, initial_t=t) for t in (100_000, 100_001, 1_000_000, 1_000_001)]
        [1000000, 3000000, 3000000, 5000000]
    """
    if not is_covered:
        return limits.investor_t
    if initial_t <= limits.small_max_t:
        return limits.small_t
    return limits.medium_t if initial_t <= limits.medium_max_t else limits.large_t


def use(limits: HoldingLimits, positions: Collection[Position]) -> Use:
    """Add up what an ownership group has used of its limit.

    The limit goes by the initial allowances of all of them together, as those of one company would. A buy order may
    bring any vintage, so all of them count in full beside the vintage the group holds most of. What one of them is
    exempt to hold, the group may.

    Args:
        limits: of the region.
        positions: of the group, at least one.

    Source: S63, exchange rules of the region, by `trading.holding_limit_t.*`; how a group counts is a design choice.
    """
    held_t: dict[int, int] = {}
    for position in positions:
        for vintage, quantity_t in position.held_t.items():
            held_t[vintage] = held_t.get(vintage, 0) + quantity_t
    is_covered = any(position.is_covered for position in positions)
    initial_t = sum(position.initial_t for position in positions)
    buying_t = sum(position.buying_t for position in positions)
    ordinary_t = limit_t(limits, is_covered=is_covered, initial_t=initial_t)
    most_t = max(ordinary_t, *(position.exempt_t for position in positions))
    return Use(most_t, max(held_t.values(), default=0) + buying_t)


def groups(organisations: Sequence[str], ties: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Number the ownership groups of organisations.

    Args:
        organisations: unified social credit codes, the first of which is in group 0.
        ties: pairs of an organisation and its controller, whoever they are; who is tied to the same is one.

    Returns:
        Number by code, of those tied to the organisations as well, without gaps in the order given.

    Source: design choice, no legal source (invariant B8).

    Example:
        >>> groups(["STEEL", "POWER"], [("POWER", "HOLDING"), ("STEEL", "HOLDING"), ("GAS", "POWER")])
        {'STEEL': 0, 'POWER': 0, 'HOLDING': 0, 'GAS': 0}
    """
    neighbours: dict[str, list[str]] = {name: [] for name in organisations}
    for one, other in ties:
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    found: dict[str, int] = {}
    count = 0
    for name in organisations:
        if name in found:
            continue
        reached = [name]
        while reached:
            here = reached.pop()
            if here not in found:
                found[here] = count
                reached += neighbours[here]
        count += 1
    first = dict.fromkeys(organisations)
    return {name: found[name] for name in (*first, *(name for name in found if name not in first))}


def columns(standings: Mapping[str, Standing]) -> Columns:
    """Lay standings of one answer out by place.

    Args:
        standings: by organisation.
    """
    numbers = {group: place for place, group in enumerate(dict.fromkeys(one.group for one in standings.values()))}
    headroom_t = np.full(len(numbers), np.iinfo(np.int64).max, np.int64)
    for one in standings.values():
        if one.headroom_t is not None:
            headroom_t[numbers[one.group]] = one.headroom_t
    return Columns(
        place={name: place for place, name in enumerate(standings)},
        group=np.array([numbers[one.group] for one in standings.values()], np.int64),
        is_refused=np.array([one.refusal is not None for one in standings.values()], np.bool_),
        headroom_t=headroom_t,
        refusals={name: one.refusal for name, one in standings.items() if one.refusal is not None},
    )
