"""The commands of the rule book."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tonnebook import rulebook
from tonnebook.rulebook import check, commands

runner = CliRunner()


def _show(*arguments: str) -> tuple[int, str]:
    result = runner.invoke(commands.app, ["show", *arguments])
    return result.exit_code, result.output


def test_show_names_value_source_and_status_in_the_language_asked_for() -> None:
    asked = ("mrv.electricity.factor", "--region", "shanghai", "--on", "2026-06-30")
    code, chinese = _show(*asked)
    assert code == 0
    assert "取值: 0.42 tCO2/MWh" in chinese
    assert "来源: S27 · 沪环气〔2022〕34号" in chinese
    english = _show(*asked, "--lang", "en")[1]
    assert "status: enacted" in english
    assert "2013-01-01: 0.788 (S27, enacted)" in english


def test_show_takes_the_compliance_year_of_the_day_where_none_is_named() -> None:
    asked = ("coverage.threshold_t.shipping", "--on")
    assert "取值: 100000 t" in _show(*asked, "2025-12-31")[1]
    assert "取值: 80000 t" in _show(*asked, "2026-01-01")[1]
    assert "取值: 100000 t" in _show(*asked, "2026-01-01", "--year", "2025")[1]


def test_show_lists_everything_below_a_path() -> None:
    code, text = _show("penalty.surrender", "--region", "national", "--on", "2024-05-01")
    assert code == 0
    assert "penalty.surrender.price_multiple_max = 10 multiple (2024-05-01, S05, enacted)" in text
    assert "penalty.surrender.fine_max_yuan = —" in text


def test_show_lays_the_shipped_plan_over_when_asked() -> None:
    asked = ("allocation.cap_t", "--on", "2026-06-30", "--year", "2026", "--lang", "en")
    assert "no value in force" in _show(*asked)[1]
    assert "status: scenario" in _show(*asked, "--plan")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no.such", "--on", "2026-01-01"), "规则库（shanghai）中没有参数 no.such"),
        (("no.such", "--on", "2026-01-01", "--lang", "en"), "has no parameter no.such"),
        (("retention.years", "--region", "mars"), "no region “mars”"),
        (("retention.years", "--year", "1999", "--plan"), "no plan ships for shanghai 1999"),
    ],
)
def test_show_says_what_is_not_there_and_fails(arguments: tuple[str, ...], said: str) -> None:
    code, text = _show(*arguments)
    assert code == 1
    assert said in text


def test_show_refuses_a_broken_plan_with_its_line(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("allocation:\n  cap_t: 5\n", encoding="utf-8")
    code, text = _show("allocation.cap_t", "--overlay", str(plan))
    assert code == 1
    assert "overlay 1:2: allocation.cap_t" in text


def test_check_prints_one_line_per_region_and_passes() -> None:
    result = runner.invoke(commands.app, ["check"])
    assert result.exit_code == 0
    assert [line.split(":")[0] for line in result.output.splitlines()] == ["eu", "national", "shanghai", "tianjin"]


def test_check_fails_when_a_file_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "south").mkdir()
    (tmp_path / "south/region.yaml").write_text("name: 1\n", encoding="utf-8")
    found = check.reports(tmp_path)
    monkeypatch.setattr(check, "reports", lambda: found)
    result = runner.invoke(commands.app, ["check"])
    assert result.exit_code == 1
    assert "south/region.yaml:1" in result.output


def _run(*arguments: str) -> tuple[int, str]:
    result = runner.invoke(commands.app, list(arguments))
    return result.exit_code, result.output


def test_show_answers_in_json_with_the_status_of_each_value() -> None:
    code, text = _show("surrender.credit_limit_share", "--on", "2024-06-30", "--year", "2024", "--json")
    assert code == 0
    (rule,) = json.loads(text)["rules"]
    assert rule["in_force"]["status"] == "recalled"
    assert {value["status"] for value in rule["values"]} == {"enacted", "recalled"}


def test_diff_names_what_changed_from_what_to_what_and_how_sure_it_is() -> None:
    code, text = _run("diff", "shanghai@2025", "shanghai@2027", "--lang", "en")
    assert code == 0
    line = next(one for one in text.splitlines() if "coverage.threshold_t.shipping" in one)
    assert line.startswith("changed · ")
    assert line.endswith("100000 [S16, enacted] → 80000 [S01, enacted] t (-20.00%)")
    assert "变动" in _run("diff", "shanghai@2025", "shanghai@2027")[1]


def test_diff_answers_in_json() -> None:
    told = json.loads(_run("diff", "shanghai@2025", "shanghai@2027", "--json")[1])
    change = next(one for one in told["changes"] if one["path"] == "coverage.threshold_t.shipping")
    assert (change["kind"], change["relative"], change["after"]["status"]) == ("CHANGED", "-0.2000", "enacted")


def test_diff_lays_the_plans_that_ship_over_both_when_asked() -> None:
    assert "allocation.reserve_share" not in _run("diff", "shanghai@2024", "shanghai@2026")[1]
    told = json.loads(_run("diff", "shanghai@2025", "shanghai@2026", "--plan", "--json")[1])
    caps = [one for one in told["changes"] if one["path"] == "allocation.cap_t"]
    assert [one["kind"] for one in caps] == ["CHANGED"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("shanghai", "shanghai@2027"), "region@year"), (("mars@2025", "mars@2027"), "no region “mars”")],
)
def test_diff_says_what_it_does_not_know_and_fails(arguments: tuple[str, str], said: str) -> None:
    code, text = _run("diff", *arguments)
    assert code == 1
    assert said in text


def test_diff_of_a_state_with_itself_says_that_nothing_differs() -> None:
    assert _run("diff", "eu@2008", "eu@2008", "--lang", "en")[1] == "nothing differs\n"


def test_stale_lists_values_past_the_day_on_which_they_should_be_looked_up() -> None:
    assert _run("stale", "--on", "2026-11-22", "--lang", "en") == (0, "no value is overdue\n")
    code, text = _run("stale", "--region", "shanghai", "--on", "2027-03-01", "--lang", "en")
    assert code == 0
    assert "trading.tick_fen [2014-09-03] = 1 (S63, recalled) · last checked on 2026-11-20" in text
    told = json.loads(_run("stale", "--region", "shanghai", "--on", "2027-03-01", "--json")[1])
    assert len(told["overdue"]) == len(text.splitlines())
    assert _run("stale", "--region", "mars")[0] == 1


def test_digest_is_that_of_the_rules_that_results_name(tmp_path: Path) -> None:
    assert _run("digest", "shanghai") == (0, f"{rulebook.digest('shanghai')}\n")
    plan = tmp_path / "plan.yaml"
    plan.write_text(rulebook.overlay("shanghai", 2026), encoding="utf-8")
    assert _run("digest", "shanghai", "--overlay", str(plan))[1] != _run("digest", "shanghai")[1]
    assert _run("digest", "mars")[0] == 1
