"""Non-fossil power (非化石能源电力): taken out of the year and of its base years, and what of it earns allowances.

Such power is no purchased power, neither in the compliance year nor in the base years, so that a company that buys it
is not measured against a past without it. Direct supply and energy contracts earn nothing more; what was bought on the
market earns allowances up to the gap (`incentives.non_fossil_top_up`). Each certificate counts once.
"""

from collections.abc import Iterable
from decimal import Decimal

from tonnebook.core import trace
from tonnebook.core.allocation.declarations import Power, Supply
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_PATH = "allocation.non_fossil_power"
_EARNING = "UP_TO_SHORTFALL"
_TAKEN_OUT = "TAKEN_OUT"


def earning_mwh(purchases: Iterable[Power], *, taken_out_mwh: Decimal, rules: RulesAt) -> Decimal:
    """Add up the power of a year that may earn allowances.

    Args:
        purchases: of the compliance year, each certificate once.
        taken_out_mwh: non-fossil and green power the report of the year took out, MWh; more than that earns nothing.
        rules: rules of the compliance year; `allocation.non_fossil_power` says which supply earns.

    Returns:
        MWh; zero where the rules name no supply that earns.

    Source: S02 item 6; that certificates bound what the report says: design choice.
    """
    bought = list(purchases)
    earning_mwh = sum((one.quantity_mwh for one in bought if _earns(one.supply, rules)), Decimal(0))
    others_mwh = sum((one.quantity_mwh for one in bought), Decimal(0)) - earning_mwh
    return min(earning_mwh, max(Decimal(0), taken_out_mwh - others_mwh))


def base_emission(emission_t: int, *, purchases: Iterable[Power], taken_out_mwh: Decimal, rules: RulesAt) -> Traced:
    """Take non-fossil power out of the emission of a base year.

    Args:
        emission_t: determined emission of the base year, tonnes.
        purchases: of that year, each certificate once.
        taken_out_mwh: what the report of that year had taken out already, MWh.
        rules: rules of the compliance year; the power counts at its `mrv.electricity.factor`.

    Returns:
        Whole tonnes, the part taken out rounded down and never more than the emission; the emission itself where the
            rules leave base years as they were determined.

    Source: S02 item 6 (neither in the compliance year nor in the base year); S28 (Shanghai: no adjustment); rounding:
        design choice.
    """
    emission = trace.given(emission_t, "t", zh="基准年审定排放量", en="determined emission of the base year")
    counted_mwh = max(Decimal(0), sum((one.quantity_mwh for one in purchases), Decimal(0)) - taken_out_mwh)
    path = f"{_PATH}.base_years"
    if not (counted_mwh and rules.has(path) and rules.text(path) == _TAKEN_OUT):
        return emission
    power = trace.given(counted_mwh, "MWh", zh="曾计入的非化石电量", en="non-fossil power that was counted")
    exact = trace.product(
        [power, rules.number("mrv.electricity.factor")], "t", zh="对应排放量", en="emission it stood for"
    )
    part = trace.floor(exact, zh="对应排放量（舍去小数）", en="emission it stood for, rounded down")
    limited = trace.smallest([part, emission], "t", zh="以排放量为限", en="at most the emission")
    return trace.difference(
        emission, limited, "t", zh="扣除非化石电力后的基准年排放量", en="emission of the base year without it"
    )


def _earns(supply: Supply, rules: RulesAt) -> bool:
    path = f"{_PATH}.{'market' if supply is Supply.MARKET else 'direct_supply'}"
    return rules.has(path) and rules.text(path) == _EARNING
