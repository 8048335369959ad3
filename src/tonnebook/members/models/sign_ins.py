"""Where people are signed in."""

from django.conf import settings
from django.db import models

from tonnebook.journal import tenancy


class SignIn(models.Model):
    """One browser in which somebody is signed in; the session is known by a digest, so that this table opens none."""

    tenancy_rule = tenancy.AnyReach("a sign-in is written down before its person is signed in")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_digest = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "members_sign_in"
