"""The rows of papers about trading: which month of a member has been invoiced."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Invoice(InsertOnly, Book):
    """What a member was charged in a month, once, with the document that says so."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    organisation = models.CharField(max_length=18)
    month = models.DateField()
    total_fen = models.BigIntegerField()
    vat_fen = models.BigIntegerField(null=True)
    document = models.CharField(max_length=24)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "organisation", "month"], name="market_invoice_month_once"),
            models.CheckConstraint(condition=models.Q(total_fen__gt=0), name="market_invoice_positive"),
        ]
