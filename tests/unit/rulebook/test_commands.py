"""The commands `rules show` and `rules check`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

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
