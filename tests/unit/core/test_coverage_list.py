"""The yearly list: what it does to whom, its digest, and what may be published or corrected."""

import pytest

from tonnebook.core import coverage_list
from tonnebook.core.coverage import CoverageDecision, Reason, Stage
from tonnebook.core.coverage_list import ListRefusal, Turn
from tonnebook.core.errors import Refused

OUT, REPORTING, MANAGED, ALLOWANCES = Stage
LINES = {"A": CoverageDecision(ALLOWANCES, Reason.ENTERED_BY_EMISSION, {"year": 2025})}
SECTORS = {"A": "industry"}


@pytest.mark.parametrize(
    ("before", "after", "does"),
    [
        (OUT, ALLOWANCES, Turn.ENTERS),
        (REPORTING, MANAGED, Turn.ENTERS),
        (ALLOWANCES, REPORTING, Turn.LEAVES),
        (MANAGED, OUT, Turn.LEAVES),
        (MANAGED, ALLOWANCES, Turn.CHANGES),
        (ALLOWANCES, ALLOWANCES, Turn.STAYS),
        (OUT, REPORTING, Turn.OUTSIDE),
        (REPORTING, REPORTING, Turn.OUTSIDE),
    ],
)
def test_a_list_lets_enter_leave_change_or_stay(before: Stage, after: Stage, does: Turn) -> None:
    assert coverage_list.turn(before, after) is does


def test_the_digest_covers_entity_sector_stage_and_reason() -> None:
    digest = coverage_list.digest_of(LINES, SECTORS)
    others = [
        coverage_list.digest_of({"B": LINES["A"]}, {"B": "industry"}),
        coverage_list.digest_of(LINES, {"A": "building"}),
        coverage_list.digest_of({"A": CoverageDecision(MANAGED, Reason.ENTERED_BY_EMISSION, {"year": 2025})}, SECTORS),
        coverage_list.digest_of({"A": CoverageDecision(ALLOWANCES, Reason.STAYS_ABOVE, {"year": 2025})}, SECTORS),
        coverage_list.digest_of({"A": CoverageDecision(ALLOWANCES, Reason.STAYS_ABOVE, {"year": 2024})}, SECTORS),
    ]
    assert len({digest, *others}) == 6
    assert coverage_list.digest_of(dict(LINES), dict(SECTORS)) == digest


def test_a_list_is_published_once_and_as_it_was_looked_at() -> None:
    place = {"region": "shanghai", "year": 2026}
    coverage_list.check_publication(**place, version=0, seen="a", digest="a")  # type: ignore[arg-type]
    with pytest.raises(Refused) as again:
        coverage_list.check_publication(**place, version=1, seen="b", digest="a")  # type: ignore[arg-type]
    assert again.value.code is ListRefusal.LIST_PUBLISHED
    with pytest.raises(Refused) as other:
        coverage_list.check_publication(**place, version=0, seen="b", digest="a")  # type: ignore[arg-type]
    assert other.value.code is ListRefusal.DRAFT_CHANGED


@pytest.mark.parametrize(
    ("before", "after", "ground", "code"),
    [
        (None, ALLOWANCES, "x", ListRefusal.NO_SUCH_LINE),
        (OUT, OUT, "", ListRefusal.LINE_UNCHANGED),
        (OUT, ALLOWANCES, " ", ListRefusal.GROUND_MISSING),
    ],
)
def test_a_correction_needs_a_line_another_stage_and_a_ground(
    before: Stage | None, after: Stage, ground: str, code: ListRefusal
) -> None:
    with pytest.raises(Refused) as refused:
        coverage_list.check_correction("A", 2026, before=before, after=after, ground=ground)
    assert refused.value.code is code
