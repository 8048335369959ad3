"""The bridge from a cap to the city's dual control: what total and intensity of emissions leave to covered companies.

A city has two targets: its emissions per unit of output fall by a share a year, and their total stays below a limit
where one is set. Both are followed from a base year; the smaller one, times the share of covered companies in the
city's emissions, is the budget a cap is held against. The plans say that both systems are joined (S01 (一)) and name no
formula: this one is a design choice.
"""

from dataclasses import dataclass

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt

_BASE_YEAR = "dual_control.base_year"
_BASE = "dual_control.base_emission_t"
_GROWTH = "dual_control.output_growth_share"
_FALL = "dual_control.intensity_fall_share"
_LIMIT = "dual_control.total_max_t"
_COVERED = "dual_control.covered_share"


@dataclass(frozen=True, slots=True)
class Bridge:
    """A cap beside the budget of dual control.

    Attributes:
        budget: what both targets leave to covered companies, whole tonnes.
        room: budget less cap, tonnes; below zero where the cap is more than the targets leave.
    """

    budget: trace.Traced
    room: trace.Traced

    @property
    def is_within(self) -> bool:
        """Whether the cap keeps to both targets."""
        return self.room.value >= 0


def bridge(cap_t: int, *, year: int, rules: RulesAt) -> Bridge | None:
    """Hold a cap against the city's dual control.

    Args:
        cap_t: total of allowances of the year, tonnes.
        year: compliance year.
        rules: of the region and the year.

    Returns:
        Budget and room; None before the base year and where the region states no targets.

    Source: S01 (一), S02 item 2 (that caps follow dual control); formula and figures are design choices.
    """
    if not rules.has(_BASE_YEAR) or year < rules.integer(_BASE_YEAR):
        return None
    years = trace.given(year - rules.integer(_BASE_YEAR), "year", zh="距基准年年数", en="years since the base year")
    one = trace.given(1, "", zh="一", en="one")
    growth = trace.total((one, rules.number(_GROWTH)), "", zh="年产出系数", en="output of a year over the year before")
    fall = trace.difference(one, rules.number(_FALL), "", zh="年强度系数", en="intensity over the year before")
    factors = (
        rules.number(_BASE),
        trace.power(growth, years, "", zh="产出指数", en="index of output"),
        trace.power(fall, years, "", zh="强度指数", en="index of intensity"),
    )
    city = trace.product(factors, "t", zh="强度目标下全市排放", en="emissions of the city by its intensity target")
    if rules.has(_LIMIT):
        both = (city, rules.number(_LIMIT))
        city = trace.smallest(both, "t", zh="两项目标中较小者", en="the smaller of both targets")
    share = rules.number(_COVERED)
    covered = trace.product((city, share), "t", zh="其中纳入配额管理单位的份额", en="share of covered companies in it")
    budget = trace.floor(covered, zh="双控预算", en="budget of dual control")
    cap = trace.given(cap_t, "t", zh="配额总量", en="cap")
    return Bridge(budget, trace.difference(budget, cap, "t", zh="余量", en="room"))
