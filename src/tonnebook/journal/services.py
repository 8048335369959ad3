"""What other rooms do with the journal: run a command once, append leaves, publish checkpoints, tell the time."""

import contextlib
import contextvars
import functools
import inspect
import json
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeAlias, cast

from django.db import OperationalError, connection, transaction

from tonnebook.core import canonical, keys, merkle, periods, tiles
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Busy, Fault, Refused
from tonnebook.core.keys import LogRefusal
from tonnebook.core.roles import SYSTEM, Actor
from tonnebook.journal import artefact, queries, rows, tenancy
from tonnebook.journal.integrator import integrate, publish_checkpoint
from tonnebook.journal.models import (
    Artefact,
    AuditEvent,
    Clock,
    IdempotencyKey,
    JournalLeaf,
    JournalSecret,
)
from tonnebook.journal.outbox import enqueue, enqueue_many, send_next
from tonnebook.journal.rows import next_counts
from tonnebook.journal.tenancy import Why

__all__ = ["enqueue", "enqueue_many", "integrate", "next_counts", "publish_checkpoint", "send_next"]

Answer: TypeAlias = dict[str, Json]
Arguments = ParamSpec("Arguments")

# Lock time-out, serialisation, deadlock, server going down or gone: the caller may simply try again.
_BUSY_STATES = frozenset({"55P03", "40001", "40P01", "57P01", "57P02", "57P03", "53300", "08006", "08003", "08001"})
# An audit that finds everything broken names enough with the first hundred.
_KEPT_BREAKS = 100

