"""What the engine does in a second: orders received, reserved, matched, delivered against payment and logged."""

import functools
import itertools
import multiprocessing
import os
import random
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from django.db import connection, connections, transaction

from tonnebook import rulebook, scratch
from tonnebook.bench import crowd
from tonnebook.bench.report import Figure, in_turn
from tonnebook.core import book, periods
from tonnebook.core.book import CommandKind, Instruction, OrderType, Side
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import engine
from tonnebook.market import services as market
from tonnebook.market.services import commands, leases
from tonnebook.market.services.kept import KeptBooks
from tonnebook.members import queries as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry
from tonnebook_audit import auditor

MEMBERS = 100
BATCH = 1_000
BATCHES = 20
WARM_UP = 3
# Batches that an engine with enough to do takes in one step, and steps whose work is measured.
TOGETHER, STEPS = 4, 5
# Of a hundred orders, those priced through the other side.
TRADING_PERCENT = 30
# So far from the middle orders rest, and so far beyond it others reach.
DEPTH_FEN = 20
SECONDS = 3.0
AT_ONCE = 32
PACED_PER_S, PACED_AT_ONCE = 250, 10
_UNITS = AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE", "")
_MIDDLE = 7400

# What one member sends at once.
_Batch: TypeAlias = tuple[Actor, list[Instruction]]

_PLAIN_TABLES = """
CREATE TABLE plain_order (
    id bigserial PRIMARY KEY, member integer NOT NULL, side text NOT NULL, price bigint NOT NULL,
    quantity bigint NOT NULL, filled bigint NOT NULL CHECK (filled <= quantity), reserved bigint NOT NULL
);
CREATE TABLE plain_purse (id bigint PRIMARY KEY, total bigint NOT NULL, held bigint NOT NULL CHECK (held <= total));
CREATE TABLE plain_trade (id bigserial PRIMARY KEY, buy bigint NOT NULL, sell bigint NOT NULL, quantity bigint);
INSERT INTO plain_purse SELECT n, 1000000000000, 0 FROM generate_series(0, 199) AS n;
GRANT ALL ON ALL TABLES IN SCHEMA public TO {app};
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {app};
"""
_PLAIN = "one SQL statement, no checks, no log"
# A batch whose matches are known already: orders with their reserves, trades, and what the purses come to.
_PLAIN_BATCH = """
WITH told AS (
    SELECT n, n %% 100 AS member, CASE WHEN n %% 2 = 0 THEN 'BUY' ELSE 'SELL' END AS side, 7000 + n %% 800 AS price,
           1 + n %% 50 AS quantity, n %% 10 < 3 AS trades
    FROM generate_series(1, %s) AS n
), placed AS (
    INSERT INTO plain_order (member, side, price, quantity, filled, reserved)
    SELECT member, side, price, quantity, CASE WHEN trades THEN quantity ELSE 0 END, price * quantity FROM told
    RETURNING id, filled
), traded AS (
    INSERT INTO plain_trade (buy, sell, quantity) SELECT id, id, filled FROM placed WHERE filled > 0
)
UPDATE plain_purse AS purse SET held = held + new.reserved, total = total + 1
FROM (SELECT member, sum(price * quantity) AS reserved FROM told GROUP BY member) AS new WHERE new.member = purse.id
"""


def measure() -> list[Figure]:
    """Measure the engine in a scratch database.

    Returns:
        Figures with their references and targets.

    Raises:
        RuntimeError: when the auditor finds a break in what was settled.
    """
    with scratch.scratch_database("bench_settle"):
        traders = _open_market()
        rate, plain = in_turn(lambda: _batch_rate(traders), _plain_rate)
        ((worked_ms, plain_ms),) = crowd.together(lambda _: (_worked_ms(traders), _plain_worked_ms()), 1)
        restart_s = _restart_s(traders)
        single = _with_engine(
            traders, lambda: crowd.rate_at_once(lambda n: _sender(traders, n), seconds=SECONDS, at_once=AT_ONCE)
        )
        delay_ms = _with_engine(traders, lambda: _delay_ms(traders))
        journal.integrate(now=journal.now())
        journal.publish_checkpoint(now=journal.now())
        if breaks := auditor.audit(journal_queries.audit_url()).breaks:
            raise RuntimeError(f"the auditor found {len(breaks)} breaks, the first: {breaks[0]}")
    return [
        Figure("batched_orders_per_s", rate, plain, target=40_000, plain=_PLAIN),
        Figure("processor_ms_per_1000", worked_ms, plain_ms, target=50, is_cost=True, plain=_PLAIN),
        Figure("single_orders_per_s", single, target=500),
        Figure("p99_ms_at_250_per_s", delay_ms, target=250, is_cost=True),
        Figure("restart_s", restart_s, target=2, is_cost=True),
    ]


