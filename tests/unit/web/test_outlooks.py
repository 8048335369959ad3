"""Early warning on pages and through the API: drivers, units at risk, tasks; for a company and for the authority."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import AFTER_DEADLINE
from tests.unit.web.program import program_of, told
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, YEAR, Town

from tonnebook.compliance import queries
from tonnebook.core.api_keys import Scope
from tonnebook.core.early_warning import NEEDS, Driver
from tonnebook.core.ledger import HoldReason
from tonnebook.core.periods import day_of
from tonnebook.core.shortfall import Way
from tonnebook.journal import services as journal
from tonnebook.market import services as markets
from tonnebook.members import queries as members
from tonnebook.members.models import Organisation
from tonnebook.registry import services as registry

ADDRESS = f"/entity/{RED_RIVER}/outlook?year={YEAR}"


@pytest.fixture
def short(town: Town) -> Town:
    """Red River owes 110,000 t and holds 70,000 t, of which 5,000 t are pledged."""
    town.stage.first_batch()
    town.stage.determine()
    account, reason = town.stage.accounts[RED_RIVER], HoldReason.PLEDGE
    pledge = registry.HoldDraft(account, "SHEA-2026", 5_000, reason, "LOAN-1", owner="BANK")
    with transaction.atomic():
        registry.place_holds([pledge], now=NOW)
    return town


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Early warning", "as determined", "allowances of the year", "as a pledge", "allocated free")),
        ("zh-hans", ("缺口预警", "审定值", "本年度配额", "质押", "免费分配")),
    ],
)
def test_a_company_sees_what_its_shortfall_is_made_of(short: Town, language: str, words: tuple[str, ...]) -> None:
    page = short.browser("red", language).get(ADDRESS).content.decode()
    assert all(word in page for word in words)
    assert "45,000" in page


def test_a_district_is_warned_of_its_own_companies_alone(short: Town) -> None:
    Organisation.objects.filter(uscc=NORTH_POWER).update(district="another")
    page = short.browser("borough", "en").get(f"/outlooks?year={YEAR}")
    assert [row.entity for row in page.context["page"].rows] == [RED_RIVER]
    assert page.context["shortfall_t"] == 45_000
    assert f'href="/entity/{RED_RIVER}?year={YEAR}"' in page.content.decode()
    assert NORTH_POWER not in short.browser("borough").get(f"/outlooks?year={YEAR}&form=csv").content.decode()


def test_the_authority_sees_the_largest_shortfall_first_and_the_sectors_in_sums(short: Town) -> None:
    rows = queries.outlooks("shanghai", YEAR, day_of(NOW))
    assert [(row.entity, row.position.gap_t, row.at_risk.total_t) for row in rows] == [
        (RED_RIVER, 45_000, 5_000),
        (NORTH_POWER, 5_000, 0),
    ]
    assert {one.sector: (one.entities, one.short, one.shortfall_t) for one in queries.by_sector(rows)} == {
        "industry": (1, 1, 45_000),
        "building": (1, 1, 5_000),
    }
    page = short.browser("zhou", "en").get(f"/outlooks?year={YEAR}").content.decode()
    assert "Entities at risk" in page
    assert "50,000" in page


def test_the_shortfall_of_a_region_is_told_by_what_it_is_made_of_to_the_tonne(short: Town) -> None:
    rows = queries.outlooks("shanghai", YEAR, day_of(NOW))
    drivers = dict(queries.drivers_of_shortfall(rows))
    due_t = sum(quantity_t for driver, quantity_t in drivers.items() if driver in NEEDS)
    assert due_t - sum(quantity_t for driver, quantity_t in drivers.items() if driver not in NEEDS) == 50_000
    assert drivers[Driver.EMISSION] == 150_000
    officer = short.browser("zhou", "en")
    shown = officer.get(f"/outlooks?year={YEAR}").context
    assert [bar.is_marked for bar in shown["driver_bars"].bars] == [True, False]
    # One sector alone: its companies, its sums.
    narrowed = officer.get(f"/outlooks?year={YEAR}&sector=industry").context
    assert ([row.entity for row in narrowed["page"].rows], narrowed["shortfall_t"]) == ([RED_RIVER], 45_000)
    file = officer.get(f"/outlooks?year={YEAR}&sector=industry&form=csv").content.decode()
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == [RED_RIVER]


def test_who_is_not_short_is_no_part_of_what_the_shortfall_is_made_of(short: Town) -> None:
    short.stage.give(NORTH_POWER, stages.OWN, 50_000)
    rows = queries.outlooks("shanghai", YEAR, day_of(NOW))
    assert dict(queries.drivers_of_shortfall(rows))[Driver.EMISSION] == 110_000


def test_without_any_figure_nothing_is_promised(town: Town) -> None:
    page = town.browser("red", "en").get(f"/entity/{RED_RIVER}/outlook?year={YEAR + 1}").content.decode()
    assert "nothing can be expected so far" in page
    assert "covers the year" not in page


def test_the_authoritys_list_takes_as_many_queries_whatever_its_length(short: Town) -> None:
    def taken(usccs: list[str]) -> int:
        with CaptureQueriesContext(connection) as queries_made:
            places = queries.positions(usccs, region="shanghai", year=YEAR, today=day_of(NOW))
            queries.units_at_risk(places)
        return len(queries_made)

    assert taken([RED_RIVER]) == taken([RED_RIVER, NORTH_POWER])


def test_the_api_tells_a_company_its_outlook_and_its_tasks(short: Town) -> None:
    browser = short.browser("red")
    told = browser.get(f"/api/v1/outlook?year={YEAR}").json()
    assert (told["basis"], told["expected_emission_t"], told["shortfall_t"]) == ("DETERMINED", 110_000, 45_000)
    assert told["at_risk"] == [{"reason": "PLEDGE", "quantity_t": 5_000}]
    assert {one["driver"]: one["quantity_t"] for one in told["drivers"]}["OF_THE_YEAR"] == 65_000
    tasks = {one["task"]: one["state"] for one in browser.get(f"/api/v1/tasks?year={YEAR}").json()}
    assert tasks["SURRENDER"] == "OPEN"
    listed = short.browser("zhou").get(f"/api/v1/outlooks?year={YEAR}&size=1").json()
    assert (listed["count"], [one["entity"] for one in listed["rows"]]) == (2, [RED_RIVER])


def test_the_home_of_both_leads_there(short: Town) -> None:
    assert ADDRESS in short.browser("red").get(f"/?year={YEAR}").content.decode()
    assert f"/outlooks?year={YEAR}" in short.browser("zhou").get(f"/?year={YEAR}").content.decode()


def test_an_officer_sees_what_would_be_taken_by_force_and_proposes_exactly_that(short: Town) -> None:
    address = f"/entity/{RED_RIVER}/forced?year={YEAR}"
    journal.set_clock(at=AFTER_DEADLINE)
    officer = short.browser("zhou", "en")
    page = officer.get(address).content.decode()
    assert "65,000" in page
    assert officer.post(address, {"key": "a-forced-surrender"}).status_code == 302
    (row,) = members.open_approvals("shanghai")
    assert (row.kind, row.payload["quantity_t"]) == ("compliance.force_surrender", 65_000)


def test_before_the_last_day_is_over_the_page_says_why_nothing_is_taken(short: Town) -> None:
    address = f"/entity/{RED_RIVER}/forced?year={YEAR}"
    officer = short.browser("zhou", "en")
    assert "nothing is taken by force before that day is over" in officer.get(address).content.decode()
    assert officer.post(address, {"key": "a-forced-surrender"}).status_code == 409
    assert members.open_approvals("shanghai") == ()


def test_a_company_sees_what_closing_the_gap_would_cost(short: Town) -> None:
    page = short.browser("red").get(ADDRESS).content.decode()
    assert all(word in page for word in ("buy on the market now", "credits, up to their limit"))
    assert "next paid auction" not in page
    place = queries.position(RED_RIVER, YEAR, day_of(NOW))
    # The fine of Shanghai's measures of 2025 was not read, so none is named.
    market, by_credits = queries.ways_to_close(place, "shanghai", now=NOW)
    assert (market.covered_t, market.cost.whole) == (45_000, 45_000 * 7400 + 266_400)
    assert (by_credits.subject, by_credits.covered_t) == ("SHCER", place.outlook.credit_room_t)
    answer = program_of(short, "red", Scope.READ_ACCOUNTS).get("/outlook/ways", f"year={YEAR}")
    assert [row["way"] for row in told(answer)] == ["MARKET", "CREDITS"]


def test_the_fine_stands_beside_the_ways_where_its_rule_is_known(short: Town) -> None:
    place = queries.position(RED_RIVER, YEAR, day_of(NOW))
    bell = short.actor("bell")
    markets.open_instruments(bell, region="national", key=short.stage.key(), now=NOW)
    *_, fine = queries.ways_to_close(place, "national", now=NOW.replace(year=YEAR))
    assert fine.way is Way.FINE
    assert fine.most is not None
    assert 0 < fine.cost.whole < fine.most.whole


def test_who_is_not_short_is_told_of_no_way(short: Town) -> None:
    short.stage.give(RED_RIVER, stages.OWN, 50_000)
    assert queries.ways_to_close(queries.position(RED_RIVER, YEAR, day_of(NOW)), "shanghai", now=NOW) == ()
