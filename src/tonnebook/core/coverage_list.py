"""The yearly coverage list (纳管名单): what it does to each entity, what two people approve, when a line is corrected.

A list is published once a year, as version 1; every correction is a new version that changes single lines and leaves
the others as they were. The digest covers every line with its reason, so that what is published is what was looked
at. The module does *not* decide who is covered (`core.coverage`) and does not store a list.
"""

from collections.abc import Mapping
from enum import StrEnum

from tonnebook.core import canonical
from tonnebook.core.coverage import COVERED, CoverageDecision, Stage
from tonnebook.core.errors import Refusal, Refused, Sentence


class ListRefusal(Refusal):
    """Why a coverage list is not published or corrected, in order of precedence."""

    LIST_PUBLISHED = Sentence(
        "{region} {year} 年度名单已公布（第 {version} 版）；如有变动请逐条更正。",
        "The list of {region} for {year} is published (version {version}); correct single lines instead.",
        "design choice",
    )
    DRAFT_CHANGED = Sentence(
        "名单草案在查看之后已有变化（现摘要 {digest}）；请重新查看并再次提交。",
        "The draft has changed since it was looked at (its digest is {digest} now); look again and propose it anew.",
        "design choice",
    )
    NO_SUCH_LINE = Sentence(
        "{year} 年度名单没有 {entity}。", "The list of {year} has no line of {entity}.", "design choice", status=404
    )
    LINE_UNCHANGED = Sentence(
        "{entity} 的 {year} 年度纳管阶段已是 {stage}。",
        "The stage of {entity} in {year} is {stage} already.",
        "design choice",
        status=422,
    )
    NOTED_BEFORE = Sentence(
        "{entity} 的这一事实此前已登记。",
        "This has been noted about {entity} before.",
        "design choice",
    )
    GROUND_MISSING = Sentence(
        "请写明更正名单的理由。", "Say in words why the list is corrected.", "design choice", status=422
    )


class ListGround(StrEnum):
    """Why there is a version of a list."""

    ANNUAL = "ANNUAL"
    CORRECTION = "CORRECTION"
    OBJECTION = "OBJECTION"
    IMPORT = "IMPORT"


class Turn(StrEnum):
    """What a list does to an entity, compared with the year before."""

    ENTERS = "ENTERS"
    LEAVES = "LEAVES"
    CHANGES = "CHANGES"
    STAYS = "STAYS"
    OUTSIDE = "OUTSIDE"


def turn(before: Stage, after: Stage) -> Turn:
    """Say what a list does to an entity.

    Args:
        before: stage of the year before; OUT when it was not looked at.
        after: stage now.

    Source: design choice, no legal source.

    Example:
        >>> turn(Stage.REPORTING, Stage.ALLOWANCES).value
        'ENTERS'
    """
    if before in COVERED and after in COVERED:
        return Turn.STAYS if before is after else Turn.CHANGES
    if after in COVERED:
        return Turn.ENTERS
    return Turn.LEAVES if before in COVERED else Turn.OUTSIDE


def digest_of(decisions: Mapping[str, CoverageDecision], sectors: Mapping[str, str]) -> str:
    """Give the digest of a list: entity, sector, stage and reason of every line, by code.

    Args:
        decisions: by entity.
        sectors: by entity.

    Returns:
        SHA-256, hex.

    Source: design choice, no legal source (invariant A13).
    """
    lines = [[uscc, sectors[uscc], one.stage, one.reason.name, one.en] for uscc, one in sorted(decisions.items())]
    return canonical.digest(lines)


def check_publication(*, region: str, year: int, version: int, seen: str, digest: str) -> None:
    """Let the list of a year be published once, and exactly as it was looked at.

    Args:
        region: region code.
        year: compliance year.
        version: of the list that stands; 0 before there is one.
        seen: digest of what two people approved.
        digest: of what the rules and figures give now.

    Raises:
        Refused: LIST_PUBLISHED, DRAFT_CHANGED.

    Source: design choice, no legal source (invariant A13).
    """
    if version:
        raise Refused(ListRefusal.LIST_PUBLISHED, region=region, year=year, version=version)
    if seen != digest:
        raise Refused(ListRefusal.DRAFT_CHANGED, digest=digest)


def check_correction(entity: str, year: int, *, before: Stage | None, after: Stage, ground: str) -> None:
    """Let a line of a published list be corrected.

    Args:
        entity: unified social credit code.
        year: compliance year.
        before: stage on the list that stands, None when it has no such line.
        after: the new stage.
        ground: why, in words.

    Raises:
        Refused: NO_SUCH_LINE, LINE_UNCHANGED, GROUND_MISSING.

    Source: design choice, no legal source.
    """
    if before is None:
        raise Refused(ListRefusal.NO_SUCH_LINE, entity=entity, year=year)
    if before is after:
        raise Refused(ListRefusal.LINE_UNCHANGED, entity=entity, year=year, stage=after.value)
    if not ground.strip():
        raise Refused(ListRefusal.GROUND_MISSING)
