"""Receive what members send, and carry out what has been received: the two ends of the engine.

A face commits what a member sends and answers "received"; the engine picks it up, gives the numbers that are time
priority, carries it out in steps and commits the answers. Where no engine is at work, a face does both at once.
"""

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast

from django.db import connection, transaction

from tonnebook.core import identity, runs
from tonnebook.core.book import INSTRUCTIONS_MAX, CommandKind, Instruction, instructions
from tonnebook.core.errors import Refused
from tonnebook.core.keys import code_named
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Command
from tonnebook.market.services import gate, instruments, leases, locks, opening, step, throttle, voids
from tonnebook.market.services.gate import Told
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.market.services.kept import KeptBooks
from tonnebook.market.services.leases import Lease
from tonnebook.members import services as members

# Faces tell here that something waits; the message is the region. Who carries it out tells there what is done; the
# message are the numbers of commands, of which so many fit into one.
CHANNEL = "tonnebook_commands"
_DONE, _DONE_AT_ONCE = "tonnebook_commands_done", 200

# How long a face waits for the engine before it answers with where to look; how often it looks if it hears nothing.
PATIENCE = timedelta(seconds=5)
_LOOK_S = 0.5

# A step takes so many instructions. What it asks of the database hardly depends on how many they are, so that an engine
# that is behind does more in the same time; who waits, waits for the whole step.
_STEP_MAX = 4_000


def send_orders(actor: Actor, *, region: str, told: Sequence[Instruction], key: str, now: datetime) -> Answer:
    """Send placements, amendments and cancellations, up to a thousand at once; each is refused by itself.

    Args:
        actor: trader; the orders are its organisation's.
        region: whose market.
        told: 1 to `INSTRUCTIONS_MAX` instructions, carried out in this order.
        key: idempotency key.
        now: when.

    Returns:
        `command` (number) and `state`; when no engine is at work also what `outcome` gives.

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; ACCOUNT_UNKNOWN; TOO_FAST; QUEUE_FULL when the engine
            is behind and the share of this member is used up; when no engine is at work, what a single instruction is
            refused for.
        ValueError: when there is none or more than a thousand.

    Source: design choice, no legal source.
    """
    if not 0 < len(told) <= INSTRUCTIONS_MAX:
        raise ValueError("a command has 1 to 1,000 instructions")
    return _send(actor, region=region, told=json.dumps(instructions.packed(told)), key=key, now=now)


# The key is bound to the text that is kept, which is written once.
@journal.command("market.send_orders")
def _send(actor: Actor, *, region: str, told: str, key: str, now: datetime) -> Answer:
    del key
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    accounts = instruments.accounts_of(actor, region)
    is_held = leases.is_held(region)
    throttle.check_message(actor.organisation, region, is_held=is_held, now=now)
    number = _receive(actor, region, told, accounts, now)
    if is_held:
        return {"command": number, "state": Command.State.RECEIVED.value}
    # What an engine that has ended left behind comes first.
    while "answers" not in (done := _found(number)):
        _carry_out(region, KeptBooks(is_compiled=False), now=now)
    if len(cast(list[Answer], done["answers"])) == 1:
        only_answer(done)
    return done


def outcome(sent: Answer) -> Answer:
    """Wait a moment for what becomes of a command that was sent, outside of every transaction.

    Args:
        sent: what `send_orders` answered.

    Returns:
        `command`, `state` and, once it is DONE, `answers`: for each instruction in order its answer, or `refused` with
        code and facts.
    """
    if "answers" in sent:
        return sent
    number, deadline = str(sent["command"]), time.monotonic() + PATIENCE.total_seconds()
    with _listening():
        while True:
            found, left_s = _found(number), deadline - time.monotonic()
            if "answers" in found or left_s <= 0:
                return found
            _wait_for(number, min(left_s, _LOOK_S))


def only_answer(done: Answer) -> Answer:
    """Give the answer of a command of one instruction.

    Args:
        done: as `outcome` gave it.

    Returns:
        The answer of the instruction; `command` and `state` when it has not been carried out yet.

    Raises:
        Refused: what the instruction was refused for.
    """
    if "answers" not in done:
        return done
    (answer,) = cast(list[dict[str, Any]], done["answers"])
    if refused := answer.get("refused"):
        raise Refused(code_named(refused["code"]), **refused["facts"])
    return answer


@tenancy.everywhere(Why.MARKET)
def work_off(lease: Lease, books: KeptBooks, *, now: datetime) -> int:
    """Carry out what has been received and waits, four thousand instructions at most, in one transaction.

    Args:
        lease: of this engine.
        books: that it keeps.
        now: when.

    Returns:
        How many instructions were carried out.

    Raises:
        Refused: MARKET_HELD when another engine has taken the market over; nothing was done.
        Busy: when a lock was not to be had in time; nothing was done.

    Source: design choice, no legal source (invariants B1, B4 and B5).
    """
    try:
        with transaction.atomic():
            leases.beat(lease)
            is_due = _waiting(lease.region) or opening.is_due(lease.region, now=now)
            return _carry_out(lease.region, books, now=now) if is_due else 0
    except BaseException:
        books.forget()
        raise


