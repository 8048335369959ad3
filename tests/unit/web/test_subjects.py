"""A stored number has a page and a command of its own, computes again to the same, and is shown to whom it concerns."""

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from rich.console import Console
from tests.unit.web.town import NOW, RED_RIVER, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.web import explaining

ALLOCATION = f"/explain/allocation/{RED_RIVER}:{YEAR}"


def printed(subject: str) -> tuple[int, str]:
    """What the command prints, and its exit code."""
    console = Console(file=io.StringIO(), width=400)
    code = explaining.run(subject, now=NOW, console=console)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


@pytest.mark.parametrize("kind", ["allocation", "obligation", "credit_limit", "coverage"])
def test_a_number_of_a_company_is_explained_and_computed_again(town: Town, kind: str) -> None:
    town.stage.first_batch()
    town.stage.determine()
    for language in ("en", "zh-hans"):
        answer = town.browser("red", language).get(f"/explain/{kind}/{RED_RIVER}:{YEAR}")
        assert answer.status_code == 200
        assert answer.context["subject"].is_same
    code, text = printed(f"{kind}:{RED_RIVER}:{YEAR}")
    assert code == 0
    assert "computed again, the same number" in text


def test_the_tree_of_the_command_names_the_parameter_and_its_article(town: Town) -> None:
    town.stage.first_batch()
    _, text = printed(f"allocation:{RED_RIVER}:{YEAR}")
    assert "allocation.control_coefficient.industry" in text
    assert "scenario" in text


@pytest.mark.parametrize(
    ("username", "status"), [("red", 200), ("zhou", 200), ("eye", 200), ("borough", 200), ("north", 404), ("", 404)]
)
def test_an_explanation_opens_to_whom_it_concerns(town: Town, username: str, status: int) -> None:
    town.stage.first_batch()
    assert town.browser(username).get(ALLOCATION).status_code == status


def test_a_district_officer_reads_the_numbers_of_the_own_district_alone(town: Town) -> None:
    town.stage.first_batch()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_organisation SET district = 'Baoshan' WHERE uscc = %s", [RED_RIVER])
    assert town.browser("borough").get(ALLOCATION).status_code == 404


@pytest.mark.parametrize(
    "subject", ["allocation:X:2026", "allocation:", "shoe:1", f"obligation:{RED_RIVER}:19", "report:R"]
)
def test_what_there_is_not_is_said_plainly(town: Town, subject: str) -> None:
    code, text = printed(subject)
    assert code == 2
    assert "Nothing is stored under" in text
    kind, _, key = subject.partition(":")
    if key:
        assert town.browser("zhou").get(f"/explain/{kind}/{key}").status_code == 404


def test_a_number_changed_after_it_was_computed_is_found(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.stage.first_batch()
    (row,) = compliance.allocation_of(RED_RIVER, YEAR)
    forged = replace(row, traces={"base": replace(row.traces["base"], value=Decimal(1))})
    monkeypatch.setattr(compliance, "allocation_of", lambda entity, year: (forged,))
    assert "comes out differently" in town.browser("red").get(ALLOCATION).content.decode()
    code, text = printed(f"allocation:{RED_RIVER}:{YEAR}")
    assert code == 1
    assert "≠ 1" in text
