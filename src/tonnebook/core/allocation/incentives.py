"""What is added on top: incentives with their caps, and allowances for market-bought non-fossil power.

Tianjin rewards three grounds, each with a share of the annual allowance and a cap in tonnes; non-fossil power bought on
the market earns allowances only up to the gap of an entity that has one.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Sentence
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

REDUCTION_AND_RATING = "emission_and_intensity_down"


class GroundRefusal(Refusal):
    """Why a ground is not noted or not withdrawn, in order of precedence."""

    GROUND_NOTED = Sentence(
        "{entity} {year} 年度的激励依据“{ground}”已认定过。",
        "The ground “{ground}” has been noted for {entity} and {year} before.",
        "S02 item 7",
    )
    NO_SUCH_GROUND = Sentence(
        "{entity} {year} 年度没有激励依据“{ground}”。",
        "No ground “{ground}” is noted for {entity} and {year}.",
        "design choice",
        status=404,
    )
    GROUND_WITHDRAWN = Sentence(
        "{entity} {year} 年度的激励依据“{ground}”已撤回。",
        "The ground “{ground}” of {entity} for {year} has been withdrawn.",
        "design choice",
    )
    WITHDRAWN_WITHOUT_REASON = Sentence(
        "请说明撤回的理由。", "Say in words why it is withdrawn.", "design choice", status=422
    )


def incentive(allowance: Traced, ground: str, rules: RulesAt) -> Traced:
    """Compute the tonnes one ground adds: a share of the annual allowance, at most the cap.

    Args:
        allowance: annual allowance before incentives, tonnes.
        ground: name below `allocation.incentive`.
        rules: rules of the compliance year.

    Returns:
        Whole tonnes, rounded down. Source: S02 item 7.
    """
    share = rules.number(f"allocation.incentive.{ground}.share")
    exact = trace.product([allowance, share], "t", zh="年度配额×激励比例", en="annual allowance × share")
    earned = trace.floor(exact, zh="激励配额（舍去小数）", en="incentive, rounded down")
    cap = rules.number(f"allocation.incentive.{ground}.cap_t")
    return trace.smallest([earned, cap], "t", zh="不超过上限的激励配额", en="incentive, at most the cap")


def with_incentives(allowance: Traced, grounds: Sequence[str], rules: RulesAt) -> Traced:
    """Add all grounds of an entity to its annual allowance; each is a share of the allowance before any of them.

    Source: S02 item 7; that grounds add up side by side is our reading.
    """
    parts = [incentive(allowance, ground, rules) for ground in sorted(set(grounds))]
    return trace.total([allowance, *parts], "t", zh="含激励的配额", en="allowance with incentives")


def is_reduction(
    *, emissions_t: tuple[int, int], intensities: Mapping[str, tuple[Decimal, Decimal]], main_product: str
) -> bool:
    """Say whether emission and the main product's intensity both fell from one year to the next.

    Args:
        emissions_t: emission of the year before and of the compliance year, tonnes.
        intensities: by product, intensity of the year before and of the compliance year.
        main_product: product that counts.

    Source: S02 item 7, first ground (the rating A is evidence, not arithmetic).
    """
    if main_product not in intensities:
        return False
    before, after = intensities[main_product]
    return emissions_t[1] < emissions_t[0] and after < before


def main_product(output: Mapping[str, Decimal]) -> str:
    """Name the product of which most was made, the first by name among equals; empty when nothing was made.

    Source: design choice, no legal source (S02 item 7 does not say which product is the main one).
    """
    return max(sorted(output), key=lambda name: output[name], default="")


def non_fossil_top_up(allowance: Traced, *, emission_t: int, market_mwh: Decimal, rules: RulesAt) -> Traced:
    """Add allowances for non-fossil power bought on the market, at most up to the gap.

    Args:
        allowance: allowance before, tonnes.
        emission_t: determined emission of the compliance year (without non-fossil power), tonnes.
        market_mwh: non-fossil power bought on the market, MWh; direct supply and energy contracts earn nothing.
        rules: rules of the compliance year; the power counts at `mrv.electricity.factor`.

    Returns:
        Tonnes after the top-up; unchanged for an entity without a gap.

    Source: S02 item 6.
    """
    emission = trace.given(emission_t, "t", zh="履约排放量", en="compliance emission")
    zero = trace.given(0, "t", zh="零", en="zero")
    short = trace.difference(emission, allowance, "t", zh="缺口", en="gap")
    gap = trace.largest([short, zero], "t", zh="缺口（不小于零）", en="gap, at least zero")
    bought = trace.given(market_mwh, "MWh", zh="市场化购入非化石电量", en="non-fossil power bought on the market")
    worth = trace.product(
        [bought, rules.number("mrv.electricity.factor")], "t", zh="对应排放量", en="emission it stands for"
    )
    rounded = trace.floor(worth, zh="对应配额（舍去小数）", en="allowances it stands for, rounded down")
    added = trace.smallest([rounded, gap], "t", zh="以缺口为限", en="at most the gap")
    return trace.total([allowance, added], "t", zh="含非化石电力核发的配额", en="allowance with non-fossil power")
