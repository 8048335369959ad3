"""How the determined emission (审定排放量) of a year came about: by report and verification, or in another way."""

from tonnebook.core import trace
from tonnebook.core.reporting import DeterminationSource
from tonnebook.core.trace import Traced


def explained(determined_t: int, *, reported: Traced | None, source: DeterminationSource, is_replaced: bool) -> Traced:
    """Explain a determined figure.

    Args:
        determined_t: the figure that counts now, tonnes.
        reported: the verified report's own total with its derivation, tonnes; None where there is no report.
        source: whether it came about here.
        is_replaced: whether a supplementary report or an objection has put it in the place of another.

    Returns:
        Whole tonnes: the report's total and what verification changed of it; else the figure as it was given.

    Source: S06 Art. 26, S29 ch. 2 (determined upon verification); the words: design choice.
    """
    if is_replaced:
        return trace.given(determined_t, "t", zh="重新审定的排放量", en="emission as determined again")
    if reported is None or source is DeterminationSource.IMPORTED:
        return trace.given(determined_t, "t", zh="接入的审定排放量", en="determined emission as taken over")
    change = trace.given(determined_t - reported.value, "t", zh="核查调整", en="changed by verification")
    return trace.total([reported, change], "t", zh="审定排放量", en="determined emission")
