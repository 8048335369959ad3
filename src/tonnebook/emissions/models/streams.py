"""What is registered in a facility: processes, source streams, and the events of all three with their decisions."""

from django.db import models
from django.db.models import Q

from tonnebook.core.mrv import LineKind
from tonnebook.core.register import EventDecision, Reach, SiteEvent
from tonnebook.emissions.models.register import Facility
from tonnebook.emissions.models.shared import VERIFIED, WRITTEN_FOR, entity_key
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Process(InsertOnly, Book):
    """A process of a facility: a kiln, a boiler house, a rolling mill."""

    tenancy_rule = tenancy.rows_through("facility_id", "emissions_facility")

    number = models.CharField(max_length=40, unique=True)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    from_on = models.DateField()


class SourceStream(InsertOnly, Book):
    """A source that is reported by itself (fuel, material, supply), of a facility or of the organisation alone."""

    tenancy_rule = tenancy.rows_through("facility_id", "emissions_facility")

    number = models.CharField(max_length=40, unique=True)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    process = models.ForeignKey(Process, models.PROTECT, null=True, related_name="+")
    line_kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in LineKind])
    name = models.CharField(max_length=60)
    unit = models.CharField(max_length=20)
    reach = models.CharField(max_length=12, choices=[(reach.value, reach.value) for reach in Reach])
    from_on = models.DateField()


class RegisterEvent(InsertOnly, Book):
    """Something that happened to a facility, a process or a source stream, as its company declared it."""

    tenancy_rule = tenancy.entity_rows(guests=f"{VERIFIED} OR {WRITTEN_FOR}")

    number = models.CharField(max_length=20, unique=True)
    entity = entity_key()
    region = models.CharField(max_length=20)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in SiteEvent])
    on = models.DateField()
    detail = models.TextField(blank=True)
    receiver = models.CharField(max_length=18, blank=True)
    document = models.CharField(max_length=20)
    declared_by = models.CharField(max_length=20)
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=SiteEvent.TRANSFER.value) | ~Q(receiver=""), name="emissions_event_receiver"
            ),
        ]
        indexes = [models.Index(fields=["region"], name="emissions_event_region")]


class EventRuling(InsertOnly, Book):
    """What the authority decided on an event, once."""

    tenancy_rule = tenancy.rows_through("event_id", "emissions_registerevent")

    event = models.OneToOneField(RegisterEvent, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=8, choices=[(one.value, one.value) for one in EventDecision])
    note = models.TextField(blank=True)
    decided_by = models.CharField(max_length=20)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=EventDecision.APPROVED.value) | ~Q(note=""), name="emissions_ruling_note"
            ),
        ]
