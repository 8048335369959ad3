"""Receive what members send, and carry out what has been received: the two ends of the engine.

A face commits what a member sends and answers "received"; the engine picks it up, gives the numbers that are time
priority, carries it out in steps and commits the answers. Where no engine is at work, a face does both at once.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import connection, transaction

from tonnebook.core import canonical, identity
from tonnebook.core.book import INSTRUCTIONS_MAX, CommandKind, Instruction, instructions
from tonnebook.core.errors import Refused
from tonnebook.core.keys import code_named
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import rows, tenancy
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Command
from tonnebook.market.services import gate, instruments, leases, locks, step, throttle, voids
from tonnebook.market.services.gate import Told
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.market.services.kept import KeptBooks
from tonnebook.market.services.leases import Lease
from tonnebook.members import services as members

# Faces tell here that something waits; the message is the region.
CHANNEL = "tonnebook_commands"

# How long a face waits for the engine before it answers with where to look, and how often it looks.
PATIENCE = timedelta(seconds=5)
_LOOKS_S = (0.002, 0.004, 0.008, 0.016, 0.032, 0.05)


@journal.command("market.send_orders")
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
    del key
    members.require(actor, Act.TRADE)
    members.require_may_trade(actor)
    if not 0 < len(told) <= INSTRUCTIONS_MAX:
        raise ValueError("a command has 1 to 1,000 instructions")
    accounts = instruments.accounts_of(actor, region)
    is_held = leases.is_held(region)
    throttle.check_message(actor.organisation, region, is_held=is_held, now=now)
    row = _receive(actor, region, told, accounts, now)
    if is_held:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, region])
        return {"command": row.number, "state": row.state}
    # What an engine that has ended left behind comes first.
    while row.state != Command.State.DONE:
        _carry_out(region, KeptBooks(is_compiled=False), now=now)
        row.refresh_from_db(fields=["state", "answers"])
    done = {"command": row.number, "state": row.state, "answers": row.answers}
    if len(told) == 1:
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
    deadline, look = time.monotonic() + PATIENCE.total_seconds(), 0
    found = Command.objects.filter(number=sent["command"])
    while True:
        state, answers = found.values_list("state", "answers").get()
        if state == Command.State.DONE:
            return {"command": sent["command"], "state": state, "answers": answers}
        if time.monotonic() > deadline:
            return {"command": sent["command"], "state": state}
        time.sleep(_LOOKS_S[min(look, len(_LOOKS_S) - 1)])
        look += 1


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
    """Carry out what has been received and waits, a thousand instructions at most, in one transaction.

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
            return _carry_out(lease.region, books, now=now) if _waiting(lease.region) else 0
    except BaseException:
        books.forget()
        raise


def _waiting(region: str) -> int:
    return Command.objects.filter(region=region, state=Command.State.RECEIVED).count()


def _receive(
    actor: Actor, region: str, told: Sequence[Instruction], accounts: TradingAccounts, now: datetime
) -> Command:
    (count,) = rows.next_counts("market_command_id_seq", 1)
    row = Command(
        pk=count,
        number=identity.numbered(f"{region.upper()}-C", count),
        region=region,
        organisation=actor.organisation,
        person=actor.person,
        unit_account=accounts.units,
        cash_account=accounts.cash,
        instructions=[instructions.written(one) for one in told],
        received_at=now,
    )
    row.save(force_insert=True)
    return row


# The oldest commands, together no more instructions than one batch; the first in any case.
def _picked_up(region: str) -> list[Command]:
    waiting = Command.objects.filter(region=region, state=Command.State.RECEIVED).order_by("id")
    found: list[Command] = []
    size = 0
    for row in waiting[:INSTRUCTIONS_MAX]:
        size += len(row.instructions)
        if found and size > INSTRUCTIONS_MAX:
            break
        found.append(row)
    return found


@tenancy.everywhere(Why.MARKET)
def _carry_out(region: str, books: KeptBooks, *, now: datetime) -> int:
    voids.void_orders(locks.lock_region(region), now=now)
    market, commands = _entered(region, now), _picked_up(region)
    told = [_told(row, body) for row in commands for body in row.instructions]
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
            market = _entered(region, now)
    written = iter(_written(answer) for answer in answers)
    for row in commands:
        row.answers = [next(written) for _ in row.instructions]
        row.state, row.done_at = Command.State.DONE, now
    Command.objects.bulk_update(commands, ["answers", "state", "done_at"])
    return len(told)


def _entered(region: str, now: datetime) -> gate.Market:
    return gate.enter(locks.lock_region(region), now=now)


def _told(row: Command, body: dict[str, canonical.Json]) -> Told:
    accounts = TradingAccounts(row.unit_account, row.cash_account, row.unit_account)
    return Told(instructions.read(body), row.organisation, row.person, accounts)


# What comes up to the next amendment, or that amendment alone.
def _upto_amendment(told: Sequence[Told]) -> Sequence[Told]:
    amended = next((place for place, one in enumerate(told) if one.instruction.kind is CommandKind.AMEND), len(told))
    return told[: amended or 1]


def _written(answer: Answer | Refused) -> Answer:
    if isinstance(answer, Refused):
        return instructions.refused(answer)
    return answer
