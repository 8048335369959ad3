"""How far the demo has been played."""

from django.db import models

from tonnebook.journal import tenancy


class PlayedStep(models.Model):
    """One step of a compliance year that has been played in this database."""

    tenancy_rule = tenancy.Shared("which steps of the demo have been played")

    region = models.CharField(max_length=32)
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "year", "code"], name="demo_step_played_once")]


class Performance(models.Model):
    """Up to when a region shall be played, and how far the job has come."""

    tenancy_rule = tenancy.Shared("how far the demo has been played", is_public=True)

    region = models.CharField(max_length=32, unique=True)
    until = models.DateTimeField()
    step_zh = models.CharField(max_length=64, blank=True)
    step_en = models.CharField(max_length=64, blank=True)
    step_at = models.DateTimeField(null=True)
    place = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    is_finished = models.BooleanField(default=False)
    error = models.TextField(blank=True)
