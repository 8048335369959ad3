"""Two people exempt a holder from the largest holding until a day; one ends it; the authority reads who is exempt."""

from dataclasses import replace
from datetime import date

import pytest
from pytest_django.fixtures import Settings
from tests.market_stage import MONDAY, REGION, Stage
from tests.unit.market.test_busts import approved, refused
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, Town

from tonnebook.core import standing as core
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.canonical import Json
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.standing import HoldingLimits, Position, use
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.market.services import standing
from tonnebook.members.models import Approval

LIMITS = HoldingLimits(100, 1_000, 100, 200, 300, 50)
UNTIL = date(2026, 6, 30)


@pytest.fixture
def limited(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A region whose investors hold 50 t at most."""
    monkeypatch.setattr(core, "read", lambda rules: LIMITS)
    stage.issue("North Power", 1_000)
    stage.fund("Lotus Capital", 100_000_000)
    stage.order("North Power", Side.SELL, 7500, 500)
    return stage


def exempt(stage: Stage, name: str, limit_t: int, until_on: date = UNTIL) -> Answer:
    told: dict[str, Json] = {"organisation": stage.cast[name].organisation, "limit_t": limit_t, "reason": "做市"}
    return market.exempt_holder(
        stage.cast["Exchange"],
        organisation=stage.cast[name].organisation,
        limit_t=limit_t,
        until_on=until_on,
        reason="做市",
        approval=approved(stage, "market.exempt_holder", told | {"until_on": until_on.isoformat()}),
        key=stage.key(),
        now=stage.now,
    )


def end(stage: Stage, exemption: str) -> Answer:
    return market.end_exemption(stage.cast["Exchange"], exemption=exemption, key=stage.key(), now=stage.now)


def test_who_is_exempt_buys_up_to_the_larger_holding_until_it_is_ended(limited: Stage) -> None:
    refused(MarketRefusal.ABOVE_HOLDING_LIMIT, lambda: limited.order("Lotus Capital", Side.BUY, 7500, 60))
    number = str(exempt(limited, "Lotus Capital", 80)["exemption"])
    limited.order("Lotus Capital", Side.BUY, 7500, 60)
    refused(MarketRefusal.ABOVE_HOLDING_LIMIT, lambda: limited.order("Lotus Capital", Side.BUY, 7500, 21))
    (row,) = queries.exemptions(REGION)
    assert (row.limit_t, row.ordinary_t, row.is_in_force(UNTIL), row.is_in_force(date(2026, 7, 1))) == (
        80,
        50,
        True,
        False,
    )
    assert (row.granted_by, row.approved_by) == (limited.cast["Exchange"].person, "P-999999-99")
    end(limited, number)
    refused(MarketRefusal.ABOVE_HOLDING_LIMIT, lambda: limited.order("Lotus Capital", Side.BUY, 7500, 1))
    refused(SupervisionRefusal.NO_SUCH_EXEMPTION, lambda: end(limited, number))
    assert limited.units("Lotus Capital") == (60, 0)


def test_an_exemption_ends_with_its_last_day(limited: Stage) -> None:
    exempt(limited, "Lotus Capital", 80, MONDAY)
    told = standing.standings(REGION, [limited.cast["Lotus Capital"].organisation], now=limited.now)
    assert [one.headroom_t for one in told.values()] == [80]
    limited.now = limited.now.replace(day=3)
    told = standing.standings(REGION, [limited.cast["Lotus Capital"].organisation], now=limited.now)
    assert [one.headroom_t for one in told.values()] == [50]


def test_what_one_of_a_group_is_exempt_to_hold_the_group_may() -> None:
    assert use(LIMITS, [Position(exempt_t=500), Position(held_t={2026: 30})]).headroom_t == 470
    assert use(LIMITS, [Position(exempt_t=10)]).limit_t == 50


def test_an_exemption_that_changes_nothing_is_refused(limited: Stage) -> None:
    refused(SupervisionRefusal.EXEMPTION_NOT_ABOVE, lambda: exempt(limited, "Lotus Capital", 50))
    refused(SupervisionRefusal.EXEMPTION_OVER, lambda: exempt(limited, "Lotus Capital", 80, date(2026, 3, 1)))
    exempt(limited, "Lotus Capital", 80)
    refused(SupervisionRefusal.EXEMPT_ALREADY, lambda: exempt(limited, "Lotus Capital", 90))
    limited.cast["Exchange"] = replace(limited.cast["Exchange"], region="tianjin")
    refused(SupervisionRefusal.NO_SUCH_EXEMPTION, lambda: end(limited, queries.exemptions(REGION)[0].number))
    limited.cast["Exchange"] = limited.cast["North Power"]
    refused(AccessRefusal.NOT_PERMITTED, lambda: end(limited, queries.exemptions(REGION)[0].number))


def test_where_nothing_is_limited_nobody_is_exempt(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "read", lambda rules: None)
    refused(SupervisionRefusal.NO_HOLDING_LIMIT, lambda: exempt(stage, "Lotus Capital", 80))


PAGE = "/market/holders"


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_exchange_proposes_and_the_authority_reads(
    town: Town, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "read", lambda rules: LIMITS)
    browser, until_on = town.browser("bell", language), journal.now().date().replace(month=12)
    sent = {"organisation": RED_RIVER, "limit_t": "1", "until_on": until_on.isoformat(), "reason": "做市"}
    low = browser.post(f"{PAGE}/exempt", sent)
    assert low.status_code == 422
    assert "EXEMPTION_NOT_ABOVE" in low.content.decode()
    assert browser.post(f"{PAGE}/exempt", {**sent, "limit_t": ""}).status_code == 422
    assert browser.post(f"{PAGE}/exempt", {**sent, "limit_t": "5000"}).status_code == 302
    assert Approval.objects.get(kind="market.exempt_holder").payload["limit_t"] == 5000
    models.Exemption.objects.create(
        number="EX-000001-99",
        region=REGION,
        organisation=RED_RIVER,
        limit_t=5000,
        ordinary_t=100,
        reason="做市",
        until_on=until_on,
        granted_by="P-1",
        approved_by="P-2",
        granted_at=journal.now(),
    )
    officer = town.browser("zhou", language)
    assert "EX-000001-99" in officer.get(PAGE).content.decode()
    assert f"{PAGE}/EX-000001-99/end" not in officer.get(PAGE).content.decode()
    assert officer.post(f"{PAGE}/EX-000001-99/end").status_code == 403
    assert browser.post(f"{PAGE}/EX-000001-99/end").status_code == 302
    assert models.Exemption.objects.get().ended_at is not None
