"""A program that falls silent has its orders withdrawn; one that is heard, or never asked for it, keeps them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from tests.market_stage import FREE, MONDAY, REGION, Stage
from tests.unit.market.test_orders import refused

from tonnebook.core.book import CommandKind, Instruction, OrderState, Side
from tonnebook.core.watches import WatchRefusal
from tonnebook.journal import services as journal
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.market.services import leases, watches
from tonnebook.market.services.leases import Lease

NAME = "North Power"


@pytest.fixture
def lease(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lease]:
    """An engine holds the market, and North Power has units to sell."""
    monkeypatch.setattr(leases, "EXPIRY", timedelta(hours=1))
    stage.issue(NAME, 1_000)
    found = leases.take(REGION, "first")
    yield found
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")


def watch(stage: Stage, *, silence_ms: int = 60_000) -> None:
    market.keep_watch(stage.cast[NAME], region=REGION, silence_ms=silence_ms)


def fall_silent() -> None:
    models.Watch.objects.update(until_at=journal.real_now())


def colleague(stage: Stage) -> str:
    """Somebody else of the same organisation, under a name of their own."""
    stage.cast["colleague"] = replace(stage.cast[NAME], person="P-000099-00")
    return "colleague"


def states() -> list[str]:
    return list(models.Order.objects.order_by("id").values_list("state", flat=True))


def test_orders_of_who_falls_silent_are_withdrawn_and_those_of_colleagues_stay(stage: Stage, lease: Lease) -> None:
    stage.order(NAME, Side.SELL, 7500, 100)
    stage.order(NAME, Side.SELL, 7600, 50)
    stage.order(colleague(stage), Side.SELL, 7500, 70)
    watch(stage)
    fall_silent()
    assert watches.withdraw_unheard(lease, now=stage.now) == 2
    assert states() == [OrderState.CANCELLED, OrderState.CANCELLED, OrderState.OPEN]
    assert stage.units(NAME) == (1_000, 70)
    assert not models.Watch.objects.exists()
    assert watches.withdraw_unheard(lease, now=stage.now) == 0


def test_a_sign_of_life_lasts_and_no_watch_withdraws_nothing(stage: Stage, lease: Lease) -> None:
    stage.order(NAME, Side.SELL, 7500, 100)
    assert watches.seconds_left(REGION) is None
    watch(stage, silence_ms=200)
    fall_silent()
    assert (left_s := watches.seconds_left(REGION)) is not None
    assert left_s <= 0
    watch(stage)
    assert (left_s := watches.seconds_left(REGION)) is not None
    assert left_s > 1
    assert watches.withdraw_unheard(lease, now=stage.now) == 0
    assert market.end_watch(stage.cast[NAME], region=REGION) == {"was_watched": True}
    assert market.end_watch(stage.cast[NAME], region=REGION) == {"was_watched": False}
    assert states() == [OrderState.OPEN]


def test_what_a_silent_program_sent_and_still_waits_is_dropped(stage: Stage, lease: Lease) -> None:
    at = {"side": Side.SELL, "price_fen_per_t": 7500, "quantity_t": 100}
    total_fen = queries.total_fen("SHEA", on=MONDAY, **at).whole  # type: ignore[arg-type]
    told = Instruction(CommandKind.PLACE, "SHEA", shown_total_fen=total_fen, asset=FREE.code, **at)  # type: ignore[arg-type]
    sent = market.send_orders(stage.cast[NAME], region=REGION, told=[told], key=stage.key(), now=stage.now)
    watch(stage)
    fall_silent()
    watches.withdraw_unheard(lease, now=stage.now)
    refused(WatchRefusal.FELL_SILENT, lambda: market.only_answer(market.outcome(sent)))
    assert states() == []


def test_a_watch_needs_an_engine_and_a_silence_that_fits(stage: Stage) -> None:
    refused(WatchRefusal.NOBODY_WATCHES, lambda: watch(stage))
    refused(WatchRefusal.SILENCE_UNFIT, lambda: watch(stage, silence_ms=199))
    refused(WatchRefusal.SILENCE_UNFIT, lambda: watch(stage, silence_ms=60_001))


def test_what_a_member_has_in_the_books_for_a_client_is_withdrawn_too(stage: Stage, lease: Lease) -> None:
    """The same person, with the reach of the client: what a member sends for a client is stored like this."""
    stage.issue("Red River Steel", 100)
    stage.cast["for a client"] = replace(stage.cast["Red River Steel"], person=stage.cast[NAME].person)
    stage.order("for a client", Side.SELL, 7500, 60)
    stage.order("Red River Steel", Side.SELL, 7500, 40)
    watch(stage)
    fall_silent()
    assert watches.withdraw_unheard(lease, now=stage.now) == 1
    assert states() == [OrderState.CANCELLED, OrderState.OPEN]