_inside_command: contextvars.ContextVar[bool] = contextvars.ContextVar("inside_command", default=False)
_salt_source: contextvars.ContextVar[random.Random | None] = contextvars.ContextVar("salt_source", default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One change to be logged.

    Attributes:
        kind: past tense and dotted, such as "registry.transfer.posted".
        facts: public fields; no database ids.
        sealed: private fields, which enter as a salted commitment, or None.
    """

    kind: str
    facts: Mapping[str, object]
    sealed: Mapping[str, object] | None = None


class _KeyTaken(Exception):
    # The same key was stored by a parallel request while this one ran.
    pass


def command(
    name: str,
) -> Callable[[Callable[Concatenate[Actor, Arguments], Answer]], Callable[Concatenate[Actor, Arguments], Answer]]:
    """Make a service a command: run at most once per actor and key, in one transaction.

    The service takes the actor first and everything else by keyword, among it `key` (idempotency key) and `now`. The
    same key with the same arguments answers the same without a second effect; with others it is refused. A refusal
    undoes what the service wrote and is itself stored, unless it is transient. Called by another command, the service
    just runs as a part of that one.

    Args:
        name: dotted name such as "compliance.cover".

    Returns:
        The decorator.

    Raises:
        Refused: KEY_MALFORMED or KEY_REUSED, and whatever the service refuses.
        Busy: when a lock or the database was not to be had in time.

    Source: design choice, no legal source (invariant E1).
    """

    def decorate(
        service: Callable[Concatenate[Actor, Arguments], Answer],
    ) -> Callable[Concatenate[Actor, Arguments], Answer]:
        parameters = inspect.signature(service).parameters.values()
        defaults = {one.name: one.default for one in parameters if one.default is not one.empty}

        @functools.wraps(service)
        def run(actor: Actor, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            if _inside_command.get():
                return service(actor, *args, **kwargs)
            body = {**defaults, **kwargs}
            call = _Call(name, actor.person, str(body.pop("key")), cast(datetime, body.pop("now")), body)
            with tenancy.acting(tenancy.scope_of(actor)):
                return _once(call, functools.partial(service, actor, *args, **kwargs))

        return run

    return decorate


def append(entry: Entry, *, now: datetime) -> str:
    """Log one change, inside the transaction that makes it.

    Args:
        entry: what changed.
        now: when.

    Returns:
        Leaf hash, 64 hexadecimal digits.

    Source: design choice, no legal source.
    """
    return append_many([entry], now=now)[0]


def append_many(entries: Sequence[Entry], *, now: datetime) -> list[str]:
    """Log many changes with one statement, inside the transaction that makes them.

    Args:
        entries: what changed, in order.
        now: when.

    Returns:
        Leaf hashes in the same order, 64 hexadecimal digits each.

    Raises:
        Fault: D1 when called outside a transaction, for a leaf must stand or fall with its change; and for a leaf of
            more than 65,535 bytes, which no bundle of entries can hold.

    Source: design choice, no legal source.
    """
    leaves = prepare(entries, now=now)
    rows.write(leaves.write)
    return leaves.hashes


@dataclass(frozen=True, slots=True)
class Leaves:
    """Leaves that are still to be written, with `journal.rows.write`: their hashes, and the statement."""

    hashes: list[str]
    write: rows.Write | None


def prepare(entries: Sequence[Entry], *, now: datetime) -> Leaves:
    """Make leaves of changes, to be written with the changes themselves in one statement.

    Args:
        entries: what changed, in order.
        now: when.

    Returns:
        Leaf hashes in the same order, 64 hexadecimal digits each, and what writes them.

    Raises:
        Fault: D1 as for `append_many`.

    Source: design choice, no legal source.
    """
    if not connection.in_atomic_block:
        raise Fault("D1", reason="a leaf outside a transaction")
    if not entries:
        return Leaves([], None)
    at = periods.iso(now)
    hashes: list[str] = []
    columns: list[tuple[str, str, str, str, str]] = []
    for entry in entries:
        payload, sealed, salt = _leaf(entry, at)
        written = payload.encode()
        if len(written) > tiles.ENTRY_BYTES_MAX:
            raise Fault("D1", reason="a leaf longer than an entry may be; log a digest instead", kind=entry.kind)
        hashes.append(merkle.leaf_hash(written).hex())
        columns.append((entry.kind, payload, hashes[-1], sealed, salt))
    values = [*(_SEPARATOR.join(column) for column in zip(*columns, strict=True)), now]
    return Leaves(hashes, rows.Write(_WAIT, values, _APPEND))


def append_texts(kind: str, texts: Sequence[str], *, now: datetime) -> None:
    """Log tens of thousands of changes of one kind whose leaves the caller has written, inside its transaction.

    Args:
        kind: past tense and dotted.
        texts: canonical JSON without private fields, control signs or backslashes, one per leaf, in order.
        now: when.

    Raises:
        Fault: D1 when called outside a transaction.

    Source: design choice, no legal source.
    """
    if not connection.in_atomic_block:
        raise Fault("D1", reason="a leaf outside a transaction")
    at = periods.iso(now)
    # The leaves draw ids of their own, row by row in this order, all above the one drawn here.
    rows.write(rows.Write(_WAIT, (), "entry AS (SELECT nextval('journal_leaf_id_seq') AS id)"))
    rows.copy_lines(
        JournalLeaf,
        ("kind", "payload", "leaf_hash", "at"),
        (f"{kind}\t{text}\t\\\\x{merkle.leaf_hash(text.encode()).hex()}\t{at}\n" for text in texts),
    )


@tenancy.everywhere(Why.LOG)
def erase_secrets(leaf_hashes: Sequence[str]) -> int:
    """Destroy the salts and the private fields of leaves, inside the command that two people approved.

    Args:
        leaf_hashes: 64 hexadecimal digits each.

    Returns:
        How many leaves lost their private fields.

    Raises:
        Refused: NOTHING_SEALED when one of them has none.

    Source: design choice, no legal source.
    """
    wanted = [bytes.fromhex(one) if keys.is_digest(one) else b"" for one in leaf_hashes]
    found = JournalSecret.objects.filter(leaf__leaf_hash__in=wanted)
    sealed = {bytes(leaf).hex() for leaf in found.values_list("leaf__leaf_hash", flat=True)}
    for one in leaf_hashes:
        if one not in sealed:
            raise Refused(LogRefusal.NOTHING_SEALED, leaf=one)
    return found.delete()[0]


def now() -> datetime:
    """Read the one clock: database time plus the demo offset. Called once per request or job, at the face.

    Returns:
        Aware UTC instant.

    Source: design choice, no legal source.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() + coalesce((SELECT c.\"offset\" FROM journal_clock c), interval '0')")
        return cast(datetime, cursor.fetchone()[0])


def real_now() -> datetime:
    """Read the database's clock as the world outside has it, without the offset of a demo.

    Returns:
        Aware UTC instant.

    Source: design choice, no legal source.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cast(datetime, cursor.fetchone()[0])


def mark_demo() -> None:
    """Mark an empty database as one for demonstration or tests: its clock may be moved, its salts may be seeded.

    Raises:
        Fault: O2 when the log has leaves already; a real log can never become a demo.

    Source: design choice, no legal source (invariant O2).
    """
    if JournalLeaf.objects.exists() and not queries.clock().is_demo:
        raise Fault("O2", reason="a database with leaves cannot become a demo")
    Clock.objects.update_or_create(id=1, defaults={"is_demo": True})


def keep_artefact() -> None:
    """Keep that this program, with these settings, serves the database from now on; others refuse to start.

    Source: design choice, no legal source (invariant O6).
    """
    kept = {"program": artefact.artefact(), "config": artefact.config()}
    Artefact.objects.update_or_create(id=1, defaults=kept)


def set_clock(*, at: datetime) -> None:
    """Move the clock of a demo database.

    Args:
        at: the instant it shall show now.

    Raises:
        Fault: O3 when the database is not marked as demo.

    Source: design choice, no legal source (invariant O3).
    """
    if not queries.clock().is_demo:
        raise Fault("O3", reason="only a demo clock can be moved")
    with connection.cursor() as cursor:
        cursor.execute('UPDATE journal_clock SET "offset" = %s - clock_timestamp()', [at])


@contextlib.contextmanager
def seeded_salts(seed: int) -> Iterator[None]:
    """Draw salts from a seeded generator inside the block, so that the same run gives the same root.

    Args:
        seed: any whole number.

    Raises:
        Fault: P3 when the database is not marked as demo: guessable salts protect nobody.

    Source: design choice, no legal source (invariant P3).
    """
    if not queries.clock().is_demo:
        raise Fault("P3", reason="seeded salts outside a demo database")
    token = _salt_source.set(random.Random(seed))  # noqa: S311
    try:
        yield
    finally:
        _salt_source.reset(token)


@tenancy.everywhere(Why.LOG)
def note_refusal(actor: str, *, command: str, refused: Refused, now: datetime) -> None:
    """Keep a refusal as an audit event.

    Args:
        actor: number of the person.
        command: dotted name.
        refused: what was refused.
        now: when.

    Source: design choice, no legal source.
    """
    facts = canonical.plain(refused.facts)
    code = keys.name_of(refused.code)
    AuditEvent.objects.create(actor=actor, command=command, outcome="REFUSED", code=code, facts=facts, at=now)


@tenancy.everywhere(Why.LOG)
def note_audit(breaks: Sequence[str], *, log_root: str, now: datetime) -> None:
    """Keep what an audit found as an audit event.

    Args:
        breaks: check and subject of what does not hold.
        log_root: root of the log it recomputed, hexadecimal.
        now: when.

    Source: design choice, no legal source.
    """
    AuditEvent.objects.create(
        actor=SYSTEM.person,
        command=queries.AUDIT_COMMAND,
        outcome="BREAKS" if breaks else "DONE",
        code="",
        facts={"breaks": list(breaks[:_KEPT_BREAKS]), "log_root": log_root},
        at=now,
    )


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    actor: str
    key: str
    now: datetime
    body: Mapping[str, object]

    @property
    def digest(self) -> str:
        return canonical.digest({"command": self.name, "body": self.body})


def _once(call: _Call, service: Callable[[], Answer]) -> Answer:
    keys.check_key(call.key)
    digest = call.digest
    token = _inside_command.set(True)
    try:
        while True:
            with contextlib.suppress(_KeyTaken):
                return _attempt(call, digest, service)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in _BUSY_STATES or connection.connection is None:
            raise Busy(str(error)) from error
        raise
    finally:
        _inside_command.reset(token)


def _attempt(call: _Call, digest: str, service: Callable[[], Answer]) -> Answer:
    # Read before the transaction begins: a key that is stored meanwhile stops this one at `_store`.
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [call.actor, call.key])
        stored = cursor.fetchone()
    if stored:
        return _replay(call, digest, *stored)
    try:
        with transaction.atomic():
            answer = service()
            _store(call, digest, IdempotencyKey.Outcome.DONE, answer)
            return answer
    except Refused as error:
        if error.code.sentence.transient:
            raise
        refused = error
    # What the service wrote is undone; the refusal and its audit event are committed before anybody hears of them.
    with transaction.atomic():
        answer = {"code": keys.name_of(refused.code), "facts": canonical.plain(refused.facts)}
        _store(call, digest, IdempotencyKey.Outcome.REFUSED, answer)
        note_refusal(call.actor, command=call.name, refused=refused, now=call.now)
    raise refused


_STORED = "SELECT body_digest, outcome, answer::text FROM journal_key WHERE actor = %s AND key = %s"


def _store(call: _Call, digest: str, outcome: str, answer: Answer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_key (key, actor, command, body_digest, outcome, answer, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [call.key, call.actor, call.name, digest, outcome, json.dumps(answer, ensure_ascii=False), call.now],
        )
        if cursor.rowcount == 0:
            raise _KeyTaken


def _replay(call: _Call, digest: str, body_digest: str, outcome: str, told: str) -> Answer:
    if body_digest != digest:
        raise Refused(keys.KeyRefusal.KEY_REUSED, key=call.key)
    answer = cast(Answer, json.loads(told))
    if outcome == IdempotencyKey.Outcome.REFUSED:
        facts = cast(dict[str, object], answer["facts"])
        raise Refused(keys.code_named(str(answer["code"])), **facts)
    return answer


def _leaf(entry: Entry, at: str) -> tuple[str, str, str]:
    # The leaf, its private fields and their salt, all as text; empty where there is nothing private.
    leaf: dict[str, object] = {"kind": entry.kind, "at": at, "facts": entry.facts}
    if entry.sealed is None:
        return canonical.text(leaf), "", ""
    sealed, salt = canonical.text(entry.sealed), draw_salt()
    leaf["sealed"] = merkle.seal_text(sealed, salt)
    return canonical.text(leaf), sealed, salt.hex()


def draw_salt() -> bytes:
    """Draw the salt of a commitment: from the system's secrets, or seeded inside `seeded_salts`."""
    source = _salt_source.get()
    return source.randbytes(merkle.SALT_SIZE) if source else secrets.token_bytes(merkle.SALT_SIZE)


# No control sign stands in canonical text as itself, so columns travel as one text each: ten times faster than arrays.
_SEPARATOR = "\x1e"

# One statement for any number of leaves: ids are drawn once, in order, for the leaf, its secret and the waiting list.
_APPEND = """
entry AS MATERIALIZED (
    SELECT nextval('journal_leaf_id_seq') AS id, ordered.*
    FROM (
        SELECT * FROM unnest(
            string_to_array(%s, E'\\x1e'), string_to_array(%s, E'\\x1e'), string_to_array(%s, E'\\x1e'),
            string_to_array(%s, E'\\x1e', ''), string_to_array(%s, E'\\x1e', '')
        ) WITH ORDINALITY AS given(kind, payload, leaf_hash, sealed, salt, place)
        ORDER BY place
    ) AS ordered
), leaf AS (
    INSERT INTO journal_leaf (id, kind, payload, leaf_hash, at)
    SELECT id, kind, payload, decode(leaf_hash, 'hex'), %s FROM entry ORDER BY id
), secret AS (
    INSERT INTO journal_secret (leaf_id, sealed, salt)
    SELECT id, sealed, decode(salt, 'hex') FROM entry WHERE sealed IS NOT NULL
)
"""
# A transaction waits once, from its first leaf on, however often it writes any.
_WAIT = """
INSERT INTO journal_waiting (txid, leaf_from)
SELECT pg_current_xact_id()::text::bigint, min(id) FROM entry ON CONFLICT DO NOTHING
"""
