"""Regions, inheritance, plans laid over files, digests, and what the check reports."""

from datetime import date
from pathlib import Path

import pytest

from tonnebook import rulebook
from tonnebook.core.rules import Status
from tonnebook.rulebook import check, loader
from tonnebook.rulebook.reading import RuleFileError

DAY = date(2026, 6, 30)


def _leaf(path: str, values: dict[str, str], unit: str = "share") -> str:
    rows = "".join(
        f'    {key}: {{value: "{value}", reference: {{source: D00, article: test}}, status: scenario,\n'
        f"      published_on: null, last_checked_on: 2026-11-20}}\n"
        for key, value in values.items()
    )
    return f"{path}:\n  description: {{zh: 参数, en: parameter}}\n  unit: {unit}\n  values:\n{rows}"


def _book(root: Path) -> Path:
    texts = {
        "north/region.yaml": _leaf("order", {"2013-01-01": "1"}, "count"),
        "north/surrender.yaml": _leaf("limit", {"2013-01-01": "0.05"}),
        "north/mrv.yaml": _leaf("factor", {"2013-01-01": "0.5"}) + _leaf("heat", {"2013-01-01": "0.11"}),
        "south/region.yaml": _leaf("order", {"2013-01-01": "2"}, "count")
        + _leaf("inherits", {"2013-01-01": "north"}, "word")
        + _leaf("inherited_topics", {"2013-01-01": "mrv"}, "words"),
        "south/mrv.power.yaml": _leaf("share", {"2013-01-01": "1"}),
        "south/mrv.yaml": _leaf("factor", {"2013-01-01": "0.4"}),
    }
    for name, text in texts.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def test_regions_stand_in_their_own_order() -> None:
    assert rulebook.regions() == ("national", "shanghai", "tianjin", "eu")


def test_region_inherits_only_named_topics_and_its_own_values_win(tmp_path: Path) -> None:
    leaves = loader.book("south", root=_book(tmp_path)).leaves
    assert leaves["mrv.factor"].values[0].value == "0.4"
    assert leaves["mrv.heat"].values[0].value == "0.11"
    assert "mrv.power.share" in leaves
    assert "surrender.limit" not in leaves


def test_unknown_region_is_named() -> None:
    with pytest.raises(LookupError, match="atlantis"):
        rulebook.at("atlantis", on=DAY)


def test_parameter_in_two_files_is_refused(tmp_path: Path) -> None:
    root = _book(tmp_path)
    (root / "south/mrv.power.yaml").write_text(_leaf("share", {"2013-01-01": "1"}), encoding="utf-8")
    (root / "south/mrv.yaml").write_text(_leaf("power.share", {"2013-01-01": "1"}), encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"south/mrv.yaml:2: mrv.power.share: another file"):
        loader.book("south", root=root)


def test_broken_file_stops_the_region_and_names_file_line_and_remedy(tmp_path: Path) -> None:
    root = _book(tmp_path)
    (root / "south/mrv.yaml").write_text(_leaf("factor", {"2013-01-01": "0,4"}), encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"south/mrv\.yaml:5: .*does not fit the unit") as caught:
        loader.book("south", root=root)
    assert "与单位" in str(caught.value)


def test_plan_replaces_values_of_its_year_and_leaves_others_alone() -> None:
    plan = _leaf("surrender.credit_limit_share", {"CY2023": "0.01"})
    before = rulebook.at("shanghai", on=DAY, year=2023)
    after = rulebook.at("shanghai", on=DAY, year=2023, overlays=[plan])
    path = "surrender.credit_limit_share"
    assert (str(before.decimal(path)), str(after.decimal(path))) == ("0.05", "0.01")
    assert str(rulebook.at("shanghai", on=DAY, year=2024, overlays=[plan]).decimal(path)) == "0.05"
    assert after.digest != before.digest


def test_later_plan_wins_and_may_add_a_parameter() -> None:
    plans = [_leaf("allocation.new_share", {"CY2026": value}) for value in ("0.1", "0.2")]
    assert str(rulebook.at("shanghai", on=DAY, year=2026, overlays=plans).decimal("allocation.new_share")) == "0.2"


def test_plan_that_dates_by_day_is_refused() -> None:
    with pytest.raises(RuleFileError, match="only give values by compliance year"):
        rulebook.at("shanghai", on=DAY, overlays=[_leaf("surrender.equivalence", {"2026-01-01": "2"}, "multiple")])


def test_plan_that_changes_a_unit_is_refused() -> None:
    with pytest.raises(RuleFileError, match="unit is “share”"):
        rulebook.at("shanghai", on=DAY, overlays=[_leaf("surrender.credit_limit_share", {"CY2026": "5"}, "t")])


def test_plan_that_is_not_well_formed_is_refused() -> None:
    with pytest.raises(RuleFileError, match="overlay 1:1: "):
        rulebook.at("shanghai", on=DAY, overlays=["- a\n- b\n"])


def test_missing_plan_is_named() -> None:
    with pytest.raises(LookupError, match="shanghai 1999"):
        rulebook.overlay("shanghai", 1999)


def test_digest_changes_with_any_field_of_any_value(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    text = (_book(first) / "south/mrv.yaml").read_text(encoding="utf-8")
    (_book(second) / "south/mrv.yaml").write_text(text.replace("article: test", "article: other"), encoding="utf-8")
    assert loader.book("south", root=first).digest != loader.book("south", root=second).digest
    assert loader.book("north", root=first).digest == loader.book("north", root=second).digest


def test_equal_questions_give_the_same_tree_and_its_digest() -> None:
    rules = rulebook.at("shanghai", on=DAY, year=2026)
    assert rulebook.at("shanghai", on=DAY, year=2026) is rules
    assert rulebook.digest("shanghai") == rules.digest


def test_tree_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        rulebook.at("shanghai", on=DAY).leaves["x"] = None  # type: ignore[index]


def test_check_counts_by_status_and_lists_every_problem(tmp_path: Path) -> None:
    root = _book(tmp_path)
    plans = root / loader.OVERLAYS
    plans.mkdir()
    (plans / "south-2026.yaml").write_text(_leaf("mrv.factor", {"CY2027": "1"}), encoding="utf-8")
    (root / "south/deadline.yaml").write_text(_leaf("plan_on", {"CY2026": "2026-02-28"}, "date"), encoding="utf-8")
    (root / "north/mrv.yaml").write_text("factor: 1\n", encoding="utf-8")
    north, south = check.reports(root)
    assert (north.region, [problem.line for problem in north.problems]) == ("north", [1])
    assert [problem.line for problem in south.problems] == [1]
    (root / "north/mrv.yaml").unlink()
    loader.own.cache_clear()
    loader.book.cache_clear()
    report = check.report("south", root)
    assert report.counts == {Status.SCENARIO: 6}
    assert report.plans == (2026,)
    assert ["values of CY2026" in report.problems[0].en, "no working day" in report.problems[1].en] == [True, True]
    assert str(report) == "south: 6 parameters (6 scenario); 0 methods; plans 2026; 2 problems"
