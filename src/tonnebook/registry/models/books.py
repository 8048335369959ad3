"""The rows of the registry: accounts, assets, balances, transfers with postings, and serial blocks.

The database keeps what no program may break: a balance never falls below what is held nor below zero (but for
sources), no serial number has two owners, terminal accounts never give anything back (triggers in the migration),
postings are never changed. What a transfer may do is decided in `core.ledger`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tonnebook.core import ledger
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Asset(models.Model):
    """Something that can be held: one compliance year's allowances, one vintage of credits, cash."""

    tenancy_rule = tenancy.Shared("what can be held, without who holds it", is_public=True)

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12)
    scheme = models.CharField(max_length=20)
    vintage_year = models.IntegerField(null=True)
    origin = models.CharField(max_length=8, blank=True)
    use_restriction = models.CharField(max_length=20, blank=True)


class Account(Book):
    """An account of an organisation, or of the system where the organisation is empty."""

    tenancy_rule = tenancy.Tenant("organisation_id {mine}", "region = {region}", written="everywhere")

    number = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=20)
    region = models.CharField(max_length=20)
    organisation = models.ForeignKey(
        "members.Organisation", models.PROTECT, to_field="uscc", null=True, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, default=ledger.AccountState.OPEN.value)
    barred = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            # One account per organisation and purpose; a system account has no organisation. Projects may be many.
            models.UniqueConstraint(
                fields=["region", "type", "organisation"],
                # Whoever closed one may open another.
                condition=~models.Q(type=ledger.AccountType.PROJECT.value)
                & ~models.Q(state=ledger.AccountState.CLOSED.value),
                nulls_distinct=False,
                name="registry_account_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ledger.AccountState.SOME_RESTRICTED.value) & ~models.Q(barred=[])
                | ~models.Q(state=ledger.AccountState.SOME_RESTRICTED.value) & models.Q(barred=[]),
                name="registry_account_barred_named",
            ),
        ]


class Balance(Book):
    """How much of an asset an account has, how much is held, and how much more is waited for (tonnes or fen)."""

    tenancy_rule = tenancy.account_rows("account_id")

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    is_source = models.BooleanField()
    # Of an account that gives nothing back; written by a trigger.
    is_terminal = models.BooleanField(db_default=False)
    total = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    waiting = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "asset"], name="registry_balance_once"),
            models.CheckConstraint(
                condition=models.Q(is_source=True, held=0) | models.Q(held__gte=0, held__lte=models.F("total")),
                name="registry_balance_covered",
            ),
            # While somebody waits for units nothing is free: what comes goes to the queue first.
            models.CheckConstraint(
                condition=models.Q(waiting=0) | models.Q(waiting__gt=0, is_source=False, held=models.F("total")),
                name="registry_balance_queue_first",
            ),
        ]


class Transfer(InsertOnly, Book):
    """One transfer: why, by whom, approved by whom, what it corrects, and its leaf in the public log."""

    # Seen by whoever sees one of its postings, that is: has an account on either side of it.
    tenancy_rule = tenancy.Through(
        "EXISTS (SELECT FROM registry_posting AS posting WHERE posting.transfer_id = registry_transfer.id)",
        written="everywhere",
    )

    number = models.CharField(max_length=24, unique=True)
    type = models.CharField(max_length=20)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, to_field="number", null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="registry_transfer_subject")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approver="") | ~models.Q(approver=models.F("initiator")),
                name="registry_transfer_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(type=ledger.TransferType.CORRECTION.value, corrects__isnull=False)
                | ~models.Q(type=ledger.TransferType.CORRECTION.value) & models.Q(corrects__isnull=True),
                name="registry_transfer_correction_names",
            ),
            # Partial, so that a transfer which corrects nothing costs no entry.
            models.UniqueConstraint(
                fields=["corrects"],
                condition=models.Q(corrects__isnull=False),
                name="registry_transfer_corrected_once",
            ),
            # The bank's reference of a payment is the subject of the transfer that books it.
            models.UniqueConstraint(
                fields=["subject"],
                condition=models.Q(type=ledger.TransferType.CASH_IN.value),
                name="registry_transfer_paid_once",
            ),
        ]


class Posting(InsertOnly, Book):
    """One leg of a transfer with the totals of both accounts after it, known by its transfer and its place in it.

    A transfer draws its id while it has its balances locked, so this is the order in which they changed. A number of
    its own would cost each posting one more index.

    Four checks per row would cost more than the row: a trigger of the migration looks once per statement whether
    transfer, accounts and asset exist, and none of them is ever deleted. Pairs of columns that start a constraint's
    index need none of their own.

    `lots` are what left the lots of the debit account, as [title, day, price, tonnes]: empty where that account has no
    titles, null for cash and for what was posted before there were titles.
    """

    tenancy_rule = tenancy.account_rows("debit_account_id", "credit_account_id")

    pk = models.CompositePrimaryKey("transfer", "index")
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    index = models.IntegerField()
    debit_account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False)
    credit_account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    quantity = models.BigIntegerField()
    debit_after = models.BigIntegerField()
    credit_after = models.BigIntegerField()
    price_fen_per_t = models.BigIntegerField(null=True)
    lots = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="registry_posting_positive"),
            models.CheckConstraint(
                condition=~models.Q(debit_account=models.F("credit_account")), name="registry_posting_two_accounts"
            ),
        ]


class SerialBlock(Book):
    """Serial numbers `[serial_from, serial_to)` lying in one account.

    The migration adds `serials int8range`, computed from both ends, with `EXCLUDE USING gist (serials WITH &&)`.
    """

    tenancy_rule = tenancy.account_rows("account_id")

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    serial_from = models.BigIntegerField()
    serial_to = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "asset", "serial_from"], name="registry_block_of_account"),
            models.Index(fields=["serial_from", "serial_to"], name="registry_block_serial"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(serial_from__lt=models.F("serial_to")), name="registry_block_not_empty"
            ),
        ]


class SerialMove(InsertOnly, Book):
    """A block's way from one account to another with a transfer."""

    tenancy_rule = tenancy.account_rows("debit_account_id", "credit_account_id")

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    debit_account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    credit_account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    serial_from = models.BigIntegerField()
    serial_to = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["serial_from", "serial_to"], name="registry_move_serial")]


class SerialLine(Book):
    """The single row that says which serial number is the next to be issued; locked while units are issued."""

    tenancy_rule = tenancy.Shared("one row: the next serial number")

    serial_next = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="registry_serial_line_single")]
