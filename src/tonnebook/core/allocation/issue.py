"""What an entity is given of its annual allowance, and what it has to buy: by a paid share or by the table of 2019.

The plan of 2019 issued a share directly that went by how much of an entity's emission came straight from fuels other
than natural gas, and by whether its intensity had fallen year by year; plans since 2026 name a paid share by sector.
Which of the two a year has is a matter of the rule book.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from tonnebook.core import trace
from tonnebook.core.allocation import history, incentives, methods, shares
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.methods import Method
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_ALL_OTHERS = "non_industry"


@dataclass(frozen=True, slots=True)
class Band:
    """A band of the table: from which share of direct emissions on, and the paths of its two shares."""

    from_share: Decimal
    path: str

    def share_path(self, *, is_improving: bool) -> str:
        """Name the share of an entity that improved year by year, or of another."""
        return f"{self.path}.{'improving' if is_improving else 'other'}"


def divide(whole: Traced, facts: EntityFacts, rules: RulesAt) -> shares.Split:
    """Divide an annual allowance into what is given and what has to be bought.

    Args:
        whole: whole tonnes.
        facts: of the entity.
        rules: rules of the compliance year.

    Returns:
        Free and paid tonnes; they add up to the allowance.

    Raises:
        Refused: NO_DIRECT_SHARE when the table asks for a share that is not known.

    Source: S19, tables 3 and 4 (2019); S01 (四) (since 2026); paid tonnes are rounded down: design choice.
    """
    return shares.split(whole, _paid_share(facts, rules))


def bands(sector: str, rules: RulesAt) -> tuple[Band, ...]:
    """Give the bands of the table that a sector falls under, the lowest first; none where no table is in force.

    Source: S19, tables 3 and 4; which sector belongs to which class: our reading, `allocation.direct_issue_sectors`.
    """
    path = "allocation.direct_issue_sectors"
    named = (name for name in rules.below(path) if sector in rules.words(f"{path}.{name}"))
    start = f"allocation.direct_issue_share.{next(named, _ALL_OTHERS)}"
    found = [Band(rules.decimal(f"{start}.{name}.from_share"), f"{start}.{name}") for name in rules.below(start)]
    return tuple(sorted(found, key=lambda one: one.from_share))


def band_of(direct_share: Decimal, within: Sequence[Band]) -> Band:
    """Choose the band of a share of direct emissions: the highest that begins at it or below.

    Raises:
        ValueError: when none does.

    Source: S19, tables 3 and 4.
    """
    fitting = [band for band in within if band.from_share <= direct_share]
    if not fitting:
        raise ValueError(f"no band of the table holds {direct_share}")
    return fitting[-1]


def is_improving(facts: EntityFacts, rules: RulesAt) -> bool:
    """Say whether an entity's intensity, or by historical emissions its emission, fell in every base year.

    Args:
        facts: of the entity; the intensity is that of its main product.
        rules: rules of the compliance year.

    Returns:
        Whether each base year lay below the one before; False when a figure of one of them is missing.

    Source: S19, tables 3 and 4; that the fall is looked at between the base years: our reading.
    """
    years = history.base_years(rules)
    main = incentives.main_product(facts.output)
    emissions = [facts.emissions_t.get(year) for year in years]
    made = [facts.outputs.get(year, {}).get(main) for year in years]
    if methods.method_of(facts.sector, rules) is Method.HISTORICAL_EMISSIONS:
        made = [Decimal(1)] * len(years)
    both = zip(emissions, made, strict=True)
    figures = [(tonnes, quantity) for tonnes, quantity in both if tonnes is not None and quantity]
    return len(figures) == len(years) and all(
        after_t * before < before_t * after for (before_t, before), (after_t, after) in pairwise(figures)
    )


def _paid_share(facts: EntityFacts, rules: RulesAt) -> Traced:
    table = bands(facts.sector, rules)
    if not table:
        return shares.paid_share(facts.sector, facts.paid_coefficient, rules, grounds=facts.grounds)
    if facts.direct_share is None and len(table) > 1:
        raise Refused(AllocationRefusal.NO_DIRECT_SHARE, entity=facts.entity, year=rules.year)
    band = band_of(facts.direct_share or Decimal(0), table)
    share = rules.number(band.share_path(is_improving=is_improving(facts, rules)))
    one = trace.given(1, "", zh="一", en="one")
    return trace.difference(one, share, "", zh="1－直接发放比例", en="1 − directly issued share")
