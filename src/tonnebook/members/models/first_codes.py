"""The codes by which somebody who was admitted gets in for the first time."""

from django.conf import settings
from django.db import models

from tonnebook.journal import tenancy


class FirstCode(models.Model):
    """One of the two codes of a person who is waited for, by its digest; it goes when it is used."""

    tenancy_rule = tenancy.AnyReach("a code is compared before its person is signed in")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    drawn_by = models.CharField(max_length=20)
    drawn_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "members_first_code"
        constraints = [
            # Two codes of one drawer would let that one in alone.
            models.UniqueConstraint(fields=["person", "drawn_by"], name="members_first_code_two_people"),
        ]
