"""The rows of what auctions bring in: payment notices, the treasury's receipts, and what the money was used for."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.market.models.auctions import Auction


class PaymentNotice(InsertOnly, Book):
    """What a winner of an auction pays into the treasury with one transfer, for all its bids together (缴款通知书)."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    number = models.CharField(max_length=40, unique=True)
    region = models.CharField(max_length=20)
    auction = models.ForeignKey(Auction, models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=18)
    quantity_t = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    transfer = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "organisation"], name="market_notice_one_each"),
            models.CheckConstraint(condition=models.Q(quantity_t__gt=0, amount_fen__gt=0), name="market_notice_proper"),
        ]


class TreasuryReceipt(InsertOnly, Book):
    """The treasury's receipt of what a payment notice asked for, as the finance bureau recorded it (非税收入票据)."""

    tenancy_rule = tenancy.Tenant(
        "notice_id IN (SELECT id FROM market_paymentnotice WHERE organisation {mine})", "region = {region}"
    )

    number = models.CharField(max_length=20)
    region = models.CharField(max_length=20)
    notice = models.OneToOneField(PaymentNotice, models.PROTECT, related_name="receipt")
    amount_fen = models.BigIntegerField()
    received_on = models.DateField()
    person = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "number"], name="market_receipt_number_once")]


class UseOfProceeds(InsertOnly, Book):
    """What a part of the proceeds was used for, as the finance bureau states it; a correction is another statement."""

    tenancy_rule = tenancy.Shared("the statement of use is published", is_public=True)

    region = models.CharField(max_length=20)
    year = models.IntegerField()
    purpose = models.TextField()
    amount_fen = models.BigIntegerField()
    person = models.CharField(max_length=40)
    leaf_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount_fen=0), name="market_use_not_nothing")]
        indexes = [models.Index(fields=["region", "year"], name="market_use_of_year")]
