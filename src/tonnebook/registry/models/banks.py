"""The rows of client money at the banks: settlement accounts, contracts, statements with their entries, and orders.

They lie in the registry because cash accounts do: an entry and the transfer it causes commit together. The database
keeps what no program may break: a file, a day, and a payment under the bank's reference count once.
"""

from django.db import models
from django.db.models import F, Q

from tonnebook.core.bank_entries import ContractState, EntryState, PaymentState
from tonnebook.core.bank_files import EntrySide
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.registry.models.books import Account
from tonnebook.registry.models.moves import BankAccount, PendingTransfer

_IN_REGION = tenancy.Tenant(region="region = {region}")


class SettlementBank(InsertOnly, Book):
    """A bank that keeps client money of a region, and the account it lies on, as two people entered it."""

    tenancy_rule = tenancy.Shared("where clients of a region pay in; every client is told")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    organisation = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    account_number = models.CharField(max_length=40, unique=True)
    # What lay there when we began to read its statements.
    opening_fen = models.BigIntegerField()
    opened_at = models.DateTimeField()
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(approver=F("initiator")) & ~Q(approver=""), name="registry_settlement_bank_two_people"
            ),
        ]


class BankContract(Book):
    """Which bank account at which settlement bank serves a cash account, as the client asked and the bank confirmed."""

    tenancy_rule = tenancy.account_rows("account_id", written="own")

    number = models.CharField(max_length=24, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    bank_account = models.ForeignKey(BankAccount, models.PROTECT, related_name="+")
    settlement_bank = models.ForeignKey(SettlementBank, models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, default=ContractState.ASKED.value)
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=40, blank=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=~Q(state=ContractState.ENDED.value), name="registry_contract_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=ContractState.SIGNED.value) | (~Q(confirmed_by="") & ~Q(confirmed_by=F("asked_by"))),
                name="registry_contract_confirmed",
            ),
        ]


class BankStatement(InsertOnly, Book):
    """One day of a settlement account as the bank's file says it; opening + entries = closing."""

    tenancy_rule = _IN_REGION

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    settlement_bank = models.ForeignKey(SettlementBank, models.PROTECT, related_name="+")
    # The bank's own number of it.
    message = models.CharField(max_length=60)
    day = models.DateField()
    opening_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    file = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    loaded_by = models.CharField(max_length=40)
    loaded_at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["settlement_bank", "message"], name="registry_statement_message_once"),
            models.UniqueConstraint(fields=["settlement_bank", "day"], name="registry_statement_day_once"),
        ]


class PaymentFile(InsertOnly, Book):
    """Orders handed to a settlement bank in one message, with the file itself."""

    tenancy_rule = _IN_REGION

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    settlement_bank = models.ForeignKey(SettlementBank, models.PROTECT, related_name="+")
    content = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)


class BankEntry(Book):
    """One payment of a statement: whose money it is, which order it carried out, or that nobody knows yet."""

    tenancy_rule = _IN_REGION

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    settlement_bank = models.ForeignKey(SettlementBank, models.PROTECT, related_name="+")
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60)
    side = models.CharField(max_length=6, choices=[(side.value, side.value) for side in EntrySide])
    amount_fen = models.BigIntegerField()
    remittance = models.CharField(max_length=300, blank=True)
    party = models.CharField(max_length=140, blank=True)
    party_account = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in EntryState])
    reason = models.CharField(max_length=20, blank=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    transfer = models.CharField(max_length=24, blank=True)
    offsets = models.CharField(max_length=24, blank=True)
    initiator = models.CharField(max_length=40, blank=True)
    approver = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["region"], condition=Q(state=EntryState.SUSPENSE.value), name="registry_entry_suspense"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["settlement_bank", "reference"], name="registry_entry_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="registry_entry_positive"),
            # Whose money it is, the file or two people have said.
            models.CheckConstraint(
                condition=~Q(state__in=["ASSIGNED", "RETURNED", "OFFSET"])
                | (~Q(initiator="") & ~Q(approver="") & ~Q(approver=F("initiator"))),
                name="registry_entry_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["BOOKED", "ASSIGNED"]) | (Q(account__isnull=False) & ~Q(transfer="")),
                name="registry_entry_credited",
            ),
        ]


class PaymentOrder(Book):
    """One payment we ordered, for a withdrawal or to return money nobody could place, and the entry that did it."""

    tenancy_rule = _IN_REGION

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    settlement_bank = models.ForeignKey(SettlementBank, models.PROTECT, related_name="+")
    file = models.ForeignKey(PaymentFile, models.PROTECT, related_name="+")
    withdrawal = models.OneToOneField(PendingTransfer, models.PROTECT, null=True, related_name="+")
    returned = models.OneToOneField(BankEntry, models.PROTECT, null=True, related_name="+")
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=7, default=PaymentState.ORDERED.value)
    paid_by = models.OneToOneField(BankEntry, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="registry_order_positive"),
            models.CheckConstraint(
                condition=Q(withdrawal__isnull=True, returned__isnull=False)
                | Q(withdrawal__isnull=False, returned__isnull=True),
                name="registry_order_for_one",
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.ORDERED.value, paid_by=None)
                | Q(state=PaymentState.PAID.value, paid_by__isnull=False),
                name="registry_order_paid",
            ),
        ]
