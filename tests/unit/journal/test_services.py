"""What the journal promises: one effect per key, leaves with their change, numbers without gaps, one clock."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tonnebook.core import canonical, merkle
from tonnebook.core.errors import Busy, Fault, Refusal, Refused, Sentence
from tonnebook.core.keys import KeyRefusal
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind
from tonnebook.journal import queries
from tonnebook.journal import services as journal
from tonnebook.journal.models import (
    AuditEvent,
    Checkpoint,
    Clock,
    IdempotencyKey,
    JournalLeaf,
    JournalSecret,
    JournalSeq,
    Outbox,
)
from tonnebook.journal.services import Answer, Entry

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LIN = Actor("P-000009-99", "", OrganisationKind.ENTITY, frozenset(), "shanghai")


class TrialRefusal(Refusal):
    """Refusals of a command made up for these tests."""

    TOO_MUCH = Sentence(zh="太多：{quantity_t}。", en="Too much: {quantity_t}.", article="design choice")
    TOO_EARLY = Sentence(zh="太早。", en="Too early.", article="design choice", transient=True)


@pytest.fixture
def effects() -> Iterator[list[int]]:
    """What the commands of a test have done, for real or until it was rolled back."""
    _effects.clear()
    yield _effects
    _effects.clear()


_effects: list[int] = []


@journal.command("trial.take")
def take(actor: Actor, *, quantity_t: int, note: str = "", key: str, now: datetime) -> Answer:
    """Leave a leaf, and refuse more than 100 t after having left it."""
    _effects.append(quantity_t)
    leaf = journal.append(Entry("trial.taken", {"quantity_t": quantity_t}), now=now)
    if quantity_t > 100:
        raise Refused(TrialRefusal.TOO_MUCH, quantity_t=quantity_t)
    if quantity_t == 0:
        raise Refused(TrialRefusal.TOO_EARLY)
    return {"leaf": leaf, "count": len(_effects)}


@journal.command("trial.take_twice")
def take_twice(actor: Actor, *, quantity_t: int, key: str, now: datetime) -> Answer:
    """Call another command twice with one key: inside a command it just runs."""
    first = take(actor, quantity_t=quantity_t, key=key, now=now)
    second = take(actor, quantity_t=quantity_t, key=key, now=now)
    return {"first": first["count"], "second": second["count"]}


@journal.command("trial.wait")
def wait_for_lock(actor: Actor, *, key: str, now: datetime) -> Answer:
    """Ask for a lock that is not to be had."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        cursor.execute("LOCK TABLE journal_outbox IN ACCESS EXCLUSIVE MODE")
    return {}


@pytest.mark.django_db
def test_the_same_key_and_body_give_the_same_answer_and_one_effect(effects: list[int]) -> None:
    first = take(LIN, quantity_t=5, key="k", now=NOW)
    again = take(LIN, quantity_t=5, note="", key="k", now=NOW + timedelta(hours=1))
    assert again == first
    assert effects == [5]
    assert JournalLeaf.objects.filter(kind="trial.taken").count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused(effects: list[int]) -> None:
    take(LIN, quantity_t=5, key="k", now=NOW)
    for body in ({"quantity_t": 6}, {"quantity_t": 5, "note": "x"}):
        with pytest.raises(Refused) as refused:
            take(LIN, key="k", now=NOW, **body)
        assert refused.value.code is KeyRefusal.KEY_REUSED
    assert effects == [5]


@pytest.mark.django_db
def test_a_key_belongs_to_its_actor(effects: list[int]) -> None:
    take(LIN, quantity_t=5, key="k", now=NOW)
    take(SYSTEM, quantity_t=6, key="k", now=NOW)
    assert effects == [5, 6]


@pytest.mark.django_db
def test_a_refusal_undoes_its_work_and_is_stored_and_told_again(effects: list[int]) -> None:
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            take(LIN, quantity_t=101, key="k", now=NOW)
        assert refused.value.code is TrialRefusal.TOO_MUCH
        assert refused.value.facts == {"quantity_t": 101}
    assert effects == [101]
    assert not JournalLeaf.objects.filter(kind="trial.taken").exists()
    assert IdempotencyKey.objects.get(key="k").outcome == "REFUSED"
    event = AuditEvent.objects.get(actor=LIN.person)
    assert (event.command, event.code, event.facts) == ("trial.take", "TrialRefusal.TOO_MUCH", {"quantity_t": 101})


@pytest.mark.django_db
def test_a_transient_refusal_is_not_stored(effects: list[int]) -> None:
    for _ in range(2):
        with pytest.raises(Refused):
            take(LIN, quantity_t=0, key="k", now=NOW)
    assert effects == [0, 0]
    assert not IdempotencyKey.objects.filter(key="k").exists()
    assert not AuditEvent.objects.filter(actor=LIN.person).exists()


