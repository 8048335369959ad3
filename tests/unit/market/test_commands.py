"""What members send is kept, carried out in order by who holds the market, and answered instruction by instruction."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from tests.market_stage import FREE, MONDAY, REGION, Stage
from tests.unit.market.test_orders import refused

from tonnebook.core import canonical, throttle
from tonnebook.core.book import CommandKind, Instruction, MarketRefusal, OrderType, Side, instructions
from tonnebook.core.errors import Fault, Refused
from tonnebook.core.ledger import AccountType, HoldReason, LedgerRefusal
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.market.services import commands, gate, leases, step
from tonnebook.market.services.kept import KeptBooks
from tonnebook.market.services.leases import Lease
from tonnebook.market.services.live import LiveTrade
from tonnebook.registry import services as registry
from tonnebook_audit import batches
from tonnebook_audit import market as auditor
from tonnebook_audit.report import AuditReport

BUY, SELL = Side.BUY, Side.SELL
PLACE, AMEND, CANCEL = CommandKind.PLACE, CommandKind.AMEND, CommandKind.CANCEL


@pytest.fixture
def traders(stage: Stage) -> Stage:
    """North Power and East Chemicals are long, Red River Steel and East Chemicals have money."""
    for name in ("North Power", "East Chemicals"):
        stage.issue(name, 100_000)
    for name in ("Red River Steel", "East Chemicals"):
        stage.fund(name, 1_000_000_000)
    return stage


@pytest.fixture
def lease(traders: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lease]:
    """An engine holds the market, however slow the machine is."""
    monkeypatch.setattr(leases, "EXPIRY", timedelta(hours=1))
    found = leases.take(REGION, "first")
    yield found
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")


def place(side: Side, price_fen_per_t: int, quantity_t: int, order_type: OrderType = OrderType.LIMIT) -> Instruction:
    at = {"side": side, "price_fen_per_t": price_fen_per_t, "quantity_t": quantity_t}
    total_fen = queries.total_fen("SHEA", on=MONDAY, **at).whole  # type: ignore[arg-type]
    asset = FREE.code if side is SELL else ""
    return Instruction(PLACE, "SHEA", side, order_type, price_fen_per_t, quantity_t, total_fen, asset)


def cancel(order: object) -> Instruction:
    return Instruction(CANCEL, order=str(order))


def send(stage: Stage, name: str, *told: Instruction) -> Answer:
    return market.send_orders(stage.cast[name], region=REGION, told=told, key=stage.key(), now=stage.now)


def answers(done: Answer) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], done["answers"])


def work_off(lease: Lease, books: KeptBooks, stage: Stage) -> int:
    return commands.work_off(lease, books, now=stage.now)


def test_without_an_engine_a_command_is_carried_out_at_once_and_each_instruction_answered(traders: Stage) -> None:
    done = send(traders, "North Power", place(SELL, 7500, 100), place(SELL, 9999, 1), place(SELL, 7500, 50))
    first, second, third = answers(done)
    assert (first["state"], first["rest_t"], third["rest_t"]) == ("OPEN", 100, 50)
    assert second["refused"]["code"].endswith("PRICE_OUTSIDE_BAND")
    met = answers(send(traders, "Red River Steel", place(BUY, 7500, 120), cancel("SHEA-O-000009-00")))
    assert (met[0]["filled_t"], len(met[0]["trades"])) == (120, 2)
    assert met[1]["refused"]["code"].endswith("NO_SUCH_ORDER")
    assert traders.units("Red River Steel") == (120, 0)


def test_what_a_dead_engine_left_behind_is_carried_out_first(traders: Stage, lease: Lease) -> None:
    left = send(traders, "North Power", place(SELL, 7500, 100))
    leases.give_back(lease)
    assert answers(send(traders, "Red River Steel", place(BUY, 7500, 60), place(BUY, 7500, 1)))[0]["filled_t"] == 60
    assert answers(market.outcome(left))[0]["rest_t"] == 100


def test_without_an_engine_a_single_refusal_is_raised(traders: Stage) -> None:
    refused(MarketRefusal.PRICE_OUTSIDE_BAND, lambda: send(traders, "North Power", place(SELL, 9999, 100)))
    assert models.Command.objects.count() == 0


def test_the_same_key_sends_once(traders: Stage) -> None:
    traders.counts = iter([100, 100])
    first = send(traders, "North Power", place(SELL, 7500, 100))
    assert send(traders, "North Power", place(SELL, 7500, 100)) == first
    assert models.Order.objects.count() == 1


def _outcome() -> tuple[list[Any], ...]:
    told = models.Order.objects.order_by("seq").values_list("seq", "state", "filled_t", "turnover_fen", "fee_fen")
    made = models.Trade.objects.order_by("seq").values_list("buy_order__seq", "sell_order__seq", "price_fen_per_t")
    return list(told), list(made), list(registry_totals())


def registry_totals() -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id, asset_id, total, held FROM registry_balance ORDER BY 1, 2")
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def test_a_batch_comes_to_the_same_as_its_orders_one_by_one(traders: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [
        place(SELL, 7500, 100),
        place(SELL, 7400, 300),
        place(BUY, 7300, 50),
        place(BUY, 7450, 350, OrderType.IMMEDIATE_OR_CANCEL),
        place(BUY, 7600, 500, OrderType.FILL_OR_KILL),
        place(BUY, 7500, 90),
        place(SELL, 7300, 20),
        place(SELL, 6660, 10, OrderType.MARKET_TO_LIMIT),
    ]
    names = ["North Power" if one.side is SELL else "Red River Steel" for one in told]
    outcomes = []
    for sizes in (1, len(told)):
        with transaction.atomic():
            for name, one in zip(names, told, strict=True):
                accounts = market.accounts_of(traders.cast[name], REGION)
                told_as = json.dumps(instructions.packed([one]))
                commands._receive(traders.cast[name], REGION, told_as, accounts, traders.now)
            rows = list(models.Command.objects.order_by("id"))
            with monkeypatch.context() as patched:
                picked = iter([rows[start : start + sizes] for start in range(0, len(rows), sizes)])
                patched.setattr(commands, "_picked_up", lambda region, left=picked: next(left))
                for _ in range(0, len(rows), sizes):
                    commands._carry_out(REGION, KeptBooks(is_compiled=False), now=traders.now)
            outcomes.append(_outcome())
            transaction.set_rollback(True)
        transaction.set_rollback(False)
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0][1]) == 4


def test_an_order_may_use_what_a_cancellation_before_it_sets_free(traders: Stage) -> None:
    traders.fund("Lotus Capital", 750_600)
    order = traders.order("Lotus Capital", BUY, 7500, 100)["order"]
    done = answers(send(traders, "Lotus Capital", cancel(order), place(BUY, 7400, 100), place(BUY, 7400, 100)))
    assert (done[0]["cancelled_t"], done[1]["rest_t"]) == (100, 100)
    assert done[2]["refused"]["code"].endswith("INSUFFICIENT_FREE")


def test_an_amendment_in_a_batch_that_is_refused_leaves_the_order_as_it_was(traders: Stage) -> None:
    order = str(traders.order("Red River Steel", BUY, 7300, 100)["order"])
    total = queries.total_fen("SHEA", side=BUY, price_fen_per_t=7300, quantity_t=99_999, on=MONDAY).whole
    terms = {"price_fen_per_t": 7300, "quantity_t": 99_999, "shown_total_fen": total}
    traders.order("Red River Steel", BUY, 7300, 99_000)
    traders.order("Red River Steel", BUY, 7300, 30_000)
    amendment = Instruction(AMEND, order=order, **terms)  # type: ignore[arg-type]
    done = answers(send(traders, "Red River Steel", amendment, cancel(order)))
    assert done[0]["refused"]["code"].endswith("INSUFFICIENT_FREE")
    assert done[1]["cancelled_t"] == 100


def test_an_engine_carries_out_what_was_received_in_order(traders: Stage, lease: Lease) -> None:
    sent = send(traders, "North Power", place(SELL, 7500, 100))
    assert sent["state"] == "RECEIVED"
    bought = send(traders, "Red River Steel", place(BUY, 7500, 60))
    assert models.Order.objects.count() == 0
    assert work_off(lease, KeptBooks(), traders) == 2
    assert answers(market.outcome(sent))[0]["filled_t"] == 60
    assert market.only_answer(market.outcome(bought))["filled_t"] == 60


def test_a_refusal_of_a_single_order_is_raised_as_it_would_have_been_at_once(traders: Stage, lease: Lease) -> None:
    sent = send(traders, "North Power", place(SELL, 9999, 100))
    work_off(lease, KeptBooks(), traders)
    refused(MarketRefusal.PRICE_OUTSIDE_BAND, lambda: market.only_answer(market.outcome(sent)))


def test_nobody_is_kept_waiting_for_an_engine_that_is_slow(
    traders: Stage, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PATIENCE", commands.PATIENCE * 0)
    sent = send(traders, "North Power", place(SELL, 7500, 100))
    assert market.only_answer(market.outcome(sent)) == {"command": sent["command"], "state": "RECEIVED"}


@override_settings(ENGINE_QUEUE_MAX=1)
def test_a_long_queue_takes_no_more_and_the_book_stays_as_it_is(traders: Stage, lease: Lease) -> None:
    send(traders, "North Power", place(SELL, 7500, 100))
    caught = refused(MarketRefusal.QUEUE_FULL, lambda: send(traders, "North Power", place(SELL, 7500, 100)))
    assert (caught.code.sentence.status, caught.code.sentence.transient) == (429, True)
    assert models.Command.objects.count() == 1


@override_settings(ENGINE_QUEUE_MAX=4)
def test_a_member_that_crowds_the_queue_keeps_nobody_else_out(traders: Stage, lease: Lease) -> None:
    for _ in range(2):
        send(traders, "North Power", place(SELL, 7500, 100))
    refused(MarketRefusal.QUEUE_FULL, lambda: send(traders, "North Power", place(SELL, 7500, 100)))
    send(traders, "Red River Steel", place(BUY, 7500, 60))
    refused(MarketRefusal.QUEUE_FULL, lambda: send(traders, "Red River Steel", place(BUY, 7500, 60)))
    assert work_off(lease, KeptBooks(), traders) == 3
    send(traders, "North Power", place(SELL, 7500, 100))


def test_a_member_that_sends_too_fast_waits_a_second_and_others_do_not(
    traders: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "messages_max", lambda rules: 2)
    send(traders, "North Power", place(SELL, 7500, 1))
    send(traders, "North Power", *[place(SELL, 7500, 1)] * 5)
    refused(MarketRefusal.TOO_FAST, lambda: send(traders, "North Power", place(SELL, 7500, 1)))
    send(traders, "Red River Steel", place(BUY, 7400, 1))
    traders.now += timedelta(seconds=1)
    send(traders, "North Power", place(SELL, 7500, 1))
    assert models.Command.objects.count() == 4


def test_how_fast_a_member_sends_is_one_question_however_much_it_has_sent(traders: Stage) -> None:
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            send(traders, "North Power", place(SELL, 7500, 1))
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_kept_books_see_what_others_have_changed(traders: Stage, lease: Lease) -> None:
    books = KeptBooks()
    send(traders, "North Power", place(SELL, 7500, 100), place(SELL, 7500, 40))
    work_off(lease, books, traders)
    market.cancel_order(
        traders.cast["North Power"],
        order=str(queries.open_orders(traders.cast["North Power"].organisation)[-1].number),
        key=traders.key(),
        now=traders.now,
    )
    send(traders, "Red River Steel", place(BUY, 7500, 100))
    work_off(lease, books, traders)
    assert traders.units("Red River Steel")[0] in (40, 100)
    assert models.Order.objects.filter(state="CANCELLED", filled_t=0).count() == 1


def test_what_a_court_takes_is_met_by_nobody_in_a_kept_book(traders: Stage, lease: Lease) -> None:
    books = KeptBooks()
    send(traders, "North Power", place(SELL, 7500, 100_000 - 1))
    work_off(lease, books, traders)
    account = traders.account("North Power", AccountType.HOLDING)
    draft = registry.HoldDraft(account, FREE.code, 100_000, HoldReason.COURT, "2026-1", owner="Court")
    registry.place_holds([draft], now=traders.now)
    sent = send(traders, "Red River Steel", place(BUY, 7500, 100))
    work_off(lease, books, traders)
    assert market.only_answer(market.outcome(sent))["rest_t"] == 100


def test_kept_books_are_those_that_are_stored(traders: Stage, lease: Lease) -> None:
    books = KeptBooks()
    send(traders, "North Power", place(SELL, 7500, 100), place(SELL, 7600, 30), place(SELL, 7500, 10))
    send(traders, "Red River Steel", place(BUY, 7500, 60), place(BUY, 7000, 10))
    work_off(lease, books, traders)
    books.mark(list(models.Instrument.objects.all()))
    assert models.BookMark.objects.count() == 1
    send(traders, "East Chemicals", place(BUY, 7500, 1))
    with transaction.atomic():
        work_off(lease, KeptBooks(), traders)
        transaction.set_rollback(True)
    transaction.set_rollback(False)
    models.Order.objects.filter(quantity_t=30).update(price_fen_per_t=7700)
    with pytest.raises(Fault, match="B1"):
        work_off(lease, KeptBooks(), traders)


def test_a_second_engine_is_refused_and_so_is_another_program_soon_after(traders: Stage, lease: Lease) -> None:
    leases.take(REGION, "again")
    refused(MarketRefusal.MARKET_HELD, lambda: leases.beat(lease))
    models.EngineLease.objects.update(artefact="0" * 64)
    caught = refused(MarketRefusal.MARKET_HELD, lambda: leases.take(REGION, "third"))
    assert caught.facts["artefact"] == "0" * 12
    models.EngineLease.objects.update(beat_at=journal.real_now() - leases.EXPIRY)
    assert leases.take(REGION, "third").holder == "third"


@pytest.mark.parametrize("has_row", [False, True])
def test_a_market_whose_lock_another_connection_has_is_not_taken(traders: Stage, has_row: bool) -> None:
    if has_row:
        leases.take(REGION, "before")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    with psycopg.connect(journal_queries.audit_url(), autocommit=True) as other:
        about = leases._about(REGION)
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [about])
        caught = refused(MarketRefusal.MARKET_HELD, lambda: leases.take(REGION, "second"))
    assert caught.facts["holder"] == ("before" if has_row else "?")


def test_nothing_is_carried_out_by_an_engine_that_has_lost_its_market(traders: Stage, lease: Lease) -> None:
    send(traders, "North Power", place(SELL, 7500, 100))
    lost = replace(lease, holder="lost")
    refused(MarketRefusal.MARKET_HELD, lambda: work_off(lost, KeptBooks(), traders))
    assert models.Order.objects.count() == 0


def test_the_number_of_statements_does_not_grow_with_the_number_of_instructions(traders: Stage, lease: Lease) -> None:
    counts = []
    # The first time opens the balance of what is bought.
    for size in (60, 60, 120):
        told = [place(SELL, 7500, 1)] * size
        send(traders, "North Power", *told)
        send(traders, "Red River Steel", *[place(BUY, 7500, 1)] * size)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            work_off(lease, KeptBooks(), traders)
        counts.append(len(seen))
    assert counts[1] == counts[2]


def test_an_order_is_read_once_however_often_it_is_met(traders: Stage, lease: Lease) -> None:
    def met(books: KeptBooks) -> int:
        send(traders, "Red River Steel", place(BUY, 7500, 10))
        with CaptureQueriesContext(connection) as seen:
            work_off(lease, books, traders)
        return sum('FROM "market_order"' in one["sql"] and '"fee_fen"' in one["sql"] for one in seen)

    kept = KeptBooks()
    send(traders, "North Power", place(SELL, 7500, 100))
    work_off(lease, kept, traders)
    assert [met(kept), met(kept)] == [0, 0]
    others = KeptBooks()
    assert [met(others), met(others)] == [1, 0]
    # What others have done meanwhile is read anew, by the number of the last command.
    assert [met(kept), met(kept)] == [1, 0]
    traders.order("Red River Steel", BUY, 7500, 10)
    assert met(kept) == 1
    order = models.Order.objects.get(seq=1)
    assert (order.filled_t, order.turnover_fen, order.fee_fen) == (80, 600_000, 480)


def test_the_lines_of_a_batch_are_what_the_auditor_finds(traders: Stage, lease: Lease) -> None:
    send(traders, "North Power", place(SELL, 7500, 100))
    send(traders, "Red River Steel", place(BUY, 7500, 60))
    work_off(lease, KeptBooks(), traders)
    for line in models.Batch.objects.get().lines.split("\n"):
        assert line == canonical.text(json.loads(line))
    report = AuditReport()
    auditor.check(connection.connection, report)
    assert report.breaks == []
    assert report.checks["batch"] == 1
    models.Batch.objects.create(number="SHANGHAI-B-9", region=REGION, lines="{}", leaf_hash="0" * 64, at=traders.now)
    made = models.Trade.objects.get()
    made.pk, made.number, made.seq = None, "SHEA-T-9", 9
    made.save(force_insert=True)
    report = AuditReport()
    batches.check(connection.connection, report)
    assert [(one.check, one.subject) for one in report.breaks] == [
        ("batch", "SHANGHAI-B-9"),
        ("trade leaf", "SHEA-T-9"),
    ]


def test_what_cannot_be_delivered_stops_no_other_instruction(
    traders: Stage, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = KeptBooks()
    send(traders, "North Power", place(SELL, 7500, 100))
    work_off(lease, books, traders)
    deliver = step._deliver

    def stand_still(market: gate.Market, trades: Sequence[LiveTrade], freed: step.Freed, *, initiator: str) -> None:
        if trades:
            raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account="SH-CASH")
        deliver(market, trades, freed, initiator=initiator)

    monkeypatch.setattr(step, "_deliver", stand_still)
    sent = send(traders, "Red River Steel", place(BUY, 7000, 1), place(BUY, 7500, 50), place(BUY, 7100, 2))
    assert work_off(lease, books, traders) == 3
    below, met, above = answers(market.outcome(sent))
    assert (below["rest_t"], above["rest_t"]) == (1, 2)
    assert met["refused"]["code"].endswith("ACCOUNT_UNKNOWN")
    assert models.Trade.objects.count() == 0
    assert [row.seq for row in models.Order.objects.order_by("seq")] == [1, 2, 3]
    monkeypatch.setattr(step, "_deliver", deliver)
    sent = send(traders, "Red River Steel", place(BUY, 7500, 50), place(BUY, 7000, 1))
    work_off(lease, books, traders)
    assert answers(market.outcome(sent))[0]["filled_t"] == 50
