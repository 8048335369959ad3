"""The command line tells what is wrong in a sentence."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tonnebook import cli


def test_a_database_that_cannot_be_reached_is_told_in_both_languages_without_a_traceback() -> None:
    away = {name: "postgresql://nobody@127.0.0.1:1/away" for name in os.environ if name.endswith("DATABASE_URL")}
    surroundings = {**os.environ, "TONNEBOOK_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/away", **away}
    command = [sys.executable, "-m", "tonnebook.cli", "audit"]
    ended = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "TONNEBOOK_DATABASE_URL" in ended.stderr
    assert "无法连接数据库" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("region", "year"), [("mars", "2026"), ("shanghai", "2031")])
def test_a_year_without_a_plan_is_told_in_a_sentence(region: str, year: str) -> None:
    ended = CliRunner().invoke(cli.app, ["year", "--region", region, "--year", year])
    assert ended.exit_code == 1
    assert f"no plan ships for {region} {year}" in ended.stderr
    assert f"没有随附{region} {year}年度的方案" in ended.stderr