def _waiting(region: str) -> int:
    return Command.objects.filter(region=region, state=Command.State.RECEIVED).count()


def _receive(actor: Actor, region: str, told: str, accounts: TradingAccounts, now: datetime) -> str:
    (count,) = rows.next_counts("market_command_id_seq", 1)
    number = identity.numbered(f"{region.upper()}-C", count)
    who = (actor.organisation, actor.person, accounts.units, accounts.cash)
    row = (count, number, region, *who, told, Command.State.RECEIVED.value, now)
    rows.write(rows.insertion(Command, _COMMAND, [row]), rows.Write("SELECT pg_notify(%s, %s)", [CHANNEL, region]))
    return number


def _found(number: str) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, answers::text FROM market_command WHERE number = %s", [number])
        state, answers = cursor.fetchone()
    found = {"command": number, "state": state}
    return found if answers is None else found | {"answers": runs.unpacked(json.loads(answers))}


# The connection goes back to others afterwards, who would be told of what they never asked.
@contextlib.contextmanager
def _listening() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {_DONE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"UNLISTEN {_DONE}")


def _wait_for(number: str, seconds: float) -> None:
    for told in connection.connection.notifies(timeout=seconds):
        if number in told.payload.split():
            return


# The oldest commands, together no more instructions than one step takes; the first in any case.
def _picked_up(region: str) -> list[Command]:
    waiting = Command.objects.filter(region=region, state=Command.State.RECEIVED).order_by("id")
    found: list[Command] = []
    size = 0
    for row in waiting[:_STEP_MAX]:
        size += runs.size(row.instructions)
        if found and size > _STEP_MAX:
            break
        found.append(row)
    return found


@tenancy.everywhere(Why.MARKET)
def _carry_out(region: str, books: KeptBooks, *, now: datetime) -> int:
    locked = locks.lock_region(region)
    voids.void_orders(locked, now=now)
    market, commands = gate.enter(locked, now=now), _picked_up(region)
    opening.catch_up(market)
    told = [one for row in commands for one in _told(row)]
    answers: list[Answer | Refused] = []
    most = len(told)
    while len(answers) < len(told):
        asked = _upto_amendment(told[len(answers) : len(answers) + most])
        try:
            with transaction.atomic():
                answers += step.carry_out(market, asked, books)
        except Refused as refused:
            # Nothing of the step was done. What cannot be amended, or be delivered because its market stands still,
            # stops no other: from here on each goes by itself.
            answers += [refused] if len(asked) == 1 else []
            most = most if asked[0].instruction.kind is CommandKind.AMEND else 1
            books.forget()
            market = gate.enter(locks.lock_region(region), now=now)
    _answer(commands, answers, now)
    return len(told)


# Who waits for an answer is told of it at commit.
def _answer(commands: Sequence[Command], answers: Sequence[Answer | Refused], now: datetime) -> None:
    left = iter(answers)
    own = [[_written(one) for one in islice(left, runs.size(row.instructions))] for row in commands]
    written = [json.dumps(runs.packed(one), ensure_ascii=False) for one in own]
    numbers = [row.number for row in commands]
    told = [" ".join(numbers[at : at + _DONE_AT_ONCE]) for at in range(0, len(numbers), _DONE_AT_ONCE)]
    rows.write(
        rows.Write(_ANSWER, [now, [row.pk for row in commands], _SEPARATOR.join(written)]),
        rows.Write("SELECT pg_notify(%s, told) FROM unnest(%s::text[]) AS told", [_DONE, told]),
    )


def _told(row: Command) -> list[Told]:
    about = (row.organisation, row.person, TradingAccounts(row.unit_account, row.cash_account, row.unit_account))
    return [Told(one, *about) for one in instructions.unpacked(row.instructions)]


# What comes up to the next amendment, or that amendment alone.
def _upto_amendment(told: Sequence[Told]) -> Sequence[Told]:
    amended = next((place for place, one in enumerate(told) if one.instruction.kind is CommandKind.AMEND), len(told))
    return told[: amended or 1]


def _written(answer: Answer | Refused) -> Answer:
    if isinstance(answer, Refused):
        return instructions.refused(answer)
    return answer


_COMMAND = (
    *("id", "number", "region", "organisation", "person", "unit_account", "cash_account", "instructions", "state"),
    "received_at",
)
# No control sign stands in JSON as itself, and an array of long texts would be escaped sign by sign.
_SEPARATOR = "\x1e"
_ANSWER = """
UPDATE market_command AS sent SET answers = new.answers::jsonb, state = 'DONE', done_at = %s
FROM unnest(%s::bigint[], string_to_array(%s, E'\\x1e')) AS new (id, answers)
WHERE sent.id = new.id
"""
