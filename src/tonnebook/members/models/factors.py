"""What is kept of second factors beside the rows of allauth, which hold the secrets themselves."""

from django.conf import settings
from django.db import models

from tonnebook.journal import tenancy


class FactorTrials(models.Model):
    """How somebody's second factor has been used: the last code accepted, and the wrong ones since."""

    tenancy_rule = tenancy.AnyReach("a code is checked before its person is signed in")

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    step_used = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_factor_trials"
