"""The rows of the engine: what members have sent, the batches they were carried out in, and who holds a market."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.market.models.listed import Instrument


class Command(models.Model):
    """What a member sent under one key, one to a thousand instructions, and what became of each; see `core.runs`."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    class State(models.TextChoices):
        """Whether the engine has carried it out; refusals stand with the answers."""

        RECEIVED = "RECEIVED"
        DONE = "DONE"

    number = models.CharField(max_length=40, unique=True)
    region = models.CharField(max_length=20)
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    instructions = models.JSONField()
    answers = models.JSONField(null=True)
    state = models.CharField(max_length=8, default=State.RECEIVED, choices=State.choices)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="RECEIVED", answers__isnull=True, done_at__isnull=True)
                | models.Q(state="DONE", answers__isnull=False, done_at__isnull=False),
                name="market_command_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "id"], condition=models.Q(state="RECEIVED"), name="market_command_queue"),
            models.Index(fields=["organisation", "-id"], name="market_command_of_member"),
        ]


class Watch(models.Model):
    """A program's wish that its orders be withdrawn when it falls silent; instants of the real clock."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    region = models.CharField(max_length=20)
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    silence_ms = models.PositiveIntegerField()
    until_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "organisation", "person"], name="market_watch_of_person"),
        ]


class Batch(InsertOnly, Book):
    """Orders and trades of one step, each a line of text that is provable under the root in the batch's leaf."""

    tenancy_rule = tenancy.Shared("lines are as public as leaves: private fields in them are commitments")

    number = models.CharField(max_length=40, unique=True)
    region = models.CharField(max_length=20)
    lines = models.TextField()
    leaf_hash = models.CharField(max_length=64)
    at = models.DateTimeField()


class EngineLease(models.Model):
    """Who writes the books of a region, since when, with which program and which rules; times of the real clock."""

    tenancy_rule = tenancy.Shared("one row for each market: which engine holds it")

    region = models.CharField(max_length=20, unique=True)
    holder = models.CharField(max_length=36)
    artefact = models.CharField(max_length=64)
    config = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    beat_at = models.DateTimeField()


class BookMark(models.Model):
    """The hash of an instrument's book after one of its commands, by which an engine checks what it has rebuilt."""

    tenancy_rule = tenancy.Shared("one row for each instrument: hash of its book")

    instrument = models.OneToOneField(Instrument, models.PROTECT, related_name="+")
    command_seq = models.BigIntegerField()
    state_hash = models.CharField(max_length=64)
