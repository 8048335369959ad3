"""Rows of the keys of programs, and of the signed requests they sent."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tonnebook.core.api_keys import KeyKind, Scope
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.members.models.people import Person

_DIGITS = "^[0-9a-f]{64}$"


class ApiKey(Book):
    """A key that a person gave to a program: the digest of a secret, or the public half of a pair."""

    tenancy_rule = tenancy.AnyReach("a key is looked up before it is known whose program asks")

    number = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=[(one.value, one.value) for one in KeyKind])
    scopes = ArrayField(models.CharField(max_length=15, choices=[(one.value, one.value) for one in Scope]))
    secret_sha256 = models.CharField(max_length=64, blank=True)
    public_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_api_key"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=KeyKind.SECRET, public_key="", secret_sha256__regex=_DIGITS)
                | models.Q(kind=KeyKind.SIGNED, public_key__regex=_DIGITS, secret_sha256=""),
                name="members_api_key_one_proof",
            ),
        ]


class ApiNonce(models.Model):
    """The nonce of a signed request that was let in; kept until its time is out of the window."""

    tenancy_rule = tenancy.AnyReach("a signed request is looked at before it is known whose program asks")

    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "members_api_nonce"
        constraints = [models.UniqueConstraint(fields=["api_key", "nonce"], name="members_api_nonce_once")]
