"""The rows of what leaves an account without a trade: transfers that wait, trusted accounts, bank accounts.

The migration adds two triggers that hold against every program: what was asked for is never altered afterwards, and a
transfer is done at its instant by the database's own clock or later, never before.
"""

from django.db import models

from tonnebook.core.moves import BankAccountState, PendingState
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.registry.models.books import Account


class PendingTransfer(Book):
    """A transfer or withdrawal that was asked for: exactly what is to be done, from when on, and what became of it."""

    tenancy_rule = tenancy.account_rows("account_id", written="own")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    type = models.CharField(max_length=20)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    quantity = models.BigIntegerField()
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    hold = models.CharField(max_length=24)
    counts_on = models.DateField()
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    needs_approval = models.BooleanField(default=False, db_default=False)
    approved_by = models.CharField(max_length=40, blank=True, default="", db_default="")
    state = models.CharField(max_length=9, default=PendingState.WAITING.value)
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    transfer = models.CharField(max_length=24, blank=True)
    refusal = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["ready_at"],
                condition=models.Q(state=PendingState.WAITING.value),
                name="registry_pending_due",
            ),
            # What a day's limits count.
            models.Index(fields=["region", "type", "counts_on"], name="registry_pending_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, ready_at__gte=models.F("asked_at")),
                name="registry_pending_after_asking",
            ),
            models.CheckConstraint(
                condition=models.Q(state=PendingState.WAITING.value, decided_at=None)
                | (~models.Q(state=PendingState.WAITING.value) & models.Q(decided_at__isnull=False)),
                name="registry_pending_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=PendingState.DONE.value)
                | (models.Q(decided_at__gte=models.F("ready_at")) & ~models.Q(transfer="")),
                name="registry_pending_never_early",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=PendingState.DONE.value, needs_approval=True, approved_by="")
                & (models.Q(approved_by="") | ~models.Q(approved_by=models.F("asked_by"))),
                name="registry_pending_two_people",
            ),
        ]


class TrustedAccount(Book):
    """An account of another holder that may be transferred to at once, from `ready_at` until it is taken off again."""

    tenancy_rule = tenancy.account_rows("account_id", written="own")

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    trusted = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    removed_by = models.CharField(max_length=40, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "trusted"],
                condition=models.Q(removed_at=None),
                name="registry_trusted_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ready_at__gte=models.F("asked_at")) & ~models.Q(account=models.F("trusted")),
                name="registry_trusted_after_asking",
            ),
        ]


class BankAccount(Book):
    """A bank account in an organisation's own name; paid out to once two people confirmed it and its wait is over."""

    tenancy_rule = tenancy.Tenant("organisation_id {mine}", "region = {region}")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    organisation = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    bank = models.CharField(max_length=120)
    account_number = models.CharField(max_length=40)
    state = models.CharField(max_length=9, default=BankAccountState.ASKED.value)
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    initiator = models.CharField(max_length=40, blank=True)
    approver = models.CharField(max_length=40, blank=True)
    ready_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "organisation", "account_number"],
                condition=~models.Q(state=BankAccountState.REMOVED.value),
                name="registry_bank_account_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=BankAccountState.CONFIRMED.value)
                | (
                    ~models.Q(initiator="")
                    & ~models.Q(approver="")
                    & ~models.Q(approver=models.F("initiator"))
                    & models.Q(ready_at__gte=models.F("asked_at"))
                ),
                name="registry_bank_account_two_people",
            ),
        ]

    @property
    def ending(self) -> str:
        """The last four signs: enough to tell one's own accounts apart, too little to pay to."""
        return str(self.account_number)[-4:]
