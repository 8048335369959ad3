"""How far the demo has been played."""

from django.db import models


class PlayedStep(models.Model):
    """One step of a compliance year that has been played in this database."""

    region = models.CharField(max_length=32)
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "year", "code"], name="demo_step_played_once")]
