"""What changed between two versions of a plan is told by section and line."""

from tonnebook.core import plan_versions
from tonnebook.core.plan_versions import Change


def test_a_changed_line_is_dropped_and_added_and_the_others_are_kept() -> None:
    (one,) = plan_versions.changes(
        {"sources": "gas\npower", "boundary": "x"}, {"sources": "gas\nheat", "boundary": "x"}
    )
    assert one.section == "sources"
    assert one.lines == ((Change.KEPT, "gas"), (Change.DROPPED, "power"), (Change.ADDED, "heat"))


def test_a_section_that_comes_or_goes_is_a_change() -> None:
    found = plan_versions.changes({"old": "a"}, {"new": "b"})
    assert [(one.section, one.lines[0]) for one in found] == [
        ("new", (Change.ADDED, "b")),
        ("old", (Change.DROPPED, "a")),
    ]
    assert plan_versions.changes({"a": "x"}, {"a": "x"}) == ()
