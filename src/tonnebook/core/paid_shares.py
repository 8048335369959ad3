"""Two figures of paid allocation, and what a cap leaves: per entity, and of the whole.

The reform plan names both: at most 8 % of what one entity receives is to be paid for through 2027, and a growing share
of the whole by 2030. They are kept apart because the one says nothing of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core import units

_PLACES = 6


@dataclass(frozen=True, slots=True)
class PaidShares:
    """How much of allocation is paid for.

    Attributes:
        entities: how many entities were looked at.
        largest: largest paid share of one entity, 0 to 1, six decimals half up.
        above: entities whose paid share is above the guard.
        paid_t: tonnes to be paid for, of all entities.
        of_cap: these tonnes over the cap, six decimals half up; None without a cap.
    """

    entities: int
    largest: Decimal
    above: int
    paid_t: int
    of_cap: Decimal | None


def paid_shares(parts: Sequence[tuple[int, int]], *, cap_t: int | None, guard: Decimal | None) -> PaidShares:
    """Compute both figures of paid allocation.

    Args:
        parts: of each entity its allowance and the paid part of it, tonnes.
        cap_t: total of the year, tonnes; None where no plan names one.
        guard: largest paid share of one entity; None where none is in force.

    Returns:
        Both figures; an entity without allowance has no share.

    Source: S01 (四): at most 8 % per entity through 2027, a higher share of the total by 2030.

    Example:
        >>> paid_shares([(100, 8), (200, 17)], cap_t=1000, guard=Decimal("0.08")).above
        1
    """
    exact = [Decimal(paid_t) / base_t for base_t, paid_t in parts if base_t > 0]
    paid_t = sum(paid for _, paid in parts)
    return PaidShares(
        entities=len(parts),
        largest=units.half_up(max(exact, default=Decimal(0)), _PLACES),
        above=sum(share > guard for share in exact) if guard is not None else 0,
        paid_t=paid_t,
        of_cap=units.half_up(Decimal(paid_t) / cap_t, _PLACES) if cap_t else None,
    )
