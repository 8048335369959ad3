"""The rows of the coverage list: who is inside and why, each version that was published, who leaves the scheme."""

from django.db import models

from tonnebook.core.coverage import Stage
from tonnebook.core.coverage_list import ListGround
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly

_OF_REGION = "entity_id IN (SELECT uscc FROM members_organisation WHERE region = {region})"


class Coverage(Book):
    """How far an entity is inside the scheme in a year, and why: its line of the list that stands.

    Its row is locked by whoever allocates, surrenders or settles; `version` is the list that set the line last.
    """

    tenancy_rule = tenancy.entity_rows()

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    sector = models.CharField(max_length=40)
    stage = models.CharField(max_length=10, choices=[(stage.value, stage.value) for stage in Stage])
    reason = models.CharField(max_length=30)
    reason_zh = models.CharField(max_length=200)
    reason_en = models.CharField(max_length=200)
    trace = models.JSONField(null=True)
    years_trace = models.JSONField(null=True)
    grounds = models.JSONField(default=list, db_default=[])
    version = models.IntegerField(db_default=1)
    rulebook_digest = models.CharField(max_length=64)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "year"], name="compliance_coverage_once")]
        indexes = [models.Index(fields=["region", "year", "stage"], name="compliance_coverage_list")]


class CoverageList(InsertOnly, Book):
    """A version of a year's list as it was published; `lines` is how many lines it set."""

    tenancy_rule = tenancy.Shared("the list is published", is_public=True)

    region = models.CharField(max_length=20)
    year = models.IntegerField()
    version = models.IntegerField()
    ground = models.CharField(max_length=10, choices=[(ground.value, ground.value) for ground in ListGround])
    lines = models.IntegerField()
    digest = models.CharField(max_length=64)
    rulebook_digest = models.CharField(max_length=64)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "year", "version"], name="compliance_list_version_once"),
        ]


class CoverageChange(InsertOnly, Book):
    """A line that a later version of a list set anew: the stage before (empty where it is a new line) and after."""

    tenancy_rule = tenancy.entity_rows(region=_OF_REGION)

    list = models.ForeignKey(CoverageList, models.PROTECT, related_name="changes")
    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    stage_before = models.CharField(max_length=10, blank=True)
    stage = models.CharField(max_length=10, choices=[(stage.value, stage.value) for stage in Stage])
    ground = models.TextField()
    objection = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "entity"], name="compliance_list_change_once")]


class Departure(InsertOnly, Book):
    """An entity leaves the scheme: it moves to the national market, closes, or goes on outside the region."""

    tenancy_rule = tenancy.entity_rows(region=_OF_REGION)

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    is_national = models.BooleanField()
    is_moved_away = models.BooleanField(default=False, db_default=False)
    from_year = models.IntegerField()
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "is_national"], name="compliance_departure_once")]


class EnergyUse(InsertOnly, Book):
    """How much energy an entity used in a year by the statistics of energy, for thresholds in coal equivalent."""

    tenancy_rule = tenancy.entity_rows(region=_OF_REGION)

    entity = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    year = models.IntegerField()
    energy_tce = models.DecimalField(max_digits=16, decimal_places=3)
    source = models.CharField(max_length=200)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "year"], name="compliance_energy_use_once"),
            models.CheckConstraint(condition=models.Q(energy_tce__gte=0), name="compliance_energy_use_not_negative"),
        ]
