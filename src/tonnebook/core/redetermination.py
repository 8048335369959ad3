"""A determined emission is replaced: when the authority may put another figure in the place of one that was final.

A supplementary report or a finding may show, in any later year, that a figure was wrong. The figure that was final
stays in the books; a new one stands beside it and counts from its day on. What it changes in the duty of the year is
worked out by `core.year_status`.
"""

from tonnebook.core.errors import Refusal, Refused, Sentence


class RedeterminationRefusal(Refusal):
    """Why a figure is not replaced, in order of precedence."""

    NOTHING_DETERMINED = Sentence(
        "{entity} 的 {year} 年度排放量尚未审定，不能重新审定。",
        "The emission of {entity} for {year} has not been determined; there is nothing to replace.",
        "design choice",
    )
    SAME_FIGURE = Sentence(
        "{entity} 的 {year} 年度审定量已是 {determined_t} 吨。",
        "The figure of {entity} for {year} is {determined_t} t already.",
        "design choice",
    )
    FIGURE_WRONG = Sentence(
        "审定量 {determined_t} 吨应不小于其中的直接排放 {direct_t} 吨，且两者都不小于零。",
        "A figure of {determined_t} t cannot hold {direct_t} t of direct emissions.",
        "design choice",
        status=422,
    )
    REASON_MISSING = Sentence(
        "请写明重新审定的理由和依据文件。",
        "Say why the figure is replaced, and by which paper.",
        "design choice",
        status=422,
    )


def check(
    entity: str, year: int, *, before_t: int | None, determined_t: int, direct_t: int, reason: str, evidence: str
) -> None:
    """Decide whether a determined figure may be replaced.

    Args:
        entity: unified social credit code.
        year: compliance year.
        before_t: the figure that counts now, tonnes; None when nothing was determined.
        determined_t: the new figure, tonnes.
        direct_t: direct emissions in it, tonnes.
        reason: in words.
        evidence: number of the supplementary report or of the paper with the finding.

    Raises:
        Refused: NOTHING_DETERMINED, SAME_FIGURE, FIGURE_WRONG or REASON_MISSING, the first that applies.

    Source: design choice, no legal source; S05 Art. 22 on what a wrong figure leads to.
    """
    if before_t is None:
        raise Refused(RedeterminationRefusal.NOTHING_DETERMINED, entity=entity, year=year)
    if before_t == determined_t:
        raise Refused(RedeterminationRefusal.SAME_FIGURE, entity=entity, year=year, determined_t=determined_t)
    if not 0 <= direct_t <= determined_t:
        raise Refused(RedeterminationRefusal.FIGURE_WRONG, determined_t=determined_t, direct_t=direct_t)
    if not reason.strip() or not evidence.strip():
        raise Refused(RedeterminationRefusal.REASON_MISSING)