def _open_market() -> list[Actor]:
    cash = crowd.open_crowd(MEMBERS)
    journal.set_clock(at=crowd.NOW)
    usccs = [accounts.account(number).organisation for number in cash]
    with transaction.atomic():
        registry.ensure_assets([_UNITS], now=crowd.NOW)
        drafts = [registry.AccountDraft(AccountType.HOLDING, crowd.REGION, uscc) for uscc in usccs]
        held = registry.open_accounts(drafts, now=crowd.NOW)
        source = accounts.system_account(crowd.REGION, AccountType.ISSUANCE)
        bank = accounts.system_account(crowd.REGION, AccountType.BANK)
        posted = [(TransferType.ALLOCATE, Leg(source, account, _UNITS.code, 1_000_000)) for account in held]
        posted += [(TransferType.CASH_IN, Leg(bank, account, "CNY", 10**12)) for account in cash]
        drafts_of = [
            registry.TransferDraft(
                type_, (leg,), "P-BENCH", "P-OTHER" if type_ is TransferType.ALLOCATE else "", f"B-{n}"
            )
            for n, (type_, leg) in enumerate(posted)
        ]
        registry.post(drafts_of, now=crowd.NOW)
        exchange = Actor("P-EXCHANGE", "", OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), crowd.REGION)
        market.open_instruments(exchange, region=crowd.REGION, key="bench-market", now=crowd.NOW)
    with connections["owner"].cursor() as cursor:
        app = connections["owner"].ops.quote_name(connections["default"].settings_dict["USER"])
        cursor.execute(_PLAIN_TABLES.format(app=app))
        cursor.execute("ANALYZE")
    kinds = members.organisations_named(usccs)
    return [
        Actor(f"P-{n:06d}", uscc, kinds[uscc].kind, frozenset({Role.TRADER}), crowd.REGION)
        for n, uscc in enumerate(usccs)
    ]


# A member that has both sides in the book meets itself, and so trades little: in batches each has one side.
def _order(chance: random.Random, *sides: Side) -> Instruction:
    side = chance.choice(sides or (Side.BUY, Side.SELL))
    is_crossing = chance.randrange(100) < TRADING_PERCENT
    away = -chance.randint(1, DEPTH_FEN) if is_crossing else chance.randint(1, DEPTH_FEN)
    price = _MIDDLE - away if side is Side.BUY else _MIDDLE + away
    quantity_t = chance.randint(1, 20)
    asset = _UNITS.code if side is Side.SELL else ""
    ticket = book.Ticket("SHEA", side, price, quantity_t, asset, 0)
    order_type = OrderType.IMMEDIATE_OR_CANCEL if is_crossing else OrderType.LIMIT
    return Instruction(
        CommandKind.PLACE, "SHEA", side, order_type, price, quantity_t, book.confirmed_fen(ticket, _terms()), asset
    )


@functools.cache
def _terms() -> book.Terms:
    return book.terms(rulebook.at(crowd.REGION, on=periods.day_of(crowd.NOW)))


_counts = itertools.count()


# One process sends, the engine carries out in another; the last answer ends it.
def _batch_rate(traders: list[Actor]) -> float:
    told = _batches(traders, WARM_UP + BATCHES)

    def send() -> float:
        _await(_hand_in(told[:WARM_UP]))
        started = time.perf_counter()
        _await(_hand_in(told[WARM_UP:]))
        return BATCH * BATCHES / (time.perf_counter() - started)

    return _with_engine(traders, send)


def _batches(traders: list[Actor], count: int) -> list[_Batch]:
    chance = random.Random(next(_counts))  # noqa: S311
    return [
        (traders[n % MEMBERS], [_order(chance, (Side.BUY, Side.SELL)[n % 2]) for _ in range(BATCH)])
        for n in range(count)
    ]