@pytest.mark.django_db
def test_a_command_inside_a_command_just_runs(effects: list[int]) -> None:
    assert take_twice(LIN, quantity_t=5, key="k", now=NOW) == {"first": 1, "second": 2}
    assert IdempotencyKey.objects.filter(key="k").count() == 1


def test_a_lock_that_is_not_to_be_had_is_busy_and_not_stored(fresh_database: str) -> None:
    with transaction.atomic(using="owner"):
        Outbox.objects.using("owner").create(topic="x", payload={}, created_at=NOW)
        with pytest.raises(Busy):
            wait_for_lock(LIN, key="k", now=NOW)
    assert not IdempotencyKey.objects.filter(key="k").exists()


def test_parallel_requests_with_one_key_have_one_effect(fresh_database: str) -> None:
    answers: list[Answer] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        try:
            ready.wait()
            answers.append(take(LIN, quantity_t=5, key="k", now=NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)
    assert JournalLeaf.objects.filter(kind="trial.taken").count() == 1


@pytest.mark.django_db
def test_a_leaf_is_canonical_and_holds_its_private_fields_as_a_commitment() -> None:
    entry = Entry("trial.taken", {"quantity_t": 5}, {"name": "红河"})
    leaf_hash = journal.append(entry, now=NOW)
    leaf = JournalLeaf.objects.get(leaf_hash=bytes.fromhex(leaf_hash))
    secret = JournalSecret.objects.get(leaf=leaf)
    commitment = merkle.seal({"name": "红河"}, bytes(secret.salt))
    expected = {"kind": "trial.taken", "at": NOW, "facts": {"quantity_t": 5}, "sealed": commitment}
    assert leaf.payload == canonical.text(expected)
    assert "红河" not in leaf.payload
    assert leaf_hash == merkle.leaf_hash(leaf.payload.encode()).hex()


@pytest.mark.django_db
def test_many_leaves_keep_their_order_and_their_own_secrets() -> None:
    entries = [Entry("trial.taken", {"i": i, "t": "\x1e"}, {"i": i} if i % 2 else None) for i in range(100)]
    hashes = journal.append_many(entries, now=NOW)
    rows = list(JournalLeaf.objects.filter(kind="trial.taken").order_by("id"))
    assert [bytes(row.leaf_hash).hex() for row in rows] == hashes
    secrets = {secret.leaf_id: secret.sealed for secret in JournalSecret.objects.all()}
    for i, row in enumerate(rows):
        assert secrets.get(row.pk) == (f'{{"i":"{i}"}}' if i % 2 else None)
    assert journal.append_many([], now=NOW) == []


def test_a_leaf_outside_a_transaction_is_a_fault(fresh_database: str) -> None:
    with pytest.raises(Fault, match="D1"):
        journal.append(Entry("trial.taken", {}), now=NOW)


@pytest.mark.django_db
def test_a_leaf_that_no_bundle_can_hold_is_a_fault_and_the_database_refuses_it_too() -> None:
    frame = len(canonical.encode({"kind": "trial.taken", "at": NOW, "facts": {"text": ""}}))
    journal.append(Entry("trial.taken", {"text": "x" * (65_535 - frame)}), now=NOW)
    with pytest.raises(Fault, match="D1"):
        journal.append(Entry("trial.taken", {"text": "x" * (65_536 - frame)}), now=NOW)
    payload = "x" * 65_536
    leaf_hash = merkle.leaf_hash(payload.encode())
    with pytest.raises(IntegrityError, match="journal_leaf_fits_a_bundle"), transaction.atomic():
        JournalLeaf.objects.create(kind="x", payload=payload, leaf_hash=leaf_hash, at=NOW)


@pytest.mark.django_db
def test_the_database_refuses_a_hash_that_is_not_the_payloads() -> None:
    with pytest.raises(IntegrityError, match="journal_leaf_hash_of_payload"), transaction.atomic():
        JournalLeaf.objects.create(kind="x", payload="{}", leaf_hash=bytes(32), at=NOW)


def test_numbers_have_no_gap_when_leaves_roll_back_and_two_integrators_run(fresh_database: str) -> None:
    ready = threading.Barrier(4)

    def write(name: str) -> None:
        ready.wait()
        try:
            for i in range(40):
                try:
                    with transaction.atomic():
                        journal.append_many([Entry("trial.taken", {"by": name, "i": i})] * (i % 3 + 1), now=NOW)
                        if i % 5 == 0:
                            raise ValueError
                except ValueError:
                    continue
        finally:
            connections.close_all()

    def number() -> None:
        ready.wait()
        try:
            for _ in range(40):
                journal.integrate(now=NOW)
        finally:
            connections.close_all()

    tasks = [(write, ("a",)), (write, ("b",)), (number, ()), (number, ())]
    threads = [threading.Thread(target=target, args=arguments) for target, arguments in tasks]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.integrate(now=NOW)
    numbers = list(JournalSeq.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(JournalLeaf.objects.count()))
    assert len(numbers) == 2 * sum(i % 3 + 1 for i in range(40) if i % 5)


@pytest.mark.django_db
def test_checkpoints_grow_from_the_last_frontier_to_the_root_of_all_leaves() -> None:
    first = journal.publish_checkpoint(now=NOW)
    for count in (1, 300, 2, 500):
        journal.append_many([Entry("trial.taken", {"i": i, "of": count}) for i in range(count)], now=NOW)
        assert journal.integrate(now=NOW) == count
        last = journal.publish_checkpoint(now=NOW)
        leaves = queries.leaf_hashes(0, queries.log_size())
        assert (last.size, last.root) == (len(leaves), merkle.root(leaves).hex())
    assert journal.publish_checkpoint(now=NOW + timedelta(days=1)) == last
    assert queries.latest_checkpoint() == last
    assert Checkpoint.objects.filter(size__gte=first.size).count() == 5


@pytest.mark.django_db
def test_seeded_salts_repeat_and_unseeded_ones_do_not() -> None:
    entry = Entry("trial.taken", {}, {"name": "Lin"})
    hashes = []
    for _ in range(2):
        with journal.seeded_salts(7):
            hashes.append(journal.append(entry, now=NOW))
    assert hashes[0] == hashes[1]
    assert journal.append(entry, now=NOW) != journal.append(entry, now=NOW)


@pytest.mark.django_db
def test_a_real_database_has_no_seeded_salts_no_moved_clock_and_no_known_key(settings: Settings) -> None:
    settings.LOG_SEED = ""
    Clock.objects.update(is_demo=False, offset=timedelta())
    with pytest.raises(Fault, match="P3"), journal.seeded_salts(7):
        pass
    with pytest.raises(Fault, match="O3"):
        journal.set_clock(at=NOW)
    with pytest.raises(Fault, match="D6"):
        queries.signer()


@pytest.mark.django_db
def test_a_real_clock_cannot_be_moved_behind_the_services_back() -> None:
    Clock.objects.update(is_demo=False, offset=timedelta())
    with pytest.raises(IntegrityError, match="journal_clock_demo_only"), transaction.atomic():
        Clock.objects.update(offset=timedelta(days=1))


@pytest.mark.django_db
def test_a_log_with_leaves_cannot_become_a_demo() -> None:
    Clock.objects.update(is_demo=False, offset=timedelta())
    journal.append(Entry("trial.taken", {}), now=NOW)
    with pytest.raises(Fault, match="O2"):
        journal.mark_demo()
    with pytest.raises(IntegrityError, match="O2"), transaction.atomic():
        Clock.objects.update(is_demo=True)


@pytest.mark.django_db
def test_the_clock_of_a_demo_goes_on_from_where_it_is_set() -> None:
    at = datetime(2027, 11, 30, tzinfo=UTC)
    journal.set_clock(at=at)
    first, second = journal.now(), journal.now()
    assert at <= first <= second < at + timedelta(minutes=1)


@pytest.mark.django_db
def test_what_is_enqueued_waits_in_the_outbox() -> None:
    journal.enqueue("mail.receipt", {"on": NOW.date(), "count": 3}, now=NOW)
    row = Outbox.objects.get()
    assert (row.topic, row.payload, row.sent_at) == ("mail.receipt", {"on": "2026-03-01", "count": 3}, None)


@pytest.mark.django_db
def test_a_command_adds_four_statements_to_those_of_its_service(effects: list[int]) -> None:
    with CaptureQueriesContext(connection) as captured:
        take(LIN, quantity_t=5, key="k", now=NOW)
    # Key looked up, savepoint, leaf appended by the service, key stored, savepoint released.
    assert len(captured) == 5


@pytest.mark.django_db
def test_everybody_waits_three_seconds_for_a_lock_and_the_integrator_without_limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)
        journal.integrate(now=NOW)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_parallel_requests_with_one_key_that_are_refused_leave_one_refusal(fresh_database: str) -> None:
    refusals: list[object] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        try:
            ready.wait()
            with pytest.raises(Refused) as refused:
                take(LIN, quantity_t=101, key="k", now=NOW)
            refusals.append(refused.value.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == [TrialRefusal.TOO_MUCH] * 4
    assert IdempotencyKey.objects.filter(key="k", outcome="REFUSED").count() == 1
    assert AuditEvent.objects.filter(actor=LIN.person).count() == 1
    assert not JournalLeaf.objects.filter(kind="trial.taken").exists()
