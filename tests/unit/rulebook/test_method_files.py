"""The methods that ship are well formed and complete; a mistake in one is told with file, line and remedy."""

import re
from datetime import date
from pathlib import Path

import pytest
from tests.test_rulebook import SOURCES

from tonnebook import rulebook
from tonnebook.core.methods import Definition, SetStatus
from tonnebook.rulebook import loader, method_files, wording
from tonnebook.rulebook.reading import RuleFileError

REGIONS = ("national", "shanghai", "tianjin")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
GUIDES = (
    "power grid steel chemical aluminium magnesium flat_glass cement ceramics aviation oil_gas petrochemical coking "
    "coal paper nonferrous electronics machinery mining food_drink building road_transport fluorine_chemical "
    "other_industry"
)
METHOD = """
burning:
  title: {zh: "燃烧", en: "Burning"}
  kind: COMBUSTION
  unit: tCO2
  boundary: COMBUSTION
  inputs:
    fuel: {zh: "燃料", en: "Fuel", unit: "t", need: MEASURED}
    factor: {zh: "因子", en: "Factor", unit: "tCO2/t", need: CONSTANT, value: "3"}
  versions:
    "2020":
      years: "2020-2023"
      reference: {source: D00, article: "a choice"}
      status: scenario
      formula: "fuel * factor"
    "2024":
      years: "2024-"
      reference: {source: D00, article: "a choice"}
      status: scenario
      formula: "fuel * factor"
"""


def shipped() -> list[Definition]:
    found = (loader.methods_of(region).versions.values() for region in REGIONS)
    return list({id(one): one for region in found for versions in region for one in versions}.values())


def read(text: str, root: Path, name: str = "a.yaml") -> method_files.Methods:
    folder = root / method_files.FOLDER / "testland"
    folder.mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    method_files.own.cache_clear()
    return method_files.own("testland", root)


@pytest.mark.parametrize("region", REGIONS)
def test_the_methods_that_ship_have_no_problem(region: str) -> None:
    assert method_files.problems(loader.methods_of(region), loader.book(region).leaves) == []


def test_every_method_is_titled_in_both_languages_and_cites_a_listed_source() -> None:
    listed = dict(re.findall(r"^\| ([A-Z]\d\d) \|.*\| ([^|]+) \|$", SOURCES.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(shipped()) >= 50
    for one in shipped():
        words = [(one.zh, one.en), *((told.zh, told.en) for told in one.inputs)]
        assert all(CHINESE.search(zh) and en and not CHINESE.search(en) for zh, en in words), one.id
        assert one.origin.source in listed, one.id
        assert wording.has_chinese(one.origin.article), one.origin.article
        assert (one.origin.source == "D00") == (one.origin.status == "scenario"), one.id
        if one.origin.status == "enacted":
            assert listed[one.origin.source].startswith(("full", "part")), one.id


def test_the_24_guides_say_how_sure_they_are_and_what_is_missing() -> None:
    sets = {one.id: one for one in rulebook.sets("national")}
    assert set(sets) == set(GUIDES.split())
    for one in sets.values():
        assert one.methods
        assert one.status is SetStatus.ENACTED or one.gaps, one.id


def test_every_sector_of_a_local_market_has_a_guide_of_its_own() -> None:
    for region in ("shanghai", "tianjin"):
        at = rulebook.at(region, on=date(2026, 12, 31), year=2026)
        own = {sector for one in rulebook.sets(region) if one.region == region for sector in one.sectors}
        covered = {sector for sector in at.below("coverage.threshold_t")} if at.below("coverage.threshold_t") else set()
        assert covered - own <= {"steel", "power", "cement", "aluminium"}, covered - own


def test_a_changed_formula_changes_the_digest_of_the_rules(tmp_path: Path) -> None:
    before, after = (
        read(text, tmp_path / name).versions["burning"][0]
        for name, text in (("a", METHOD), ("b", METHOD.replace('"fuel * factor"', '"factor * fuel"')))
    )
    assert method_files.plain_of(before) != method_files.plain_of(after)


def test_a_region_computes_by_its_own_versions_and_inherits_the_others() -> None:
    national, shanghai = loader.methods_of("national").versions, loader.methods_of("shanghai").versions
    assert {one.region for one in shanghai["electricity"]} == {"shanghai"}
    assert shanghai["carbonate"] is national["carbonate"]


MISTAKES = [
    ('years: "2024-"', 'years: "2023-"', "overlap"),
    ('years: "2024-"', 'years: "later"', "years are written"),
    ("kind: COMBUSTION", "kind: METHOD", "one of the other kinds"),
    ("kind: COMBUSTION", "kind: MAGIC", "MAGIC"),
    ("  unit: tCO2\n", "", "unit is missing"),
    ("status: scenario", "status: certain", "certain"),
    ('value: "3"', "value: 3", "must stand in quotes"),
    (', value: "3"', "", "a constant has a value"),
    ("need: MEASURED}", 'need: DEFAULT, path: "mrv.x"}', "nothing that is measured"),
    ('formula: "fuel * factor"', 'formula: "exec(fuel)"', "only names"),
    ("      status: scenario\n", "      status: scenario\n      rounding: to_taste\n", "a rounding is"),
    ("      status: scenario\n", "      status: scenario\n      directions: {OUT: 2}\n", "1 or -1"),
    ("  unit: tCO2\n", "  unit: tCO2\n  colour: red\n", "unknown key colour"),
]


@pytest.mark.parametrize(("before", "after", "said"), MISTAKES)
def test_a_mistake_in_a_method_is_told_with_file_line_and_remedy(
    before: str, after: str, said: str, tmp_path: Path
) -> None:
    assert before in METHOD
    with pytest.raises(RuleFileError) as caught:
        read(METHOD.replace(before, after), tmp_path)
    problem = caught.value.problems[0]
    assert said in problem.en
    assert (problem.file, problem.line, problem.path) == ("methods/testland/a.yaml", 3, "burning")


def test_units_paths_and_sets_that_do_not_meet_are_found(tmp_path: Path) -> None:
    text = METHOD.replace('need: CONSTANT, value: "3"', 'need: FACTOR, path: "mrv.lost.{name}.factor"')
    found = read(text.replace("tCO2/t", "tCO2/GJ"), tmp_path)
    said = method_files.problems(found, {})
    assert any("gives t*tCO2/GJ, not tCO2" in one for one in said)
    assert any("no parameter mrv.lost.{name}.factor" in one for one in said)
    sets = '\nbakery:\n  title: {zh: "面包", en: "Bread"}\n  sectors: [bakery]\n  source: D00\n  status: missing\n'
    found = read(sets + "  methods: [baking]\n", tmp_path / "other", "sets.yaml")
    assert method_files.problems(found, {}) == ["testland/bakery: no method baking"]