def _hand_in(told: list[_Batch]) -> Answer:
    for actor, instructions in told:
        key = f"batch-{os.getpid()}-{next(_counts)}"
        sent = market.send_orders(actor, region=crowd.REGION, told=instructions, key=key, now=journal.now())
    return sent


def _await(sent: Answer) -> None:
    while "answers" not in market.outcome(sent):
        pass


# What sender, engine and server work for a thousand orders, whatever else the machine does: two cores have 2,000
# milliseconds a second, so that 50 are forty thousand orders. The engine takes as many batches at once as in the figure
# above, where they come faster than it works.
def _worked_ms(traders: list[Actor]) -> float:
    told = _batches(traders, TOGETHER * (WARM_UP + STEPS))
    lease, books = leases.take(crowd.REGION, "worked"), KeptBooks()

    def step(number: int) -> None:
        _hand_in(told[number * TOGETHER : (number + 1) * TOGETHER])
        commands.work_off(lease, books, now=journal.now())

    worked = [_worked(functools.partial(step, number)) for number in range(WARM_UP + STEPS)]
    leases.give_back(lease)
    return statistics.median(worked[WARM_UP:]) / TOGETHER


def _plain_worked_ms() -> float:
    return statistics.median(_worked(_plain_batch) for _ in range(BATCHES))


# Milliseconds of the processor that this process and its server spend.
def _worked(act: Callable[[], None]) -> float:
    before = _processor_ms()
    act()
    return _processor_ms() - before


def _processor_ms() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone()
    served_ns = Path(f"/proc/{server}/schedstat").read_text(encoding="ascii").split()[0]
    return time.process_time() * 1_000 + int(served_ns) / 1_000_000


def _plain_rate() -> float:
    started = time.perf_counter()
    for _ in range(BATCHES):
        _plain_batch()
    return BATCH * BATCHES / (time.perf_counter() - started)


def _plain_batch() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLAIN_BATCH, [BATCH])


# An engine that starts takes the lease, fills its books from all open orders, and carries out the first one sent to it.
def _restart_s(traders: list[Actor]) -> float:
    told = [_order(random.Random(0))]  # noqa: S311
    connections.close_all()
    started = time.perf_counter()
    lease = leases.take(crowd.REGION, "restart")
    market.send_orders(traders[0], region=crowd.REGION, told=told, key="restart", now=journal.now())
    commands.work_off(lease, KeptBooks(), now=journal.now())
    took = time.perf_counter() - started
    leases.give_back(lease)
    connections.close_all()
    return took


# Do something while an engine holds the market in a process of its own.
def _with_engine(traders: list[Actor], act: Callable[[], float]) -> float:
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=engine.run, args=(crowd.REGION,))
    process.start()
    try:
        while not leases.is_held(crowd.REGION):
            time.sleep(0.01)
        _awaken(traders[0])
        return act()
    finally:
        connections.close_all()
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join()


# Its first step fills the books and loads the kernel.
def _awaken(actor: Actor) -> None:
    told = [_order(random.Random(1))]  # noqa: S311
    _await(_hand_in([(actor, told)]))


def _sender(traders: list[Actor], number: int) -> Callable[[], None]:
    chance, count, actor = random.Random(number), itertools.count(), traders[number]  # noqa: S311

    def send() -> None:
        key = f"single-{os.getpid()}-{next(count)}"
        sent = market.send_orders(actor, region=crowd.REGION, told=[_order(chance)], key=key, now=journal.now())
        _await(sent)

    return send


def _delay_ms(traders: list[Actor]) -> float:
    told = crowd.together(lambda number: _pace(traders, number), PACED_AT_ONCE)
    return 1_000 * statistics.quantiles(itertools.chain(*told), n=100)[-1]


# Orders at fixed moments, however long the last one took: a late answer delays what waits behind it as well.
def _pace(traders: list[Actor], number: int) -> list[float]:
    send, delays = _sender(traders, MEMBERS - 1 - number), list[float]()
    send()
    gap_s = PACED_AT_ONCE / PACED_PER_S
    due = time.perf_counter() + gap_s * number / PACED_AT_ONCE
    for _ in range(int(SECONDS / gap_s)):
        time.sleep(max(0.0, due - time.perf_counter()))
        send()
        delays.append(time.perf_counter() - due)
        due += gap_s
        if delays[-1] > SECONDS:
            # More comes than is done: the delay only grows with the orders still to come.
            break
    return delays
