"""Who a person is at an outside identity provider."""

from django.conf import settings
from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class IdentityLink(Book):
    """A subject of an identity provider that a registrar has linked to a registered person."""

    tenancy_rule = tenancy.AnyReach("a licence names its person before that person is signed in")

    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        db_table = "members_identity_link"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="members_identity_link_once")]
