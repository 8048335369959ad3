"""Rows of the log, of idempotency keys, of the outbox and of the clock; and the two markers other rooms inherit.

`InsertOnly` rows can be neither changed nor deleted; a change of a `Book` row must come with a leaf in the same
transaction. Both are enforced in the database by `journal.guards`.
"""

from datetime import timedelta

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models.lookups import Exact, LessThanOrEqual

from tonnebook.journal import tenancy


class InsertOnly(models.Model):
    """Marker: rows are written once; grants and a trigger refuse everything else."""

    class Meta:
        abstract = True


class Book(models.Model):
    """Marker: a transaction that changes such a row and writes no leaf fails at commit."""

    class Meta:
        abstract = True


class CurrentTransaction(models.Func):
    """The number of the running transaction, as a database default."""

    template = "(pg_current_xact_id()::text::bigint)"
    allowed_default = True
    output_field = models.BigIntegerField()


class JournalLeaf(InsertOnly):
    """One change, as it stands in the public log; unnumbered until integrated."""

    tenancy_rule = tenancy.Shared(
        "leaves are the public log; private fields stand in them as commitments", is_public=True
    )

    txid = models.BigIntegerField(db_default=CurrentTransaction(), db_index=True)
    kind = models.CharField(max_length=80)
    payload = models.TextField()
    leaf_hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "journal_leaf"
        # Looked up by equality alone; a sorted index of whole hashes is the dearest part of writing a leaf.
        indexes = [HashIndex(fields=["leaf_hash"], name="journal_leaf_by_hash")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    leaf_hash=models.Func(
                        models.F("payload"),
                        template=("sha256('\\x00'::bytea || convert_to(%(expressions)s, 'UTF8'))"),
                        output_field=models.BinaryField(),
                    )
                ),
                name="journal_leaf_hash_of_payload",
            ),
            # An entry of a bundle says its length in two bytes (C2SP tlog-tiles).
            models.CheckConstraint(
                condition=models.Q(
                    LessThanOrEqual(
                        models.Func("payload", function="octet_length", output_field=models.IntegerField()), 65_535
                    )
                ),
                name="journal_leaf_fits_a_bundle",
            ),
        ]


class JournalSecret(models.Model):
    """The private fields of a leaf and the salt of their commitment; erasing the row erases them for good."""

    tenancy_rule = tenancy.Tenant(written="any")

    leaf = models.OneToOneField(JournalLeaf, on_delete=models.PROTECT, primary_key=True, related_name="+")
    sealed = models.TextField()
    salt = models.BinaryField(max_length=32)

    class Meta:
        db_table = "journal_secret"


class JournalWaiting(models.Model):
    """A committed transaction whose leaves, from one on, have no number: what the integrator takes next."""

    tenancy_rule = tenancy.Shared("numbers of transactions whose leaves wait for a number")

    txid = models.BigIntegerField(primary_key=True)
    leaf_from = models.BigIntegerField()

    class Meta:
        db_table = "journal_waiting"


class JournalSeq(InsertOnly):
    """The gap-free number of a leaf in the log."""

    tenancy_rule = tenancy.Shared("numbers of the public log", is_public=True)

    seq = models.BigIntegerField(primary_key=True)
    # The integrator numbers only what waits, and a leaf that waits is written with its place in the queue; a check per
    # row would cost more than all the rest of numbering. A number without leaf is a gap that the auditor finds.
    leaf = models.OneToOneField(JournalLeaf, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        db_table = "journal_seq"


class JournalTile(InsertOnly):
    """A full tile of the tree (C2SP tlog-tiles): 256 hashes, and the root over them, a hash of the level above."""

    tenancy_rule = tenancy.Shared("hashes of the public log", is_public=True)

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()
    root_hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "journal_tile"
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="journal_tile_once"),
            models.CheckConstraint(
                condition=models.Q(
                    Exact(models.Func("hashes", function="octet_length", output_field=models.IntegerField()), 8192)
                ),
                name="journal_tile_full",
            ),
        ]


