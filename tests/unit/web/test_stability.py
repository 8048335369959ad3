"""Market stability on pages: everybody reads it, officers propose it, companies take part in it."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.unit.compliance import stage as stages
from tests.unit.web.test_subjects import explained
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.compliance import services
from tonnebook.compliance.models import Intervention
from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.market_stability.interventions import RequestState
from tonnebook.journal import trail
from tonnebook.journal.models import AuditEvent
from tonnebook.market.models import DayClose, Instrument
from tonnebook.members import queries as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

MONEY_FEN = 10**9
TODAY = periods.day_of(NOW)


def closed(change: str) -> None:
    """Eleven closes up to today, all alike but the last one."""
    instrument = Instrument.objects.get(code="SHEA")
    DayClose.objects.bulk_create(
        DayClose(
            instrument=instrument,
            day=TODAY - timedelta(days=back),
            close_fen_per_t=10_000 if back else 10_000 + int(10_000 * float(change)),
            volume_t=0,
            turnover_fen=0,
            trades=0,
            trace={},
        )
        for back in range(11)
    )
    services.record_due_findings(region=REGION, now=NOW)


def approve(town: Town) -> None:
    (waiting,) = members.open_approvals(REGION)
    form = {"decision": "approve", "digest": waiting.digest}
    assert town.browser("chen").post(f"/approvals/{waiting.number}", form).status_code == 302


def begun() -> str:
    """The window of the one intervention has begun; its number."""
    Intervention.objects.update(opens_at=NOW - timedelta(hours=1))
    (row,) = compliance.interventions(REGION)
    return row.number


def fund(entity: str) -> None:
    bank = accounts.system_account(REGION, AccountType.BANK)
    leg = Leg(bank, accounts.account_of(entity, AccountType.CLIENT_CASH), "CNY", MONEY_FEN)
    registry.post([registry.TransferDraft(TransferType.CASH_IN, (leg,), "P-1", subject=f"bank-{entity}")], now=NOW)


def proposed(officer: Client, *, quantity_t: int = 1_000) -> int:
    start = NOW.astimezone(periods.ZONE) + timedelta(hours=1)
    form = {"quantity_t": quantity_t, "opens_at": f"{start:%Y-%m-%dT%H:%M}", "year": YEAR}
    form["closes_at"] = f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}"
    return officer.post("/stability/propose", form).status_code


@pytest.fixture
def officer(town: Town) -> Client:
    if compliance.plan_of(REGION, YEAR) is None:
        town.stage.adopt()
    return town.browser("zhou")


def test_the_public_reads_findings_and_interventions_and_not_the_reserve(town: Town) -> None:
    closed("0.1")
    answer = town.browser(language="zh-hans").get("/stability")
    assert answer.status_code == 200
    assert "reserve" not in answer.context
    assert "平稳" in answer.content.decode()
    assert town.browser().get("/stability/SHEA-I001").status_code == 404
    (row,) = town.browser().get("/api/v1/stability/findings").json()
    assert (row["kind"], row["price_fen_per_t"]) == ("CALM", None)


def test_a_rise_leads_from_proposal_to_sale_and_settlement(town: Town, officer: Client) -> None:
    assert officer.post("/stability/set-aside", {"year": YEAR}).status_code == 302
    approve(town)
    assert sum(compliance.reserve(REGION).values()) > 0
    closed("0.3")
    page = officer.get(f"/stability?year={YEAR}")
    assert (page.context["is_set_aside"], page.context["actionable"].on) == (True, TODAY)
    assert proposed(officer) == 302
    approve(town)
    number = begun()
    shown = town.browser().get("/stability").content.decode()
    assert f'href="/explain/finding/{REGION}:{TODAY.isoformat()}"' in shown
    assert explained(town, "", "finding", f"{REGION}:{TODAY.isoformat()}") == 3
    assert explained(town, "", "intervention", number) == 1
    assert town.browser().get(f"/explain/finding/{REGION}:someday").status_code == 404
    assert officer.get(f"/stability?year={YEAR}").context.get("form") is None
    fund(NORTH_POWER)
    north = town.browser("north")
    address = f"/stability/{number}"
    assert north.get(address).context["form"] is not None
    refused = north.post(f"{address}/request", {"quantity_t": 201})
    assert (refused.status_code, "ABOVE_BUYER_LIMIT" in refused.content.decode()) == (409, True)
    assert north.post(f"{address}/request", {"quantity_t": ""}).status_code == 422
    for quantity_t in (5, 7):
        assert north.post(f"{address}/request", {"quantity_t": quantity_t}).status_code == 302
    first, second = compliance.requests_of(number)
    assert north.post(f"/stability/requests/{first.number}/withdraw").status_code == 302
    assert [one.number for one in officer.get(address).context["asked"]] == [first.number, second.number]
    looks = AuditEvent.objects.filter(outcome=trail.READ).order_by("-id")
    assert (looks[0].command, looks[0].facts["subject"], looks[0].facts["rows"]) == ("web:intervention", "requests", 2)
    assert town.browser("red").get(address).context["own"] == ()
    assert officer.post(f"{address}/settle").status_code == 409
    services.settle_due_interventions(region=REGION, now=NOW + timedelta(hours=3))
    assert [one.state for one in compliance.requests_of(number)] == [RequestState.WITHDRAWN, RequestState.SERVED]
    assert town.browser().get(address).status_code == 200
    (told,) = town.browser().get("/api/v1/stability/interventions").json()
    assert (told["number"], told["moved_t"]) == (number, 7)


def test_a_fall_leads_to_offers_at_most_at_the_price_of_the_finding(town: Town, officer: Client) -> None:
    closed("-0.3")
    assert proposed(officer, quantity_t=100) == 302
    approve(town)
    number = begun()
    town.stage.give(RED_RIVER, stages.OWN, 10)
    red, address = town.browser("red"), f"/stability/{number}/request"
    assert "offer" in red.get(f"/stability/{number}").content.decode().lower()
    for asset, price, code in (
        ("SHEA-2026", "97.01", "ABOVE_PRICE"),
        ("SHEA-2026-OWN", "97.00", "NOT_ACCEPTED"),
        ("SHEA-9999", "97.00", "ASSET_UNKNOWN"),
    ):
        answer = red.post(address, {"quantity_t": 1, "price": price, "asset": asset})
        assert code in answer.content.decode()
        assert answer.status_code in (404, 422)


def test_nothing_is_proposed_when_nothing_is_called_for(town: Town, officer: Client) -> None:
    closed("0.1")
    assert officer.get("/stability").context.get("form") is None
    assert proposed(officer) == 302
    assert members.open_approvals(REGION) == ()


def test_a_proposal_with_a_gap_keeps_what_was_typed(town: Town, officer: Client) -> None:
    closed("0.3")
    answer = officer.post("/stability/propose", {"quantity_t": 12, "opens_at": "", "closes_at": ""})
    assert answer.status_code == 422
    assert answer.context["form"]["quantity_t"].value() == "12"


def test_a_rise_leads_to_a_release_by_auction_that_everybody_can_check(town: Town, officer: Client) -> None:
    assert officer.post("/stability/set-aside", {"year": YEAR}).status_code == 302
    approve(town)
    closed("0.3")
    page = officer.get(f"/stability?year={YEAR}")
    limit_t = page.context["move_limit"].whole
    # Ten in a hundred are called for, twenty are the limit of one release.
    assert 0 < page.context["move_form"].initial["move_t"] < limit_t
    assert officer.post("/stability/move", {"move_t": "", "year": YEAR}).status_code == 422
    assert officer.post("/stability/move", {"move_t": limit_t, "year": YEAR}).status_code == 302
    approve(town)
    (row,) = compliance.reserve_moves(REGION)
    assert row.quantity_t == limit_t
    shown = town.browser().get("/stability").content.decode()
    assert (f'href="#{row.number}"' in shown, f'id="{row.number}"' in shown) == (True, True)
    assert explained(town, "", "intervention", row.number) == 1
    assert "move_form" not in officer.get(f"/stability?year={YEAR}").context
    assert officer.post("/stability/move", {"move_t": 1, "year": YEAR}).status_code == 302
    assert members.open_approvals(REGION) == ()
