"""The rows of supervision: halts of instruments, admissions to trading, and organisations whose trading is stopped."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tonnebook.core.admission import AdmissionState, ParticipantClass
from tonnebook.core.phases import HaltGround
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Halt(Book):
    """One halt of an instrument, from one instant until it ends by itself or two people resume trading."""

    tenancy_rule = tenancy.Shared("halts are announced to everybody", is_public=True)

    number = models.CharField(max_length=24, unique=True)
    instrument = models.ForeignKey("market.Instrument", models.PROTECT, related_name="+")
    ground = models.CharField(max_length=8, choices=[(ground.value, ground.value) for ground in HaltGround])
    reason = models.CharField(max_length=500)
    halted_at = models.DateTimeField()
    # When it ends by itself; null when only people end it.
    until_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument"], condition=models.Q(ended_at=None), name="market_halt_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["instrument", "-halted_at"], name="market_halt_of_instrument")]


class Stop(Book):
    """The trading of one organisation, stopped by one person until two allow it again."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    region = models.CharField(max_length=20)
    organisation = models.CharField(max_length=18)
    reason = models.CharField(max_length=500)
    stopped_by = models.CharField(max_length=40)
    stopped_at = models.DateTimeField()
    allowed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "organisation"], condition=models.Q(allowed_at=None), name="market_stop_once"
            ),
        ]


class Admission(Book):
    """One admission of an organisation: as what it asked to trade, what it handed in, and what became of it."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    organisation = models.CharField(max_length=18)
    participant_class = models.CharField(max_length=14, choices=[(one.value, one.value) for one in ParticipantClass])
    state = models.CharField(max_length=9, choices=[(one.value, one.value) for one in AdmissionState])
    # The questions answered with yes, and the numbers of the papers signed.
    answers = ArrayField(models.CharField(max_length=20))
    documents = ArrayField(models.CharField(max_length=20))
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    decided_by = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "organisation"],
                condition=models.Q(state__in=["ASKED", "ADMITTED", "SUSPENDED"]),
                name="market_admission_once",
            ),
        ]


class HoldingReport(InsertOnly, Book):
    """What a large holder has reported: how much of its largest holding its group used then, and what for."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    region = models.CharField(max_length=20)
    organisation = models.CharField(max_length=18)
    used_t = models.BigIntegerField()
    limit_t = models.BigIntegerField()
    purpose = models.CharField(max_length=500)
    reported_by = models.CharField(max_length=40)
    reported_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["region", "organisation", "-id"], name="market_holding_report")]
