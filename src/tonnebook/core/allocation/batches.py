"""The two batches of a year (两批次): an advance on last year's emission, then the true-up (多退少补)."""

from dataclasses import dataclass

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What the second batch does to one entity.

    Attributes:
        difference: annual free allowance less what the first batch issued; negative means recall.
        issue_t: tonnes to issue, >= 0.
        recall_t: tonnes to take back now from what is free, >= 0.
        recall_outstanding_t: tonnes that were to be taken back and are no longer there; added to the obligation.
    """

    difference: Traced
    issue_t: int
    recall_t: int
    recall_outstanding_t: int


def first_batch(last_emission_t: int, rules: RulesAt) -> Traced:
    """Compute the first batch of an entity: a share of last year's determined emission, rounded down.

    Args:
        last_emission_t: determined emission of the year before, tonnes.
        rules: rules of the compliance year.

    Returns:
        Whole tonnes. Source: S02 item 4 (Tianjin, at least 70 %); S07 and S08 (national, rounded down).

    Example:
        70 % of 1,000 t last year gives 700 t.
    """
    emission = trace.given(last_emission_t, "t", zh="上一年核定排放量", en="determined emission of the year before")
    share = rules.number("allocation.first_batch_share")
    exact = trace.product([share, emission], "t", zh="预分配比例×上年排放量", en="share × emission of last year")
    return trace.floor(exact, zh="第一批次配额（舍去小数）", en="first batch, rounded down")


def true_up(free: Traced, *, issued_t: int, held_free_t: int) -> TrueUp:
    """Settle the annual free allowance against the first batch.

    Args:
        free: annual free allowance, whole tonnes.
        issued_t: what the first batch issued, tonnes.
        held_free_t: allowances of the same year that the entity holds free or that are kept back, tonnes; a recall
            takes no more.

    Returns:
        What to issue or recall; what cannot be recalled stays owed and never makes a balance negative.

    Source: S02 item 4 (多退少补); owing what is gone: design choice, no legal source.
    """
    issued = trace.given(issued_t, "t", zh="第一批次已发放", en="issued in the first batch")
    difference = trace.difference(free, issued, "t", zh="多退少补差额", en="true-up")
    owed = max(0, -difference.whole)
    recalled = min(owed, max(0, held_free_t))
    return TrueUp(difference, max(0, difference.whole), recalled, owed - recalled)


def to_come_t(*, last_free_t: int, issued_t: int) -> int:
    """Estimate what the second batch will bring while it is not computed: as much as last year in all.

    Args:
        last_free_t: free allowance of the year before, tonnes; 0 without one.
        issued_t: issued for this year so far, tonnes.

    Returns:
        Tonnes, >= 0; for an early warning only, never for an issue.

    Source: design choice, no legal source.
    """
    return max(0, last_free_t - issued_t)


def band(allowance: Traced, emission_t: int, rules: RulesAt) -> Traced:
    """Keep an allowance within the band around the emission, so that surplus and gap stay within the share.

    Args:
        allowance: tonnes.
        emission_t: determined emission of the compliance year, tonnes.
        rules: rules of the compliance year; `allocation.gap_band_share` is the half-width.

    Returns:
        `min(max(A, (1 − s)·E), (1 + s)·E)`; the lower end rounds up and the upper end down, so neither is exceeded.

    Source: S02 item 5.
    """
    share = rules.number("allocation.gap_band_share")
    one = trace.given(1, "", zh="一", en="one")
    emission = trace.given(emission_t, "t", zh="履约排放量", en="compliance emission")
    low = trace.product(
        [emission, trace.difference(one, share, "", zh="1－比例", en="1 − share")],
        "t",
        zh="下限",
        en="lower end",
    )
    high = trace.product(
        [emission, trace.total([one, share], "", zh="1＋比例", en="1 + share")], "t", zh="上限", en="upper end"
    )
    lower = trace.ceil(low, zh="缺口上限对应的配额（进一）", en="allowance at the largest gap, rounded up")
    upper = trace.floor(high, zh="盈余上限对应的配额（舍去）", en="allowance at the largest surplus, rounded down")
    raised = trace.largest([allowance, lower], "t", zh="不低于下限", en="not below the lower end")
    return trace.smallest([raised, upper], "t", zh="盈缺幅度限制后的配额", en="allowance within the band")