class Checkpoint(InsertOnly):
    """A signed root over the first `size` leaves."""

    tenancy_rule = tenancy.Shared("signed roots of the public log", is_public=True)

    size = models.BigIntegerField(unique=True)
    root_hash = models.BinaryField(max_length=32)
    frontier = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "journal_checkpoint"


class Cosignature(InsertOnly):
    """What a witness outside signed under a checkpoint: that the log only grew until then (C2SP tlog-cosignature)."""

    tenancy_rule = tenancy.Shared("signatures of witnesses under the public log", is_public=True)

    size = models.BigIntegerField()
    witness = models.CharField(max_length=300)
    line = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "journal_cosignature"
        constraints = [models.UniqueConstraint(fields=["size", "witness"], name="journal_cosignature_once")]


class Anchor(InsertOnly):
    """A checkpoint whose digest was put down somewhere outside: a file, a chain."""

    tenancy_rule = tenancy.Shared("what was said elsewhere about the public log", is_public=True)

    size = models.BigIntegerField()
    sink = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    reference = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "journal_anchor"
        constraints = [models.UniqueConstraint(fields=["size", "sink"], name="journal_anchor_once")]


class JournalTouched(models.Model):
    """A transaction that changed a book: at its commit it must have written a leaf (written by triggers only)."""

    tenancy_rule = tenancy.Shared("numbers of running transactions, written by triggers")

    txid = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "journal_touched"


class IdempotencyKey(models.Model):
    """What a command answered, so that its repetition answers the same and does nothing."""

    tenancy_rule = tenancy.Tenant("actor = {person}", "actor = {person}")

    class Outcome(models.TextChoices):
        """Whether the command was done or refused for good."""

        DONE = "DONE"
        REFUSED = "REFUSED"

    key = models.CharField(max_length=200)
    actor = models.CharField(max_length=40)
    command = models.CharField(max_length=80)
    body_digest = models.CharField(max_length=64)
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    answer = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "journal_key"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="journal_key_once")]


class AuditEvent(InsertOnly):
    """A command that was refused, a look at what is others', or an audit by night: who, what, and how it ended."""

    tenancy_rule = tenancy.Tenant(written="any")

    actor = models.CharField(max_length=40)
    command = models.CharField(max_length=80)
    outcome = models.CharField(max_length=7)
    code = models.CharField(max_length=80)
    facts = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "journal_audit_event"
        indexes = [
            models.Index(fields=["actor", "at"], name="journal_audit_event_actor"),
            models.Index(
                fields=["at"], name="journal_audit_event_looks", condition=models.Q(outcome__in=("READ", "DENIED"))
            ),
        ]


class Outbox(models.Model):
    """Something that leaves the system after commit: mail, file or hook."""

    tenancy_rule = tenancy.Tenant(written="any")

    topic = models.CharField(max_length=80)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    # After how many vain tries, and not before when the next one comes.
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "journal_outbox"
        indexes = [
            models.Index(fields=["id"], name="journal_outbox_unsent", condition=models.Q(sent_at__isnull=True)),
        ]


class Clock(models.Model):
    """The one clock: database time plus an offset that only a demo database may have."""

    tenancy_rule = tenancy.Shared("one row: the clock", is_public=True)

    is_demo = models.BooleanField(default=False)
    offset = models.DurationField(default=timedelta)

    class Meta:
        db_table = "journal_clock"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="journal_clock_single"),
            models.CheckConstraint(
                condition=models.Q(is_demo=True) | models.Q(offset=timedelta()), name="journal_clock_demo_only"
            ),
        ]


class Artefact(models.Model):
    """The program and the settings that serve this database; every process compares its own at its start."""

    tenancy_rule = tenancy.Shared("one row: which program serves")

    program = models.CharField(max_length=64)
    config = models.CharField(max_length=64)

    class Meta:
        db_table = "journal_artefact"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="journal_artefact_single")]
