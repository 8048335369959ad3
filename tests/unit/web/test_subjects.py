"""A stored number has a page and a command of its own, computes again to the same, and is shown to whom it concerns."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from rich.console import Console
from tests.unit.compliance import stage as stages
from tests.unit.market.test_views import announce
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook import commands, rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services as compliance_services
from tonnebook.compliance.models import CarryOver
from tonnebook.core import carry_over, trace
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AssetKey, AssetKind
from tonnebook.web import explaining, subjects

ALLOCATION = f"/explain/allocation/{RED_RIVER}:{YEAR}"


def printed(subject: str) -> tuple[int, str]:
    """What the command prints, and its exit code."""
    console = Console(file=io.StringIO(), width=400)
    code = explaining.run(subject, now=NOW, console=console)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


def explained(town: Town, username: str, kind: str, key: str) -> int:
    """Read a figure by page, program and command, computed again each time; give how many numbers it has."""
    for language in ("en", "zh-hans"):
        answer = town.browser(username, language).get(f"/explain/{kind}/{key}")
        assert answer.status_code == 200
        assert answer.context["subject"].is_same
    told = town.browser(username or "lotus").get(f"/api/v1/explanations/{kind}/{key}").json()
    assert told["is_same"]
    for number in told["numbers"]:
        # The tree alone leads to the number, for whoever has nothing but the answer.
        assert trace.replay(trace.from_json(number["trace"])) == Decimal(number["value"]) == Decimal(number["again"])
    code, text = printed(f"{kind}:{key}")
    assert code == 0
    assert text.count("computed again, the same number") == len(told["numbers"])
    return len(told["numbers"])


def left(town: Town) -> None:
    """North Power has left for the national market, and the first part of its surplus has been converted."""
    stage, at = town.stage, datetime(YEAR, 12, 31, 4, tzinfo=UTC)
    stage.give(NORTH_POWER, AssetKey("SHEA-2024", AssetKind.ALLOWANCE, "SHEA", 2024, "FREE"), 100)
    compliance_services.record_departures(
        stages.ZHOU, region=REGION, national={NORTH_POWER: YEAR}, closed={}, key=stage.key(), now=at
    )
    asked: tuple[tuple[str, dict[str, Json]], ...] = (
        ("compliance.hand_over", {"region": REGION, "entity": NORTH_POWER}),
        ("compliance.run_transition", {"region": REGION, "on": at.date().isoformat()}),
    )
    for kind, payload in asked:
        approval = stage.approved(kind, payload, now=at)
        commands.execute(stages.ZHOU, approval=approval, key=stage.key(), now=at)


def carried() -> None:
    """Red River's old vintages were carried over by the formula of another market."""
    rules = rulebook.at("national", on=date(2026, 3, 27), year=2024)
    amount = carry_over.limited(carry_over.Dealings(20_000, 0, 100_000, is_on_time=True), rules)
    CarryOver(
        entity_id=RED_RIVER,
        region=REGION,
        year=2024,
        kept_t=0,
        returned_t=0,
        cancelled_t=0,
        converted_t=amount.whole,
        traces={"converted": trace.to_json(amount)},
        carried_at=NOW,
    ).save()


# Every figure of a region's year that has an explanation of its own, and who may read it here.
FIGURES = {
    "coverage": (f"{RED_RIVER}:{YEAR}", "red"),
    "allocation": (f"{RED_RIVER}:{YEAR}", "red"),
    "obligation": (f"{RED_RIVER}:{YEAR}", "red"),
    "credit_limit": (f"{RED_RIVER}:{YEAR}", "red"),
    "missing": (f"{RED_RIVER}:{YEAR}", "red"),
    "shortfall": (f"{RED_RIVER}:{YEAR}", "red"),
    "transition": (f"{NORTH_POWER}:{YEAR}", "north"),
    "carry_over": (f"{RED_RIVER}:2024", "red"),
    "total": (f"{REGION}:{YEAR}", "zhou"),
    "determination": (f"{RED_RIVER}:{YEAR}", "red"),
    "report": (f"ER-{YEAR}-{RED_RIVER}-1", "red"),
}


@pytest.mark.parametrize(("kind", "key", "username"), [(kind, *one) for kind, one in FIGURES.items()], ids=FIGURES)
def test_a_figure_is_explained_by_page_api_and_command_and_computed_again(
    town: Town, kind: str, key: str, username: str
) -> None:
    town.reported()
    town.stage.first_batch()
    town.stage.determine()
    left(town)
    carried()
    assert explained(town, username, kind, key) > 0


def test_the_status_of_the_year_shows_what_was_carried_over_and_leads_to_its_explanation(town: Town) -> None:
    carried()
    page = town.browser("red", "en").get(f"/entity/{RED_RIVER}/standing?year=2024").content.decode()
    assert "Carried over as the next vintage" in page
    assert "40,000" in page
    assert f'href="/explain/carry_over/{RED_RIVER}:2024"' in page
    other = town.browser("north", "en").get(f"/entity/{NORTH_POWER}/standing?year=2024").content.decode()
    assert "Carried over" not in other


def test_every_kind_of_figure_is_tried() -> None:
    # Those of auctions, headroom and market stability follow below; a penalty file, which needs a breach, is explained
    # in `test_standing`, footprints and inventories in `test_products`.
    elsewhere = {"penalty", "floor_price", "headroom", "finding", "intervention", "footprint", "inventory"}
    assert set(subjects.KINDS) == FIGURES.keys() | elsewhere


def test_the_floor_price_of_an_auction_is_explained_to_everybody(town: Town) -> None:
    assert explained(town, "", "floor_price", announce(town)) == 1


@pytest.mark.parametrize(
    ("username", "status"), [("zhou", 200), ("eye", 200), ("red", 404), ("borough", 404), ("", 401)]
)
def test_the_total_of_a_region_is_explained_to_its_keepers(town: Town, username: str, status: int) -> None:
    town.stage.first_batch()
    assert town.browser(username).get(f"/api/v1/explanations/total/{REGION}:{YEAR}").status_code == status
    if username:
        assert town.browser(username).get(f"/explain/total/{REGION}:{YEAR}").status_code == status


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
    "subject",
    [
        "allocation:X:2026",
        "allocation:",
        "total:mars:2026",
        f"transition:{RED_RIVER}:2026",
        "shoe:1",
        f"obligation:{RED_RIVER}:19",
        "report:R",
    ],
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
